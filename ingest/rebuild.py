"""Building an index beside the one that answers, from stored chunks and vectors, and switching to it.

What is published or changed meanwhile is written to both by :class:`retrieval.index.generations.Generations`. The job
writes what was there before: it compares the index under construction with what is published until nothing is missing,
so that it goes on where it stood when it is killed, and then has that index answer, in one transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from ingest.questions import chunk_point, question_point
from wenyuan.audit.outflow import Outflow
from wenyuan.db import documents as docs
from wenyuan.db.contents import write_vectors
from wenyuan.db.engine import Connection, Database
from wenyuan.db.evidence import PendingChunk, read_leased_chunks
from wenyuan.db.index.rows import (
    IndexRow,
    IndexState,
    PublishedVersion,
    add_index,
    list_indexes,
    lock_indexes,
    published_versions,
    retire_index,
    switch_index,
)
from wenyuan.db.texts.questions import StoredQuestion, read_leased_questions, write_question_vectors
from wenyuan.errors import IndexIncomplete, TransientError, WenyuanError
from wenyuan.jobs import JobContext, JobQueue, Lease
from wenyuan.jobs.queue import NewJob
from wenyuan.ports import Embedder, IndexPoint, VectorIndex, Vectors

REBUILD: Final = "index.rebuild"
#: A kill is an attempt as well, and a large index takes hours.
ATTEMPTS: Final = 1000
#: Points written in one transaction: nobody else writes to SQLite meanwhile.
_TOGETHER: Final = 32
_PASSES: Final = 20
log = structlog.get_logger(__name__)


class Site(Protocol):
    """An index under construction with its embedder."""

    @property
    def embedder(self) -> Embedder:
        """The embedder that fills it."""
        ...

    @property
    def index(self) -> VectorIndex:
        """The index itself, without those beside it."""
        ...


class Sites(Protocol):
    """The indexes that this process has open."""

    def building(self, number: int) -> Site | None:
        """Return the one under construction with that number."""
        ...

    async def refresh(self) -> None:
        """Look at which indexes there are."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings want the index to be filled by; see :class:`wenyuan.db.index.rows.IndexRow`."""

    embedder: str
    lexical: str
    model: Mapping[str, str | None]


class Reconstruction:
    """Decides that an index is to be built, and says so to the queue."""

    def __init__(
        self, database: Database, queue: JobQueue, wanted: Wanted, clear: Callable[[int], Awaitable[None]]
    ) -> None:
        """Take what is wanted; ``clear`` empties the place of a number."""
        self._database = database
        self._queue = queue
        self._wanted = wanted
        self._clear = clear

    async def begin(self, found: tuple[str, str] | None) -> None:
        """At the first start record the index of an earlier release (``found``: embedder, lexical side) or a new one.

        At any start have an index built when the one that answers was filled by something else than is wanted.
        """
        wanted = self._wanted
        async with self._database.write() as tx:
            await lock_indexes(tx)
            rows = await list_indexes(tx)
            if not rows:
                model = wanted.model if found is None or found[0] == wanted.embedder else {}
                given = (wanted.embedder, wanted.lexical) if found is None else found
                rows = [await add_index(tx, *given, model, IndexState.CURRENT)]
            answering = any(row.state is IndexState.CURRENT and self._fits(row) for row in rows)
            live = [row for row in rows if row.state is IndexState.BUILDING]
            for row in live:
                if not self._fits(row):  # what it was to become is not wanted any more
                    await retire_index(tx, row.number)
            if not answering or any(self._fits(row) for row in live):
                await self._build(tx, owner_id=None)

    async def rebuild(self, owner_id: str) -> str:
        """Have an index built of what is wanted, whatever the present one is like; returns the id of the job."""
        async with self._database.write() as tx:
            await lock_indexes(tx)
            return await self._build(tx, owner_id)

    def _fits(self, row: IndexRow) -> bool:
        return row.like(self._wanted.embedder, self._wanted.lexical)

    async def _build(self, tx: Connection, owner_id: str | None) -> str:
        """Enqueue the construction that goes on already, or else a new one."""
        rows = [row for row in await list_indexes(tx) if row.state is IndexState.BUILDING and self._fits(row)]
        if rows:
            return await self._queue.enqueue(tx, rebuild_job(rows[0].number, owner_id))
        wanted = self._wanted
        row = await add_index(tx, wanted.embedder, wanted.lexical, wanted.model, IndexState.BUILDING)
        await self._clear(row.number)  # a database that was put back to an earlier day gives numbers out again
        return await self._queue.enqueue(tx, rebuild_job(row.number, owner_id))


def rebuild_job(number: int, owner_id: str | None = None) -> NewJob:
    """Return the job that fills an index and has it answer."""
    key = f"{REBUILD}:{number}"
    return NewJob(REBUILD, {"index": str(number)}, dedupe_key=key, owner_id=owner_id, max_attempts=ATTEMPTS)


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    """Something of a version that has a point: a chunk, or a question about one."""

    version: PublishedVersion
    of: PendingChunk | StoredQuestion

    def point(self, document: docs.Document, vector: Vectors) -> IndexPoint:
        """Return the point with that vector under the document's policy of now."""
        version = self.version.version_id
        if isinstance(self.of, StoredQuestion):
            return question_point(document, version, self.of, vector)
        return chunk_point(document, version, self.of, vector)


