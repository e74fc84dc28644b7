"""The index on a Qdrant cluster, through ``qdrant_client``."""

import asyncio
import warnings
from collections.abc import Iterator, Sequence
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
    Scored,
    fingerprint,
    first_fetch,
    next_fetch,
    ranked,
)
from retrieval.lexical import document_vector
from wenyuan.access import AccessScope
from wenyuan.answers import Hit
from wenyuan.errors import IndexMismatch, TransientError
from wenyuan.ports import IndexPoint, SparseVector, Vectors

#: The engine inside this process, for tests; it keeps nothing and searches slowly.
LOCAL: Final = ":memory:"
_TIMEOUT_S: Final = 30
_FINGERPRINT: Final = "fingerprint"
#: Candidates the graph keeps while searching: recall before speed.
_SEARCH: Final = models.SearchParams(hnsw_ef=256)


class ClientIndex:
    """:class:`wenyuan.ports.VectorIndex` on a Qdrant server or cluster (1.16 or newer: collection metadata)."""

    def __init__(self, client: AsyncQdrantClient, collection: str) -> None:
        """Use an opened client; see :meth:`open`."""
        self._client = client
        self._collection = collection

    @classmethod
    async def open(
        cls, url: str, collection: str, embedder_fingerprint: str, dimension: int, *, api_key: str | None = None
    ) -> Self:
        """Connect to ``url`` (or ``LOCAL``) and create the collection when it is not there.

        Raises ``IndexMismatch`` when the collection was filled by another embedder or another tokenisation,
        ``TransientError`` when the server does not answer.
        """
        if url == LOCAL:
            client = AsyncQdrantClient(LOCAL)
        else:
            # The check of versions is a call in the constructor, which would fail before errors are mapped.
            client = AsyncQdrantClient(url=url, api_key=api_key, timeout=_TIMEOUT_S, check_compatibility=False)
        index = cls(client, collection)
        try:
            await index._prepare(fingerprint(embedder_fingerprint), dimension)
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

    async def delete_document(self, document_id: str) -> None:
        """Remove every point of a document."""
        await self._delete(filters.document_filter(models, document_id))

    async def set_policy(self, document_id: str, policy_id: int) -> None:
        """Point every chunk of a document to another policy."""
        condition = filters.document_filter(models, document_id)
        with _transient():
            await self._client.set_payload(self._collection, {POLICY: policy_id}, points=condition, wait=True)

    async def count_version(self, version_id: str) -> int:
        """Return how many points of a version there are."""
        condition = filters.version_filter(models, version_id)
        with _transient():
            return (await self._client.count(self._collection, count_filter=condition, exact=True)).count

    async def search_dense(self, scope: AccessScope, vector: Vectors, limit: int) -> list[Hit]:
        """Return the ``limit`` nearest points the scope may see, by cosine, best first, equals by chunk id."""
        return await self._search(scope, vector.tolist(), limit, "dense")

    async def search_sparse(self, scope: AccessScope, query: SparseVector, limit: int) -> list[Hit]:
        """Return the ``limit`` best points the scope may see that share a term, best first, equals by chunk id."""
        if not query.indices:
            return []
        sparse = models.SparseVector(indices=list(query.indices), values=list(query.values))
        return await self._search(scope, sparse, limit, "sparse")

    async def point_ids(self) -> set[str]:
        """Return every chunk id in the index."""
        found: set[str] = set()
        offset: Any = None
        while True:
            with _transient():
                records, offset = await self._client.scroll(
                    self._collection, limit=PAGE, offset=offset, with_payload=False
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
        fetch: int | None = first_fetch(limit)
        found: list[Scored] = []
        while fetch is not None:
            with _transient():
                response = await self._client.query_points(
                    self._collection,
                    query=query,
                    using=DENSE if arm == "dense" else LEXICAL,
                    query_filter=condition,
                    search_params=_SEARCH,
                    limit=fetch,
                    with_payload=False,
                )
            found = [Scored(str(point.id), point.score) for point in response.points]
            fetch = next_fetch(found, fetch, limit)
        return ranked(found, limit, arm)

    async def _delete(self, condition: models.Filter) -> None:
        with _transient():
            await self._client.delete(self._collection, points_selector=condition, wait=True)

    async def _prepare(self, expected: str, dimension: int) -> None:
        with _transient():
            if not await self._client.collection_exists(self._collection):
                await self._create(expected, dimension)
            info = await self._client.get_collection(self._collection)
        found = (info.config.metadata or {}).get(_FINGERPRINT, "?")
        if found != expected:
            raise IndexMismatch(found=str(found), expected=expected)

    async def _create(self, expected: str, dimension: int) -> None:
        try:
            await self._client.create_collection(
                self._collection,
                vectors_config={DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
                sparse_vectors_config={LEXICAL: models.SparseVectorParams()},
                metadata={_FINGERPRINT: expected},
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


def _points(points: Sequence[IndexPoint]) -> list[models.PointStruct]:
    return [_point(point) for point in points]


def _point(point: IndexPoint) -> models.PointStruct:
    """Return the server's point: vectors, and a payload of ids only."""
    lexical = document_vector(point.text)
    return models.PointStruct(
        id=point.chunk_id,
        vector={
            DENSE: point.vector.tolist(),
            LEXICAL: models.SparseVector(indices=list(lexical.indices), values=list(lexical.values)),
        },
        payload={POLICY: point.policy_id, DOCUMENT: point.document_id, VERSION: point.version_id},
    )


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
