"""RTF and OpenDocument written by hand."""

import zipfile
from pathlib import Path

import pytest

from ingest.intake import media, sniff
from ingest.parsing.formats import parse_format
from wenyuan.documents import Block, BlockKind, Hidden, ParsedDocument
from wenyuan.errors import FileCorrupt, FileEncrypted, FileUnsafe


def holding(parsed: ParsedDocument, text: str) -> Block:
    return next(block for block in parsed.blocks if text in block.text)


def rtf(body: str | bytes, folder: Path) -> ParsedDocument:
    path = folder / "a.rtf"
    data = body if isinstance(body, bytes) else body.encode("ascii", "backslashreplace")
    path.write_bytes(b"{\\rtf1\\ansi\\ansicpg936 " + data + b"}")
    assert sniff(path, "a.rtf") == media.RTF
    return parse_format(path, media.RTF)


def spelled(text: str) -> str:
    """Text as control words, with a question mark for readers that know no Unicode."""
    units = text.encode("utf-16-le")
    codes = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
    return "".join(f"\\u{code}?" for code in codes)


# --- RTF --------------------------------------------------------------------------------------------------------


def test_code_pages_unicode_and_what_replaces_it(tmp_path: Path) -> None:
    escaped = "".join(f"\\'{byte:02x}" for byte in "采购办法".encode("gb18030"))
    fonts = "{\\fonttbl{\\f0\\fcharset134 SimSun;}{\\f1\\fcharset128 MS Gothic;}{\\f2\\fcharset0 Arial;}}"
    japanese = "".join(f"\\'{byte:02x}" for byte in "規程の概要".encode("cp932"))
    parsed = rtf(
        f"{fonts}\\f0 {escaped}\\par\\f1 {japanese}\\par\\f2 {spelled('𠮷野 emoji')}\\par\\uc2\\u37319 ab!\\par",
        tmp_path,
    )
    assert [block.text for block in parsed.blocks] == ["采购办法", "規程の概要", "𠮷野 emoji", "采!"]


def test_raw_bytes_of_the_code_page(tmp_path: Path) -> None:
    assert rtf("直接写入的汉字。".encode("gb18030") + b"\\par", tmp_path).blocks[0].text == "直接写入的汉字。"


def test_headings_by_style_and_by_outline_level(tmp_path: Path) -> None:
    sheet = "{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel0 heading 1;}{\\s2 " + spelled("标题 2") + ";}}"
    parsed = rtf(
        f"{sheet}\\pard\\s1 {spelled('总则')}\\par\\pard\\s2 {spelled('范围')}\\par\\pard\\plain "
        f"{spelled('正文。')}\\par"
        f"\\pard\\outlinelevel0 {spelled('附则')}\\par\\pard {spelled('施行。')}\\par",
        tmp_path,
    )
    assert [(b.level, b.text) for b in parsed.blocks if b.kind is BlockKind.TITLE] == [
        (1, "总则"),
        (2, "范围"),
        (1, "附则"),
    ]
    assert holding(parsed, "正文").heading_path == ("总则", "范围")


def test_tables_with_cells_merged_both_ways(tmp_path: Path) -> None:
    def row(shapes: str, *texts: str) -> str:
        return f"\\trowd\\trleft0{shapes}\\pard\\intbl " + "\\cell ".join(map(spelled, texts)) + "\\cell\\row\n"

    plain = "\\cellx1000\\cellx2000\\cellx3000"
    parsed = rtf(
        row(plain.replace("\\cellx2000", ""), "项目", "金额")
        + row("\\clvmgf" + plain, "甲", "1", "2")
        + row("\\clvmrg" + plain, "", "3", "4")
        + row("\\cellx1000\\clmgf\\cellx2000\\clmrg\\cellx3000", "合计", "10", "")
        + "\\pard "
        + spelled("表后。")
        + "\\par",
        tmp_path,
    )
    table = parsed.blocks[0].table
    assert table is not None
    assert (table.rows, table.columns) == (4, 3)
    spans = {cell.text: (cell.row, cell.column, cell.row_span, cell.column_span) for cell in table.cells}
    assert spans["金额"] == (0, 1, 1, 2)
    assert spans["甲"] == (1, 0, 2, 1)
    assert spans["10"] == (3, 1, 1, 2)
    assert parsed.blocks[1].text == "表后。"


