"""Questions with the evidence that retrieval gives for them over a whole set, with the gold text and without.

The search is the product's own (both arms, fusion, reranker) in memory. Without: the documents that answer are hidden
from the asker, so that everything else is as it would be.
"""

import asyncio
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.extractive.squad import articles, seen
from benchmarks.retrieval.exact import Searched, load
from benchmarks.retrieval.sets import Asked, Corpus, read_set
from benchmarks.retrieval.stages import Arms, Stages
from eval.texts.vectors import VectorCache
from retrieval.query.wording import word
from retrieval.querymap import QueryMap
from retrieval.service import in_order
from wenyuan.answers import Evidence, Hit
from wenyuan.ports import Chunker, Embedder, Reranker
from wenyuan.settings import RetrievalSettings

#: Passages an answerer is given.
PASSAGES: Final = 8
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Pooled:
    """A question with what was retrieved for it; ``gold`` are the documents that answer, ``answers`` their words."""

    id: str
    question: str
    gold: frozenset[str]
    answers: tuple[str, ...]
    found: tuple[Evidence, ...]
    without: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """The product's retrieval over one set."""

    searched: Searched
    stages: Stages
    reranker: Reranker
    query_map: QueryMap | None

    def evidence(self, asked: Asked, hidden: Collection[str] = ()) -> tuple[Evidence, ...]:
        """Return the passages for a question, best first, none of them of a ``hidden`` document."""
        vector = self.stages.embedder.embed_queries([word(asked.text, known=self.stages.settings.vocabulary).rewritten])
        arms = self.stages.arms(asked, vector[0], self.query_map)
        seen = Arms(self._visible(arms.dense, hidden), arms.terms, self._visible(arms.sparse, hidden))
        pool = self.stages.pool(self.stages.fused(asked, seen))
        ranked = asyncio.run(self.reranker.rerank(asked.text, pool))
        if self.query_map is not None and float(self.query_map.gate(vector)[0]) > self.stages.settings.rerank_below:
            ranked = in_order(pool, ranked)
        return tuple(ranked[:PASSAGES])

    def _visible(self, hits: Sequence[Hit], hidden: Collection[str]) -> list[Hit]:
        passages = self.searched.corpus.passages
        return [hit for hit in hits if not hidden or passages[int(hit.chunk_id)].document not in hidden]


def open_pool(corpus: Corpus, embedder: Embedder, vectors: VectorCache, reranker: Reranker) -> Pool:
    """Embed and index a set in memory."""
    searched = load(corpus, vectors)
    stages = Stages(searched, embedder, RetrievalSettings(), reranker)
    return Pool(searched, stages, reranker, QueryMap.open(embedder))


def answers_of(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the answers by question id of a SQuAD-layout file."""
    return {
        str(qa["id"]): tuple(dict.fromkeys(a["text"] for a in qa["answers"]))
        for article in articles(path)
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    }


def pooled(pool: Pool, asked: Sequence[Asked], answers: Mapping[str, tuple[str, ...]], limit: int) -> Iterator[Pooled]:
    """Yield ``limit`` of the questions, the same on every run, with their evidence."""
    for question in random.Random(_SEED).sample(list(asked), min(limit, len(asked))):
        gold = frozenset(question.relevant)
        yield Pooled(
            question.id,
            question.text,
            gold,
            answers.get(question.id, ()),
            pool.evidence(question),
            pool.evidence(question, gold),
        )


def read_corpus(spec: str, data: Path, chunker: Chunker, cache: Path) -> tuple[Corpus, Mapping[str, tuple[str, ...]]]:
    """Read a set (see :mod:`benchmarks.retrieval.sets`) and the answers to its questions, if it has any.

    Questions about articles that the reader was trained on are left out; the passages stay.
    """
    kind, *paths = spec.split(":")
    corpus = read_set(spec, spec, data, chunker, cache)
    if kind not in ("squad", "cross"):
        return corpus, {}
    known = seen(data, paths[-1])
    asked = tuple(question for question in corpus.questions if question.id not in known)
    return replace(corpus, questions=asked), answers_of(data / paths[-1])
