"""Web pages and books: what is read, what stands around it, what is hidden."""

import base64
import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from ingest.intake import media, sniff
from ingest.parsing.formats import parse_format
from ingest.parsing.formats.pictures import find_picture
from ingest.parsing.office.package import read_media
from wenyuan.documents import Block, BlockKind, Hidden, Link, ParsedDocument
from wenyuan.errors import FileEncrypted


def page(body: str, folder: Path, head: str = "") -> ParsedDocument:
    path = folder / "a.html"
    path.write_text(f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>", encoding="utf-8")
    return parse_format(path, media.HTML)


def holding(parsed: ParsedDocument, text: str) -> Block:
    return next(block for block in parsed.blocks if text in block.text)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("mark_up", "why"),
    [
        ('<div style="display:none">藏</div>', Hidden.MARKED),
        ("<p hidden>藏</p>", Hidden.MARKED),
        ('<span class="gone">藏</span>', Hidden.MARKED),
        ('<p id="off">藏</p>', Hidden.OFF_PAGE),
        ('<p style="color:#ffffff">藏</p>', Hidden.COLOUR),
        ('<font color="white">藏</font>', Hidden.COLOUR),
        ('<p style="color: rgb(254, 254, 254)">藏</p>', Hidden.COLOUR),
        ('<p style="font-size:1px">藏</p>', Hidden.TINY),
        ('<p style="font-size:0">藏</p>', Hidden.TINY),
        ('<p style="opacity:0">藏</p>', Hidden.MARKED),
        ('<p style="position:absolute; left:-9999px">藏</p>', Hidden.OFF_PAGE),
        (
            "<table><tr><td>甲</td><td>乙</td></tr><tr style='display:none'><td>藏</td><td>藏</td></tr></table>",
            Hidden.MARKED,
        ),
    ],
)
def test_hidden_words_are_marked_with_their_reason(tmp_path: Path, mark_up: str, why: Hidden) -> None:
    style = (
        "<style>@media print { .shown { display:none } } .gone, b.x { visibility: hidden } #off { "
        "text-indent: -999px }</style>"
    )
    parsed = page(f'<p class="shown">看得见的话。</p>{mark_up}', tmp_path, style)
    assert holding(parsed, "藏").hidden is why
    assert all("藏" not in block.text for block in parsed.blocks if block.hidden is None)
    assert holding(parsed, "看得见").hidden is None


def test_white_words_on_paint_are_seen(tmp_path: Path) -> None:
    parsed = page('<div style="background:#003366"><p style="color:white">深色底上的字</p></div>', tmp_path)
    assert holding(parsed, "深色底").hidden is None
    table = (
        '<table><tr style="background:#036;color:#fff"><th>甲</th><th>乙</th></tr><tr><td>1</td><td>2</td></tr></table>'
    )
    assert holding(page(table, tmp_path), "甲").text == "甲 | 乙\n1 | 2"


def test_links_stand_where_their_words_are(tmp_path: Path) -> None:
    parsed = page(
        '<p>  请见 <a href="https://intra/制度">《 差旅制度 》</a>，或<a href="#x">上文</a>和<a '
        'href="javascript:x()">它</a>。</p>',
        tmp_path,
    )
    block = parsed.blocks[0]
    assert [(block.text[link.start : link.end], link.target) for link in block.links] == [
        ("《 差旅制度 》", "https://intra/制度")
    ]
    numbered = page('<ol><li>见<a href="/a">附件</a></li></ol>', tmp_path).blocks[0]
    assert (numbered.text, numbered.links) == ("1. 见附件", (Link(4, 6, "/a"),))


def test_what_stands_around_the_content_is_kept_and_not_searched(tmp_path: Path) -> None:
    parsed = page(
        "<header><a href='/'>站点</a></header><nav><ul><li>栏目</li></ul></nav><main><article><h1>标题</h1>"
        "<p>正文。</p>"
        "<footer>作者：王芳</footer></article></main><footer>版权所有</footer>",
        tmp_path,
    )
    kinds = {block.text: block.kind for block in parsed.blocks}
    assert kinds == {
        "站点": BlockKind.HEADER,
        "栏目": BlockKind.HEADER,
        "标题": BlockKind.TITLE,
        "正文。": BlockKind.PARAGRAPH,
        "作者：王芳": BlockKind.PARAGRAPH,
        "版权所有": BlockKind.FOOTER,
    }


def test_a_table_in_a_cell_is_a_table_of_its_own(tmp_path: Path) -> None:
    inner = "<table><tr><td>一</td><td>二</td></tr><tr><td>三</td><td>四</td></tr></table>"
    parsed = page(f"<table><tr><th>项目</th><th>明细</th></tr><tr><td>甲</td><td>{inner}</td></tr></table>", tmp_path)
    tables = [block.table for block in parsed.blocks if block.table]
    assert [(table.rows, table.columns) for table in tables] == [(2, 2), (2, 2)]
    assert [cell.text for cell in tables[1].cells] == ["一", "二", "三", "四"]


