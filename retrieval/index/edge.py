"""The index in process: ``qdrant_edge`` in a folder that one process holds.

Vectors are searched without a graph, so that recall does not depend on what a filter leaves of one. Where the scope
sees few points the engine compares them; where it sees many, copies of one byte a dimension are compared first
(:mod:`retrieval.index.copies`) and half as many again as are wanted then by the engine, under the same filter. The
time grows with the points that the scope sees. ``exact`` never looks at the copies.
"""

import asyncio
import math
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import numpy as np
import qdrant_edge as engine

from retrieval.index import filters
from retrieval.index.common import (
    BATCH,
    DENSE,
    DOCUMENT,
    FIELD,
    LEXICAL,
    PAGE,
    POLICY,
    VERSION,
    Arm,
    by_policy,
    fingerprint,
    first_fetch,
    grouped,
    lacking,
    nearest,
    next_fetch,
    payload,
    ranked,
    weighs_terms,
)
from retrieval.index.copies import Copies, Point
from retrieval.index.folder import FolderLock, claim_fingerprint, sync_folder
from retrieval.lexical import FINGERPRINT, document_vector
from wenyuan.access import AccessScope
from wenyuan.answers import Hit
from wenyuan.errors import TransientError
from wenyuan.ports import IndexPoint, MakeVector, SparseVector, VectorField, Vectors

_READERS: Final = 2
#: Points that the scope sees up to which vectors are compared without their copies.
EXACT_POINTS: Final = 5_000
#: How many times the points that are wanted are taken from the copies.
OVERSAMPLING: Final = 1.5
#: Vectors in KiB that the engine keeps as they came; more of them are put in order when the index is opened, in parts
#: of the second size that stay as they are from then on.
_PLAIN_KIB: Final = 16_384
_PART_KIB: Final = 131_072
#: Points that a filter may leave for the engine to compare their terms instead of reading the lists of the terms.
_FEW: Final = 500
#: Points read from the engine at once to copy them.
_PORTION: Final = 1024
_EXACT: Final = engine.SearchParams(exact=True)
_T = TypeVar("_T")

#: Gives the filter for a search of so many points.
Among = Callable[[int], engine.Filter]


