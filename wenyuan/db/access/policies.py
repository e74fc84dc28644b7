"""Policies in SQL: written, replaced, placed below another, read back. What they mean is in ``readable``."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import ALWAYS, AccessPolicy, Effect, Subject, SubjectKind, Timed, Window
from wenyuan.db import tables as t
from wenyuan.db.access.ground import STORED, Ground
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Connection
from wenyuan.people.errors import PolicyInvalid

#: Policies of a chain of inheritance: folders in folders, a space, a document.
MAX_CHAIN: Final = 64


async def bump_epoch(tx: Connection) -> None:
    """Count one change of who may read what; every set of policies worked out before it is stale.

    Whoever changes what such a set depends on calls this first: on PostgreSQL it lets one change at a time through.
    """
    await raise_counter(tx, "access_epoch")


async def create_policy(tx: Connection, policy: AccessPolicy, parent_id: int | None = None) -> int:
    """Store a policy, below ``parent_id`` if it is to inherit, and return its id."""
    await bump_epoch(tx)
    result = await tx.execute(sa.insert(t.policies).values(**_columns(policy), parent_id=parent_id))
    policy_id = int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0
    await _write_entries(tx, policy_id, policy)
    await _place_again(tx, policy_id)
    return policy_id


async def replace_policy(tx: Connection, policy_id: int, policy: AccessPolicy, parent_id: int | None = None) -> None:
    """Change what a policy says; documents keep referring to its id, so no vector is touched.

    It stays below the policy where it stands, unless ``parent_id`` names another.
    """
    await bump_epoch(tx)
    before = (await tx.execute(sa.select(t.policies).where(t.policies.c.id == policy_id))).one_or_none()
    above = parent_id if parent_id is not None or before is None else before.parent_id
    values = _columns(policy) | {"parent_id": above}
    await tx.execute(sa.update(t.policies).where(t.policies.c.id == policy_id).values(**values))
    for table in (t.policy_entries, t.policy_compartments):
        await tx.execute(sa.delete(table).where(table.c.policy_id == policy_id))
    await _write_entries(tx, policy_id, policy)
    if before is not None and (before.inherits, before.parent_id) != (policy.inherits, above):
        await _place_again(tx, policy_id)


async def move_policy(tx: Connection, policy_id: int, parent_id: int | None) -> None:
    """Place a policy below another; what inherits from it follows. Raises ``PolicyInvalid`` for a ring."""
    await bump_epoch(tx)
    await tx.execute(sa.update(t.policies).where(t.policies.c.id == policy_id).values(parent_id=parent_id))
    await _place_again(tx, policy_id)


async def read_policy(tx: Connection, policy_id: int) -> AccessPolicy:
    """Return a policy as stored, without what it inherits; one that is missing lets nobody read."""
    row = (await tx.execute(sa.select(t.policies).where(t.policies.c.id == policy_id))).one_or_none()
    if row is None:
        return AccessPolicy()
    entry, needed = t.policy_entries, t.policy_compartments
    rows = await tx.execute(sa.select(entry).where(entry.c.policy_id == policy_id).order_by(*entry.primary_key))
    always: dict[str, list[Subject]] = {Effect.ALLOW: [], Effect.DENY: []}
    timed = []
    for one in rows:
        subject, window = Subject(SubjectKind(one.subject_kind), one.subject_id), Window(one.not_before, one.not_after)
        if window == ALWAYS:
            always[one.effect].append(subject)
        else:
            timed.append(Timed(Effect(one.effect), subject, window))
    compartments = await tx.scalars(sa.select(needed.c.compartment).where(needed.c.policy_id == policy_id))
    return AccessPolicy(
        tuple(always[Effect.ALLOW]),
        tuple(always[Effect.DENY]),
        row.classification,
        tuple(timed),
        frozenset(compartments),
        row.staff_only,
        Window(row.not_before, row.not_after),
        row.inherits,
    )


async def is_own_policy(tx: Connection, policy_id: int) -> bool:
    """Return whether a policy belongs to one document alone: no space, folder or second document refers to it."""
    shared = sa.or_(*(sa.exists().where(table.c.policy_id == policy_id) for table in (t.spaces, t.folders)))
    users = await tx.scalar(sa.select(sa.func.count()).where(t.documents.c.policy_id == policy_id))
    return not await tx.scalar(sa.select(shared)) and users == 1


def _columns(policy: AccessPolicy) -> dict[str, Any]:
    return {
        "classification": int(policy.classification),
        "inherits": policy.inherits,
        "staff_only": policy.staff_only,
        "not_before": policy.window.start,
        "not_after": policy.window.end,
    }


async def _write_entries(tx: Connection, policy_id: int, policy: AccessPolicy) -> None:
    always = [
        Timed(effect, subject, ALWAYS)
        for effect, subjects in ((Effect.ALLOW, policy.allow), (Effect.DENY, policy.deny))
        for subject in subjects
    ]
    rows = [
        {
            "policy_id": policy_id,
            "effect": one.effect,
            "subject_kind": one.subject.kind,
            "subject_id": one.subject.id,
            "not_before": one.window.start,
            "not_after": one.window.end,
        }
        for one in _once((*always, *policy.timed))
    ]
    if rows:
        await tx.execute(sa.insert(t.policy_entries), rows)
    if policy.compartments:
        needed = [{"policy_id": policy_id, "compartment": name} for name in sorted(policy.compartments)]
        await tx.execute(sa.insert(t.policy_compartments), needed)


def _once(entries: Iterable[Timed]) -> list[Timed]:
    """Return each entry once: one that always counts makes a window of the same needless."""
    kept: dict[tuple[Effect, Subject], Timed] = {}
    for one in entries:
        kept.setdefault((one.effect, one.subject), one)
    return list(kept.values())


def below_top(on: Ground = STORED, tops: sa.Select[int] | None = None) -> sa.CTE:
    """Return the policies that inherit from the one of the parameter ``top``, or from ``tops``, themselves first."""
    policy = on.policies
    first = sa.select(sa.bindparam("top", type_=sa.Integer()).label("id")) if tops is None else tops
    below = first.cte(f"below{on.mark}", recursive=True)
    return below.union(sa.select(policy.c.id).join(below, policy.c.parent_id == below.c.id).where(policy.c.inherits))


def chains_below(on: Ground = STORED, tops: sa.Select[int] | None = None) -> sa.CTE:
    """Return (policy, ancestor, steps) for those below, as far as the longest chain and a step beyond."""
    policy, above = on.policies, on.policies.alias("above")
    below = below_top(on, tops)
    chains = sa.select(
        below.c.id.label("policy_id"), below.c.id.label("ancestor_id"), sa.literal(1).label("length")
    ).cte(f"chains{on.mark}", recursive=True)
    return chains.union(
        sa.select(chains.c.policy_id, above.c.id, chains.c.length + 1)
        .join(policy, policy.c.id == chains.c.ancestor_id)
        .join(above, above.c.id == policy.c.parent_id)
        .where(policy.c.inherits, chains.c.length <= MAX_CHAIN)
    )


_BELOW: Final = below_top()
_CHAINS: Final = chains_below()
_LONGEST: Final = sa.select(sa.func.max(_CHAINS.c.length))
_UNPLACE: Final = sa.delete(t.policy_ancestors).where(t.policy_ancestors.c.policy_id.in_(sa.select(_BELOW.c.id)))
_PLACE: Final = sa.insert(t.policy_ancestors).from_select(
    ["policy_id", "ancestor_id"], sa.select(_CHAINS.c.policy_id, _CHAINS.c.ancestor_id).distinct()
)


async def _place_again(tx: Connection, policy_id: int) -> None:
    """Write anew which policies stand above a policy and above those that inherit from it."""
    top = {"top": policy_id}
    if (await tx.scalar(_LONGEST, top) or 0) > MAX_CHAIN:
        raise PolicyInvalid(reason=f"inheritance / 继承 > {MAX_CHAIN}")
    await tx.execute(_UNPLACE, top)
    await tx.execute(_PLACE, top)
