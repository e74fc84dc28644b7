"""Policies in SQL, and the one statement that says which of them let a user read."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessPolicy, Classification, Subject, SubjectKind, Visibility
from wenyuan.db import tables as t
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Connection

ALLOW, DENY = "allow", "deny"


# The reader's id is a parameter of statements built once: building them anew would cost more than running them, and a
# statement run without the parameter fails.
_READER: Final = sa.bindparam("reader", type_=sa.String())


def reads_as(user_id: str) -> dict[str, str]:
    """Return the parameter that ``SUBJECTS`` and ``VISIBLE_POLICIES`` need in whatever statement they stand in."""
    return {"reader": user_id}


def _subjects() -> sa.CTE:
    start = sa.select(t.group_members.c.group_id.label("id")).where(
        t.group_members.c.member_kind == SubjectKind.USER, t.group_members.c.member_id == _READER
    )
    mine = start.cte("my_groups", recursive=True)
    mine = mine.union(
        sa.select(t.group_members.c.group_id).where(
            t.group_members.c.member_kind == SubjectKind.GROUP, t.group_members.c.member_id == mine.c.id
        )
    )
    return sa.union_all(
        sa.select(sa.literal(SubjectKind.USER.value).label("kind"), sa.cast(_READER, sa.String()).label("id")),
        sa.select(sa.literal(SubjectKind.EVERYONE.value), sa.literal("")),
        sa.select(sa.literal(SubjectKind.GROUP.value), mine.c.id),
    ).cte("subjects")


#: The (kind, id) pairs that name the reader: themself, all their groups, and everyone. ``UNION`` drops rows seen
#: before, so nesting of any depth and cycles terminate.
SUBJECTS: Final = _subjects()


def _visible_policies() -> sa.Select[int]:
    def named(effect: str) -> sa.Exists:
        entry = t.policy_entries
        return sa.exists().where(
            entry.c.policy_id == t.policies.c.id,
            entry.c.effect == effect,
            entry.c.subject_kind == SUBJECTS.c.kind,
            entry.c.subject_id == SUBJECTS.c.id,
        )

    return sa.select(t.policies.c.id).where(
        sa.exists().where(
            t.users.c.id == _READER,
            t.users.c.active.is_(True),
            t.users.c.clearance >= t.policies.c.classification,
        ),
        named(ALLOW),
        ~named(DENY),
    )


#: The policies under which the reader, if active, may read now. Default nobody; deny wins; the classification never
#: widens: the reader's clearance must reach it.
VISIBLE_POLICIES: Final = _visible_policies()

_EPOCH: Final = sa.select(t.counters.c.value).where(t.counters.c.name == "access_epoch")


def _seen() -> sa.Select[Any]:
    """Return a row for each visible policy, or one without a policy, and none for an unknown user."""
    visible = VISIBLE_POLICIES.subquery()
    return (
        sa.select(t.users.c.active, _EPOCH.scalar_subquery().label("epoch"), visible.c.id)
        .select_from(t.users.outerjoin(visible, sa.true()))
        .where(t.users.c.id == _READER)
    )


_SEEN: Final = _seen()


async def bump_epoch(tx: Connection) -> None:
    """Count one change of who may read what; every cached statement about access before it is stale."""
    await raise_counter(tx, "access_epoch")


async def read_epoch(tx: Connection) -> int:
    """Return the number of access changes so far."""
    return int(await tx.scalar(_EPOCH) or 0)


async def read_visible(tx: Connection, user_id: str) -> Visibility:
    """Return the policies the user may read under with the access epoch, in one statement and so in one snapshot."""
    rows = list(await tx.execute(_SEEN, reads_as(user_id)))
    if not rows or not rows[0].active:
        return Visibility(active=False, policy_ids=(), epoch=0)
    policies = tuple(row.id for row in rows if row.id is not None)
    return Visibility(active=True, policy_ids=policies, epoch=rows[0].epoch or 0)


async def create_policy(tx: Connection, policy: AccessPolicy) -> int:
    """Store a policy and return its id."""
    result = await tx.execute(sa.insert(t.policies).values(classification=int(policy.classification)))
    policy_id = int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0
    await _write_entries(tx, policy_id, policy)
    await bump_epoch(tx)
    return policy_id


async def replace_policy(tx: Connection, policy_id: int, policy: AccessPolicy) -> None:
    """Change what a policy says; documents keep referring to its id, so no vector is touched."""
    await tx.execute(
        sa.update(t.policies).where(t.policies.c.id == policy_id).values(classification=int(policy.classification))
    )
    await tx.execute(sa.delete(t.policy_entries).where(t.policy_entries.c.policy_id == policy_id))
    await _write_entries(tx, policy_id, policy)
    await bump_epoch(tx)


async def read_policy(tx: Connection, policy_id: int) -> AccessPolicy:
    """Return a policy as stored."""
    level = await tx.scalar(sa.select(t.policies.c.classification).where(t.policies.c.id == policy_id))
    entry = t.policy_entries
    rows = await tx.execute(sa.select(entry).where(entry.c.policy_id == policy_id).order_by(*entry.primary_key))
    found: dict[str, list[Subject]] = {ALLOW: [], DENY: []}
    for row in rows:
        found[row.effect].append(Subject(SubjectKind(row.subject_kind), row.subject_id))
    return AccessPolicy(tuple(found[ALLOW]), tuple(found[DENY]), Classification(int(level or 0)))


async def is_own_policy(tx: Connection, policy_id: int) -> bool:
    """Return whether a policy belongs to one document alone: no space and no second document refers to it."""
    shared = await tx.scalar(sa.select(sa.exists().where(t.spaces.c.policy_id == policy_id)))
    users = await tx.scalar(sa.select(sa.func.count()).where(t.documents.c.policy_id == policy_id))
    return not shared and users == 1


async def _write_entries(tx: Connection, policy_id: int, policy: AccessPolicy) -> None:
    rows = [
        {"policy_id": policy_id, "effect": effect, "subject_kind": subject.kind, "subject_id": subject.id}
        for effect, subjects in ((ALLOW, policy.allow), (DENY, policy.deny))
        for subject in _unique(subjects)
    ]
    if rows:
        await tx.execute(sa.insert(t.policy_entries), rows)


def _unique(subjects: Iterable[Subject]) -> list[Subject]:
    return list(dict.fromkeys(subjects))
