"""The indexes as recorded: one answers, one may be under construction beside it, retired ones wait to be removed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Connection, Database, ReadConnection

_ERASED_TOGETHER: Final = 1000


class IndexState(StrEnum):
    """``RETIRED``: nothing is asked of it any more; its place is about to be removed."""

    BUILDING = "building"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An index: the fingerprints of its embedder and of its lexical side, and how that embedder is opened again.

    ``model`` holds the settings ``model`` and ``url`` of the embedder; empty for an index that is older than this
    record.
    """

    number: int
    embedder: str
    lexical: str
    model: Mapping[str, str | None]
    state: IndexState
    created_at: float
    retired_at: float | None

    def like(self, embedder: str, lexical: str) -> bool:
        """Whether the index was filled by that embedder and that tokenisation."""
        return (self.embedder, self.lexical) == (embedder, lexical)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version that answers, with the number of its chunks."""

    document_id: str
    version_id: str
    chunks: int


async def lock_indexes(tx: Connection) -> None:
    """Let nobody else change the record until the transaction ends."""
    await raise_counter(tx, "index_changes")


async def list_indexes(tx: Connection) -> list[IndexRow]:
    """Return every index, oldest first."""
    return await tx.run_sync(read_indexes)


def read_indexes(tx: ReadConnection) -> list[IndexRow]:
    """Return every index, oldest first."""
    return [_row(row) for row in tx.execute(sa.select(t.indexes).order_by(t.indexes.c.number))]


async def add_index(
    tx: Connection, embedder: str, lexical: str, model: Mapping[str, str | None], state: IndexState
) -> IndexRow:
    """Record a new index under the next number."""
    number = await raise_counter(tx, "index_number")
    row = IndexRow(number, embedder, lexical, model, state, time.time(), None)
    values = {"number": number, "embedder": embedder, "lexical": lexical, "model": dict(model)}
    await tx.execute(sa.insert(t.indexes).values(**values, state=state, created_at=row.created_at))
    return row


async def retire_index(tx: Connection, number: int) -> None:
    """Have the place of an index removed."""
    values = {"state": IndexState.RETIRED, "retired_at": time.time()}
    await tx.execute(sa.update(t.indexes).where(t.indexes.c.number == number).values(**values))


async def switch_index(tx: Connection, number: int) -> bool:
    """Let an index that is under construction answer instead of the current one; False when it is not wanted now."""
    await lock_indexes(tx)
    rows = {row.number: row for row in await list_indexes(tx)}
    if number not in rows or rows[number].state is not IndexState.BUILDING:
        return False
    for row in rows.values():
        if row.state is IndexState.CURRENT:
            await retire_index(tx, row.number)
    await tx.execute(sa.update(t.indexes).where(t.indexes.c.number == number).values(state=IndexState.CURRENT))
    return True


async def remove_index(database: Database, row: IndexRow) -> None:
    """Forget a retired index, and the vectors of its embedder if no other index has it: a few at a time."""
    async with database.write() as tx:
        await tx.execute(sa.delete(t.indexes).where(t.indexes.c.number == row.number))
        if row.embedder in set(await tx.scalars(sa.select(t.indexes.c.embedder))):
            return
    for table in (t.question_vectors, t.chunk_vectors):
        some = sa.select(table.c.chunk_id).where(table.c.model == row.embedder).limit(_ERASED_TOGETHER)
        erase = sa.delete(table).where(table.c.model == row.embedder, table.c.chunk_id.in_(some))
        gone = 1
        while gone:
            async with database.write() as tx:
                wanted = await tx.scalar(sa.select(sa.exists().where(t.indexes.c.embedder == row.embedder)))
                gone = 0 if wanted else (await tx.execute(erase)).rowcount


async def published_versions(tx: Connection) -> list[PublishedVersion]:
    """Return the versions that answer, by the id of their documents."""
    statement = (
        sa.select(t.documents.c.id, t.chunks.c.version_id, sa.func.count())
        .join(t.chunks, t.chunks.c.version_id == t.documents.c.current_version_id)
        .where(t.documents.c.deleted.is_(False))
        .group_by(t.documents.c.id, t.chunks.c.version_id)
        .order_by(t.documents.c.id)
    )
    return [PublishedVersion(*row) for row in await tx.execute(statement)]


def _row(row: sa.Row[Any]) -> IndexRow:
    return IndexRow(
        row.number, row.embedder, row.lexical, row.model, IndexState(row.state), row.created_at, row.retired_at
    )
