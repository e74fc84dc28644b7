"""Tables among recognised rows: cells that stand under one another in several rows."""

from collections.abc import Sequence
from statistics import mean, median
from typing import Final

from ingest.ocr.page.lines import TextLine, bounds, confidence
from ingest.parsing.office.grid import make_table, table_text
from wenyuan.documents import Block, BlockKind, Box, Cell, Table
from wenyuan.text import join_lines

_MIN_ROWS: Final = 3
_MAX_GAP: Final = 2.5
_FULL: Final = 0.75


class Row:
    """Lines that stand side by side, from left to right."""

    def __init__(self, line: TextLine) -> None:
        self.lines = [line]

    def add(self, line: TextLine) -> None:
        """Put a line in its place."""
        self.lines = sorted([*self.lines, line], key=lambda one: one.x0)

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.lines[0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return max(line.x1 for line in self.lines)

    @property
    def y0(self) -> float:
        """Top edge."""
        return min(line.y0 for line in self.lines)

    @property
    def y1(self) -> float:
        """Bottom edge."""
        return max(line.y1 for line in self.lines)

    @property
    def size(self) -> float:
        """Mean height of the lines' text."""
        return mean(line.size for line in self.lines)

    @property
    def text(self) -> str:
        """The lines' text, joined."""
        return join_lines(line.text for line in self.lines)


def group_rows(lines: Sequence[TextLine]) -> list[Row]:
    """Group lines that stand side by side: their heights overlap by more than half."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda one: one.y0 + one.y1):
        last = rows[-1] if rows else None
        if last is not None and all(line.x0 >= other.x1 or line.x1 <= other.x0 for other in last.lines):
            overlap = min(last.y1, line.y1) - max(last.y0, line.y0)
            if overlap > 0.5 * min(last.y1 - last.y0, line.y1 - line.y0):
                last.add(line)
                continue
        rows.append(Row(line))
    return rows


def find_tables(rows: Sequence[Row], body: float) -> list[tuple[int, int]]:
    """Return (first, behind last) of runs of rows that are tables; ``body`` is the height of a line of text.

    A run has three rows or more of two cells or more, close to one another, whose cells fall into common columns. A
    row of a single cell may stand inside it where it fits one column: the second line of a cell.
    """
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(rows):
        stop = _run(rows, start, body)
        if stop - start >= _MIN_ROWS and _is_table(rows[start:stop]):
            found.append((start, stop))
            start = stop
        else:
            start += 1
    return found


def table_block(rows: Sequence[Row], page: int) -> Block:
    """Make a table of rows; a row with few cells and none in the first column goes on with the row above it."""
    columns = _columns(rows)
    grid: list[dict[int, list[TextLine]]] = []
    for row in rows:
        placed: dict[int, list[TextLine]] = {}
        for line in row.lines:
            placed.setdefault(_column_of(line, columns), []).append(line)
        if grid and 0 not in placed and len(placed) * 2 <= len(columns) - 1:
            for column, lines in placed.items():
                grid[-1].setdefault(column, []).extend(lines)
        else:
            grid.append(placed)
    cells = tuple(
        Cell(number, column, _cell_text(lines), header=number == 0, box=bounds(lines, page))
        for number, placed in enumerate(grid)
        for column, lines in sorted(placed.items())
    )
    texts = [[""] * len(columns) for _ in grid]
    for cell in cells:
        texts[cell.row][cell.column] = cell.text
    text = "\n".join(" | ".join(row).rstrip(" |") for row in texts)
    lines = [line for row in rows for line in row.lines]
    table = Table(len(grid), len(columns), cells)
    return Block(BlockKind.TABLE, text, (bounds(lines, page),), confidence=confidence(lines), table=table)


def read_table_block(table: Table, lines: Sequence[TextLine], box: Box) -> Block:
    """Make the block of a table that was read with its cells; ``lines`` are those of its text."""
    sized = make_table(table.cells) or table
    return Block(BlockKind.TABLE, table_text(sized), (box,), confidence=confidence(lines), table=sized)


def _cell_text(lines: Sequence[TextLine]) -> str:
    return join_lines(line.text.replace("|", "｜") for line in lines)


def _run(rows: Sequence[Row], start: int, body: float) -> int:
    """Index behind the last row of several cells that follows ``start`` without a wide gap."""
    if len(rows[start].lines) < 2:
        return start
    stop = last = start + 1
    while stop < len(rows) and rows[stop].y0 - rows[stop - 1].y1 <= body * _MAX_GAP:
        if len(rows[stop].lines) >= 2:
            last = stop + 1
        elif stop > last or not _fits(rows[stop].lines[0], rows[start:last]):
            break
        stop += 1
    return last


def _fits(line: TextLine, above: Sequence[Row]) -> bool:
    """Whether a line lies within one column of the rows above."""
    return sum(line.x0 < right and line.x1 > left for left, right in _columns(above)) == 1


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Unite the horizontal extents of cells that overlap, narrowest first; a cell over several columns joins none."""
    columns: list[tuple[float, float]] = []
    for line in sorted((line for row in rows for line in row.lines), key=lambda line: line.width):
        touching = [column for column in columns if line.x0 < column[1] and line.x1 > column[0]]
        if len(touching) == 1:
            columns.remove(touching[0])
            columns.append((min(line.x0, touching[0][0]), max(line.x1, touching[0][1])))
        elif not touching:
            columns.append((line.x0, line.x1))
    return sorted(columns)


def _column_of(line: TextLine, columns: Sequence[tuple[float, float]]) -> int:
    """The first column a cell overlaps, which for a cell over several columns is its left one."""
    return next((i for i, (left, right) in enumerate(columns) if line.x0 < right and line.x1 > left), 0)


def _is_table(rows: Sequence[Row]) -> bool:
    columns = _columns(rows)
    if len(columns) < 2 or median(len(row.lines) for row in rows) < len(columns) * 0.5:
        return False
    shares = []
    for line in (line for row in rows for line in row.lines):
        left, right = columns[_column_of(line, columns)]
        shares.append(line.width / (right - left))
    # Columns of running text fill their width; cells of a table mostly do not.
    return len(columns) >= 3 or median(shares) < _FULL or len(rows) > _MIN_ROWS
