"""The chunker: borders, whole sentences, tables with heads, ranges that hold."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.chunking import StructureChunker
from wenyuan.documents import Block, BlockKind, Box, Cell, Page, ParsedDocument, Table

BOX = Box(1, 10, 10, 100, 30)


def chunker(max_tokens: int = 60) -> StructureChunker:
    return StructureChunker(len, max_tokens)


def parsed(*blocks: Block) -> ParsedDocument:
    return ParsedDocument(pages=(Page(1, 600, 800),), blocks=blocks)


def title(text: str, level: int = 1) -> Block:
    return Block(BlockKind.TITLE, text, (BOX,), level=level)


def paragraph(text: str, page: int = 1) -> Block:
    return Block(BlockKind.PARAGRAPH, text, (Box(page, 10, 40, 100, 60),))


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
    assert [(chunk.text, chunk.context) for chunk in chunks] == [
        ("甲。", "手册 › 第一章"),
        ("乙。", "手册 › 第一章 › 第一节"),
        ("丙。", "手册 › 第二章"),
    ]


def test_sentences_stay_whole_and_chunks_stay_within_the_budget() -> None:
    text = "".join(f"第{n}条规定员工应当遵守公司的各项制度。" for n in range(12))
    chunks = chunker(50).chunk("", parsed(paragraph(text)))
    assert len(chunks) > 3
    assert all(chunk.text.endswith("。") and len(chunk.text) <= 50 for chunk in chunks)
    assert "".join(chunk.text for chunk in chunks) == text


def test_headings_without_a_body_are_not_lost() -> None:
    chunks = chunker().chunk("幻灯片", parsed(title("封面"), title("目录"), title("致谢")))
    assert [chunk.text for chunk in chunks] == ["封面\n目录\n致谢"]


def test_every_chunk_of_a_table_repeats_caption_and_header_and_marks_its_rows() -> None:
    rows = [("城市", "住宿标准")] + [(f"城市{n}", f"{n}00 元") for n in range(1, 9)]
    cells = tuple(
        Cell(r, c, text, header=r == 0, box=Box(2, 10 + 50 * c, 10 * r, 50 + 50 * c, 10 * r + 9))
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    table = Block(BlockKind.TABLE, "", (Box(2, 0, 0, 200, 100),), table=Table(len(rows), 2, cells))
    table = Block(table.kind, "\n".join(" | ".join(row) for row in rows), table.boxes, table=table.table)
    chunks = chunker(60).chunk(
        "", parsed(Block(BlockKind.CAPTION, "表 1 标准", (BOX,)), table, paragraph("注：含税。", 3))
    )
    tables = chunks[:-1]
    assert len(tables) > 1
    assert all(chunk.text.startswith("表 1 标准\n城市 | 住宿标准\n") for chunk in tables)
    assert [line for chunk in tables for line in chunk.text.split("\n")[2:]] == [" | ".join(row) for row in rows[1:]]
    last = tables[-1].ranges[-1]
    assert last.boxes == (Box(2, 10, 80, 100, 89),)
    assert (chunks[-1].text, chunks[-1].pages) == ("注：含税。", (3,))


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
    table = Block(BlockKind.TABLE, "表", (BOX,), table=Table(4, 3, cells))
    (chunk,) = chunker(200).chunk("", parsed(table))
    assert chunk.text.split("\n") == [
        "地区 | 限额（元） | 限额（元）",
        "地区 | 主管 | 员工",
        "一线城市 | 600 | 450",
        "一线城市 | 580 | 430",
    ]


def test_running_heads_are_left_out() -> None:
    blocks = (
        Block(BlockKind.HEADER, "公司机密", (BOX,)),
        paragraph("正文。"),
        Block(BlockKind.FOOTER, "第 1 页", (BOX,)),
    )
    assert [chunk.text for chunk in chunker().chunk("", parsed(*blocks))] == ["正文。"]


_TEXTS = st.text(alphabet="甲乙丙丁。；，a b.1\n", min_size=1, max_size=400).filter(lambda text: bool(text.strip()))


@given(st.lists(_TEXTS, min_size=1, max_size=5), st.integers(20, 80))
def test_ranges_point_into_the_text_and_no_character_is_lost(texts: list[str], budget: int) -> None:
    blocks = [paragraph(text) for text in texts]
    chunks = chunker(budget).chunk("标题", parsed(*blocks))
    assert chunks == chunker(budget).chunk("标题", parsed(*blocks))
    kept = ""
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        for part in chunk.ranges:
            assert 0 <= part.start < part.end <= len(chunk.text)
            kept += chunk.text[part.start : part.end]
    assert "".join(kept.split()) == "".join("".join(texts).split())
