"""Workbooks: hidden rows and columns, several tables, heads of several rows, comments, pictures, charts, size."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image

from ingest.intake import media
from ingest.parsing.office import parse_office
from ingest.parsing.office.package import read_media
from wenyuan.documents import Block, BlockKind, Hidden, ParsedDocument
from wenyuan.errors import FileCorrupt


def parse(book: openpyxl.Workbook, folder: Path) -> ParsedDocument:
    path = folder / "表.xlsx"
    book.save(path)
    return parse_office(path, media.XLSX)


def tables(parsed: ParsedDocument) -> list[Block]:
    return [block for block in parsed.blocks if block.kind is BlockKind.TABLE]


def test_hidden_rows_and_columns_are_apart_and_marked(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "薪酬"
    for row in (
        ["姓名", "底薪", "部门", "城市"],
        ["甲", 9001, "研发", "北京"],
        ["乙", 9002, "销售", "上海"],
        ["丙", 9003, "财务", "广州"],
    ):
        sheet.append(row)
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[3].hidden = True
    parsed = parse(book, tmp_path)
    (shown,) = [block for block in tables(parsed) if block.hidden is None]
    assert shown.text.splitlines() == ["姓名 | 部门 | 城市", "甲 | 研发 | 北京", "丙 | 财务 | 广州"]
    assert (shown.anchor, shown.hidden) == ("'薪酬'!A1:D4", None)
    words = " ".join(block.text for block in parsed.blocks if block.hidden is Hidden.MARKED)
    assert all(word in words for word in ("9001", "9002", "9003", "乙", "上海"))


def test_a_value_that_its_format_hides_is_marked(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["项目", "金额", "备注"])
    book.active.append(["差旅", 4321, "无"])
    book.active["B2"].number_format = ";;;"
    parsed = parse(book, tmp_path)
    assert [block.hidden for block in parsed.blocks if "4321" in block.text] == [Hidden.MARKED]


def test_heads_of_several_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["地区", "收入", None, None, None],
        [None, "上半年", None, "下半年", None],
        [None, "计划", "实际", "计划", "实际"],
        ["华北", 1, 2, 3, 4],
    ):
        sheet.append(row)
    for area in ("A1:A3", "B1:E1", "B2:C2", "D2:E2"):
        sheet.merge_cells(area)
    (block,) = tables(parse(book, tmp_path))
    assert block.table is not None
    assert {cell.row for cell in block.table.cells if cell.header} == {0, 1, 2}
    assert block.text.splitlines()[1] == "地区 | 上半年 | 上半年 | 下半年 | 下半年"


def test_tables_side_by_side_under_merged_titles(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    left = {"A1": "型号", "B1": "电压", "A2": "甲", "B2": 12, "A3": "乙", "B3": 24}
    right = {"D1": "部门", "E1": "人数", "D2": "研发", "E2": 7}
    for address, value in (left | right).items():
        sheet[address] = value
    assert [block.anchor for block in tables(parse(book, tmp_path))] == ["'Sheet'!A1:B3", "'Sheet'!D1:E2"]


def test_comments_pictures_and_charts(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "图"
    for row in (["月份", "产量"], ["一月", 10], ["二月", 20]):
        sheet.append(row)
    sheet["B2"].comment = Comment("含返工", "质检")
    png = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(png, "PNG")
    sheet.add_image(SheetImage(png), "D2")
    chart = BarChart()
    chart.title = "月度产量"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "F9")
    parsed = parse(book, tmp_path)
    figure = next(block for block in parsed.blocks if block.kind is BlockKind.FIGURE)
    assert figure.anchor == "'图'!D2:D2"
    assert figure.media is not None
    assert read_media(tmp_path / "表.xlsx", figure.media).startswith(b"\x89PNG")
    caption = next(block for block in parsed.blocks if block.kind is BlockKind.CAPTION)
    assert (caption.text, caption.anchor) == ("月度产量", "'图'!F9:F9")
    note = next(block for block in parsed.blocks if block.kind is BlockKind.FOOTNOTE)
    assert (note.text, note.anchor) == ("批注 Comment B2 (质检): 含返工", "'图'!B2:B2")


def sheet_file(path: Path, rows: str) -> Path:
    """Write a workbook of one sheet by hand."""
    space = "http://schemas.openxmlformats.org"
    kinds = f"{space}/officeDocument/2006/relationships"
    main = f'xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{kinds}"'
    parts = {
        "_rels/.rels": f'<Relationship Id="a" Type="{kinds}/officeDocument" Target="xl/workbook.xml"/>',
        "xl/_rels/workbook.xml.rels": f'<Relationship Id="a" Type="{kinds}/worksheet" Target="worksheets/s.xml"/>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, row in parts.items():
            head = f'<Relationships xmlns="{space}/package/2006/relationships">'
            archive.writestr(name, f"{head}{row}</Relationships>")
        archive.writestr(
            "xl/workbook.xml", f'<workbook {main}><sheets><sheet name="大表" r:id="a"/></sheets></workbook>'
        )
        archive.writestr("xl/worksheets/s.xml", f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>")
    return path


def test_a_large_sheet_is_read_in_windows_under_one_head(tmp_path: Path) -> None:
    def cell(place: str, text: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'

    count = 12_000
    head = f'<row r="1">{cell("A1", "编号")}{cell("B1", "名称")}</row>'
    rows = "".join(f'<row r="{n}">{cell(f"A{n}", f"NO{n}")}{cell(f"B{n}", "备件")}</row>' for n in range(2, count + 2))
    path = sheet_file(tmp_path / "大.xlsx", head + rows)
    parsed = parse_office(path, media.XLSX)
    lines = [line for block in tables(parsed) for line in block.text.splitlines() if line.startswith("NO")]
    assert len(lines) == count
    assert parsed.blocks[0].anchor == f"'大表'!A1:B{count + 1}"
    assert all(block.text.startswith("编号 | 名称\n") for block in tables(parsed))
    rows_of = [block.anchor.partition("!A")[2].split(":B") for block in tables(parsed) if block.anchor]
    assert [int(first) for first, _ in rows_of[1:]] == [int(last) + 1 for _, last in rows_of[:-1]]


@pytest.mark.parametrize("rows", ['<row r="1"><c r="A1">', "<row r='1'><c r='A1' t='s'><v>99</v></c></row"])
def test_a_sheet_that_breaks_off_is_corrupt(rows: str, tmp_path: Path) -> None:
    with pytest.raises(FileCorrupt):
        parse_office(sheet_file(tmp_path / "x.xlsx", rows), media.XLSX)
