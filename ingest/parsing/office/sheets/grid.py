"""One sheet, read row by row in windows: shown texts, merged cells, what is hidden."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.parsing.office.drawing.show import show_number
from ingest.parsing.office.grid import clean_cell
from ingest.parsing.office.package import whole
from ingest.parsing.office.sheets.book import Book, SheetEntry, elements, rich_text
from wenyuan.errors import FileUnsafe

Rows = dict[int, dict[int, str]]
_WINDOW_ROWS: Final = 5000
_WINDOW_CELLS: Final = 200_000
_MAX_CELLS: Final = 5_000_000
_MAX_COLUMN: Final = 16_384
_MAX_ROW: Final = 1_048_576
_MAX_MERGES: Final = 100_000
_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})$")
_PAINTERS: Final = ("conditionalFormatting", "tablePart", "picture")
_PICTURE: Final = re.compile(r"(?:_xlfn\.)?DISPIMG\(\s*\"([^\"]+)\"", re.IGNORECASE)


@dataclass(slots=True)
class Window:
    """Some rows of a sheet: texts by row and column (1-based), those a reader does not see, formulas without result.

    It ``continues`` the window before it when no empty row parts the two.
    """

    shown: Rows = field(default_factory=dict)
    hidden: Rows = field(default_factory=dict)
    unsolved: int = 0
    pictures: list[tuple[int, int, str]] = field(default_factory=list)
    cells: int = 0
    continues: bool = False

    def put(self, row: int, column: int, text: str, *, hidden: bool) -> None:
        """Add a cell."""
        rows = self.hidden if hidden else self.shown
        rows.setdefault(row, {})[column] = text
        self.cells += 1


@dataclass(slots=True)
class Outline:
    """What stands around the cells: merged ranges (top, left, bottom, right), hidden columns and rows, in order.

    ``painted``: table styles, conditions or a background may colour cells that have no fill of their own.
    """

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    columns: set[int] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    painted: bool = False

    def row_place(self, row: int) -> int:
        """The place of a row among those shown."""
        return row - bisect_left(self.rows, row)

    def column_place(self, column: int) -> int:
        """The place of a column among those shown."""
        return column - sum(hidden < column for hidden in self.columns)


def position(reference: str) -> tuple[int, int] | None:
    """Return (row, column), 1-based, of a reference such as ``B7``; None when it is none, or outside a sheet."""
    match = _REFERENCE.match(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    return (row, column) if 0 < row <= _MAX_ROW and column <= _MAX_COLUMN else None


def area(reference: str) -> tuple[int, int, int, int] | None:
    """Return (top, left, bottom, right) of a reference such as ``A1:D9`` or ``B7``; None when it is none."""
    first, _, last = reference.partition(":")
    start, end = position(first), position(last or first)
    if start is None or end is None or end < start or end[1] < start[1]:
        return None
    return (*start, *end)


def read_outline(book: Book, entry: SheetEntry) -> Outline:
    """Read what must be known before the cells: merged ranges stand behind them in the part."""
    outline = Outline()
    with book.package.stream(entry.part) as file:
        for node in elements(file, ("row", "mergeCell", "col", *_PAINTERS)):
            name = node.tag.rpartition("}")[2]
            if name == "row":
                if _flag(node, "hidden") and whole(node.get("r")):
                    outline.rows.append(whole(node.get("r")))
            elif name == "mergeCell":
                found = area(node.get("ref", ""))
                if found is not None and len(outline.merges) < _MAX_MERGES:
                    outline.merges.append(found)
            elif name in _PAINTERS:
                outline.painted = True
            elif _flag(node, "hidden"):
                outline.columns.update(range(whole(node.get("min")), min(whole(node.get("max"), -1), _MAX_COLUMN) + 1))
    outline.rows.sort()
    return outline


def read_windows(book: Book, entry: SheetEntry, outline: Outline) -> Iterator[Window]:
    """Yield the cells of a sheet in windows; one ends at an empty row when it is large, and in any case at a limit.

    Raises ``FileUnsafe`` over five million cells.
    """
    hidden_rows = set(outline.rows)
    window = Window()
    total = row = last = 0
    with book.package.stream(entry.part) as file:
        for node in elements(file, ("row",)):
            row = whole(node.get("r"), row + 1)
            full = window.cells > _WINDOW_CELLS or len(window.shown) > _WINDOW_ROWS
            if full or (window.cells * 4 > _WINDOW_CELLS and row > last + 1):
                yield window
                window = Window(continues=row == last + 1)
            before = window.cells
            _read_row(book, node, window, (row, entry.hidden or row in hidden_rows), outline)
            total += window.cells - before
            if window.cells > before:
                last = row
            if total > _MAX_CELLS or row > _MAX_ROW:
                raise FileUnsafe(reason=f"cells > {_MAX_CELLS}")
    yield window


def _read_row(book: Book, node: Any, window: Window, row: tuple[int, bool], outline: Outline) -> None:
    number, hidden = row
    unseen = frozenset() if outline.painted else book.unseen
    column = 0
    for cell in node:
        place = position(cell.get("r", ""))
        column = place[1] if place else column + 1
        text, visible = _cell_text(book, cell, window, (number, column))
        if text and column <= _MAX_COLUMN:
            blank = not visible or (bool(unseen) and whole(cell.get("s")) in unseen)
            window.put(number, column, text, hidden=hidden or column in outline.columns or blank)


def _cell_text(book: Book, cell: Any, window: Window, place: tuple[int, int]) -> tuple[str, bool]:
    """Return what a cell shows and whether it does show: a format may hide a value it has."""
    kind = cell.get("t", "n")
    value = formula = inline = None
    for child in cell:
        name = child.tag.rpartition("}")[2]
        if name == "v":
            value = child.text
        elif name == "f":
            formula = child.text or ""
        elif name == "is":
            inline = rich_text(child)
    if formula and (picture := _PICTURE.match(formula)):
        window.pictures.append((*place, picture[1]))
        return "", True
    if formula is not None and not value and kind != "str":
        window.unsolved += 1
        return clean_cell("=" + formula) if formula else "", True
    if kind == "inlineStr":
        return clean_cell(inline or ""), True
    if value is None:
        return "", True
    return _shown(book, kind, value, cell.get("s", "0"))


def _shown(book: Book, kind: str, value: str, style: str) -> tuple[str, bool]:
    if kind == "s":
        place = whole(value, len(book.strings))
        return clean_cell(book.strings[place]) if place < len(book.strings) else "", True
    if kind == "b":
        return ("TRUE" if value.strip() == "1" else "FALSE"), True
    if kind != "n":
        return clean_cell(value), True
    try:
        number = float(value) if "." in value or "e" in value.lower() else int(value)
    except ValueError:
        return clean_cell(value), True
    code = book.formats[whole(style)] if whole(style) < len(book.formats) else "General"
    text = clean_cell(show_number(number, code, since_1904=book.since_1904))
    return (text, True) if text else (str(number), False)


def _flag(node: Any, name: str) -> bool:
    return node.get(name, "0") in ("1", "true")