class EdgeIndex:
    """:class:`wenyuan.ports.VectorIndex` on Qdrant Edge.

    Searches run on a few reader threads (the engine frees the interpreter meanwhile), writes one after another on a
    thread of their own and return after a flush to disk. Deleted points keep their room until the index is opened
    again: the engine stops the whole process while it puts its parts in order.
    """

    def __init__(
        self, folder: Path, embedder: str, dimension: int, lexical: str = FINGERPRINT, *, exact: bool = False
    ) -> None:
        """Open or create the index in ``folder``; blocking, see :meth:`open`."""
        self._lock = FolderLock(folder)
        try:
            claim_fingerprint(folder, fingerprint(embedder, lexical))
            self._shard = _open_shard(folder, _config(dimension, corpus_idf=weighs_terms(lexical)))
            self._copies = Copies(folder / "copies", dimension)
            self._mend()
        except BaseException:
            self._lock.release()
            raise
        self._exact = exact
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="index-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="index-write")
        self._closing = threading.Lock()
        self._closed = False

    @classmethod
    async def open(
        cls, folder: Path, embedder: str, dimension: int, lexical: str = FINGERPRINT, *, exact: bool = False
    ) -> Self:
        """Open or create the index of vectors of ``dimension`` from the embedder with this fingerprint.

        Raises ``IndexLocked`` when another process holds the folder, ``IndexMismatch`` when another embedder or
        another tokenisation filled it. ``lexical`` is what ``lexical_fingerprint`` returns; with ``exact`` vectors are
        always compared without their copies.
        """
        return await asyncio.to_thread(lambda: cls(folder, embedder, dimension, lexical, exact=exact))

    async def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write or overwrite points; they survive a kill of the process once this returns."""
        await self._write(lambda: self._upsert(points))

    async def delete_version(self, version_id: str) -> None:
        """Remove every point of a version."""
        condition = filters.version_filter(engine, version_id)
        await self._write(lambda: self._remove(condition, version=version_id))

    async def delete_questions(self, version_id: str) -> None:
        """Remove the points of a version that are questions."""
        condition = filters.questions_filter(engine, version_id)
        await self._write(lambda: self._remove(condition, version=version_id, questions=True))

    async def delete_document(self, document_id: str) -> None:
        """Remove every point of a document."""
        condition = filters.document_filter(engine, document_id)
        await self._write(lambda: self._remove(condition, document=document_id))

    async def set_policy(self, document_id: str, policy_id: int, parts: Mapping[str, int] | None = None) -> None:
        """Point every chunk of a document to another policy, those in ``parts`` to the policy given there by chunk."""
        document = filters.document_filter(engine, document_id)

        def move() -> None:
            self._copies.move(document_id, policy_id)
            self._shard.update(engine.UpdateOperation.set_payload_by_filter(document, {POLICY: policy_id}))
            if not parts:
                return
            for policy, points in by_policy(self._point_ids(document), parts).items():
                self._copies.move(document_id, policy, points)
                for start in range(0, len(points), BATCH):
                    some: list[engine.PointId] = [*points[start : start + BATCH]]
                    self._shard.update(engine.UpdateOperation.set_payload(some, {POLICY: policy}))

        await self._write(move)

    async def count_version(self, version_id: str) -> int:
        """Return how many chunks of a version there are: questions are not counted."""
        request = engine.CountRequest(exact=True, filter=filters.texts_filter(engine, version_id))
        return await self._read(lambda: self._shard.count(request))

    async def search_dense(self, scope: AccessScope, vector: Vectors | MakeVector, limit: int) -> list[Hit]:
        """Return the ``limit`` chunks the scope may see whose vectors are nearest, scored as ``ranked`` says."""
        if limit < 1 or filters.sees_nothing(scope):
            return []
        # Made on the thread that searches: each change of threads waits for the interpreter, twice.
        return await self._read(lambda: self._dense(scope, vector() if callable(vector) else vector, limit))

    async def search_sparse(self, scope: AccessScope, query: SparseVector, limit: int) -> list[Hit]:
        """Return the ``limit`` best chunks the scope may see that share a term, best first, equals by chunk id."""
        if limit < 1 or not query.indices or filters.sees_nothing(scope):
            return []
        sparse = engine.SparseVector(list(query.indices), list(query.values))
        nearest = engine.Query.Nearest(sparse, LEXICAL)
        condition = filters.scope_filter(engine, scope)
        return await self._read(lambda: self._search(scope, nearest, limit, "sparse", lambda _: condition))

    async def point_ids(self) -> set[str]:
        """Return the id of every point."""
        return await self._read(self._point_ids)

    async def ping(self) -> None:
        """Raise ``TransientError`` when the index was closed; the engine has no other way to be away."""
        if self._closed:
            raise TransientError

    async def close(self) -> None:
        """Wait for running calls, flush, and release the folder. Further calls raise ``RuntimeError``."""
        await asyncio.to_thread(self._close)

    async def _read(self, call: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, call)

    async def _write(self, change: Callable[[], None]) -> None:
        def run() -> None:
            change()
            self._shard.flush()

        # Shielded: a caller that gives up must not leave the engine with a write nobody waits for at close.
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writer, run))

    def _dense(self, scope: AccessScope, vector: Vectors, limit: int) -> list[Hit]:
        condition = filters.scope_filter(engine, scope)
        among: Among = lambda _: condition  # noqa: E731
        if not self._exact:
            seen = self._copies.visible(scope)
            if len(seen.places) > EXACT_POINTS:
                among = lambda fetch: filters.points_filter(  # noqa: E731
                    engine, scope, self._copies.best(seen, vector, math.ceil(fetch * OVERSAMPLING))
                )
        return self._search(scope, engine.Query.Nearest(vector.tolist(), DENSE), limit, "dense", among)

    def _search(self, scope: AccessScope, query: engine.Query, limit: int, arm: Arm, among: Among) -> list[Hit]:
        """Return the hits of a query; ``among`` gives the filter for so many points, always within the scope."""
        fetch = first_fetch(limit)
        while True:
            found = grouped(self._points(query, among(fetch), fetch))
            more = next_fetch(found, fetch, limit)
            if more is None:
                break
            fetch = more
        chunks = nearest(found, limit)
        texts: dict[str, float] = {}
        if missing := lacking(chunks):
            texts = dict(self._points(query, filters.points_filter(engine, scope, missing), len(missing)))
        return ranked(chunks, texts, arm)

    def _points(self, query: engine.Query, condition: engine.Filter, limit: int) -> list[tuple[str, float]]:
        request = engine.SearchRequest(query, limit, filter=condition, params=_EXACT)
        return [(str(point.id), point.score) for point in self._shard.search(request)]

    def _mend(self) -> None:
        """Copy what has no copy, after a crash or in an index of before there were copies; drop what is no more."""
        if len(self._copies) == self._shard.count(engine.CountRequest(exact=True)):
            return
        has, stands = self._copies.points(), self._point_ids()
        self._copies.forget(has - stands)
        lacks = sorted(stands - has)
        for start in range(0, len(lacks), _PORTION):
            some: list[engine.PointId] = [*lacks[start : start + _PORTION]]
            records = self._shard.retrieve(some, with_payload=True, with_vector=[DENSE])
            self._copies.put([_stored(record) for record in records])

    def _remove(self, condition: engine.Filter, **which: Any) -> None:
        self._copies.remove(**which)
        self._shard.update(engine.UpdateOperation.delete_points_by_filter(condition))

    def _upsert(self, points: Sequence[IndexPoint]) -> None:
        self._copies.put([_copied(point) for point in points])
        for start in range(0, len(points), BATCH):
            batch = [_point(point) for point in points[start : start + BATCH]]
            self._shard.update(engine.UpdateOperation.upsert_points(batch))

    def _point_ids(self, condition: engine.Filter | None = None) -> set[str]:
        found: set[str] = set()
        offset: engine.PointId | None = None
        while True:
            request = engine.ScrollRequest(offset=offset, limit=PAGE, filter=condition, with_payload=False)
            records, offset = self._shard.scroll(request)
            found.update(str(record.id) for record in records)
            if offset is None:
                return found

    def _close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._readers.shutdown(wait=True)
            self._writer.shutdown(wait=True)
            self._shard.flush()
            self._shard.close()
            self._copies.close()
            self._lock.release()


def _point(point: IndexPoint) -> engine.Point:
    """Return the engine's point: vectors, and a payload of ids only. The words of a question are not searched."""
    vectors: dict[str, Any] = {DENSE: point.vector.tolist()}
    if point.field is VectorField.TEXT:
        lexical = document_vector(point.text)
        vectors[LEXICAL] = engine.SparseVector(list(lexical.indices), list(lexical.values))
    return engine.Point(point.id, vectors, payload(point))


