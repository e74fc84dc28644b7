"""Financial statements as filings draw them: signs set off from amounts, shaded rows, dots that lead to amounts."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from reportlab.lib.colors import Color

from tests.unit.ingest.parsing.pdf_files import HEIGHT, Sheet, draw
from tests.unit.ingest.parsing.test_pdf_tables import blocks_of, tables_of, texts
from wenyuan.documents import BlockKind

RIGHT = (440.0, 540.0)
LATIN = "Helvetica"
ROWS: tuple[tuple[float, str, str, str], ...] = (
    (0, "Cash and cash equivalents", "$ 31,750", "$ 36,092"),
    (10, "Marketable securities", "9,500", "18,929"),
    (10, "Inventories", "17,174", "20,497"),
    (40, "Total current assets", "58,424", "75,518"),
    (0, "Goodwill", "14,548", "14,754"),
    (10, "Other losses", "(1,314)", "(2)"),
    (40, "Total assets", "$ 71,658", "$ 90,270"),
)
EXPECTED = [(label, first, second) for _, label, first, second in ROWS]


def _amount(sheet: Sheet, right: float, y: float, text: str) -> None:
    sign, _, number = text.rpartition(" ")
    width = sheet.canvas.stringWidth(number, LATIN, 10)
    sheet.text(right - width, y, number, 10, LATIN)
    if sign:
        sheet.text(right - 70, y, sign, 10, LATIN)


def _rows(sheet: Sheet, *, leader: str = "") -> None:
    for row, (indent, label, *amounts) in enumerate(ROWS):
        y = 150 + 14 * row
        sheet.text(60 + indent, y, label, 10, LATIN)
        if leader:
            start = 60 + indent + sheet.canvas.stringWidth(label, LATIN, 10)
            dots = int((365 - start) / sheet.canvas.stringWidth(leader, LATIN, 10))
            sheet.text(start, y, leader * dots, 10, LATIN)
        for right, text in zip(RIGHT, amounts, strict=True):
            _amount(sheet, right, y, text)


def _statement(sheet: Sheet) -> None:
    _rows(sheet)


def _led(sheet: Sheet) -> None:
    _rows(sheet, leader=".")


def _ruled_sums(sheet: Sheet) -> None:
    """Rules stand at the amounts alone: above and below the sums."""
    _rows(sheet)
    for row in (3, 4, 6, 7):
        y = HEIGHT - (150 + 14 * row) + 11
        sheet.canvas.line(RIGHT[0] - 72, y, RIGHT[1], y)


def _shaded(sheet: Sheet) -> None:
    sheet.canvas.setFillColor(Color(0.8, 0.93, 1))
    for row in range(0, len(ROWS), 2):
        edges: Sequence[float] = (55, 365, 440, 465, 545)
        for left, right in pairwise(edges):
            sheet.canvas.rect(left, HEIGHT - (150 + 14 * row) - 3, right - left, 14, stroke=0, fill=1)
    sheet.canvas.setFillColor(Color(0, 0, 0))
    _rows(sheet)


def test_signs_set_off_from_their_amounts_are_one_cell_with_them(tmp_path: Path) -> None:
    (table,) = tables_of(draw(tmp_path / "a.pdf", _statement))
    assert texts(table) == EXPECTED


def test_dots_that_lead_to_amounts_are_no_text_of_the_label(tmp_path: Path) -> None:
    (table,) = tables_of(draw(tmp_path / "a.pdf", _led))
    assert texts(table) == EXPECTED


def test_rules_at_the_sums_alone_do_not_part_labels_from_amounts(tmp_path: Path) -> None:
    (table,) = tables_of(draw(tmp_path / "a.pdf", _ruled_sums))
    assert texts(table) == EXPECTED


def test_shaded_rows_are_a_table_and_no_drawing(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", _shaded)
    assert not [block for block in blocks_of(path) if block.kind is BlockKind.FIGURE]
    (table,) = tables_of(path)
    assert texts(table) == EXPECTED


def test_the_line_that_gives_the_unit_is_no_heading(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.text(200, 100, "CONSOLIDATED BALANCE SHEETS", 12, "Helvetica-Bold")
        sheet.text(210, 124, "(in millions, except per share data)", 10, "Helvetica-Bold")
        _rows(sheet)
        sheet.paragraph(60, 300, 480, "The accompanying notes are part of these statements. " * 6, 10, LATIN)

    blocks = blocks_of(draw(tmp_path / "a.pdf", page))
    assert [block.text for block in blocks if block.kind is BlockKind.TITLE] == ["CONSOLIDATED BALANCE SHEETS"]
    assert next(block for block in blocks if block.table is not None).heading_path == ("CONSOLIDATED BALANCE SHEETS",)
