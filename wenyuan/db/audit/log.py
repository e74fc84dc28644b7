"""The log as the application has it: appends of concurrent requests share one commit, and one fsync."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.keys import Anchor, Head
from wenyuan.audit.record import Entry, Record
from wenyuan.db.audit.store import AuditStore, Wanted

DAY_S: Final = 86_400.0
#: How much the anchor may be behind the log after a loss of power.
FLUSH_S: Final = 1.0
_EXPORTED_TOGETHER: Final = 1_000
log = structlog.get_logger(__name__)


class SqlAuditLog:
    """Implements ``wenyuan.ports.AuditLog``. One thread writes; a write that fails fails for all that shared it."""

    def __init__(self, store: AuditStore, key: bytes, anchor: Anchor) -> None:
        """Take an opened store; the anchor tells how far the log came before, here and on this machine."""
        self._store = store
        self._key = key
        self._anchor = anchor
        self._known = anchor.read() or Head()
        self._waiting: list[tuple[Sequence[Entry], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._flushed = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")

    async def append(self, entries: Sequence[Entry]) -> None:
        """Record ``entries``, in order, durable on return; raises ``AuditUnavailable`` and records none of them."""
        if not entries:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await future

    async def find(self, wanted: Wanted, before: int | None, limit: int) -> list[Record]:
        """Return the newest ``limit`` records that fit, newest first, of those with a sequence below ``before``."""
        try:
            return await asyncio.to_thread(self._store.find, wanted, before, limit)
        except SQLAlchemyError as error:
            raise AuditUnavailable from error

    async def every(self, wanted: Wanted) -> AsyncIterator[Record]:
        """Yield all records that fit, newest first."""
        before: int | None = None
        while found := await self.find(wanted, before, _EXPORTED_TOGETHER):
            for record in found:
                yield record
            before = found[-1].sequence

    async def prune(self, days: float) -> int:
        """Remove what is older than ``days``; returns how many entries."""
        now = time.time()
        at, before = int(now * 1e6), int((now - days * DAY_S) * 1e6)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._prune, at, before)

    async def prune_daily(self, days: float) -> None:
        """Prune at once and every day until cancelled; a log that cannot be written is tried again a day later."""
        while True:
            try:
                if removed := await self.prune(days):
                    log.info("audit.pruned", entries=removed)
            except (SQLAlchemyError, OSError):
                log.exception("audit.prune_failed")
            await asyncio.sleep(DAY_S)

    async def close(self) -> None:
        """Write what waits, and close."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        self._thread.shutdown()
        self._anchor.close()
        self._store.close()

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken, self._waiting = self._waiting, []
            entries = [entry for part, _ in taken for entry in part]
            try:
                await loop.run_in_executor(self._thread, self._write, entries)
            except Exception:
                log.exception("audit.write_failed", entries=len(entries))
                for _, future in taken:
                    if not future.done():
                        future.set_exception(AuditUnavailable())
            else:
                for _, future in taken:
                    if not future.done():
                        future.set_result(None)
                await self._flush()

    async def _flush(self) -> None:
        """Have the anchor on the disk once a second, when those who waited have their answer."""
        if time.monotonic() - self._flushed <= FLUSH_S:
            return
        self._flushed = time.monotonic()
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._anchor.flush)
        except OSError:  # it stands in the file; what it is behind after a loss of power is all that is at stake
            log.exception("audit.anchor_not_flushed")

    def _write(self, entries: Sequence[Entry]) -> None:
        # The log first: an anchor ahead of the log would be taken for a loss.
        self._come_to(self._store.append(self._key, entries, self._known))

    def _prune(self, at: int, before: int) -> int:
        self._come_to(self._store.append(self._key, [], self._known))  # what is missing, before the anchor moves
        count, head = self._store.prune(self._key, at, before)
        self._come_to(head)
        return count

    def _come_to(self, head: Head) -> None:
        if head.sequence > self._known.sequence:
            self._anchor.write(head)
        else:  # entries are missing; that is recorded now
            self._anchor.reset(head)
        self._known = head
