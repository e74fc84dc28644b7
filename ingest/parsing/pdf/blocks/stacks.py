"""The measure of the text around a line: its left and right edge and the distance of its lines."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ingest.parsing.order import Placed
from ingest.parsing.pdf.model import Line

_DEFAULT_PITCH: Final = 2.0
_MAX_PITCH: Final = 3.0
_SAME_STACK: Final = 2.2
_FULL: Final = 0.6
_MIN_FULL: Final = 3
_MIN_WIDTH: Final = 14


class Measure(NamedTuple):
    """Edges of the column of text a line stands in, and the usual distance of baselines there."""

    left: float
    right: float
    pitch: float


def measure(placed: Sequence[Placed[Any]]) -> dict[int, Measure]:
    """Return the measure of each line by its ``id``.

    The edges are those of the column, unless the lines right above and below end at one edge: they are justified to
    a measure of their own, as an abstract or a side note is.
    """
    pitches = _pitches(placed)
    found: dict[int, Measure] = {}
    for stack in _stacks(placed):
        lines = [one.item for one in stack]
        left, right = stack[0].left, stack[0].right
        edge = max(line.x1 for line in lines)
        size = lines[0].size
        full = sum(line.x1 > edge - _FULL * size for line in lines)
        first = min(line.x0 for line in lines)
        if full >= _MIN_FULL and 2 * full >= len(lines) - 1 and edge - first > _MIN_WIDTH * size:
            left, right = first, edge
        elif len(lines) > 1:
            left = first
        for line in lines:
            found[id(line)] = Measure(left, right, pitches.get(line.size, _DEFAULT_PITCH * line.size))
    return found


def _stacks(placed: Sequence[Placed[Any]]) -> list[list[Placed[Any]]]:
    """Group lines of one size that follow one another downwards in one column."""
    stacks: list[list[Placed[Any]]] = []
    last: Placed[Any] | None = None
    for one in placed:
        if not isinstance(one.item, Line):
            last = None
            continue
        if last is not None and _stacked(last, one):
            stacks[-1].append(one)
        else:
            stacks.append([one])
        last = one
    return stacks


def _stacked(last: Placed[Any], one: Placed[Any]) -> bool:
    above, below = last.item, one.item
    pitch = below.middle - above.middle
    return (
        (last.left, last.right) == (one.left, one.right)
        and abs(above.size - below.size) <= 0.12 * max(above.size, below.size)
        and -0.5 * below.size < pitch < _SAME_STACK * below.size
        and below.x0 < above.x1
        and above.x0 < below.x1
    )


def _pitches(placed: Sequence[Placed[Any]]) -> dict[float, float]:
    """Return the usual distance of baselines for each size of text on the page."""
    found: dict[float, Counter[float]] = {}
    for one, two in pairwise(placed):
        above, below = one.item, two.item
        if isinstance(above, Line) and isinstance(below, Line) and above.size == below.size:
            pitch = below.middle - above.middle
            if 0.9 < pitch / above.size < _MAX_PITCH:
                found.setdefault(above.size, Counter())[round(pitch * 2) / 2] += 1
    return {size: counts.most_common(1)[0][0] for size, counts in found.items()}
