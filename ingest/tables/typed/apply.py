"""Give the cells of a table their values, with the units that headings, labels and the line above name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ingest.tables.typed.units import joined_unit, unit_in_heading, unit_in_line
from ingest.tables.typed.values import parse_value
from wenyuan.documents import Cell, CellValue, Table, ValueKind

_PERCENT: Final = ("%", "‰", "个百分点", "百分点")
# A unit for the whole table is one of money or mass: it is not that of columns that count, name or date.
_OTHER_COLUMN: Final = re.compile(
    r"代码|编号|序号|号码|证号|电话|邮编|年度|年份|日期|时间|期限|附注|次数|人数|户数|数量|比例|比率|占比|率$|增减|变动|页码|行次"
    r"|\b(?:no|code|id|year|date|count|notes?|ratio|rate|%)\b",
    re.IGNORECASE,
)
_SCALE_ONLY: Final = frozenset({"万", "亿", "千", "百万", "千万", "万亿"})


def typed_table(table: Table, above: Iterable[str] = ()) -> Table:
    """Return the table with the typed values of its cells that are not headings.

    ``above`` are lines that stand above the table (its caption, 单位：元). A cell's own unit counts first, then that of
    its column's headings, its row's label, the title row and last the line above. A scale of the cell joins the unit:
    3.2亿 under 金额（元） is in 亿元.
    """
    general = next((unit for line in above if (unit := unit_in_line(line))), None)
    heads = _column_heads(table)
    labels = _row_labels(table)
    units = [next((unit for text in reversed(texts) if (unit := unit_in_heading(text))), None) for texts in heads]
    title = next(
        (unit for cell in table.cells if _is_title(cell, table) and (unit := unit_in_line(cell.text))), general
    )
    counted = [any(_OTHER_COLUMN.search(text) for text in texts) for texts in heads]
    cells = []
    for cell in table.cells:
        value = None if cell.header else parse_value(cell.text)
        if value is not None:
            label = labels.get(cell.row, "") if cell.column > 0 else ""
            given = units[cell.column] or (unit_in_heading(label) if label else None)
            if given is None and not counted[cell.column] and not _OTHER_COLUMN.search(label):
                given = title
            value = _with_unit(value, given)
        cells.append(cell if value == cell.value else replace(cell, value=value))
    return replace(table, cells=tuple(cells))


def _with_unit(value: CellValue, given: str | None) -> CellValue:
    if given is None or value.kind is ValueKind.DATE or value.kind is ValueKind.PERCENT:
        return value
    if value.unit is None:
        percent = value.kind is ValueKind.NUMBER and given in _PERCENT
        return replace(value, unit=given, kind=ValueKind.PERCENT if percent else value.kind)
    if value.unit in _SCALE_ONLY and given not in _PERCENT:
        return replace(value, unit=joined_unit(value.unit, given))
    return value


def _column_heads(table: Table) -> list[list[str]]:
    """Return the texts of the headings over each column, from the top; of a table without, its first row."""
    marked = [cell for cell in table.cells if cell.header] or [cell for cell in table.cells if cell.row == 0]
    heads: list[list[str]] = [[] for _ in range(table.columns)]
    for cell in sorted(marked, key=lambda one: one.row):
        for column in range(cell.column, min(cell.column + cell.column_span, table.columns)):
            if not _is_title(cell, table):
                heads[column].append(cell.text)
    return heads


def _row_labels(table: Table) -> dict[int, str]:
    """Return the text of the first column for each row."""
    found: dict[int, str] = {}
    for cell in _first_column(table.cells):
        for row in range(cell.row, cell.row + cell.row_span):
            found[row] = cell.text
    return found


def _first_column(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.column == 0 and not cell.header]


def _is_title(cell: Cell, table: Table) -> bool:
    return cell.column_span == table.columns > 1
