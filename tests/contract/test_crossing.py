"""Decisions that cross in time, on both databases: none is lost, and none fails because it was the second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ingest.submission import REPOINT, NewDocument, Submissions
from ingest.upkeep import RepointHandler
from wenyuan.access import EVERYONE, AccessPolicy
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.readable import read_epoch
from wenyuan.db.access.spaces import create_space
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Database
from wenyuan.db.migrate import differences, upgrade
from wenyuan.documents import SourceFile
from wenyuan.jobs import JobQueue, Worker

AT_ONCE = 8


class SlowIndex:
    """Keeps what it is told last; while it is being told, ``meanwhile`` begins and has time to get ahead."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.policy = 0
        self._meanwhile: Callable[[], Awaitable[None]] | None = meanwhile
        self.begun: asyncio.Future[None] | None = None

    async def set_policy(self, _document_id: str, policy_id: int, _parts: dict[str, int] | None = None) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            self.begun = asyncio.ensure_future(meanwhile())
            await asyncio.wait({self.begun}, timeout=0.5)
        self.policy = policy_id


async def test_a_policy_set_while_the_last_one_is_written_reaches_the_index(database: Database) -> None:
    queue = JobQueue(database)
    submissions = Submissions(database, queue, "pipeline")
    async with database.write() as tx:
        owner = await create_user(tx, "li", "")
        space = await create_space(tx, "s", "s", AccessPolicy((EVERYONE,)))
        other = await create_space(tx, "o", "o", AccessPolicy())
    source = SourceFile("files/doc_1/x", "a.md", "0" * 64, 1, "text/markdown")
    await submissions.create(NewDocument("doc_1", space, "a", owner.id, None), source)
    await submissions.set_policy("doc_1", AccessPolicy())

    async def share_again() -> None:
        async with database.write() as tx:  # to the policy of another space: one that more documents have
            await docs.lock_document(tx, "doc_1")
            await docs.set_document_policy(tx, "doc_1", other.policy_id)
        await submissions.set_policy("doc_1", AccessPolicy((EVERYONE,)))

    index: Any = SlowIndex(share_again)
    worker = Worker(queue, {REPOINT: RepointHandler(database, index)})
    await worker.run_one()
    await index.begun
    await worker.run_one()
    async with database.read() as tx:
        document = await docs.get_document(tx, "doc_1")
    assert document is not None
    assert index.policy == document.policy_id


async def test_the_first_of_a_counter_may_come_twice(database: Database) -> None:
    async def add() -> None:
        async with database.write() as tx:
            await raise_counter(tx, "fresh")
            await bump_epoch(tx)

    await asyncio.gather(*(add() for _ in range(AT_ONCE)))
    async with database.write() as tx:
        assert await raise_counter(tx, "fresh") == AT_ONCE + 1
        assert await tx.run_sync(read_epoch) == AT_ONCE


async def test_several_processes_may_bring_up_an_empty_database(empty_url: str) -> None:
    opened = [Database(empty_url) for _ in range(3)]
    try:
        await asyncio.gather(*(upgrade(database) for database in opened))
        assert await differences(opened[0]) == []
    finally:
        for database in opened:
            await database.close()


async def test_an_error_of_the_database_repeats_no_text(database: Database) -> None:
    row = {"version_id": "ver_none", "ordinal": 1, "body": {"text": "口令七八九"}}
    async with database.read() as tx:
        with pytest.raises(DBAPIError) as caught:
            await tx.execute(sa.insert(t.blocks), [row, row])
    assert "口令" not in str(caught.value)
    assert "\\u53e3" not in str(caught.value)


async def test_a_cancelled_transaction_leaves_nothing_behind(database: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with database.write() as tx:
            await raise_counter(tx, "cancelled")
            begun.set()
            await tx.execute(sa.select(t.users))
            await asyncio.sleep(60)

    for number in range(100):
        begun.clear()
        task = asyncio.ensure_future(write())
        if number % 2:
            async with asyncio.timeout(5):  # a lock that stayed behind is waited for much longer
                await begun.wait()
        else:
            await asyncio.sleep(number / 10_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5), database.write() as tx:
        assert await raise_counter(tx, "cancelled") == 1
