"""Borders of parts: no chunk is of two, nothing is lost, and what is not certain is closed."""

import random
from dataclasses import replace

import pytest

from benchmarks.chunking.parts import check, faults, made
from ingest.chunking import StructureChunker
from wenyuan.documents import Block, BlockKind, BlockRange, Box, Cell, Page, ParsedDocument, Table
from wenyuan.parts.lines import sums_up
from wenyuan.parts.marks import marks_of
from wenyuan.parts.rules import Rows, Rule, Selector, digest_of

P1, P2 = 11, 12


def title(text: str, level: int = 1) -> Block:
    return Block(BlockKind.TITLE, text, level=level)


def paragraph(text: str, page: int | None = None) -> Block:
    return Block(BlockKind.PARAGRAPH, text, () if page is None else (Box(page, 0, 0, 1, 1),))


def table(*lines: tuple[str, ...], anchor: str | None = None) -> Block:
    cells = tuple(
        Cell(row, column, text, header=row == 0) for row, line in enumerate(lines) for column, text in enumerate(line)
    )
    made_of = Table(len(lines), len(lines[0]), cells)
    return Block(BlockKind.TABLE, "\n".join(made_of.lines()), table=made_of, anchor=anchor)


def rule(selector: Selector, policy_id: int = P1) -> Rule:
    return Rule(f"r{policy_id}", selector, policy_id)


def named(blocks: list[Block], selector: Selector) -> list[int]:
    marks = marks_of(blocks, [rule(selector)])
    assert not marks.whole
    return [ordinal for ordinal in range(len(blocks)) if marks.of(ordinal)]


def test_no_chunk_of_generated_documents_is_of_two_parts() -> None:
    chunker = StructureChunker(len, 120)
    assert [fault for seed in range(150) for fault in check(seed, chunker)] == []


def test_chunks_cut_without_the_rules_have_faults() -> None:
    """Proof that the check sees something."""
    chunker, seen = StructureChunker(len, 120), 0
    for seed in range(30):
        document = made(random.Random(seed))
        parsed = ParsedDocument((Page(1, 1, 1),), tuple(document.blocks))
        seen += bool(faults(document, chunker.chunk("", parsed)))
    assert seen > 15


def test_a_heading_names_its_section_wherever_it_stands_in_the_path() -> None:
    blocks = [title("一"), paragraph("a"), title("二", 2), paragraph("b"), title("三", 3), title("四"), paragraph("c")]
    assert named(blocks, Selector(("二",))) == [2, 3, 4]
    assert named(blocks, Selector(("一", " 二 "))) == [2, 3, 4]
    assert named(blocks, Selector(("一",))) == [0, 1, 2, 3, 4]
    assert marks_of(blocks, [rule(Selector(("一", "三")))]).whole == {P1}, "not one below the other: all of it"


def test_running_heads_and_notes_of_a_page_go_with_what_is_closed_on_it() -> None:
    note = Block(BlockKind.FOOTNOTE, "注", (Box(1, 0, 0, 1, 1),))
    far = Block(BlockKind.FOOTNOTE, "注", (Box(2, 0, 0, 1, 1),))
    blocks = [title("一"), paragraph("a", 1), title("二"), paragraph("b", 1), note, far]
    assert named(blocks, Selector(("一",))) == [0, 1, 4]


def test_what_has_no_place_goes_with_its_neighbours_on_the_pages() -> None:
    blocks = [paragraph("a", 1), paragraph("x"), paragraph("b", 2), paragraph("y"), paragraph("c", 3), paragraph("z")]
    assert named(blocks, Selector(pages=(2, 2))) == [1, 2, 3]
    assert named(blocks, Selector(pages=(3, 9))) == [3, 4, 5]
    assert marks_of([paragraph("a")], [rule(Selector(pages=(1, 1)))]).whole == {P1}, "nothing has a page"


@pytest.mark.parametrize("anchor", ["'薪 酬'!A1:B2", "薪酬!A1:B2"])
def test_a_sheet_is_named_by_its_anchor(anchor: str) -> None:
    assert named([table(("a", "b"), anchor="'x'!A1"), table(("a", "b"), anchor=anchor)], Selector(sheet="薪酬")) == [1]


