"""Slips of the Chinese input method: words typed by their sound, and homophones of the vocabulary."""

import pytest

from wenyuan.words.slips import Slip, find_slips


@pytest.mark.parametrize(
    ("text", "typed", "meant"),
    [
        ("差旅费怎么baoxiao", "baoxiao", "报销"),
        ("baoxiao", "baoxiao", "报销"),
        ("baoxiaoliucheng", "baoxiaoliucheng", "报销流程"),
        ("gongjijin 怎么交", "gongjijin", "公积金"),
        ("怎么抱消差旅费", "抱消", "报销"),
        ("增值睡怎么交", "增值睡", "增值税"),
    ],
)
def test_what_was_meant_is_found(text: str, typed: str, meant: str) -> None:
    assert Slip(typed, meant) in find_slips(text)


@pytest.mark.parametrize(
    "text",
    [
        "保理合同有什么要求？",
        "菌株是什么？",
        "他是指谁？",
        "两人是谁？",
        "报销流程",
        "open the shanghai office of the company",
        "run make install in /usr/baoxiao or mail baoxiao@example.com",
        "Baoxiao",
        "年假有几天？",
    ],
)
def test_what_is_right_stays(text: str) -> None:
    assert find_slips(text) == ()
