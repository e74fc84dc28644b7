"""The job that brings a source up to date: list everything, compare with what is known, do what differs.

What was done stands in ``source_items``, committed with each document; a job that dies and runs again lists again and
goes on with what still differs.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import structlog

from ingest.sources import access
from ingest.sources.access import Statement
from ingest.sources.errors import (
    AccessUnmapped,
    ItemName,
    ItemUnsettled,
    SourceEmpty,
    SourceOwner,
    SourceRemoving,
    SourceTooLarge,
    SourceUnreachable,
)
from ingest.sources.items import Hold, Items, Task, held, owner_may_upload
from ingest.sources.port import SIDECAR, Connector, Listed, key_fits, passed_over, printable_key
from wenyuan.db import sources as db
from wenyuan.db.engine import Connection, Database
from wenyuan.db.sources import Source, SourceItem
from wenyuan.errors import FileError, FileTooLarge, LeaseLost, NotFound, StorageFull, TransientError, WenyuanError
from wenyuan.jobs import JobContext, Lease
from wenyuan.jobs.queue import NewJob

SYNC: Final = "source.sync"
ATTEMPTS: Final = 5
_RELISTINGS: Final = 2
"""How often at most all is listed again while a statement about access is still being written."""
_FAILURES: Final = 5
"""Items in a row that could not be reached: then it is the source, not the items."""
_FINAL: Final = FileError.code.partition(".")[0] + "."

log = structlog.get_logger(__name__)
OpenConnector = Callable[[Source], Connector]


def sync_job(
    source: Source, *, requested: bool = False, allow_empty: bool = False, user_id: str | None = None
) -> NewJob:
    """Return the job that syncs a source; one that is ``requested`` also reads again what could not be parsed.

    It is shown to ``user_id``, else to the owner of the source.
    """
    payload = {"source_id": source.id, "requested": str(int(requested)), "allow_empty": str(int(allow_empty))}
    key = f"{SYNC}:{source.id}"
    return NewJob(SYNC, payload, dedupe_key=key, owner_id=user_id or source.owner_id, max_attempts=ATTEMPTS)


@dataclass(frozen=True, slots=True)
class Limits:
    """Most items of a source, largest file in MiB, and how long a file must hold still, in seconds."""

    items: int
    file_mb: int
    settle_s: float


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything a source names, by key, sidecars by folder, and the folders that could not be listed."""

    items: Mapping[str, Listed]
    sidecars: Mapping[str, Statement]
    unlisted: tuple[str, ...]

    def is_gone(self, key: str) -> bool:
        """Whether a known item is not there any more."""
        if db.is_erased(key) and self.unlisted:  # it may stand in a folder that could not be listed
            return False
        return key not in self.items and not key.startswith(self.unlisted)


