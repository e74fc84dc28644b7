"""A worker: claims jobs, keeps their lease alive, and turns every outcome into a job state."""

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog

from wenyuan.db.engine import Connection
from wenyuan.errors import JobAbandoned, LeaseLost, WenyuanError
from wenyuan.jobs.queue import JobQueue, Lease

#: How soon work is seen that another process has enqueued, or whose time has come.
LOOK_EVERY_S: Final = 0.5
#: A worker that nobody wakes looks for itself.
IDLE_POLL_S: Final = 5.0
PROGRESS_EVERY_S: Final = 0.5

log = structlog.get_logger(__name__)


class JobContext:
    """What a handler holds while it works on one job."""

    def __init__(self, queue: JobQueue, lease: Lease) -> None:
        self._queue = queue
        self.lease = lease
        self._stage = lease.stage
        self._progress = (0, 0, "")
        self._finished = False
        self._stored = self._state()
        self._renewed = time.monotonic()

    def _state(self) -> tuple[str, tuple[int, int, str]]:
        return self._stage, self._progress

    @property
    def finished(self) -> bool:
        """Whether the handler ended the job itself, in its own transaction."""
        return self._finished

    async def enter(self, stage: str, total: int = 0, unit: str = "") -> None:
        """Store that a stage begins."""
        self._stage, self._progress = stage, (0, total, unit)
        await self.flush()

    def progress(self, done: int, total: int) -> None:
        """Note progress within the stage; stored with the next renewal of the lease."""
        self._progress = (done, total, self._progress[2])

    async def flush(self) -> None:
        """Renew the lease and store stage and progress; raises ``LeaseLost``."""
        await self._queue.renew(self.lease, *self._state())
        self._stored, self._renewed = self._state(), time.monotonic()

    async def keep_alive(self) -> None:
        """Flush if there is news, or a third of the lease has passed: an idle stage costs no commits."""
        if self._state() != self._stored or time.monotonic() - self._renewed > self._queue.lease_s / 3:
            await self.flush()

    async def guard(self, tx: Connection) -> None:
        """Prove within ``tx`` that no other worker took the job; raises ``LeaseLost``."""
        await self._queue.guard(tx, self.lease)

    async def complete(self, tx: Connection) -> None:
        """End the job as done together with the effects of ``tx``."""
        await self._queue.complete(self.lease, tx)
        self._finished = True


class JobHandler(Protocol):
    """The work of one kind of job. ``run`` may be called again after a crash and must go on where it stopped."""

    async def run(self, context: JobContext) -> None:
        """Do the work; a ``WenyuanError`` that is not retryable ends the job in the dead letter."""
        ...

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Record in ``tx`` what the final failure means; commits together with the dead letter."""
        ...


class Worker:
    """Runs jobs one after another until stopped."""

    def __init__(self, queue: JobQueue, handlers: Mapping[str, JobHandler]) -> None:
        self._queue = queue
        self._handlers = handlers
        self.kinds = sorted(handlers)
        self.idle = False
        self._wake = asyncio.Event()
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"

    def wake(self) -> None:
        """Look for work now: something was enqueued in this process."""
        self._wake.set()

    async def run_forever(self) -> None:
        """Claim and run until cancelled; the job at hand goes back to the queue then, at its last stored stage."""
        try:
            while True:
                await self._run_or_wait()
        finally:
            await self._queue.give_back(self.name)

    async def _run_or_wait(self) -> None:
        try:
            busy = await self.run_one()
        except Exception:
            log.exception("worker.failed", worker=self.name)
            busy = False
        if not busy:
            self.idle = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), IDLE_POLL_S)
            self._wake.clear()
            self.idle = False

    async def run_one(self) -> bool:
        """Run one job if there is one; returns whether there was."""
        if not await self._queue.has_work(self.kinds):
            return False
        lease = await self._queue.claim(self.name, self.kinds)
        if lease is None:
            return False
        with contextlib.suppress(LeaseLost):
            await self._work(lease)
        return True

    async def _work(self, lease: Lease) -> None:
        if lease.exhausted:
            await self._bury(lease, JobAbandoned())
            return
        context = JobContext(self._queue, lease)
        try:
            await self._run_with_renewal(context)
            if not context.finished:
                await self._queue.complete(lease)
        except LeaseLost:
            log.warning("job.lease_lost", job=lease.job_id, kind=lease.kind)
        except WenyuanError as error:
            log.warning("job.failed", job=lease.job_id, kind=lease.kind, code=error.code, attempt=lease.attempt)
            await self._fail(lease, error, retryable=error.retryable)
        except Exception as error:
            log.exception("job.crashed", job=lease.job_id, kind=lease.kind, error=type(error).__name__)
            await self._fail(lease, WenyuanError(), retryable=True)

    async def _run_with_renewal(self, context: JobContext) -> None:
        work = asyncio.ensure_future(self._handlers[context.lease.kind].run(context))
        try:
            while True:
                done, _ = await asyncio.wait({work}, timeout=PROGRESS_EVERY_S)
                if done:
                    break
                await context.keep_alive()
            await work
        finally:
            if not work.done():
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await work

    async def _fail(self, lease: Lease, error: WenyuanError, *, retryable: bool) -> None:
        if retryable and lease.attempt < lease.max_attempts:
            await self._queue.retry(lease, error)
        else:
            await self._bury(lease, error)

    async def _bury(self, lease: Lease, error: WenyuanError) -> None:
        async with self._queue.transaction() as tx:
            await self._queue.guard(tx, lease)
            await self._handlers[lease.kind].on_dead(tx, lease, error)
            await self._queue.bury(lease, error, tx)


async def look_out(queue: JobQueue, workers: Sequence[Worker]) -> None:
    """Wake the idle workers of a process that have work, until cancelled: one reading serves all of them."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        idle = [worker for worker in workers if worker.idle]
        try:
            found = await queue.which_have_work([worker.kinds for worker in idle])
        except Exception:
            log.exception("worker.lookout_failed")
            continue
        for worker, has_work in zip(idle, found, strict=True):
            if has_work:
                worker.wake()
