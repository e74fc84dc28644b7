"""Parts of documents with policies of their own: the rules, and the conditions that reads of text carry for them.

A part is read by whom the document's policy lets read *and* every rule that names the part. What the rules come to in a
version is written by ``wenyuan.db.texts.parts``, in the transaction that changes the rules or publishes the version.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from wenyuan.access import AccessPolicy, AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch, create_policy, replace_policy
from wenyuan.db.access.readable import may_read, reads_as
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.vault.sealing import RULE, Sealer, sealer, sealer_for
from wenyuan.ids import new_id
from wenyuan.parts.rules import Rule, Selector

_SELECTOR: Final = TypeAdapter(Selector)


def refused(policy_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that the reader may not read under the policy of that id; see ``may_read``."""
    return may_read(policy_id).is_not(sa.true())


def may_read_chunk() -> sa.ColumnElement[bool]:
    """Return the condition on ``chunks`` that the reader may read the part; the document's policy aside.

    See ``wenyuan.db.access.readable.reads_as`` for its parameters.
    """
    chunk, held = t.chunks, t.chunk_policies
    others = sa.exists().where(held.c.chunk_id == chunk.c.id, refused(held.c.policy_id))
    return sa.or_(chunk.c.policy_id.is_(None), sa.and_(may_read(chunk.c.policy_id), ~others.correlate(chunk)))


def may_read_whole(document_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition that no rule of the document refuses the reader, wherever it applies.

    What is made of a whole document is shown to those alone whom it holds for.
    """
    rule = t.part_rules
    return ~sa.exists().where(rule.c.document_id == document_id, refused(rule.c.policy_id))


#: In the place of a row: the block as a whole.
WHOLE: Final = -1
#: What the reader may not read of a version, as ordinal and row; row ``WHOLE`` is the block as a whole.
CLOSED: Final = (
    sa.select(t.block_policies.c.ordinal, t.block_policies.c.row)
    .where(t.block_policies.c.version_id == sa.bindparam("version"), refused(t.block_policies.c.policy_id))
    .distinct()
)
#: The rules of a document that refuse the reader.
REFUSING: Final[sa.Select[Any]] = sa.select(t.part_rules.c.id, t.part_rules.c.selector, t.part_rules.c.sealed).where(
    t.part_rules.c.document_id == sa.bindparam("document"), refused(t.part_rules.c.policy_id)
)


async def open_rules(scope: AccessScope, tx: Connection, document_id: str) -> frozenset[str]:
    """Return the ids of those rules of a document, which the scope may read, that let the scope read."""
    rule = t.part_rules
    statement = sa.select(rule.c.id).where(rule.c.document_id == document_id, may_read(rule.c.policy_id))
    return frozenset(await tx.scalars(statement, reads_as(scope)))


_RULES: Final = (
    sa.select(t.part_rules)
    .where(t.part_rules.c.document_id == sa.bindparam("document"))
    .order_by(t.part_rules.c.created_at, t.part_rules.c.id)
)


async def read_rules(tx: Connection, document_id: str) -> list[Rule]:
    """Return the rules of a document, oldest first. Headings are text of it: who may see them the caller decides."""
    return _rules(sealer(tx), document_id, await tx.execute(_RULES, {"document": document_id}))


def rules_of(tx: ReadConnection, document_id: str) -> list[Rule]:
    """Return what ``read_rules`` does, within a reading."""
    return _rules(sealer(tx), document_id, tx.execute(_RULES, {"document": document_id}))


def _rules(own: Sealer, document_id: str, rows: Iterable[sa.Row[Any]]) -> list[Rule]:
    return [Rule(row.id, selector_of(own, document_id, row), row.policy_id) for row in rows]


async def count_rules(tx: Connection, document_id: str) -> int:
    """Return how many rules a document has."""
    rule = t.part_rules
    return await tx.scalar(sa.select(sa.func.count()).where(rule.c.document_id == document_id)) or 0


async def put_rules(
    tx: Connection, document_id: str, parent_id: int, wanted: Sequence[tuple[Selector, AccessPolicy]]
) -> list[Rule]:
    """Make these the rules of a document, whose policy is ``parent_id``; returns them.

    A part that had a rule keeps its policy's id. The caller holds the lock of the document, and writes what they come
    to in its versions in the same transaction.
    """
    await bump_epoch(tx)
    rule = t.part_rules
    before = {one.selector.key: one for one in await read_rules(tx, document_id)}
    own = await sealer_for(tx, document_id)
    now = time.time()
    for place, (selector, policy) in enumerate(wanted):
        kept = before.pop(selector.key, None)
        if kept is not None:
            await replace_policy(tx, kept.policy_id, policy, parent_id)
            changed = sa.update(rule).where(rule.c.id == kept.id).values(created_at=now + place * 1e-6)
            await tx.execute(changed)
            continue
        policy_id = await create_policy(tx, policy, parent_id)
        values: dict[str, Any] = {"id": new_id("prt"), "document_id": document_id, "policy_id": policy_id}
        body = _SELECTOR.dump_python(selector, mode="json", exclude_defaults=True)
        stored = values | {"selector": body, "created_at": now + place * 1e-6}
        await tx.execute(sa.insert(rule).values(own.row(RULE, document_id, stored)))
    for gone in before.values():
        await _retire(tx, gone)
    return await read_rules(tx, document_id)


async def retire_rules(tx: Connection, document_id: str) -> None:
    """Have nobody read under the rules of a document that is deleted, and forget what they name."""
    for one in await read_rules(tx, document_id):
        await _retire(tx, one)


async def _retire(tx: Connection, rule: Rule) -> None:
    """Remove a rule; policies that nothing refers to would pile up in every reader's scope."""
    await tx.execute(sa.delete(t.part_rules).where(t.part_rules.c.id == rule.id))
    await replace_policy(tx, rule.policy_id, AccessPolicy())


def selector_of(own: Sealer, document_id: str, row: sa.Row[Any]) -> Selector:
    """Return the selector of a row of ``part_rules``."""
    (body,) = own.texts(RULE, document_id, row.id, row.sealed, row.selector)
    return _SELECTOR.validate_python(body)
