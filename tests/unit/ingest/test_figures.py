"""What belongs to a figure or a formula: caption, number, the sentence that refers to it, what stands around it."""

from dataclasses import replace

import pytest

from ingest.chunking.chunker import StructureChunker
from ingest.chunking.figures import formula_number, illustrations
from wenyuan.documents import Block, BlockKind, Box, Hidden, ParsedDocument


def text(words: str) -> Block:
    return Block(BlockKind.PARAGRAPH, words, (Box(1, 50, 50, 500, 80),))


def caption(words: str) -> Block:
    return Block(BlockKind.CAPTION, words, (Box(1, 50, 350, 500, 365),))


def figure(words: str = "") -> Block:
    confidence = 0.9 if words else None
    return Block(BlockKind.FIGURE, words, (Box(1, 50, 100, 500, 340),), confidence=confidence)


def formula(words: str) -> Block:
    return Block(BlockKind.FORMULA, words, (Box(1, 150, 400, 500, 430),))


def test_a_picture_without_a_word_has_caption_and_reference_too() -> None:
    blocks = [
        Block(BlockKind.TITLE, "2 系统", level=1),
        text("系统分为三层。各层的关系见图 2-1，部署见图2–2。"),
        figure(),
        caption("图2-1 总体架构"),
        text("以上为架构。"),
        figure("交换机"),
        caption("图 2—2 部署"),
        figure(),
    ]
    first, second, third = illustrations(blocks)
    assert (first.ordinal, first.number, first.caption) == (2, "2-1", "图2-1 总体架构")
    assert first.reference is not None
    ordinal, block, start, end = first.reference
    assert (ordinal, block.text[start:end]) == (1, "各层的关系见图 2-1，部署见图2–2。")
    assert (second.ordinal, second.number, second.caption) == (5, "2-2", "图 2—2 部署")
    assert second.reference == first.reference
    assert (third.number, third.caption, third.reference) == (None, "", None)


def test_the_chunk_of_a_figure_begins_with_the_same_caption_and_sentence() -> None:
    blocks = (text("系统分为三层。各层的关系见图1。"), figure("网关 服务 数据"), caption("图1 架构"))
    (found,) = illustrations(blocks)
    chunks = StructureChunker(len, 200).chunk("手册", ParsedDocument((), blocks))
    own = next(chunk.text for chunk in chunks if "网关" in chunk.text)
    assert found.reference is not None
    _, block, start, end = found.reference
    assert own == f"{found.caption}\n{block.text[start:end]}\n网关 服务 数据"


def test_what_nobody_sees_is_no_figure() -> None:
    assert (
        illustrations([replace(figure("暗"), hidden=Hidden.COVERED), Block(BlockKind.HEADER, "图1"), text("图1")]) == []
    )


def test_a_formula_has_its_number_its_reference_and_its_neighbours() -> None:
    blocks = [
        text("效率由式（3-2）给出。"),
        Block(BlockKind.TITLE, "计算", level=1),
        text("先测温差。再算热流："),
        formula("Q = c m (T - t) (3-2)"),
        text("式中 c 为比热。m 为质量。"),
        formula(r"E = m c^{2} \tag{4}"),
    ]
    first, second = illustrations(blocks)
    assert (first.number, first.before, first.after) == ("3-2", "再算热流：", "式中 c 为比热。")
    assert first.reference is not None
    assert first.reference[0] == 0
    assert (second.number, second.reference, second.before, second.after) == ("4", None, "m 为质量。", "")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("a = b （2.1）", "2.1"),
        ("a = b (A3)", "A3"),
        ("a = f(2)", None),
        ("a = b", None),
        (r"x \tag{(5a)}", "5a"),
        ("y (1 – 2)", "1-2"),
    ],
)
def test_numbers_of_formulas(words: str, number: str | None) -> None:
    assert formula_number(words) == number
