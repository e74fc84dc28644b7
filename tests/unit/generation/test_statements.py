"""Streamed text into statements."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.markers import inert
from generation.statements import Statement, StatementStream


def stream(deltas: list[str]) -> list[Statement]:
    collected = StatementStream()
    return [s for delta in deltas for s in collected.feed(delta)] + collected.close()


def texts(written: str) -> list[str]:
    return [statement.text for statement in stream([written])]


TEXT = "自驾每公里 0.9 元[1]。过路费凭票报销。【2，3】\n高原津贴每天 180 元[1][4]。"
#: Parts of answers that are easily cut wrongly.
PARTS = (
    "自驾每公里 0.9 元[1]。",
    "他说：“不行。回去吧。”然后走了。",
    "见第 3.2 条；另见附录。[2]\n",
    "- 第一项\n- 第二项[3]\n",
    "1. 断开断路器。\n2. 验电。\n",
    "| 地区 | 限额 |\n| --- | --- |\n| 欧洲。北美 | 200 |\n",
    "See Fig. 3 of Dr. Smith et al. [1] ",
    "The U.S. limit is 3.5 kV. ",
    "Ask (e.g. by mail. Or not) first. ",
    "看 https://example.com/a.b?c=d 这里。",
    "```\nx = 1. y = 2。z\n```\n",
    "\n\n",
    "版本 2.0.1 已发布！",
    "「未经许可。」",
    "It costs $1,200.50! Really? ",
)


def test_markers_before_and_behind_the_full_stop_belong_to_their_sentence() -> None:
    assert stream([TEXT]) == [
        Statement("自驾每公里 0.9 元。", (1,)),
        Statement("过路费凭票报销。", (2, 3)),
        Statement("高原津贴每天 180 元。", (1, 4), break_before=True),
    ]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=6), st.lists(st.integers(0, 400), max_size=12))
def test_the_cut_of_the_stream_makes_no_difference(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    assert stream([text[a:b] for a, b in itertools.pairwise(places)]) == stream([text])


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=8))
def test_no_word_is_lost_or_said_twice(parts: list[str]) -> None:
    text = "".join(parts)
    assert "".join("".join(texts(text)).split()) == "".join(inert(text).split())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("他说：“不行。回去吧。”，随后离开。第二句。", ["他说：“不行。回去吧。”，随后离开。", "第二句。"]),
        ("Dr. Smith paid $3.50. He left.", ["Dr. Smith paid $3.50.", "He left."]),
        (
            "限额如下：\n| 地区 | 限额 |\n| 欧洲 | 200。 |\n完。",
            ["限额如下：", "| 地区 | 限额 |", "| 欧洲 | 200。 |", "完。"],
        ),
        ("如下：\n```\na. b. C\n```\n完。", ["如下：", "```\na. b. C\n```", "完。"]),
        ("- 甲。\n- 乙。", ["- 甲。", "- 乙。"]),
    ],
)
def test_what_belongs_together_is_one_statement(written: str, said: list[str]) -> None:
    assert texts(written) == said
    assert [s.text for s in stream(list(written))] == said


def test_a_statement_is_held_until_the_next_begins() -> None:
    collected = StatementStream()
    assert collected.feed("每公里 0.9 元。") == []
    assert collected.feed("[1]") == []
    assert collected.feed("过路") == [Statement("每公里 0.9 元。", (1,))]
    assert collected.close() == [Statement("过路", ())]


def test_a_bracket_that_is_never_closed_holds_nothing_back_for_long() -> None:
    collected = StatementStream()
    assert collected.feed("（见附录。") == []
    assert collected.feed("下一句说明了这一点。" * 20) != []


def test_text_that_is_only_a_picture_is_no_statement() -> None:
    assert stream(["![x](http://evil.example/a)\n", "<img src=x>\n"]) == []
