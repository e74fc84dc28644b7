"""Rows of a table without rules that stand alone beyond a break: its last ones overleaf, or its head left behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ingest.parsing.characters import join_lines
from ingest.parsing.pdf.model import Grid, GridCell, Line, PageLayout
from ingest.tables.columns import page_columns

_LONG_LINE: Final = 8
_SAME_ROW: Final = 0.45
_WRAPPED: Final = 1.5
_PITCH: Final = 3.6
_EDGE: Final = 0.35
_OFF: Final = 0.3
_MAX_ROWS: Final = 4
_MAX_HEAD: Final = 4
_LOW: Final = 0.55
_HIGH: Final = 0.42

_Row = list[Line]


@dataclass(slots=True)
class _Column:
    """A column of a page: its lines and tables from the top."""

    page: PageLayout
    rows: list[_Row]
    grids: list[Grid]

    @property
    def top(self) -> Grid | None:
        """The table that opens the column."""
        first = min(self.grids, key=lambda grid: grid.y0, default=None)
        return first if first is not None and not any(row[0].middle < first.y0 for row in self.rows) else None

    @property
    def bottom(self) -> Grid | None:
        """The table that ends the column."""
        last = max(self.grids, key=lambda grid: grid.y1, default=None)
        return last if last is not None and not any(row[0].middle > last.y1 for row in self.rows) else None


def carry_rows(pages: Sequence[PageLayout]) -> None:
    """Make tables of rows that a page break, or the end of a column, cut off a table found by alignment.

    The lines of the rows are taken out of their page. The new tables have the columns of the one they belong to, by
    which the parts are joined later.
    """
    if not any(grid.texts for page in pages for grid in page.grids):
        return
    columns = [column for page in pages for column in _columns(page)]
    for before, after in pairwise(columns):
        if before.page.frame.quarter is not after.page.frame.quarter:
            continue
        last, first = before.bottom, after.top
        if last is not None and last.texts and after.rows and first is None:
            _take_rows(last, before.page, after)
        elif first is not None and first.texts and before.rows and last is None:
            _take_head(first, before, after.page)


def _columns(page: PageLayout) -> list[_Column]:
    if not page.lines and not page.grids:
        return []
    extents = [(line.x0, line.x1) for line in page.lines if line.x1 - line.x0 > _LONG_LINE * line.size]
    extents += [(grid.x0, grid.x1) for grid in page.grids for _ in range(grid.rows)]
    found = []
    for left, right in page_columns(extents, page.frame.size[0]):
        lines = [line for line in page.lines if left <= (line.x0 + line.x1) / 2 < right]
        grids = [grid for grid in page.grids if left <= (grid.x0 + grid.x1) / 2 < right]
        found.append(_Column(page, _rows(lines), grids))
    return found


def _rows(lines: Sequence[Line]) -> list[_Row]:
    rows: list[_Row] = []
    for line in sorted(lines, key=lambda one: one.middle):
        if rows and line.middle - rows[-1][0].middle < _SAME_ROW * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda one: one.x0) for row in rows]


def _take_rows(last: Grid, page: PageLayout, after: _Column) -> None:
    """Take the rows at the top of a column that go on with the table ``last`` of ``page``, if the first ones do."""
    height = page.frame.size[1]
    if last.y1 < _LOW * height or after.rows[0][0].y0 > _HIGH * height:
        return
    shift = after.rows[0][0].x0 - last.texts[0][0]
    groups: list[list[dict[int, Line]]] = []
    above: _Row | None = None
    for row in after.rows:
        size = row[0].size
        step = row[0].middle - above[0].middle if above is not None else 0.0
        placed = _placed(row, last, shift)
        opens = not groups or step > _WRAPPED * size
        if placed is None or step > _PITCH * size or (opens and (0 not in placed or len(placed) < 2)):
            break
        if opens:
            groups.append([])
        groups[-1].append(placed)
        above = row
    if not 0 < len(groups) <= _MAX_ROWS:
        return
    end = max(line.y1 for group in groups for row in group for line in row.values())
    following = next((row[0] for row in after.rows if row[0].middle > end), None)
    if following is not None and following.y0 - end < following.size / 2:
        return
    _add(after, last, shift, groups, header=False)


def _placed(row: _Row, grid: Grid, shift: float) -> dict[int, Line] | None:
    """Return the lines of a row by the column they begin, end or are centred in; None if one is in none."""
    found: dict[int, Line] = {}
    for line in row:
        near = _EDGE * line.size
        for column, (x0, x1) in enumerate(grid.texts):
            start, end = x0 + shift, x1 + shift
            room = grid.texts[column + 1][0] + shift if column + 1 < len(grid.texts) else grid.x1 + shift + line.size
            offs = (line.x0 - start, line.x1 - end, (line.x0 + line.x1 - start - end) / 2)
            inside = line.x0 >= start - near and line.x1 < room
            if inside and min(map(abs, offs if column else offs[:1])) <= near and column not in found:
                found[column] = line
                break
        else:
            return None
    return found


def _take_head(first: Grid, before: _Column, page: PageLayout) -> None:
    """Take the bold lines at the foot of a column as the head of the table ``first`` that opens the next."""
    height = page.frame.size[1]
    if before.rows[-1][0].y1 < _LOW * height or first.y0 > _HIGH * height or _has_head(first):
        return
    taken: list[_Row] = []
    for row in reversed(before.rows):
        far = taken and taken[-1][0].middle - row[0].middle > _WRAPPED * row[0].size
        if far or not all(line.bold for line in row) or abs(row[0].size - before.rows[-1][0].size) > _EDGE:
            break
        taken.append(row)
    lines = [line for row in reversed(taken) for line in row]
    if not 0 < len(taken) <= _MAX_HEAD or len(lines) < first.columns:
        return
    middles = [(x0 + x1) / 2 for x0, x1 in first.texts]
    top = max(taken, key=len)
    if len(top) != first.columns:
        return
    shift = (sum((line.x0 + line.x1) / 2 for line in top) - sum(middles)) / len(top)
    head: dict[int, list[Line]] = {}
    for line in lines:
        middle = (line.x0 + line.x1) / 2 - shift
        column = min(range(first.columns), key=lambda at: abs(middles[at] - middle))
        head.setdefault(column, []).append(line)
        if abs(middles[column] - middle) > _OFF * (first.x1 - first.x0) / first.columns + line.size:
            return
    if len(head) == first.columns:
        _add(before, first, shift, [[{at: line} for at, own in head.items() for line in own]], header=True)


def _has_head(grid: Grid) -> bool:
    return any(cell.header for cell in grid.cells)


def _add(
    column: _Column, grid: Grid, shift: float, groups: Sequence[Sequence[dict[int, Line]]], *, header: bool
) -> None:
    """Put the table of ``groups``, the lines of each of its rows by column, on the page in the place of the lines."""
    edges = sorted({cell.rect[0] for cell in grid.cells} | {grid.x1})
    if len(edges) != grid.columns + 1:
        return
    bands = [[line for row in group for line in row.values()] for group in groups]
    tops = [min(line.y0 for line in band) - 1 for band in bands]
    ys = [*tops, max(line.y1 for line in bands[-1]) + 1]
    cells = []
    for number, group in enumerate(groups):
        for at, (x0, x1) in enumerate(pairwise(edges)):
            text = ""
            for row in group:
                text = join_lines(text, row[at].text) if at in row else text
            rect = (x0 + shift, ys[number], x1 + shift, ys[number + 1])
            cells.append(GridCell(number, at, 1, 1, rect, text, header))
    taken = {id(line) for band in bands for line in band}
    made = Grid(grid.x0 + shift, ys[0], grid.x1 + shift, ys[-1], len(groups), grid.columns, cells, aligned=True)
    column.page.lines = [line for line in column.page.lines if id(line) not in taken]
    column.page.grids.append(made)
    column.grids.append(made)
    column.rows = [kept for row in column.rows if (kept := [line for line in row if id(line) not in taken])]
