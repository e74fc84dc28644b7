"""BM25 as a dot product of two sparse vectors, without any statistics of the corpus.

``score(q, d)`` is the sum over the terms ``t`` of both of
``idf(t) * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / MEAN_LENGTH))``
(Robertson and Zaragoza, *The Probabilistic Relevance Framework*, 2009, eq. 3.15). The passage carries the saturated
term frequency, the question carries ``idf``. ``MEAN_LENGTH`` is a constant and ``idf`` comes from a fixed background,
so a score depends on the question and the passage alone.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from retrieval.crossing import read_table
from wenyuan.ports import Related, SparseVector
from wenyuan.words.background import background
from wenyuan.words.terms import term_id, terms
from wenyuan.words.vocabulary import vocabulary

#: Saturation of the term frequency, strength of the length normalisation, and the length that counts as usual:
#: terms (words and bigrams) of a passage of about 150 Chinese characters.
K1: Final = 0.7
B: Final = 0.7
MEAN_LENGTH: Final = 250.0
#: What the passage side depends on; an index built with another one must be built anew.
FINGERPRINT: Final = f"bm25-2/{K1}/{B}/{MEAN_LENGTH:g}"
#: What a term of each kind counts beside a word. Who names a numbered part wants that one and no other.
KIND_WEIGHT: Final = {"w": 1.0, "b": 1.0, "c": 1.0, "s": 0.4, "q": 0.3, "p": 2.0}


#: What a synonym found whole counts beside the word that was asked, at most.
SYNONYM_WEIGHT: Final = 0.5
#: Words beside questions whose weights are kept (about 1 KiB each): nearly all are of tables that every question meets.
_WEIGHED: Final = 8192


def document_vector(text: str) -> SparseVector:
    """Return the passage side: one entry a term id, weight ``tf * (K1 + 1) / (tf + K1 * norm)``, in 0..K1 + 1.

    Text without any term gives an empty vector.
    """
    counts = Counter(terms(text))
    length = counts.total()
    norm = K1 * (1 - B + B * length / MEAN_LENGTH)
    return _vector({term: count * (K1 + 1) / (count + norm) for term, count in counts.items()})


def query_vector(text: str, related: Sequence[Related] = (), *, idf: bool = True) -> SparseVector:
    """Return the question side: one entry a term id, weight ``idf`` times the weight of the term's kind.

    Without ``idf`` the weight of the kind alone, for an index that knows the rarity of its terms.

    What stands in the term base is taken whole: its own words are asked for, however the question around it was cut,
    and with a reduced weight the words of its synonyms.
    """
    weights = _weights(text, idf=idf)
    for term in related:
        whole, asked = _weighed(term.asked, idf=idf)
        _raise(weights, whole, 1.0)
        for other in term.others:
            added, most = _weighed(other, idf=idf)
            if most > 0:
                _raise(weights, added, SYNONYM_WEIGHT * min(1.0, asked / most))
    return _vector(weights)


def query_weights(text: str) -> dict[str, float]:
    """Return the weight of each distinct term of a question, see :func:`wenyuan.words.terms.terms`."""
    table = background()
    return {term: KIND_WEIGHT[term[0]] * table.idf(term) for term in set(terms(text))}


def _weights(text: str, *, idf: bool) -> dict[str, float]:
    return query_weights(text) if idf else {term: KIND_WEIGHT[term[0]] for term in set(terms(text))}


@lru_cache(maxsize=_WEIGHED)
def _weighed(text: str, *, idf: bool) -> tuple[Mapping[str, float], float]:
    """Return what the terms of a word beside the question weigh, each and together."""
    weights = _weights(text, idf=idf)
    return weights, math.fsum(weights.values())


def _raise(weights: dict[str, float], added: Mapping[str, float], share: float) -> None:
    """Raise weights to a share of others where these are larger: a word that is asked anyway is not counted twice."""
    for term, weight in added.items():
        weights[term] = max(weights.get(term, 0.0), share * weight)


def _vector(weights: dict[str, float]) -> SparseVector:
    """Return weights by term id in ascending order; of two terms with one id the larger weight stays."""
    merged: dict[int, float] = {}
    for term, weight in weights.items():
        identifier = term_id(term)
        merged[identifier] = max(weight, merged.get(identifier, 0.0))
    ordered = sorted(merged.items())
    return SparseVector(tuple(identifier for identifier, _ in ordered), tuple(weight for _, weight in ordered))


def warm_up() -> None:
    """Build the tables that the first question would otherwise wait for (about a second of one core)."""
    query_vector("预热 warm-up")
    vocabulary()
    read_table()
