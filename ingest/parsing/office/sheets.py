"""Workbooks as pieces: every sheet a section, every filled rectangle a table that knows its range."""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.parsing.office.grid import NUMBER, clean_cell
from ingest.parsing.office.pieces import Piece, Reading
from ingest.parsing.office.rows import Region, cell_range, region_pieces
from wenyuan.documents import BlockKind, Cell

_MAX_CELLS = 2_000_000
# A formula whose result was never stored, as files written by programs without a calculating engine have.
_UNCALCULATED = re.compile(rb"</f></c>|<f[^<>]*/></c>|</f><v></v></c>|</f><v/></c>|</f>\s*<v\s*/>")
_MAX_TITLE = 80

Box = tuple[int, int, int, int]  # top, left, bottom, right: 1-based, inclusive
Grid = dict[tuple[int, int], str]
Spans = dict[tuple[int, int], tuple[int, int]]


def read_sheets(path: Path) -> Reading:
    """Read an XLSX: shown values, merged cells, several tables a sheet.

    A row of one cell above a table is its title. Warns ``sheet-hidden:N`` for a hidden sheet, which is left out (its
    author did not mean to show it), and ``formula-without-value:N`` where formulas stand for results that were never
    stored; N is the 1-based place of the sheet.
    """
    import openpyxl

    with path.open("rb") as file:  # given a path, the library would insist on an extension, and stored files have none
        book = openpyxl.load_workbook(file, data_only=True)
        formulas = openpyxl.load_workbook(file) if _lacks_results(path) else None
    pieces: list[Piece] = []
    warnings: list[str] = []
    for number, sheet in enumerate(book.worksheets, 1):
        if sheet.sheet_state != "visible":
            warnings.append(f"sheet-hidden:{number}")
            continue
        grid, spans = _grid(sheet)
        if formulas is not None and _fill_formulas(grid, formulas.worksheets[number - 1]):
            warnings.append(f"formula-without-value:{number}")
        if grid:
            pieces.append(Piece(BlockKind.TITLE, sheet.title, 1, anchor=_whole(sheet.title, grid), section=number))
            pieces.extend(_sheet_pieces(sheet.title, grid, spans, number))
    return Reading(tuple(pieces), warnings=tuple(warnings))


def _lacks_results(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if re.match(r"/?xl/worksheets/[^/]+\.xml$", name)]
        return any(_UNCALCULATED.search(archive.read(name)) for name in names)


def _grid(sheet: Any) -> tuple[Grid, Spans]:
    """Texts by 1-based (row, column), and (rows, columns) of merged cells by their corner."""
    grid: Grid = {}
    for (row, column), cell in sheet._cells.items():  # noqa: SLF001 - iterating rows would visit every empty cell
        if cell.value is not None and (text := clean_cell(show(cell.value, cell.number_format))):
            grid[row, column] = text
            if len(grid) > _MAX_CELLS:
                raise ValueError("too many cells")
    spans = {
        (area.min_row, area.min_col): (area.max_row - area.min_row + 1, area.max_col - area.min_col + 1)
        for area in sheet.merged_cells.ranges
        if (area.min_row, area.min_col) in grid
    }
    return grid, spans


def _fill_formulas(grid: Grid, sheet: Any) -> bool:
    """Put formulas where their results are missing; says whether there were any."""
    filled = False
    for (row, column), cell in sheet._cells.items():  # noqa: SLF001 - as above
        if cell.data_type == "f" and (row, column) not in grid:
            grid[row, column] = clean_cell(str(getattr(cell.value, "text", None) or cell.value))
            filled = True
    return filled


