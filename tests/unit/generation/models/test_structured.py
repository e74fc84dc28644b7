"""Model text as JSON or as text: the same statements however it is cut, and damaged JSON is read as text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.llm.structured import AnswerStream
from generation.llm.thoughts import Thoughts
from generation.llm.ways import Shaped, Way, Ways
from generation.prompts import NO_ANSWER, Message
from generation.statements import Statement
from wenyuan.chat.settings import ChatEndpoint

ITEMS = [
    {"statement": "自驾出差按每公里 0.9 元包干报销。过路费凭票另行报销。", "sources": [1, 3]},
    {"statement": 'He said "no" {twice} [2].', "sources": []},
]
READ = [
    Statement("自驾出差按每公里 0.9 元包干报销。", (1, 3)),
    Statement("过路费凭票另行报销。", (1, 3)),
    Statement('He said "no" {twice} .', (2,)),
]


def read(text: str, cuts: list[int]) -> list[Statement]:
    stream, found, last = AnswerStream(), [], 0
    for cut in sorted({cut % (len(text) + 1) for cut in cuts} | {len(text)}):
        found += stream.feed(text[last:cut])
        last = cut
    return [*found, *stream.close()]


@pytest.mark.parametrize(
    "form", ['{{"statements": {}}}', "{}", '```json\n{{"statements": {}}}\n```', '\n {{"a": 1, "b": {}}}']
)
@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 400), max_size=30))
def test_items_are_read_however_they_are_cut(form: str, cuts: list[int]) -> None:
    for ascii_only in (True, False):
        text = form.format(json.dumps(ITEMS, ensure_ascii=ascii_only))
        assert [(one.text, one.numbers) for one in read(text, cuts)] == [(one.text, one.numbers) for one in READ]


def test_a_statement_is_handed_out_when_its_brace_closes() -> None:
    stream = AnswerStream()
    assert stream.feed('{"statements": [{"statement": "甲。", "sources": [1]') == []
    assert stream.feed("}") == [Statement("甲。", (1,))]


@pytest.mark.parametrize("text", ['{"statements": []}', "{}", "[]", '```json\n{"statements": []}\n```'])
def test_no_statements_are_a_refusal(text: str) -> None:
    assert read(text, [2]) == [Statement(NO_ANSWER, ())]


@pytest.mark.parametrize(
    "text", ["年假为 5 天[1]。", "[1] 年假为 5 天。", '{"statements": "年假为 5 天。', "{年假为 5 天。}", "`"]
)
@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 40), max_size=10))
def test_what_is_no_json_is_read_as_text(text: str, cuts: list[int]) -> None:
    found = read(text, cuts)
    assert found == read(text, [])
    assert NO_ANSWER not in str(found)
    if "年假" in text:
        assert "年假为 5 天" in "".join(one.text for one in found)


@pytest.mark.parametrize("sources", [None, "1", [True], ["1"], [[1]], {"1": 1}])
def test_sources_that_are_none_name_nothing(sources: object) -> None:
    assert read(json.dumps([{"statement": "甲乙。", "sources": sources}]), []) == [Statement("甲乙。", ())]


@settings(max_examples=80, deadline=None)
@given(cuts=st.lists(st.integers(0, 60), max_size=20), inside=st.text("abc<>/think ", max_size=20))
def test_thoughts_are_dropped_however_they_are_cut(cuts: list[int], inside: str) -> None:
    inside = inside.replace("</think>", "")
    thinking = {f" <think>{inside}</think>\n答。": "\n答。", "<think>未完": ""}
    for text, kept in {**thinking, **{same: same for same in ("<thin 答。", "答<think>甲", "<thi")}}.items():
        thoughts, said, last = Thoughts(), "", 0
        for cut in sorted({cut % (len(text) + 1) for cut in cuts} | {len(text)}):
            said += thoughts.feed(text[last:cut])
            last = cut
        assert said + thoughts.close() == kept


def test_ways_are_given_up_only_where_a_lesser_one_worked() -> None:
    ways = Ways(ChatEndpoint("m", "http://x", "m"))
    every = ways.open(shaped=True)
    assert every == (Way(True, True), Way(True, False), Way(False, True), Way(False, False))
    assert ways.open(shaped=False) == every[2:]
    ways.learn(every[:2], every[2])
    assert ways.open(shaped=True) == every[2:]
    forced = Ways(ChatEndpoint("m", "http://x", "m", output="json", seed=None))
    assert forced.open(shaped=True) == (Way(True, False),)
    assert Ways(ChatEndpoint("m", "http://x", "m", output="text")).open(shaped=True) == every[2:]


def test_the_schema_stands_where_the_protocol_has_it() -> None:
    sent = Shaped([Message("user", "?")], {"type": "object"}).response_format
    assert (sent["type"], sent["json_schema"]["schema"]) == ("json_schema", {"type": "object"})
