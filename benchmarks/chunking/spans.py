"""Spans of characters: the measures of token-wise chunk retrieval, and where a chunk's text stands in its source.

The measures follow Smith & Troynikov, "Evaluating Chunking Strategies for Retrieval" (Chroma technical report, 2024):
with the reference spans t_e of a question and the retrieved chunks t_r, recall = |t_e ∩ t_r| / |t_e|, precision =
|t_e ∩ t_r| / |t_r| and IoU = |t_e ∩ t_r| / (|t_r| + |t_e| − |t_e ∩ t_r|). What overlapping chunks share counts each
time in |t_r|. Lengths are counted in characters, as in the code published with the report.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")


@dataclass(frozen=True, slots=True)
class Found:
    """What the retrieved chunks hold of the references of one question."""

    recall: float
    precision: float
    iou: float


def measure(references: Sequence[Span], chunks: Sequence[Sequence[Span]]) -> Found:
    """Compare reference spans with chunks, each a set of spans of the same text (none for a chunk of another text)."""
    size = sum(end - start for chunk in chunks for start, end in chunk)
    wanted = _joined(references)
    taken = _joined([span for chunk in chunks for span in chunk])
    shared = sum(max(0, min(end, right) - max(start, left)) for start, end in wanted for left, right in taken)
    length = sum(end - start for start, end in wanted)
    return Found(shared / length, shared / size if size else 0.0, shared / (size + length - shared))


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class Locator:
    """Finds parts of a parsed text in the source it was parsed from, in reading order, by letters and digits alone.

    A parser folds white space and drops marks and tags of the format, so the text itself does not stand in the source.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        shown = _TAG.sub(lambda tag: " " * len(tag[0]), source)
        self._places = [place for place, char in enumerate(shown) if char.isalnum()]
        self._letters = "".join(shown[place] for place in self._places)
        self._position = 0

    def find(self, text: str) -> Span | None:
        """Return where ``text`` stands, at or behind what was found last; None when it is not in the source."""
        letters = "".join(char for char in text if char.isalnum())
        at = self._letters.find(letters, self._position) if letters else -1
        if at < 0:
            return None
        self._position = at + len(letters)
        return self._places[at], self._places[self._position - 1] + 1

    def find_exactly(self, text: str) -> Span | None:
        """Return where ``text`` stands character by character, behind what this found last."""
        at = self._source.find(text, self._position)
        if at < 0:
            return None
        self._position = at + len(text)
        return at, self._position
