"""Rows of tables as texts by column, as they are compared, and which of them sum up others."""

from typing import Final

from wenyuan.documents import Table
from wenyuan.parts.rules import comparable
from wenyuan.words.written.sums import is_sum

#: Beginnings that close a row beside the words for sums, however a label is spaced: a running total, and English words
#: that may be none. A row that is closed for nothing is missed, a sum that is left open tells what it sums up.
_CLOSING: Final = ("累计", "total", "subtotal", "grandtotal", "sum", "average", "mean")


def lines_of(table: Table) -> list[dict[int, str]]:
    """Return the rows of a table, each with its texts by column; a merged cell's text in each of its places."""
    lines: list[dict[int, str]] = [{} for _ in range(table.rows)]
    for cell in table.cells:
        for row in range(cell.row, min(cell.row + cell.row_span, table.rows)):
            lines[row] |= dict.fromkeys(range(cell.column, cell.column + cell.column_span), comparable(cell.text))
    return lines


def sums_up(table: Table) -> frozenset[int]:
    """Return the rows that say that they are made of others."""
    said = [cell for cell in table.cells if is_sum(cell.text) or comparable(cell.text).startswith(_CLOSING)]
    return frozenset(row for cell in said for row in range(cell.row, min(cell.row + cell.row_span, table.rows)))
