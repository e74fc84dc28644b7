"""Workers that stop in good order, and jobs that may be tried more often than others."""

import asyncio

import pytest

from tests.contract.test_queue import KINDS, Recorder, add, expire, state
from wenyuan.db.engine import Database
from wenyuan.jobs import JobContext, JobQueue, JobState, Worker
from wenyuan.jobs.queue import NewJob


@pytest.fixture
def queue(database: Database) -> JobQueue:
    return JobQueue(database, lease_s=5)


class Endless(Recorder):
    """A handler that stores a stage and never ends by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def run(self, context: JobContext) -> None:
        await context.enter("embed")
        self.begun.set()
        await asyncio.Event().wait()


async def test_a_graceful_stop_gives_the_job_back_and_is_no_attempt(database: Database, queue: JobQueue) -> None:
    job = await add(database, queue)
    for _ in range(5):
        handler = Endless()
        task = asyncio.create_task(Worker(queue, {"work": handler}).run_forever())
        await asyncio.wait_for(handler.begun.wait(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await state(database, queue, job) is JobState.QUEUED
    lease = await queue.claim("next", KINDS)
    assert lease is not None
    assert (lease.attempt, lease.stage) == (1, "embed")


async def test_a_stop_leaves_the_jobs_of_other_workers_alone(database: Database, queue: JobQueue) -> None:
    await add(database, queue)
    held = await queue.claim("other", KINDS)
    assert held is not None
    assert await queue.give_back("this one") == 0
    await queue.complete(held)


async def test_a_job_may_have_attempts_of_its_own(database: Database, queue: JobQueue) -> None:
    async with database.write() as tx:
        job = await queue.enqueue(tx, NewJob("work", {}, max_attempts=6))
    for _ in range(5):
        assert await queue.claim("doomed", KINDS) is not None
        await expire(database)
    handler = Recorder()
    assert await Worker(queue, {"work": handler}).run_one()
    assert handler.runs == [6]
    assert await state(database, queue, job) is JobState.DONE
