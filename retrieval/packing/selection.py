"""What of the ranked evidence is given to the answerer: pure functions of evidence and settings."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from wenyuan.answers import Beside, Evidence
from wenyuan.settings import PackingSettings
from wenyuan.text import content_terms, fold
from wenyuan.words.minhash import shingles

#: Counts the tokens of a text.
Counted = Callable[[str], int]

#: Tokens of what a prompt puts around a piece of evidence: its number, the marks, the line breaks.
FRAME: Final = 24
#: What texts that say the same have in common, in this order: numbers, and words that deny.
_TELLING: Final = re.compile(r"\d+|[一二三四五六七八九十百千万亿]+|[不未没無无非勿禁]|\b(?:not|no|never|without)\b")


class Distinct:
    """Tells passages that say the same as an earlier one.

    Two texts are near-duplicates when the Jaccard similarity of their shingles (see ``wenyuan.words.minhash``) reaches
    ``least`` and their numbers and denials are equal: clauses and rows that differ by an amount, a date or a "not" say
    different things.
    Without ``least`` only a passage itself is told again.
    """

    def __init__(self, least: float | None) -> None:
        """Tell texts apart below the similarity ``least``."""
        self._least = least
        self._ids: set[str] = set()
        self._kept: dict[tuple[str, ...], list[str]] = {}
        self._sets: dict[str, frozenset[int]] = {}

    def admit(self, piece: Evidence) -> bool:
        """Say whether ``piece`` is new, and remember it."""
        if piece.chunk_id in self._ids:
            return False
        self._ids.add(piece.chunk_id)
        if self._least is None:
            return True
        others = self._kept.setdefault(tuple(_TELLING.findall(fold(piece.text))), [])
        if any(self._alike(piece.text, other, self._least) for other in others):
            return False
        others.append(piece.text)
        return True

    def _alike(self, text: str, other: str, least: float) -> bool:
        one, two = self._shingles(text), self._shingles(other)
        if not (one and two):
            return fold(text) == fold(other)
        common = len(one & two)
        return common >= least * (len(one) + len(two) - common)

    def _shingles(self, text: str) -> frozenset[int]:
        """Return the shingles of a text, found when it is first compared: most texts differ in their digits."""
        if text not in self._sets:
            self._sets[text] = frozenset(shingles(text).tolist())
        return self._sets[text]


def distinct(ranked: Iterable[Evidence], least: float | None) -> Iterator[Evidence]:
    """Yield the passages without those that say the same as a better ranked one."""
    told = Distinct(least)
    return (piece for piece in ranked if told.admit(piece))


def choose(ranked: Sequence[Evidence], limit: int, settings: PackingSettings) -> list[Evidence]:
    """Return up to ``limit`` of the passages, best first.

    Near-duplicates go, of one document at most ``per_document`` stay unless it is the only one, and with ``diversity``
    each next passage is the one with the best balance of relevance and newness (maximal marginal relevance, Carbonell
    and Goldstein, SIGIR 1998); the similarity there is the cosine of the sets of content terms.
    """
    left = distinct(ranked, settings.duplicates)
    if settings.per_document and len({piece.document_id for piece in ranked}) > 1:
        left = _bounded(left, settings.per_document)
    return _diverse(list(left), limit, settings.diversity) if settings.diversity else list(islice(left, limit))


def _bounded(ranked: Iterable[Evidence], most: int) -> Iterator[Evidence]:
    taken: Counter[str] = Counter()
    for piece in ranked:
        taken[piece.document_id] += 1
        if taken[piece.document_id] <= most:
            yield piece


def _diverse(ranked: Sequence[Evidence], limit: int, diversity: float) -> list[Evidence]:
    if not ranked:
        return []
    scores = [piece.score for piece in ranked]
    low, span = min(scores), (max(scores) - min(scores)) or 1.0
    terms = [frozenset(content_terms(piece.text)) for piece in ranked]
    near = [0.0] * len(ranked)
    left = list(range(len(ranked)))
    taken: list[int] = []
    while left and len(taken) < limit:
        best = max(left, key=lambda i: ((1 - diversity) * (scores[i] - low) / span - diversity * near[i], -i))
        left.remove(best)
        taken.append(best)
        for i in left:
            size = (len(terms[i]) * len(terms[best])) ** 0.5
            near[i] = max(near[i], len(terms[i] & terms[best]) / size if size else 0.0)
    return [ranked[i] for i in taken]


def relevant(ranked: Sequence[Evidence], least: float, at_least: int) -> list[Evidence]:
    """Return the passages whose relevance is at least the share ``least`` of that of the best.

    Relevance counts from 0, or from the worst score where that is negative (an endpoint's). ``at_least`` passages are
    returned in any case, so that a question for all gets no less than one for a fact.
    """
    if not ranked:
        return []
    scores = [piece.score for piece in ranked]
    low = min(0.0, *scores)
    bound = low + least * (max(scores) - low)
    return [piece for place, piece in enumerate(ranked) if place < at_least or piece.score >= bound]


def within(evidence: Sequence[Evidence], budget: int, count: Counted) -> list[Evidence]:
    """Return the first pieces that fit ``budget`` tokens together; the first of all stays in any case."""
    kept: list[Evidence] = []
    for piece in evidence:
        budget -= cost(piece, count)
        if budget < 0 and kept:
            break
        kept.append(piece)
    return kept


def cost(piece: Evidence, count: Counted) -> int:
    """Return the tokens of a piece with its title and headings, as a prompt shows it."""
    return count(" ".join((piece.document_title, *piece.heading_path, piece.text))) + FRAME


def surround(
    chosen: Sequence[Evidence], beside: Sequence[Beside], budget: int, count: Counted, least: float | None
) -> list[Evidence]:
    """Return ``chosen`` with what stands beside each piece under the same heading, as far as ``budget`` tokens allow.

    The surroundings of better ranked pieces, and nearer ones, come first into the budget. What is added stands in
    reading order around its piece, as evidence of its own: with its own id, pages and boxes.
    """
    told = Distinct(least)
    for piece in chosen:
        told.admit(piece)
        budget -= cost(piece, count)
    groups: dict[str, list[tuple[int, Evidence]]] = {piece.chunk_id: [(0, piece)] for piece in chosen}
    headings = {piece.chunk_id: (piece.version_id, piece.heading_path) for piece in chosen}
    rank = {piece.chunk_id: place for place, piece in enumerate(chosen)}
    for near in sorted(beside, key=lambda near: (rank[near.anchor], abs(near.distance), near.distance)):
        piece = near.evidence
        if (piece.version_id, piece.heading_path) != headings[near.anchor]:
            continue
        price = cost(piece, count)
        if price <= budget and told.admit(piece):
            budget -= price
            groups[near.anchor].append((near.distance, piece))
    return [piece for group in groups.values() for _, piece in sorted(group, key=lambda entry: entry[0])]
