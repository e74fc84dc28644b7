"""Ruled tables: strokes that cross make a grid, missing strokes make spans, glyphs fall into cells.

Strokes and glyphs come from a PDF's drawing or from the bitmap of a page; the unit is the caller's, about a point.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from ingest.parsing.office.grid import NUMBER
from ingest.parsing.pdf.lines import text_of
from ingest.parsing.pdf.model import Glyph, Grid, GridCell, Rect, Rules
from ingest.tables.rows import TextRow, text_rows

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
_ALIGNED: Final = 0.8
_MIN_ALIGNED: Final = 3
_MIN_CUTS: Final = 3
_CUT_CELLS: Final = 0.1


def ruled_grids(rules: Rules, glyphs: Sequence[Glyph]) -> list[Grid]:
    """Return the tables drawn with strokes, filled with text, the outer ones where they nest.

    Frames around running text and charts with grid lines are not tables: a table has two rows and two columns at
    least, a fifth of its cells filled, and no page of prose in one of a few cells.
    """
    across = merge_strokes(rules.across)
    down = merge_strokes((y0, x, y1) for x, y0, y1 in rules.down)
    if not across or not down or len(across) + len(down) > _MAX_STROKES:
        return []
    grids = [grid for members in _components(across, down) if (grid := _grid(*members, glyphs)) is not None]
    grids.sort(key=lambda grid: _area(grid.rect), reverse=True)
    kept: list[Grid] = []
    for found in grids:
        if any(_inside(found.rect, outer.rect) for outer in kept):
            continue
        grid = _without_empty_ends(found) if fill(found, glyphs) else found
        if _is_table(grid):
            kept.append(mark_head(_split_rows(grid, glyphs)))
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


def cluster(values: Iterable[float]) -> list[float]:
    """Return the means of groups of values that follow one another as closely as strokes that touch."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= _TOUCH:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def fill(grid: Grid, glyphs: Sequence[Glyph]) -> bool:
    """Put the text of the glyphs into the cells that hold their centres; False, and no text, if strokes cut texts."""
    held = held_glyphs(grid, glyphs)
    if _cuts_texts(held):
        return False
    for index, cell in enumerate(grid.cells):
        cell.text = text_of(held[index]) if index in held else ""
    return True


def held_glyphs(grid: Grid, glyphs: Sequence[Glyph]) -> dict[int, list[Glyph]]:
    """Return the glyphs whose centres each cell holds, by the cell's place in the list."""
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
    return held


def _cuts_texts(held: Mapping[int, Sequence[Glyph]]) -> bool:
    """Tell whether strokes cut several texts, glyphs of which follow closely: frames that overlap are no table."""
    ends: dict[tuple[int, int], set[int]] = {}
    for index, glyphs in held.items():
        for glyph in glyphs:
            ends.setdefault((round(glyph.x1), round(glyph.y0)), set()).add(index)
    cuts = sum(
        bool(ends.get((round(glyph.x0), round(glyph.y0)), {index}) - {index})
        for index, glyphs in held.items()
        for glyph in glyphs
    )
    return cuts >= max(_MIN_CUTS, _CUT_CELLS * len(held))


