"""Files through the whole parser: sandbox, backend, OCR of the pages that need it, errors of the others."""

import asyncio
import io
import os
import re
import signal
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader

from ingest.intake import media, sniff
from ingest.parsing.pages import FAILED, NO_TEXT
from ingest.parsing.reading.recognition import Engines
from ingest.parsing.render import PageRenderer
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from tests.unit.ingest.parsing.pdf_files import ZH, Sheet, draw, plain_page
from tests.unit.ingest.test_sandbox import children
from wenyuan.documents import Block, BlockKind, Box, PageSource, SourceFile
from wenyuan.errors import FileCorrupt, FileEncrypted, FileError, FileNoText, FileTypeUnsupported, ParserLimit
from wenyuan.settings import IngestSettings

DOCUMENTS = os.environ.get("WENYUAN_TEST_DOCUMENTS")
READ = "扫描件中的文字"


class Reader:
    """Stands for the recogniser, whose models take seconds a page: answers with one title and one paragraph."""

    def __init__(self, fails: set[int] | None = None) -> None:
        self.pages: list[tuple[int, tuple[int, int], float, float]] = []
        self._fails = fails or set()

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        self.pages.append((page, Image.open(io.BytesIO(bitmap_png)).size, width, height))
        if page in self._fails:
            raise ParserLimit(reason="90 s")
        box = Box(page, 10, 10, width - 10, 60)
        return (
            Block(BlockKind.TITLE, "会议纪要", (box,), level=1, confidence=0.98),
            Block(BlockKind.PARAGRAPH, f"{READ}{page}", (box,), confidence=0.97),
        )


def scan(sheet: Sheet) -> None:
    sheet.canvas.drawImage(ImageReader(Image.effect_noise((300, 420), 90)), 0, 0, 595, 842)


def source(path: Path) -> SourceFile:
    return SourceFile(str(path), path.name, "0" * 64, path.stat().st_size, sniff(path, path.name))


def parser(ocr: Reader | None = None, **limits: float) -> FileParser:
    settings = IngestSettings.model_validate({"ocr": ocr is not None, **limits})
    return FileParser(Sandbox(settings), None if ocr is None else Engines(ocr), settings)


