"""Tables written as HTML."""

import re
from html.parser import HTMLParser
from typing import Final

from wenyuan.documents import Cell, Table

_LATEX: Final = re.compile(r"\\[A-Za-z]+\*?|[{}$^_~\\]")


def table_from_html(html: str) -> Table:
    """Return the first table of ``html`` with its spans; a cell that two would cover stays with the first."""
    reader = _Reader()
    reader.feed(html)
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for row, made in enumerate(reader.rows):
        column = 0
        for text, row_span, column_span, header in made:
            while (row, column) in taken:
                column += 1
            taken.update((row + down, column + right) for down in range(row_span) for right in range(column_span))
            cells.append(Cell(row, column, text.strip(), row_span, column_span, header=header))
            column += column_span
    columns = max((cell.column + cell.column_span for cell in cells), default=0)
    rows = max([len(reader.rows), *(cell.row + cell.row_span for cell in cells)])
    return Table(rows, columns, tuple(cells))


def without_latex(text: str) -> str:
    """Return text whose formulas are reduced to their letters, digits and signs."""
    return _LATEX.sub("", text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, int, int, bool]]] = []
        self._open: tuple[int, int, bool] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            spans = {name: int(value or 1) for name, value in attrs if name in ("rowspan", "colspan")}
            self._open = spans.get("rowspan", 1), spans.get("colspan", 1), tag == "th"
            self._text = ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._open is not None:
            self.rows[-1].append((self._text, *self._open))
            self._open = None
