"""Slips in English words: found by frequencies of the language, never in words that are known or written as names."""

from datetime import date

import pytest

from retrieval.query.understanding import understand
from wenyuan.words.slips import MAX_SLIPS, Slip, find_slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("goverment", "government"),
        ("parliment", "parliament"),
        ("recieved", "received"),
        ("insurrance", "insurance"),
        ("buiding", "building"),
    ],
)
def test_a_slip_is_found(typed: str, meant: str) -> None:
    assert find_slips(f"what is the {typed} of it") == (Slip(typed, meant),)


@pytest.mark.parametrize(
    "text",
    [
        "What is the minimum functional pressure of the tank?",
        "Parliment in a name",
        "goverment2 and x-goverment and goverment's",
        "xqzvwk flurbled",
        "年假怎么算",
        "paln",
        "",
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert find_slips(text) == ()


def test_their_number_is_bounded() -> None:
    text = "goverment parliment recieved insurrance buiding seperate"
    assert len(find_slips(text)) == MAX_SLIPS


def test_a_question_tells_them() -> None:
    assert understand("goverment rules", date(2026, 11, 22)).slips == (Slip("goverment", "government"),)
