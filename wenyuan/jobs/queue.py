"""Jobs in SQL: enqueued in the caller's transaction, claimed by one statement that also takes expired leases.

The attempt is counted at the claim, so a job that kills its worker every time still ends in the dead letter. Every
claim raises the job's fence: a writer proves with :meth:`JobQueue.guard`, inside its own transaction, that no later
claim exists.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Connection, Database, ReadConnection
from wenyuan.errors import LeaseLost, WenyuanError
from wenyuan.ids import new_id

MAX_ATTEMPTS: Final = 3
BACKOFF_S: Final = 2.0
LONGEST_BACKOFF_S: Final = 300.0


class JobState(StrEnum):
    """``DEAD`` is the dead letter: it failed for good, with a reason."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as shown: ids and counts, no text."""

    id: str
    kind: str
    state: JobState
    stage: str
    progress_done: int
    progress_total: int
    progress_unit: str
    attempt: int
    owner_id: str | None
    payload: Mapping[str, str]
    error_code: str | None
    error_params: Mapping[str, str | int | float]
    created_at: float
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until another claim raises its fence. Made only by :meth:`JobQueue.claim`."""

    job_id: str
    kind: str
    payload: Mapping[str, str]
    stage: str
    attempt: int
    max_attempts: int
    fence: int

    @property
    def exhausted(self) -> bool:
        """Whether the job has used up its attempts and is to be buried, not run."""
        return self.attempt > self.max_attempts

    def on_version(self, document_id: str, version_id: str) -> "Lease":
        """Return the lease of a job about many versions as one on a single version."""
        return replace(self, payload={**self.payload, "document_id": document_id, "version_id": version_id})


@dataclass(frozen=True, slots=True)
class NewJob:
    """What to enqueue. Jobs of one ``dedupe_key`` exist at most once until they end."""

    kind: str
    payload: Mapping[str, str]
    dedupe_key: str | None = None
    owner_id: str | None = None
    stage: str = "received"
    max_attempts: int = MAX_ATTEMPTS


class JobQueue:
    """The queue on one database; several workers in several processes may share it."""

    def __init__(self, database: Database, lease_s: float = 30.0) -> None:
        self._database = database
        self.lease_s = lease_s

    async def enqueue(self, tx: Connection, new: NewJob) -> str:
        """Add a job in the caller's transaction and return its id (that of the live job with the same key, if any)."""
        if new.dedupe_key is not None:
            live = await tx.scalar(sa.select(t.jobs.c.id).where(t.jobs.c.dedupe_key == new.dedupe_key))
            if live is not None:
                return str(live)
        job_id, now = new_id("job"), time.time()
        await tx.execute(
            sa.insert(t.jobs).values(
                id=job_id,
                sequence=await raise_counter(tx, "job_sequence"),
                kind=new.kind,
                dedupe_key=new.dedupe_key,
                owner_id=new.owner_id,
                subject=new.payload.get("version_id") or new.payload.get("document_id") or "",
                payload=dict(new.payload),
                state=JobState.QUEUED,
                stage=new.stage,
                progress_done=0,
                progress_total=0,
                progress_unit="",
                attempt=0,
                max_attempts=new.max_attempts,
                fence=0,
                run_after=now,
                created_at=now,
            )
        )
        return job_id

    async def claim(self, worker: str, kinds: Sequence[str]) -> Lease | None:
        """Take the oldest runnable job of these kinds, or one whose lease ran out; None when there is none."""
        now = time.time()
        oldest = (
            sa.select(t.jobs.c.id)
            .where(_runnable(kinds, now))
            .order_by(t.jobs.c.sequence)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        statement = (
            sa.update(t.jobs)
            .where(t.jobs.c.id == oldest.scalar_subquery())
            .values(
                state=JobState.RUNNING,
                attempt=t.jobs.c.attempt + 1,
                fence=t.jobs.c.fence + 1,
                worker=worker,
                lease_until=now + self.lease_s,
            )
            .returning(t.jobs)
        )
        async with self._database.write() as tx:
            row = (await tx.execute(statement)).one_or_none()
        if row is None:
            return None
        return Lease(row.id, row.kind, row.payload, row.stage, row.attempt, row.max_attempts, row.fence)

    async def has_work(self, kinds: Sequence[str]) -> bool:
        """Return whether a claim would find something, without taking the write lock."""
        return (await self.which_have_work([kinds]))[0]

    async def which_have_work(self, wanted: Sequence[Sequence[str]]) -> list[bool]:
        """Return ``has_work`` for several lists of kinds, in one reading."""
        return await self._database.run_read(_have_work, wanted)

    async def guard(self, tx: Connection, lease: Lease) -> None:
        """Raise ``LeaseLost`` unless the lease is still the job's latest; holds the row until the transaction ends."""
        held = await tx.scalar(
            sa.select(t.jobs.c.fence)
            .where(t.jobs.c.id == lease.job_id, t.jobs.c.state == JobState.RUNNING)
            .with_for_update()
        )
        if held != lease.fence:
            raise LeaseLost

    async def renew(self, lease: Lease, stage: str, progress: tuple[int, int, str]) -> None:
        """Extend the lease and store stage and progress; raises ``LeaseLost``."""
        done, total, unit = progress
        await self._update(
            lease,
            lease_until=time.time() + self.lease_s,
            stage=stage,
            progress_done=done,
            progress_total=total,
            progress_unit=unit,
        )

    async def complete(self, lease: Lease, tx: Connection | None = None) -> None:
        """End the job as done, in ``tx`` if given: the effect and the end commit together."""
        values = {"state": JobState.DONE, "dedupe_key": None, "lease_until": None, "finished_at": time.time()}
        if tx is None:
            await self._update(lease, **values)
        else:
            await self.guard(tx, lease)
            await tx.execute(sa.update(t.jobs).where(t.jobs.c.id == lease.job_id).values(**values))

    async def retry(self, lease: Lease, error: WenyuanError) -> None:
        """Put the job back with exponential backoff, keeping the reason."""
        await self._update(
            lease,
            state=JobState.QUEUED,
            lease_until=None,
            run_after=time.time() + min(BACKOFF_S**lease.attempt, LONGEST_BACKOFF_S),
            error_code=error.code,
            error_params=dict(error.params),
        )

    async def take_up(self, tx: Connection, dedupe_key: str) -> bool:
        """End a job that waits as done, in the transaction that does what it was to do; False if none waits."""
        waits = sa.and_(t.jobs.c.dedupe_key == dedupe_key, t.jobs.c.state == JobState.QUEUED)
        values = {"state": JobState.DONE, "dedupe_key": None, "finished_at": time.time()}
        return (await tx.execute(sa.update(t.jobs).where(waits).values(**values))).rowcount > 0

    async def bury(self, lease: Lease, error: WenyuanError, tx: Connection | None = None) -> None:
        """End the job in the dead letter with its reason."""
        values = {
            "state": JobState.DEAD,
            "dedupe_key": None,
            "lease_until": None,
            "finished_at": time.time(),
            "error_code": error.code,
            "error_params": dict(error.params),
        }
        if tx is None:
            await self._update(lease, **values)
        else:
            await self.guard(tx, lease)
            await tx.execute(sa.update(t.jobs).where(t.jobs.c.id == lease.job_id).values(**values))

    async def release_all(self) -> int:
        """Expire every lease. Only for a process that holds the data folder alone: no other worker can be alive."""
        async with self._database.write() as tx:
            result = await tx.execute(
                sa.update(t.jobs).where(t.jobs.c.state == JobState.RUNNING).values(lease_until=0.0)
            )
        return result.rowcount

    async def give_back(self, worker: str) -> int:
        """Queue again what a worker holds that stops in good order; such a stop does not count as an attempt."""
        held = sa.and_(t.jobs.c.worker == worker, t.jobs.c.state == JobState.RUNNING)
        values = {"state": JobState.QUEUED, "lease_until": None, "attempt": t.jobs.c.attempt - 1}
        async with self._database.write() as tx:
            result = await tx.execute(sa.update(t.jobs).where(held).values(**values))
        return result.rowcount

    async def newest(self, tx: Connection, subject: str) -> str:
        """Return the id of the newest job about a version or document ('' if there is none)."""
        statement = (
            sa.select(t.jobs.c.id).where(t.jobs.c.subject == subject).order_by(t.jobs.c.sequence.desc()).limit(1)
        )
        return await tx.scalar(statement) or ""

    async def get(self, tx: Connection, job_id: str) -> Job | None:
        """Return a job as shown."""
        row = (await tx.execute(sa.select(t.jobs).where(t.jobs.c.id == job_id))).one_or_none()
        return None if row is None else _job(row)

    async def live(self, tx: Connection, dedupe_key: str) -> Job | None:
        """Return the job with that key that has not ended."""
        row = (await tx.execute(sa.select(t.jobs).where(t.jobs.c.dedupe_key == dedupe_key))).one_or_none()
        return None if row is None else _job(row)

    async def recent(self, tx: Connection, owner_id: str | None) -> Sequence[Job]:
        """Return the newest 100 jobs, of one owner or of all."""
        statement = sa.select(t.jobs).order_by(t.jobs.c.sequence.desc()).limit(100)
        if owner_id is not None:
            statement = statement.where(t.jobs.c.owner_id == owner_id)
        return [_job(row) for row in await tx.execute(statement)]

    async def count_by_state(self) -> dict[str, int]:
        """Return how many jobs are in each state."""
        async with self._database.read() as tx:
            rows = await tx.execute(sa.select(t.jobs.c.state, sa.func.count()).group_by(t.jobs.c.state))
            return {row[0]: row[1] for row in rows}

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """Return a write transaction on the queue's database."""
        return self._database.write()

    async def _update(self, lease: Lease, **values: Any) -> None:
        held = sa.and_(t.jobs.c.id == lease.job_id, t.jobs.c.fence == lease.fence, t.jobs.c.state == JobState.RUNNING)
        async with self._database.write() as tx:
            result = await tx.execute(sa.update(t.jobs).where(held).values(**values))
            if result.rowcount == 0:
                raise LeaseLost


def _have_work(tx: ReadConnection, wanted: Sequence[Sequence[str]]) -> list[bool]:
    now = time.time()
    found = (tx.execute(sa.select(t.jobs.c.id).where(_runnable(kinds, now)).limit(1)).first() for kinds in wanted)
    return [one is not None for one in found]


def _runnable(kinds: Sequence[str], now: float) -> sa.ColumnElement[bool]:
    waiting = sa.and_(t.jobs.c.state == JobState.QUEUED, t.jobs.c.run_after <= now)
    expired = sa.and_(t.jobs.c.state == JobState.RUNNING, t.jobs.c.lease_until < now)
    return sa.and_(t.jobs.c.kind.in_(kinds), sa.or_(waiting, expired))


def _job(row: sa.Row[tuple[Any, ...]]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=JobState(row.state),
        stage=row.stage,
        progress_done=row.progress_done,
        progress_total=row.progress_total,
        progress_unit=row.progress_unit,
        attempt=row.attempt,
        owner_id=row.owner_id,
        payload=row.payload,
        error_code=row.error_code,
        error_params=row.error_params or {},
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
