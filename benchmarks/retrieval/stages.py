"""The stages of retrieval over one set: rankings of each, and the milliseconds it costs."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.retrieval.exact import BIGRAMS, Searched, query_of_kinds
from benchmarks.retrieval.sets import Asked, Passage
from retrieval.crossing import crossing
from retrieval.fusion import FusionWeights, fuse, lexical_weight
from retrieval.lexical import query_vector
from retrieval.query.wording import Wording, word
from retrieval.querymap import QueryMap
from retrieval.service import in_order
from wenyuan.answers import Evidence, Hit
from wenyuan.ports import Embedder, Reranker, SparseVector, Vectors
from wenyuan.settings import RetrievalSettings
from wenyuan.text import detect_language

#: In the order of the table; each later one is compared with the one it builds on.
STAGES: Final = ("words", "bigrams", "words+bigrams", "dense", "dense+map", "fusion", "rerank")
BUILDS_ON: Final = {
    "words+bigrams": "words",
    "dense+map": "dense",
    "fusion": "dense+map",
    "rerank": "fusion",
}


@dataclass(slots=True)
class Runs:
    """By stage: rankings (question id to key to score) and milliseconds of the questions."""

    rankings: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    milliseconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, stage: str, question: str, passages: Sequence[Passage]) -> None:
        """Keep the distinct keys of passages in their order."""
        keys = dict.fromkeys(key for passage in passages for key in passage.keys)
        ranks = {key: 1 / rank for rank, key in enumerate(keys, start=1)}
        self.rankings.setdefault(stage, {})[question] = ranks


@dataclass(frozen=True, slots=True)
class Arms:
    """What both arms found, and the sparse side of the question."""

    dense: Sequence[Hit]
    terms: SparseVector
    sparse: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Stages:
    """The product's stages over a set in memory."""

    searched: Searched
    embedder: Embedder
    settings: RetrievalSettings
    reranker: Reranker

    def run(self, questions: Sequence[Asked], chosen: Callable[[int], QueryMap | None]) -> Runs:
        """Rank the questions; ``chosen`` gives the map for the n-th of them, learned without it."""
        runs = Runs()
        for number, question in enumerate(questions):
            self._one(question, chosen(number), runs)
        return runs

    def arms(self, question: Asked, vector: Vectors, made: QueryMap | None) -> Arms:
        """Return what both arms find for a question and its vector (dimension,)."""
        wording = word(question.text, known=self.settings.vocabulary)
        terms = self._terms(wording)
        dense = self._dense(vector[None], made)
        return Arms(dense, terms, self.searched.sparse(terms, self.settings.candidates))

    def _terms(self, wording: Wording) -> SparseVector:
        others = crossing(wording.text) if self.settings.crossing else ()
        return query_vector(wording.words, (*wording.related, *others))

    def fused(self, question: Asked, arms: Arms, weights: FusionWeights | None = None) -> list[Hit]:
        """Return the fused hits, with other weights than the product's if any are given."""
        chosen = self.settings.lexical_weight
        if weights is not None:
            chosen = weights.of(question.text, arms.terms, arms.sparse)
        weight = lexical_weight(question.text, arms.terms, arms.sparse, chosen)
        exhausted = len(arms.sparse) < self.settings.candidates
        return fuse(arms.dense, arms.sparse, weight, sparse_exhausted=exhausted)

    def pool(self, fused: Sequence[Hit]) -> list[Evidence]:
        """Return what the reranker is given of fused hits."""
        return [self._evidence(hit) for hit in fused[: self.settings.rerank_pool]]

    def _one(self, question: Asked, made: QueryMap | None, runs: Runs) -> None:
        limit, passages = self.settings.candidates, self.searched.corpus.passages
        arms = {
            "words": query_of_kinds(question.text, BIGRAMS, others=True),
            "bigrams": query_of_kinds(question.text, BIGRAMS),
        }
        for stage, terms in arms.items():
            hits = self.searched.sparse(terms, limit)
            runs.note(stage, question.id, [passages[int(hit.chunk_id)] for hit in hits])
        start = time.perf_counter()
        wording = word(question.text, known=self.settings.vocabulary)
        asked = self._terms(wording)
        sparse = self.searched.sparse(asked, limit)
        words = time.perf_counter()
        vector = self.embedder.embed_queries([wording.rewritten])
        plain = self.searched.dense(vector[0], limit)
        dense = time.perf_counter()
        mapped = self._dense(vector, made)
        moved = time.perf_counter()
        fused = self.fused(question, Arms(mapped, asked, sparse))
        fusion = time.perf_counter()
        pool = self.pool(fused)
        begun = time.perf_counter()
        ranked = asyncio.run(self.reranker.rerank(wording.rewritten, pool))
        if made is not None and float(made.gate(vector)[0]) > self.settings.rerank_below:
            ranked = in_order(pool, ranked)
        ended = time.perf_counter()
        found = {
            "words+bigrams": (sparse, words - start),
            "dense": (plain, dense - words),
            "dense+map": (mapped, moved - dense),
            "fusion": (fused, fusion - moved),
        }
        for stage, (hits, seconds) in found.items():
            runs.note(stage, question.id, [passages[int(hit.chunk_id)] for hit in hits])
            runs.milliseconds[stage].append(1000 * seconds)
        rest = [hit.chunk_id for hit in fused[self.settings.rerank_pool :]]
        order = [item.chunk_id for item in ranked] + rest
        runs.note("rerank", question.id, [passages[int(place)] for place in order])
        runs.milliseconds["rerank"].append(1000 * (ended - begun))

    def _dense(self, vector: Vectors, made: QueryMap | None) -> list[Hit]:
        limit = self.settings.candidates
        if made is None:
            return self.searched.dense(vector[0], limit)
        hits, share = self.searched.dense(made(vector)[0], limit), float(made.gate(vector)[0])
        return [hit._replace(score=made.cosine(hit.score, share)) for hit in hits]

    def _evidence(self, hit: Hit) -> Evidence:
        passage = self.searched.corpus.passages[int(hit.chunk_id)]
        return Evidence(
            chunk_id=hit.chunk_id,
            document_id=passage.document,
            version_id=passage.document,
            document_title=passage.document,
            text=passage.text,
            context=passage.context,
            heading_path=(),
            pages=passage.pages,
            ranges=(),
            language=detect_language(passage.text),
            anchor=None,
            score=hit.score,
            dense=hit.dense,
            sparse=hit.sparse,
        )
