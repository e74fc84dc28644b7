"""Tables of wrapped cells that no rule parts, as word processors without borders set them; narrow gaps and breaks."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics

from ingest.parsing.pdf.document import parse_pdf
from ingest.tables.finish import finish_tables
from tests.unit.ingest.parsing.pdf_files import EN, Sheet, draw
from tests.unit.ingest.parsing.test_pdf_tables import blocks_of, tables_of, texts
from wenyuan.documents import BlockKind, Table

LATIN, BOLD = "Helvetica", "Helvetica-Bold"
SIZE = 10.0
LEADING, PAUSE = 14.0, 10.0
XS = (72.0, 130.0)
WIDTHS = (52.0, 150.0)
HEAD = ("Role", "Responsibilities")
ROWS = (
    ("Directors", "Approve the risk policy and oversee the whole of the risk framework"),
    ("Risk and audit board", "Monitor and report on exposures and on the effect of all strategies"),
    ("Officers", "Coordinate the identification and the assessment"),
    ("All staff", "Identify and report risks in daily operations"),
)
TABLE = [HEAD, *ROWS]


def _lines(text: str, width: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pdfmetrics.stringWidth(longer, LATIN, SIZE) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _head(sheet: Sheet, y: float, shift: float = 0.0) -> float:
    for x, width, text in zip(XS, WIDTHS, HEAD, strict=True):
        inner = pdfmetrics.stringWidth(text, BOLD, SIZE)
        sheet.text(x + shift + (width - inner) / 2, y, text, SIZE, BOLD)
    return y + 2.4 * LEADING


def _rows(sheet: Sheet, y: float, rows: Sequence[Sequence[str]] = ROWS, shift: float = 0.0) -> float:
    for row in rows:
        cells = [_lines(text, width) for text, width in zip(row, WIDTHS, strict=True)]
        for x, lines in zip(XS, cells, strict=True):
            for number, line in enumerate(lines):
                sheet.text(x + shift, y + number * LEADING, line, SIZE, LATIN)
        y += max(map(len, cells)) * LEADING + PAUSE
    return y


def _prose(sheet: Sheet, y: float, x: float = 72.0, width: float = 450.0) -> float:
    return sheet.paragraph(x, y, width, EN + ". " + EN + ".", SIZE, LATIN) + 10


def _joined(path: Path) -> Table:
    """The only table of a file, its parts joined."""
    parsed = parse_pdf(path, 100, lambda done, total: None)
    (table,) = [block.table for block in finish_tables(parsed.blocks, parsed.pages) if block.table is not None]
    return table


def test_wrapped_cells_are_rows_and_their_head_is_no_heading(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        y = _prose(sheet, 100)
        _prose(sheet, _rows(sheet, _head(sheet, y)) + 10)

    path = draw(tmp_path / "a.pdf", page)
    (table,) = tables_of(path)
    assert texts(table) == TABLE
    assert {cell.text for cell in table.cells if cell.header} == set(HEAD)
    assert not [block for block in blocks_of(path) if block.kind is BlockKind.TITLE]


def test_the_last_line_of_a_text_above_is_no_head(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.text(72, 100, "The board follows these", SIZE, LATIN)
        sheet.text(72, 114, "principles:", SIZE, LATIN)
        _rows(sheet, _head(sheet, 140))

    (table,) = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(table) == TABLE


def test_a_head_left_at_the_foot_of_a_page_heads_the_table_overleaf(tmp_path: Path) -> None:
    def first(sheet: Sheet) -> None:
        y = _prose(sheet, 100)
        for _ in range(6):
            y = _prose(sheet, y)
        _head(sheet, y)

    def second(sheet: Sheet) -> None:
        _prose(sheet, _rows(sheet, 80) + 10)

    table = _joined(draw(tmp_path / "a.pdf", first, second))
    assert texts(table) == TABLE
    assert {cell.text for cell in table.cells if cell.header} == set(HEAD)


def test_one_row_alone_overleaf_ends_its_table(tmp_path: Path) -> None:
    def first(sheet: Sheet) -> None:
        y = _prose(sheet, 100)
        for _ in range(4):
            y = _prose(sheet, y)
        _rows(sheet, _head(sheet, y), ROWS[:3])

    def second(sheet: Sheet) -> None:
        _prose(sheet, _rows(sheet, 80, ROWS[3:]) + 10)

    table = _joined(draw(tmp_path / "a.pdf", first, second))
    assert texts(table) == TABLE
    assert {cell.box.page for cell in table.cells if cell.box is not None} == {1, 2}


@pytest.mark.parametrize("mark", ["•", "1.", "(a)"])
def test_items_of_a_list_are_no_rows(tmp_path: Path, mark: str) -> None:
    def page(sheet: Sheet) -> None:
        y = _prose(sheet, 100)
        for _, text in ROWS:
            sheet.text(72, y, mark, SIZE, LATIN)
            for number, line in enumerate(_lines(text, 200)):
                sheet.text(92, y + number * LEADING, line, SIZE, LATIN)
            y += len(_lines(text, 200)) * LEADING + PAUSE

    assert not tables_of(draw(tmp_path / "a.pdf", page))


def test_two_columns_of_text_are_no_table(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        for x in (60.0, 310.0):
            y = 80.0
            for _ in range(5):
                y = _prose(sheet, y, x, 230)

    assert not tables_of(draw(tmp_path / "a.pdf", page))


def test_a_drawing_of_boxes_is_no_table(tmp_path: Path) -> None:
    """Texts in boxes that stand in rows, none of them below one another."""

    def page(sheet: Sheet) -> None:
        for row in range(4):
            for column in range(3):
                x, y = 80.0 + 150 * column + 14 * ((row + column) % 3), 150.0 + 40 * row
                sheet.canvas.rect(x, 842 - y - 8, 70, 24)
                sheet.text(x + 10, y, f"Step {row}{column}", SIZE, LATIN)

    assert not tables_of(draw(tmp_path / "a.pdf", page))
