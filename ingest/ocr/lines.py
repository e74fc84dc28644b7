"""A recognised line, and its form on the wire."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in its upright bounding box; origin top left, the unit is the caller's; score in 0..1."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    score: float

    @property
    def height(self) -> float:
        """Height of the box."""
        return self.y1 - self.y0

    @property
    def width(self) -> float:
        """Width of the box."""
        return self.x1 - self.x0


def dump_lines(lines: Sequence[TextLine]) -> list[tuple[Any, ...]]:
    """Lines as tuples that JSON can carry."""
    return [astuple(line) for line in lines]


def load_lines(rows: Sequence[Sequence[Any]], x_scale: float, y_scale: float) -> list[TextLine]:
    """Lines from ``dump_lines``, their coordinates multiplied by the scales."""
    return [
        TextLine(float(x0) * x_scale, float(y0) * y_scale, float(x1) * x_scale, float(y1) * y_scale, str(text), float(s))
        for x0, y0, x1, y1, text, s in rows
    ]