def test_pages_without_headings_number_them(tmp_path: Path) -> None:
    parsed = page(
        "<p><b>第一章 总则</b></p><p>本办法适用于全体员工。</p><p><b>第二章 附则</b></p><p>自发布之日起施行。</p>",
        tmp_path,
    )
    assert [block.text for block in parsed.blocks if block.kind is BlockKind.TITLE] == ["第一章 总则", "第二章 附则"]


def test_lists_code_and_breaks(tmp_path: Path) -> None:
    parsed = page(
        "<ul><li>甲<ul><li>甲一</li></ul></li><li value='9'>乙</li></ul><pre>a\n  b</pre><p>上<br>下</p>", tmp_path
    )
    assert [(block.kind, block.text) for block in parsed.blocks] == [
        (BlockKind.LIST, "甲"),
        (BlockKind.LIST, "甲一"),
        (BlockKind.LIST, "乙"),
        (BlockKind.CODE, "a\n  b"),
        (BlockKind.PARAGRAPH, "上\n下"),
    ]


def test_pictures_written_into_the_page_can_be_found(tmp_path: Path) -> None:
    data = "data:image/png;base64," + base64.b64encode(png()).decode()
    parsed = page(
        f'<p>前</p><img src="https://x/y.png"><figure><img src="{data}" alt="流程"><figcaption>图1 '
        f"流程</figcaption></figure>",
        tmp_path,
    )
    figure = next(block for block in parsed.blocks if block.kind is BlockKind.FIGURE)
    assert figure.text == "流程"
    assert find_picture(tmp_path / "a.html", media.HTML, figure.media or "") == png()
    assert holding(parsed, "图1").kind is BlockKind.CAPTION


@pytest.mark.parametrize("charset", ["gb2312", "big5", "shift_jis", "utf-16", "utf-8"])
def test_declared_encodings_are_believed(tmp_path: Path, charset: str) -> None:
    words = {"shift_jis": "出張規程の概要", "big5": "員工規定"}.get(charset, "员工规定")
    path = tmp_path / "a.html"
    path.write_bytes(f'<html><meta charset="{charset}"><p>{words}</p></html>'.encode(charset))
    assert parse_format(path, sniff(path, "a.html")).blocks[0].text == words


def test_deep_and_endless_mark_up_ends(tmp_path: Path) -> None:
    parsed = page("<div>" * 20_000 + "深处" + "<b>" * 5_000, tmp_path)
    assert len(parsed.blocks) <= 1
    wide = "<table><tr>" + "<td colspan=999>x</td>" * 50 + "</tr></table>"
    assert page(wide, tmp_path).blocks[0].text


# --- books ------------------------------------------------------------------------------------------------------


def book(path: Path, *, protected: bool = False) -> Path:
    chapters = {
        "一.xhtml": "<html><head><link rel='stylesheet' href='s.css'/></head><body><p>没有标题的一章。</p><p "
        "class='h'>藏</p></body></html>",
        "二.xhtml": "<html><body><h1>第二章</h1><p>第二章正文。</p><img src='img/a.png' alt='图'/></body></html>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="O/c.opf"/></rootfiles></container>',
        )
        if protected:
            archive.writestr("META-INF/rights.xml", "<rights/>")
        archive.writestr(
            "O/c.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
            "<dc:title>手册"
            '</dc:title></metadata><manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" '
            'properties="nav"/>'
            '<item id="b" href="%E4%BA%8C.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="a" href="一.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        archive.writestr(
            "O/nav.xhtml",
            '<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><a href="一.xhtml">第一章 绪论</a></nav>'
            "</body></html>",
        )
        archive.writestr("O/s.css", ".h { display: none }")
        archive.writestr("O/img/a.png", png())
        for name, text in chapters.items():
            archive.writestr(f"O/{name}", text)
    return path


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    path = book(tmp_path / "a.epub")
    assert sniff(path, "a.epub") == media.EPUB
    parsed = parse_format(path, media.EPUB)
    assert parsed.title == "手册"
    assert [block.text for block in parsed.blocks if block.kind is BlockKind.TITLE] == ["第一章 绪论", "第二章"]
    assert holding(parsed, "没有标题").heading_path == ("第一章 绪论",)
    assert holding(parsed, "藏").hidden is Hidden.MARKED
    assert holding(parsed, "第二章正文").anchor == "O/二.xhtml"
    figure = next(block for block in parsed.blocks if block.kind is BlockKind.FIGURE)
    assert read_media(path, figure.media or "") == png()


def test_a_protected_book_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileEncrypted):
        parse_format(book(tmp_path / "a.epub", protected=True), media.EPUB)
