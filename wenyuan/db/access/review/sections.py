"""Parts of documents in explanations, reports and views: who is let by which of the rules of a document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.ground import STORED
from wenyuan.db.access.parts import refused, rules_of
from wenyuan.db.access.readable import may_read, reads_as, stands_for, subjects, visible_policies
from wenyuan.db.access.review.explain import Explanation, explain
from wenyuan.db.engine import ReadConnection
from wenyuan.parts.rules import Selector

_READERS: Final = sa.select(t.users.c.id).where(t.users.c.id.in_(sa.bindparam("readers", expanding=True)))
_ASKED: Final = sa.select(t.part_rules.c.policy_id).where(t.part_rules.c.document_id == sa.bindparam("document"))
_OPEN: Final = visible_policies(STORED, subjects(STORED, _READERS), _ASKED)


@dataclass(frozen=True, slots=True)
class ExplainedPart:
    """A rule of a document, and why it lets somebody read or not; ``selector`` only where the asker reads the part."""

    id: str
    selector: Selector | None
    explanation: Explanation


def explain_parts(
    tx: ReadConnection, document_id: str, user_id: str, asker: AccessScope, now: float, *, every: bool
) -> list[ExplainedPart]:
    """Return the rules of a document with what each means for somebody; the document's own policy aside.

    ``every``: those too that the asker may not read, which is for those who manage the document.
    """
    rule = t.part_rules
    own = sa.select(rule.c.id).where(rule.c.document_id == document_id, may_read(rule.c.policy_id))
    readable = set(tx.scalars(own, reads_as(asker)))
    return [
        ExplainedPart(
            one.id,
            one.selector if one.id in readable else None,
            explain(tx, [user_id], one.policy_id, now)[user_id],
        )
        for one in rules_of(tx, document_id)
        if every or one.id in readable
    ]


def closed_to(tx: ReadConnection, document_id: str, readers: Iterable[str], now: float) -> dict[str, int]:
    """Return how many rules of a document refuse each of those users, at ``now``."""
    wanted = list(readers)
    policies = list(tx.scalars(_ASKED, {"document": document_id}))
    if not policies:
        return dict.fromkeys(wanted, 0)
    rows = tx.execute(_OPEN, {"readers": wanted, "document": document_id} | stands_for("", now))
    let: dict[str, set[int]] = {}
    for reader, policy_id in rows:
        let.setdefault(reader, set()).add(policy_id)
    return {one: sum(policy not in let.get(one, ()) for policy in policies) for one in wanted}


def closed_in(
    tx: ReadConnection, document_ids: Sequence[str], theirs: dict[str, str | float | int | bytes]
) -> dict[str, int]:
    """Return how many rules of each document refuse the reader of ``read_with``; those with none are left out."""
    rule = t.part_rules
    statement = (
        sa.select(rule.c.document_id, sa.func.count())
        .where(rule.c.document_id.in_(document_ids), refused(rule.c.policy_id))
        .group_by(rule.c.document_id)
    )
    return {document: int(count) for document, count in tx.execute(statement, theirs)}
