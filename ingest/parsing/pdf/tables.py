"""Ruled tables: strokes that cross make a grid, missing strokes make spans, glyphs fall into cells."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from ingest.parsing.pdf.lines import text_of
from ingest.parsing.pdf.model import Glyph, Grid, GridCell, Rect, Rules

Stroke: TypeAlias = tuple[float, float, float]
"""A stroke along an axis: (from, at, to)."""

_TOUCH: Final = 3.0
_SAME_AXIS: Final = 1.6
_ON_AXIS: Final = 3.5
_MAX_STROKES: Final = 1_500
_MAX_POSITIONS: Final = 20_000
_OUTER_EDGE: Final = 8.0
# A stroke closes the side of a cell when it covers the middle fifth of it.
_COVERED: Final = 0.4
_MIN_FILLED: Final = 0.2
_LAYOUT_CELLS: Final = 6
_LAYOUT_CHARS: Final = 500
_LAYOUT_SHARE: Final = 0.6
_MAX_REPEATED: Final = 1.5


def ruled_grids(rules: Rules, glyphs: Sequence[Glyph]) -> list[Grid]:
    """Return the tables drawn with strokes, filled with text, the outer ones where they nest.

    Frames around running text and charts with grid lines are not tables: a table has two rows and two columns at
    least, a fifth of its cells filled, and no page of prose in one of a few cells.
    """
    across = merge_strokes(rules.across)
    down = merge_strokes((y0, x, y1) for x, y0, y1 in rules.down)
    if not across or not down or len(across) + len(down) > _MAX_STROKES:
        return []
    grids = [grid for members in _components(across, down) if (grid := _grid(*members)) is not None]
    grids.sort(key=lambda grid: _area(grid.rect), reverse=True)
    kept: list[Grid] = []
    for grid in grids:
        if any(_inside(grid.rect, outer.rect) for outer in kept):
            continue
        fill(grid, glyphs)
        if _is_table(grid):
            kept.append(grid)
    return kept


def merge_strokes(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Join strokes on one axis that touch or overlap."""
    merged: list[Stroke] = []
    by_axis: list[list[Stroke]] = []
    for stroke in sorted(strokes, key=lambda one: one[1]):
        if by_axis and stroke[1] - by_axis[-1][-1][1] <= _SAME_AXIS:
            by_axis[-1].append(stroke)
        else:
            by_axis.append([stroke])
    for group in by_axis:
        at = sum(stroke[1] for stroke in group) / len(group)
        start, _, end = min(group)
        for one in sorted(group):
            if one[0] <= end + _TOUCH:
                end = max(end, one[2])
            else:
                merged.append((start, at, end))
                start, end = one[0], one[2]
        merged.append((start, at, end))
    return merged


