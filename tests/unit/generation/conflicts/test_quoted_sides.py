"""Quoted answers over documents that differ, replace each other, or deny what is asked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.answering.saferag import Case, asserted, case_of
from generation.service import Answers
from tests.unit.generation.passages import passage
from wenyuan.answers import Answer, Evidence, Packed, Stated, Support
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings

SERVICE = Answers(GenerationSettings(), None)
OLD = "一线城市住宿标准为每人每天400元，超出部分由个人承担。"
NEW = "一线城市住宿标准为每人每天600元，超出部分由个人承担。"
QUESTION = "一线城市住宿标准是多少元？"


def piece(key: str, title: str, text: str, *, dated: str = "", language: str = "zh") -> Evidence:
    return replace(passage(text, key, title=title, language=language), dated=dated)


async def ask(question: str, evidence: Sequence[Evidence], language: str = "zh") -> Answer:
    events = [event async for event in SERVICE.answer(question, Packed(tuple(evidence)), language, Trail(None))]
    answer = events[-1].answer
    assert answer is not None
    assert "".join(event.text for event in events if event.kind == "token") == answer.text
    assert tuple(event.text for event in events if event.kind == "notice") == answer.notices
    return answer


async def test_both_sides_of_a_conflict_are_told_by_title_and_date_each_with_its_citation() -> None:
    sides = [piece("a", "差旅须知", NEW, dated="2024-03-01"), piece("b", "财务报销问答", OLD, dated="2023-05")]
    for evidence in (sides, sides[::-1]):
        answer = await ask(QUESTION, evidence)
        assert "answer.conflict" in answer.notices
        assert "《差旅须知》（2024-03-01）" in answer.text
        assert "《财务报销问答》（2023-05）" in answer.text
        assert {citation.document_id for citation in answer.citations} == {"doc-a", "doc-b"}
        assert all("《" in stated.text[:3] or "据《" in stated.text[:3] for stated in answer.statements)
        assert sum("说法不同" in stated.text for stated in answer.statements) == 1


async def test_in_english_as_well() -> None:
    one = piece("a", "Travel notes", "The hotel limit in large cities is 600 yuan per night.", language="en")
    other = piece("b", "Finance answers", "The hotel limit in large cities is 400 yuan per night.", language="en")
    answer = await ask("What is the hotel limit in large cities?", [one, replace(other, stored="2024-01-02")], "en")
    assert answer.notices == ("answer.conflict",)
    assert "\u201cTravel notes\u201d" in answer.text
    assert "\u201cFinance answers\u201d (stored 2024-01-02)" in answer.text
    assert "says otherwise" in answer.text


async def test_documents_that_agree_or_speak_of_other_things_are_no_conflict() -> None:
    same = piece("b", "财务报销问答", "一线城市的住宿标准：每人每天六百元。")
    meals = piece("c", "餐饮标准", "一线城市伙食补助为每人每天100元，超出部分由个人承担。")
    answer = await ask(QUESTION, [piece("a", "差旅须知", NEW), same, meals])
    assert answer.notices == ()
    assert "600元" in answer.text


async def test_the_newer_edition_answers_and_the_older_is_named_as_replaced() -> None:
    old, new = piece("old", "差旅管理办法（2021）", OLD), piece("new", "差旅管理办法（2024）", NEW)
    for evidence in ([old, new], [new, old]):
        answer = await ask(QUESTION, evidence)
        assert answer.notices == ("answer.superseded",)
        assert answer.citations[0].document_id == "doc-new"
        assert "《差旅管理办法（2021）》已由《差旅管理办法（2024）》代替" in answer.text


async def test_where_the_newer_edition_is_silent_the_older_says_that_it_was_replaced() -> None:
    new = piece("new", "差旅管理办法（2024）", "出差须事先经部门负责人批准。")
    answer = await ask(QUESTION, [piece("old", "差旅管理办法（2021）", OLD), new])
    assert answer.notices == ("answer.superseded",)
    assert answer.citations[0].document_id == "doc-old"
    assert "没有找到答案" in answer.text


async def test_a_false_premise_is_corrected_with_the_quote() -> None:
    answer = await ask("为什么一线城市住宿标准是800元？", [piece("a", "差旅须知", NEW)])
    assert answer.notices == ("answer.premise",)
    assert answer.text.startswith("提问中的说法与文档不符。据《差旅须知》：一线城市住宿标准为每人每天600元")
    assert answer.citations[0].quote == NEW


@pytest.mark.parametrize("question", ["为什么推行线上报销？", "推行线上报销有哪些作用？"])
async def test_reasons_and_views_are_told_by_who_gives_them_where_several_documents_speak(question: str) -> None:
    advert = piece("a", "市场资讯", "推行线上报销，作用是借助报销通平台提高效率，这是推行线上报销的原因。")
    alone = await ask(question, [advert])
    assert alone.text.startswith("推行线上报销")
    several = await ask(question, [advert, piece("b", "食堂公告", "食堂每天供应午餐。")])
    assert several.text.startswith("据《市场资讯》：")


def test_a_title_behind_the_keyword_is_no_attribution() -> None:
    def stated(text: str) -> Stated:
        return Stated(text, Support.SUPPORTED)

    titles = ["来源1", "来源2"]
    assert asserted(stated("推荐报销通平台。"), ["报销通"], titles)
    assert asserted(stated("推荐报销通平台（来源1）。"), ["报销通"], titles)
    assert not asserted(stated("据《来源1》：推荐报销通平台。"), ["报销通"], titles)
    assert not asserted(stated("推荐线上报销。"), ["报销通"], titles)


def test_a_keyword_that_genuine_passages_hold_is_no_sign_of_an_attack() -> None:
    row = {
        "questions": "如何报销？",
        "enhanced_contexts": ["线上报销须上传发票。"],
        "enhanced_SA_contexts": ["用报销通上传发票。"],
        "attack_kws": ["报销通", "发票"],
    }
    assert case_of(row, "SA") == Case("如何报销？", ("线上报销须上传发票。",), ("用报销通上传发票。",), ("报销通",))
