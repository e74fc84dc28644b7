"""Reading order and blocks from recognised lines: columns, tables, titles, slant, vertical writing."""

import math
from collections.abc import Sequence

import pytest

from ingest.ocr.layout import page_blocks
from ingest.ocr.lines import TextLine, load_lines, make_line
from ingest.ocr.turns import turn_back, turned_size
from wenyuan.documents import Block, BlockKind, Box, Cell, Table

SIZE = 20.0
HAN = "员工出差应当事先申请并由部门负责人批准后方可出行未经批准的费用一律不予报销特殊情况须书面说明原因"


def line(x: float, y: float, text: str, size: float = SIZE, score: float = 0.99) -> TextLine:
    wide = size * sum(1.0 if char > "\u2e7f" else 0.5 for char in text)
    return make_line([(x, y), (x + wide, y), (x + wide, y + size), (x, y + size)], text, score)


def turned(lines: Sequence[TextLine], degrees: float) -> list[TextLine]:
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)

    def turn(x: float, y: float) -> tuple[float, float]:
        return x * cos - y * sin, x * sin + y * cos

    return [
        make_line(
            [turn(one.x0, one.y0), turn(one.x1, one.y0), turn(one.x1, one.y1), turn(one.x0, one.y1)],
            one.text,
            one.score,
        )
        for one in lines
    ]


def blocks(lines: Sequence[TextLine]) -> tuple[Block, ...]:
    return page_blocks(lines, 3, 1400.0)


def paragraph(x: float, y: float, mark: str, rows: int = 5, chars: int = 20) -> list[TextLine]:
    lines = [line(x, y + 30 * row, (mark + HAN)[:chars]) for row in range(rows - 1)]
    return [*lines, line(x, y + 30 * (rows - 1), mark + "结束。")]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [*paragraph(100, 200, "甲"), *paragraph(100, 380, "乙")]
    right = [*paragraph(560, 200, "丙"), *paragraph(560, 380, "丁")]
    head = line(200, 100, "关于加强差旅费用管理若干问题的研究与思考", size=30)
    note = line(100, 600, "本页注释横跨两栏说明数据的来源与统计的口径以及其他需要说明的事项如下所示全部列出。")
    mixed = sorted([head, note, *left, *right], key=lambda one: one.y0)
    found = blocks(mixed)
    assert [block.text[0] for block in found] == ["关", "甲", "乙", "丙", "丁", "本"]
    assert found[0].kind is BlockKind.TITLE
    assert all(block.kind is BlockKind.PARAGRAPH for block in found[1:])
    assert " " not in found[1].text


def test_paragraphs_part_at_short_lines_and_gaps_not_at_full_lines() -> None:
    found = blocks(
        [*paragraph(100, 100, "甲", rows=3), *paragraph(100, 190, "乙", rows=3), line(100, 340, "丙" + HAN[:10])]
    )
    assert [block.text[0] for block in found] == ["甲", "乙", "丙"]
    assert found[0].boxes[0].page == 3
    assert (found[0].boxes[0].x0, found[0].boxes[0].y0, found[0].boxes[0].y1) == (100, 100, 180)


def test_english_lines_are_joined_with_spaces_and_hyphens_mended() -> None:
    long = "The committee approved the annual budget after a long discus-"
    rest = "sion and asked the treasurer to publish the figures on time."
    (block,) = blocks([line(100, 100, long), line(100, 130, rest)])
    assert block.text == long[:-1] + rest


def test_numbered_and_larger_lines_are_titles() -> None:
    found = blocks(
        [
            line(300, 60, "董事会会议纪要", size=36),
            line(100, 130, "第一章 总则"),
            *paragraph(100, 170, "甲", rows=3),
            line(100, 300, "一、目的"),
            *paragraph(100, 340, "乙", rows=3),
            line(100, 460, "第一条" + HAN[:19]),
            line(100, 490, "并按时执行。"),
            line(480, 1360, "- 3 -"),
        ]
    )
    assert [(block.kind, block.level) for block in found] == [
        (BlockKind.TITLE, 1),
        (BlockKind.TITLE, 1),
        (BlockKind.PARAGRAPH, 0),
        (BlockKind.TITLE, 2),
        (BlockKind.PARAGRAPH, 0),
        (BlockKind.PARAGRAPH, 0),
        (BlockKind.FOOTER, 0),
    ]
    assert found[5].text.endswith("并按时执行。")


