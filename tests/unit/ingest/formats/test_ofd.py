"""OFD: the same layout analysis as PDF, from characters placed one by one."""

import io
from pathlib import Path

import pytest
from PIL import Image

from ingest.intake import media, sniff
from ingest.parsing.drawing import draw_page
from ingest.parsing.formats import parse_format
from tests.unit.ingest.formats.ofd_files import grid, line, picture, text, write_ofd
from wenyuan.documents import BlockKind, Hidden, PageSource, ParsedDocument
from wenyuan.errors import FileCorrupt

SENTENCES = (
    "为规范公司采购行为，加强采购过程的监督管理，提高资金使用效益，根据国家有关",
    "规定，结合公司实际情况，制定本办法。本办法适用于公司各部门及所属单位。",
)
ROWS = [["项目", "金额", "备注"], ["差旅", "1200", "含税"], ["办公", "300", ""]]


def parse(path: Path) -> ParsedDocument:
    assert sniff(path, "a.ofd") == media.OFD
    return parse_format(path, media.OFD)


def body() -> str:
    return (
        text(60, 30, "采购管理办法", 7.0)
        + text(20, 50, "第一章 总则", 5.5)
        + text(28, 60, SENTENCES[0])
        + text(20, 67, SENTENCES[1])
        + grid(20, 90, [40, 40, 40], 8, ROWS)
        + picture(20, 150, 60, 40)
    )


def test_paragraphs_headings_tables_and_pictures_have_pages_and_boxes(tmp_path: Path) -> None:
    parsed = parse(write_ofd(tmp_path / "a.ofd", [body()], title="采购管理办法"))
    (page,) = parsed.pages
    assert (round(page.width), round(page.height), page.source) == (595, 842, PageSource.TEXT)
    assert [b.text for b in parsed.blocks if b.kind is BlockKind.TITLE] == ["采购管理办法", "第一章 总则"]
    paragraph = next(b for b in parsed.blocks if b.kind is BlockKind.PARAGRAPH)
    assert paragraph.text == "".join(SENTENCES)
    box = paragraph.boxes[0]
    assert (box.page, round(box.x0 / 72 * 25.4), round(box.y0 / 72 * 25.4)) == (1, 20, 60)
    table = next(b.table for b in parsed.blocks if b.table)
    assert [[c.text for c in table.cells if c.row == row] for row in range(3)] == [
        ["项目", "金额", "备注"], ["差旅", "1200", "含税"], ["办公", "300", ""]
    ]  # fmt: skip
    assert [b.media for b in parsed.blocks if b.kind is BlockKind.FIGURE] == ["Doc_0/Res/a.png"]
    assert (parsed.title, parsed.warnings) == ("采购管理办法", ("page.1.seal",))


def test_templates_matrices_and_steps_place_characters(tmp_path: Path) -> None:
    turned = (
        '<ofd:TextObject ID="1" Boundary="20 40 100 10" Font="1" Size="2" CTM="2 0 0 2 0 0"><ofd:TextCode '
        'X="0" Y="2" DeltaX="2 g 2 2 2">合同编号甲</ofd:TextCode></ofd:TextObject>'
    )
    path = write_ofd(
        tmp_path / "a.ofd", [turned + text(20, 100, SENTENCES[1])], template=text(20, 20, "公司名称抬头在此")
    )
    parsed = parse(path)
    first = next(b for b in parsed.blocks if "合同编号甲" in b.text)
    assert round((first.boxes[0].x1 - first.boxes[0].x0) / 72 * 25.4) == 20
    assert any("公司名称抬头在此" in b.text for b in parsed.blocks)


def test_hidden_words_are_marked(tmp_path: Path) -> None:
    white = '<ofd:FillColor Value="255 255 255"/>'
    content = (
        body()
        + text(20, 200, "白纸上的白字看不见", inner=white)
        + text(20, 220, "不可见的对象", extra='Visible="false"')
        + '<ofd:PathObject ID="2" Boundary="20 240 80 10" Fill="true"><ofd:FillColor Value="20 40 90"/>'
        "<ofd:AbbreviatedData>M 0 0 L 80 0 L 80 10 L 0 10 C</ofd:AbbreviatedData></ofd:PathObject>"
        + text(22, 242, "深色底上的白字", inner=white)
    )
    parsed = parse(write_ofd(tmp_path / "a.ofd", [content]))
    assert {(b.text, b.hidden) for b in parsed.blocks if b.hidden} == {
        ("白纸上的白字看不见", Hidden.COLOUR),
        ("不可见的对象", Hidden.MARKED),
    }
    assert any("深色底上的白字" in b.text and b.hidden is None for b in parsed.blocks)


def test_a_page_that_is_a_picture_waits_for_ocr_and_a_broken_one_is_named(tmp_path: Path) -> None:
    parsed = parse(write_ofd(tmp_path / "a.ofd", [picture(0, 0, 210, 297), "<broken", body()]))
    assert [page.source for page in parsed.pages] == [PageSource.NONE, PageSource.NONE, PageSource.TEXT]
    assert parsed.pages[1].error == "page.failed"
    assert "page.1.needs_ocr" in parsed.warnings


def test_pages_are_drawn(tmp_path: Path) -> None:
    path = write_ofd(tmp_path / "a.ofd", [body() + line(20, 250, 190, 250)])
    image = Image.open(io.BytesIO(draw_page(path, media.OFD, 1, [(50, 50, 200, 100)], 800, 10))).convert("RGB")
    assert max(image.size) == 800
    scale = 800 / 297
    assert image.getpixel((round(50 * scale), round(170 * scale))) == (255, 0, 0)
    grey = image.convert("L")
    for x in (30, 100, 180):
        left, top = round(x * scale), round(250 * scale) - 1
        assert min(grey.crop((left, top, left + 1, top + 3)).tobytes()) < 100
    title = image.crop((round(60 * scale), round(30 * scale), round(102 * scale), round(37 * scale))).convert("L")
    assert sum(value < 128 for value in title.tobytes()) > 100
    with pytest.raises(FileCorrupt):
        draw_page(path, media.OFD, 2, [], 800, 10)
