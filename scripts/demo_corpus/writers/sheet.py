"""Excel workbooks: one sheet per heading of level 2, merged and styled header rows, numbers as numbers."""

from __future__ import annotations

import io
import re
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from scripts.demo_corpus.model import Document, Heading, Table
from scripts.demo_corpus.writers.archive import normalise

_INTEGER = re.compile(r"\d+")
_DECIMAL = re.compile(r"\d+\.\d+")
_LINE = Border(*(Side(style="thin") for _ in range(4)))
_FILL = PatternFill("solid", fgColor="D9E2F0")
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def write(document: Document) -> bytes:
    """An .xlsx package. Raises ``TypeError`` unless headings (sheet names) and tables alternate."""
    book = Workbook()
    book.remove(book.worksheets[0])
    blocks = iter(document.blocks)
    for heading in blocks:
        table = next(blocks, None)
        if not isinstance(heading, Heading) or not isinstance(table, Table):
            raise TypeError(f"a workbook takes headings and tables in turn, not {heading}")
        _fill(book.create_sheet(heading.text), table)
    book.properties.title = document.title
    book.properties.creator = document.meta["owner"]
    book.properties.created = datetime.fromisoformat(document.meta["date"])
    out = io.BytesIO()
    book.save(out)
    return normalise(out.getvalue(), document.meta["date"])


def _fill(sheet: Worksheet, table: Table) -> None:
    for cell in table.cells:
        target = sheet.cell(cell.row + 1, cell.column + 1, _value(cell.text))
        target.alignment = _CENTRE
        if cell.row < table.header:
            target.font = Font(bold=True)
            target.fill = _FILL
        if cell.rows * cell.columns > 1:
            sheet.merge_cells(
                start_row=cell.row + 1,
                start_column=cell.column + 1,
                end_row=cell.row + cell.rows,
                end_column=cell.column + cell.columns,
            )
    for row in sheet.iter_rows(max_row=table.height, max_col=table.width):
        for position in row:
            position.border = _LINE
    for column in range(1, table.width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 22
    sheet.freeze_panes = sheet.cell(table.header + 1, 1)


def _value(text: str) -> str | int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
