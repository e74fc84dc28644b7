"""The chunker: borders, whole sentences, tables and figures with what belongs to them, ranges that hold."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from ingest.chunking import StructureChunker
from wenyuan.documents import Block, BlockKind, Box, Cell, Chunk, Hidden, Line, Page, ParsedDocument, Table

BOX = Box(1, 10, 10, 100, 30)


def chunker(max_tokens: int = 60) -> StructureChunker:
    return StructureChunker(len, max_tokens)


def parsed(*blocks: Block) -> ParsedDocument:
    return ParsedDocument(pages=(Page(1, 600, 800),), blocks=blocks)


def cut(max_tokens: int, *blocks: Block) -> list[Chunk]:
    return chunker(max_tokens).chunk("", parsed(*blocks))


def title(text: str, level: int = 1) -> Block:
    return Block(BlockKind.TITLE, text, (BOX,), level=level)


def paragraph(text: str, page: int = 1) -> Block:
    return Block(BlockKind.PARAGRAPH, text, (Box(page, 10, 40, 100, 60),))


def other(kind: BlockKind, text: str, page: int = 1) -> Block:
    return Block(kind, text, (Box(page, 10, 70, 100, 90),))


def figure(text: str) -> Block:
    """A figure in which words were recognised."""
    return dataclasses.replace(other(BlockKind.FIGURE, text), confidence=0.9)


def table(*rows: tuple[str, ...]) -> Block:
    cells = tuple(
        Cell(r, c, text, header=r == 0, box=Box(2, 10 + 50 * c, 10 * r, 50 + 50 * c, 10 * r + 9))
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    text = "\n".join(" | ".join(row) for row in rows)
    return Block(BlockKind.TABLE, text, (Box(2, 0, 0, 200, 100),), table=Table(len(rows), len(rows[0]), cells))


def test_a_chunk_never_crosses_a_section_and_carries_its_path() -> None:
    chunks = chunker().chunk(
        "手册",
        parsed(
            title("第一章"),
            paragraph("甲。"),
            title("第一节", 2),
            paragraph("乙。"),
            title("第二章"),
            paragraph("丙。"),
        ),
    )
    assert [(chunk.text, chunk.context, chunk.section) for chunk in chunks] == [
        ("甲。", "手册 › 第一章", 0),
        ("乙。", "手册 › 第一章 › 第一节", 1),
        ("丙。", "手册 › 第二章", 2),
    ]


def test_sections_of_the_same_name_are_two() -> None:
    chunks = cut(60, title("附件"), paragraph("甲。"), title("附件"), paragraph("乙。"))
    assert [(chunk.text, chunk.section) for chunk in chunks] == [("甲。", 0), ("乙。", 1)]


def test_a_table_and_the_text_around_it_have_one_parent() -> None:
    chunks = cut(60, title("标准"), paragraph("说明。"), table(("级", "额"), ("一", "9")), paragraph("完。"))
    assert [chunk.section for chunk in chunks] == [0, 0, 0]


def test_sentences_stay_whole_and_chunks_stay_within_the_budget() -> None:
    text = "".join(f"第{n}项规定员工应当遵守公司的各项制度。" for n in range(12))
    chunks = cut(50, paragraph(text))
    assert len(chunks) > 3
    assert all(chunk.text.endswith("。") and len(chunk.text) <= 50 for chunk in chunks)
    assert "".join(chunk.text for chunk in chunks) == text


def test_no_crumb_is_left_at_the_end_of_a_section() -> None:
    chunks = cut(60, *(paragraph(f"{n}号仓库的值班人员每两小时巡查一次。") for n in range(3)), paragraph("完。"))
    assert min(len(chunk.text) for chunk in chunks) > 20


def test_a_sentence_that_is_too_long_is_cut_at_clauses() -> None:
    text = "，".join(f"第{n}项材料应当由经办人核对并签字" for n in range(9)) + "。"
    chunks = cut(50, paragraph(text))
    assert "".join(chunk.text for chunk in chunks) == text
    assert all(len(chunk.text) <= 50 for chunk in chunks)
    assert all(chunk.text.endswith(("，", "。")) for chunk in chunks)


def test_an_article_that_fits_is_not_cut_apart() -> None:
    articles = [f"第{n}条 采购人员应当公正。供应商应当守信，不得串通。违者取消资格。" for n in "一二三四五"]
    chunks = cut(90, *(paragraph(text) for text in articles))
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == articles
    assert len(chunks) < len(articles)


def test_a_list_stays_with_the_line_that_leads_in() -> None:
    lead = "申请时应当提交下列材料："
    blocks = [
        paragraph("办公室负责受理各部门的申请，并在三日内答复。"),
        paragraph(lead),
        *(
            other(BlockKind.LIST, f"（{n}）{what}复印件；")
            for n, what in zip("一二三", ("身份证", "合同", "发票"), strict=True)
        ),
    ]
    chunks = cut(50, *blocks)
    assert len(chunks) > 1
    assert not any(chunk.text.endswith(lead) for chunk in chunks)


def test_a_formula_stays_with_the_text_around_it() -> None:
    around = (
        paragraph("年化收益按下式计算"),
        other(BlockKind.FORMULA, "r = (1+x)^{12} - 1"),
        paragraph("式中x为月收益。"),
    )
    fill = tuple(paragraph(f"第{n}段说明其他事项的处理办法和要求。") for n in range(4))
    chunks = cut(60, *fill, *around, *fill)
    assert any(all(block.text in chunk.text for block in around) for chunk in chunks)


def test_headings_without_a_body_are_not_lost() -> None:
    chunks = chunker().chunk("幻灯片", parsed(title("封面"), title("目录"), title("致谢")))
    assert [chunk.text for chunk in chunks] == ["封面\n目录\n致谢"]


def test_a_path_that_is_too_long_leaves_room_for_the_text() -> None:
    path = [title(f"第{level}级标题" + "很长" * 30, level) for level in range(1, 6)]
    (chunk,) = cut(120, *path, paragraph("正文在这里。"))
    assert chunk.tokens <= 120
    assert chunk.context.startswith("第5级标题")
    assert len(chunk.heading_path) == 5


def test_every_chunk_of_a_table_repeats_caption_unit_and_header_and_marks_its_rows() -> None:
    rows = [("城市", "住宿标准"), *((f"城市{n}", f"{n}00") for n in range(1, 9))]
    chunks = cut(
        60,
        paragraph("各地标准不同。"),
        other(BlockKind.CAPTION, "表 1 标准"),
        table(*rows),
        paragraph("注：含税。", 3),
        paragraph("以上自发布之日起执行。", 3),
    )
    first, *tables, last = chunks
    assert (first.text, last.text) == ("各地标准不同。", "以上自发布之日起执行。")
    assert len(tables) > 1
    assert all(chunk.text.startswith("表 1 标准\n城市 | 住宿标准\n") for chunk in tables)
    lines = [line for chunk in tables for line in chunk.text.split("\n")[2:]]
    assert lines == [*(" | ".join(row) for row in rows[1:]), "注：含税。"]
    assert tables[-1].ranges[-2].boxes == (Box(2, 10, 80, 100, 89),)
    assert tables[-1].pages == (1, 2, 3)


def test_the_unit_line_and_the_line_that_leads_in_belong_to_the_table() -> None:
    chunks = cut(
        60,
        paragraph("前文到此为止。"),
        paragraph("各级标准如下："),
        paragraph("单位：万元"),
        table(("级别", "标准"), ("甲", "80")),
    )
    assert [chunk.text for chunk in chunks] == ["前文到此为止。", "各级标准如下：\n单位：万元\n级别 | 标准\n甲 | 80"]


def test_a_caption_below_goes_with_its_table_or_figure() -> None:
    chunks = cut(
        60,
        table(("a", "b"), ("1", "2")),
        other(BlockKind.CAPTION, "Table 2. Results"),
        paragraph("Text follows here."),
        figure("start → end"),
        other(BlockKind.CAPTION, "Figure 1. Flow"),
    )
    assert [chunk.text for chunk in chunks] == [
        "Table 2. Results\na | b\n1 | 2",
        "Text follows here.",
        "Figure 1. Flow\nstart → end",
    ]


def test_a_figure_has_its_caption_and_the_sentence_that_refers_to_it() -> None:
    chunks = cut(
        60,
        paragraph("流程先由部门发起。审批流程见图 3-1。随后归档，见图 3-10。"),
        figure("发起\n审批\n归档"),
        other(BlockKind.CAPTION, "图 3–1 审批流程"),
        paragraph("归档之后不得修改。"),
    )
    assert [chunk.text for chunk in chunks] == [
        "流程先由部门发起。审批流程见图 3-1。随后归档，见图 3-10。\n归档之后不得修改。",
        "图 3–1 审批流程\n审批流程见图 3-1。\n发起\n审批\n归档",
    ]
    assert [part.ordinal for part in chunks[1].ranges] == [2, 0, 1]


def test_a_row_that_is_too_long_says_in_every_part_which_row_it_is() -> None:
    long = "应当逐项核对，" * 20
    chunks = cut(60, table(("岗位", "职责"), ("出纳", long), ("会计", "记账")))
    assert all(len(chunk.text) <= 60 for chunk in chunks)
    rows = [line for chunk in chunks for line in chunk.text.split("\n")[1:]]
    assert all(row.startswith(("出纳 | ", "会计 | ")) for row in rows)
    assert "".join(row.removeprefix("出纳 | ") for row in rows[:-1]) == long


def test_merged_cells_stand_in_every_row_and_column_they_cover() -> None:
    cells = (
        Cell(0, 0, "地区", row_span=2, header=True),
        Cell(0, 1, "限额（元）", column_span=2, header=True),
        Cell(1, 1, "主管", header=True),
        Cell(1, 2, "员工", header=True),
        Cell(2, 0, "一线城市", row_span=2),
        Cell(2, 1, "600"),
        Cell(2, 2, "450"),
        Cell(3, 1, "580"),
        Cell(3, 2, "430"),
    )
    (chunk,) = cut(200, Block(BlockKind.TABLE, "表", (BOX,), table=Table(4, 3, cells)))
    assert chunk.text.split("\n") == [
        "地区 | 限额（元） | 限额（元）",
        "地区 | 主管 | 员工",
        "一线城市 | 600 | 450",
        "一线城市 | 580 | 430",
    ]


def test_running_heads_hidden_text_and_descriptions_of_pictures_are_left_out() -> None:
    hidden = dataclasses.replace(paragraph("看不见的字。"), hidden=Hidden.COLOUR)
    described = other(BlockKind.FIGURE, "图片 3")
    head, foot = other(BlockKind.HEADER, "公司机密"), other(BlockKind.FOOTER, "第 1 页")
    blocks = (head, paragraph("正文。"), hidden, described, foot)
    assert [chunk.text for chunk in cut(60, *blocks)] == ["正文。"]


def test_a_footnote_goes_with_the_section_that_bears_its_mark() -> None:
    chunks = cut(
        80,
        title("第一章"),
        paragraph("利率①按季度调整。"),
        title("第二章"),
        paragraph("本章另行规定。"),
        other(BlockKind.FOOTNOTE, "① 指同期贷款利率。"),
        paragraph("第二页继续。", 2),
        other(BlockKind.FOOTNOTE, "* 无处可寻的注。", 2),
    )
    assert [chunk.text for chunk in chunks] == [
        "利率①按季度调整。\n① 指同期贷款利率。",
        "本章另行规定。\n第二页继续。\n* 无处可寻的注。",
    ]


def test_a_range_has_the_boxes_of_the_lines_it_covers() -> None:
    lines = (
        Line(0, 6, Box(1, 0, 0, 90, 10)),
        Line(6, 12, Box(1, 0, 12, 90, 22)),
        Line(12, 18, Box(2, 0, 0, 90, 10)),
    )
    block = Block(BlockKind.PARAGRAPH, "一二三四。六七八九十。二三四五六。", (Box(1, 0, 0, 90, 22),), lines=lines)
    (chunk,) = cut(60, block)
    assert [(chunk.text[part.start : part.end], part.boxes) for part in chunk.ranges] == [
        ("一二三四。", (Box(1, 0, 0, 90, 10),)),
        ("六七八九十。", (Box(1, 0, 0, 90, 22),)),
        ("二三四五六。", (Box(1, 0, 12, 90, 22), Box(2, 0, 0, 90, 10))),
    ]
    assert chunk.pages == (1, 2)


_TEXTS = st.text(alphabet="甲乙丙丁。；，a b.1\n", min_size=1, max_size=400).filter(lambda text: bool(text.strip()))


@given(st.lists(_TEXTS, min_size=1, max_size=5), st.integers(20, 80), st.booleans())
def test_ranges_point_into_the_text_and_no_character_is_lost(texts: list[str], budget: int, topics: bool) -> None:
    blocks = [paragraph(text) for text in texts]
    cutting = StructureChunker(len, budget, "lexical" if topics else "off")
    chunks = cutting.chunk("标题", parsed(*blocks))
    assert chunks == cutting.chunk("标题", parsed(*blocks))
    kept = ""
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert chunk.tokens <= budget
        for part in chunk.ranges:
            assert 0 <= part.start < part.end <= len(chunk.text)
            kept += chunk.text[part.start : part.end]
    assert "".join(kept.split()) == "".join("".join(texts).split())


def test_a_table_of_contents_is_not_cut_and_lines_that_come_once_are() -> None:
    names = [f"{n}.第{n}条的适用范围" for n in range(1, 7)]
    body = [block for name in names for block in (title(name), paragraph(f"关于{name}的正文。"))]
    contents = [other(BlockKind.LIST, f"{name} …… {page}") for page, name in enumerate(names, 4)]
    once = other(BlockKind.LIST, "附则另行公布")
    texts = [chunk.text for chunk in cut(500, *contents[:3], once, *contents[3:], *body)]
    assert texts == ["附则另行公布", *(f"关于{name}的正文。" for name in names)]
    few = [chunk.text for chunk in cut(500, *contents[:4], *body)]
    assert all(line.text in few[0] for line in contents[:4])
