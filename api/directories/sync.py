"""The job that makes accounts what a directory says: read, compare, write in one transaction, or leave all as is."""

import time
from collections.abc import Callable
from typing import Final

import structlog

from wenyuan.db.access.provisioning.syncs import (
    SyncStatus,
    apply_state,
    plan_state,
    read_status,
    store_failure,
    store_status,
)
from wenyuan.db.engine import Connection, Database
from wenyuan.errors import TransientError, WenyuanError
from wenyuan.jobs import JobContext, Lease
from wenyuan.jobs.queue import NewJob
from wenyuan.people.entries import DirectoryState
from wenyuan.people.errors import DirectoryTooLarge, DirectoryUnknown
from wenyuan.people.reconcile import summary
from wenyuan.people.settings import DirectoriesSettings, DirectoryEndpoint
from wenyuan.ports import DirectorySource

SYNC: Final = "directory.sync"
ATTEMPTS: Final = 3

log = structlog.get_logger(__name__)
OpenDirectory = Callable[[str, DirectoriesSettings], DirectorySource]


def sync_job(
    name: str, *, dry_run: bool = False, complete: bool = False, confirmed: int = 0, user_id: str | None = None
) -> NewJob:
    """Return the job of one sync. ``dry_run`` changes nothing; ``confirmed``: accounts that may lose access."""
    payload = {
        "directory": name,
        "dry_run": str(int(dry_run)),
        "complete": str(int(complete or dry_run or confirmed > 0)),
        "confirmed": str(confirmed),
    }
    # What a person asks for is not the same as what the schedule has waiting already.
    key = f"{SYNC}:{name}:{payload['dry_run']}{payload['complete']}:{confirmed}"
    return NewJob(SYNC, payload, dedupe_key=key, owner_id=user_id, max_attempts=ATTEMPTS)


class DirectorySyncHandler:
    """Implements ``wenyuan.jobs.JobHandler``."""

    def __init__(self, database: Database, settings: DirectoriesSettings, open_directory: OpenDirectory) -> None:
        self._database = database
        self._settings = settings
        self._open = open_directory

    async def run(self, context: JobContext) -> None:
        """Read and write; a directory that fails leaves accounts as they are, and the reason is shown."""
        name = context.lease.payload["directory"]
        try:
            await self._run(context, name)
        except TransientError as error:
            async with self._database.write() as tx:
                await context.guard(tx)
                await store_failure(tx, name, error, ended=False)
            raise

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Show the reason; the next interval tries again."""
        await store_failure(tx, lease.payload["directory"], error, ended=True)

    async def _run(self, context: JobContext, name: str) -> None:
        payload = context.lease.payload
        endpoint = self._settings.endpoints.get(name)
        if endpoint is None:
            raise DirectoryUnknown(name=name)
        async with self._database.read() as tx:
            status = await read_status(tx, name)
        whole = payload.get("complete") == "1" or _is_complete_due(status, endpoint)
        await context.enter("read")
        source = self._open(name, self._settings)
        try:
            state = await source.read("" if whole else status.cursor)
        finally:
            await source.close()
        if len(state.people) > endpoint.most_entries or len(state.groups) > endpoint.most_entries:
            raise DirectoryTooLarge(limit=endpoint.most_entries)
        await context.enter("write")
        if payload.get("dry_run") == "1":
            await self._show(context, name, state, endpoint)
        else:
            await self._write(context, name, state, endpoint, int(payload.get("confirmed", "0")))

    async def _write(
        self, context: JobContext, name: str, state: DirectoryState, endpoint: DirectoryEndpoint, confirmed: int
    ) -> None:
        async with self._database.write() as tx:
            await context.guard(tx)
            plan = await apply_state(
                tx, name, state, adopt=endpoint.adopt, share=endpoint.most_disabled, confirmed=confirmed
            )
            now = time.time()
            values = {"cursor": state.cursor, "synced_at": now, "tried_at": now, "error_code": None}
            if state.present is None:
                values["complete_at"] = now
            report = summary(plan) | {"dry_run": False, "at": now}
            await store_status(tx, name, **values, error_params=None, report=report)
            await context.complete(tx)
        log.info("directory.synced", directory=name, people=len(state.people), disabled=plan.disabled)

    async def _show(self, context: JobContext, name: str, state: DirectoryState, endpoint: DirectoryEndpoint) -> None:
        async with self._database.write() as tx:
            await context.guard(tx)
            plan = await plan_state(tx, name, state, adopt=endpoint.adopt)
            report = summary(plan) | {"dry_run": True, "at": time.time()}
            await store_status(tx, name, report=report)
            await context.complete(tx)


def _is_complete_due(status: SyncStatus, endpoint: DirectoryEndpoint) -> bool:
    return status.complete_at is None or status.complete_at + endpoint.complete_s <= time.time()
