"""A recognised line: where layout sees it on the upright page, and where it stands on the page as it is."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from ingest.ocr.page.upright import Point
from wenyuan.documents import Box, Line
from wenyuan.text import join_spans

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, origin top left, the unit is the caller's; ``score`` in 0..1.

    ``x0 … y1`` is where layout sees it; ``shown`` the upright box around it on the page as it is. The two differ on a
    page that is turned or slanted. ``size`` is the height of the line across its own direction.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    score: float
    size: float
    shown: Rect

    @property
    def width(self) -> float:
        """Width of the box."""
        return self.x1 - self.x0

    @property
    def is_vertical(self) -> bool:
        """Whether the line is written from top to bottom: taller than wide, and more than one character."""
        return self.y1 - self.y0 > 1.5 * self.width and len(self.text) > 1


def make_line(
    polygon: Sequence[Point], text: str, score: float, back: Callable[[float, float], Point] | None = None
) -> TextLine:
    """Make a line of the four corners found: top left, top right, bottom right, bottom left of the line itself.

    ``back`` leads from where layout sees a point to the page as it is; without it the two are the same.
    """
    top_left, top_right, bottom_right, bottom_left = polygon
    box = around(polygon)
    # Vertical writing is as wide as its characters.
    across = mean([math.dist(top_left, bottom_left), math.dist(top_right, bottom_right)])
    along = mean([math.dist(top_left, top_right), math.dist(bottom_left, bottom_right)])
    size = along if across > 1.5 * along and len(text) > 1 else across
    return TextLine(*box, text, score, size, box if back is None else around([back(x, y) for x, y in polygon]))


def around(points: Sequence[Point]) -> Rect:
    """The upright box around points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def bounds(lines: Sequence[TextLine], page: int) -> Box:
    """The upright box around lines on the page as it is."""
    return Box(
        page,
        min(line.shown[0] for line in lines),
        min(line.shown[1] for line in lines),
        max(line.shown[2] for line in lines),
        max(line.shown[3] for line in lines),
    )


def confidence(lines: Sequence[TextLine]) -> float:
    """Mean score of lines, weighted by their characters, 0..1."""
    characters = sum(len(line.text) for line in lines)
    return round(sum(line.score * len(line.text) for line in lines) / max(characters, 1), 4)


def joined(lines: Iterable[TextLine], page: int) -> tuple[str, tuple[Line, ...]]:
    """Join lines to running text; return it and where each line went."""
    kept = list(lines)
    text, spans = join_spans(line.text for line in kept)
    return text, tuple(
        Line(start, end, Box(page, *line.shown), round(line.score, 4))
        for line, (start, end) in zip(kept, spans, strict=True)
        if end > start
    )


def body_size(lines: Sequence[TextLine]) -> float:
    """The text height of the median character; 10 when there are no lines."""
    half = sum(len(line.text) for line in lines) / 2
    for line in sorted(lines, key=lambda line: line.size):
        half -= len(line.text)
        if half <= 0:
            return max(line.size, 1.0)
    return 10.0
