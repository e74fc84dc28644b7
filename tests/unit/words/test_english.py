"""Words of alphabetic scripts."""

import concurrent.futures

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.words.english import readings, root, without_clitics
from wenyuan.words.terms import terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the company's policy", "the company policy"),
        ("the company’s policy", "the company policy"),
        ("they don't and can’t", "they do not and ca not"),
        ("we've, they're, i'll", "we, they, i"),
        ("o'clock and rock'n'roll", "o'clock and rock'n'roll"),
    ],
)
def test_clitics(text: str, expected: str) -> None:
    assert without_clitics(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e-mail", "email"),
        ("PowerPoint", "power point"),
        ("PowerPoint", "powerpoint"),
        ("COVID-19", "Covid19"),
        ("KYN28A", "KYN 28"),
        ("R&D", "r & d"),
        ("10-K", "10-k"),
        ("the firm’s", "firm"),
    ],
)
def test_ways_of_joining_share_a_term_that_is_not_a_single_letter(one: str, other: str) -> None:
    assert any(len(term) > 2 for term in set(terms(one)) & set(terms(other)))


def test_inflections_share_a_root() -> None:
    assert root("investing") == root("invested") == root("invests") == "invest"
    assert root("年假") is None
    assert root("kyn28a") is None
    assert root("tax") is None


def test_roots_are_the_same_from_many_threads() -> None:
    words = [
        f"{stem}{ending}" for stem in ("invest", "walk", "employ", "report") for ending in ("ing", "ed", "s")
    ] * 200
    expected = [root.__wrapped__(word) for word in words]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(root.__wrapped__, words)) == expected


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    lowered = text.lower()
    once = without_clitics(lowered)
    assert len(once) <= len(lowered) + once.count(" not")
    assert all(readings(text, lowered))
