"""Corrections find their place again in another parse, or say that they do not."""

import dataclasses
import time

import pytest

from ingest.revision.corrections import correct, with_text
from ingest.revision.matching import Effort
from ingest.revision.passages import block_texts
from ingest.revision.places import Places, Spot
from wenyuan.documents import (
    Block,
    BlockKind,
    BlockRange,
    Box,
    Cell,
    CellValue,
    Correction,
    Line,
    Link,
    Place,
    Table,
    ValueKind,
)
from wenyuan.errors import CorrectionMisplaced


def prose(*texts: str) -> list[Block]:
    return [Block(BlockKind.PARAGRAPH, text) for text in texts]


def table(*rows: tuple[str, ...]) -> Block:
    cells = tuple(Cell(r, c, text, header=r == 0) for r, row in enumerate(rows) for c, text in enumerate(row))
    text = "\n".join(" | ".join(row) for row in rows)
    return Block(BlockKind.TABLE, text, table=Table(len(rows), len(rows[0]), cells))


def correction(blocks: list[Block], spot: Spot, text: str) -> Correction:
    place = Places(blocks).at(spot)
    assert place is not None
    return Correction(f"cor_{spot.block}_{text}", place, text, "mei", 0.0)


def test_a_repeated_line_is_told_by_its_neighbours() -> None:
    old = prose("第一部分的说明文字", "合计", "第二部分的说明文字", "合计", "第三部分的说明文字", "合计")
    one = correction(old, Spot(3), "总计")
    new = prose("新的开头", "第一部分的说明文字", "合计", "第二部分的说明文字", "合计", "第三部分的说明文字", "合计")
    assert [block.text for block in correct(new, [one]).blocks].index("总计") == 4
    # With both neighbours gone nobody can tell which one was meant.
    gone = correct(prose("别的文字", "合计", "另外的文字", "合计"), [one])
    assert (gone.unmatched, gone.originals) == ((one.id,), {})


def test_lines_alike_in_everything_are_told_by_their_number() -> None:
    old = prose("甲", "甲", "甲", "甲", "甲")
    one = correction(old, Spot(2), "乙")
    assert [block.text for block in correct(old, [one]).blocks] == ["甲", "甲", "乙", "甲", "甲"]
    assert correct(prose("甲", "甲"), [one]).unmatched == (one.id,)


def test_a_short_text_is_not_found_by_itself_a_long_one_is() -> None:
    short = correction(prose("前文在此", "3", "后文在此"), Spot(1), "8")
    assert correct(prose("完全不同", "3"), [short]).unmatched == (short.id,)
    long = correction(prose("前文在此", "断路器的绝缘电阻不得低于一千兆欧", "后文在此"), Spot(1), "改")
    found = correct(prose("完全不同", "断路器的绝缘电阻 不得低于一千兆欧"), [long])
    assert [block.text for block in found.blocks] == ["完全不同", "改"]
    assert found.originals[1].text == "断路器的绝缘电阻 不得低于一千兆欧"


def test_running_heads_are_no_neighbours() -> None:
    old = prose("前文", "3", "后文")
    one = correction(old, Spot(1), "8")
    new = [old[0], Block(BlockKind.FOOTER, "第 1 页"), Block(BlockKind.HEADER, "手册"), *old[1:]]
    assert correct(new, [one]).blocks[3].text == "8"


def test_a_cell_is_told_by_its_row_and_column() -> None:
    old = [table(("项目", "上年", "本年"), ("收入", "5", "5"), ("支出", "5", "6"))]
    one = correction(old, Spot(0, 2, 1), "4")
    new = [table(("项目", "上年", "本年"), ("新增", "5", "7"), ("收入", "5", "5"), ("支出", "5", "6"))]
    fixed = correct(new, [one]).blocks[0]
    assert fixed.text.split("\n") == ["项目 | 上年 | 本年", "新增 | 5 | 7", "收入 | 5 | 5", "支出 | 4 | 6"]


def test_a_corrected_cell_is_read_again_and_keeps_its_unit() -> None:
    block = table(("项目", "金额（万元）"), ("收入", "l2.5"))
    assert block.table is not None
    value = CellValue(ValueKind.NUMBER, low=2.5, unit="万元")
    cells = tuple(dataclasses.replace(cell, value=value) if cell.text == "l2.5" else cell for cell in block.table.cells)
    unlike = dataclasses.replace(block, table=dataclasses.replace(block.table, cells=cells))
    changed = with_text(unlike, Spot(0, 1, 1), "12.5", Effort())
    assert changed.table is not None
    found = changed.table.cells[3].value
    assert found is not None
    assert (found.low, found.unit) == (12.5, "万元")


