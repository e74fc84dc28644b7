"""When directories are synced: each process looks now and then, and one of them enqueues what is due."""

import time
from collections.abc import Callable

from api.directories.sync import sync_job
from wenyuan.db.access.provisioning.syncs import read_status
from wenyuan.db.engine import Database
from wenyuan.jobs import JobQueue
from wenyuan.jobs.rounds import make_rounds
from wenyuan.people.settings import DirectoriesSettings


class DirectorySchedule:
    """Enqueues the syncs that are due, until it is cancelled. Any number of processes may run one."""

    def __init__(
        self, database: Database, queue: JobQueue, settings: DirectoriesSettings, wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._queue = queue
        self._settings = settings
        self._wake = wake

    async def run_forever(self) -> None:
        """Look, enqueue, sleep; a database that does not answer is asked again later."""
        await make_rounds(self.run_once, self._settings.poll_s, "directories.schedule_failed")

    async def run_once(self) -> int:
        """Enqueue what is due now and return how many syncs that were."""
        due = []
        for name, endpoint in self._settings.endpoints.items():
            async with self._database.read() as tx:
                tried = (await read_status(tx, name)).tried_at
            if endpoint.interval_s is not None and (tried is None or tried + endpoint.interval_s <= time.time()):
                due.append(name)
        for name in due:
            async with self._database.write() as tx:
                await self._queue.enqueue(tx, sync_job(name))
        if due:
            self._wake()
        return len(due)
