"""Reading order and blocks from recognised lines: columns, tables, titles, slant, vertical writing."""

import math
from collections.abc import Sequence

import pytest

from ingest.ocr.answer import blocks_of
from ingest.ocr.page.layout import page_blocks
from ingest.ocr.page.lines import TextLine, make_line
from ingest.ocr.page.upright import Upright
from wenyuan.documents import Block, BlockKind, Box

SIZE = 20.0
HAN = "员工出差应当事先申请并由部门负责人批准后方可出行未经批准的费用一律不予报销特殊情况须书面说明原因"


def line(x: float, y: float, text: str, size: float = SIZE, score: float = 0.99) -> TextLine:
    wide = size * sum(1.0 if char > "\u2e7f" else 0.5 for char in text)
    return make_line([(x, y), (x + wide, y), (x + wide, y + size), (x, y + size)], text, score)


def answer(lines: Sequence[TextLine], **more: object) -> dict[str, object]:
    """What the child says of a bitmap of 1000 by 1400 pixels."""
    found = [([(x.x0, x.y0), (x.x1, x.y0), (x.x1, x.y1), (x.x0, x.y1)], x.text, x.score) for x in lines]
    plain = {"width": 1000, "height": 1400, "quarters": 0, "slant": 0.0, "regions": [], "tables": [], "seals": []}
    return plain | {"lines": found} | more


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


def test_boxes_of_a_turned_and_slanted_page_are_on_the_page_as_it_is() -> None:
    lines = [*paragraph(100, 200, "甲", chars=30), *paragraph(100, 400, "乙", chars=30)]
    plain = blocks_of(answer(lines), 1, 500.0, 700.0)
    assert plain[0].boxes == (Box(1, 50, 100, 350, 170),)
    turned = blocks_of(answer(lines, quarters=2, slant=math.radians(3)), 1, 500.0, 700.0)
    assert [block.text for block in turned] == [block.text for block in plain]
    frame = Upright(1000, 1400, 2, math.radians(3))
    corners = [frame.back(x, y) for x in (100, 700) for y in (200, 220)]
    first = turned[0].lines[0].box
    assert (first.x0, first.y0) == pytest.approx((min(x for x, _ in corners) / 2, min(y for _, y in corners) / 2))
    assert (first.x1, first.y1) == pytest.approx((max(x for x, _ in corners) / 2, max(y for _, y in corners) / 2))
    assert turned[0].boxes[0].x0 == min(one.box.x0 for one in turned[0].lines)


def test_lines_of_a_block_say_where_their_words_are() -> None:
    (block,) = blocks(
        [line(100, 100, "The committee approved the annual budget after a long discus-"), line(100, 130, "sion.")]
    )
    assert [block.text[one.start : one.end] for one in block.lines] == [
        "The committee approved the annual budget after a long discus",
        "sion.",
    ]
    assert [one.confidence for one in block.lines] == [0.99, 0.99]
    assert block.lines[1].box.y0 == 130


