"""Old versions: kept as long as the settings say, and as long as an answer cites them; then removed by a job."""

import time
from collections.abc import Callable
from typing import Final

import structlog

from ingest.intake import Intake
from wenyuan.db import documents as docs
from wenyuan.db.engine import Connection, Database
from wenyuan.db.health import old_versions, remove_version
from wenyuan.errors import WenyuanError
from wenyuan.jobs import JobContext, JobQueue, Lease
from wenyuan.jobs.queue import NewJob
from wenyuan.jobs.rounds import make_rounds
from wenyuan.ports import IndexWriter

PRUNE: Final = "versions.prune"
_DAY_S: Final = 86_400.0
#: A file that was received so recently may be about to get a version again.
_FRESH_S: Final = 3_600.0
log = structlog.get_logger(__name__)


def prune_job(owner_id: str | None = None) -> NewJob:
    """Return the job that removes the versions that are beyond their time."""
    return NewJob(PRUNE, {}, dedupe_key=PRUNE, owner_id=owner_id)


class PruneHandler:
    """Implements ``wenyuan.jobs.JobHandler``. The job says how many versions went, the log which ones."""

    def __init__(self, database: Database, index: IndexWriter, intake: Intake, days: int | None) -> None:
        self._database = database
        self._index = index
        self._intake = intake
        self._days = days

    async def run(self, context: JobContext) -> None:
        """Remove version by version, each in a transaction of its own."""
        if self._days is None:
            return
        before = time.time() - self._days * _DAY_S
        async with self._database.read() as tx:
            found = await old_versions(tx, before)
        await context.enter("prune", total=len(found), unit="version")
        removed = 0
        for version in found:
            if await self._intake.received_since(version.path, time.time() - _FRESH_S):
                continue
            async with self._database.write() as tx:
                await context.guard(tx)
                await docs.lock_document(tx, version.document_id)
                for still in await old_versions(tx, before, version.id):
                    # The index first, SQL last: what a crash leaves is found again by the retry.
                    await self._index.delete_version(still.id)
                    if await remove_version(tx, still):
                        await self._intake.remove_file(still.path)
                    removed += 1
                    log.info("version.pruned", version=still.id, document=still.document_id)
            context.progress(removed, len(found))
        await context.flush()
        if removed:
            await self._database.shred()

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Nothing to record: what is left is found by the next run."""


class DailyPruning:
    """Enqueues the job at start and once a day, until it is cancelled. Any number of processes may run one."""

    def __init__(self, database: Database, queue: JobQueue, wake: Callable[[], None]) -> None:
        self._database = database
        self._queue = queue
        self._wake = wake

    async def run_forever(self) -> None:
        """Enqueue, sleep; a database that does not answer is asked again a day later."""
        await make_rounds(self._run_once, _DAY_S, "pruning.failed")

    async def _run_once(self) -> None:
        async with self._database.write() as tx:
            await self._queue.enqueue(tx, prune_job())
        self._wake()
