"""Reads in one go: as fresh as any other read, one snapshot, and nothing is left behind, on both databases."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.databases import copy_schema
from wenyuan.db import tables as t
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Database, ReadConnection
from wenyuan.errors import TransientError

_PATIENCE_S = 20
_VALUE = sa.select(t.counters.c.value).where(t.counters.c.name == sa.bindparam("name"))


@pytest.fixture
async def sqlite(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Database]:
    opened = Database(copy_schema(migrated_sqlite, tmp_path))
    yield opened
    await opened.close()


def counted(tx: ReadConnection, name: str = "seen") -> int:
    return int(tx.scalar(_VALUE, {"name": name}) or 0)


async def count(database: Database) -> int:
    async with database.write() as tx:
        return await raise_counter(tx, "seen")


async def test_what_was_committed_before_a_reading_is_seen_by_it(database: Database) -> None:
    """While other readings go on all the time, on every connection that there is."""
    busy = True

    async def read_on() -> None:
        last = 0
        while busy:
            found = await database.run_read(counted, name="seen")
            assert found >= last, "time goes forward"
            last = found

    others = [asyncio.create_task(read_on()) for _ in range(3)]
    for _ in range(40):
        written = await count(database)
        assert await asyncio.gather(*(database.run_read(counted, "seen") for _ in range(3))) == [written] * 3
    busy = False
    await asyncio.gather(*others)


async def test_what_a_reading_raises_reaches_who_asked_and_leaves_no_transaction(database: Database) -> None:
    def fail(tx: ReadConnection) -> None:
        counted(tx)
        raise LookupError("nothing")

    def misspell(tx: ReadConnection) -> None:
        counted(tx)
        tx.execute(sa.text("SELECT nothing FROM nowhere"))

    for _ in range(20):
        with pytest.raises(LookupError):
            await database.run_read(fail)
        with pytest.raises((DBAPIError, TransientError)):  # which of the two is for the driver to say
            await database.run_read(misspell)
        written = await count(database)
        assert await database.run_read(counted) == written


async def test_a_reading_is_one_snapshot(sqlite: Database) -> None:
    begun, written = threading.Event(), threading.Event()

    def twice(tx: ReadConnection) -> tuple[int, int]:
        first = counted(tx)
        begun.set()
        assert written.wait(_PATIENCE_S)
        return first, counted(tx)

    before = await count(sqlite)
    reading = asyncio.create_task(sqlite.run_read(twice))
    assert await asyncio.to_thread(begun.wait, _PATIENCE_S)
    after = await count(sqlite)  # a reading keeps no write waiting
    assert await sqlite.run_read(counted) == after
    written.set()
    assert await reading == (before, before)


async def test_a_reading_cannot_write(sqlite: Database) -> None:
    before = await count(sqlite)
    for statement in (sa.delete(t.counters), sa.insert(t.counters).values(name="new", value=1)):
        with pytest.raises(TransientError) as caught:
            await sqlite.run_read(lambda tx, change: tx.execute(change), statement)
        assert "readonly" in str(caught.value.__cause__)
    assert await sqlite.run_read(counted) == before
    assert await sqlite.run_read(counted, "new") == 0


async def test_a_reading_that_nobody_waits_for_ends_and_close_waits_for_it(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    database = Database(copy_schema(migrated_sqlite, tmp_path), pool_size=1)
    begun, go = threading.Event(), threading.Event()
    ended: list[int] = []

    def slow(tx: ReadConnection) -> None:
        begun.set()
        assert go.wait(_PATIENCE_S)
        ended.append(counted(tx))

    reading = asyncio.create_task(database.run_read(slow))
    assert await asyncio.to_thread(begun.wait, _PATIENCE_S)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    written = await count(database)
    go.set()
    assert await database.run_read(counted) == written, "the only connection is of use again, and fresh"
    begun.clear()
    go.clear()
    reading = asyncio.create_task(database.run_read(slow))
    assert await asyncio.to_thread(begun.wait, _PATIENCE_S)
    asyncio.get_running_loop().call_later(0.2, go.set)
    await database.close()
    assert ended == [written, written]
    await reading
    with pytest.raises(RuntimeError):
        await database.run_read(counted)
