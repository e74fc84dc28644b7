"""Markers in streamed text, and inert text."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.markers import Marker, MarkerParser, Piece, inert

WILD = st.text(alphabet="a员。 []【】［］()（）<>!:/\"'123１２,，-†^#=&;\n\u200b\U000e0041hjs来源", max_size=60)


def parse(deltas: list[str]) -> list[Piece]:
    parser = MarkerParser()
    pieces = [piece for delta in deltas for piece in parser.feed(delta)] + parser.close()
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


@given(WILD, st.lists(st.integers(0, 60), max_size=8))
def test_cutting_the_stream_makes_no_difference(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    assert parse([text[a:b] for a, b in itertools.pairwise(places)]) == parse([text])


@given(WILD)
def test_text_outside_markers_is_kept(text: str) -> None:
    kept = "".join(piece for piece in parse(list(text)) if isinstance(piece, str))
    position = 0
    for char in kept:
        position = text.index(char, position) + 1


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("[1]", (1,)),
        ("【1】", (1,)),
        ("［１］", (1,)),
        ("[1,2]", (1, 2)),
        ("[1, 3]", (1, 3)),
        ("【1、2】", (1, 2)),
        ("[2-4]", (2, 3, 4)),
        ("[^1]", (1,)),
        ("[来源 2]", (2,)),
        ("[Source: 3]", (3,)),
        ("【4†travel.pdf】", (4,)),
    ],
)
def test_markers_in_every_shape(written: str, numbers: tuple[int, ...]) -> None:
    assert parse(list(f"甲{written}。")) == ["甲", Marker(numbers), "。"]


@pytest.mark.parametrize("text", ["[a]", "[1", "国发〔2025〕15号", "[2025]", "a[]b", "f[x]"])
def test_other_brackets_stay(text: str) -> None:
    assert parse(list(text)) == [text]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("见![x](https://evil.example/?q=1)图", "见图"),
        ("点[这里](https://evil.example/a(b)c)。", "点这里。"),
        ("点[这里][r]。\n[r]: https://evil.example", "点这里。\n"),
        ("<img src=x onerror=alert(1)>甲", "甲"),
        ("<script>alert(1)</script>甲", "甲"),
        ("<scr<b>ipt>甲", ""),
        ("甲<img src=//evil.example/", "甲＜img src=evil.example/"),
        ("访问 https://evil.example/a 或 www.evil.example", "访问 evil.example/a 或 evil.example"),
        ("<https://evil.example>", ""),
        ("javascript:alert(1)", "alert(1)"),
        ("甲[<b></b>7]乙", "甲乙"),
        ("甲[\u200b7]乙", "甲乙"),
        ("甲[[1]2]乙", "甲乙"),
        ("甲\x1b[31m乙", "甲[31m乙"),
        ("温度 < 40 ℃，x > 3", "温度 < 40 ℃，x > 3"),
    ],
)
def test_inert(hostile: str, shown: str) -> None:
    assert inert(hostile) == shown


ACTIVE = re.compile(
    r"\]\s?[(\[:]|!\[|<[A-Za-z/!?]|https?:/|www\.|javascript:"
    r"|[\[【［]\s?\d{1,3}\s?[\]】］]|[\x00-\x08\x1b\u200b\U000e0000-\U000e007f]"
)
PARTS = st.sampled_from(
    ["![", "[", "]", "](", ")", "(", "http://", "https://", "www.", "<", "</", ">", "img", "1", "[1]", "【", "】",
     "]:", "x", "\n", "javascript:", "<b>", "<!--", "-->", "\u200b", "\U000e0041", "\x1b", "[^", "data:", " ",
     "．", "甲"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=24).map("".join))
def test_nothing_active_survives(text: str) -> None:
    assert not ACTIVE.search(inert(text))
