"""Rows of tables as texts by column, as they are compared, and whether one sums up others."""

from collections.abc import Mapping
from typing import Final

from wenyuan.documents import Table
from wenyuan.parts.rules import comparable

_TOTALS: Final = (
    *("合计", "总计", "小计", "共计", "累计", "总和", "总额", "平均", "均值"),
    *("total", "subtotal", "grandtotal", "sum", "average", "mean"),
)


def lines_of(table: Table) -> list[dict[int, str]]:
    """Return the rows of a table, each with its texts by column; a merged cell's text in each of its places."""
    lines: list[dict[int, str]] = [{} for _ in range(table.rows)]
    for cell in table.cells:
        for row in range(cell.row, min(cell.row + cell.row_span, table.rows)):
            lines[row] |= dict.fromkeys(range(cell.column, cell.column + cell.column_span), comparable(cell.text))
    return lines


def sums_up(line: Mapping[int, str]) -> bool:
    """Whether a row says that it is made of others."""
    return any(text.startswith(_TOTALS) for text in line.values())
