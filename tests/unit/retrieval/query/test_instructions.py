"""How to answer is told from what is asked, and kept from the search."""

from datetime import date

import pytest

from retrieval.query.instructions import read_instructions
from retrieval.query.understanding import understand


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Assume that you are an auditor. What is the fee? Round to one decimal.", "What is the fee?"),
        ("What is the notice period? If it is not stated, then say so and explain why.", "What is the notice period?"),
        ("Answer the following question by using the handbook only: how long is probation?", "how long is probation?"),
        ("By relying on the annex, what is the fee (in USD millions)?", "what is the fee?"),
        ("As a tax expert, is the fee deductible? Keep it short.", "is the fee deductible?"),
        ("Compute the fee of branch B and round to two decimal places.", "Compute the fee of branch B."),
        ("试用期多长？请用一句话回答。", "试用期多长？"),
        ("假设你是一名律师，请问违约金是多少？保留两位小数，并写出计算过程。", "请问违约金是多少？"),
        ("违约金是多少？如果合同中没有约定，请直接说明。", "违约金是多少？"),
        ("请你作为财务人员回答：差旅费怎么报？", "差旅费怎么报？"),
        ("差旅费上限是多少，请以万元为单位作答，不要解释", "差旅费上限是多少"),
    ],
)
def test_instructions_are_left_out(text: str, left: str) -> None:
    read = read_instructions(text)
    assert read.text == left
    assert read.instructions


@pytest.mark.parametrize(
    "text",
    [
        "如果没有发票怎么办？",
        "如果员工没有签合同，公司要赔多少？",
        "请说明试用期的规定",
        "保留意见的审计报告是什么意思？",
        "用什么软件打开？",
        "作为股东，我能查账吗？",
        "Give a definition of force majeure.",
        "If the invoice is missing, what must I do?",
        "What does the report say about the answer of the board?",
        "Calculate the severance of an employee with ten years of service.",
        "Explain the leave policy.",
        "Show the number of employees in 2023.",
        "Answer in one sentence.",
        "请用一句话回答",
    ],
)
def test_questions_stay_as_they_are(text: str) -> None:
    read = read_instructions(text)
    assert read.text == text
    assert read.instructions == ()


def test_questions_are_parted_without_how_to_answer() -> None:
    query = understand("年假有几天？发票抬头怎么写？请用一句话回答。", date(2026, 11, 22))
    assert query.parts == ("年假有几天？", "发票抬头怎么写？")
    assert query.instructions == ("请用一句话回答",)
    assert query.text.endswith("请用一句话回答。"), "the answerer is told"


def test_a_long_text_is_not_taken_apart() -> None:
    text = "请用一句话回答。" + "甲方" * 1200
    assert read_instructions(text).text == text
