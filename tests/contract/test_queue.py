"""The queue: claims, fences, attempts, retries, the dead letter, and workers that die."""

import asyncio
import time

import pytest
import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.engine import Connection, Database
from wenyuan.errors import FileCorrupt, LeaseLost, TransientError, WenyuanError
from wenyuan.jobs import JobContext, JobQueue, JobState, Lease, Worker
from wenyuan.jobs.queue import NewJob

KINDS = ["work"]


@pytest.fixture
def queue(database: Database) -> JobQueue:
    return JobQueue(database, lease_s=5)


async def add(database: Database, queue: JobQueue, key: str | None = None) -> str:
    async with database.write() as tx:
        return await queue.enqueue(tx, NewJob("work", {"document_id": "doc_1"}, dedupe_key=key))


async def expire(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(sa.update(t.jobs).values(lease_until=0.0))


async def state(database: Database, queue: JobQueue, job_id: str) -> JobState:
    async with database.read() as tx:
        job = await queue.get(tx, job_id)
    assert job is not None
    return job.state


class Recorder:
    """A handler that does what it is told and notes what it was given."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.runs: list[int] = []
        self.dead: list[str] = []

    async def run(self, context: JobContext) -> None:
        self.runs.append(context.lease.attempt)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        self.dead.append(error.code)


async def test_jobs_are_claimed_in_order_and_once(database: Database, queue: JobQueue) -> None:
    ids = [await add(database, queue) for _ in range(3)]
    leases = [await queue.claim("w", KINDS) for _ in range(4)]
    assert [lease.job_id for lease in leases if lease] == ids
    assert leases[-1] is None


async def test_concurrent_claims_never_take_the_same_job(database: Database, queue: JobQueue) -> None:
    ids = {await add(database, queue) for _ in range(20)}
    leases = await asyncio.gather(*(queue.claim(f"w{n}", KINDS) for n in range(30)))
    taken = [lease.job_id for lease in leases if lease is not None]
    assert len(taken) == 20
    assert set(taken) == ids


async def test_a_key_has_one_live_job(database: Database, queue: JobQueue) -> None:
    first = await add(database, queue, "k")
    assert await add(database, queue, "k") == first
    lease = await queue.claim("w", KINDS)
    assert lease is not None
    await queue.complete(lease)
    assert await add(database, queue, "k") != first


async def test_an_enqueue_that_rolls_back_leaves_no_job(database: Database, queue: JobQueue) -> None:
    async def enqueue_and_fail() -> None:
        async with database.write() as tx:
            await queue.enqueue(tx, NewJob("work", {}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await enqueue_and_fail()
    assert await queue.claim("w", KINDS) is None


async def test_an_expired_lease_is_taken_over_and_the_old_holder_is_fenced(database: Database, queue: JobQueue) -> None:
    job = await add(database, queue)
    old = await queue.claim("old", KINDS)
    assert old is not None
    await expire(database)
    new = await queue.claim("new", KINDS)
    assert new is not None
    assert (new.job_id, new.attempt, new.fence) == (job, 2, old.fence + 1)
    for call in (queue.complete(old), queue.renew(old, "parse", (0, 0, ""))):
        with pytest.raises(LeaseLost):
            await call
    with pytest.raises(LeaseLost):
        async with database.write() as tx:
            await queue.guard(tx, old)
    await queue.complete(new)
    assert await state(database, queue, job) is JobState.DONE


async def test_a_job_that_kills_its_worker_every_time_ends_in_the_dead_letter(
    database: Database, queue: JobQueue
) -> None:
    job = await add(database, queue)
    for _ in range(3):
        assert await queue.claim("doomed", KINDS) is not None
        await expire(database)
    handler = Recorder()
    worker = Worker(queue, {"work": handler})
    assert await worker.run_one()
    assert (handler.runs, handler.dead) == ([], ["job.abandoned"])
    assert await state(database, queue, job) is JobState.DEAD
    assert not await worker.run_one()


async def test_permanent_errors_bury_and_transient_ones_retry(
    database: Database, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await add(database, queue)
    handler = Recorder(FileCorrupt(), TransientError(), ValueError("unexpected"), None)
    worker = Worker(queue, {"work": handler})
    await worker.run_one()
    assert (await state(database, queue, broken), handler.dead) == (JobState.DEAD, ["file.corrupt"])
    shaky = await add(database, queue)
    now = time.time()
    for ahead in (0, 100, 200):
        monkeypatch.setattr(time, "time", lambda ahead=ahead: now + ahead)
        assert await worker.run_one()
    assert handler.runs == [1, 1, 2, 3]
    assert await state(database, queue, shaky) is JobState.DONE


async def test_release_all_lets_a_new_process_go_on_at_once(database: Database, queue: JobQueue) -> None:
    await add(database, queue)
    assert await queue.claim("dead process", KINDS) is not None
    assert not await queue.has_work(KINDS)
    assert await queue.release_all() == 1
    lease = await queue.claim("new process", KINDS)
    assert lease is not None
    assert lease.attempt == 2


async def test_effects_and_completion_commit_together(database: Database, queue: JobQueue) -> None:
    job = await add(database, queue)
    lease = await queue.claim("w", KINDS)
    assert lease is not None

    async def complete_and_fail() -> None:
        async with database.write() as tx:
            await queue.complete(lease, tx)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await complete_and_fail()
    assert await state(database, queue, job) is JobState.RUNNING
