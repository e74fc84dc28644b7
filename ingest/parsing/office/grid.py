"""Tables as cells with spans: from HTML, to lines of text that keep the columns aligned."""

import re
from collections.abc import Sequence
from typing import Any

from wenyuan.documents import Cell, Table

MAX_SPAN = 1000
_MAX_POSITIONS = 200_000
NUMBER = re.compile(r"^[\s\d.,%％+\-−–~～/:：()（）¥$€]*\d[\s\d.,%％+\-−–~～/:：()（）¥$€]*$")


def clean_cell(text: str) -> str:
    """One line, without the character that parts cells in a table's text."""
    return " ".join(text.split()).replace("|", "｜")


def table_from_html(element: Any) -> Table | None:
    """Build a table from an lxml ``table`` element; rows of nested tables are left out, None without any text.

    A cell that would overlap an earlier span moves right, as a browser lays it out. A column span that runs into an
    occupied position is cut there.
    """
    rows = element.xpath(".//tr[count(ancestor::table) = $depth]", depth=len(element.xpath("ancestor::table")) + 1)
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row, tr in enumerate(rows):
        column = 0
        for node in tr.xpath("./td | ./th"):
            while (row, column) in taken:
                column += 1
            down = min(_span(node.get("rowspan"), len(rows) - row), len(rows) - row)
            across = _free(taken, row, column, _span(node.get("colspan"), 1))
            in_head = node.tag == "th" or bool(node.xpath("ancestor::thead"))
            cells.append(Cell(row, column, clean_cell(_cell_text(node)), down, across, in_head))
            taken.update((row + i, column + j) for i in range(down) for j in range(across))
            if len(taken) > _MAX_POSITIONS:
                raise ValueError("table too large")
            column += across
    return make_table(cells)


def make_table(cells: Sequence[Cell]) -> Table | None:
    """Size a table by its cells; the first row becomes the header when none is marked and it looks like one."""
    if not any(cell.text for cell in cells):
        return None
    rows = max(cell.row + cell.row_span for cell in cells)
    columns = max(cell.column + cell.column_span for cell in cells)
    if rows > 1 and not any(cell.header for cell in cells) and _looks_like_header(cells, columns):
        depth = max(cell.row_span for cell in cells if cell.row == 0)
        if depth < rows:
            cells = [
                Cell(c.row, c.column, c.text, c.row_span, c.column_span, c.row < depth, c.box) for c in cells
            ]  # fmt: skip
    return Table(rows, columns, tuple(cells))


def table_lines(table: Table) -> list[str]:
    """Return the lines of a table, one for each row."""
    return table.lines()


def table_text(table: Table) -> str:
    """The lines of a table, one below the other."""
    return "\n".join(line for line in table_lines(table) if line)


def _span(value: str | None, whole: int) -> int:
    """HTML: 0 rows means to the end of the table; nonsense means 1."""
    if value is None or not value.strip().isdecimal():
        return 1
    number = int(value.strip())
    return min(number or max(whole, 1), MAX_SPAN)


def _free(taken: set[tuple[int, int]], row: int, column: int, wanted: int) -> int:
    width = 1
    while width < wanted and (row, column + width) not in taken:
        width += 1
    return width


def _cell_text(node: Any) -> str:
    for line_break in node.xpath(".//br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return (" " if len(node.xpath(".//p | .//div | .//li")) > 1 else "").join(node.itertext())


def _looks_like_header(cells: Sequence[Cell], columns: int) -> bool:
    first = [cell for cell in cells if cell.row == 0]
    if sum(cell.column_span for cell in first) < columns or len(first) < 2:
        return False
    return all(cell.text and not NUMBER.match(cell.text) and len(cell.text) <= 60 for cell in first[1:])
