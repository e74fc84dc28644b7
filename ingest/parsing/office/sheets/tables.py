"""Find the tables of a sheet: filled rectangles, their titles, their header rows."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from ingest.parsing.formats.rows import Region, region_pieces
from ingest.parsing.office.grid import NUMBER
from ingest.parsing.office.pieces import Piece
from wenyuan.documents import BlockKind, Cell

Box = tuple[int, int, int, int]  # top, left, bottom, right: 1-based, inclusive
Grid = dict[tuple[int, int], str]
Spans = dict[tuple[int, int], tuple[int, int]]
Place = Callable[[int, int, int, int], str]
_MAX_TITLE: Final = 80
_MAX_HEAD: Final = 5
_MAX_WIDTH: Final = 500
_UNIT: Final = re.compile(r"[（(]?\s*(?:单位|币种|货币|unit)[:：]", re.IGNORECASE)


def grid_pieces(grid: Grid, spans: Spans, place: Place, section: int) -> Iterator[Piece]:
    """Yield titles, lone cells and tables of a grid; ``place`` writes the anchor of a range."""
    for top, left, bottom, right in _boxes(grid, spans):
        first, titled = top, False
        while first <= bottom and (column := _alone(grid, spans, (first, left, right))):
            text = grid[first, column]
            heads = not titled and len(text) <= _MAX_TITLE and first < bottom and left < right and not _UNIT.match(text)
            titled = titled or heads
            kind, level = (BlockKind.TITLE, 2) if heads else (BlockKind.PARAGRAPH, 0)
            yield Piece(kind, text, level, anchor=place(first, column, first, column), section=section)
            first += 1
        if first <= bottom:
            region = _region(grid, spans, (first, left, bottom, right))
            yield from region_pieces(region, section=section, place=place)


def _alone(grid: Grid, spans: Spans, row: tuple[int, int, int]) -> int:
    """Return the column of the only cell of a (row, left, right) that is one row high, else 0."""
    number, left, right = row
    inside = [column for column in range(left, right + 1) if (number, column) in grid]
    return inside[0] if len(inside) == 1 and spans.get((number, inside[0]), (1, 1))[0] == 1 else 0


def _region(grid: Grid, spans: Spans, box: Box) -> Region:
    """The cells of a box, its header rows marked where merged cells show them."""
    top, left, bottom, right = box
    header = top + _head_depth(grid, spans, box)
    cells = []
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if (row, column) in grid:
                down, wide = spans.get((row, column), (1, 1))
                down, wide = min(down, bottom - row + 1), min(wide, right - column + 1)
                cells.append(Cell(row - top, column - left, grid[row, column], down, wide, row < header))
    return Region(top, left, tuple(cells))


def _head_depth(grid: Grid, spans: Spans, box: Box) -> int:
    """Return how many rows head a table, 0 where merged cells do not tell.

    Cells merged across head the row below them, so that row belongs to the header too; headers are words.
    """
    top, left, bottom, right = box
    deep, row = 1, top
    while row < top + deep <= bottom and deep <= _MAX_HEAD:
        own = [spans[row, column] for column in range(left, right + 1) if (row, column) in spans]
        deep = max([deep, *(row - top + down + (wide > 1) for down, wide in own)])
        row += 1
    words = all(
        not NUMBER.match(grid[row, column])
        for row in range(top, min(top + deep, bottom + 1))
        for column in range(left, right + 1)
        if (row, column) in grid
    )
    return deep if 1 < deep <= min(bottom - top, _MAX_HEAD) and words else 0


def _boxes(grid: Grid, spans: Spans) -> Iterator[Box]:
    """Cut a sheet into filled rectangles at empty rows, then at empty columns between two tables."""
    columns_of: dict[int, set[int]] = {}
    for row, column in grid:
        columns_of.setdefault(row, set()).add(column)
    for (row, column), (down, wide) in spans.items():
        for each in range(row, row + down):
            columns_of.setdefault(each, set()).update(range(column, column + wide))
    for top, bottom in _runs(sorted(columns_of)):
        columns = sorted(set().union(*(columns_of[row] for row in range(top, bottom + 1))))
        parts = _runs(columns)
        near = columns[-1] - columns[0] < _MAX_WIDTH
        if (
            len(parts) > 1
            and near
            and not all(_is_table(grid, spans, columns_of, (top, bottom), part) for part in parts)
        ):
            parts = [(columns[0], columns[-1])]
        for left, right in parts:
            inside = set(range(left, right + 1))
            rows = [row for row in range(top, bottom + 1) if not inside.isdisjoint(columns_of[row])]
            yield rows[0], left, rows[-1], right


def _is_table(
    grid: Grid, spans: Spans, columns_of: dict[int, set[int]], rows: tuple[int, int], columns: tuple[int, int]
) -> bool:
    """At least two rows and columns under a full first row of words: not columns set apart by a narrow gap.

    A title alone in the first row is passed over.
    """
    left, right = columns
    inside = set(range(left, right + 1))
    own = [row for row in range(rows[0], rows[1] + 1) if not inside.isdisjoint(columns_of[row])]
    for row in own[:2]:
        first = _filled(grid, spans, row, columns)
        if right > left and row < own[-1] and all(text and not NUMBER.match(text) for text in first):
            return True
        if sum(bool(text) for text in first) != 1:
            break
    return False


def _filled(grid: Grid, spans: Spans, row: int, columns: tuple[int, int]) -> list[str]:
    """The texts of a row; one merged across stands at each of its columns."""
    texts: list[str] = []
    until = 0
    for column in range(columns[0], columns[1] + 1):
        text = grid.get((row, column), "")
        if text:
            until = column + spans.get((row, column), (1, 1))[1]
        texts.append(text or (texts[-1] if column < until and texts else ""))
    return texts


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