def show(value: object, number_format: str = "General") -> str:
    """A value as a reader sees it: ISO dates, percentages, plain numbers without noise digits."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, int) and number_format == "General":
        return str(value)
    if isinstance(value, int | float):
        if "%" in number_format and '"' not in number_format:
            return f"{_plain(value * 100)}%"
        decimals = re.match(r"[#,]*0\.(0+)", number_format)
        return f"{value:.{len(decimals[1])}f}" if decimals else _plain(value)
    return str(value)


def _plain(number: float) -> str:
    text = f"{number:.12g}"
    return f"{number:.0f}" if "e+" in text and number == int(number) else text


def _whole(sheet: str, grid: Mapping[tuple[int, int], str]) -> str:
    rows = [row for row, _ in grid]
    columns = [column for _, column in grid]
    return cell_range(sheet, min(rows), min(columns), max(rows), max(columns))


def _sheet_pieces(sheet: str, grid: Grid, spans: Spans, section: int) -> Iterator[Piece]:
    for top, left, bottom, right in _boxes(grid, spans):
        first, titled = top, False
        while first <= bottom and (column := _alone(grid, spans, (first, left, right))):
            text = grid[first, column]
            heads = not titled and len(text) <= _MAX_TITLE and first < bottom and left < right
            titled = titled or heads
            kind, level = (BlockKind.TITLE, 2) if heads else (BlockKind.PARAGRAPH, 0)
            yield Piece(kind, text, level, anchor=cell_range(sheet, first, column, first, column), section=section)
            first += 1
        if first <= bottom:
            yield from region_pieces(_region(grid, spans, (first, left, bottom, right)), sheet, section)


def _alone(grid: Grid, spans: Spans, row: tuple[int, int, int]) -> int:
    """Return the column of the only cell of a (row, left, right) that is one row high, else 0."""
    number, left, right = row
    inside = [column for column in range(left, right + 1) if (number, column) in grid]
    return inside[0] if len(inside) == 1 and spans.get((number, inside[0]), (1, 1))[0] == 1 else 0


def _region(grid: Grid, spans: Spans, box: Box) -> Region:
    """The cells of a box. Cells merged across in its first row head the row below, so both are header rows."""
    top, left, bottom, right = box
    first = [spans.get((top, column), (1, 1)) for column in range(left, right + 1)]
    deep = max(down for down, _ in first)
    if deep == 1 and any(wide > 1 for _, wide in first):
        deep = 2
    words = all(
        not NUMBER.match(grid[row, column])
        for row in range(top, top + deep)
        for column in range(left, right + 1)
        if (row, column) in grid
    )
    header = top + deep if 1 < deep <= bottom - top and words else 0
    cells = []
    for (row, column), text in sorted(grid.items()):
        if top <= row <= bottom and left <= column <= right:
            down, wide = spans.get((row, column), (1, 1))
            down, wide = min(down, bottom - row + 1), min(wide, right - column + 1)
            cells.append(Cell(row - top, column - left, text, down, wide, row < header))
    return Region(top, left, tuple(cells))


def _boxes(grid: Grid, spans: Spans) -> Iterator[Box]:
    """Cut a sheet into filled rectangles at empty rows, then at empty columns between two tables."""
    filled = set(grid)
    for (row, column), (down, wide) in spans.items():
        filled.update((row + i, column + j) for i in range(down) for j in range(wide))
    columns_of: dict[int, list[int]] = {}
    for row, column in filled:
        columns_of.setdefault(row, []).append(column)
    for top, bottom in _runs(sorted(columns_of)):
        columns = sorted({column for row in range(top, bottom + 1) for column in columns_of[row]})
        parts = _runs(columns)
        if len(parts) > 1 and not all(_is_table(grid, top, bottom, part) for part in parts):
            parts = [(columns[0], columns[-1])]
        for left, right in parts:
            rows = [row for row in range(top, bottom + 1) if any(left <= c <= right for c in columns_of[row])]
            yield rows[0], left, rows[-1], right


def _is_table(grid: Grid, top: int, bottom: int, columns: tuple[int, int]) -> bool:
    """At least two rows and columns under a full first row of words: not columns set apart by a narrow gap."""
    left, right = columns
    first = [grid.get((top, column), "") for column in range(left, right + 1)]
    return right > left and bottom > top and all(text and not NUMBER.match(text) for text in first)


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
