"""Workbooks as pieces: every sheet a section, every filled rectangle a table that knows its range."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ingest.parsing.formats.rows import cell_range
from ingest.parsing.office.package import MAX_FIGURES, Package, active_parts
from ingest.parsing.office.pieces import Piece, Reading
from ingest.parsing.office.sheets.book import Book, SheetEntry
from ingest.parsing.office.sheets.drawings import cell_pictures, comment_pieces, drawing_pieces
from ingest.parsing.office.sheets.grid import Outline, Rows, Window, area, read_outline, read_windows
from ingest.parsing.office.sheets.tables import Grid, Place, Spans, grid_pieces
from wenyuan.documents import BlockKind, Cell, Hidden

_MAX_TABLE_CELLS: Final = 400_000
"""Beyond this many cells of a workbook, tables are given as text alone: cells take fifty times the room."""


def read_sheets(path: Path) -> Reading:
    """Read an XLSX: shown values, merged cells, several tables a sheet, comments, pictures, charts.

    A row of one cell above a table is its title. What is hidden (a sheet, a row, a column, a value whose format shows
    nothing) is marked so. Warns ``sheet-hidden:N`` for a hidden sheet, ``formula-without-value:N`` where formulas
    stand for results that were never stored (N is the 1-based place of the sheet), ``macros`` and
    ``embedded-object:N`` for what is never run nor opened.
    """
    pieces: list[Piece] = []
    warnings: list[str] = []
    with Package.open(path) as package:
        book = Book(package)
        pictures = cell_pictures(book)
        for number, entry in enumerate(book.sheets, 1):
            if entry.hidden:
                warnings.append(f"sheet-hidden:{number}")
            sheet = _Sheet(book, entry, number, pictures)
            found = list(sheet.pieces())
            if sheet.unsolved:
                warnings.append(f"formula-without-value:{number}")
            pieces.extend(replace(piece, hidden=Hidden.MARKED) for piece in found) if entry.hidden else pieces.extend(
                found
            )
        warnings.extend(active_parts(package))
    return Reading(tuple(_bounded(pieces)), warnings=tuple(warnings))


def _bounded(pieces: list[Piece]) -> Iterator[Piece]:
    """Keep the cells of tables while there is room, and pictures up to their limit."""
    cells = figures = 0
    for piece in pieces:
        if piece.kind is BlockKind.FIGURE:
            figures += 1
            if figures > MAX_FIGURES:
                continue
        if piece.table is not None:
            cells += len(piece.table.cells)
        yield piece if cells <= _MAX_TABLE_CELLS else replace(piece, table=None)


class _Sheet:
    """Reads one sheet; ``unsolved`` counts formulas without a stored result."""

    def __init__(self, book: Book, entry: SheetEntry, number: int, pictures: dict[str, str]) -> None:
        self._book = book
        self._entry = entry
        self._number = number
        self._pictures = pictures
        self.unsolved = 0

    def pieces(self) -> Iterator[Piece]:
        """Yield the sheet's name, its tables, then what floats over them."""
        body = list(self._cells()) if self._entry.kind == "worksheet" else []
        body += drawing_pieces(self._book.package, self._entry, self._number)
        body += comment_pieces(self._book.package, self._entry, self._number)
        if body:
            anchor = self._extent or cell_range(self._entry.name, 1, 1, 1, 1)
            yield Piece(BlockKind.TITLE, self._entry.name, 1, anchor=anchor, section=self._number)
            yield from body

    _extent: str | None = None

    def _cells(self) -> Iterator[Piece]:
        outline = read_outline(self._book, self._entry)
        # In a hidden sheet every cell is hidden, and its tables are whole.
        bare = Outline(merges=outline.merges) if self._entry.hidden else outline
        corners: list[tuple[int, int]] = []
        head: _Head | None = None
        for window in read_windows(self._book, self._entry, outline):
            self.unsolved += window.unsolved
            shown, hidden = (window.hidden, {}) if self._entry.hidden else (window.shown, window.hidden)
            corners += [bound for rows in (shown, hidden) for bound in _bounds(rows)]
            grid, spans = _grid(shown, bare)
            first = min((row for row, _ in grid), default=1)
            if window.continues and head is not None:
                head.put(grid, spans, first)
            place = self._place(shown, bare, first)
            found = list(grid_pieces(grid, spans, place, self._number))
            head = _Head.of(found, bare) or (head if window.continues else None)
            yield from found
            for piece in grid_pieces(*_grid(hidden, Outline(merges=outline.merges)), self._plain, self._number):
                kind = BlockKind.PARAGRAPH if piece.kind is BlockKind.TITLE else piece.kind
                yield replace(piece, kind=kind, level=0, hidden=Hidden.MARKED)
            yield from self._in_cells(window)
        if corners:
            rows, columns = [row for row, _ in corners], [column for _, column in corners]
            self._extent = self._plain(min(rows), min(columns), max(rows), max(columns))

    def _plain(self, top: int, left: int, bottom: int, right: int) -> str:
        return cell_range(self._entry.name, top, left, bottom, right)

    def _place(self, rows: Rows, outline: Outline, first: int) -> Place:
        """Return what writes a range given by places among the rows and columns shown, ``first`` its first row."""
        row_at = {outline.row_place(row): row for row in rows}
        column_at = {outline.column_place(column): column for cells in rows.values() for column in cells}

        def place(top: int, left: int, bottom: int, right: int) -> str:
            return self._plain(
                _at(row_at, max(top, first)), _at(column_at, left), _at(row_at, bottom), _at(column_at, right)
            )

        return place

    def _in_cells(self, window: Window) -> Iterator[Piece]:
        for row, column, name in window.pictures:
            if name in self._pictures:
                anchor = self._plain(row, column, row, column)
                yield Piece(BlockKind.FIGURE, "", anchor=anchor, section=self._number, media=self._pictures[name])


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a table that goes on in the next window, by places among the columns shown."""

    left: int
    cells: tuple[Cell, ...]

    @classmethod
    def of(cls, pieces: list[Piece], outline: Outline) -> "_Head | None":
        """Return the head of the last piece, None when it is no table or has none."""
        last = pieces[-1] if pieces else None
        if last is None or last.table is None or last.anchor is None:
            return None
        bounds = area(last.anchor.rpartition("!")[2])
        cells = tuple(cell for cell in last.table.cells if cell.header)
        return cls(outline.column_place(bounds[1]), cells) if bounds is not None and cells else None

    def put(self, grid: Grid, spans: Spans, first: int) -> None:
        """Set the head above row ``first`` of a grid, as if it were written there again."""
        depth = max(cell.row + cell.row_span for cell in self.cells)
        for cell in self.cells:
            place = first - depth + cell.row, self.left + cell.column
            grid[place] = cell.text
            if cell.row_span > 1 or cell.column_span > 1:
                spans[place] = (cell.row_span, cell.column_span)


def _at(known: dict[int, int], place: int) -> int:
    """The number of a row or column; one inside a merged cell has no text of its own, the nearest before it has."""
    found = known.get(place)
    if found is not None:
        return found
    before = max((key for key in known if key < place), default=place)
    return known.get(before, before) + place - before


def _bounds(rows: Rows) -> list[tuple[int, int]]:
    if not rows:
        return []
    columns = [column for cells in rows.values() for column in cells]
    return [(min(rows), min(columns)), (max(rows), max(columns))]


def _grid(rows: Rows, outline: Outline) -> tuple[Grid, Spans]:
    """Texts by place among the rows and columns shown, and (rows, columns) of merged cells by their corner."""
    grid: Grid = {}
    row_of = {row: outline.row_place(row) for row in rows}
    column_of = {column: outline.column_place(column) for column in {c for cells in rows.values() for c in cells}}
    for row, cells in rows.items():
        for column, text in cells.items():
            grid[row_of[row], column_of[column]] = text
    spans: Spans = {}
    last_row, last_column = max(row_of, default=0), max(column_of, default=0)
    for top, left, bottom, right in outline.merges:
        if left in rows.get(top, ()):
            # A merged range may reach far beyond what is written.
            bottom, right = min(bottom, last_row), min(right, last_column)  # noqa: PLW2901
            down = outline.row_place(bottom + 1) - row_of[top]
            wide = outline.column_place(right + 1) - column_of[left]
            spans[row_of[top], column_of[left]] = (max(down, 1), max(wide, 1))
    return grid, spans
