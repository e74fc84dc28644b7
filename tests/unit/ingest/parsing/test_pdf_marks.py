"""Links, form fields, text written on a page, and drawings."""

from pathlib import Path

import pypdfium2 as pdfium
from reportlab.pdfgen.canvas import Canvas

from ingest.parsing.pdf.document import parse_pdf
from ingest.parsing.pdf.page import read_page
from tests.unit.ingest.parsing.pdf_files import EN, HEIGHT, ZH, Sheet, draw
from wenyuan.documents import BlockKind, ParsedDocument


def parse(path: Path) -> ParsedDocument:
    return parse_pdf(path, 100, lambda done, total: None)


def test_links_name_the_words_they_stand_on(tmp_path: Path) -> None:
    def first(sheet: Sheet) -> None:
        sheet.paragraph(60, 100, 470, ZH)
        sheet.text(60, 200, "See the travel rules and chapter two for more.", 10, "Helvetica")
        start = 60 + sheet.canvas.stringWidth("See the ", "Helvetica", 10)
        end = 60 + sheet.canvas.stringWidth("See the travel rules", "Helvetica", 10)
        sheet.canvas.linkURL("https://intranet.example/rules", (start, HEIGHT - 203, end, HEIGHT - 190))
        start = 60 + sheet.canvas.stringWidth("See the travel rules and ", "Helvetica", 10)
        end = 60 + sheet.canvas.stringWidth("See the travel rules and chapter two", "Helvetica", 10)
        sheet.canvas.linkAbsolute("", "two", (start, HEIGHT - 203, end, HEIGHT - 190))
        sheet.canvas.linkURL("file:///etc/passwd", (60, HEIGHT - 203, 75, HEIGHT - 190))

    def second(sheet: Sheet) -> None:
        sheet.canvas.bookmarkPage("two")
        sheet.paragraph(60, 100, 470, ZH)

    parsed = parse(draw(tmp_path / "a.pdf", first, second))
    (block,) = [block for block in parsed.blocks if block.links]
    found = [(block.text[link.start : link.end], link.target) for link in block.links]
    assert found == [("travel rules", "https://intranet.example/rules"), ("chapter two", "page:2")]


def test_lines_of_a_block_tell_where_its_text_stands(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.paragraph(60, 100, 200, EN, 10, "Helvetica")

    (block,) = parse(draw(tmp_path / "a.pdf", page)).blocks
    assert block.text == EN
    assert len(block.lines) > 3
    joined = " ".join(block.text[line.start : line.end] for line in block.lines)
    assert joined == EN
    tops = [line.box.y0 for line in block.lines]
    assert tops == sorted(tops)


def test_values_of_fields_are_read_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.setFont("Helvetica", 11)
    canvas.drawString(60, 700, "Employee:")
    form = canvas.acroForm
    form.textfield(name="employee", value="Ada Lovelace", x=130, y=694, width=200, height=20)
    form.textfield(name="cost centre", value="4711", x=130, y=400, width=200, height=20)
    form.textfield(name="empty", value="", x=130, y=340, width=200, height=20)
    form.checkbox(name="approved", checked=True, x=60, y=600, size=12)
    canvas.drawString(80, 602, "approved")
    canvas.save()
    texts = [block.text for block in parse(path).blocks]
    assert "Employee: Ada Lovelace" in texts
    assert "☑ approved" in texts
    assert "cost centre: 4711" in texts
    assert len(texts) == 3


def test_a_drawn_chart_is_one_figure_with_its_labels(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.paragraph(60, 100, 470, ZH)
        sheet.canvas.line(100, HEIGHT - 500, 400, HEIGHT - 500)
        sheet.canvas.line(100, HEIGHT - 300, 100, HEIGHT - 500)
        for index in range(12):
            sheet.canvas.setFillColorRGB(0.2, 0.4, 0.7)
            sheet.canvas.rect(105 + 24 * index, HEIGHT - 500, 16, 30 + 12 * index, stroke=0, fill=1)
            sheet.canvas.setFillGray(0)
            sheet.text(106 + 24 * index, 512, f"{index + 1}月", 8)
        sheet.text(150, 540, "图1 各月费用")

    parsed = parse(draw(tmp_path / "a.pdf", page))
    kinds = [block.kind for block in parsed.blocks]
    assert kinds == [BlockKind.PARAGRAPH, BlockKind.FIGURE, BlockKind.CAPTION]
    figure = parsed.blocks[1]
    assert figure.text.split() == [f"{index + 1}月" for index in range(12)]
    assert figure.boxes[0].x0 < 106
    assert figure.boxes[0].y1 > 505


def test_a_frame_around_text_is_no_figure(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        for index in range(12):
            sheet.canvas.roundRect(60 + index, HEIGHT - 300 - index, 400 - 2 * index, 200 + 2 * index, 8)
        sheet.paragraph(80, 140, 360, ZH)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert [block.kind for block in parsed.blocks] == [BlockKind.PARAGRAPH]


def test_many_items_in_a_column_keep_their_marks(tmp_path: Path) -> None:
    items = ["Avoid patterns of the keyboard wherever you", "Use other words for work and for home here"] * 5

    def page(sheet: Sheet) -> None:
        for row, item in enumerate(items):
            sheet.text(90, 100 + 40 * row, "●", 11)
            sheet.text(112, 100 + 40 * row, item, 11)

    document = pdfium.PdfDocument(draw(tmp_path / "a.pdf", page))
    assert [line.text for line in read_page(document, 0, skipped=False).lines] == [f"● {item}" for item in items]