class SyncHandler:
    """Implements ``wenyuan.jobs.JobHandler`` for the sync of one source."""

    def __init__(self, database: Database, items: Items, open_connector: OpenConnector, limits: Limits) -> None:
        self._database = database
        self._items = items
        self._open = open_connector
        self._limits = limits

    async def run(self, context: JobContext) -> None:
        """List, compare, do; raises what ends the sync as a whole."""
        try:
            await self._run(context)
        except TransientError as error:
            # Shown while it is tried again, not only once that was given up.
            async with self._database.write() as tx:
                await context.guard(tx)
                source = await db.lock_source(tx, context.lease.payload["source_id"])
                if source is not None and source.error_code != SourceRemoving.code:
                    await db.update_source(tx, source.id, error_code=error.code)
            raise

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Show the reason at the source; the next interval tries again."""
        source = await db.lock_source(tx, lease.payload["source_id"])
        if source is not None and source.error_code != SourceRemoving.code:
            await db.update_source(tx, source.id, synced_at=time.time(), error_code=error.code)

    async def _run(self, context: JobContext) -> None:
        payload = context.lease.payload
        async with self._database.read() as tx:
            source = await db.get_source(tx, payload["source_id"])
            if source is None:
                raise NotFound
            known = await db.load_items(tx, source.id)
            owner_may = await owner_may_upload(tx, source)

        async def hold(tx: Connection) -> Source:
            await context.guard(tx)
            return await held(tx, source.id)

        connector = self._open(source)
        try:
            await context.enter("list")
            listing = await self._listing(connector)
            if known and not listing.items and payload.get("allow_empty") != "1":
                raise SourceEmpty
            run = _Run(self._items, connector, hold, db.named(known, listing.items), listing, self._limits)
            run.rereads = payload.get("requested") == "1"
            run.may_take = owner_may
            await run.prepare(self._database)
            await run.work(context)
        finally:
            await connector.close()
        async with self._database.write() as tx:
            await hold(tx)
            await db.mark_seen(tx, source.id)
            await db.update_source(tx, source.id, synced_at=time.time(), error_code=None)
            await context.complete(tx)

    async def _listing(self, connector: Connector) -> Listing:
        found = await self._list(connector)
        for _ in range(_RELISTINGS):
            if not any(_is_sidecar(key) and isinstance(one.error, ItemUnsettled) for key, one in found.items()):
                break
            await asyncio.sleep(self._limits.settle_s)
            found = await self._list(connector)
        sidecars = {}
        for key in [key for key in found if _is_sidecar(key)]:
            sidecars[key.removesuffix(SIDECAR).removesuffix("/")] = await _statement(connector, found.pop(key))
        unlisted = tuple(key for key, one in found.items() if key.endswith("/") and one.error is not None)
        return Listing(found, sidecars, unlisted)

    async def _list(self, connector: Connector) -> dict[str, Listed]:
        found: dict[str, Listed] = {}
        async with aclosing(connector.listing()) as listed:
            async for item in listed:
                if item.error is None and not key_fits(item.key):
                    one = Listed(printable_key(item.key), error=ItemName())
                elif passed_over(item.key):
                    continue
                else:
                    one = item
                found.setdefault(one.key, one)
                if len(found) > self._limits.items:
                    raise SourceTooLarge(limit=self._limits.items)
        return found


class _Run:
    """One comparison of a source with what is known of it."""

    def __init__(
        self,
        items: Items,
        connector: Connector,
        hold: Hold,
        known: Mapping[str, SourceItem],
        listing: Listing,
        limits: Limits,
    ) -> None:
        self.rereads = False
        self.may_take = True
        self._items = items
        self._connector = connector
        self._hold = hold
        self._known = known
        self._listing = listing
        self._limits = limits
        self._gone = {key: item for key, item in known.items() if listing.is_gone(key)}
        self._movable: dict[str, SourceItem] = {}
        self._tasks: list[Task] = []
        self._failures = 0

    async def prepare(self, database: Database) -> None:
        """Find out who may read each item, and which of those that are gone may come back under another key."""
        resolved: dict[Statement | None, access.Carried] = {}
        present = [*self._listing.items.values()]
        present += [Listed(key, error=_UNLISTED) for key in self._known if self._is_unlisted(key)]
        async with database.read() as tx:
            for item in sorted(present, key=lambda one: one.key):
                statement = access.statement_for(item.key, self._listing.sidecars, item.access)
                if statement not in resolved:
                    resolved[statement] = await access.resolve(tx, statement)
                self._tasks.append(Task(item, self._known.get(item.key), resolved[statement]))
            owned = {one.document_id: one for one in self._gone.values() if one.document_id is not None}
            if owned and any(_may_be_moved(task) for task in self._tasks):
                files = await db.newest_files(tx, list(owned))
                self._movable = {sha256: owned[document_id] for document_id, (sha256, _) in files.items()}
                self._spare({owned[document_id].key: size for document_id, (_, size) in files.items()})

    def _spare(self, sizes: Mapping[str, int]) -> None:
        """Keep what may be an item that was moved and is not settled yet at its new place: one of the same size."""
        unsettled = {
            task.listed.size
            for task in self._tasks
            if _may_be_moved(task) and isinstance(task.listed.error, ItemUnsettled)
        }
        for key, size in sizes.items():
            if size in unsettled:
                del self._gone[key]

    async def work(self, context: JobContext) -> None:
        """Do what differs, item by item: who may read comes before content, and deletions come last."""
        total = len(self._tasks) + len(self._gone)
        await context.enter("sync", total=total, unit="item")
        for number, task in enumerate(self._tasks):
            await self._one(task)
            context.progress(number + 1, total)
        for number, known in enumerate(self._gone.values()):
            await self._items.delete(self._hold, known)
            context.progress(len(self._tasks) + number + 1, total)

    async def _one(self, task: Task) -> None:
        if task.relabelled and task.known is not None:
            await self._items.relabel(self._hold, task)
            code = AccessUnmapped.code if task.carried.error else None
            if task.known.error_code not in {None, AccessUnmapped.code}:
                code = task.known.error_code
            task = replace(task, known=replace(task.known, access_sha256=task.carried.sha256, error_code=code))
        if task.listed.error is _UNLISTED or not self._differs(task):
            return
        try:
            await self._take(task)
            self._failures = 0
        except (LeaseLost, NotFound, SourceRemoving, StorageFull):
            raise
        except WenyuanError as error:
            self._failures = self._failures + 1 if isinstance(error, SourceUnreachable) else 0
            log.info("source.item_failed", code=error.code)
            await self._items.fail(self._hold, task, error, final=isinstance(error, FileError))
            if self._failures >= _FAILURES:
                raise

    async def _take(self, task: Task) -> None:
        if task.listed.error is not None:
            raise task.listed.error
        if not self.may_take:
            raise SourceOwner
        if task.listed.size is not None and task.listed.size > self._limits.file_mb * 2**20:
            raise FileTooLarge(limit_mb=self._limits.file_mb)
        async with aclosing(self._connector.read(task.listed)) as content:
            taken = await self._items.take(self._hold, task, content, self._movable)
        if taken.moved is not None:
            self._gone.pop(taken.moved.key, None)
            self._movable = {sha256: one for sha256, one in self._movable.items() if one is not taken.moved}

    def _differs(self, task: Task) -> bool:
        known = task.known
        if known is None:
            return True
        if known.error_code is None or known.error_code == AccessUnmapped.code:
            return known.revision != task.listed.revision or task.listed.error is not None
        final = known.error_code.startswith(_FINAL) and not self.rereads
        return not final or known.revision != task.listed.revision

    def _is_unlisted(self, key: str) -> bool:
        return key not in self._listing.items and key.startswith(self._listing.unlisted)


_UNLISTED: Final = ItemUnsettled()


def _may_be_moved(task: Task) -> bool:
    return task.known is None or task.known.document_id is None


def _is_sidecar(key: str) -> bool:
    return key.rpartition("/")[2] == SIDECAR


async def _statement(connector: Connector, item: Listed) -> Statement:
    """Return what a sidecar says; one that cannot be read lets nobody read what it applies to."""
    if item.error is not None:
        return Statement(wrong=item.error.code)
    data = bytearray()
    try:
        async with aclosing(connector.read(item)) as content:
            async for part in content:
                data += part
                if len(data) > access.MAX_SIDECAR_BYTES:
                    return Statement(wrong="size")
    except SourceUnreachable:
        raise
    except WenyuanError as error:
        return Statement(wrong=error.code)
    return access.read_statement(bytes(data))
