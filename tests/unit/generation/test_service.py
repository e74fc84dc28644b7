"""The stream of an extractive answer."""

import re

import pytest

from generation.prompts import refusal_text
from generation.service import Answers
from tests.unit.generation.passages import all_passages
from wenyuan.answers import Answerer, AnswerEvent, Packed, Support
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings

SERVICE = Answers(GenerationSettings(), None)


async def events_of(question: str, language: str = "zh") -> list[AnswerEvent]:
    return [event async for event in SERVICE.answer(question, Packed(tuple(all_passages())), language, Trail(None))]


async def test_each_citation_comes_before_the_text_that_uses_it() -> None:
    events = await events_of("自驾出差每公里报销多少？")
    kinds = [e.kind for e in events]
    assert kinds[:3] == ["meta", "citation", "token"]
    assert kinds[-1] == "done"
    assert (events[0].text, events[0].answerer) == ("zh", Answerer.EXTRACTIVE)
    seen: set[int] = set()
    for event in events:
        if event.citation:
            seen.add(event.citation.marker)
        assert {int(n) for n in re.findall(r"\[(\d+)\]", event.text)} <= seen
    answer = events[-1].answer
    assert answer is not None
    assert not answer.refused
    assert "".join(e.text for e in events if e.kind == "token") == answer.text
    assert tuple(e.citation for e in events if e.citation) == answer.citations


async def test_the_citation_has_page_boxes_and_the_verbatim_quote() -> None:
    answer = (await events_of("自驾出差每公里报销多少？"))[-1].answer
    assert answer is not None
    first = answer.citations[0]
    assert (first.document_id, first.page, first.support) == ("doc-travel", 2, Support.SUPPORTED)
    assert "每公里 0.9 元" in first.quote
    assert first.boxes[0].page == 2
    assert answer.text.startswith(first.quote + "[1]")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_refusal_has_no_citation_and_one_sentence_in_the_askers_language(language: str) -> None:
    events = await events_of("公司的股票代码是多少？", language)
    assert [e.kind for e in events] == ["meta", "token", "done"]
    answer = events[-1].answer
    assert answer is not None
    assert answer.refused
    assert answer.citations == ()
    assert answer.text == refusal_text(language)
    assert answer.language == language


async def test_the_same_question_gets_the_same_answer() -> None:
    first, second = [await events_of("额定电流 1000 A 的主母线规格是什么？") for _ in range(2)]
    assert first == second
