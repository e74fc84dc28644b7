"""Due sources are enqueued once, by however many processes, on both databases; removal takes documents along."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ingest.sources.connectors.folder import FolderConnector
from ingest.sources.items import held
from ingest.sources.push import Pushed, push
from ingest.sources.removal import REMOVE, RemoveHandler, remove_with_documents
from ingest.sources.schedule import Schedule
from tests.contract.sources.desk import Desk
from tests.databases import MIGRATED, copy_schema, own_database
from wenyuan.db import sources as db
from wenyuan.db.engine import Database
from wenyuan.errors import WenyuanError
from wenyuan.jobs import Worker


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    with contextlib.ExitStack() as stack:
        if request.param == "postgres":
            url = stack.enter_context(own_database(request.getfixturevalue("migrated_postgres"), MIGRATED))
        else:
            url = copy_schema(request.getfixturevalue("migrated_sqlite"), tmp_path)
        database = Database(url)
        watched = tmp_path / "watched"
        watched.mkdir()
        desk = Desk(database, tmp_path, lambda: FolderConnector(watched, (), settle_s=0, max_items=200), 0)
        await desk.furnish()
        for number in range(3):
            (watched / f"{number}.txt").write_text(f"text {number}")
        yield desk
        await database.close()


def schedules(desk: Desk, count: int) -> list[Schedule]:
    return [Schedule(desk.database, desk.queue, 1.0, lambda: None) for _ in range(count)]


async def set_interval(desk: Desk, interval_s: float | None) -> None:
    async with desk.database.write() as tx:
        await db.update_source(tx, desk.source_id, interval_s=interval_s)


async def source(desk: Desk) -> db.Source | None:
    async with desk.database.read() as tx:
        return await db.get_source(tx, desk.source_id)


async def test_what_is_due_is_enqueued_once(desk: Desk) -> None:
    first, *others = schedules(desk, 4)
    await asyncio.gather(*(one.run_once() for one in (first, *others)))
    assert await desk.queue.count_by_state() == {}
    await set_interval(desk, 3600)
    await asyncio.gather(*(one.run_once() for one in (first, *others)))
    assert await desk.queue.count_by_state() == {"queued": 1}
    assert await desk.worker().run_one()
    jobs = await desk.queue.count_by_state()
    await asyncio.gather(*(one.run_once() for one in (first, *others)))
    assert await desk.queue.count_by_state() == jobs
    assert await desk.titles() == {"0", "1", "2"}
    await set_interval(desk, 0.0)
    await first.run_once()
    assert (await desk.queue.count_by_state())["queued"] == jobs["queued"] + 1


async def test_a_failed_sync_shows_at_the_source_and_waits_for_the_next_interval(desk: Desk) -> None:
    await set_interval(desk, 3600)
    desk.limits = type(desk.limits)(items=1, file_mb=1, settle_s=0)
    [schedule] = schedules(desk, 1)
    await schedule.run_once()
    assert await desk.worker().run_one()
    found = await source(desk)
    assert found is not None
    assert found.error_code == "source.too_large"
    jobs = await desk.queue.count_by_state()
    assert await schedule.run_once() == 0
    desk.limits = type(desk.limits)(items=200, file_mb=1, settle_s=0)
    assert await desk.sync() is None
    found = await source(desk)
    assert found is not None
    assert found.error_code is None
    assert jobs == {"dead": 1}


async def test_two_pushes_of_one_key_make_one_document(desk: Desk) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"the same bytes"

    async def once() -> str:
        try:
            pushed = Pushed("a/b.txt", "1", None)
            return (await push(desk.database, desk.items, desk.source_id, pushed, content())).outcome
        except WenyuanError as error:
            return error.code

    outcomes = await asyncio.gather(*(once() for _ in range(6)))
    assert outcomes.count("taken") == 1
    assert set(outcomes) <= {"taken", "unchanged", "source.busy"}
    assert await once() == "unchanged"
    assert await desk.titles() == {"a/b"}


async def test_removal_takes_the_documents_along_and_stops_a_sync(desk: Desk) -> None:
    assert await desk.sync() is None
    await desk.enqueue()
    async with desk.database.write() as tx:
        found = await held(tx, desk.source_id)
        await remove_with_documents(tx, desk.queue, found, desk.owner_id)
    (Path(desk.intake.files).parent / "watched" / "new.txt").write_text("new")
    assert await desk.worker().run_one()
    assert await desk.titles() == {"0", "1", "2"}
    worker = Worker(desk.queue, {REMOVE: RemoveHandler(desk.database, desk.items)})
    assert await worker.run_one()
    assert await desk.titles() == set()
    assert await source(desk) is None
