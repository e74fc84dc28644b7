"""Sentences, language, joining, invisible characters and terms."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.text import (
    content_terms,
    detect_language,
    is_table_row,
    join_lines,
    join_spans,
    sentences,
    squeeze,
    strip_invisible,
)

MIXED = st.text(alphabet="中文句子。！？；，、“”（）()[]\"' .!?|\n\t-1290abcABC…：:e.g", max_size=120)


@given(MIXED | st.text(max_size=80))
def test_offsets_reproduce_the_text(text: str) -> None:
    spans = sentences(text)
    end = 0
    for span in spans:
        assert span.text == text[span.start : span.end]
        assert span.text == span.text.strip() != ""
        assert text[end : span.start].strip() == ""
        end = span.end
    assert text[end:].strip() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一线城市每晚不超过 500.5 元；其他城市 350 元。", ["一线城市每晚不超过 500.5 元；", "其他城市 350 元。"]),
        ("他说：“可以。没问题。”然后走了。", ["他说：“可以。没问题。”", "然后走了。"]),
        ("“先审批、后出差！”的原则不变。", ["“先审批、后出差！”的原则不变。"]),
        ("按规定办理（详见附件。第二页）后生效。完", ["按规定办理（详见附件。第二页）后生效。", "完"]),
        ("Mr. Smith came to the U.S. in 2020. He left.", ["Mr. Smith came to the U.S. in 2020.", "He left."]),
        (
            "See Fig. 3, e.g. the 2.5 mm wire. Is it ok? Yes!",
            ["See Fig. 3, e.g. the 2.5 mm wire.", "Is it ok?", "Yes!"],
        ),
        ("以笔名S.G. Tallentyre写作的作品。", ["以笔名S.G. Tallentyre写作的作品。"]),
        ("第一项是A. 第二项是B.", ["第一项是A.", "第二项是B."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("职级 | 一线城市\n经理 | 500. 元。整\n正文。", ["职级 | 一线城市", "经理 | 500. 元。整", "正文。"]),
        ("1. 先断电。\n2. 再验电。", ["1. 先断电。", "2. 再验电。"]),
        ("(1) open the door\n(2) close it", ["(1) open the door", "(2) close it"]),
        ("the cabinet was released\nin 2021. Next.", ["the cabinet was released\nin 2021.", "Next."]),
        ("适用于高压柜，\n也适用于低压柜。", ["适用于高压柜，\n也适用于低压柜。"]),
        ("第三章 住宿标准\n员工每晚 450 元。", ["第三章 住宿标准", "员工每晚 450 元。"]),
        ("Open https://a.b/c?d=e now. Done.", ["Open https://a.b/c?d=e now.", "Done."]),
        ("已完成.下一步开始", ["已完成.", "下一步开始"]),
        ("真的？！是的。", ["真的？！", "是的。"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [s.text for s in sentences(text)] == expected


@pytest.mark.parametrize(("line", "row"), [("a | b", True), ("| a |", True), ("a|b", False), ("正文", False)])
def test_table_row(line: str, row: bool) -> None:
    assert is_table_row(line) is row


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("员工手册", "zh"),
        ("什么是 SLA (Service Level Agreement)?", "zh"),
        ("The employee handbook of 砚澜 applies to all staff members.", "en"),
        ("12345", "zh"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        (["出差标准", "如下"], "出差标准如下"),
        (["the rated", "current"], "the rated current"),
        (["exam-", "ple of it"], "example of it"),
        (["采用 SF6", "气体"], "采用 SF6 气体"),
        (["A，", "B"], "A， B"),
        (["", " 甲 ", ""], "甲"),
    ],
)
def test_join_lines(parts: list[str], joined: str) -> None:
    assert join_lines(parts) == joined


@pytest.mark.parametrize("line", ["the rated current of", "the rated cur-"])
def test_many_lines_are_joined_in_linear_time(line: str) -> None:
    began = time.process_time()
    assert len(join_lines([line] * 20_000)) >= 20_000 * (len(line) - 1)
    assert time.process_time() - began < 10


@given(st.lists(MIXED, max_size=6))
def test_spans_of_joined_lines_are_their_words(parts: list[str]) -> None:
    joined, spans = join_spans(parts)
    assert joined == join_lines(parts)
    assert len(spans) == len(parts)
    end = 0
    for part, (start, stop) in zip(parts, spans, strict=True):
        assert end <= start <= stop
        piece = part.strip()
        assert joined[start:stop] in (piece, piece.removesuffix("-"))
        end = stop


def test_squeeze() -> None:
    assert squeeze(" a \n\t b　c ") == "a b c"


HIDDEN = [
    chr(c)
    for c in (*range(0xE0000, 0xE0080), 0x200B, 0x200C, 0x200E, 0x202E, 0x2060, 0x2066, 0xFEFF, 0x00AD, 0x1B, 0x07)
]


@given(st.lists(st.sampled_from([*HIDDEN, "甲", "a", "1", " ", "\n"])))
def test_hidden_characters_go_and_visible_ones_stay(chars: list[str]) -> None:
    assert strip_invisible("".join(chars)) == "".join(c for c in chars if c not in HIDDEN)


@pytest.mark.parametrize("text", ["❤️", "👨‍👩‍👧", "می\u200cروم", "क्\u200dष", "⿰木㐄", "葛\U000e0100城", "1️⃣", "a\tb\nc"])
def test_visible_combinations_stay(text: str) -> None:
    assert strip_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\ufe0fb", "ab"),
        ("甲\ufe0f", "甲"),
        ("a\u200db", "ab"),
        ("甲\u200c乙", "甲乙"),
        ("م\u200c", "م"),
        ("\ufe00", ""),
    ],
)
def test_stray_selectors_and_joiners_go(text: str, clean: str) -> None:
    assert strip_invisible(text) == clean


def test_question_terms_leave_out_what_only_asks() -> None:
    assert content_terms("一线城市的住宿标准是多少？", bare=True) == [
        "一线",
        "线城",
        "城市",
        "住宿",
        "宿标",
        "标准",
    ]
    assert content_terms("How many employees were hired in 2025?", bare=True) == ["employ", "hir", "2025"]


def test_terms_fold_width_and_case() -> None:
    assert content_terms("ＹＬＧ－１２ 柜") == content_terms("ylg-12 柜") == ["ylg-12", "柜"]
