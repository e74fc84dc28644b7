"""Who would gain and who would lose what by a change of access, without making it."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.access import AccessPolicy, Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.ground import STORED, Ground
from wenyuan.db.access.policies import MAX_CHAIN, below_top
from wenyuan.db.access.readable import Chosen, stands_for, subjects, visible_policies
from wenyuan.db.access.review.proposal import UNSTORED, Proposal, of_members, of_policy
from wenyuan.db.engine import ReadConnection
from wenyuan.people.errors import PolicyInvalid, PreviewTooLarge


@dataclass(frozen=True, slots=True)
class Change:
    """For one person: how many documents they would read that they do not now, and the other way round."""

    user_id: str
    name: str
    display_name: str
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class _Side:
    """What may be read before, or after: on which ground, of which policies, and what to call those."""

    ground: Ground
    asked: sa.Select[int] | None
    called: int | None = None


def change_of_policy(
    tx: ReadConnection, policy_id: int, policy: AccessPolicy, parent_id: int | None, now: float
) -> list[Change]:
    """Return who gains and who loses when a stored policy says this.

    Raises ``PolicyInvalid`` for too long a chain and ``PreviewTooLarge`` above ``MAX_WEIGHED``.
    """
    proposal = of_policy(policy_id, policy, parent_id)
    _check_chain(tx, proposal)
    touched = sa.select(below_top().c.id)
    people = sa.select(sa.func.count()).select_from(t.users).scalar_subquery()
    policies = sa.select(sa.func.count()).select_from(touched.subquery()).scalar_subquery()
    if (tx.scalar(sa.select(people * policies), {"top": policy_id}) or 0) > MAX_WEIGHED:
        raise PreviewTooLarge(limit=MAX_WEIGHED)
    return _changes(tx, None, _Side(STORED, touched), _Side(proposal.ground, touched), _filed(touched), proposal, now)


def change_of_document(
    tx: ReadConnection, document_id: str, before: int, policy: AccessPolicy | None, above: int, now: float
) -> list[Change]:
    """Return who gains and who loses when a document refers to a policy of its own; None: to that ``above``."""
    proposal = of_policy(UNSTORED, policy or AccessPolicy(), above)
    if policy is not None:
        _check_chain(tx, proposal)
    filed: Chosen = sa.select(sa.literal(UNSTORED).label("id"), sa.func.count().label("documents")).where(
        t.documents.c.id == document_id, t.documents.c.deleted.is_(False)
    )
    again = dataclasses.replace(STORED, mark="_after")
    after = _Side(again, _only(above), UNSTORED) if policy is None else _Side(proposal.ground, _only(UNSTORED))
    return _changes(tx, None, _Side(STORED, _only(before), UNSTORED), after, filed, proposal, now)


def change_of_members(tx: ReadConnection, group_id: str, members: Sequence[Subject], now: float) -> list[Change]:
    """Return who gains and who loses when a group has these direct members."""
    proposal = of_members(group_id, members)
    member = t.group_members
    rows = tx.execute(sa.select(member).where(member.c.group_id == group_id))
    present = {Subject(SubjectKind(row.member_kind), row.member_id) for row in rows}
    concerned = _people_in(tx, present ^ set(members))
    if not concerned:
        return []
    filed = _filed(None)
    sides = _Side(STORED, None), _Side(proposal.ground, None)
    found: list[Change] = []
    for start in range(0, len(concerned), _TOGETHER):
        part = sa.select(t.users.c.id).where(t.users.c.id.in_(concerned[start : start + _TOGETHER]))
        found += _changes(tx, part, *sides, filed, proposal, now)
    return sorted(found, key=_largest_first)


_TOGETHER: Final = 500
#: People times policies that one preview weighs; beyond it is refused.
MAX_WEIGHED: Final = 1_000_000


def _largest_first(one: Change) -> tuple[int, str]:
    return -one.gained - one.lost, one.name


def _check_chain(tx: ReadConnection, proposal: Proposal) -> None:
    if proposal.chains is None:
        return
    longest = tx.scalar(sa.select(sa.func.max(proposal.chains.c.length)), proposal.given)
    if (longest or 0) > MAX_CHAIN:
        raise PolicyInvalid(reason=f"inheritance / 继承 > {MAX_CHAIN}")


def _only(policy_id: int) -> sa.Select[int]:
    return sa.select(sa.literal(policy_id))


def _filed(policies: sa.Select[int] | None) -> Chosen:
    """Return how many live documents refer to each policy."""
    document = t.documents
    found = sa.select(document.c.policy_id.label("id"), sa.func.count().label("documents"))
    found = found.where(document.c.deleted.is_(False)).group_by(document.c.policy_id)
    return found if policies is None else found.where(document.c.policy_id.in_(policies))


def _changes(
    tx: ReadConnection,
    readers: sa.Select[str] | None,
    before: _Side,
    after: _Side,
    filed: Chosen,
    proposal: Proposal,
    now: float,
) -> list[Change]:
    everybody = sa.select(t.users.c.id) if readers is None else readers
    counted = filed.cte("filed")
    names = subjects(before.ground, everybody)
    # A policy names people otherwise and leaves them where they are.
    moved = after.ground.group_members is not before.ground.group_members
    then = subjects(after.ground, everybody) if moved else names
    pairs = [_pairs(before, names, counted, "before"), _pairs(after, then, counted, "after")]
    one, other = (sa.select(pair.c.reader, pair.c.id) for pair in pairs)
    gained, lost = other.except_(one).subquery("gained"), one.except_(other).subquery("lost")
    both = sa.union_all(
        sa.select(gained, sa.literal(1).label("gain")), sa.select(lost, sa.literal(0).label("gain"))
    ).subquery("both")

    def total(gain: int) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((both.c.gain == gain, counted.c.documents), else_=0))

    statement = (
        sa.select(t.users.c.id, t.users.c.name, t.users.c.display_name, total(1).label("g"), total(0).label("l"))
        .select_from(both)
        .join(counted, counted.c.id == both.c.id)
        .join(t.users, t.users.c.id == both.c.reader)
        .group_by(t.users.c.id, t.users.c.name, t.users.c.display_name)
    )
    rows = tx.execute(statement, proposal.given | {"top": proposal.given.get("top", 0)} | stands_for("", now))
    return sorted(
        (Change(row.id, row.name, row.display_name, int(row.g), int(row.l)) for row in rows if row.g or row.l),
        key=_largest_first,
    )


def _pairs(side: _Side, names: sa.CTE, counted: sa.CTE, name: str) -> sa.CTE:
    """Return (reader, policy) of what may be read, of policies that documents refer to."""
    found = visible_policies(side.ground, names, side.asked).subquery(f"read_{name}")
    if side.called is not None:
        return sa.select(found.c.reader, sa.literal(side.called).label("id")).cte(name)
    return sa.select(found.c.reader, found.c.id).where(found.c.id.in_(sa.select(counted.c.id))).cte(name)


def _people_in(tx: ReadConnection, members: Iterable[Subject]) -> list[str]:
    """Return the users among members and within the groups among them, nested ones included."""
    found = {one.id for one in members if one.kind is SubjectKind.USER}
    level = {one.id for one in members if one.kind is SubjectKind.GROUP}
    member, passed = t.group_members, set[str]()
    while level:
        passed |= level
        inner = tx.execute(sa.select(member).where(member.c.group_id.in_(sorted(level)))).all()
        found |= {row.member_id for row in inner if row.member_kind == SubjectKind.USER}
        level = {row.member_id for row in inner if row.member_kind == SubjectKind.GROUP} - passed
    return sorted(found)