async def test_scanned_pages_are_read_and_stand_in_their_place(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", plain_page, scan, plain_page)
    reader, seen = Reader(), list[tuple[int, int]]()
    parsed = await parser(reader).parse(source(path), lambda done, total: seen.append((done, total)))
    assert [page.source for page in parsed.pages] == [PageSource.TEXT, PageSource.OCR, PageSource.TEXT]
    assert [block.boxes[0].page for block in parsed.blocks] == sorted(block.boxes[0].page for block in parsed.blocks)
    read = next(block for block in parsed.blocks if block.text == f"{READ}2")
    assert read.heading_path == ("会议纪要",)
    assert read.confidence == 0.97
    ((page, size, width, height),) = reader.pages
    assert (page, width, height) == (2, 595, 842)
    assert size == pytest.approx((595 * 200 / 72, 842 * 200 / 72), abs=1)
    assert seen == sorted(seen)
    assert seen[-2:] == [(2, 3), (3, 3)]


async def test_a_scan_is_named_by_its_first_heading(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = draw(tmp_path / "a.pdf", scan, scan)
    parsed = await parser(Reader()).parse(source(path), lambda done, total: seen.append((done, total)))
    assert parsed.title == "会议纪要"
    assert seen == sorted(seen)
    assert seen[-1] == (2, 2)


async def test_without_ocr_scanned_pages_are_listed(tmp_path: Path) -> None:
    parsed = await parser().parse(source(draw(tmp_path / "a.pdf", plain_page, scan)))
    assert [(page.source, page.error) for page in parsed.pages] == [
        (PageSource.TEXT, None),
        (PageSource.NONE, NO_TEXT),
    ]
    with pytest.raises(FileNoText):
        await parser().parse(source(draw(tmp_path / "b.pdf", scan)))


async def test_a_page_whose_ocr_fails_costs_no_other(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", scan, scan)
    parsed = await parser(Reader(fails={1})).parse(source(path))
    assert [(page.source, page.error) for page in parsed.pages] == [
        (PageSource.NONE, "file.parser_limit"),
        (PageSource.OCR, None),
    ]
    with pytest.raises(ParserLimit):
        await parser(Reader(fails={1, 2})).parse(source(path))


async def test_images_are_read_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.effect_noise((120 + number, 90), 60) for number in range(2)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    parsed = await parser(Reader()).parse(source(path))
    assert [(page.width, page.source) for page in parsed.pages] == [(120, PageSource.OCR), (121, PageSource.OCR)]
    assert [block.text for block in parsed.blocks if block.kind is BlockKind.PARAGRAPH] == [f"{READ}1", f"{READ}2"]


async def test_a_page_that_kills_the_parser_is_left_out(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", *[plain_page] * 40)
    killed = False

    def kill_at_ten(done: int, total: int) -> None:
        nonlocal killed
        if done == 9 and not killed:
            killed = True
            for pid in children():
                os.kill(pid, signal.SIGSEGV)

    parsed = await parser().parse(source(path), kill_at_ten)
    failed = [page.number for page in parsed.pages if page.error == FAILED]
    assert killed
    assert len(failed) == 1
    assert failed[0] >= 10
    assert len(parsed.pages) == 40


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"# 差旅制度\n\n{ZH}\n"),
        ("a.html", f"<html><body><h1>差旅制度</h1><p>{ZH}</p></body></html>"),
        ("a.txt", ZH),
    ],
)
async def test_formats_without_pages(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="gb18030")
    parsed = await parser().parse(source(path))
    assert parsed.pages == ()
    assert any(ZH in block.text for block in parsed.blocks)


async def test_types_that_are_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK")
    with pytest.raises(FileTypeUnsupported):
        await parser().parse(SourceFile(str(path), path.name, "", 2, "application/zip"))


async def test_the_fingerprint_tells_with_and_without_ocr_apart() -> None:
    assert parser().fingerprint != parser(Reader()).fingerprint
    assert parser().fingerprint == parser().fingerprint


async def test_page_images_come_out_of_the_sandbox(tmp_path: Path) -> None:
    renderer = PageRenderer(Sandbox(IngestSettings()))
    path = draw(tmp_path / "a.pdf", plain_page, plain_page)
    boxes = [Box(2, 100, 400, 300, 450), Box(1, 100, 600, 300, 650)]
    picture = Image.open(io.BytesIO(await renderer.render_page(path, media.PDF, 2, boxes, long_side=842))).convert(
        "RGB"
    )
    assert picture.size == (595, 842)
    assert picture.getpixel((200, 425)) != (255, 255, 255)
    assert picture.getpixel((200, 625)) == (255, 255, 255)


if DOCUMENTS:  # a folder of real files; without one there is nothing to skip

    async def test_every_document_of_a_folder_is_parsed_or_refused_with_a_code() -> None:
        folder = Path(DOCUMENTS or "")
        paths = await asyncio.to_thread(lambda: sorted(path for path in folder.iterdir() if path.is_file()))
        outcomes: dict[str, str] = {}
        for path in paths:
            try:
                parsed = await parser().parse(source(path))
            except FileError as error:
                outcomes[path.name] = error.code
            else:
                outcomes[path.name] = "ok"
                assert all(1 <= box.page <= len(parsed.pages) for block in parsed.blocks for box in block.boxes)
        assert outcomes
        assert not {"file.parser_limit", "file.parser_failed"} & set(outcomes.values())
        assert outcomes.get("password-example.pdf", FileEncrypted.code) == FileEncrypted.code


async def test_a_file_without_one_page_that_can_be_laid_out_is_damaged(tmp_path: Path) -> None:
    path = draw(tmp_path / "wide.pdf", plain_page)
    path.write_bytes(re.sub(rb"/MediaBox \[[^\]]*\]", b"/MediaBox [ 0 0 20000 842 ]", path.read_bytes()))
    with pytest.raises(FileCorrupt):
        await parser().parse(source(path))
