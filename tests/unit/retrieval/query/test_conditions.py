"""Conditions in a question: what is one, what is text, and what is an error."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.intake.media import SUPPORTED
from retrieval.query.conditions import MAX_CONDITIONS, condition, read_conditions, without_conditions
from wenyuan.words.filters import FORMATS, Condition, FilterField, FilterInvalid, FilterTooMany, FilterUnknown, Period

TODAY = date(2026, 11, 22)


def test_conditions_leave_the_question() -> None:
    text, found = read_conditions('-类型：合同 年假 space:"human  resources" 怎么算 after:去年，', TODAY)
    assert text == "年假 怎么算 ，"
    assert found == (
        Condition(FilterField.TYPE, "contract", negated=True),
        Condition(FilterField.SPACE, "human resources"),
        Condition(FilterField.AFTER, "去年", period=Period(date(2025, 1, 1), date(2026, 1, 1))),
    )


@pytest.mark.parametrize(
    "text",
    [
        "http://host/path 打不开",
        "3:1 的配比",
        "std::map 怎么用",
        "space:",
        "space: hr 年假",
        "type::x",
        "会议时间:9点 在哪",
        '"type:nonsense" 是什么意思',
        "note:this is text",
        "rate:5 means what",
        "localhost:8080",
    ],
)
def test_other_colons_are_text(text: str) -> None:
    assert read_conditions(text, TODAY) == (text, ())


@pytest.mark.parametrize(
    ("text", "meant"), [("spaec:hr x", "space"), ("onwer:li x", "owner"), ("author:li x", "owner"), ("tags:a x", "tag")]
)
def test_a_slip_in_a_key_is_told(text: str, meant: str) -> None:
    with pytest.raises(FilterUnknown) as raised:
        read_conditions(text, TODAY)
    assert raised.value.params["meant"] == meant
    assert meant in raised.value.message("zh")


@pytest.mark.parametrize("text", ["type:nonsense x", "lang:klingon x", "date:soon x", 'tag:"" x', "tag:" + "a" * 201])
def test_a_value_that_a_field_does_not_have_is_told(text: str) -> None:
    with pytest.raises(FilterInvalid):
        read_conditions(text, TODAY)


def test_too_many_are_refused() -> None:
    text = " ".join(f"tag:t{n}" for n in range(MAX_CONDITIONS))
    assert len(read_conditions(text, TODAY)[1]) == MAX_CONDITIONS
    with pytest.raises(FilterTooMany):
        read_conditions(f"{text} tag:more", TODAY)


def test_the_same_condition_counts_once() -> None:
    assert len(read_conditions("lang:zh 语言:中文 年假", TODAY)[1]) == 1


def test_every_media_type_that_is_taken_has_a_name() -> None:
    assert set().union(*FORMATS.values()) == SUPPORTED
    assert sum(map(len, FORMATS.values())) == len(SUPPORTED)
    assert condition(FilterField.TYPE, ".DOCX", today=TODAY).value == "word"


def test_earlier_questions_lose_their_conditions_without_complaint() -> None:
    assert without_conditions("type:nonsense 年假 -space:hr 几天") == "年假 几天"


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        left, found = read_conditions(text, TODAY)
    except (FilterInvalid, FilterUnknown, FilterTooMany):
        return
    assert found or left == text
