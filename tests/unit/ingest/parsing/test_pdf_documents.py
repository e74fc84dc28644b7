"""PDFs as files: encrypted, truncated, too long, without text; and what is said about their pages."""

import io
import random
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader

from ingest.parsing.pages import FAILED
from ingest.parsing.pdf.document import parse_pdf
from tests.unit.ingest.parsing.pdf_files import HEIGHT, ZH, Sheet, draw, plain_page
from wenyuan.documents import BlockKind, PageSource
from wenyuan.errors import FileCorrupt, FileEncrypted, FileUnsafe


def silent(done: int, total: int) -> None:
    """Progress nobody watches."""


def scan_page(sheet: Sheet, width: float = 595, height: float = 842) -> None:
    image = Image.new("L", (400, 560), 255)
    for row in range(20):
        for column in range(60):
            image.paste(0, (40 + 5 * column, 60 + 20 * row, 43 + 5 * column, 70 + 20 * row))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    sheet.canvas.drawImage(ImageReader(io.BytesIO(buffer.getvalue())), 0, 0, width, height)


def stamped_scan(sheet: Sheet) -> None:
    """A scan with a notice of the provider on it: text enough for a page, but not the page's."""
    scan_page(sheet)
    for row in range(4):
        sheet.text(
            60, 800 + 9 * row, f"{row} Downloaded from the archive under its terms of use, all rights reserved", 8
        )


def titled_photo(sheet: Sheet) -> None:
    """A slide: text over a picture that fills the page and holds none."""
    patches = random.Random(3)
    small = Image.frombytes("RGB", (9, 7), patches.randbytes(9 * 7 * 3))
    sheet.canvas.drawImage(ImageReader(small.resize((620, 877), Image.Resampling.BICUBIC)), 0, 0, 595, 842)
    for row in range(3):
        sheet.text(60, 300 + 20 * row, ZH, 14)


def headed_outlines(sheet: Sheet) -> None:
    """Rows of letters turned into one shape, below a line of real text."""
    sheet.text(60, 60, "Exported by the drawing program on the first of May", 9)
    shape = sheet.canvas.beginPath()
    for row in range(12):
        for column in range(50):
            x, y = 60 + 9 * column, HEIGHT - 120 - 20 * row
            shape.moveTo(x, y)
            for dx, dy in ((3, 8), (6, 0), (5, 0), (4, 3), (2, 3), (1, 0)):
                shape.lineTo(x + dx, y + dy)
            shape.close()
    sheet.canvas.drawPath(shape, stroke=0, fill=1)


def curve_page(sheet: Sheet) -> None:
    """A chart of one curve with very many segments."""
    sheet.text(60, 60, "Temperature of the sensor over the first week of May", 9)
    chooser = random.Random(5)
    shape = sheet.canvas.beginPath()
    shape.moveTo(60, 400)
    for step in range(900):
        shape.lineTo(60 + step / 2, 400 + 40 * chooser.random() + step / 10)
    sheet.canvas.drawPath(shape, stroke=1, fill=0)


def curve_beside_scan(sheet: Sheet) -> None:
    """The same chart above a picture of text, which is read for itself."""
    curve_page(sheet)
    scan_page(sheet, 560, 350)


def outline_page(sheet: Sheet) -> None:
    """Ink without characters or pictures, as from text turned to curves."""
    for row in range(12):
        for column in range(20):
            sheet.canvas.circle(80 + 20 * column, HEIGHT - 100 - 20 * row, 7, fill=1)


def test_user_password_is_refused_and_owner_password_reads(tmp_path: Path) -> None:
    with pytest.raises(FileEncrypted):
        parse_pdf(draw(tmp_path / "u.pdf", plain_page, encrypt=StandardEncryption("secret", canPrint=0)), 10, silent)
    owner = draw(tmp_path / "o.pdf", plain_page, encrypt=StandardEncryption("", "owner", canCopy=0))
    assert any(block.text == ZH for block in parse_pdf(owner, 10, silent).blocks)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_truncated_is_corrupt(tmp_path: Path, kept: float) -> None:
    path = draw(tmp_path / "a.pdf", plain_page, plain_page)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(FileCorrupt):
        parse_pdf(path, 10, silent)


def test_garbage_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    with pytest.raises(FileCorrupt):
        parse_pdf(path, 10, silent)


def test_too_many_pages(tmp_path: Path) -> None:
    with pytest.raises(FileUnsafe) as caught:
        parse_pdf(draw(tmp_path / "a.pdf", *[plain_page] * 4), 3, silent)
    assert caught.value.params == {"reason": "4 pages > 3"}


def test_pages_without_a_text_layer_wait_for_ocr(tmp_path: Path) -> None:
    blank = draw(tmp_path / "a.pdf", plain_page, scan_page, outline_page, lambda sheet: None)
    parsed = parse_pdf(blank, 10, silent)
    assert parsed.warnings == ("page.2.needs_ocr", "page.3.needs_ocr")
    assert [page.source for page in parsed.pages] == [
        PageSource.TEXT,
        PageSource.NONE,
        PageSource.NONE,
        PageSource.NONE,
    ]
    assert all(page.error is None for page in parsed.pages)


def test_writing_in_a_picture_waits_for_ocr_whatever_is_printed_over_it(tmp_path: Path) -> None:
    parsed = parse_pdf(draw(tmp_path / "a.pdf", stamped_scan, titled_photo, plain_page), 10, silent)
    assert parsed.warnings == ("page.1.needs_ocr",)
    assert any("Downloaded" in block.text for block in parsed.blocks)


def test_letters_in_one_shape_wait_for_ocr_below_a_head_and_a_curve_does_not(tmp_path: Path) -> None:
    parsed = parse_pdf(draw(tmp_path / "a.pdf", headed_outlines, curve_page, curve_beside_scan), 10, silent)
    assert parsed.warnings == ("page.1.needs_ocr",)


def test_a_cover_with_a_short_title_needs_no_ocr(tmp_path: Path) -> None:
    cover = draw(tmp_path / "a.pdf", lambda sheet: sheet.text(100, 300, "差旅费管理办法", 40), plain_page)
    parsed = parse_pdf(cover, 10, silent)
    assert parsed.warnings == ()
    assert parsed.title == "差旅费管理办法"


def test_pictures_are_figures_but_backgrounds_are_not(tmp_path: Path) -> None:
    image = ImageReader(Image.new("RGB", (60, 40), "navy"))

    def page(sheet: Sheet) -> None:
        plain_page(sheet)
        sheet.canvas.drawImage(image, 100, 300, 240, 160)

    def logo(sheet: Sheet) -> None:
        sheet.paragraph(60, 140, 470, ZH)
        sheet.canvas.drawImage(image, 400, 60, 120, 80)

    parsed = parse_pdf(draw(tmp_path / "a.pdf", page, logo, logo, logo), 10, silent)
    figures = [block for block in parsed.blocks if block.kind is BlockKind.FIGURE]
    assert [figure.boxes[0].page for figure in figures] == [1]
    box = figures[0].boxes[0]
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((100, HEIGHT - 460, 340, HEIGHT - 300), abs=1)


def test_a_skipped_page_is_listed_with_its_error(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = draw(tmp_path / "a.pdf", plain_page, plain_page, plain_page)
    parsed = parse_pdf(path, 10, lambda done, total: seen.append((done, total)), skip=[2])
    assert [page.error for page in parsed.pages] == [None, FAILED, None]
    assert {box.page for block in parsed.blocks for box in block.boxes} == {1, 3}
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
