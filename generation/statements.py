"""Model text, as it streams, into whole statements with the markers that belong to them."""

from collections.abc import Iterator
from dataclasses import dataclass

from generation.markers import Marker, MarkerParser, Piece, inert
from wenyuan.text import sentences

_LONGEST = 1200


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence a model wrote, made inert; ``numbers`` are the evidence it named; ``break_before``: a new line."""

    text: str
    numbers: tuple[int, ...]
    break_before: bool = False


class StatementStream:
    """Collects deltas and hands out each statement once the next has begun, so that no marker behind it is missed."""

    def __init__(self) -> None:
        self._parser = MarkerParser()
        self._text = ""
        self._marks: list[tuple[int, tuple[int, ...]]] = []
        self._break = False

    def feed(self, delta: str) -> list[Statement]:
        """Return the statements that are complete now."""
        self._take(self._parser.feed(delta))
        return list(self._drain(final=False))

    def close(self) -> list[Statement]:
        """Return what is left at the end of the stream."""
        self._take(self._parser.close())
        return list(self._drain(final=True))

    def _take(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, Marker):
                self._marks.append((len(self._text), piece.numbers))
            else:
                self._text += piece

    def _drain(self, *, final: bool) -> Iterator[Statement]:
        spans = sentences(self._text)
        if not final and len(self._text) < _LONGEST:
            spans = spans[:-1]
        begin = 0
        for span in spans:
            rest = self._text[span.end :]
            reach = span.end + len(rest) - len(rest.lstrip())
            numbers = tuple(dict.fromkeys(n for place, group in self._marks if place <= reach for n in group))
            self._marks = [(place, group) for place, group in self._marks if place > reach]
            self._break = self._break or "\n" in self._text[begin : span.start]
            text = inert(span.text).strip()
            if text:
                yield Statement(text, numbers, self._break)
                self._break = False
            begin = span.end
        self._text = self._text[begin:]
        self._marks = [(place - begin, group) for place, group in self._marks]
