"""When sources are synced: each process asks the database now and then, and one of them enqueues what is due."""

import time
from collections.abc import Callable

from ingest.sources.errors import SourceRemoving
from ingest.sources.sync import sync_job
from wenyuan.db import sources as db
from wenyuan.db.engine import Database
from wenyuan.jobs import JobQueue
from wenyuan.jobs.rounds import make_rounds


class Schedule:
    """Enqueues the syncs that are due, until it is cancelled. Any number of processes may run one."""

    def __init__(self, database: Database, queue: JobQueue, poll_s: float, wake: Callable[[], None]) -> None:
        self._database = database
        self._queue = queue
        self._poll_s = poll_s
        self._wake = wake

    async def run_forever(self) -> None:
        """Look, enqueue, sleep; a database that does not answer is asked again later."""
        await make_rounds(self.run_once, self._poll_s, "schedule.failed")

    async def run_once(self) -> int:
        """Enqueue what is due now and return how many syncs that were."""
        async with self._database.read() as tx:
            due = await db.due_sources(tx)
        for source_id in due:
            async with self._database.write() as tx:
                # Two processes see the same source due: the second one waits here, then finds the job of the first.
                source = await db.lock_source(tx, source_id)
                if source is not None and _is_due(source):
                    await self._queue.enqueue(tx, sync_job(source))
        if due:
            self._wake()
        return len(due)


def _is_due(source: db.Source) -> bool:
    if source.interval_s is None or source.error_code == SourceRemoving.code:
        return False
    return source.synced_at is None or source.synced_at + source.interval_s <= time.time()
