"""What speaks for a passage among the passages found for the same question: six numbers that need no model.

They are of the kinds that linear models of learning to rank use: ranks and scores of the first stage, and how much of
the question stands in the passage (Liu, *Learning to Rank for Information Retrieval*, 2009, chapter 1.3). Nothing here
depends on a corpus: rarity comes from the fixed background (:mod:`wenyuan.words.background`), the rest from the
question and the passages given.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from wenyuan.words.background import background
from wenyuan.words.terms import cjk_bigrams, normalise, stem

#: Runs of letters and digits other than Chinese characters, which are matched by bigrams.
_WORD: Final = re.compile(r"[^\W_\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE_END: Final = re.compile(r"[。！？；!?;\n]+|\.\s")


class Features(NamedTuple):
    """The features of one passage.

    ``dense_margin``: cosine minus the best cosine of the pool, ≤ 0; ``dense_rank``, ``sparse_rank``: ``ln(1 + rank)``
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


NAMES: Final = Features._fields


@dataclass(frozen=True, slots=True)
class Found:
    """A passage of the pool: text, context (title, headings), cosine and BM25, None where an arm did not return it."""

    text: str
    context: str = ""
    dense: float | None = None
    sparse: float | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """A question taken apart once: bigrams, stemmed words, the weight of each of both and their sum, and numbers."""

    bigrams: frozenset[str]
    words: frozenset[str]
    weights: dict[str, float]
    total: float
    numbers: frozenset[str]

    def held(self, normalised: str) -> set[str]:
        """Return the question's terms that stand in the text."""
        there = {bigram for bigram in self.bigrams if bigram in normalised}
        return there | self.words.intersection(map(stem, _WORD.findall(normalised))) if self.words else there

    def share(self, held: Iterable[str]) -> float:
        """Return the weight of some terms in that of all, 0..1; 0 for a question without terms.

        Summed exactly (``fsum``), so that the order of a set, which differs from process to process, does not matter.
        """
        return math.fsum(self.weights[term] for term in held) / self.total if self.total else 0.0


def features(question: str, pool: Sequence[Found]) -> list[Features]:
    """Return the features of each passage of the pool, in its order."""
    asked = _read(question)
    cosines = [item.dense for item in pool if item.dense is not None]
    best, lowest = max(cosines, default=0.0), min(cosines, default=0.0)
    dense = _log_ranks([item.dense for item in pool])
    sparse = _log_ranks([item.sparse for item in pool])
    found = []
    for place, item in enumerate(pool):
        context, text = normalise(item.context), normalise(item.text)
        sentences = [asked.held(sentence) for sentence in _SENTENCE_END.split(text)]
        numbers = asked.numbers.intersection(_NUMBER.findall(f"{context} {text}")) if asked.numbers else asked.numbers
        found.append(
            Features(
                dense_margin=(lowest if item.dense is None else item.dense) - best,
                dense_rank=dense[place],
                sparse_rank=sparse[place],
                coverage=asked.share(asked.held(context).union(*sentences)),
                sentence=max(map(asked.share, sentences)),
                numbers=float(len(numbers) - len(asked.numbers)),
            )
        )
    return found


def _read(question: str) -> _Question:
    table, plain = background(), normalise(question)
    bigrams = frozenset(cjk_bigrams(plain))
    words = frozenset(map(stem, _WORD.findall(plain)))
    weights = {bigram: table.idf(f"b{bigram}") for bigram in sorted(bigrams)}
    weights |= {word: table.idf(f"w{word}") for word in sorted(words)}
    return _Question(bigrams, words, weights, math.fsum(weights.values()), frozenset(_NUMBER.findall(plain)))


def _log_ranks(scores: Sequence[float | None]) -> list[float]:
    """Return ``ln(1 + rank)`` of each score, highest first, equals alike; a missing score ranks behind all others."""
    given = sorted((score for score in scores if score is not None), reverse=True)
    ranks = {score: rank for rank, score in reversed(list(enumerate(given, start=1)))}
    return [math.log1p(len(given) + 1 if score is None else ranks[score]) for score in scores]