def _stored(record: engine.Record) -> Point:
    """Return what is copied of a point that the engine has."""
    ids: Any = record.payload
    vectors: Any = record.vector
    vector = np.array(vectors[DENSE], np.float32)
    return Point(str(record.id), ids[DOCUMENT], ids[VERSION], ids[POLICY], FIELD in ids, vector)


def _copied(point: IndexPoint) -> Point:
    """Return what is copied of a point that is written."""
    question = point.field is VectorField.QUESTION
    return Point(point.id, point.document_id, point.version_id, point.policy_id, question, point.vector)


def _open_shard(folder: Path, config: engine.EdgeConfig) -> engine.EdgeShard:
    """Load the shard of ``folder``, or make one beside it and move it in, so that a crash leaves none half made."""
    place, partial = folder / "shard", folder / "shard.partial"
    if not place.exists():
        shutil.rmtree(partial, ignore_errors=True)
        shard = engine.EdgeShard.create(str(partial), config)
        for field, kind in (
            (POLICY, engine.PayloadSchemaType.Integer),
            (DOCUMENT, engine.PayloadSchemaType.Keyword),
            (VERSION, engine.PayloadSchemaType.Keyword),
        ):
            shard.update(engine.UpdateOperation.create_field_index(field, kind))
        shard.flush()
        shard.close()
        partial.rename(place)
        sync_folder(folder)
    shard = engine.EdgeShard.load(str(place), config)
    shard.optimize()
    return shard


def _config(dimension: int, *, corpus_idf: bool) -> engine.EdgeConfig:
    """Return one dense and one sparse vector a point, without a graph."""
    return engine.EdgeConfig(
        vectors={DENSE: engine.EdgeVectorParams(dimension, engine.Distance.Cosine, memory=engine.Memory.Cached)},
        sparse_vectors={
            LEXICAL: engine.EdgeSparseVectorParams(
                full_scan_threshold=_FEW,
                memory=engine.Memory.Cached,
                modifier=engine.Modifier.Idf if corpus_idf else None,
            )
        },
        hnsw_config=engine.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=0),
        optimizers=engine.EdgeOptimizersConfig(
            default_segment_number=1, max_segment_size=_PART_KIB, indexing_threshold=_PLAIN_KIB
        ),
        # A search stays on the thread that asked for it: the engine's own threads would be woken for each, and spin.
        max_search_threads=1,
    )
