"""The index on a Qdrant cluster, through ``qdrant_client``."""

import asyncio
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final, Self

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from retrieval.index import filters
from retrieval.index.common import (
    BATCH,
    DENSE,
    DOCUMENT,
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
from retrieval.lexical import FINGERPRINT, document_vector
from wenyuan.access import AccessScope
from wenyuan.answers import Hit
from wenyuan.errors import IndexMismatch, TransientError
from wenyuan.ports import IndexPoint, MakeVector, SparseVector, VectorField, Vectors

#: The engine inside this process, for tests; it keeps nothing and searches slowly.
LOCAL: Final = ":memory:"
_TIMEOUT_S: Final = 30
_NOTE: Final = "fingerprint"
#: Candidates the graph keeps while searching: recall before speed.
_SEARCH: Final = models.SearchParams(hnsw_ef=256)
_EXACT: Final = models.SearchParams(exact=True)
#: Vectors in KiB that a filter may leave for the server to compare them all instead of searching its graph.
_COMPARED_KIB: Final = 32_768


class ClientIndex:
    """:class:`wenyuan.ports.VectorIndex` on a Qdrant server or cluster (1.16 or newer: collection metadata)."""

    def __init__(self, client: AsyncQdrantClient, collection: str, *, exact: bool = False) -> None:
        """Use an opened client; see :meth:`open`."""
        self._client = client
        self._params = _EXACT if exact else _SEARCH
        self._collection = collection

    @classmethod
    async def open(
        cls,
        url: str,
        collection: str,
        embedder: str,
        dimension: int,
        lexical: str = FINGERPRINT,
        *,
        api_key: str | None = None,
        exact: bool = False,
    ) -> Self:
        """Connect to ``url`` (or ``LOCAL``) and create the collection when it is not there.

        Raises ``IndexMismatch`` when the collection was filled by another embedder or another tokenisation,
        ``TransientError`` when the server does not answer. ``lexical`` is what ``lexical_fingerprint`` returns; with
        ``exact`` the server never searches its graph.
        """
        client = _connect(url, api_key)
        index = cls(client, collection, exact=exact)
        try:
            await index._prepare(fingerprint(embedder, lexical), dimension, corpus_idf=weighs_terms(lexical))
        except BaseException:
            await client.close()
            raise
        return index

    async def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write or overwrite points; returns when the server has applied them."""
        with _transient():
            for start in range(0, len(points), BATCH):
                batch = await asyncio.to_thread(_points, points[start : start + BATCH])
                await self._client.upsert(self._collection, batch, wait=True)

    async def delete_version(self, version_id: str) -> None:
        """Remove every point of a version."""
        await self._delete(filters.version_filter(models, version_id))

    async def delete_questions(self, version_id: str) -> None:
        """Remove the points of a version that are questions."""
        await self._delete(filters.questions_filter(models, version_id))

    async def delete_document(self, document_id: str) -> None:
        """Remove every point of a document."""
        await self._delete(filters.document_filter(models, document_id))

    async def set_policy(self, document_id: str, policy_id: int, parts: Mapping[str, int] | None = None) -> None:
        """Point every chunk of a document to another policy, those in ``parts`` to the policy given there by chunk."""
        condition = filters.document_filter(models, document_id)
        with _transient():
            await self._client.set_payload(self._collection, {POLICY: policy_id}, points=condition, wait=True)
        if not parts:
            return
        for policy, points in by_policy(await self._scrolled(condition), parts).items():
            for start in range(0, len(points), BATCH):
                some: Any = points[start : start + BATCH]
                with _transient():
                    await self._client.set_payload(self._collection, {POLICY: policy}, points=some, wait=True)

    async def count_version(self, version_id: str) -> int:
        """Return how many chunks of a version there are: questions are not counted."""
        condition = filters.texts_filter(models, version_id)
        with _transient():
            return (await self._client.count(self._collection, count_filter=condition, exact=True)).count

    async def search_dense(self, scope: AccessScope, vector: Vectors | MakeVector, limit: int) -> list[Hit]:
        """Return the ``limit`` chunks the scope may see whose vectors are nearest, scored as ``ranked`` says."""
        if limit < 1 or filters.sees_nothing(scope):
            return []
        if callable(vector):
            vector = await asyncio.to_thread(vector)
        return await self._search(scope, vector.tolist(), limit, "dense")

    async def search_sparse(self, scope: AccessScope, query: SparseVector, limit: int) -> list[Hit]:
        """Return the ``limit`` best chunks the scope may see that share a term, best first, equals by chunk id."""
        if not query.indices:
            return []
        sparse = models.SparseVector(indices=list(query.indices), values=list(query.values))
        return await self._search(scope, sparse, limit, "sparse")

    async def point_ids(self) -> set[str]:
        """Return the id of every point."""
        return await self._scrolled()

    async def _scrolled(self, condition: models.Filter | None = None) -> set[str]:
        found: set[str] = set()
        offset: Any = None
        while True:
            with _transient():
                records, offset = await self._client.scroll(
                    self._collection, scroll_filter=condition, limit=PAGE, offset=offset, with_payload=False
                )
            found.update(str(record.id) for record in records)
            if offset is None:
                return found

    async def ping(self) -> None:
        """Raise ``TransientError`` when the server does not answer or no longer has the collection."""
        with _transient():
            if not await self._client.collection_exists(self._collection):
                raise TransientError

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _search(
        self, scope: AccessScope, query: list[float] | models.SparseVector, limit: int, arm: Arm
    ) -> list[Hit]:
        if limit < 1 or filters.sees_nothing(scope):
            return []
        condition = filters.scope_filter(models, scope)
        fetch = first_fetch(limit)
        while True:
            found = grouped(await self._points(query, condition, fetch, arm))
            more = next_fetch(found, fetch, limit)
            if more is None:
                break
            fetch = more
        chunks = nearest(found, limit)
        texts: dict[str, float] = {}
        if missing := lacking(chunks):
            texts = dict(await self._points(query, filters.points_filter(models, scope, missing), len(missing), arm))
        return ranked(chunks, texts, arm)

    async def _points(
        self, query: list[float] | models.SparseVector, condition: models.Filter, limit: int, arm: Arm
    ) -> list[tuple[str, float]]:
        with _transient():
            response = await self._client.query_points(
                self._collection,
                query=query,
                using=DENSE if arm == "dense" else LEXICAL,
                query_filter=condition,
                search_params=self._params,
                limit=limit,
                with_payload=False,
            )
        return [(str(point.id), point.score) for point in response.points]

    async def _delete(self, condition: models.Filter) -> None:
        with _transient():
            await self._client.delete(self._collection, points_selector=condition, wait=True)

    async def _prepare(self, expected: str, dimension: int, *, corpus_idf: bool) -> None:
        with _transient():
            if not await self._client.collection_exists(self._collection):
                await self._create(expected, dimension, models.Modifier.IDF if corpus_idf else None)
            info = await self._client.get_collection(self._collection)
        found = (info.config.metadata or {}).get(_NOTE, "?")
        if found != expected:
            raise IndexMismatch(found=str(found), expected=expected)

    async def _create(self, expected: str, dimension: int, modifier: models.Modifier | None) -> None:
        try:
            await self._client.create_collection(
                self._collection,
                vectors_config={DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
                sparse_vectors_config={LEXICAL: models.SparseVectorParams(modifier=modifier)},
                hnsw_config=models.HnswConfigDiff(full_scan_threshold=_COMPARED_KIB),
                metadata={_NOTE: expected},
            )
        except UnexpectedResponse as error:
            if error.status_code != HTTPStatus.CONFLICT:  # else another process was quicker
                raise
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Payload indexes have no effect in the local Qdrant")
            for field, kind in (
                (POLICY, models.PayloadSchemaType.INTEGER),
                (DOCUMENT, models.PayloadSchemaType.KEYWORD),
                (VERSION, models.PayloadSchemaType.KEYWORD),
            ):
                await self._client.create_payload_index(self._collection, field, kind, wait=True)


async def found_fingerprint(url: str, collection: str, api_key: str | None) -> str | None:
    """Return what a collection was filled by, None where there is none; raises ``TransientError``."""
    client = _connect(url, api_key)
    try:
        with _transient():
            if not await client.collection_exists(collection):
                return None
            info = await client.get_collection(collection)
    finally:
        await client.close()
    return str((info.config.metadata or {}).get(_NOTE, "?"))


async def drop(url: str, collection: str, api_key: str | None) -> None:
    """Remove a collection if it is there; raises ``TransientError``."""
    client = _connect(url, api_key)
    try:
        with _transient():
            await client.delete_collection(collection)
    finally:
        await client.close()


def _connect(url: str, api_key: str | None) -> AsyncQdrantClient:
    if url == LOCAL:
        return AsyncQdrantClient(LOCAL)
    # The check of versions is a call in the constructor, which would fail before errors are mapped.
    return AsyncQdrantClient(url=url, api_key=api_key, timeout=_TIMEOUT_S, check_compatibility=False)


def _points(points: Sequence[IndexPoint]) -> list[models.PointStruct]:
    return [_point(point) for point in points]


def _point(point: IndexPoint) -> models.PointStruct:
    """Return the server's point: vectors, and a payload of ids only. The words of a question are not searched."""
    vectors: dict[str, Any] = {DENSE: point.vector.tolist()}
    if point.field is VectorField.TEXT:
        lexical = document_vector(point.text)
        vectors[LEXICAL] = models.SparseVector(indices=list(lexical.indices), values=list(lexical.values))
    return models.PointStruct(id=point.id, vector=vectors, payload=payload(point))


@contextmanager
def _transient() -> Iterator[None]:
    """Turn a server that is away or in trouble into ``TransientError``; a refused request stays what it is."""
    try:
        yield
    except ResponseHandlingException as error:
        raise TransientError from error
    except UnexpectedResponse as error:
        if error.status_code is not None and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        raise TransientError from error
