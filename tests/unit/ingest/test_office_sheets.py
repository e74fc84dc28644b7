"""Workbooks, CSV files and presentations: ranges, merged cells, several tables, slides."""

from pathlib import Path

import openpyxl
import pptx
import pytest
from pptx.util import Inches

from ingest.intake import media
from ingest.parsing.formats import parse_format
from ingest.parsing.formats.rows import cell_range, column_name
from ingest.parsing.office import parse_office
from ingest.parsing.office.drawing.show import show_number
from wenyuan.documents import Block, BlockKind, Hidden, ParsedDocument


def parse(book: openpyxl.Workbook, folder: Path) -> ParsedDocument:
    path = folder / "表.xlsx"
    book.save(path)
    return parse_office(path, media.XLSX)


def tables(parsed: ParsedDocument) -> list[Block]:
    return [block for block in parsed.blocks if block.kind is BlockKind.TABLE]


def test_a_sheet_is_a_section_and_a_table_knows_its_range(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "产品参数"
    for row in (["型号", "额定电压(kV)", "额定电流(A)"], ["KYN28-12", 12, 1250], ["KYN61-40.5", 40.5, 2500]):
        sheet.append(row)
    parsed = parse(book, tmp_path)
    title, table = parsed.blocks
    assert (title.kind, title.text, title.level, title.anchor) == (BlockKind.TITLE, "产品参数", 1, "'产品参数'!A1:C3")
    assert table.anchor == "'产品参数'!A1:C3"
    assert table.heading_path == ("产品参数",)
    assert table.text == "型号 | 额定电压(kV) | 额定电流(A)\nKYN28-12 | 12 | 1250\nKYN61-40.5 | 40.5 | 2500"
    assert table.table is not None
    assert [cell.header for cell in table.table.cells] == [True] * 3 + [False] * 6


def test_merged_headers_fill_their_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "差旅"
    for row in (["级别", "住宿", None], [None, "一线", "其他"], ["经理", 800, 600], ["员工", 500, 400]):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    (block,) = tables(parse(book, tmp_path))
    assert block.text.splitlines()[:3] == ["级别 | 住宿 | 住宿", "级别 | 一线 | 其他", "经理 | 800 | 600"]
    assert block.table is not None
    spans = {cell.text: (cell.row_span, cell.column_span) for cell in block.table.cells if cell.header}
    assert spans == {"级别": (2, 1), "住宿": (1, 2), "一线": (1, 1), "其他": (1, 1)}


def test_a_row_of_one_cell_titles_the_table_below(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    sheet["A1"] = "2024 年住宿标准"
    sheet.merge_cells("A1:B1")
    upper = {"A2": "城市", "B2": "上限", "A3": "北京", "B3": 800}
    lower = {"C7": "城市", "D7": "补贴", "C8": "成都", "D8": 80}
    for address, value in (upper | lower).items():
        sheet[address] = value
    parsed = parse(book, tmp_path)
    first, second = tables(parsed)
    assert first.heading_path == ("S", "2024 年住宿标准")
    assert (first.anchor, second.anchor) == ("'S'!A2:B3", "'S'!C7:D8")


def test_long_tables_are_parted_and_every_part_carries_the_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "明细"
    sheet.append(["编号", "名称"])
    for number in range(200):
        sheet.append([f"NO{number:04}", f"真空断路器备件第{number}号"])
    blocks = tables(parse(book, tmp_path))
    assert len(blocks) > 3
    assert all(block.text.startswith("编号 | 名称\n") for block in blocks)
    assert all(block.table is not None and block.table.cells[0].text == "编号" for block in blocks)
    assert blocks[0].anchor is not None
    assert blocks[0].anchor.startswith("'明细'!A1:B")
    ends = [int(block.anchor.rsplit("B", 1)[1]) for block in blocks if block.anchor]
    starts = [int(block.anchor.split("!A")[1].split(":")[0]) for block in blocks if block.anchor]
    assert starts[1:] == [end + 1 for end in ends[:-1]]
    assert ends[-1] == 201
    body = [line for block in blocks for line in block.text.splitlines()[1:]]
    assert len(body) == 200


def test_hidden_sheets_are_marked_with_a_warning(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["公开", "数据"])
    book.active.append(["甲", 1])
    secret = book.create_sheet("底稿")
    secret.append(["秘密", "数字"])
    secret.sheet_state = "hidden"
    parsed = parse(book, tmp_path)
    assert parsed.warnings == ("sheet-hidden:2",)
    assert {block.hidden for block in parsed.blocks if "秘密" in block.text} == {Hidden.MARKED}
    assert {block.hidden for block in parsed.blocks if "公开" in block.text} == {None}


def test_formulas_without_stored_results_are_shown_and_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["单价", "数量", "合计"])
    book.active.append([3, 4, "=A2*B2"])
    parsed = parse(book, tmp_path)
    assert parsed.warnings == ("formula-without-value:1",)
    assert tables(parsed)[0].text.splitlines()[1] == "3 | 4 | =A2*B2"


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.125, "0.0%", "12.5%"),
        (0.1 + 0.2, "General", "0.3"),
        (12345678901234567, "General", "12345678901234567"),
        (1e-7, "General", "0.0000001"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1234.5, "[$¥-804]#,##0.00", "¥1,234.50"),
        (-5.5, "#,##0.00;[Red](#,##0.00)", "(5.50)"),
        (0, '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "¥-"),
        (123456, '0!.0,"万"', "12.3万"),
        (123456, '[>=10000]0!.0,"万";0', "12.3万"),
        (500, '[>=10000]0!.0,"万";0', "500"),
        (12345.678, '0"."0,"万"', "1.2万"),
        (1234567, '#,##0.0,,"百万"', "1.2百万"),
        (7, '0"人"', "7人"),
        (5, "000", "005"),
        (3, "#.##", "3"),
        (1.25, "# ?/?", "1 1/4"),
        (12345, "0.00E+00", "1.23E+04"),
        (45413, "yyyy-mm-dd", "2024-05-01"),
        (45413, 'yyyy"年"m"月"d"日"', "2024年5月1日"),
        (45413.75, "yyyy/m/d h:mm AM/PM", "2024/5/1 6:00 PM"),
        (45413, "[$-804]aaaa", "星期三"),
        (0.5, "h:mm", "12:00"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (-1, "yyyy-mm-dd", "-1"),
        (123, ";;;", ""),
    ],
)
def test_values_are_shown_as_read(value: float, number_format: str, shown: str) -> None:
    assert show_number(value, number_format) == shown


