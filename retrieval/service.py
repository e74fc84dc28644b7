"""The retriever: a question and a scope in, evidence out."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

import structlog

from retrieval.crossing import crossing
from retrieval.fusion import fuse, lexical_weight
from retrieval.lexical import query_vector
from retrieval.query.dates import find_times, local_today
from retrieval.query.wording import Wording, word
from retrieval.querymap import QueryMap
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, Hit
from wenyuan.audit.record import Action
from wenyuan.audit.trail import item_of
from wenyuan.errors import TransientError
from wenyuan.models.endpoint import EndpointEmbedder
from wenyuan.ports import (
    Embedder,
    EvidenceStore,
    MakeVector,
    Related,
    Reranker,
    SparseVector,
    TermBase,
    VectorIndex,
    Vectors,
)
from wenyuan.settings import RetrievalSettings

log = structlog.get_logger(__name__)

#: Told the name of a stage (``encode``, ``search``, ``load``, ``rerank``) and its seconds.
StageTimer = Callable[[str, float], None]

#: Candidates an arm gives at most while refilling: a bound on the work of one question.
_MAX_CANDIDATES: Final = 12_800
#: Characters of a question that is looked at in the event loop (half a millisecond each time).
_SHORT: Final = 120
_T = TypeVar("_T")


def _untimed(stage: str, seconds: float) -> None:
    """Drop a timing."""


@dataclass(slots=True)
class _Sides:
    """The dense and the sparse side of a question, each from when its arm has made it.

    ``wording``: what is searched for the question; ``related``: what the spaces of the scope call its things, None
    until they are asked. ``share``: how much of the learned step its vector took, 0..1.
    """

    wording: Wording
    related: tuple[Related, ...] | None = None
    vector: Vectors | None = None
    share: float = 0.0
    terms: SparseVector | None = None


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
        # Who waits for an endpoint must not hold a thread that others need to search.
        self._remote = isinstance(embedder, EndpointEmbedder)
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
        sides = await self._read(scope, question)
        wanted = limit if self._reranker is None else max(limit, self._settings.rerank_pool)
        candidates = max(self._settings.candidates, wanted)
        loaded: dict[str, Evidence] = {}
        tried: set[str] = set()
        while True:
            hits, exhausted = await self._search(scope, sides, candidates)
            await self._load(scope, hits, tried, loaded, wanted)
            if len(loaded) >= wanted or exhausted or candidates >= _MAX_CANDIDATES:
                return (await self._rerank(scope, sides, _ordered(hits, loaded)[:wanted]))[:limit]
            candidates = min(candidates * 2, _MAX_CANDIDATES)

    async def search_hits(self, scope: AccessScope, question: str, limit: int) -> list[Hit]:
        """Return up to ``limit`` fused hits under ``scope``, without text and without the check of the database."""
        if limit < 1 or not question.strip():
            return []
        hits, _ = await self._search(scope, await self._read(scope, question), max(self._settings.candidates, limit))
        return hits[:limit]

    async def _read(self, scope: AccessScope, question: str) -> _Sides:
        """Return what is searched for the question. Terms of the spaces are asked first where they may go before."""
        wording = await _aside(question, lambda: word(question, known=self._settings.vocabulary))
        if not (wording.matches or wording.slips) or self._terms is None:
            return _Sides(wording)
        taken = await self._terms.related(scope, wording.words)
        known = self._settings.vocabulary
        return _Sides(word(question, known=known, taken=taken) if taken else wording, taken)

    async def _search(self, scope: AccessScope, sides: _Sides, candidates: int) -> tuple[list[Hit], bool]:
        """Return the fused hits of both arms, and whether neither arm has more than these.

        The arms run side by side from the question to their hits: the words are found and searched while the vector is
        made. The stage ``search`` is what is waited for beyond that vector.
        """
        start = time.perf_counter()
        (near, encoded), (said, terms) = await asyncio.gather(
            self._nearest(scope, sides, candidates), self._saying(scope, sides, candidates)
        )
        exhausted = len(said) < candidates
        weight = lexical_weight(sides.wording.text, terms, said, self._settings.lexical_weight)
        hits = fuse(near, said, weight, sparse_exhausted=exhausted)
        self._on_stage("search", time.perf_counter() - start - encoded)
        return hits, len(near) < candidates and exhausted

    async def _nearest(self, scope: AccessScope, sides: _Sides, candidates: int) -> tuple[list[Hit], float]:
        """Return the hits of the dense arm with their cosines, and the seconds that making the vector took."""
        start = time.perf_counter()
        encoded = 0.0

        def encode() -> Vectors:
            nonlocal encoded
            sides.vector, sides.share = self._encode(sides.wording.rewritten)
            encoded = time.perf_counter() - start
            return sides.vector

        vector: Vectors | MakeVector = encode if sides.vector is None else sides.vector
        if sides.vector is None and self._remote:
            vector = await asyncio.to_thread(encode)
        hits = await self._index.search_dense(scope, vector, candidates)
        if encoded:
            self._on_stage("encode", encoded)
        if self._map is not None and sides.share > 0:
            hits = [Hit(hit.chunk_id, self._map.cosine(hit.score, sides.share), hit.rank) for hit in hits]
        return hits, encoded

    def _encode(self, text: str) -> tuple[Vectors, float]:
        """Return the vector that is searched for a text, and its share of the learned step; blocking."""
        vectors = self._embedder.embed_queries([text])
        if self._map is None:
            return vectors[0], 0.0
        gates = self._map.gate(vectors)
        return self._map(vectors, gates)[0], float(gates[0])

    async def _saying(self, scope: AccessScope, sides: _Sides, candidates: int) -> tuple[list[Hit], SparseVector]:
        """Return the hits of the lexical arm, and the terms that were searched.

        Beside those of the question they are what the spaces of the scope and the vocabulary call its things, what
        documents write for times such as 去年, and what slips were meant to be.
        """
        if not self._words:
            return [], SparseVector((), ())
        if sides.terms is None:
            if sides.related is None and self._terms is not None:
                sides.related = await self._terms.related(scope, sides.wording.words)
            related = sides.related or ()
            sides.terms = await _aside(sides.wording.words, lambda: self._query_terms(sides.wording, related))
        return await self._index.search_sparse(scope, sides.terms, candidates), sides.terms

    def _query_terms(self, wording: Wording, related: Sequence[Related]) -> SparseVector:
        """Return the sparse side of the question; blocking."""
        times = find_times(wording.text, self._today())
        others = [*related, *wording.related, *(Related(time.text, time.written) for time in times)]
        if self._settings.crossing:
            others += crossing(wording.text)
        return query_vector(wording.words, others, idf=self._settings.idf == "background")

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

    async def _rerank(self, scope: AccessScope, sides: _Sides, evidence: list[Evidence]) -> list[Evidence]:
        """Return the evidence in the reranker's order, or as it is without one, when it fails or need not be asked."""
        if self._reranker is None or not evidence or self._certain(evidence):
            return evidence
        if self._reranker.endpoint is not None:
            scope.trail.note(Action.MODEL, [item_of(piece) for piece in evidence], self._reranker.endpoint)
            await scope.trail.settle()
        start = time.perf_counter()
        try:
            async with asyncio.timeout(self._settings.rerank_s):
                ranked = await self._reranker.rerank(sides.wording.rewritten, evidence)
        except TransientError as error:
            log.warning("rerank.failed", reranker=self._reranker.name, code=error.code, **error.params)
            return evidence
        except TimeoutError:
            log.warning("rerank.slow", reranker=self._reranker.name, seconds=self._settings.rerank_s)
            return evidence
        finally:
            self._on_stage("rerank", time.perf_counter() - start)
        offline = self._reranker.endpoint is None
        return in_order(evidence, ranked) if offline and sides.share > self._settings.rerank_below else ranked

    def _certain(self, evidence: Sequence[Evidence]) -> bool:
        """Return whether the first passage leads so far that no reranker is asked."""
        lead = self._settings.rerank_certain
        return lead is not None and (len(evidence) < 2 or evidence[0].score - evidence[1].score >= lead)


async def _aside(text: str, call: Callable[[], _T]) -> _T:
    """Return what ``call`` makes of a text: a short one takes less time than changing threads twice would."""
    return call() if len(text) <= _SHORT else await asyncio.to_thread(call)


def in_order(evidence: Sequence[Evidence], ranked: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence as it stands, with the relevances of a reranker from the highest down."""
    return [replace(item, score=other.score) for item, other in zip(evidence, ranked, strict=True)]


def _ordered(hits: Sequence[Hit], loaded: dict[str, Evidence]) -> list[Evidence]:
    """Return the loaded evidence in the order and with the scores of the last fusion."""
    return [
        replace(loaded[hit.chunk_id], score=hit.score, dense=hit.dense, sparse=hit.sparse)
        for hit in hits
        if hit.chunk_id in loaded
    ]
