"""Word files: headings by style, outline and numbering; tables with spans; what other readers overlook."""

from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt

from ingest.intake import media
from ingest.parsing.office import parse_office
from ingest.parsing.office.word.counting import chinese_number
from wenyuan.documents import Block, BlockKind, ParsedDocument

BODY = "员工出差前应当填写出差申请单，经部门负责人批准后方可出行，未经批准的费用不予报销。"


def parse(document: docx.document.Document, folder: Path) -> ParsedDocument:
    path = folder / "文件.docx"
    document.save(str(path))
    return parse_office(path, media.DOCX)


def titles(parsed: ParsedDocument) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in parsed.blocks if block.kind is BlockKind.TITLE]


def holding(parsed: ParsedDocument, text: str) -> Block:
    return next(block for block in parsed.blocks if text in block.text)


def test_heading_styles_give_levels_and_paths(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("差旅管理制度", style="Title")
    document.add_heading("第一章 总则", 1)
    document.add_heading("第一节 适用范围", 2)
    document.add_paragraph(BODY)
    document.add_paragraph("注意事项")
    document.add_heading("第二章 标准", 1)
    document.add_paragraph("Travel expenses are reimbursed within thirty days.")
    parsed = parse(document, tmp_path)
    assert parsed.title == "差旅管理制度"
    assert parsed.pages == ()
    assert titles(parsed) == [
        (1, "差旅管理制度"),
        (1, "第一章 总则"),
        (2, "第一节 适用范围"),
        (1, "第二章 标准"),
    ]
    assert holding(parsed, "出差申请单").heading_path == ("第一章 总则", "第一节 适用范围")
    assert holding(parsed, "注意事项").kind is BlockKind.PARAGRAPH
    assert holding(parsed, "thirty days").heading_path == ("第二章 标准",)


def test_outline_levels_and_custom_styles_are_headings(tmp_path: Path) -> None:
    document = docx.Document()
    style = document.styles.add_style("一级标题", 1)
    style.element.get_or_add_pPr().append(_value("w:outlineLvl", "0"))
    document.add_paragraph("经营范围", style="一级标题")
    inner = document.add_paragraph("产品")
    inner._p.get_or_add_pPr().append(_value("w:outlineLvl", "1"))
    document.add_paragraph(BODY)
    parsed = parse(document, tmp_path)
    assert titles(parsed) == [(1, "经营范围"), (2, "产品")]
    assert holding(parsed, "申请单").heading_path == ("经营范围", "产品")


def test_headings_are_recovered_from_numbering(tmp_path: Path) -> None:
    document = docx.Document()
    for text in (
        "第一章 总则",
        BODY,
        "一、目的",
        BODY,
        "（一）范围",
        BODY,
        "二、原则",
        BODY,
        "第二章 附则",
        BODY,
        "甲方：",
        BODY,
    ):
        document.add_paragraph(text)
    parsed = parse(document, tmp_path)
    assert titles(parsed) == [
        (1, "第一章 总则"),
        (2, "一、目的"),
        (3, "（一）范围"),
        (2, "二、原则"),
        (1, "第二章 附则"),
    ]
    assert holding(parsed, "甲方").kind is BlockKind.PARAGRAPH


def test_bare_numbers_are_headings_only_when_they_stand_out(tmp_path: Path) -> None:
    document = docx.Document()
    heading = document.add_paragraph()
    heading.add_run("1. 报销流程").bold = True
    for text in (BODY, "1. 身份证复印件", "2. 发票原件", BODY):
        document.add_paragraph(text)
    assert titles(parse(document, tmp_path)) == [(1, "1. 报销流程")]


def test_larger_text_heads_a_document_without_styles(tmp_path: Path) -> None:
    document = docx.Document()
    top = document.add_paragraph()
    top.add_run("员工手册").font.size = Pt(22)
    for text in ("1.1 考勤", BODY, "1.2 休假", BODY):
        document.add_paragraph().add_run(text).font.size = Pt(11)
    parsed = parse(document, tmp_path)
    assert titles(parsed) == [(1, "员工手册"), (2, "1.1 考勤"), (2, "1.2 休假")]
    assert parsed.title == "员工手册"


def test_merged_cells_keep_their_spans_and_fill_the_lines(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=4, cols=3)
    rows = [["级别", "住宿（元/晚）", ""], ["", "一线城市", "其他"], ["经理", "800", "600"], ["员工", "500", "400"]]
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    block = next(block for block in parse(document, tmp_path).blocks if block.kind is BlockKind.TABLE)
    assert block.text.splitlines() == [
        "级别 | 住宿（元/晚） | 住宿（元/晚）",
        "级别 | 一线城市 | 其他",
        "经理 | 800 | 600",
        "员工 | 500 | 400",
    ]
    assert block.table is not None
    spans = {cell.text: (cell.row_span, cell.column_span, cell.header) for cell in block.table.cells}
    assert (block.table.rows, block.table.columns) == (4, 3)
    assert spans["级别"] == (2, 1, True)
    assert spans["住宿（元/晚）"] == (1, 2, True)
    assert spans["800"] == (1, 1, False)


def test_insertions_controls_boxes_and_formulas_are_read_and_deletions_are_not(tmp_path: Path) -> None:
    document = docx.Document()
    names = nsdecls("w")
    paragraph = document.add_paragraph("原文")
    paragraph._p.append(parse_xml(f"<w:ins {names}><w:r><w:t>新增的字</w:t></w:r></w:ins>"))
    paragraph._p.append(parse_xml(f"<w:del {names}><w:r><w:delText>删去的字</w:delText></w:r></w:del>"))
    body = document.element.body
    control = f"<w:sdt {names}><w:sdtContent><w:p><w:r><w:t>控件中的字</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    body.insert(1, parse_xml(control))
    box = (
        f'<w:p {names} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p>'
        "<w:r><w:t>框里的字</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    body.insert(2, parse_xml(box))
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    body.insert(3, parse_xml(f"<w:p {names} {math}><m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath></w:p>"))
    text = "\n".join(block.text for block in parse(document, tmp_path).blocks)
    assert text.splitlines() == ["原文新增的字", "控件中的字", "框里的字", "E=mc"]


def test_generated_contents_are_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("第一章 总则 ........ 3", style="toc 1")
    document.add_heading("第一章 总则", 1)
    document.add_paragraph(BODY)
    parsed = parse(document, tmp_path)
    assert [block.text for block in parsed.blocks] == ["第一章 总则", BODY]


def test_automatic_chinese_numbers_are_written_out(tmp_path: Path) -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    definition = (
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1章"/></w:lvl></w:abstractNum>'
    )
    numbering.insert(0, parse_xml(definition))
    link = f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'
    numbering.append(parse_xml(link))
    for text in ("总则", "职责"):
        heading = document.add_heading(text, 1)
        reference = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>')
        heading._p.get_or_add_pPr().append(reference)
        document.add_paragraph(BODY)
    assert titles(parse(document, tmp_path)) == [(1, "第一章 总则"), (1, "第二章 职责")]


@pytest.mark.parametrize(
    ("value", "written"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (101, "一百零一"), (110, "一百一十"), (1005, "一千零五")],
)
def test_chinese_numbers(value: int, written: str) -> None:
    assert chinese_number(value) == written


def test_running_heads_are_kept_apart(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.add_heading("第一章 总则", 1)
    document.add_paragraph(BODY)
    parsed = parse(document, tmp_path)
    head = holding(parsed, "内部资料")
    assert (head.kind, head.heading_path) == (BlockKind.HEADER, ())
    assert parsed.title == "第一章 总则"


def _value(name: str, value: str) -> BaseOxmlElement:
    element = OxmlElement(name)
    element.set(qn("w:val"), value)
    return element
