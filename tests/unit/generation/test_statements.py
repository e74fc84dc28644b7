"""Streamed text into statements."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from generation.statements import Statement, StatementStream


def stream(deltas: list[str]) -> list[Statement]:
    collected = StatementStream()
    return [s for delta in deltas for s in collected.feed(delta)] + collected.close()


TEXT = "自驾每公里 0.9 元[1]。过路费凭票报销。【2，3】\n高原津贴每天 180 元[1][4]。"


def test_markers_before_and_behind_the_full_stop_belong_to_their_sentence() -> None:
    assert stream([TEXT]) == [
        Statement("自驾每公里 0.9 元。", (1,)),
        Statement("过路费凭票报销。", (2, 3)),
        Statement("高原津贴每天 180 元。", (1, 4), break_before=True),
    ]


@given(st.lists(st.integers(0, len(TEXT)), max_size=10))
def test_the_cut_of_the_stream_makes_no_difference(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(TEXT)]
    assert stream([TEXT[a:b] for a, b in itertools.pairwise(places)]) == stream([TEXT])


def test_a_statement_is_held_until_the_next_begins() -> None:
    collected = StatementStream()
    assert collected.feed("每公里 0.9 元。") == []
    assert collected.feed("[1]") == []
    assert collected.feed("过路") == [Statement("每公里 0.9 元。", (1,))]
    assert collected.close() == [Statement("过路", ())]


def test_text_that_is_only_a_picture_is_no_statement() -> None:
    assert stream(["![x](http://evil.example/a)\n", "<img src=x>\n"]) == []
