"""Model text, as it streams, into whole statements with the markers that belong to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generation.markers import Marker, MarkerParser, Piece, inert
from wenyuan.text import sentences

_LONGEST: Final = 1200
#: What may lie between the end of a sentence and the beginning of the next.
_END: Final = re.compile(r"(?:[。！？；!?.;][”’」』）)】》\]\"'*_]*\s*|\n\s*)$")
_PAIRS: Final = {"“": "”", "「": "」", "『": "』", "（": "）", "(": ")", "【": "】", "《": "》"}
_CLOSERS: Final = {closer: opener for opener, closer in _PAIRS.items()}
#: A quotation or bracket that is longer was never meant to be closed.
_LONGEST_PAIR: Final = 160
_FENCE: Final = "```"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence a model wrote, made inert; ``numbers`` are the evidence it named; ``break_before``: a new line."""

    text: str
    numbers: tuple[int, ...]
    break_before: bool = False


class StatementStream:
    """Collects deltas and hands out each statement once the next has begun, so that no marker behind it is missed.

    Every character is taken by itself, so that how the text was cut into deltas makes no difference. A table row, a
    list item and a block of code are statements of their own; quotations and brackets are not taken apart.
    """

    def __init__(self) -> None:
        self._parser = MarkerParser()
        self._text = ""
        self._marks: list[tuple[int, tuple[int, ...]]] = []
        self._break = False

    def feed(self, delta: str) -> list[Statement]:
        """Return the statements that are complete now."""
        return list(self._take(self._parser.feed(delta)))

    def close(self) -> list[Statement]:
        """Return what is left at the end of the stream."""
        return [*self._take(self._parser.close()), *self._drain(final=True)]

    def _take(self, pieces: list[Piece]) -> Iterator[Statement]:
        for piece in pieces:
            if isinstance(piece, Marker):
                self._marks.append((len(self._text), piece.numbers))
                continue
            for char in piece:
                begins = not char.isspace() and _END.search(self._text[-_LONGEST_PAIR:]) is not None
                self._text += char
                if begins or len(self._text) >= _LONGEST:
                    yield from self._drain(final=False)

    def _drain(self, *, final: bool) -> Iterator[Statement]:
        whole = final or len(self._text) >= _LONGEST
        begin = 0
        for start, end in _spans(self._text, final=whole):
            rest = self._text[end:]
            reach = end + len(rest) - len(rest.lstrip())
            numbers = tuple(dict.fromkeys(n for place, group in self._marks if place <= reach for n in group))
            self._marks = [(place, group) for place, group in self._marks if place > reach]
            self._break = self._break or "\n" in self._text[begin:start]
            text = inert(self._text[start:end]).strip()
            if text:
                yield Statement(text, numbers, self._break)
                self._break = False
            begin = end
        self._text = self._text[begin:]
        self._marks = [(place - begin, group) for place, group in self._marks]


def _spans(text: str, *, final: bool) -> list[tuple[int, int]]:
    """Return the (start, end) of the statements in ``text`` that nothing to come can change; all when ``final``."""
    fence = _fenced(text)
    if fence is not None:
        before, after = text[: fence[0]], text[fence[1] :]
        if fence[1] == len(text) and not final:
            return _sentences(before, final=True)
        later = [(fence[1] + a, fence[1] + b) for a, b in _spans(after, final=final)]
        return [*_sentences(before, final=True), fence, *later]
    return _sentences(text, final=final)


def _sentences(text: str, *, final: bool) -> list[tuple[int, int]]:
    spans = [(span.start, span.end) for span in sentences(text)]
    if final:
        return spans
    row = text.rfind("\n") + 1
    unsure = row if text[row:].lstrip().startswith("|") else len(text)
    return [(a, b) for a, b in spans[:-1] if b <= unsure and b <= _opened(text)]


def _opened(text: str) -> int:
    """Return where the quotation or bracket begins that is open at the end, the length of ``text`` when none is."""
    stack: list[int] = []
    for place, char in enumerate(text):
        if char in _PAIRS:
            stack.append(place)
        elif char in _CLOSERS and stack and text[stack[-1]] == _CLOSERS[char]:
            stack.pop()
    near = [place for place in stack if len(text) - place < _LONGEST_PAIR]
    return min(near, default=len(text))


def _fenced(text: str) -> tuple[int, int] | None:
    """Return the (start, end) of the first block of code, up to the end of ``text`` when it is not closed."""
    start = text.find(_FENCE)
    if start < 0 or text[:start].rpartition("\n")[2].strip():
        return None
    end = text.find(_FENCE, start + len(_FENCE))
    return (start, len(text) if end < 0 else end + len(_FENCE))
