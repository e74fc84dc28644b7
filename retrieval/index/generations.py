"""The indexes that this process has open: the one that answers, and those beside it.

An index, the embedder that filled it and the retriever over both make a :class:`Generation`. A question is encoded and
searched within one generation, so that vectors of two models never meet. What is written goes to every index that is
open: with the vectors it comes with where the embedder is the same, embedded again where it is another one.

Which index answers is a row in SQL, read every second by every process. A retired index is written to a little longer,
since a process that has not looked yet may still answer from it; then it is closed, and last its place is removed.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from retrieval.index.factory import Places
from retrieval.service import HybridRetriever
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, Hit
from wenyuan.db.engine import Database
from wenyuan.db.index.rows import IndexRow, IndexState, read_indexes, remove_index
from wenyuan.errors import IndexMismatch, IndexRebuilding
from wenyuan.ports import Embedder, IndexPoint, VectorIndex

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 1.0
#: How long a retired index is written to, and when its place is removed: several looks later.
CLOSED_AFTER_S: Final = 5.0
REMOVED_AFTER_S: Final = 10.0

#: Opens the embedder of an index that is not the configured one; None when it is not at hand.
OpenEmbedder = Callable[[IndexRow], Awaitable[Embedder | None]]
MakeRetriever = Callable[[IndexRow, Embedder, VectorIndex], HybridRetriever]


class Generation:
    """An open index with the embedder that fills it and the retriever that asks it."""

    def __init__(self, row: IndexRow, embedder: Embedder, index: VectorIndex, retriever: HybridRetriever) -> None:
        self.row = row
        self.embedder = embedder
        self.index = index
        self.retriever = retriever
        self._users = 0
        self._free = asyncio.Event()
        self._free.set()

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Keep the index and the embedder open for as long as the context lasts."""
        self._users += 1
        self._free.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._free.set()

    async def unused(self) -> None:
        """Wait until nobody is within ``used``."""
        await self._free.wait()


