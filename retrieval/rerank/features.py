"""What speaks for a passage among the passages found for the same question: six numbers that need no model.

After the linear rerankers of the learning-to-rank literature (Liu, *Learning to Rank for Information Retrieval*, 2009,
table 6.2: query-term coverage, ranks and scores of the first stage). Nothing here depends on a corpus: rarity comes
from the fixed background (:mod:`retrieval.background`), everything else from the question and the passages given.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from retrieval.background import background
from retrieval.terms import cjk_bigrams, normalise, stem
from wenyuan.answers import Evidence

_WORD: Final = re.compile(r"[^\W_\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE_END: Final = re.compile(r"[。！？；!?;\n]+|\.\s")


@dataclass(frozen=True, slots=True)
class Features:
    """The six features of one passage.

    ``dense_margin``: cosine minus the best cosine of the pool, ≤ 0; ``dense_rank`` and ``sparse_rank``: ``ln(1 + rank)``
    among the passages of the pool that the arm returned, those it did not return standing behind them; ``coverage``:
    share of the question's terms, weighted by rarity, found in context and text, 0..1; ``sentence``: the same share in
    the best sentence of the text, 0..1; ``numbers``: numbers of the question found minus numbers in it, ≤ 0.
    """

    dense_margin: float
    dense_rank: float
    sparse_rank: float
    coverage: float
    sentence: float
    numbers: float


NAMES: Final = tuple(field.name for field in fields(Features))


@dataclass(frozen=True, slots=True)
class _Question:
    """A question taken apart once: weights of Chinese bigrams and of stemmed words, and its numbers."""

    bigrams: dict[str, float]
    words: dict[str, float]
    numbers: frozenset[str]

    @property
    def total(self) -> float:
        return sum(self.bigrams.values()) + sum(self.words.values())


def features(question: str, evidence: Sequence[Evidence]) -> list[Features]:
    """Return the features of each passage of the pool, in its order."""
    asked = _read(question)
    cosines = [item.dense for item in evidence if item.dense is not None]
    best, lowest = max(cosines, default=0.0), min(cosines, default=0.0)
    dense = _log_ranks([item.dense for item in evidence])
    sparse = _log_ranks([item.sparse for item in evidence])
    found = []
    for place, item in enumerate(evidence):
        context, text = normalise(item.context), normalise(item.text)
        numbers = asked.numbers.intersection(_NUMBER.findall(f"{context} {text}")) if asked.numbers else ()
        found.append(
            Features(
                dense_margin=(lowest if item.dense is None else item.dense) - best,
                dense_rank=dense[place],
                sparse_rank=sparse[place],
                coverage=_coverage(asked, f"{context}\n{text}"),
                sentence=max(_coverage(asked, sentence) for sentence in _SENTENCE_END.split(text)),
                numbers=float(len(numbers) - len(asked.numbers)),
            )
        )
    return found


def _read(question: str) -> _Question:
    table, plain = background(), normalise(question)
    return _Question(
        bigrams={bigram: table.idf(f"b{bigram}") for bigram in set(cjk_bigrams(plain))},
        words={word: table.idf(f"w{word}") for word in map(stem, _WORD.findall(plain))},
        numbers=frozenset(_NUMBER.findall(plain)),
    )


def _coverage(asked: _Question, normalised: str) -> float:
    """Return the weighted share of the question's terms in the text; 0 for a question without terms."""
    total = asked.total
    if not total:
        return 0.0
    held = sum(weight for bigram, weight in asked.bigrams.items() if bigram in normalised)
    if asked.words:
        there = set(map(stem, _WORD.findall(normalised)))
        held += sum(weight for word, weight in asked.words.items() if word in there)
    return held / total


def _log_ranks(scores: Sequence[float | None]) -> list[float]:
    """Return ``ln(1 + rank)`` of each score, best first, equals alike; a missing score ranks behind all others."""
    given = sorted((score for score in scores if score is not None), reverse=True)
    ranks = {score: rank for rank, score in reversed(list(enumerate(given, start=1)))}
    return [math.log1p(len(given) + 1 if score is None else ranks[score]) for score in scores]