def cluster(values: Iterable[float], tolerance: float = _TOUCH) -> list[float]:
    """Return the means of groups of values that follow one another within ``tolerance``."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= tolerance:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def fill(grid: Grid, glyphs: Sequence[Glyph]) -> None:
    """Put the text of the glyphs into the cells that hold their centres."""
    xs = sorted({value for cell in grid.cells for value in (cell.rect[0], cell.rect[2])})
    ys = sorted({value for cell in grid.cells for value in (cell.rect[1], cell.rect[3])})
    owner = {
        (column, row): index
        for index, cell in enumerate(grid.cells)
        for column in range(bisect_right(xs, cell.rect[0]) - 1, bisect_right(xs, cell.rect[2]) - 1)
        for row in range(bisect_right(ys, cell.rect[1]) - 1, bisect_right(ys, cell.rect[3]) - 1)
    }
    held: defaultdict[int, list[Glyph]] = defaultdict(list)
    for glyph in glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
        if holds(grid.rect, x, y):
            column = min(max(bisect_right(xs, x) - 1, 0), len(xs) - 2)
            row = min(max(bisect_right(ys, y) - 1, 0), len(ys) - 2)
            index = owner.get((column, row))
            if index is not None:
                held[index].append(glyph)
    for index, cell in enumerate(grid.cells):
        cell.text = text_of(held[index]) if index in held else ""


def holds(rect: Rect, x: float, y: float) -> bool:
    """Tell whether a box, one point larger on each side, holds a point."""
    return rect[0] - 1 <= x <= rect[2] + 1 and rect[1] - 1 <= y <= rect[3] + 1


def _components(across: Sequence[Stroke], down: Sequence[Stroke]) -> list[tuple[list[Stroke], list[Stroke]]]:
    """Group strokes that cross or touch, directly or through others."""
    parent = list(range(len(across) + len(down)))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for i, (x0, y, x1) in enumerate(across):
        for j, (y0, x, y1) in enumerate(down):
            if x0 - _TOUCH <= x <= x1 + _TOUCH and y0 - _TOUCH <= y <= y1 + _TOUCH:
                parent[find(i)] = find(len(across) + j)
    groups: defaultdict[int, tuple[list[Stroke], list[Stroke]]] = defaultdict(lambda: ([], []))
    for i, stroke in enumerate(across):
        groups[find(i)][0].append(stroke)
    for j, stroke in enumerate(down):
        groups[find(len(across) + j)][1].append(stroke)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _grid(across: Sequence[Stroke], down: Sequence[Stroke]) -> Grid | None:
    ys = cluster(stroke[1] for stroke in across)
    xs = cluster(stroke[1] for stroke in down)
    # A table open at the sides ends where its horizontal strokes end.
    left, right = min(stroke[0] for stroke in across), max(stroke[2] for stroke in across)
    if xs[0] - left > _OUTER_EDGE:
        xs = [left, *xs]
    if right - xs[-1] > _OUTER_EDGE:
        xs = [*xs, right]
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 2 or columns < 2 or rows * columns > _MAX_POSITIONS:
        return None
    upright = [[stroke for stroke in down if abs(stroke[1] - x) <= _ON_AXIS] for x in xs]
    level = [[stroke for stroke in across if abs(stroke[1] - y) <= _ON_AXIS] for y in ys]
    walls = [[_closed(upright[c], ys[r], ys[r + 1]) for c in range(columns)] for r in range(rows)]
    floors = [[_closed(level[r], xs[c], xs[c + 1]) for c in range(columns)] for r in range(rows)]
    cells = _merge_cells(xs, ys, walls, floors)
    return Grid(xs[0], ys[0], xs[-1], ys[-1], rows, columns, cells) if len(cells) >= 3 else None


def _closed(strokes: Sequence[Stroke], start: float, end: float) -> bool:
    """Tell whether one of the strokes covers the middle of ``start``..``end``."""
    margin = (end - start) * _COVERED
    return any(stroke[0] <= start + margin and stroke[2] >= end - margin for stroke in strokes)


def _merge_cells(
    xs: Sequence[float], ys: Sequence[float], walls: Sequence[Sequence[bool]], floors: Sequence[Sequence[bool]]
) -> list[GridCell]:
    """Grow each cell to the right, then down, until a stroke stops it. ``walls[r][c]`` is left of, ``floors`` above."""
    rows, columns = len(ys) - 1, len(xs) - 1
    taken: set[tuple[int, int]] = set()
    cells: list[GridCell] = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) in taken:
                continue
            right = column + 1
            while right < columns and not walls[row][right] and (row, right) not in taken:
                right += 1
            bottom = row + 1
            while (
                bottom < rows
                and not any(floors[bottom][c] or (bottom, c) in taken for c in range(column, right))
                and not any(walls[bottom][c] for c in range(column + 1, right))
            ):
                bottom += 1
            taken.update((r, c) for r in range(row, bottom) for c in range(column, right))
            rect = (xs[column], ys[row], xs[right], ys[bottom])
            cells.append(GridCell(row, column, bottom - row, right - column, rect))
    return cells


def _is_table(grid: Grid) -> bool:
    filled = [cell for cell in grid.cells if cell.text]
    if len(filled) < 2 or len(filled) < _MIN_FILLED * len(grid.cells):
        return False
    if max(_area(cell.rect) for cell in filled) > _LAYOUT_SHARE * _area(grid.rect):
        return False
    if _repeated(grid) > _MAX_REPEATED * sum(len(cell.text) for cell in filled):
        return False
    return len(grid.cells) > _LAYOUT_CELLS or max(len(cell.text) for cell in filled) < _LAYOUT_CHARS


def _repeated(grid: Grid) -> int:
    """Characters that merged cells add when each of their positions is written out; frames of a page add many."""
    return sum(
        len(cell.text) * (cell.row_span * cell.column_span - 1)
        for cell in grid.cells
        if cell.column_span < grid.columns
    )


def _area(rect: Rect) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


def _inside(inner: Rect, outer: Rect) -> bool:
    return (
        inner[0] >= outer[0] - _TOUCH
        and inner[1] >= outer[1] - _TOUCH
        and inner[2] <= outer[2] + _TOUCH
        and inner[3] <= outer[3] + _TOUCH
    )
