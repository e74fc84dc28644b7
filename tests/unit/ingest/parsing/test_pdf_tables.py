"""Tables of text PDFs, drawn in the ways programs draw them; every expectation is what was drawn."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ingest.parsing.pdf.document import parse_pdf
from tests.unit.ingest.parsing.pdf_files import HEIGHT, WIDTH, ZH, Sheet, draw
from wenyuan.documents import Block, BlockKind, Table

XS = [80.0, 220.0, 330.0, 460.0]
ROWS = (("项目", "本期", "上期"), ("营业收入", "1,200", "1,100"), ("营业成本", "800", "790"), ("净利润", "400", "310"))
Rows = Sequence[Sequence[str]]


def blocks_of(path: Path) -> tuple[Block, ...]:
    return parse_pdf(path, 100, lambda done, total: None).blocks


def tables_of(path: Path) -> list[Table]:
    return [block.table for block in blocks_of(path) if block.table is not None]


def texts(table: Table) -> list[tuple[str, ...]]:
    """The rows, a merged cell with its spans before it."""
    found: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in sorted(table.cells, key=lambda one: (one.row, one.column)):
        spans = f"[{cell.row_span}x{cell.column_span}]" if cell.row_span * cell.column_span > 1 else ""
        found[cell.row].append(spans + cell.text)
    return [tuple(row) for row in found]


def write(sheet: Sheet, rows: Rows, top: float = 120, step: float = 24, xs: Sequence[float] = XS) -> None:
    for row, words in enumerate(rows):
        for x, word in zip(xs, words, strict=False):
            sheet.text(x + 8, top + 16 + row * step, word)


def plain(sheet: Sheet) -> None:
    sheet.grid(XS, [120.0, 144.0, 168.0, 192.0, 216.0])


def thick(sheet: Sheet) -> None:
    sheet.canvas.setLineWidth(2.9)
    plain(sheet)


def dashed(sheet: Sheet) -> None:
    sheet.canvas.setDash(4, 3)
    plain(sheet)


def double(sheet: Sheet) -> None:
    for shift in (0.0, 2.0):
        sheet.grid([x + shift for x in XS], [y + shift for y in (120.0, 144.0, 168.0, 192.0, 216.0)])


def hairlines(sheet: Sheet) -> None:
    for y in (120.0, 144.0, 168.0, 192.0, 216.0):
        sheet.canvas.rect(XS[0], HEIGHT - y, XS[-1] - XS[0], 0.5, stroke=0, fill=1)
    for x in XS:
        sheet.canvas.rect(x, HEIGHT - 216, 0.5, 96, stroke=0, fill=1)


def open_sides(sheet: Sheet) -> None:
    for y in (120.0, 144.0, 168.0, 192.0, 216.0):
        sheet.canvas.line(XS[0], HEIGHT - y, XS[-1], HEIGHT - y)
    for x in XS[1:-1]:
        sheet.canvas.line(x, HEIGHT - 120, x, HEIGHT - 216)


def open_ends(sheet: Sheet) -> None:
    for y in (144.0, 168.0, 192.0):
        sheet.canvas.line(XS[0], HEIGHT - y, XS[-1], HEIGHT - y)
    for x in XS:
        sheet.canvas.line(x, HEIGHT - 120, x, HEIGHT - 216)


@pytest.mark.parametrize("rules", [plain, thick, dashed, double, hairlines, open_sides, open_ends])
def test_rules_of_every_kind_make_the_same_table(tmp_path: Path, rules: Callable[[Sheet], None]) -> None:
    def page(sheet: Sheet) -> None:
        sheet.paragraph(60, 60, 470, ZH[:40])
        rules(sheet)
        write(sheet, ROWS)

    (table,) = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(table) == [tuple(row) for row in ROWS]
    assert {cell.row for cell in table.cells if cell.header} == {0}
    for cell in table.cells:
        assert cell.box is not None
        assert abs(cell.box.x0 - XS[cell.column]) < 6
        assert abs(cell.box.y0 - (120 + 24 * cell.row)) < 6


def test_rows_without_rules_between_them_are_parted_where_all_cells_hold_as_many_values(tmp_path: Path) -> None:
    rows = [
        ("地区", "一月", "二月", "三月"),
        ("北京", "18", "209", "3,298"),
        ("天津", "98", "452", "4,559"),
        ("上海", "17", "618", "2,303"),
    ]
    xs = [80.0, 190.0, 290.0, 390.0, 490.0]

    def page(sheet: Sheet) -> None:
        for y in (120.0, 144.0, 216.0):
            sheet.canvas.line(xs[0], HEIGHT - y, xs[-1], HEIGHT - y)
        for x in xs:
            sheet.canvas.line(x, HEIGHT - 120, x, HEIGHT - 216)
        write(sheet, rows, xs=xs)

    (table,) = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(table) == rows


def test_a_wrapped_cell_beside_short_ones_stays_one_cell(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.grid(XS, [120.0, 144.0, 180.0, 216.0])
        write(sheet, [("项目", "金额", "说明")])
        for top, words in ((144.0, ("甲", "10")), (180.0, ("乙", "20"))):
            write(sheet, [words], top=top + 6)
            sheet.text(XS[2] + 8, top + 14, "由供应商在交货之后")
            sheet.text(XS[2] + 8, top + 28, "三十日内提供")

    (table,) = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(table)[1:] == [
        ("甲", "10", "由供应商在交货之后三十日内提供"),
        ("乙", "20", "由供应商在交货之后三十日内提供"),
    ]


def test_three_lines_with_headings_over_several_columns(tmp_path: Path) -> None:
    xs = [80.0, 200.0, 270.0, 340.0, 410.0]

    def page(sheet: Sheet) -> None:
        for y, width in ((120.0, 1.5), (168.0, 0.7), (240.0, 1.5)):
            sheet.canvas.setLineWidth(width)
            sheet.canvas.line(80, HEIGHT - y, 480, HEIGHT - y)
        sheet.canvas.line(200, HEIGHT - 144, 335, HEIGHT - 144)
        sheet.canvas.line(340, HEIGHT - 144, 475, HEIGHT - 144)
        sheet.text(80, 148, "城市")
        sheet.text(245, 138, "2019年")
        sheet.text(385, 138, "2020年")
        for x, word in zip(xs[1:], ("投资", "占比", "投资", "占比"), strict=True):
            sheet.text(x + 8, 162, word)
        body = [("北京", "142", "36.1", "863", "19.8"), ("天津", "184", "0.5", "507", "1.2")]
        for row, words in enumerate([*body, ("合计", "326", "36.6", "1370", "21.0")]):
            for x, word in zip(xs, words, strict=True):
                sheet.text(x + (8 if x > 80 else 0), 184 + 24 * row, word)
        sheet.text(80, 256, "注：数据来自年报。", 9)

    path = draw(tmp_path / "a.pdf", page)
    (table,) = tables_of(path)
    assert texts(table) == [
        ("[2x1]城市", "[1x2]2019年", "[1x2]2020年"),
        ("投资", "占比", "投资", "占比"),
        ("北京", "142", "36.1", "863", "19.8"),
        ("天津", "184", "0.5", "507", "1.2"),
        ("合计", "326", "36.6", "1370", "21.0"),
    ]
    assert {cell.row for cell in table.cells if cell.header} == {0, 1}
    assert any(block.text == "注：数据来自年报。" for block in blocks_of(path))


def test_two_tables_between_rules_of_one_extent_stay_apart(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        for top in (120.0, 330.0):
            for y in (top, top + 24, top + 96):
                sheet.canvas.line(XS[0], HEIGHT - y, XS[-1], HEIGHT - y)
            write(sheet, ROWS, top=top)
        sheet.text(200, 320, "表2 分季度情况")

    first, second = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(first) == texts(second) == [tuple(row) for row in ROWS]


def test_borderless_columns_of_two_and_three(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        end = sheet.paragraph(60, 60, 470, ZH * 2)
        write(sheet, ROWS, top=end + 20, step=20)
        end = sheet.paragraph(60, end + 150, 470, ZH * 2)
        pairs = [("合同编号", "2026-018"), ("签订日期", "2026年3月1日"), ("履行期限", "十二个月"), ("联系人", "王小明")]
        write(sheet, pairs, top=end + 20, step=20)
        sheet.paragraph(60, end + 140, 470, ZH)

    three, two = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(three) == [tuple(row) for row in ROWS]
    assert [row[0] for row in texts(two)] == ["合同编号", "签订日期", "履行期限", "联系人"]


def _list(sheet: Sheet) -> None:
    for row, text in enumerate(("提交申请表", "部门负责人批准", "财务部门复核", "总经理签字")):
        sheet.text(60, 100 + 20 * row, "●")
        sheet.text(90, 100 + 20 * row, text)


def _contents(sheet: Sheet) -> None:
    for row, (text, number) in enumerate((("总则", 1), ("职责", 3), ("流程", 8), ("附则", 12), ("附件", 15))):
        sheet.text(60, 100 + 20 * row, f"第{'一二三四五'[row]}章 {text}")
        sheet.text(500, 100 + 20 * row, str(number))


def _two_columns(sheet: Sheet) -> None:
    sheet.paragraph(50, 100, 230, ZH * 3)
    sheet.paragraph(310, 100, 230, ZH * 3)


@pytest.mark.parametrize("page", [_list, _contents, _two_columns])
def test_lists_contents_and_columns_of_text_are_no_tables(tmp_path: Path, page: Callable[[Sheet], None]) -> None:
    path = draw(tmp_path / "a.pdf", page)
    assert tables_of(path) == []
    assert any(block.kind is not BlockKind.FIGURE for block in blocks_of(path))


def test_a_table_on_a_turned_page_has_its_boxes_on_the_page_as_shown(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.canvas.setPageRotation(90)
        sheet.canvas.translate(WIDTH, 0)
        sheet.canvas.rotate(90)
        # Drawn on a page lying on its side: 842 wide, 595 high.
        sheet.canvas.translate(0, -(HEIGHT - WIDTH))
        plain(sheet)
        write(sheet, ROWS)

    (table,) = tables_of(draw(tmp_path / "a.pdf", page))
    assert texts(table) == [tuple(row) for row in ROWS]
    first = table.cells[0].box
    assert first is not None
    assert (round(first.x0), round(first.y0)) == (80, 120)
