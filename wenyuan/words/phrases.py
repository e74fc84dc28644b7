"""Phrases as sequences of units, so that a term is found in a text however it is spaced, cased, written or inflected.

A unit is one Chinese character or one stemmed word of another script; punctuation and blanks part words, nothing more.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from wenyuan.words.terms import CJK, normalise, stem

Units = tuple[str, ...]
_UNIT: Final = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
_IDEOGRAPH: Final = re.compile(rf"[{CJK}]")


def units(text: str) -> Units:
    """Return the units of ``text`` in order; none for text without letters, digits and characters."""
    return tuple(match.group() if _IDEOGRAPH.match(match.group()) else stem(match.group())
                 for match in _UNIT.finditer(normalise(text)))  # fmt: skip


def heads(sequence: Units) -> Iterator[str]:
    """Yield, for each place in a sequence, the head that a phrase beginning there has, see :func:`head`."""
    for place in range(len(sequence)):
        yield head(sequence[place : place + 2])


def head(sequence: Units) -> str:
    """Return by what a phrase is looked up: its first two characters, or its first unit where these are not two."""
    first = sequence[0]
    paired = len(sequence) > 1 and _IDEOGRAPH.match(first) and _IDEOGRAPH.match(sequence[1])
    return first + sequence[1] if paired else first


def places(phrase: Units, sequence: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each place where ``phrase`` stands in ``sequence``."""
    for start in range(len(sequence) - len(phrase) + 1 if phrase else 0):
        if tuple(sequence[start : start + len(phrase)]) == phrase:
            yield start, start + len(phrase)