class Generations:
    """The open indexes; the writing side of all of them (:class:`wenyuan.ports.IndexWriter`)."""

    def __init__(
        self,
        database: Database,
        places: Places,
        embedder: Embedder,
        open_embedder: OpenEmbedder,
        make_retriever: MakeRetriever,
    ) -> None:
        """Take the configured ``embedder``; nothing is open before the first ``refresh``."""
        self._database = database
        self._places = places
        self._embedder = embedder
        self._open_embedder = open_embedder
        self._make_retriever = make_retriever
        self._open: dict[int, Generation] = {}
        self._out_of_reach: set[int] = set()
        self._rows: dict[int, IndexRow] = {}
        self._turn = asyncio.Lock()

    def current(self) -> Generation:
        """Return the generation that answers; raises ``IndexRebuilding`` or ``IndexMismatch`` when none can."""
        found = "?"
        for row in self._rows.values():
            if row.state is IndexState.CURRENT:
                if row.number in self._open:
                    return self._open[row.number]
                found = row.embedder
        if any(row.state is IndexState.BUILDING for row in self._rows.values()):
            raise IndexRebuilding
        raise IndexMismatch(found=found, expected=self._embedder.fingerprint)

    def building(self, number: int) -> Generation | None:
        """Return the generation under construction with that number, None when there is none or not within reach."""
        row = self._rows.get(number)
        return self._open.get(number) if row is not None and row.state is IndexState.BUILDING else None

    def has_open(self, number: int) -> bool:
        """Whether this process has that index open."""
        return number in self._open

    @property
    def answers(self) -> bool:
        """Whether there is an index that answers."""
        try:
            self.current()
        except (IndexRebuilding, IndexMismatch):
            return False
        return True

    async def refresh(self) -> None:
        """Read which indexes there are, open what is new, close and remove what is retired."""
        async with self._turn:
            rows = {row.number: row for row in await self._database.run_read(read_indexes)}
            for row in rows.values():
                if row.state is not IndexState.RETIRED and row.number not in self._open.keys() | self._out_of_reach:
                    await self._enter(row)
            self._rows = rows
            for number, generation in list(self._open.items()):
                if number not in rows or _retired_for(rows[number], CLOSED_AFTER_S):
                    await self._leave(number, generation)
            for row in rows.values():
                if _retired_for(row, REMOVED_AFTER_S):
                    await self._places.drop(row.number)
                    await remove_index(self._database, row)
                    log.info("index.removed", index=row.number)

    async def run_forever(self) -> None:
        """Refresh every second until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.refresh()
            except Exception:
                log.exception("index.refresh_failed")

    async def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points, whose vectors are those of the configured embedder, to every open index."""

        async def write(generation: Generation) -> None:
            given = points
            if points and generation.embedder.fingerprint != self._embedder.fingerprint:
                texts = [point.text for point in points]
                vectors = await asyncio.to_thread(generation.embedder.embed_passages, texts)
                given = [replace(point, vector=vector) for point, vector in zip(points, vectors, strict=True)]
            await generation.index.upsert(given)

        await self._each(write)

    async def delete_questions(self, version_id: str) -> None:
        """Remove the points of a version that are questions."""
        await self._each(lambda generation: generation.index.delete_questions(version_id))

    async def delete_version(self, version_id: str) -> None:
        """Remove every point of a version."""
        await self._each(lambda generation: generation.index.delete_version(version_id))

    async def delete_document(self, document_id: str) -> None:
        """Remove every point of a document."""
        await self._each(lambda generation: generation.index.delete_document(document_id))

    async def set_policy(self, document_id: str, policy_id: int, parts: Mapping[str, int] | None = None) -> None:
        """Point every chunk of a document to another policy, those in ``parts`` to the policy given there by chunk."""
        await self._each(lambda generation: generation.index.set_policy(document_id, policy_id, parts))

    async def count_version(self, version_id: str) -> int:
        """Return how many chunks of a version the index has that has the fewest: what is published is in all."""
        counts: list[int] = []

        async def count(generation: Generation) -> None:
            if not self._is_retired(generation):
                counts.append(await generation.index.count_version(version_id))

        await self._each(count)
        return min(counts, default=0)

    async def point_ids(self) -> set[str]:
        """Return the id of every point of the index that answers."""
        generation = self.current()
        with generation.used():
            return await generation.index.point_ids()

    async def ping(self) -> None:
        """Raise ``TransientError`` when an open index does not answer."""
        await self._each(lambda generation: generation.index.ping())

    async def close(self) -> None:
        """Close every index."""
        async with self._turn:
            for number, generation in list(self._open.items()):
                await self._leave(number, generation)

    async def _each(self, call: Callable[[Generation], Awaitable[None]]) -> None:
        """Call for each open index; what goes wrong with a retired one is of no consequence."""
        generations = list(self._open.values())
        if not generations:
            self.current()
        with contextlib.ExitStack() as stack:
            for generation in generations:
                stack.enter_context(generation.used())
            for generation in generations:
                try:
                    await call(generation)
                except Exception:
                    if not self._is_retired(generation):
                        raise
                    log.info("index.retired_write_failed", index=generation.row.number)

    def _is_retired(self, generation: Generation) -> bool:
        """Whether the last look found it retired; what was opened since counts as it was opened."""
        return self._rows.get(generation.row.number, generation.row).state is IndexState.RETIRED

    async def _enter(self, row: IndexRow) -> None:
        embedder = await self._embedder_of(row)
        if embedder is None:
            self._out_of_reach.add(row.number)
            log.warning("index.out_of_reach", index=row.number, embedder=row.embedder)
            return
        index = await self._places.open(row.number, row.embedder, embedder.dimension, row.lexical)
        self._open[row.number] = Generation(row, embedder, index, self._make_retriever(row, embedder, index))
        log.info("index.open", index=row.number, state=row.state)

    async def _embedder_of(self, row: IndexRow) -> Embedder | None:
        for embedder in (self._embedder, *(generation.embedder for generation in self._open.values())):
            if embedder.fingerprint == row.embedder:
                return embedder
        return await self._open_embedder(row)

    async def _leave(self, number: int, generation: Generation) -> None:
        """Close an index once nobody uses it, and its embedder if nothing else does."""
        del self._open[number]
        await generation.unused()
        await generation.index.close()
        if all(generation.embedder is not one for one in (self._embedder, *(g.embedder for g in self._open.values()))):
            generation.embedder.close()
        log.info("index.closed", index=number)


class CurrentRetriever:
    """:class:`wenyuan.ports.Retriever` on the index that answers when the question comes."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations

    async def retrieve(self, scope: AccessScope, question: str, limit: int) -> list[Evidence]:
        """See ``HybridRetriever.retrieve``; raises ``IndexRebuilding`` while no index can answer."""
        generation = self._generations.current()
        with generation.used():
            return await generation.retriever.retrieve(scope, question, limit)

    async def search_hits(self, scope: AccessScope, question: str, limit: int) -> list[Hit]:
        """See ``HybridRetriever.search_hits``; raises ``IndexRebuilding`` while no index can answer."""
        generation = self._generations.current()
        with generation.used():
            return await generation.retriever.search_hits(scope, question, limit)


def _retired_for(row: IndexRow, seconds: float) -> bool:
    return row.retired_at is not None and row.retired_at + seconds < time.time()
