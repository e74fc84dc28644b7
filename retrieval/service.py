"""The retriever: a question and a scope in, evidence out."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import structlog

from retrieval.fusion import fuse, lexical_weight
from retrieval.lexical import query_vector
from retrieval.query.dates import find_times, local_today
from retrieval.querymap import QueryMap
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, Hit
from wenyuan.errors import TransientError
from wenyuan.ports import Embedder, EvidenceStore, Related, Reranker, SparseVector, TermBase, VectorIndex, Vectors
from wenyuan.settings import RetrievalSettings
from wenyuan.words.slips import find_slips

log = structlog.get_logger(__name__)

#: Told the name of a stage (``encode``, ``search``, ``load``, ``rerank``) and its seconds.
StageTimer = Callable[[str, float], None]

#: Candidates an arm gives at most while refilling: a bound on the work of one question.
_MAX_CANDIDATES: Final = 12_800


def _untimed(stage: str, seconds: float) -> None:
    """Drop a timing."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """The dense and the sparse side of a question, and how much of the learned step its vector took, 0..1."""

    vector: Vectors
    terms: SparseVector
    share: float


class HybridRetriever:
    """:class:`wenyuan.ports.Retriever`: dense and lexical search under the scope, fused, texts loaded through it."""

    def __init__(
        self,
        index: VectorIndex,
        evidence: EvidenceStore,
        embedder: Embedder,
        settings: RetrievalSettings,
        on_stage: StageTimer = _untimed,
        reranker: Reranker | None = None,
        terms: TermBase | None = None,
        today: Callable[[], date] = local_today,
        *,
        words: bool = True,
    ) -> None:
        """Join the parts; ``on_stage`` is called in the event loop and must be quick.

        Without ``words`` the lexical arm is silent: an index whose terms are not those of today knows none of them.
        """
        self._words = words
        self._today = today
        self._terms = terms
        self._index = index
        self._evidence = evidence
        self._embedder = embedder
        self._settings = settings
        self._on_stage = on_stage
        self._reranker = reranker
        self._map = QueryMap.open(embedder) if settings.query_map else None

    async def retrieve(self, scope: AccessScope, question: str, limit: int) -> list[Evidence]:
        """Return up to ``limit`` passages that ``scope`` may read now, best first.

        ``Evidence.score`` is the reranker's relevance (see :class:`wenyuan.ports.Reranker`), or the fused score
        without a reranker and where it failed; ``dense`` (a cosine, see :meth:`QueryMap.cosine`) and ``sparse`` (BM25)
        are those of the arms, None where an arm did not return the passage. With a reranker at least ``rerank_pool``
        passages are loaded and judged. When hits fall away in the load, because their policy or version changed since
        they were indexed, twice the candidates are searched, until enough passages are found or both arms have no more.
        """
        if limit < 1 or not question.strip():
            return []
        sides = await self._encode(scope, question)
        wanted = limit if self._reranker is None else max(limit, self._settings.rerank_pool)
        candidates = max(self._settings.candidates, wanted)
        loaded: dict[str, Evidence] = {}
        tried: set[str] = set()
        while True:
            hits, exhausted = await self._search(scope, question, sides, candidates)
            await self._load(scope, hits, tried, loaded, wanted)
            if len(loaded) >= wanted or exhausted or candidates >= _MAX_CANDIDATES:
                return (await self._rerank(question, _ordered(hits, loaded)[:wanted]))[:limit]
            candidates = min(candidates * 2, _MAX_CANDIDATES)

    async def search_hits(self, scope: AccessScope, question: str, limit: int) -> list[Hit]:
        """Return up to ``limit`` fused hits under ``scope``, without text and without the check of the database."""
        if limit < 1 or not question.strip():
            return []
        sides = await self._encode(scope, question)
        hits, _ = await self._search(scope, question, sides, max(self._settings.candidates, limit))
        return hits[:limit]

    async def _encode(self, scope: AccessScope, question: str) -> _Sides:
        """Return the dense and the sparse side of the question, made beside the event loop."""
        start = time.perf_counter()
        vectors, terms = await asyncio.gather(
            asyncio.to_thread(self._embedder.embed_queries, [question]), self._lexical(scope, question)
        )
        share = 0.0
        if self._map is not None:
            share = float(self._map.gate(vectors)[0])
            vectors = self._map(vectors)
        self._on_stage("encode", time.perf_counter() - start)
        return _Sides(vectors[0], terms, share)

    async def _lexical(self, scope: AccessScope, question: str) -> SparseVector:
        """Return the sparse side of the question, with other words for the same things and times, and for slips.

        Those for things are what the spaces of the scope say, those for times what documents write for 去年.
        """
        if not self._words:
            return SparseVector((), ())
        related = () if self._terms is None else await self._terms.related(scope, question)
        times = find_times(question, self._today())
        slips = await asyncio.to_thread(find_slips, question)
        related = (*related, *(Related(time.text, time.written) for time in times))
        related = (*related, *(Related(slip.text, (slip.meant,)) for slip in slips))
        background = self._settings.idf == "background"
        return await asyncio.to_thread(query_vector, question, related, idf=background)

    async def _search(
        self, scope: AccessScope, question: str, sides: _Sides, candidates: int
    ) -> tuple[list[Hit], bool]:
        """Return the fused hits of both arms, and whether neither arm has more than these."""
        start = time.perf_counter()
        dense, sparse = await asyncio.gather(
            self._index.search_dense(scope, sides.vector, candidates),
            self._index.search_sparse(scope, sides.terms, candidates),
        )
        if self._map is not None:
            dense = [replace(hit, score=self._map.cosine(hit.score, sides.share)) for hit in dense]
        sparse_exhausted = len(sparse) < candidates
        weight = lexical_weight(question, sides.terms, sparse, self._settings.lexical_weight)
        hits = fuse(dense, sparse, weight, sparse_exhausted=sparse_exhausted)
        self._on_stage("search", time.perf_counter() - start)
        return hits, len(dense) < candidates and sparse_exhausted

    async def _load(
        self, scope: AccessScope, hits: Sequence[Hit], tried: set[str], loaded: dict[str, Evidence], limit: int
    ) -> None:
        """Load hits not tried before, best first and no more than needed, until ``limit`` are loaded in all."""
        start = time.perf_counter()
        fresh = [hit for hit in hits if hit.chunk_id not in tried]
        while fresh and len(loaded) < limit:
            portion, fresh = fresh[: limit - len(loaded)], fresh[limit - len(loaded) :]
            tried.update(hit.chunk_id for hit in portion)
            for evidence in await self._evidence.load(scope, portion):
                loaded[evidence.chunk_id] = evidence
        self._on_stage("load", time.perf_counter() - start)

    async def _rerank(self, question: str, evidence: list[Evidence]) -> list[Evidence]:
        """Return the evidence in the reranker's order, or as it is without one or when it fails."""
        if self._reranker is None or not evidence:
            return evidence
        start = time.perf_counter()
        try:
            return await self._reranker.rerank(question, evidence)
        except TransientError as error:
            log.warning("rerank.failed", reranker=self._reranker.name, code=error.code, **error.params)
            return evidence
        finally:
            self._on_stage("rerank", time.perf_counter() - start)


def _ordered(hits: Sequence[Hit], loaded: dict[str, Evidence]) -> list[Evidence]:
    """Return the loaded evidence in the order and with the scores of the last fusion."""
    return [
        replace(loaded[hit.chunk_id], score=hit.score, dense=hit.dense, sparse=hit.sparse)
        for hit in hits
        if hit.chunk_id in loaded
    ]