def test_figures_and_tables_are_cut_out_before_the_columns() -> None:
    left, right = paragraph(100, 100, "甲", rows=12), paragraph(560, 460, "乙", rows=6)
    labels = [line(600, 120, "东部 40%"), line(800, 300, "西部 60%")]
    cells = [line(x, 700 + 40 * row, f"{row}{x}") for row in range(4) for x in (110, 400, 620, 850)]
    regions = [("figure", 560, 100, 980, 420), ("table", 90, 680, 990, 880)]
    lines = [*left, *right, *labels, *cells]
    table = {
        "box": (100, 690, 960, 860),
        "rows": 4,
        "columns": 4,
        "cells": [
            (at // 4, at % 4, 1, 1, at < 4, one.x0, one.y0, one.x1, one.y1, one.text) for at, one in enumerate(cells)
        ],
        "lines": list(range(len(lines) - len(cells), len(lines))),
    }
    found = blocks_of(answer(lines, regions=regions, tables=[table]), 1, 500.0, 700.0)
    assert [block.kind for block in found] == [
        BlockKind.PARAGRAPH,
        BlockKind.FIGURE,
        BlockKind.PARAGRAPH,
        BlockKind.TABLE,
    ]
    assert found[1].text == "东部 40% 西部 60%"
    assert found[1].boxes == (Box(1, 280, 50, 490, 210),)
    assert found[3].text.splitlines()[1] == "1110 | 1400 | 1620 | 1850"
    assert found[3].confidence == 0.99
    assert found[3].table is not None
    assert found[3].table.cells[0].box == Box(1, 55, 350, 75, 360)
    assert (found[3].table.rows, found[3].table.columns) == (4, 4)


def test_a_page_of_text_on_a_ground_is_no_figure() -> None:
    found = blocks_of(answer(paragraph(100, 100, "甲"), regions=[("figure", 0, 0, 1000, 1400)]), 1, 1000.0, 1400.0)
    assert [block.kind for block in found] == [BlockKind.PARAGRAPH]


def test_words_of_a_seal_are_a_block_of_their_own() -> None:
    seal = ([(600, 900), (800, 900), (800, 1100), (600, 1100)], "北京文渊科技有限公司 合同专用章", 0.93)
    found = blocks_of(answer(paragraph(100, 100, "甲"), seals=[seal]), 1, 500.0, 700.0)
    assert found[-1] == Block(BlockKind.FIGURE, seal[1], (Box(1, 300, 450, 400, 550),), confidence=0.93)


def test_facing_pages_of_a_leaning_book_are_read_one_after_the_other() -> None:
    # Photographed from the right: every line stands further left than the one above it.
    leaves = [
        line(x - 0.2 * y, y, (mark + HAN)[:18]) for x, mark in ((220, "甲"), (610, "乙")) for y in range(100, 900, 40)
    ]
    text = "".join(block.text for block in blocks(sorted(leaves, key=lambda one: one.y0)))
    assert text.index("乙") > text.rindex("甲")


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


def test_the_number_of_a_table_goes_with_its_title() -> None:
    lines = [
        *paragraph(100, 100, "甲"),
        line(130, 300, "表6-3-2"),
        line(300, 302, "侵蚀沟道数量、长度与面积"),
        *paragraph(100, 380, "乙"),
    ]
    found = blocks(lines)
    assert [block.kind for block in found] == [BlockKind.PARAGRAPH, BlockKind.CAPTION, BlockKind.PARAGRAPH]
    assert found[1].text == "表6-3-2 侵蚀沟道数量、长度与面积"


def test_a_number_inside_a_broken_sentence_begins_nothing() -> None:
    rows = [
        "本办法适用于公司总部各部门以及下属单位的第一、第二、第",
        "三、第四业务部门的全体员工和外聘人员并自发布之日起施行",
    ]
    lines = [
        line(140, 100, rows[0][:22]),
        line(100, 130, "其他单位参照执行但是应当报送总部备案第二、第"),
        line(100, 160, rows[1][:22]),
    ]
    (block,) = blocks(lines)
    assert block.kind is BlockKind.PARAGRAPH


def test_no_lines_are_no_blocks() -> None:
    assert blocks([]) == ()


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("degrees", [0.0, 7.0, -4.0])
def test_points_of_an_upright_page_go_back_to_the_page(quarters: int, degrees: float) -> None:
    frame = Upright(600.0, 800.0, quarters, math.radians(degrees))
    # The page's upper left corner, as the page turned against the clock shows it.
    corner = {0: (20.0, 10.0), 1: (10.0, 580.0), 2: (580.0, 790.0), 3: (790.0, 20.0)}[quarters]
    x, y = frame.straight(*corner)
    assert frame.back(x, y) == pytest.approx((20.0, 10.0), abs=1e-6)
    assert 0 <= x <= frame.size[0]
    assert 0 <= y <= frame.size[1]
    along = frame.straight(
        corner[0] + 100 * math.cos(math.radians(degrees)), corner[1] + 100 * math.sin(math.radians(degrees))
    )
    assert along == pytest.approx((x + 100, y), abs=1e-6)
