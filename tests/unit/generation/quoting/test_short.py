"""The short answer within a quote: which words it is, and where they stand in what is shown."""

import numpy as np
import pytest

from generation.reader.model import Reading
from generation.reader.short import placed, short_answer
from generation.reader.windows import Window
from generation.scoring import read_question
from generation.units import Unit, UnitKind

Read = list[tuple[Window, Reading]]
SENTENCE = "一线城市住宿标准为每人每天600元，超出部分由个人承担。"


def _read(begin: int, end: int, margin: float) -> Read:
    """Return what a reader says that takes ``SENTENCE[begin:end]`` for the answer; a token is a character."""
    size = len(SENTENCE)
    margins = np.where(np.triu(np.ones((size, size), bool)), np.float32(-9), np.float32("-inf"))
    margins[begin, end - 1] = margin
    offsets = np.array([(at, at + 1) for at in range(size)], np.int64)
    return [(Window(0, 10, 10 + size), Reading(0.0, margins.astype(np.float32), offsets))]


def _unit(kind: UnitKind = UnitKind.SENTENCE) -> Unit:
    return Unit(0, 0, 10, 10 + len(SENTENCE), SENTENCE, kind, "")


def _short(question: str, read: Read, kind: UnitKind = UnitKind.SENTENCE) -> str | None:
    found = short_answer(read_question(question), _unit(kind), read)
    return None if found is None else SENTENCE[found[0] - 10 : found[1] - 10]


ASKED = "一线城市住宿标准是多少？"
AMOUNT = (SENTENCE.index("600"), SENTENCE.index("，"))


def test_the_words_that_the_reader_is_sure_of() -> None:
    assert _short(ASKED, _read(*AMOUNT, 4.0)) == "600元"
    assert _short(ASKED, _read(*AMOUNT, 1.0)) is None


def test_punctuation_at_the_edge_is_no_part_of_it() -> None:
    assert _short(ASKED, _read(AMOUNT[0], AMOUNT[1] + 1, 4.0)) == "600元"


@pytest.mark.parametrize("question", ["为什么住宿标准是600元？", "住宿标准有哪些？", "怎么确定住宿标准？"])
def test_reasons_ways_and_lists_are_told_by_whole_sentences(question: str) -> None:
    assert _short(question, _read(*AMOUNT, 4.0)) is None


def test_no_row_and_not_most_of_the_sentence() -> None:
    assert _short(ASKED, _read(*AMOUNT, 4.0), UnitKind.ROW) is None
    assert _short(ASKED, _read(0, len(SENTENCE) - 1, 4.0)) is None


@pytest.mark.parametrize(
    ("shown", "quoted", "expected"),
    [
        ("第3条：假期3天。", "第3条：假期3天。", (6, 7)),
        ("第3条：假期3天。", "  第3条：<b>假期3天。", (6, 7)),
        ("第条：假期3天。", "第3条：假期3天。", None),
    ],
)
def test_words_are_found_again_in_what_is_shown(shown: str, quoted: str, expected: tuple[int, int] | None) -> None:
    at = quoted.rindex("3")
    assert placed(shown, quoted, at, at + 1) == expected