class RebuildHandler:
    """Implements ``wenyuan.jobs.JobHandler`` for one index under construction.

    ``settle_s``: how long to wait until every process knows of it and writes to it. ``questions``: whether questions
    are searched.
    """

    def __init__(
        self,
        database: Database,
        sites: Sites,
        batch: int,
        settle_s: float,
        outflow: Outflow = Outflow(),  # noqa: B008 - frozen and empty
        *,
        questions: bool,
    ) -> None:
        self._database = database
        self._sites = sites
        self._batch = batch
        self._settle_s = settle_s
        self._questions = questions
        self._outflow = outflow

    async def run(self, context: JobContext) -> None:
        """Fill what is missing, look again, and switch; raises ``TransientError`` where the embedder is not at hand."""
        number = int(context.lease.payload["index"])
        await self._sites.refresh()
        site = self._sites.building(number)
        if site is None:
            async with self._database.write() as tx:
                await context.guard(tx)
                wanted = {row.number for row in await list_indexes(tx) if row.state is IndexState.BUILDING}
                if number in wanted:  # its embedder is not at hand here
                    raise TransientError
                await context.complete(tx)
            return
        await asyncio.sleep(self._settle_s)
        await self._fill(context, site)
        await context.enter("switch")
        async with self._database.write() as tx:
            await context.guard(tx)
            switched = await switch_index(tx, number)
            await context.complete(tx)
        await self._sites.refresh()
        log.info("index.switched" if switched else "index.unwanted", index=number)

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Nothing to record: the old index goes on answering, and the next start tries again."""

    async def _fill(self, context: JobContext, site: Site) -> None:
        """Fill the index until a look at everything that is published finds nothing missing."""
        done = total = 0
        for _ in range(_PASSES):
            async with self._database.read() as tx:
                versions = await published_versions(tx)
            total = sum(version.chunks for version in versions)
            await context.enter("build", total=total, unit="chunk")
            done, missing = 0, list[PublishedVersion]()
            for version in versions:
                if await site.index.count_version(version.version_id) < version.chunks:
                    missing.append(version)
                else:
                    done += version.chunks
            context.progress(done, total)
            if not missing:
                return
            await self._write_all(context, site, missing, (done, total))
        raise IndexIncomplete(found=done, expected=total)

    async def _write_all(
        self, context: JobContext, site: Site, versions: Sequence[PublishedVersion], progress: tuple[int, int]
    ) -> None:
        """Write the points of versions, some at a time, whichever versions they are of."""
        done, total = progress
        sent = [(version.document_id, version.version_id) for version in versions]
        await self._outflow.record(context.lease.job_id, sent)
        waiting: list[_Item] = []
        for last, version in enumerate(versions, start=1):
            waiting += await self._items(context.lease, site.embedder.fingerprint, version)
            least = _TOGETHER if last < len(versions) else 1
            while len(waiting) >= least:
                together, waiting = waiting[:_TOGETHER], waiting[_TOGETHER:]
                await self._write(context, site, together)
                done += sum(isinstance(item.of, PendingChunk) for item in together)
                context.progress(min(done, total), total)

    async def _items(self, lease: Lease, model: str, version: PublishedVersion) -> list[_Item]:
        """Return what has points; questions first, so that a version whose chunks are counted lacks none of them."""
        own = lease.on_version(version.document_id, version.version_id)
        async with self._database.read() as tx:
            chunks = await read_leased_chunks(own, tx, model)
            asked: list[StoredQuestion] = []
            if self._questions:
                asked = await read_leased_questions(own, tx, model, embedded=True)
                asked += await read_leased_questions(own, tx, model, embedded=False)
        return [*(_Item(version, one) for one in asked), *(_Item(version, one) for one in chunks)]

    async def _write(self, context: JobContext, site: Site, items: Sequence[_Item]) -> None:
        """Embed what has no vector of this model yet, and write what still answers, under its policy of now."""
        lacking = [item for item in items if item.of.vector is None]
        fresh: dict[_Item, Vectors] = {}
        for start in range(0, len(lacking), self._batch):
            batch = lacking[start : start + self._batch]
            vectors = await asyncio.to_thread(site.embedder.embed_passages, [item.of.text for item in batch])
            fresh |= dict(zip(batch, vectors, strict=True))
        async with self._database.write() as tx:
            await context.guard(tx)
            points, answering = [], set[_Item]()
            for document_id in sorted({item.version.document_id for item in items}):
                document = await docs.lock_document(tx, document_id)
                if document is None or document.deleted:
                    continue
                for item in items:
                    if (
                        item.version.document_id == document_id
                        and item.version.version_id == document.current_version_id
                    ):
                        vector = fresh[item] if item.of.vector is None else item.of.vector
                        points.append(item.point(document, vector))
                        answering.add(item)
            made = {item: vector for item, vector in fresh.items() if item in answering}
            model = site.embedder.fingerprint
            chunks = {item.of.id: vector for item, vector in made.items() if isinstance(item.of, PendingChunk)}
            asked = {
                (item.of.chunk_id, item.of.ordinal): vector
                for item, vector in made.items()
                if isinstance(item.of, StoredQuestion)
            }
            await write_vectors(tx, model, chunks)
            await write_question_vectors(tx, model, asked)
            await site.index.upsert(points)
