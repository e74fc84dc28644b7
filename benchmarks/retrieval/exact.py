"""Both arms of a set in memory, searched exactly, with the product's terms, vectors and order of equals."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval.sets import Corpus
from eval.texts.vectors import VectorCache
from retrieval.lexical import document_vector, query_vector, query_weights
from wenyuan.answers import Hit
from wenyuan.ports import SparseVector, Vectors
from wenyuan.words.terms import term_id

#: Kinds of term that a bigram arm and a word arm would have alone, see ``wenyuan.words.terms``.
BIGRAMS: Final = frozenset("b")
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Searched:
    """A set in memory: vectors (passages, dimension), and for each term its passages and their weights."""

    corpus: Corpus
    matrix: Vectors
    postings: dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]

    def dense(self, vector: Vectors, limit: int) -> list[Hit]:
        """Return the nearest passages by cosine; the chunk id of a hit is the passage's place as a number."""
        return _top(self.matrix @ vector, limit)

    def sparse(self, query: SparseVector, limit: int) -> list[Hit]:
        """Return the best passages that share a term, by dot product."""
        scores = np.zeros(len(self.corpus.passages), np.float32)
        for term, weight in zip(query.indices, query.values, strict=True):
            if term in self.postings:
                places, weights = self.postings[term]
                scores[places] += np.float32(weight) * weights
        return [hit for hit in _top(scores, limit) if hit.score > 0]


def load(corpus: Corpus, cache: VectorCache) -> Searched:
    """Return a set with its vectors, embedded where ``cache`` lacks them, and its terms."""
    wholes = [passage.whole for passage in corpus.passages]
    parts = [cache.passages(wholes[start : start + _BATCH]) for start in range(0, len(wholes), _BATCH)]
    places: defaultdict[int, list[int]] = defaultdict(list)
    weights: defaultdict[int, list[float]] = defaultdict(list)
    for place, whole in enumerate(wholes):
        vector = document_vector(whole)
        for term, weight in zip(vector.indices, vector.values, strict=True):
            places[term].append(place)
            weights[term].append(weight)
    postings = {
        term: (np.array(found, np.int32), np.array(weights[term], np.float32)) for term, found in places.items()
    }
    return Searched(corpus, np.concatenate(parts), postings)


def query_of_kinds(question: str, kinds: Collection[str] | None, *, others: bool = False) -> SparseVector:
    """Return the question's terms of some kinds, or of all ``others``; without kinds the product's own vector."""
    if kinds is None:
        return query_vector(question)
    weights: dict[int, float] = {}
    for term, weight in query_weights(question).items():
        if (term[0] in kinds) != others:
            weights[term_id(term)] = max(weight, weights.get(term_id(term), 0.0))
    ordered = sorted(weights.items())
    return SparseVector(tuple(term for term, _ in ordered), tuple(weight for _, weight in ordered))


def _top(scores: NDArray[np.float32], limit: int) -> list[Hit]:
    count = min(limit, len(scores))
    if not count:
        return []
    worst = np.partition(scores, len(scores) - count)[len(scores) - count]
    near = np.flatnonzero(scores >= worst)
    order = near[np.argsort(-scores[near], kind="stable")][:count]
    return [Hit(str(place), float(scores[place]), rank) for rank, place in enumerate(order.tolist(), start=1)]