def test_lines_and_links_move_with_the_text() -> None:
    box = Box(1, 0, 0, 10, 10)
    block = Block(
        BlockKind.PARAGRAPH,
        "篮色牌，见附件三。",
        lines=(Line(0, 4, box), Line(4, 9, box)),
        links=(Link(5, 8, "page:3"),),
    )
    text = "领取蓝色胸牌，见附件三。"
    moved = with_text(block, Spot(0), text, Effort())
    assert [text[line.start : line.end] for line in moved.lines] == ["领取蓝色胸牌，", "见附件三。"]
    assert [text[link.start : link.end] for link in moved.links] == ["附件三"]


def test_a_corrected_heading_is_named_by_what_stands_below_it() -> None:
    blocks = [
        Block(BlockKind.TITLE, "第一章 总贝", level=1, heading_path=("第一章 总贝",)),
        Block(BlockKind.PARAGRAPH, "正文", heading_path=("第一章 总贝",)),
        Block(BlockKind.TITLE, "第二章", level=1),
        Block(BlockKind.PARAGRAPH, "正文", heading_path=("第二章",)),
    ]
    done = correct(blocks, [correction(blocks, Spot(0), "第一章 总则")])
    assert [block.heading_path for block in done.blocks] == [("第一章 总则",), ("第一章 总则",), (), ("第二章",)]
    assert done.originals == {0: blocks[0], 1: blocks[1]}


def test_corrections_of_one_table_are_all_found_by_what_was_parsed() -> None:
    old = [table(("项目", "金额"), ("收人", "l2"))]
    both = [correction(old, Spot(0, 1, 0), "收入"), correction(old, Spot(0, 1, 1), "12")]
    done = correct(old, both)
    assert (done.blocks[0].text, done.unmatched) == ("项目 | 金额\n收入 | 12", ())


RANGES = (BlockRange(4, 0, 6), BlockRange(5, 7, 14))
TEXT = "第一段文字。\n第二段的文字。"


def test_an_edit_of_a_chunk_is_one_of_its_blocks() -> None:
    blocks = {4: Block(BlockKind.PARAGRAPH, "第一段文字。后续"), 5: Block(BlockKind.PARAGRAPH, "第二段的文字。")}
    edited = TEXT.replace("第一段文字", "首段的文字").replace("第二段", "次段")
    assert block_texts(TEXT, RANGES, edited, blocks) == {4: "首段的文字。后续", 5: "次段的文字。"}
    assert block_texts(TEXT, RANGES, TEXT, blocks) == {}


@pytest.mark.parametrize(
    ("edited", "first"),
    [
        ("第一段文字。第二段的文字。", Block(BlockKind.PARAGRAPH, "第一段文字。")),
        ("改一段文字。\n第二段的文字。", Block(BlockKind.TABLE, "第一段文字。", table=Table(1, 1, ()))),
        ("改一段文字。\n第二段的文字。", Block(BlockKind.PARAGRAPH, "第一段文字。第一段文字。")),
    ],
)
def test_an_edit_that_belongs_to_no_one_block_is_refused(edited: str, first: Block) -> None:
    with pytest.raises(CorrectionMisplaced):
        block_texts(TEXT, RANGES, edited, {4: first, 5: Block(BlockKind.PARAGRAPH, "第二段的文字。")})


def test_a_place_without_words_in_common_is_not_the_same() -> None:
    assert Places(prose("甲乙丙丁戊己庚辛壬癸")).find(Place("子丑寅卯辰巳午未申酉")) is None


def test_corrections_of_a_text_of_few_characters_cost_little() -> None:
    """All of them together: they are put in while the job waits."""
    blocks = prose(*(f"{number}" + "甲" * 3_000 for number in range(20)))
    given = [correction(blocks, Spot(number), "乙" + "甲乙" * 1_500) for number in range(20)]
    began = time.process_time()
    corrected = correct(blocks, given)
    assert time.process_time() - began < 8
    assert corrected.unmatched == ()


def test_a_wide_row_names_its_cells_in_little_time() -> None:
    wide = table(tuple("甲" for _ in range(12_000)))
    began = time.process_time()
    places = Places([wide])
    assert time.process_time() - began < 8
    place = places.at(Spot(0, 0, 11_999))
    assert place is not None
    assert place.before == "甲|" * 60
