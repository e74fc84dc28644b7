"""Recognition of parts of a file: pictures on pages and in packages, unseen layers, budgets, the endpoint first."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader

from ingest.intake import media
from ingest.parsing.reading.merge import with_words
from ingest.parsing.reading.parts import Aim, parts_of
from ingest.parsing.reading.progress import Report
from ingest.parsing.reading.recognition import Engines, PageOcr, Recognition
from ingest.parsing.reading.running import with_running_heads
from ingest.parsing.render import PageRenderer
from ingest.sandbox import Sandbox
from tests.unit.ingest.parsing.pdf_files import Sheet, draw
from wenyuan.documents import Block, BlockKind, Box, Line, Page, PageSource, ParsedDocument, SourceFile
from wenyuan.errors import EndpointError, FileError, ParserLimit, ParserUnavailable
from wenyuan.settings import IngestSettings

PAGE = Page(1, 595.0, 842.0)


class Reader:
    """Stands for the recogniser: answers every bitmap with one line over its upper half, and keeps the sizes."""

    def __init__(self, text: str = "图中文字", error: FileError | EndpointError | None = None) -> None:
        self.text = text
        self.error = error
        self.sizes: list[tuple[int, int]] = []

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        self.sizes.append(Image.open(io.BytesIO(bitmap_png)).size)
        if self.error is not None:
            raise self.error
        box = Box(page, 0, 0, width, height / 2)
        line = Line(0, len(self.text), box, 0.9)
        return (Block(BlockKind.PARAGRAPH, self.text, (box,), confidence=0.9, lines=(line,)),)


def source(path: Path, media_type: str = media.PDF) -> SourceFile:
    return SourceFile(str(path), path.name, "0" * 64, path.stat().st_size, media_type)


async def completed(
    path: Path,
    parsed: ParsedDocument,
    local: PageOcr,
    endpoint: PageOcr | None = None,
    most: int = 10,
    media_type: str = media.PDF,
) -> ParsedDocument:
    engines = Engines(local, endpoint)
    recognition = Recognition(PageRenderer(Sandbox(IngestSettings())), engines, most)
    return await recognition.complete(source(path, media_type), parsed, Report(None), None)


def figure(x0: float, y0: float, x1: float, y1: float, text: str = "") -> Block:
    return Block(BlockKind.FIGURE, text, (Box(1, x0, y0, x1, y1),))


def picture(size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((5, 5, size[0] // 2, size[1] // 2), fill="black")
    return image


def sheet_with_picture(sheet: Sheet) -> None:
    sheet.canvas.drawImage(ImageReader(picture((300, 200))), 100, 542, 300, 200)


async def test_the_words_of_a_picture_on_a_page_become_its_text(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_with_picture)
    text = Block(BlockKind.PARAGRAPH, "正文", (Box(1, 60, 60, 500, 90),))
    parsed = ParsedDocument((PAGE,), (text, figure(100, 100, 400, 300), figure(10, 10, 40, 40)))
    reader = Reader()
    found = await completed(path, parsed, reader)
    assert reader.sizes == [pytest.approx((300 * 200 / 72, 200 * 200 / 72), abs=2)]
    (block,) = (block for block in found.blocks if block.text == "图中文字")
    assert (block.kind, block.confidence) == (BlockKind.FIGURE, 0.9)
    assert block.boxes == (Box(1, 100, 100, 400, 300),)
    assert block.lines == (Line(0, 4, Box(1, 100, 100, 400, 200), 0.9),)
    assert found.pages == (PAGE,)
    assert found.blocks[2].text == ""


async def test_text_the_layer_has_is_not_read_twice(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_with_picture)
    label = Block(BlockKind.PARAGRAPH, "图中文字", (Box(1, 100, 100, 400, 190),))
    found = await completed(path, ParsedDocument((PAGE,), (label, figure(100, 100, 400, 300))), Reader())
    assert [block.text for block in found.blocks] == ["图中文字", ""]


def test_what_the_file_says_of_a_figure_stands_before_its_words() -> None:
    read = [
        Block(BlockKind.PARAGRAPH, "甲乙", lines=(Line(0, 1, Box(1, 0, 0, 9, 9)), Line(1, 2, Box(1, 50, 50, 59, 59)))),
        Block(BlockKind.PARAGRAPH, "丙", lines=(Line(0, 1, Box(1, 0, 20, 9, 29), 0.5),), confidence=0.5),
    ]
    block = with_words(figure(0, 0, 90, 90, "结构图"), read, [Box(1, 45, 45, 99, 99)])
    assert block.text == "结构图\n甲\n丙"
    assert [block.text[line.start : line.end] for line in block.lines] == ["甲", "丙"]


async def test_pictures_inside_packages_are_read_and_icons_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    parts = {"word/media/a.png": picture((640, 320)), "word/media/icon.png": picture((16, 16))}
    with zipfile.ZipFile(path, "w") as archive:
        for name, image in parts.items():
            data = io.BytesIO()
            image.save(data, "PNG")
            archive.writestr(name, data.getvalue())
        archive.writestr("word/media/b.png", b"no picture at all")
    names = (*parts, "word/media/b.png", "word/media/none.png", "word/media/a.png")
    blocks = tuple(Block(BlockKind.FIGURE, "", anchor=name, media=name) for name in names)
    reader = Reader()
    found = await completed(path, ParsedDocument((), blocks), reader, media_type=media.DOCX)
    assert [block.text for block in found.blocks] == ["图中文字", "", "", "", "图中文字"]
    assert found.blocks[0].lines == ()
    assert reader.sizes == [(640, 320)]
    assert found.warnings == ("picture.3.unread", "picture.4.unread")


async def test_a_picture_on_every_page_is_read_once(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_with_picture, sheet_with_picture)
    blocks = tuple(Block(BlockKind.FIGURE, "", (Box(page, 100, 100, 400, 300),)) for page in (1, 2))
    reader = Reader()
    found = await completed(path, ParsedDocument((PAGE, Page(2, 595.0, 842.0)), blocks), reader)
    assert len(reader.sizes) == 1
    assert [block.text for block in found.blocks] == ["图中文字", "图中文字"]
    assert [block.lines[0].box.page for block in found.blocks] == [1, 2]


async def test_pictures_over_the_budget_are_counted_not_read(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_with_picture)
    blocks = tuple(figure(90, 100 + 10 * step, 400, 300 + 10 * step) for step in range(5))
    reader = Reader()
    found = await completed(path, ParsedDocument((PAGE,), blocks), reader, most=2)
    assert len(reader.sizes) == 2
    assert [bool(block.text) for block in found.blocks] == [True, True, False, False, False]
    assert found.warnings == ("pictures.3.left",)


def unseen(text: str) -> ParsedDocument:
    lines = tuple(Line(5 * row, 5 * row + 5, Box(1, 100, 100 + 30 * row, 400, 120 + 30 * row)) for row in range(8))
    block = Block(BlockKind.PARAGRAPH, text * 8, (Box(1, 100, 100, 400, 330),), lines=lines)
    return ParsedDocument((PAGE,), (block,), warnings=("page.1.unseen_layer",))


async def test_an_unseen_layer_that_says_what_is_seen_stands(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_with_picture)
    reader = Reader("财务管理部" * 6)
    found = await completed(path, unseen("财务管理部"), reader)
    assert [block.text for block in found.blocks] == ["财务管理部" * 8]
    assert found.pages[0].source is PageSource.TEXT
    assert found.warnings == ()
    ((width, height),) = reader.sizes
    assert width < 1000
    assert height < 1000


async def test_an_unseen_layer_that_says_something_else_is_replaced(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_with_picture)
    found = await completed(path, unseen("Ωßåøπ"), Reader("财务管理部"))
    assert [block.text for block in found.blocks] == ["财务管理部"]
    assert found.pages[0].source is PageSource.OCR
    assert found.pages[0].confidence == 0.9
    assert found.warnings == ("page.1.layer_replaced",)


async def test_the_endpoint_reads_first_and_the_local_engine_when_it_fails(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_with_picture)
    waiting = ParsedDocument((PAGE,), (), warnings=("page.1.needs_ocr",))
    local = Reader("本地")
    found = await completed(path, waiting, local, Reader("远程"))
    assert [block.text for block in found.blocks] == ["远程"]
    assert found.warnings == ()
    assert local.sizes == []
    found = await completed(path, waiting, local, Reader(error=EndpointError(reason="down")))
    assert [block.text for block in found.blocks] == ["本地"]
    assert found.warnings == ("page.1.endpoint_failed",)


async def test_an_engine_that_does_not_start_is_asked_once(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", *[sheet_with_picture] * 5)
    pages = tuple(Page(number, 595.0, 842.0) for number in range(1, 6))
    warnings = tuple(f"page.{number}.needs_ocr" for number in range(1, 6))
    text = Block(BlockKind.PARAGRAPH, "正文", (Box(2, 60, 60, 500, 90),))
    reader = Reader(error=ParserUnavailable(component="OCR"))
    found = await completed(path, ParsedDocument(pages, (text,), warnings=warnings), reader)
    assert len(reader.sizes) == 1
    assert [page.error for page in found.pages] == [ParserUnavailable.code] * 5
    failing = Reader(error=ParserLimit(reason="90 s"))
    await completed(path, ParsedDocument(pages, (text,), warnings=warnings), failing)
    assert len(failing.sizes) == 5


def test_only_what_needs_it_is_looked_at() -> None:
    blocks = (figure(0, 0, 300, 300), Block(BlockKind.PARAGRAPH, "正文", (Box(2, 60, 60, 500, 90),)))
    pages = (PAGE, Page(2, 595.0, 842.0))
    parts, left = parts_of(ParsedDocument(pages, blocks, warnings=("page.2.needs_ocr", "page.9.needs_ocr")), 10)
    assert [(part.aim, part.page) for part in parts] == [(Aim.PICTURE, 1), (Aim.PAGE, 2)]
    assert left == 0
    parts, _ = parts_of(ParsedDocument(pages, blocks, warnings=("page.1.needs_ocr",)), 10)
    assert [(part.aim, part.page) for part in parts] == [(Aim.PAGE, 1)]


def test_running_heads_of_recognised_pages_are_told_by_repetition() -> None:
    pages = {number: Page(number, 595.0, 842.0) for number in range(1, 5)}

    def read(number: int) -> tuple[Block, ...]:
        def block(y: float, text: str) -> Block:
            return Block(BlockKind.PARAGRAPH, text, (Box(number, 60, y, 500, y + 20),))

        return (
            block(30, "差旅费管理办法"),
            block(60, "同样的句子"),
            block(400, "同样的句子"),
            block(800, f"第 {number} 页 内部"),
        )

    found = with_running_heads({number: read(number) for number in pages}, pages)
    kinds = [block.kind for block in found[2]]
    assert kinds == [BlockKind.HEADER, BlockKind.HEADER, BlockKind.PARAGRAPH, BlockKind.FOOTER]
    few = with_running_heads({number: read(number) for number in (1, 2)}, pages)
    assert {block.kind for block in few[1]} == {BlockKind.PARAGRAPH}
