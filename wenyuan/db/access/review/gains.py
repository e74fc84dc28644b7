"""Who would gain and who would lose what by a change of access, without making it.

Each change says which policies would stand (``proposal``) and which documents and parts it concerns; ``weighing`` says
what that comes to for everybody.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessPolicy, Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.parts import rules_of
from wenyuan.db.access.policies import MAX_CHAIN, below_top
from wenyuan.db.access.readable import Chosen
from wenyuan.db.access.review.proposal import UNSTORED, Proposal, Proposed, listed, of_members, of_policies
from wenyuan.db.access.review.weighing import Change, Weighed, largest_first, weigh
from wenyuan.db.engine import ReadConnection
from wenyuan.parts.rules import Selector
from wenyuan.people.errors import PolicyInvalid, PreviewTooLarge

_TOGETHER: Final = 500
#: People times policies that one preview weighs; beyond it is refused.
MAX_WEIGHED: Final = 1_000_000
#: Says nothing of its own, so that who refers to it is read as what it inherits from.
_NOTHING: Final = AccessPolicy(inherits=True)


def change_of_policy(
    tx: ReadConnection, policy_id: int, policy: AccessPolicy, parent_id: int | None, now: float
) -> list[Change]:
    """Return who gains and who loses when a stored policy says this.

    Raises ``PolicyInvalid`` for too long a chain and ``PreviewTooLarge`` above ``MAX_WEIGHED``.
    """
    touched = sa.select(below_top().c.id)
    filed, rule = t.documents.c, t.part_rules.c
    beside = sa.select(rule.policy_id).join(t.documents, filed.id == rule.document_id)
    beside = beside.where(filed.deleted.is_(False), filed.policy_id.in_(touched))
    proposal = of_policies([Proposed(policy_id, policy, parent_id)], beside)
    _check_chain(tx, proposal)
    asked = _any(touched, beside)
    people = sa.select(sa.func.count()).select_from(t.users).scalar_subquery()
    policies = sa.select(sa.func.count()).select_from(asked.subquery()).scalar_subquery()
    given = proposal.given | {"top": policy_id}
    if (tx.scalar(sa.select(people * policies), given) or 0) > MAX_WEIGHED:
        raise PreviewTooLarge(limit=MAX_WEIGHED)
    weighed = Weighed(_filed(touched), _parts_filed(touched), (asked, asked))
    return weigh(tx, weighed, proposal.ground, given, now)


def change_of_document(
    tx: ReadConnection, document_id: str, before: int, policy: AccessPolicy | None, above: int, now: float
) -> list[Change]:
    """Return who gains and who loses when a document refers to a policy of its own; None: to that ``above``."""
    own = sa.select(t.part_rules.c.policy_id).where(t.part_rules.c.document_id == document_id)
    proposal = of_policies([Proposed(UNSTORED, policy or _NOTHING, above)], own, (own, UNSTORED))
    if policy is not None:
        _check_chain(tx, proposal)
    rule = t.part_rules.c
    parts = sa.select(
        rule.id,
        sa.literal(UNSTORED).label("unit"),
        rule.document_id.label("document"),
        rule.policy_id.label("before"),
        rule.policy_id.label("after"),
    ).where(rule.document_id == document_id)
    asked = _any(_only(before), own), _any(_only(UNSTORED), own)
    weighed = Weighed(_single(document_id, before, UNSTORED), parts, asked)
    return weigh(tx, weighed, proposal.ground, proposal.given, now)


def change_of_parts(
    tx: ReadConnection, document_id: str, policy_id: int, wanted: Sequence[tuple[Selector, AccessPolicy]], now: float
) -> list[Change]:
    """Return who gains and who loses when these are the parts of a document with policies of their own.

    ``policy_id``: the document's. A part that would have no policy any more is read as the document is.
    """
    stored = {rule.selector.key: rule for rule in rules_of(tx, document_id)}
    parts: dict[str, dict[str, Any]] = {
        rule.id: {"id": rule.id, "before": rule.policy_id, "after": None} for rule in stored.values()
    }
    proposed = []
    for number, (selector, policy) in enumerate(wanted, start=1):
        rule = stored.get(selector.key)
        own = UNSTORED - number if rule is None else rule.policy_id
        name = f"new {number}" if rule is None else rule.id
        parts.setdefault(name, {"id": name, "before": None})["after"] = own
        proposed.append(Proposed(own, policy, policy_id))
    proposal = of_policies(proposed, _only(policy_id))
    _check_chain(tx, proposal)
    row = listed("parts", id=sa.String(), before=sa.Integer(), after=sa.Integer()).subquery("listed").c
    document = sa.literal(document_id).label("document")
    weighed = Weighed(
        _single(document_id, policy_id, policy_id),
        sa.select(row.id, sa.literal(policy_id).label("unit"), document, row.before, row.after),
        (_any(_only(policy_id), sa.select(row.before)), _any(_only(policy_id), sa.select(row.after))),
    )
    given = proposal.given | {"parts": json.dumps(list(parts.values()))}
    return weigh(tx, weighed, proposal.ground, given, now)


def change_of_members(tx: ReadConnection, group_id: str, members: Sequence[Subject], now: float) -> list[Change]:
    """Return who gains and who loses when a group has these direct members."""
    proposal = of_members(group_id, members)
    member = t.group_members
    rows = tx.execute(sa.select(member).where(member.c.group_id == group_id))
    present = {Subject(SubjectKind(row.member_kind), row.member_id) for row in rows}
    concerned = _people_in(tx, present ^ set(members))
    weighed = Weighed(_filed(None), _parts_filed(None))
    found: list[Change] = []
    for start in range(0, len(concerned), _TOGETHER):
        some = sa.select(t.users.c.id).where(t.users.c.id.in_(concerned[start : start + _TOGETHER]))
        found += weigh(tx, weighed, proposal.ground, proposal.given, now, some)
    return sorted(found, key=largest_first)


def _check_chain(tx: ReadConnection, proposal: Proposal) -> None:
    if proposal.chains is None:
        return
    longest = tx.scalar(sa.select(sa.func.max(proposal.chains.c.length)), proposal.given)
    if (longest or 0) > MAX_CHAIN:
        raise PolicyInvalid(reason=f"inheritance / 继承 > {MAX_CHAIN}")


def _only(policy_id: int) -> sa.Select[int]:
    return sa.select(sa.literal(policy_id).label("id"))


def _any(*policies: sa.Select[int]) -> sa.Select[int]:
    """Return the ids that are in any of those."""
    return sa.select(sa.union(*policies).subquery().c[0])


def _filed(policies: sa.Select[int] | None) -> Chosen:
    """Return how many live documents refer to each policy, or to each of those."""
    document, one = t.documents.c, t.documents.c.policy_id
    counted = sa.func.count().label("documents")
    found = sa.select(one.label("id"), one.label("before"), one.label("after"), counted)
    found = found.where(document.deleted.is_(False)).group_by(one)
    return found if policies is None else found.where(one.in_(policies))


def _single(document_id: str, before: int, after: int) -> Chosen:
    """Return one live document that refers to a policy before and to another after; its row has the id ``after``."""
    sides = sa.literal(after).label("id"), sa.literal(before).label("before"), sa.literal(after).label("after")
    document = t.documents.c
    return sa.select(*sides, sa.literal(1).label("documents")).where(
        document.id == document_id, document.deleted.is_(False)
    )


def _parts_filed(policies: sa.Select[int] | None) -> Chosen:
    """Return the parts of live documents, or of those that refer to some policies; their own stand as they are."""
    document, rule = t.documents.c, t.part_rules.c
    own = (rule.policy_id.label("before"), rule.policy_id.label("after"))
    found = sa.select(rule.id, document.policy_id.label("unit"), document.id.label("document"), *own)
    found = found.join(t.documents, document.id == rule.document_id).where(document.deleted.is_(False))
    return found if policies is None else found.where(document.policy_id.in_(policies))


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