def mark_head(grid: Grid) -> Grid:
    """Mark the rows of headings at the top: words above values, with the rows that cells merged across head."""
    first = [cell for cell in grid.cells if cell.row == 0]
    if any(cell.header for cell in grid.cells) or grid.rows < 2 or not first:
        return grid
    titled = len(first) == 1 and first[0].column_span == grid.columns
    depth = max(cell.row_span for cell in first)
    if titled:
        depth += max((cell.row_span for cell in grid.cells if cell.row == depth), default=1)
    while depth < grid.rows and _heads_below([cell for cell in grid.cells if cell.row < depth], depth, grid.columns):
        depth += 1
    head = [cell for cell in grid.cells if cell.row < depth]
    top = [cell for cell in head if cell.row == (first[0].row_span if titled else 0)]
    words = [cell for cell in top if cell.text and not NUMBER.match(cell.text)]
    named = sum(bool(cell.text) for cell in top if cell.column > 0)
    if depth >= grid.rows or len(top) < 2 or len(words) < max(len(top) // 2, 1):
        return grid
    values = any(NUMBER.match(cell.text) for cell in head if cell.column > 0 and cell.text and not _is_year(cell.text))
    if not values and named >= 0.6 * sum(cell.column > 0 for cell in top):
        for cell in head:
            cell.header = True
    return grid


def _without_empty_ends(grid: Grid) -> Grid:
    """Leave out a first or last row without text that nothing above or below spans into: the space between rules."""
    for last in (True, False):
        edge = grid.rows - 1 if last else 0
        own = [cell for cell in grid.cells if cell.row <= edge < cell.row + cell.row_span]
        if grid.rows < 3 or any(cell.text or cell.row_span > 1 for cell in own):
            continue
        cells = [cell for cell in grid.cells if cell.row != edge]
        top, bottom = min(cell.rect[1] for cell in cells), max(cell.rect[3] for cell in cells)
        for cell in cells:
            cell.row -= not last
        grid = Grid(grid.x0, top, grid.x1, bottom, grid.rows - 1, grid.columns, cells)
    return grid


def _heads_below(head: Sequence[GridCell], depth: int, columns: int) -> bool:
    """Tell whether a merged heading ends right above row ``depth``, which then tells its columns apart."""
    return any(cell.row + cell.row_span == depth and 1 < cell.column_span < columns and cell.text for cell in head)


def _is_year(text: str) -> bool:
    return text.strip().isdecimal() and len(text.strip()) == 4


def _split_rows(grid: Grid, glyphs: Sequence[Glyph]) -> Grid:
    """Part rows of a grid that hold several lines of values, where strokes stand only under every few rows."""
    held = held_glyphs(grid, glyphs)
    lines = {index: text_rows(own) for index, own in held.items()}
    parts = {row: _parts_of(row, grid, lines) for row in range(grid.rows)}
    if all(len(cuts) == 0 for cuts in parts.values()):
        return grid
    starts, total = {}, 0
    for row in range(grid.rows):
        starts[row] = total
        total += len(parts[row]) + 1
    starts[grid.rows] = total
    cells: list[GridCell] = []
    for index, cell in enumerate(grid.cells):
        x0, y0, x1, y1 = cell.rect
        cuts = parts[cell.row] if cell.row_span == 1 else []
        if not cuts:
            span = starts[cell.row + cell.row_span] - starts[cell.row]
            cells.append(GridCell(starts[cell.row], cell.column, span, cell.column_span, cell.rect, cell.text))
            continue
        edges = [y0, *cuts, y1]
        own = held.get(index, [])
        for number, (top, bottom) in enumerate(pairwise(edges)):
            inside = [glyph for glyph in own if top <= (glyph.y0 + glyph.y1) / 2 < bottom]
            rect = (x0, top, x1, bottom)
            text = text_of(inside) if inside else ""
            cells.append(GridCell(starts[cell.row] + number, cell.column, 1, cell.column_span, rect, text))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Grid(*grid.rect, total, grid.columns, cells)


def _parts_of(row: int, grid: Grid, lines: Mapping[int, Sequence[TextRow]]) -> list[float]:
    """Return where a row of the grid is to be cut: nearly all its cells hold as many lines, on common baselines.

    A cell with text wrapped to its width is one cell, whatever its neighbours hold.
    """
    own = [(cell, lines[index]) for index, cell in enumerate(grid.cells) if cell.row == row and index in lines]
    if len(own) < _MIN_ALIGNED or any(cell.row_span > 1 for cell, _ in own):
        return []
    count = max(len(rows) for _, rows in own)
    agree = [(cell, rows) for cell, rows in own if len(rows) == count]
    if count < 2 or len(agree) < max(_ALIGNED * len(own), _MIN_ALIGNED):
        return []
    values = [rows for cell, rows in agree if sum(_is_value(one) for one in rows) >= _ALIGNED * count]
    if len(values) < _MIN_ALIGNED or len(values) < 0.5 * len(agree):
        return []
    for at in range(count):
        middles = [rows[at].middle for _, rows in agree]
        if max(middles) - min(middles) > 0.5 * agree[0][1][0].size:
            return []
    return [
        (max(rows[at].y1 for _, rows in agree) + min(rows[at + 1].y0 for _, rows in agree)) / 2
        for at in range(count - 1)
    ]


def _is_value(row: TextRow) -> bool:
    return bool(NUMBER.match(text_of(row.glyphs)))


def holds(rect: Rect, x: float, y: float) -> bool:
    """Tell whether a box, one point larger on each side, holds a point."""
    return rect[0] - 1 <= x <= rect[2] + 1 and rect[1] - 1 <= y <= rect[3] + 1


def inside(glyphs: Sequence[Glyph], rect: Rect) -> list[Glyph]:
    """Return the glyphs whose centres a box holds, one point larger on each side."""
    left, top, right, bottom = 2 * (rect[0] - 1), 2 * (rect[1] - 1), 2 * (rect[2] + 1), 2 * (rect[3] + 1)
    return [g for g in glyphs if top <= g[2] + g[4] <= bottom and left <= g[1] + g[3] <= right]


def outside(glyphs: Sequence[Glyph], rect: Rect) -> list[Glyph]:
    """Return the glyphs that ``inside`` leaves."""
    left, top, right, bottom = 2 * (rect[0] - 1), 2 * (rect[1] - 1), 2 * (rect[2] + 1), 2 * (rect[3] + 1)
    return [g for g in glyphs if not (top <= g[2] + g[4] <= bottom and left <= g[1] + g[3] <= right)]


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


def _has_text(glyphs: Sequence[Glyph], rect: Rect) -> bool:
    return any(rect[0] < (g.x0 + g.x1) / 2 < rect[2] and rect[1] < (g.y0 + g.y1) / 2 < rect[3] for g in glyphs)


def _grid(across: Sequence[Stroke], down: Sequence[Stroke], glyphs: Sequence[Glyph]) -> Grid | None:
    ys = cluster(stroke[1] for stroke in across)
    xs = cluster(stroke[1] for stroke in down)
    # A table open at the sides ends where its horizontal strokes end.
    left, right = min(stroke[0] for stroke in across), max(stroke[2] for stroke in across)
    if xs[0] - left > _OUTER_EDGE:
        xs = [left, *xs]
    if right - xs[-1] > _OUTER_EDGE:
        xs = [*xs, right]
    # One without a rule above or below ends where its upright strokes end, if text stands there.
    top, bottom = min(stroke[0] for stroke in down), max(stroke[2] for stroke in down)
    if ys[0] - top > _OUTER_EDGE and _has_text(glyphs, (xs[0], top, xs[-1], ys[0])):
        ys = [top, *ys]
    if bottom - ys[-1] > _OUTER_EDGE and _has_text(glyphs, (xs[0], ys[-1], xs[-1], bottom)):
        ys = [*ys, bottom]
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
