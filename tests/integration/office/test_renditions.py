"""Office files rendered by LibreOffice: page images beside the file, blocks on their pages, legacy formats."""

import shutil
import subprocess
from pathlib import Path

import docx
import openpyxl
import pptx
import pypdfium2 as pdfium
import pytest
from pptx.util import Inches

from ingest.intake import Intake, media
from ingest.parsing.render import PageRenderer
from ingest.parsing.service import FileParser
from ingest.rendition.paths import rendition_path, shown_as
from ingest.rendition.service import FAILED
from ingest.rendition.soffice import find_program
from ingest.sandbox import Sandbox
from wenyuan.documents import Block, BlockKind, ParsedDocument, SourceFile
from wenyuan.errors import ConverterMissing, FileCorrupt
from wenyuan.settings import IngestSettings

needs_office = pytest.mark.skipif(find_program(None) is None, reason="LibreOffice is not installed")
PARAGRAPHS = [
    f"第{number}条 员工出差应当事先填写第{number}号申请单，经部门负责人批准后方可出行。" for number in range(1, 61)
]


def settings(**values: object) -> IngestSettings:
    return IngestSettings(ocr=False).model_copy(update=values)


async def parse(path: Path, media_type: str, given: IngestSettings) -> ParsedDocument:
    parser = FileParser(Sandbox(given), None, given, renders=True)
    return await parser.parse(SourceFile(str(path), path.name, "0" * 64, 1, media_type))


def handbook(path: Path) -> Path:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.add_heading("差旅管理办法", 1)
    for text in PARAGRAPHS:
        document.add_paragraph(text)
    table = document.add_table(rows=3, cols=3)
    for row, values in zip(
        table.rows, [["级别", "一线城市", "其他"], ["经理", "800", "600"], ["员工", "500", "400"]], strict=True
    ):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    document.save(str(path))
    return path


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def words_at(pdf: Path, block: Block) -> str:
    """Read the words of a page within a block's first box."""
    box = block.boxes[0]
    with pdfium.PdfDocument(pdf) as document:
        page = document[box.page - 1]
        height = page.get_height()
        text = page.get_textpage().get_text_bounded(box.x0 - 1, height - box.y1 - 1, box.x1 + 1, height - box.y0 + 1)
    return "".join(text.split())


@needs_office
async def test_blocks_stand_on_their_pages(tmp_path: Path) -> None:
    path = handbook(tmp_path / "stored")
    parsed = await parse(path, media.DOCX, settings())
    pdf = rendition_path(path)
    assert len(parsed.pages) >= 3
    assert all(block.boxes for block in parsed.blocks)
    for block in parsed.blocks:
        if block.kind is BlockKind.PARAGRAPH and len(block.boxes) == 1:
            assert "".join(block.text.split()) in words_at(pdf, block)
            assert "".join(block.text[line.start : line.end] for line in block.lines) == block.text
    table = next(block for block in parsed.blocks if block.table is not None)
    assert table.table is not None
    assert all(cell.box is not None for cell in table.table.cells)
    assert [block.boxes[0].page for block in parsed.blocks if block.kind is BlockKind.HEADER] == [1]

    made = pdf.stat().st_mtime_ns
    assert await parse(path, media.DOCX, settings()) == parsed
    assert pdf.stat().st_mtime_ns == made, "a rendition is made once"

    shown, shown_type = shown_as(path, media.DOCX)
    image = await PageRenderer(Sandbox(settings())).render_page(shown, shown_type, 2, table.boxes)
    assert image.startswith(b"\x89PNG")


@needs_office
async def test_sheets_and_slides_stand_on_their_pages(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["型号", *(f"参数{number}" for number in range(25))])
    for row in range(60):
        book.active.append([f"KYN{row}", *range(row, row + 25)])
    sheet = tmp_path / "sheet"
    with sheet.open("wb") as file:
        book.save(file)
    parsed = await parse(sheet, media.XLSX, settings())
    assert all(block.boxes for block in parsed.blocks)
    first = next(block for block in parsed.blocks if block.table is not None)
    assert first.table is not None
    boxes = [cell.box for cell in first.table.cells if cell.row == 1]
    assert all(box is not None and box.page == boxes[0].page for box in boxes if boxes[0] is not None)

    presentation = pptx.Presentation()
    for name, seen in (("第一页标题", "1"), ("隐藏的一页", "0"), ("第三页标题", "1")):
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = name
        slide.element.set("show", seen)
        slide.shapes.add_textbox(Inches(1), Inches(3), Inches(5), Inches(1)).text_frame.text = f"{name}的正文"
        slide.notes_slide.notes_text_frame.text = "讲稿"
    slides = tmp_path / "slides"
    with slides.open("wb") as file:
        presentation.save(file)
    parsed = await parse(slides, media.PPTX, settings())
    pages = {(block.anchor, block.text): block.boxes[0].page for block in parsed.blocks if block.boxes}
    assert len(parsed.pages) == 2
    assert (pages["slide 1", "讲稿"], pages["slide 3", "第三页标题"], pages["slide 3", "讲稿"]) == (1, 2, 2)
    assert not any(block.boxes for block in parsed.blocks if block.anchor == "slide 2")


@needs_office
async def test_legacy_files_are_read_by_way_of_their_modern_format(tmp_path: Path) -> None:
    program = find_program(None)
    source = handbook(tmp_path / "a.docx")
    command = [
        str(program),
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "doc",
    ]
    _run([*command, "--outdir", str(tmp_path), str(source)], tmp_path)
    parsed = await parse(tmp_path / "a.doc", media.DOC, settings())
    assert [block.text for block in parsed.blocks if block.kind is BlockKind.TITLE] == ["差旅管理办法"]
    assert PARAGRAPHS[30] in [block.text for block in parsed.blocks]
    assert parsed.pages
    assert all(block.boxes for block in parsed.blocks)
    broken = tmp_path / "broken"
    broken.write_bytes((tmp_path / "a.doc").read_bytes()[:512] + b"\0" * 2000)
    with pytest.raises(FileCorrupt):
        await parse(broken, media.DOC, settings())


async def test_without_libreoffice_positions_are_logical(tmp_path: Path) -> None:
    path = handbook(tmp_path / "stored")
    given = settings(office_renderer="off")
    parsed = await parse(path, media.DOCX, given)
    assert parsed.pages == ()
    assert not any(block.boxes for block in parsed.blocks)
    assert not rendition_path(path).exists()
    with pytest.raises(ConverterMissing):
        await parse(path, media.DOC, given)
    parsers = [FileParser(Sandbox(given), None, given, renders=renders) for renders in (True, False)]
    assert parsers[0].fingerprint == parsers[1].fingerprint


async def test_a_rendition_that_fails_costs_no_text(tmp_path: Path) -> None:
    failing = shutil.which("false")
    assert failing is not None
    path = handbook(tmp_path / "stored")
    parsed = await parse(path, media.DOCX, settings(office_program=failing))
    assert parsed.warnings == (FAILED,)
    assert PARAGRAPHS[0] in [block.text for block in parsed.blocks]
    assert listed(tmp_path) == ["stored"]


async def test_renditions_are_no_strays(tmp_path: Path) -> None:
    intake = Intake(tmp_path, IngestSettings())
    folder = tmp_path / "files" / "doc"
    folder.mkdir(parents=True)
    for name in ("known", "known.pages.pdf", "gone", "gone.pages.pdf"):
        (folder / name).write_bytes(b"x")
    assert await intake.remove_strays(["files/doc/known"]) == 2
    assert listed(folder) == ["known", "known.pages.pdf"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
