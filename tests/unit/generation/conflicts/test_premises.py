"""Questions that take for granted what the evidence denies."""

import pytest

from generation.conflicts.premises import denied_premise, taken_for_granted
from tests.unit.generation.passages import passage

ZH = passage(
    "一线城市住宿标准为每人每天600元，其他城市为400元。\n未休的年假可以结转至次年。\n试用期为3个月。\n"
    "合同保存期限不少于10年。\n工作服每年发放2至4套。\n本办法自2024年3月1日起施行。\n该项目的预算由李慧敏批准，采购合同由王建国签署。",
    "zh",
)
EN = passage(
    "The hotel limit in first-tier cities is 600 yuan per night. Unused leave may be carried over to the next year. "
    "The audit report was signed by Helen Marsh.",
    "en",
    language="en",
    title="Travel Policy",
)


@pytest.mark.parametrize(
    ("question", "kind", "quote"),
    [
        ("为什么一线城市住宿标准是 800 元？", "number", "一线城市住宿标准"),
        ("一线城市住宿标准是800元吗？", "number", "一线城市住宿标准"),
        ("为什么未休的年假不能结转到次年？", "negation", "未休的年假"),
        ("试用期是6个月，对吗？", "number", "试用期"),
        ("为何本办法自2023年3月1日起施行？", "date", "本办法"),
        ("该项目的预算是由郑晓东批准的，对吗？", "name", "该项目的预算"),
        ("Is it true that the audit report was signed by David Lund?", "name", "The audit report"),
        ("Why is the hotel limit in first-tier cities 800 yuan?", "number", "The hotel limit"),
        ("Why may unused leave not be carried over to the next year?", "negation", "Unused leave"),
    ],
)
def test_what_the_evidence_denies_is_found(question: str, kind: str, quote: str) -> None:
    found = denied_premise(question, [ZH, EN])
    assert found is not None
    piece = [ZH, EN][found.source]
    assert found.kind == kind
    assert piece.text[found.start : found.end].startswith(quote)


@pytest.mark.parametrize(
    "question",
    [
        "为什么一线城市住宿标准是每天600元？",
        "一线城市住宿标准是多少？",
        "未休的年假可以结转到次年吗？",
        "未休的年假不能结转到次年吗？",
        "未休的年假是否不得结转到次年？",
        "为什么合同保存12年？",
        "工作服每年发放3套吗？",
        "为什么董事会有7名董事？",
        "为什么其他城市住宿标准是400元？",
        "该项目的预算是由李慧敏批准的，对吗？",
        "采购合同为什么由李总批准？",
        "为什么郑晓东深受同事欢迎？",
        "Is it true that the audit report was signed by Ms Marsh?",
        "Why is the hotel limit in first-tier cities 600 yuan?",
        "Why does the board meet 4 times a year?",
    ],
)
def test_what_it_says_allows_or_does_not_speak_of_is_let_be(question: str) -> None:
    assert denied_premise(question, [ZH, EN]) is None


def test_a_document_that_agrees_with_the_question_is_enough() -> None:
    other = passage("一线城市住宿标准为每人每天800元。", "other")
    assert denied_premise("为什么一线城市住宿标准是800元？", [ZH, other]) is None
    assert denied_premise("为什么一线城市住宿标准是800元？", [ZH, other], {"doc-other"}) is not None


def test_other_questions_take_nothing_for_granted() -> None:
    assert taken_for_granted("800 A 的柜体选哪种母线？") is None
    assert taken_for_granted("为什么标准是800元？") == "标准是800元"
