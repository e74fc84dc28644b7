"""Topic breaks: how much the text on both sides of a possible cut has in common.

Two ways to tell: by the words both sides share, or by the directions of their sentence vectors. The value at a cut is
taken relative to its surroundings, so that only dips count, and depends on a few sentences around it alone.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from ingest.chunking.pieces import Piece
from wenyuan.ports import Vectors
from wenyuan.text import content_terms

Embed = Callable[[Sequence[str]], Vectors]

# Tokens on each side that are compared, and sentences around a cut that its value is relative to.
SIDE: Final = 80
SURROUNDINGS: Final = 8


def lexical_cohesion(pieces: Sequence[Piece]) -> list[float]:
    """Compare the words on both sides of the beginning of each piece; -1 (a break) .. 1."""
    terms = [Counter(content_terms(piece.text)) for piece in pieces]
    left, right = _Window(terms), _Window(terms)
    values = []
    for before, behind in _sides(pieces):
        left.move(before)
        right.move(behind)
        values.append(_cosine(left.words, right.words))
    return _relative(values)


def embedded_cohesion(pieces: Sequence[Piece], embed: Embed) -> list[float]:
    """Compare the sentence vectors on both sides of the beginning of each piece; -1 (a break) .. 1."""
    vectors = embed([piece.text for piece in pieces])
    values = []
    for before, behind in _sides(pieces):
        left, right = vectors[before.start : before.stop].sum(axis=0), vectors[behind.start : behind.stop].sum(axis=0)
        values.append(_unit_dot(left, right))
    return _relative(values)


def _sides(pieces: Sequence[Piece]) -> Iterator[tuple[range, range]]:
    """Yield the pieces before and behind the beginning of each piece, as many as make ``SIDE`` tokens."""
    sizes = [piece.tokens for piece in pieces]
    start = end = before = behind = 0
    for index in range(len(pieces)):
        while before - sizes[start] >= SIDE:
            before -= sizes[start]
            start += 1
        while end < len(pieces) and behind < SIDE:
            behind += sizes[end]
            end += 1
        yield range(start, index), range(index, end)
        before += sizes[index]
        behind -= sizes[index]


class _Window:
    """The words of a range of pieces that moves forward."""

    def __init__(self, terms: Sequence[Counter[str]]) -> None:
        self._terms = terms
        self._range = range(0)
        self.words: dict[str, int] = {}

    def move(self, to: range) -> None:
        """Drop the words of pieces left behind, take in those of new ones."""
        for place in range(self._range.start, to.start):
            for term, count in self._terms[place].items():
                rest = self.words[term] - count
                if rest:
                    self.words[term] = rest
                else:
                    del self.words[term]
        for place in range(self._range.stop, to.stop):
            for term, count in self._terms[place].items():
                self.words[term] = self.words.get(term, 0) + count
        self._range = to


def _cosine(left: Mapping[str, int], right: Mapping[str, int]) -> float:
    shared = sum(count * right[term] for term, count in left.items() if term in right)
    norm = math.sqrt(sum(count * count for count in left.values()) * sum(count * count for count in right.values()))
    return shared / norm if norm else 0.0


def _unit_dot(left: Vectors, right: Vectors) -> float:
    return float(left @ right) / max(float(np.linalg.norm(left) * np.linalg.norm(right)), 1e-9)


def _relative(values: Sequence[float]) -> list[float]:
    """Return each value against the mean and spread of its surroundings, cut to -1..1."""
    found = []
    for index, value in enumerate(values):
        near = values[max(0, index - SURROUNDINGS) : index + SURROUNDINGS + 1]
        mean = sum(near) / len(near)
        spread = math.sqrt(sum((other - mean) ** 2 for other in near) / len(near))
        found.append(max(-1.0, min(1.0, (value - mean) / (2 * spread))) if spread > 1e-9 else 0.0)
    return found
