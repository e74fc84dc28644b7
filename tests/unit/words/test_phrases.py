"""Phrases as sequences of units."""

from hypothesis import given
from hypothesis import strategies as st

from wenyuan.words.phrases import head, heads, places, units


def test_units_are_characters_and_stemmed_words() -> None:
    assert units("環網櫃 Ring-Main  UNITS（RMU）") == ("环", "网", "柜", "ring", "main", "unit", "rmu")
    assert units("……") == ()


def test_a_phrase_is_found_however_it_is_spaced_and_cased() -> None:
    asked = units("What does a ring main unit cost, 环网柜的价格？")
    assert list(places(units("Ring-main units"), asked)) == [(3, 6)]
    assert list(places(units("環 網 櫃"), asked)) == [(7, 10)]


def test_a_word_is_no_part_of_a_longer_one() -> None:
    assert list(places(units("arm"), units("the alarm"))) == []
    assert list(places((), units("anything"))) == []


@given(st.text(max_size=60), st.text(min_size=1, max_size=20), st.text(max_size=60))
def test_a_phrase_that_stands_in_a_text_is_found_by_its_head(before: str, phrase: str, behind: str) -> None:
    sought, sequence = units(phrase), units(f"{before} \n {phrase} \n {behind}")
    found = list(places(sought, sequence))
    assert bool(found) == bool(sought) or not units(f"{before} {phrase}")
    if sought and len(sought) > 1:
        assert head(sought) in set(heads(sequence))
