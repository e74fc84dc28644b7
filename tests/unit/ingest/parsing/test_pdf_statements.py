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


def _headed(sheet: Sheet) -> None:
    """A head over both columns with its rule, a centred line, labels alone, one over two lines, a blank row."""
    sheet.text(435, 100, "December 31,", 9, "Helvetica-Bold")
    sheet.canvas.line(370, HEIGHT - 104, 540, HEIGHT - 104)
    for right, year in zip(RIGHT, ("2019", "2018"), strict=True):
        sheet.text(right - 40, 115, year, 9, "Helvetica-Bold")
    sheet.text(200, 132, "ASSETS", 10, "Helvetica-Bold")
    _rows(sheet)
    y = 150 + 14 * len(ROWS)
    sheet.text(180, y + 28, "LIABILITIES AND EQUITY", 10, "Helvetica-Bold")
    sheet.text(60, y + 42, "Current liabilities:", 10, LATIN)
    for row, (label, *amounts) in enumerate(LIABILITIES):
        lines = label.split("\n")
        for line in lines:
            sheet.text(70, y + 56 + 14 * row, line, 10, LATIN)
            y += 12 if line is not lines[-1] else 0
        for right, text in zip(RIGHT, amounts, strict=True):
            _amount(sheet, right, y + 56 + 14 * row, text)


LIABILITIES: tuple[tuple[str, str, str], ...] = (
    ("Accounts payable", "$ 292", "$ 253"),
    ("Shares issued, 900,000 authorized at the end of both years,\nwithout those held", "—", "61"),
    ("Total liabilities and equity", "$ 71,658", "$ 90,270"),
)


def test_one_statement_is_one_table_with_its_head_and_the_lines_that_head_groups(tmp_path: Path) -> None:
    (table,) = tables_of(draw(tmp_path / "a.pdf", _headed))
    assert texts(table) == [
        ("[2x1]", "[1x2]December 31,"),
        ("2019", "2018"),
        ("ASSETS", "", ""),
        *EXPECTED,
        ("LIABILITIES AND EQUITY", "", ""),
        ("Current liabilities:", "", ""),
        *((label.replace("\n", " "), first, second) for label, first, second in LIABILITIES),
    ]
    assert {cell.row for cell in table.cells if cell.header} == {0, 1}


def test_a_second_head_of_years_begins_another_statement(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        _rows(sheet)
        for right, year in zip((400.0, 480.0), ("2019", "2018"), strict=True):
            sheet.text(right - 22, 266, year, 10, LATIN)
        for row, label in enumerate(("Beginning", "Bought", "Issued", "Ending")):
            sheet.text(60, 280 + 14 * row, label, 10, LATIN)
            for right in (400.0, 480.0):
                _amount(sheet, right, 280 + 14 * row, f"{row + 1},234")

    first, second = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(first) == EXPECTED
    assert texts(second)[0] == ("", "2019", "2018")
    assert [row[0] for row in texts(second)[1:]] == ["Beginning", "Bought", "Issued", "Ending"]


def test_the_number_of_the_page_is_no_amount(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        _rows(sheet)
        sheet.text(295, 150 + 14 * len(ROWS) + 16, "37", 10, LATIN)

    (table,) = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(table) == EXPECTED
