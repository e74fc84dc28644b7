"""Rectangles of cells, from sheets and CSV files, as blocks of rows that each carry their header and their range."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ingest.parsing.office.grid import clean_cell, make_table, table_lines
from ingest.parsing.office.pieces import Piece, Reading
from wenyuan.documents import BlockKind, Cell, Table

_MAX_CHARS = 600
_MAX_ROWS = 40
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Region:
    """A filled rectangle: the sheet's 1-based row and column of its corner, and its cells addressed from there."""

    row: int
    column: int
    cells: tuple[Cell, ...]


def region_pieces(
    region: Region,
    section: int = 0,
    place: Callable[[int, int, int, int], str] | None = None,
) -> Iterator[Piece]:
    """Yield tables of a few rows, about 600 characters each, so that an anchor points at few rows.

    The header opens the text and the cells of each; the anchor is the range of its own rows, with the header's only
    where the two are neighbours. ``place`` writes a range where rows or columns between are left out.
    """
    table = make_table(region.cells)
    if table is None:
        return
    lines = table_lines(table)
    header = max((cell.row + cell.row_span for cell in table.cells if cell.header), default=0)
    head = [line for line in lines[:header] if line]
    placed = place or (lambda top, left, bottom, right: cell_range(None, top, left, bottom, right))
    rows = _Rows(table)
    start = header
    while start < table.rows:
        stop = _stop(lines, start, sum(map(len, head)))
        body = [line for line in lines[start:stop] if line]
        if body:
            first = region.row + (0 if start == header else start)
            anchor = placed(first, region.column, region.row + stop - 1, region.column + table.columns - 1)
            text = "\n".join([*head, *body])
            yield Piece(BlockKind.TABLE, text, table=rows.part(header, start, stop), anchor=anchor, section=section)
        start = stop


def cell_range(sheet: str | None, top: int, left: int, bottom: int, right: int) -> str:
    """Write a range as spreadsheets do: ``'Sheet 1'!A1:D9``, without a sheet ``A1:D9``; numbers are 1-based."""
    corner = f"{column_name(left)}{top}:{column_name(right)}{bottom}"
    return corner if sheet is None else "'" + sheet.replace("'", "''") + "'!" + corner


def column_name(number: int) -> str:
    """1 is A, 26 is Z, 27 is AA."""
    name = ""
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def read_csv(text: str) -> Reading:
    """Read comma, semicolon, tab or bar separated text; anchors are ranges as a spreadsheet would show them."""
    rows = list(csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=_delimiter(text)))
    cells = tuple(
        Cell(row, column, clean_cell(value))
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value.strip()
    )
    return Reading(tuple(region_pieces(Region(1, 1, cells))) if cells else ())


def _delimiter(text: str) -> str:
    """The delimiter that parts most lines of the sample into the same number of fields, more than one."""
    sample = [line for line in text[:20_000].splitlines()[:50] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter)]
        common = max(set(widths), key=widths.count, default=1)
        score = widths.count(common) * (1 + common / 100) if common > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _stop(lines: list[str], start: int, used: int) -> int:
    """Where a part ends that starts with ``start``; a short remainder of the table is taken along."""
    stop = start
    while stop < len(lines) and stop - start < _MAX_ROWS:
        used += len(lines[stop])
        if used > _MAX_CHARS and stop > start:
            break
        stop += 1
    rest = sum(map(len, lines[stop:]))
    return len(lines) if len(lines) - stop <= 2 and rest * 4 <= _MAX_CHARS else stop


class _Rows:
    """The cells of a table by row, so that cutting it into parts reads each cell once."""

    def __init__(self, table: Table) -> None:
        self._columns = table.columns
        self._low: dict[int, list[Cell]] = {}
        self._tall: list[Cell] = []
        for cell in table.cells:
            if cell.row_span > 1:
                self._tall.append(cell)
            else:
                self._low.setdefault(cell.row, []).append(cell)

    def part(self, header: int, start: int, stop: int) -> Table:
        """Header rows and rows ``start:stop``; a merged cell is cut where the part ends."""
        cells = [cell for row in range(header) for cell in self._low.get(row, ())]
        cells += [cell for cell in self._tall if cell.row < header]
        for row in range(start, stop):
            cells += [replace(cell, row=header + row - start) for cell in self._low.get(row, ())]
        for cell in self._tall:
            top, bottom = max(cell.row, start), min(cell.row + cell.row_span, stop)
            if cell.row >= header and top < bottom:
                cells.append(replace(cell, row=header + top - start, row_span=bottom - top))
        cells.sort(key=lambda cell: (cell.row, cell.column))
        return Table(header + stop - start, self._columns, tuple(cells))