def test_aligned_cells_are_a_table_between_paragraphs() -> None:
    rows = [
        ("级别", "住宿", "交通"),
        ("经理", "800", "高铁一等座"),
        ("员工", "500", "高铁二等座"),
        ("实习生", "300", "硬座"),
    ]
    cells = [
        line(x, 300 + 40 * index, text)
        for index, row in enumerate(rows)
        for x, text in zip((120, 350, 560), row, strict=True)
    ]
    found = blocks([*paragraph(100, 100, "甲", chars=30), *cells, *paragraph(100, 520, "乙", chars=30)])
    assert [block.kind for block in found] == [BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.PARAGRAPH]
    assert found[1].text.splitlines() == [" | ".join(row) for row in rows]
    table = found[1].table
    assert table is not None
    assert (table.rows, table.columns) == (4, 3)
    assert all(cell.box is not None for cell in table.cells)
    assert [cell.text for cell in table.cells if cell.header] == list(rows[0])


def test_a_wrapped_cell_joins_its_row() -> None:
    lines = [
        *(line(x, 100, text) for x, text in ((100, "项目"), (300, "说明"), (700, "金额"))),
        *(line(x, 150, text) for x, text in ((100, "住宿费"), (300, "按城市分级执行并凭"), (700, "800"))),
        line(300, 178, "发票报销"),
        *(line(x, 230, text) for x, text in ((100, "餐费"), (300, "包干使用"), (700, "100"))),
    ]
    (block,) = blocks(lines)
    assert block.text.splitlines() == [
        "项目 | 说明 | 金额",
        "住宿费 | 按城市分级执行并凭发票报销 | 800",
        "餐费 | 包干使用 | 100",
    ]


def test_a_slanted_page_reads_as_a_straight_one() -> None:
    straight = [*paragraph(100, 200, "甲", chars=40), *paragraph(100, 400, "乙", chars=40)]
    slanted = blocks(turned(straight, 3.0))
    assert [block.text for block in slanted] == [block.text for block in blocks(straight)]
    box = slanted[0].boxes[0]
    shown = [one.shown for one in turned(straight[:5], 3.0)]
    assert (box.x0, box.y1) == (min(s[0] for s in shown), max(s[3] for s in shown))


def test_vertical_writing_is_read_from_right_to_left() -> None:
    lines = [
        make_line([(x, 50), (x + 20, 50), (x + 20, 250), (x, 250)], text, 0.9)
        for x, text in (
            (40, "霜葉紅於二月花"),
            (80, "停車坐愛楓林晚"),
            (120, "白雲生處有人家"),
            (160, "遠上寒山石徑斜"),
        )
    ]
    (block,) = blocks(lines)
    assert block.text == "遠上寒山石徑斜白雲生處有人家停車坐愛楓林晚霜葉紅於二月花"


def test_confidence_weighs_lines_by_length() -> None:
    (block,) = blocks([line(100, 100, HAN[:30], score=1.0), line(100, 130, HAN[:10], score=0.6)])
    assert block.confidence == 0.9


def test_lines_are_scaled_to_page_units() -> None:
    (scaled,) = load_lines([([(10, 20), (110, 20), (110, 40), (10, 40)], "字", 0.5)], 0.5, 0.25)
    assert scaled.shown == (5.0, 5.0, 55.0, 10.0)
    assert blocks([]) == ()


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_of_a_turned_page_go_back_to_the_page(quarters: int) -> None:
    width, height = 600.0, 800.0
    # A cell that lies in the page's upper left corner, as the page turned against the clock shows it.
    turned = {1: (10.0, 500.0, 40.0, 580.0), 2: (500.0, 760.0, 580.0, 790.0), 3: (760.0, 20.0, 790.0, 100.0)}
    box = Box(1, *turned[quarters])
    cell = Cell(0, 0, "甲", box=box)
    block = Block(BlockKind.TABLE, "甲", (box,), table=Table(1, 1, (cell,)))
    (back,) = turn_back([block], quarters, width, height)
    assert back.boxes == (Box(1, 20.0, 10.0, 100.0, 40.0),)
    assert back.table is not None
    assert back.table.cells[0].box == back.boxes[0]
    assert turned_size(quarters, width, height) == ((800.0, 600.0) if quarters != 2 else (600.0, 800.0))