def test_dates_of_the_other_calendar() -> None:
    assert show_number(43951, "yyyy-mm-dd", since_1904=True) == "2024-05-01"


def test_ranges_are_written_as_spreadsheets_do() -> None:
    assert cell_range("O'Hara 表", 1, 1, 9, 28) == "'O''Hara 表'!A1:AB9"
    assert [column_name(number) for number in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "big5"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_any_encoding(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [
        ["姓名", "部門", "備註"],
        ["張三", "業務部", '"甲,乙"' if delimiter == "," else "甲,乙"],
        ["李四", "人事部", "無"],
    ]
    path = tmp_path / "表.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    (block,) = parse_format(path, media.CSV).blocks
    assert block.text == "姓名 | 部門 | 備註\n張三 | 業務部 | 甲,乙\n李四 | 人事部 | 無"
    assert block.anchor == "A1:C3"


def test_slides_have_titles_tables_with_spans_and_notes(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "培训计划"
    frame = slide.shapes.add_table(2, 3, Inches(1), Inches(2), Inches(6), Inches(1))
    for row, values in enumerate((["季度", "人数", ""], ["一", "20", "30"])):
        for column, value in enumerate(values):
            frame.table.cell(row, column).text = value
    frame.table.cell(0, 1).merge(frame.table.cell(0, 2))
    slide.notes_slide.notes_text_frame.text = "讲稿在此"
    second = presentation.slides.add_slide(presentation.slide_layouts[6])
    second.shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1)).text_frame.text = "无标题的一页"
    second.element.set("show", "0")
    path = tmp_path / "片.pptx"
    presentation.save(str(path))
    parsed = parse_office(path, media.PPTX)
    title, table, notes, text = parsed.blocks
    assert (title.kind, title.anchor, parsed.title) == (BlockKind.TITLE, "slide 1", "培训计划")
    assert table.text.splitlines() == ["季度 | 人数 | 人数", "一 | 20 | 30"]
    assert table.table is not None
    assert [cell.column_span for cell in table.table.cells if cell.text == "人数"] == [2]
    assert (notes.text, notes.heading_path) == ("讲稿在此", ("培训计划",))
    assert (text.kind, text.anchor, text.heading_path) == (BlockKind.PARAGRAPH, "slide 2", ())
    assert parsed.warnings == ("slide-hidden:2",)
