"""Sheets of an OpenDocument spreadsheet: values as shown, merged cells, hidden rows, columns and sheets marked."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ingest.parsing.formats.odf.flow import Flow
from ingest.parsing.formats.odf.styles import Styles
from ingest.parsing.formats.rows import cell_range
from ingest.parsing.office.grid import MAX_SPAN, clean_cell
from ingest.parsing.office.pieces import Piece
from ingest.parsing.office.sheets.tables import Grid, Spans, grid_pieces
from ingest.xmltree import attribute, local
from wenyuan.documents import BlockKind, Hidden

_MAX_CELLS: Final = 200_000
_MAX_COPIES: Final = 1_000
_HIDDEN: Final = ("collapse", "filter")


@dataclass(slots=True)
class _Sheet:
    """Cells by 1-based row and column, merged cells by their corner, and which rows and columns are not shown."""

    name: str
    cells: Grid = field(default_factory=dict)
    spans: Spans = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def sheet_pieces(table: Any, styles: Styles, number: int) -> Iterator[Piece]:
    """Yield a ``table:table`` as a section of its own under its name; anchors are ranges ``'Sheet'!A1:D9``."""
    sheet = _read(table, styles)
    if not sheet.cells:
        return
    rows, columns = [row for row, _ in sheet.cells], [column for _, column in sheet.cells]
    whole = cell_range(sheet.name, min(rows), min(columns), max(rows), max(columns))
    yield Piece(BlockKind.TITLE, sheet.name, 1, anchor=whole, section=number)
    gone = styles.is_hidden(attribute(table, "style-name"))
    covered = {at for at in sheet.cells if at[0] in sheet.hidden_rows or at[1] in sheet.hidden_columns}
    yield from _grid_pieces(sheet, set(sheet.cells) - covered, number, hidden=gone)
    yield from _grid_pieces(sheet, covered, number, hidden=True)


def _grid_pieces(sheet: _Sheet, places: set[tuple[int, int]], number: int, *, hidden: bool) -> Iterator[Piece]:
    """Yield the tables of some cells, as if the rows and columns without any of them were not there."""
    left_out_rows = sheet.hidden_rows - {row for row, _ in places}
    left_out_columns = sheet.hidden_columns - {column for _, column in places}
    row_of = _closed({row for row, _ in places}, left_out_rows)
    column_of = _closed({column for _, column in places}, left_out_columns)
    grid: Grid = {(row_of[row], column_of[column]): sheet.cells[row, column] for row, column in places}
    spans: Spans = {}
    for (row, column), (down, wide) in sheet.spans.items():
        if (row, column) in places:
            shown = sum(row + i not in left_out_rows for i in range(down))
            across = sum(column + i not in left_out_columns for i in range(wide))
            spans[row_of[row], column_of[column]] = (max(shown, 1), max(across, 1))
    rows = {place: row for row, place in row_of.items()}
    columns = {place: column for column, place in column_of.items()}

    def place(top: int, left: int, bottom: int, right: int) -> str:
        return cell_range(sheet.name, _at(rows, top), _at(columns, left), _at(rows, bottom), _at(columns, right))

    for piece in grid_pieces(grid, spans, place, number):
        if hidden:
            kind = BlockKind.PARAGRAPH if piece.kind is BlockKind.TITLE else piece.kind
            yield replace(piece, kind=kind, level=0, hidden=Hidden.MARKED)
        else:
            yield piece


def _closed(numbers: set[int], left_out: set[int]) -> dict[int, int]:
    """Return the place of each number once those left out are gone."""
    ordered = sorted(left_out)
    places: dict[int, int] = {}
    index = 0
    for number in sorted(numbers):
        while index < len(ordered) and ordered[index] < number:
            index += 1
        places[number] = number - index
    return places


def _at(known: dict[int, int], place: int) -> int:
    """The number at a place; one inside a merged cell has no text, so it counts on from the nearest before it."""
    if place in known:
        return known[place]
    before = max((key for key in known if key < place), default=place)
    return known.get(before, before) + place - before


def _read(table: Any, styles: Styles) -> _Sheet:
    sheet = _Sheet(attribute(table, "name") or "Sheet")
    flow = Flow(styles)
    column = row = 1
    for node in table.iter():
        name = local(node)
        if name == "table" and node is not table:
            raise ValueError("nested sheet")
        if name == "table-column":
            repeat = _repeat(node, "number-columns-repeated")
            if attribute(node, "visibility") in _HIDDEN:
                sheet.hidden_columns.update(range(column, column + min(repeat, _MAX_COPIES)))
            column += repeat
        elif name == "table-row":
            row += _read_row(node, row, sheet, flow)
    return sheet


def _read_row(node: Any, row: int, sheet: _Sheet, flow: Flow) -> int:
    """Put a row's cells into the sheet; returns how many rows it stands for."""
    repeat = _repeat(node, "number-rows-repeated")
    column = 1
    filled = False
    for cell in node:
        name = local(cell)
        if name not in ("table-cell", "covered-table-cell"):
            continue
        copies = _repeat(cell, "number-columns-repeated")
        text = clean_cell(_text(cell, flow)) if name == "table-cell" else ""
        if text:
            filled = True
            for at_row in range(row, row + min(repeat, _MAX_COPIES)):
                for at_column in range(column, column + min(copies, _MAX_COPIES)):
                    _put(sheet, (at_row, at_column), text, cell)
        column += copies
    if filled and attribute(node, "visibility") in _HIDDEN:
        sheet.hidden_rows.update(range(row, row + min(repeat, _MAX_COPIES)))
    return repeat


def _put(sheet: _Sheet, at: tuple[int, int], text: str, cell: Any) -> None:
    if len(sheet.cells) >= _MAX_CELLS:
        raise ValueError("too many cells")
    sheet.cells[at] = text
    down = min(_repeat(cell, "number-rows-spanned"), MAX_SPAN)
    wide = min(_repeat(cell, "number-columns-spanned"), MAX_SPAN)
    if down > 1 or wide > 1:
        sheet.spans[at] = (down, wide)


def _text(cell: Any, flow: Flow) -> str:
    """The words of a cell as they are shown, or its value where a program stored no words."""
    words = "\n".join(
        "".join(span.text for span in flow.spans(node, [])) for node in cell if local(node) == "p"
    )  # fmt: skip
    return words if words.strip() else attribute(cell, "value") or attribute(cell, "date-value") or ""


def _repeat(node: Any, name: str) -> int:
    value = attribute(node, name) or "1"
    return max(int(value), 1) if value.isdecimal() and len(value) < 9 else 1