def test_rows_are_named_by_a_column_with_their_sums_and_blanks() -> None:
    first = table(("姓名", "部门"), ("张", "财 务"), ("王", "研发"), ("李", ""), ("合计", "3"))
    second = table(("姓名", "部门"), ("赵", "研发"), ("总计", "1"))
    other = table(("姓名", "金额"), ("赵", "1"))
    marks = marks_of([first, second], [rule(Selector(rows=Rows("部门", ("财务",))))])
    assert sorted(marks.rows) == [(0, 1), (0, 3), (0, 4), (1, 2)]
    assert not marks.blocks
    marks = marks_of([first, other], [rule(Selector(rows=Rows("部门", ("财务",))))])
    assert marks.blocks == {1: {P1}}, "a table without the column is closed as a whole"


def test_rules_add_up_and_their_order_does_not_matter() -> None:
    blocks = [title("一"), paragraph("a", 1), paragraph("b", 2)]
    rules = [rule(Selector(("一",))), rule(Selector(pages=(2, 2)), P2)]
    marks = marks_of(blocks, rules)
    assert [marks.of(ordinal) for ordinal in range(3)] == [{P1}, {P1}, {P1, P2}]
    assert digest_of(rules) == digest_of(rules[::-1]) != digest_of(rules[:1])
    assert digest_of([rule(Selector(("一",)), 99)]) == digest_of(rules[:1]), "policies draw no borders"
    assert digest_of([]) == ""


def test_rules_add_up_on_a_row() -> None:
    blocks = [table(("姓名", "部门"), ("张", "财务"), ("王", "研发"))]
    both = rule(Selector(rows=Rows("部门", ("研发", "财务"))), P2)
    marks = marks_of(blocks, [rule(Selector(rows=Rows("部门", ("财务",)))), both])
    assert marks.rows == {(0, 1): {P1, P2}, (0, 2): {P2}}
    assert marks.of(0, (1,)) == {P1, P2}


def test_a_chunk_has_the_policies_of_its_headings() -> None:
    blocks = [title("薪酬"), paragraph("a", 2), title("薪酬"), paragraph("b", 4)]
    placed = [replace(block, boxes=(Box(number + 1, 0, 0, 1, 1),)) for number, block in enumerate(blocks)]
    marks = marks_of(placed, [rule(Selector(pages=(1, 1)))])
    assert marks.of_chunk([BlockRange(1, 0, 1)], ("薪酬",)) == {P1}, "what its context says stands in a closed part"
    assert marks.of_chunk([BlockRange(1, 0, 1)], ()) == frozenset()
    assert marks.of_chunk([BlockRange(3, 0, 1)], ("薪酬",)) == frozenset(), "the heading before it is another one"


def test_a_chunk_whose_rows_are_not_known_has_the_policies_of_all() -> None:
    blocks = [table(("姓名", "部门"), ("张", "财务"), ("王", "研发"))]
    marks = marks_of(blocks, [rule(Selector(rows=Rows("部门", ("财务",))))])
    assert marks.of_chunk([BlockRange(0, 0, 5)], ()) == {P1}
    assert marks.of_chunk([BlockRange(0, 0, 5, (), (0, 2))], ()) == frozenset()
    assert marks.of_chunk([BlockRange(0, 0, 5, (), (0, 1))], ()) == {P1}


def test_a_closed_heading_is_no_context_of_what_is_open_below_it() -> None:
    first, second = (Box(1, 0, 0, 1, 1),), (Box(2, 0, 0, 1, 1),)
    top = Block(BlockKind.TITLE, "手册", second, level=1)
    blocks = (top, Block(BlockKind.TITLE, "绝密标题", first, level=2), paragraph("正文。", 2))
    parsed = ParsedDocument((), blocks)
    rules = [rule(Selector(pages=(1, 1)))]
    chunks = StructureChunker(len, 200).chunk("书", parsed, rules)
    assert [(chunk.text, chunk.heading_path) for chunk in chunks] == [("正文。", ("手册",))]
    assert "绝密" not in chunks[0].context
    plain = StructureChunker(len, 200).chunk("书", parsed)[0]
    assert marks_of(blocks, rules).of_chunk(plain.ranges, plain.heading_path) == {P1}


@pytest.mark.parametrize(
    "label",
    ["合 计", "合\n计", "累 计", "Grand\nTotal", "Sub  total", "T o t a l", "Average", "Summary of pay", "实发合计"],
)
def test_a_row_that_sums_up_is_known_however_its_label_is_broken_or_spaced(label: str) -> None:
    made = table(("姓名", "薪资"), ("张", "1"), (label, "3")).table
    assert made is not None
    assert sums_up(made) == {2}
