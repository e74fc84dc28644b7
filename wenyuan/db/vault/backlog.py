"""Seals what was stored before text was sealed: in the background after a start, a few rows at a time.

Each batch is a transaction, so that a killed process goes on where the last one ended; readers read both kinds of rows.
What the texts took in the database is zeroed as they are replaced.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Connection, Database
from wenyuan.db.schema.conversations import WHOLE
from wenyuan.db.texts.profiles import profile_row
from wenyuan.db.texts.questions import question_row
from wenyuan.db.vault import sealing
from wenyuan.db.vault.sealing import Layout, Sealer, sealer

#: The counter that says that nothing is left to seal.
_DONE: Final = "sealed"
_BATCH: Final = 200
_PAUSE_S: Final = 0.02

Stored = Callable[[Sealer, str, dict[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Task:
    """Rows of one table: whose key they are sealed with, the joins that tell, and how they are stored."""

    layout: Layout
    subject: sa.ColumnElement[Any]
    joined: sa.FromClause
    stored: Stored | None = None

    def select(self) -> sa.Select[Any]:
        """Select rows that are not sealed, in the order of their keys."""
        table = self.layout.table
        key = [table.c[name] for name in self.layout.key]
        wanted = sa.select(*key, *(table.c[name] for name in self.layout.blank), self.subject.label("subject"))
        return wanted.select_from(self.joined).where(table.c.sealed.is_(None)).order_by(*key).limit(_BATCH)


def _of_version(table: sa.Table) -> tuple[sa.ColumnElement[Any], sa.FromClause]:
    return t.versions.c.document_id, table.join(t.versions, t.versions.c.id == table.c.version_id)


_OF_CHUNK: Final = t.chunks.join(t.versions, t.versions.c.id == t.chunks.c.version_id)
_OF_QUESTIONS: Final = t.chunk_questions.join(_OF_CHUNK, t.chunks.c.id == t.chunk_questions.c.chunk_id)
_OF_PART: Final = t.turn_parts.join(t.conversation_turns, t.conversation_turns.c.id == t.turn_parts.c.turn_id)
_TASKS: Final = (
    _Task(sealing.CHUNK, *_of_version(t.chunks)),
    _Task(sealing.BLOCK, *_of_version(t.blocks)),
    _Task(sealing.DRAFT, *_of_version(t.page_drafts)),
    _Task(sealing.PROFILE, *_of_version(t.profiles), profile_row),
    _Task(sealing.QUESTIONS, t.versions.c.document_id, _OF_QUESTIONS, question_row),
    _Task(sealing.CORRECTION, t.corrections.c.document_id, t.corrections),
    _Task(sealing.RULE, t.part_rules.c.document_id, t.part_rules),
    _Task(sealing.VERSION, t.versions.c.document_id, t.versions),
    _Task(sealing.DOCUMENT, t.documents.c.id, t.documents),
    _Task(sealing.ITEM, sa.func.coalesce(t.source_items.c.document_id, t.source_items.c.source_id), t.source_items),
    _Task(sealing.TURN, t.conversation_turns.c.conversation_id, t.conversation_turns),
    _Task(sealing.PART, t.conversation_turns.c.conversation_id, _OF_PART),
    _Task(sealing.CONVERSATION, t.conversations.c.id, t.conversations),
)


async def seal_backlog(database: Database, seal_files: Callable[[], int]) -> int:
    """Seal all rows and files that are not sealed yet; returns how many. Nothing to do without a vault, or once done.

    ``seal_files`` seals the files, and is called beside the event loop.
    """
    if database.vault is None:
        return 0
    async with database.read() as tx:
        if await tx.scalar(sa.select(t.counters.c.value).where(t.counters.c.name == _DONE)) is not None:
            return 0
    sealed = await asyncio.to_thread(seal_files)
    for task in _TASKS:
        sealed += await _seal_rows(database, task)
    for table, number in ((t.chunk_vectors, ()), (t.question_vectors, ("ordinal",))):
        sealed += await _seal_vectors(database, table, number)
    async with database.write() as tx:
        await raise_counter(tx, _DONE)
    if sealed:
        await database.shred()
    return sealed


async def _seal_rows(database: Database, task: _Task) -> int:
    layout, after, sealed = task.layout, None, 0
    key = sa.tuple_(*(layout.table.c[name] for name in layout.key))
    while True:
        statement = task.select() if after is None else task.select().where(key > after)
        async with database.write() as tx:
            rows = (await tx.execute(statement.with_for_update(of=layout.table))).all()
            if not rows:
                return sealed
            sealed += await _replace(tx, task, [dict(row._mapping) for row in rows])  # noqa: SLF001 - its public name
        after = tuple(getattr(rows[-1], name) for name in layout.key)
        await asyncio.sleep(_PAUSE_S)


async def _replace(tx: Connection, task: _Task, rows: Sequence[dict[str, Any]]) -> int:
    layout, own = task.layout, sealer(tx)
    also = await _documents_of_parts(tx, rows) if layout is sealing.PART else {}
    wanted = {row["subject"] for row in rows}.union(*also.values())

    def renewed() -> list[dict[str, Any]]:
        own.ready(wanted, make=True)
        found = []
        for row in rows:
            subject = row.pop("subject")
            place = tuple(row[name] for name in layout.key)
            made = task.stored(own, subject, row) if task.stored else own.row(layout, subject, row, also.get(place, ()))
            if made["sealed"] is not None:
                kept = {name: made[name] for name in (*layout.blank, "sealed")}
                found.append(kept | {f"of_{name}": row[name] for name in layout.key})
        return found

    values = await asyncio.to_thread(renewed)
    if values:
        mine = [layout.table.c[name] == sa.bindparam(f"of_{name}") for name in layout.key]
        renew: dict[str, Any] = {name: sa.bindparam(name) for name in (*layout.blank, "sealed")}
        await tx.execute(sa.update(layout.table).where(*mine).values(renew), values)
    return len(values)


async def _documents_of_parts(tx: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], set[str]]:
    """Return the documents that parts of answers are made of, by turn and ordinal."""
    source = t.turn_sources
    found: dict[tuple[Any, ...], set[str]] = {}
    statement = (
        sa.select(source.c.turn_id, source.c.part, t.versions.c.document_id)
        .join(t.chunks, t.chunks.c.id == source.c.chunk_id)
        .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
        .where(source.c.turn_id.in_(sorted({row["turn_id"] for row in rows})))
    )
    for turn, part, document in await tx.execute(statement):
        found.setdefault((turn, part), set()).add(document)
    whole = {turn: documents for (turn, part), documents in found.items() if part == WHOLE}
    places = [(row["turn_id"], row["ordinal"]) for row in rows]
    return {place: found.get(place, set()) | whole.get(place[0], set()) for place in places}


async def _seal_vectors(database: Database, table: sa.Table, number: Sequence[str]) -> int:
    """Seal vectors: one that is not sealed is a multiple of four bytes."""
    names = ("chunk_id", *number, "model")
    key = [table.c[name] for name in names]
    base: sa.Select[Any] = (
        sa.select(*key, table.c.vector, t.versions.c.document_id.label("subject"))
        .join(t.chunks, t.chunks.c.id == table.c.chunk_id)
        .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
        .where(sa.func.length(table.c.vector) % 4 == 0)
        .order_by(*key)
        .limit(_BATCH)
        .with_for_update(of=table)
    )
    after, sealed = None, 0
    while True:
        async with database.write() as tx:
            rows = (await tx.execute(base if after is None else base.where(sa.tuple_(*key) > after))).all()
            if not rows:
                return sealed
            own = sealer(tx)
            await asyncio.to_thread(own.ready, {row.subject for row in rows}, make=True)
            values = []
            for row in rows:
                place = ":".join(str(getattr(row, name)) for name in names[:-1])
                vector = own.stored_vector(row.subject, place, own.vector(row.subject, place, row.vector))
                values.append({"to": vector} | {f"of_{name}": getattr(row, name) for name in names})
            mine = [table.c[name] == sa.bindparam(f"of_{name}") for name in names]
            await tx.execute(sa.update(table).where(*mine).values(vector=sa.bindparam("to")), values)
            sealed += len(rows)
        after = tuple(getattr(rows[-1], name) for name in names)
        await asyncio.sleep(_PAUSE_S)