def test_hidden_words_links_lists_notes_and_running_heads(tmp_path: Path) -> None:
    colours = "{\\colortbl;\\red255\\green255\\blue255;}"
    link = '{\\field{\\*\\fldinst HYPERLINK "https://intra/a"}{\\fldrslt ' + spelled("链接") + "}}"
    parsed = rtf(
        f"{colours}{{\\header {spelled('页眉')}\\par}}{spelled('见')}{link}{{\\v {spelled('藏')}}}"
        f"{{\\cf1 {spelled('白')}}}"
        f"{{\\fs2 {spelled('小')}}}{{\\footnote {spelled('脚注')}}}\\par{{\\listtext 2.\\tab}}\\ls1 "
        f"{spelled('第二项')}\\par"
        f"{{\\*\\unknown {spelled('不读')}}}{{\\deleted {spelled('已删')}}}{spelled('末段。')}\\par",
        tmp_path,
    )
    first = holding(parsed, "见")
    assert [(first.text[link.start : link.end], link.target) for link in first.links] == [("链接", "https://intra/a")]
    assert {block.text: block.hidden for block in parsed.blocks if block.hidden} == {
        "藏": Hidden.MARKED, "白": Hidden.COLOUR, "小": Hidden.TINY,
    }  # fmt: skip
    kinds = {block.text: block.kind for block in parsed.blocks}
    assert (kinds["页眉"], kinds["脚注"], kinds["2. 第二项"]) == (BlockKind.HEADER, BlockKind.FOOTNOTE, BlockKind.LIST)
    assert not any(word in block.text for block in parsed.blocks for word in ("不读", "已删"))


def test_broken_and_hostile_rich_text(tmp_path: Path) -> None:
    assert rtf(b"text\\par\\bin99999999999 x", tmp_path).blocks[0].text == "text"
    assert rtf(b"}}}} after", tmp_path).blocks
    with pytest.raises(FileUnsafe):
        rtf(b"{" * 5_000, tmp_path)
    with pytest.raises(FileCorrupt):
        rtf(b"\\trowd" + b"\\cellx1" * 499 + b"\\row\\trowd" + (b"\\cellx1" * 499 + b"\\row") * 300, tmp_path)


# --- OpenDocument -----------------------------------------------------------------------------------------------

_NS = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
    for name, uri in {
        "office": "office", "text": "text", "table": "table", "style": "style", "fo": "xsl-fo-compatible",
        "draw": "drawing", "presentation": "presentation", "svg": "svg-compatible",
    }.items()
) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip


def odf(body: str, folder: Path, media_type: str, styles: str = "", manifest: str = "") -> ParsedDocument:
    path = folder / "a"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", media_type)
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NS}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body>{body}</office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
    assert sniff(path, "a") == media_type
    return parse_format(path, media_type)


STYLES = (
    '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="W"><style:text-properties fo:color="#ffffff"/></style:style>'
    '<style:style style:name="C" style:parent-style-name="W"/>'
    '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" '
    'style:num-suffix="."/>'
    '<text:list-level-style-bullet text:level="2"/></text:list-style>'
)


