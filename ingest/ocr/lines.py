"""A recognised line, its form on the wire, and how a slanted page is set straight."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, median
from typing import Any, Final

from wenyuan.documents import Box

Point = tuple[float, float]
_MIN_SLANT: Final = math.radians(0.4)
_MAX_SLANT: Final = math.radians(20)


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, origin top left, the unit is the caller's; ``score`` in 0..1.

    ``x0 … y1`` is where layout sees it; ``shown`` the upright box around it on the page as it is. The two differ on a
    slanted page. ``size`` is the height of the line across its own direction, ``slant`` its angle in radians.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    score: float
    size: float
    slant: float
    shown: tuple[float, float, float, float]

    @property
    def width(self) -> float:
        """Width of the box."""
        return self.x1 - self.x0

    @property
    def is_vertical(self) -> bool:
        """Whether the line is written from top to bottom: taller than wide, and more than one character."""
        return self.y1 - self.y0 > 1.5 * self.width and len(self.text) > 1


def make_line(polygon: Sequence[Point], text: str, score: float) -> TextLine:
    """Make a line of the four corners found: top left, top right, bottom right, bottom left of the line itself."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    shown = (min(xs), min(ys), max(xs), max(ys))
    top_left, top_right, bottom_right, bottom_left = polygon
    size = mean([math.dist(top_left, bottom_left), math.dist(top_right, bottom_right)])
    slant = math.atan2(top_right[1] - top_left[1], top_right[0] - top_left[0])
    return TextLine(*shown, text, score, size, slant, shown)


def straighten(lines: Sequence[TextLine]) -> list[TextLine]:
    """Turn the lines' layout boxes by the page's slant, the median of its long lines, when it is worth it."""
    long = [line.slant for line in lines if line.width > 4 * line.size]
    slant = median(long) if len(long) >= 3 else 0.0
    if not _MIN_SLANT <= abs(slant) <= _MAX_SLANT:
        return list(lines)
    cos, sin = math.cos(-slant), math.sin(-slant)
    straight = []
    for line in lines:
        x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
        x, y = x * cos - y * sin, x * sin + y * cos
        # The upright box of a slanted line is as wide as the line's shadow.
        half = max(line.width - line.size * abs(math.sin(slant)), line.size) / math.cos(slant) / 2
        straight.append(replace(line, x0=x - half, x1=x + half, y0=y - line.size / 2, y1=y + line.size / 2))
    return straight


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


def load_lines(rows: Sequence[Sequence[Any]], x_scale: float, y_scale: float) -> list[TextLine]:
    """Lines from the child's (corners, text, score), their coordinates multiplied by the scales."""
    return [make_line([(x * x_scale, y * y_scale) for x, y in corners], text, score) for corners, text, score in rows]
