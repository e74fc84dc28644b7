"""The removal of a source together with its documents: marked at once, done by a job."""

from typing import Final

from ingest.sources.errors import SourceRemoving
from ingest.sources.items import Items
from wenyuan.db import sources as db
from wenyuan.db.engine import Connection, Database
from wenyuan.db.sources import Source
from wenyuan.errors import WenyuanError
from wenyuan.jobs import JobContext, JobQueue, Lease
from wenyuan.jobs.queue import NewJob

REMOVE: Final = "source.remove"
ATTEMPTS: Final = 100
_BATCH: Final = 50


async def remove_with_documents(tx: Connection, queue: JobQueue, source: Source, user_id: str) -> str:
    """Mark a source, so that no item of it is taken any more, and return the job that removes it."""
    await db.update_source(tx, source.id, error_code=SourceRemoving.code)
    payload = {"source_id": source.id}
    key = f"{REMOVE}:{source.id}"
    return await queue.enqueue(tx, NewJob(REMOVE, payload, dedupe_key=key, owner_id=user_id, max_attempts=ATTEMPTS))


class RemoveHandler:
    """Implements ``wenyuan.jobs.JobHandler``: deletes the documents of a source some at a time, then the source."""

    def __init__(self, database: Database, items: Items) -> None:
        self._database = database
        self._items = items

    async def run(self, context: JobContext) -> None:
        """Delete until nothing is left; a restart goes on with what is."""
        source_id = context.lease.payload["source_id"]
        async with self._database.read() as tx:
            total = (await db.count_items(tx, source_id)).items
        await context.enter("remove", total=total, unit="item")
        done = 0
        while True:
            async with self._database.write() as tx:
                await context.guard(tx)
                if await db.lock_source(tx, source_id) is None:
                    return
                batch = await db.list_items(tx, source_id, errors_only=False, after=None, limit=_BATCH)
                for _, item in batch:
                    await self._items.drop(tx, source_id, item)
                if not batch:
                    await db.delete_source(tx, source_id)
                    await context.complete(tx)
                    return
            done += len(batch)
            context.progress(done, total)

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """The source stays marked; asking again enqueues another job."""
