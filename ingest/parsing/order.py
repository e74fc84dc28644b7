"""Reading order by recursive cuts (XY-cut): columns where a gutter runs, bands where something spans it.

After Nagy & Seth 1984, with two additions: items that span the gutter part the page into bands, and columns whose
rows pair up like a form stay rows.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from statistics import median
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

_MAX_DEPTH: Final = 40
# The search for gutters grows with the square of the items; a page with more of them is no page of text.
_MAX_ITEMS: Final = 3_000
_GUTTER: Final = 0.8
_MIN_GUTTER: Final = 6.0
_MIN_SIDE: Final = 0.12
_MIN_COLUMN_ITEMS: Final = 3
_MIN_COLUMN_FILL: Final = 1.2
_MAX_SPANNING: Final = 0.6
_PAIRED: Final = 0.7
_RAGGED: Final = 0.68
_MANY: Final = 8
_LONG: Final = 9.5
_DEFAULT_SIZE: Final = 10.0


class Placeable(Protocol):
    """Anything with a box, y downwards."""

    x0: float
    y0: float
    x1: float
    y1: float


T = TypeVar("T", bound=Placeable)


class Placed(NamedTuple, Generic[T]):
    """An item with the left and right edge of the column it stands in."""

    item: T
    left: float
    right: float


def reading_order(items: Sequence[T]) -> list[Placed[T]]:
    """Return all items in reading order."""
    return _order(list(items), None, 0)


def _order(items: list[T], column: tuple[float, float] | None, depth: int) -> list[Placed[T]]:
    if not items:
        return []
    column = column or _extent(items)
    if len(items) == 1 or depth > _MAX_DEPTH or len(items) > _MAX_ITEMS:
        return _by_rows(items, column)
    size = _text_size(items)
    gutter = _clean_gutter(items, size)
    if gutter is not None:
        left = [item for item in items if item.x1 <= gutter]
        right = [item for item in items if item.x1 > gutter]
        return _order(left, None, depth + 1) + _order(right, None, depth + 1)
    spanned = _spanned_gutter(items, size)
    if spanned is not None:
        return _bands(items, spanned, column, depth)
    parts = _horizontal_cuts(items, size)
    if len(parts) > 1:
        return [placed for part in parts for placed in _order(part, column, depth + 1)]
    return _by_rows(items, column)


def _extent(items: Sequence[T]) -> tuple[float, float]:
    return min(item.x0 for item in items), max(item.x1 for item in items)


def _text_size(items: Sequence[T]) -> float:
    return median([getattr(item, "size", 0.0) or _DEFAULT_SIZE for item in items])


def _by_rows(items: Sequence[T], column: tuple[float, float]) -> list[Placed[T]]:
    """Sort by rows: items whose centres are closer than half a line stand in one row, left to right."""
    size = _text_size(items)
    rows: list[list[T]] = []
    for item in sorted(items, key=lambda one: (one.y0 + one.y1) / 2):
        if rows and _middle(item) - _middle(rows[-1][0]) < 0.5 * size:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [Placed(item, *column) for row in rows for item in sorted(row, key=lambda one: one.x0)]


def _middle(item: T) -> float:
    return (item.y0 + item.y1) / 2


def _gaps(intervals: list[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    """Return the (start, end) of gaps of at least ``least`` in the union of intervals."""
    intervals.sort()
    found: list[tuple[float, float]] = []
    end = intervals[0][1]
    for start, stop in intervals[1:]:
        if start - end >= least:
            found.append((end, start))
        end = max(end, stop)
    return found


def _clean_gutter(items: Sequence[T], size: float) -> float | None:
    """Return the middle of the widest gap that runs from top to bottom with text on both sides, or None."""
    left, right = _extent(items)
    least = _MIN_SIDE * (right - left)
    if max(item.y1 for item in items) - min(item.y0 for item in items) < 1.5 * size:
        return None
    gaps = [
        gap
        for gap in _gaps([(item.x0, item.x1) for item in items], max(_GUTTER * size, _MIN_GUTTER))
        if gap[0] - left > least and right - gap[1] > least
    ]
    for start, end in sorted(gaps, key=lambda gap: gap[0] - gap[1]):
        middle = (start + end) / 2
        one = [item for item in items if item.x1 <= middle]
        two = [item for item in items if item.x1 > middle]
        if not _is_form(one, two, size):
            return middle
    return None


def _is_form(left: Sequence[T], right: Sequence[T], size: float) -> bool:
    """Tell whether rows pair up across the gap and are ragged: labels and values rather than columns of text."""
    fewer, more = (left, right) if len(left) <= len(right) else (right, left)
    middles = sorted(_middle(item) for item in more)
    paired = sum(_is_near(_middle(item), middles, 0.35 * size) for item in fewer)
    if paired < _PAIRED * len(fewer):
        return False
    if len(fewer) >= _MANY and all(median([one.x1 - one.x0 for one in side]) >= _LONG * size for side in (left, right)):
        return False  # many lines of text on both sides, whose baselines agree
    return min(_filled(left), _filled(right)) < _RAGGED or len(fewer) == 1


def _is_near(value: float, ordered: Sequence[float], reach: float) -> bool:
    at = bisect_left(ordered, value)
    return any(abs(value - other) < reach for other in ordered[max(at - 1, 0) : at + 1])


def _filled(items: Sequence[T]) -> float:
    left, right = _extent(items)
    return sum(item.x1 - item.x0 for item in items) / (len(items) * max(right - left, 1))


def _spanned_gutter(items: Sequence[T], size: float) -> float | None:
    """Return where columns part if a few items span the gutter: the place the fewest items cross, or None."""
    left, right = _extent(items)
    width = right - left
    best: tuple[int, float, float] | None = None
    for middle in sorted({item.x1 + 1.5 for item in items if 0.2 < (item.x1 - left) / width < 0.8} if width else ()):
        one = [item for item in items if item.x1 <= middle]
        two = [item for item in items if item.x0 >= middle]
        if len(one) < _MIN_COLUMN_ITEMS or len(two) < _MIN_COLUMN_ITEMS:
            continue
        gap = min(item.x0 for item in two) - max(item.x1 for item in one)
        crossing = len(items) - len(one) - len(two)
        if gap < max(_GUTTER * size, _MIN_GUTTER) or crossing >= _MAX_SPANNING * len(items):
            continue
        filled = all(
            sum(item.x1 - item.x0 for item in side) > _MIN_COLUMN_FILL * span
            for side, span in ((one, middle - left), (two, right - middle))
        )
        if filled and not _is_form(one, two, size) and (best is None or (crossing, -gap) < best[:2]):
            best = (crossing, -gap, middle)
    return best[2] if best else None


def _bands(items: list[T], middle: float, column: tuple[float, float], depth: int) -> list[Placed[T]]:
    """Order items that span ``middle`` from the top; what stands between two of them is read in columns."""
    spanning = sorted((item for item in items if item.x0 < middle - 1 < item.x1 - 2), key=_middle)
    ids = {id(item) for item in spanning}
    rest = [item for item in items if id(item) not in ids]
    ordered: list[Placed[T]] = []
    for item in spanning:
        above = [other for other in rest if _middle(other) < item.y0 + 1]
        if above:
            rest = [other for other in rest if _middle(other) >= item.y0 + 1]
            ordered += _columns(above, middle, depth)
        ordered.append(Placed(item, *column))
    return ordered + _columns(rest, middle, depth)


def _columns(items: list[T], middle: float, depth: int) -> list[Placed[T]]:
    left = [item for item in items if (item.x0 + item.x1) / 2 < middle]
    right = [item for item in items if (item.x0 + item.x1) / 2 >= middle]
    return _order(left, None, depth + 1) + _order(right, None, depth + 1)


def _horizontal_cuts(items: list[T], size: float) -> list[list[T]]:
    """Part the items at the wider of the gaps that run from side to side."""
    gaps = _gaps([(item.y0, item.y1) for item in items], 0.1 * size)
    if not gaps:
        return [items]
    widest = max(end - start for start, end in gaps)
    cuts = [(start + end) / 2 for start, end in gaps if end - start >= 0.6 * widest]
    parts: list[list[T]] = [[] for _ in range(len(cuts) + 1)]
    for item in items:
        parts[bisect_right(cuts, _middle(item))].append(item)
    return [part for part in parts if part]
