"""What speaks for a passage among the passages found for the same question: seven numbers that need no model.

They are of the kinds that linear models of learning to rank use: scores of the first stage, and how much of the
question stands in the passage (Liu, *Learning to Rank for Information Retrieval*, 2009, chapter 1.3). Nothing here
depends on a corpus: rarity comes from the fixed background (:mod:`wenyuan.words.background`) or from the passages
given, which one reader may see, and the rest from the question and these passages.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from retrieval.crossing import crossing
from wenyuan.words.background import background
from wenyuan.words.terms import cjk_bigrams, normalise, stem
from wenyuan.words.terms import words as split

#: Runs of letters and digits other than Chinese characters, which are matched by bigrams.
_WORD: Final = re.compile(r"[^\W_\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_TRIGRAM: Final = re.compile(r"(?=([\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]{3}))")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


class Features(NamedTuple):
    """The features of one passage.

    ``fused``: score of the first stage minus the best one of the pool, ≤ 0; ``dense_margin``: cosine minus the best
    cosine of the pool, ≤ 0; ``coverage``: share of the question's terms, weighted by rarity, found in context and text,
    0..1; ``numbers``: numbers of the question found minus numbers in it, ≤ 0; ``phrase``: share of the question's
    neighbouring terms (three Chinese characters, two words) that are neighbours in the text, 0..1; ``company``: how
    near the top two others of the pool stand that share a page of a document with it, ``1 / (1 + rank)`` summed, 0..1;
    ``said``: share of the question's words, weighted by rarity, that context and text say in either language, 0..1.
    """

    fused: float
    dense_margin: float
    coverage: float
    numbers: float
    phrase: float
    company: float
    said: float


NAMES: Final = Features._fields


@dataclass(frozen=True, slots=True)
class Found:
    """A passage of the pool: text, context (title, headings), cosine (None where that arm did not return it).

    ``fused`` is its score in the first stage. ``document`` and ``pages`` say what stands together; a passage without
    pages stands alone.
    """

    text: str
    context: str = ""
    dense: float | None = None
    fused: float = 0.0
    document: str = ""
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    """A question taken apart once: bigrams, stemmed words, the weight of each of both and their sum, and numbers."""

    bigrams: frozenset[str]
    words: frozenset[str]
    weights: dict[str, float]
    total: float
    numbers: frozenset[str]
    phrases: frozenset[str]
    spoken: tuple[tuple[float, frozenset[str]], ...]

    def said(self, normalised: str) -> float:
        """Return the weight of the words that the text says, in their own or the other language, in that of all, 0..1.

        Chinese words are also found inside others.
        """
        total = math.fsum(idf for idf, _ in self.spoken)
        there = set(map(stem, _WORD.findall(normalised)))
        found = (
            idf
            for idf, ways in self.spoken
            if not there.isdisjoint(ways) or any(way in normalised for way in ways if not way.isascii())
        )
        return math.fsum(found) / total if total else 0.0

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
    """Return the features of each passage of the pool, best first as the first stage gave it, in its order."""
    asked = _read(question)
    cosines = [item.dense for item in pool if item.dense is not None]
    best, lowest = max(cosines, default=0.0), min(cosines, default=0.0)
    top = max((item.fused for item in pool), default=0.0)
    company = _company(pool)
    found = []
    for place, item in enumerate(pool):
        whole = normalise(f"{item.context}\n{item.text}")
        numbers = asked.numbers.intersection(_NUMBER.findall(whole)) if asked.numbers else asked.numbers
        found.append(
            Features(
                fused=item.fused - top,
                dense_margin=(lowest if item.dense is None else item.dense) - best,
                coverage=asked.share(asked.held(whole)),
                numbers=float(len(numbers) - len(asked.numbers)),
                phrase=_phrase(asked, normalise(item.text)),
                company=company[place],
                said=asked.said(whole),
            )
        )
    return found


def _phrase(asked: _Question, text: str) -> float:
    """Return the share of the question's phrases that stand in a normalised text."""
    if not asked.phrases:
        return 0.0
    found = sum(phrase in text for phrase in asked.phrases if " " not in phrase)
    if asked.words:
        found += len(asked.phrases & set(_word_pairs(text)))
    return found / len(asked.phrases)


def _word_pairs(text: str) -> Iterator[str]:
    for first, second in pairwise(map(stem, _WORD.findall(text))):
        yield f"{first} {second}"


def _company(pool: Sequence[Found]) -> list[float]:
    """Return how near the top the best two others stand that share a page with each passage, 0..1."""
    there: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for place, item in enumerate(pool):
        for page in item.pages:
            there[item.document, page].add(place)
    near = []
    for place, item in enumerate(pool):
        others = set().union(*(there[item.document, page] for page in item.pages)) - {place}
        near.append(sum(1 / (2 + other) for other in sorted(others)[:2]))
    return near


def _spoken(question: str, plain: str) -> Iterator[tuple[float, frozenset[str]]]:
    """Yield the weight of each word of a question, and the ways to say it in either language."""
    table, others = background(), {stem(one.asked): one.others for one in crossing(question)}
    for word in dict.fromkeys(split(plain)):
        yield table.idf(f"w{word}"), frozenset((word, *map(stem, others.get(word, ()))))


def _read(question: str) -> _Question:
    table, plain = background(), normalise(question)
    bigrams = frozenset(cjk_bigrams(plain))
    words = frozenset(map(stem, _WORD.findall(plain)))
    weights = {bigram: table.idf(f"b{bigram}") for bigram in sorted(bigrams)}
    weights |= {word: table.idf(f"w{word}") for word in sorted(words)}
    numbers = frozenset(_NUMBER.findall(plain))
    return _Question(
        bigrams,
        words,
        weights,
        math.fsum(weights.values()),
        numbers,
        frozenset((*_TRIGRAM.findall(plain), *_word_pairs(plain))),
        tuple(_spoken(question, plain)),
    )
