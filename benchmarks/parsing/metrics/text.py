"""Fidelity of text: characters as a bag, and character error rate in order."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

_KANGXI: Final = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_LEADERS: Final = re.compile(r"(?:[.．…·・_]\s*){4,}|…+")
_LEFT_OUT: Final = re.compile(r"[\s\u200b\ufeff•●◦▪■·∙]+")


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and what they were computed from."""

    hits: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found and nothing expected."""
        return self.hits / self.found if self.found else float(not self.expected)

    @property
    def recall(self) -> float:
        """Share of what was expected that was found; 1 when nothing was expected."""
        return self.hits / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.found + self.expected
        return 2 * self.hits / total if total else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.hits + other.hits, self.found + other.found, self.expected + other.expected)


def canonical(text: str) -> str:
    """Return the characters that count: Kangxi radicals as ideographs, no blanks, bullets and runs of leader dots."""
    return _LEFT_OUT.sub("", _LEADERS.sub("", text.translate(_KANGXI)))


def char_score(found: str, expected: str) -> Score:
    """Compare two texts as multisets of characters."""
    ours, theirs = Counter(canonical(found)), Counter(canonical(expected))
    return Score((ours & theirs).total(), ours.total(), theirs.total())


def cer(found: str, expected: str) -> float:
    """Character error rate: edits in order, by the length of the expected text."""
    ours, theirs = canonical(found), canonical(expected)
    return Levenshtein.distance(ours, theirs) / max(len(theirs), 1)


def edit_distance(found: str, expected: str) -> float:
    """Edits in order by the length of the longer text, as OmniDocBench normalises them."""
    return Levenshtein.normalized_distance(found, expected)
