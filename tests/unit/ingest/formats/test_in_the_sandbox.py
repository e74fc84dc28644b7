"""Formats through the sandbox: what a reader needs (a scratch folder, fonts, libraries) is there, the rest is not."""

import io
from pathlib import Path

import pytest
from PIL import Image

from ingest.intake import media, sniff
from ingest.parsing.render import PageRenderer
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from tests.unit.ingest.formats.compound_files import compound
from tests.unit.ingest.formats.ofd_files import picture, text, write_ofd
from tests.unit.ingest.formats.test_mail import attachment, mail, outlook, pdf, png, sheet, word
from tests.unit.ingest.formats.test_pages import book
from wenyuan.documents import ParsedDocument, SourceFile
from wenyuan.errors import FileUnsafe, ParserLimit
from wenyuan.settings import IngestSettings


async def parsed(path: Path, **limits: int) -> ParsedDocument:
    settings = IngestSettings.model_validate({"ocr": False, **limits})
    return await FileParser(Sandbox(settings), None, settings).parse(source(path))


def source(path: Path) -> SourceFile:
    return SourceFile(str(path), path.name, "0" * 64, path.stat().st_size, sniff(path, path.name))


def mail_with_everything() -> bytes:
    message = mail()
    for name, content in (("合同.docx", word()), ("预算.xlsx", sheet()), ("a.pdf", pdf()), ("图.png", png())):
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


async def test_attachments_are_read_in_the_scratch_folder_of_the_child(tmp_path: Path) -> None:
    path = tmp_path / "信.eml"
    path.write_bytes(mail_with_everything())
    found = await parsed(path)
    anchors = {block.anchor for block in found.blocks if block.anchor}
    assert {"合同.docx", "a.pdf · p. 1", "a.pdf · p. 3"} <= anchors
    assert not any(warning.startswith(("attachment:1", "attachment:2", "attachment:3")) for warning in found.warnings)


async def test_outlook_books_and_ofd_are_read(tmp_path: Path) -> None:
    tree = outlook()
    tree["__attach_version1.0_#00000000"] = attachment("合同.docx", word())
    (tmp_path / "a.msg").write_bytes(compound(tree))
    assert any("三十日内" in block.text for block in (await parsed(tmp_path / "a.msg")).blocks)
    assert (await parsed(book(tmp_path / "a.epub"))).title == "手册"
    path = write_ofd(tmp_path / "a.ofd", [text(20, 30, "国家标准的版式文件") + picture(20, 60, 50, 50)])
    found = await parsed(path)
    assert found.blocks[0].text == "国家标准的版式文件"
    image = await PageRenderer(Sandbox(IngestSettings())).render_page(path, media.OFD, 1, found.blocks[0].boxes, 600)
    assert max(Image.open(io.BytesIO(image)).size) == 600


@pytest.mark.parametrize("kind", ["rtf", "json", "html"])
async def test_a_file_that_asks_for_too_much_ends_at_its_limit(tmp_path: Path, kind: str) -> None:
    content = {
        "rtf": b"{\\rtf1 " + b"\\trowd\\cellx1\\intbl x\\cell\\row" * 60_000 + b"}",
        "json": b"[" + b'{"a": [[[[1]]]]},' * 30_000 + b"1]",
        "html": b"<html>" + b"<table><tr><td>a<td>b" * 100_000,
    }
    path = tmp_path / f"a.{kind}"
    path.write_bytes(content[kind])
    try:
        found = await parsed(path, parse_memory_mb=384, parse_wall_s=10)
    except (ParserLimit, FileUnsafe):
        return
    assert found.blocks
