"""What of a picture is kept, searched and answered with a question."""

import pytest

from api.answering.asked import SEARCHED, Asked, earlier_question, parted
from retrieval.query.understanding import Query
from wenyuan.answers import Evidence


def passage(text: str) -> Evidence:
    return Evidence("chk", "doc", "ver", "打印机手册", text, "", ("故障代码",), (), (), "zh", None, 0.0)


@pytest.mark.parametrize(
    ("typed", "words"), [("怎么处理？", "卡纸 E4012\n第二行"), ("What is this?", "Paper jam"), ("", "只有图片")]
)
def test_a_question_as_it_is_kept_comes_apart_again(typed: str, words: str) -> None:
    whole = Asked(typed, words).whole
    assert parted(whole) == (typed, words)
    assert earlier_question(whole) == (typed or words)
    assert Asked(typed).whole == typed


def test_what_is_searched_is_one_question_of_bounded_length() -> None:
    searched = Asked("这是什么？", "第一问？第二问！\n" + "长" * 2 * SEARCHED).searched
    assert len(searched) <= SEARCHED
    assert not set("？?!！\n") & set(searched)


@pytest.mark.parametrize(
    ("words", "answered"),
    [
        # Half of a line is known: the line stays; of another its known words, and codes that nobody knows.
        ("送纸辊磨损\nCopyright Acme Corporation 2019", "送纸辊磨损"),
        ("Please call E4012 support desk now today", "E4012"),
        ("Error X9999 unknown words only here", "X9999"),
    ],
)
def test_of_a_screenshot_what_the_passages_know_is_answered(words: str, answered: str) -> None:
    asked = Asked("这是什么意思？", words)
    query = Query(f"这是什么意思？\n{asked.searched}", "zh")
    found = asked.answered(query, [passage("故障代码 E4012 表示送纸辊磨损。")])
    assert found.text == f"这是什么意思？\n{answered}"


def test_where_the_passages_know_nothing_of_it_the_question_stays_whole() -> None:
    asked = Asked("这是什么意思？", "完全无关")
    query = Query(f"这是什么意思？\n{asked.searched}", "zh")
    assert asked.answered(query, [passage("故障代码 E4012 表示送纸辊磨损。")]) == query
    alone = Asked("", "送纸辊磨损怎么办")
    assert alone.answered(Query(alone.searched, "zh"), []) == Query(alone.searched, "zh")