def test_open_document_texts(tmp_path: Path) -> None:
    parsed = odf(
        '<office:text><text:tracked-changes><text:p>删去的话</text:p></text:tracked-changes>'
        '<text:h text:outline-level="1">总则</text:h><text:p>正文<text:s text:c="1"/>有<text:a '
            'xlink:href="https://x">链接</text:a>'
        '<text:span text:style-name="H">藏</text:span><text:span text:style-name="C">白</text:span>'
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
            '<text:p>脚注。</text:p>'
        "</text:note-body></text:note>。</text:p>"
        '<text:list text:style-name="L"><text:list-item><text:p>甲</text:p><text:list><text:list-item>'
            '<text:p>甲一</text:p>'
        "</text:list-item></text:list></text:list-item><text:list-item><text:p>乙</text:p></text:list-item></text:list>"
        '<table:table><table:table-header-rows><table:table-row><table:table-cell table:number-columns-spanned="2">'
        "<text:p>头</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table-header-rows>"
        '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>并</text:p>'
            "</table:table-cell><table:table-cell>"
        "<text:p>1</text:p></table:table-cell></table:table-row><table:table-row><table:covered-table-cell/>"
            "<table:table-cell>"
        "<text:p>2</text:p></table:table-cell></table:table-row></table:table>"
        '<text:section text:display="none"><text:p>藏起的节</text:p></text:section>'
        '<text:p><draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:desc>图示</svg:desc></draw:frame>'
            '</text:p></office:text>',
        tmp_path,
        media.ODT,
        STYLES,
    )  # fmt: skip
    assert [(b.kind, b.text) for b in parsed.blocks if b.kind is BlockKind.LIST] == [
        (BlockKind.LIST, "1. 甲"), (BlockKind.LIST, "甲一"), (BlockKind.LIST, "2. 乙")
    ]  # fmt: skip
    paragraph = holding(parsed, "正文")
    assert (paragraph.text, [link.target for link in paragraph.links]) == ("正文 有链接。", ["https://x"])
    assert {b.text: b.hidden for b in parsed.blocks if b.hidden} == {
        "藏": Hidden.MARKED, "白": Hidden.COLOUR, "藏起的节": Hidden.MARKED
    }  # fmt: skip
    assert holding(parsed, "脚注").kind is BlockKind.FOOTNOTE
    table = next(b.table for b in parsed.blocks if b.table)
    assert {c.text: (c.row_span, c.column_span, c.header) for c in table.cells if c.text in "头并"} == {
        "头": (1, 2, True), "并": (2, 1, False)
    }  # fmt: skip
    figure = next(b for b in parsed.blocks if b.kind is BlockKind.FIGURE)
    assert (figure.text, figure.media) == ("图示", "Pictures/a.png")
    assert not any("删去" in b.text for b in parsed.blocks)


def test_open_document_sheets_mark_what_is_hidden_and_bound_what_is_repeated(tmp_path: Path) -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    parsed = odf(
        '<office:spreadsheet><table:table table:name="一季度"><table:table-column '
        'table:number-columns-repeated="16384"/>'
        f"<table:table-row>{cell('部门')}{cell('收入')}</table:table-row><table:table-row>{cell('研发')}"
        f"{cell('12')}</table:table-row>"
        f'<table:table-row table:visibility="collapse">{cell("市场")}{cell("34")}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table>"
        f'<table:table table:name="藏" table:style-name="ta2"><table:table-row>{cell("机密")}'
        f"</table:table-row></table:table>"
        "</office:spreadsheet>",
        tmp_path,
        media.ODS,
        STYLES,
    )
    shown = [(b.text, b.anchor) for b in parsed.blocks if b.hidden is None and b.kind is not BlockKind.TITLE]
    assert shown == [("部门 | 收入\n研发 | 12", "'一季度'!A1:B2")]
    assert [(b.text, b.anchor) for b in parsed.blocks if b.hidden] == [
        ("市场 | 34", "'一季度'!A3:B3"),
        ("机密", "'藏'!A1:A1"),
    ]
    assert parsed.warnings == ("sheet-hidden:2",)


def test_open_document_slides(tmp_path: Path) -> None:
    parsed = odf(
        '<office:presentation><draw:page draw:name="p1"><draw:frame presentation:class="title">'
        "<draw:text-box><text:p>项目汇报"
        "</text:p></draw:text-box></draw:frame><draw:frame><draw:text-box><text:p>要点</text:p>"
        "</draw:text-box></draw:frame>"
        "<presentation:notes><draw:frame><draw:text-box><text:p>备注</text:p></draw:text-box></draw:frame>"
        "</presentation:notes>"
        "</draw:page><draw:page/></office:presentation>",
        tmp_path,
        media.ODP,
    )
    assert [(b.text, b.anchor, b.heading_path) for b in parsed.blocks] == [
        ("项目汇报", "slide 1", ("项目汇报",)),
        ("要点", "slide 1", ("项目汇报",)),
        ("备注", "slide 1", ("项目汇报",)),
    ]


def test_an_encrypted_open_document_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileEncrypted):
        odf("<office:text/>", tmp_path, media.ODT, manifest="<encryption-data/>")
