"""Follow-ups made whole, and several questions in one."""

from collections.abc import Sequence

import pytest

from retrieval.query.condense import condense
from retrieval.query.parts import InTurn, split_questions
from tests.contract.index_kit import mint
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence


@pytest.mark.parametrize(
    ("before", "asked", "whole"),
    [
        (["M12 螺栓拧到多大力矩？"], "M16 的呢？", "M16 螺栓拧到多大力矩"),
        (["婚假有几天？"], "那陪产假呢？", "陪产假有几天"),
        (["病假工资怎么发？"], "那事假最多几天？", "病假工资怎么发 事假最多几天"),
        (["断路器的储能电机多少钱？"], "它的备件编码是什么？", "断路器的储能电机多少钱 它的备件编码是什么"),
        (["带电显示器不亮是什么原因？"], "怎么处理？", "带电显示器不亮是什么原因 怎么处理"),
        (["婚假有几天？", "那产假呢？"], "怎么申请？", "产假有几天 怎么申请"),
        (["出差去一线城市酒店报多少？"], "那其他城市呢？", "出差去其他城市酒店报多少"),
        (["出差去一线城市酒店报多少？"], "二线城市呢", "出差去二线城市酒店报多少"),
        (["第三季度收入下滑了多少？"], "毛利率呢？", "第三季度毛利率下滑了多少"),
        (["2023年营业收入是多少？", "2022年呢？"], "净利润呢？", "2022年净利润是多少"),
        (["收入和成本各是多少？"], "毛利率呢？", "收入和成本各是多少 毛利率"),
        (["Can unused casual leave be carried over?"], "And earned leave?", "Can unused earned leave be carried over"),
        (["What is the fee?"], "And how long does it take?", "What is the fee how long does it take"),
        (["What was revenue in 2019?"], "and in 2018?", "What was revenue in 2018"),
        (["How long are records kept?"], "What about interrupters?", "How long are records kept interrupters"),
        (
            ["What is the warranty of the YLR-12?"],
            "Can it be extended?",
            "What is the warranty of the YLR-12 Can it be extended",
        ),
    ],
)
def test_a_follow_up_is_made_whole(before: Sequence[str], asked: str, whole: str) -> None:
    made = condense(asked, before)
    assert made.text == whole
    assert made.follows


@pytest.mark.parametrize(
    "asked",
    [
        "出差住宿标准是多少？",
        "YLR-12 是什么，它有多重？",
        "哪个国家签署了条约给予它特殊地位？",
        "What is the proprietary system that Sky+HD uses?",
        "What did Luther tell monks about their vows?",
        "什么是留置权？",
        "什么情况下我可以设置留置权呢？",
        "那些没有签收手册的员工怎么办？",
        "",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(asked: str) -> None:
    made = condense(asked, ["婚假有几天？"])
    assert (made.text, made.follows) == (asked, None)


def test_without_an_earlier_question_nothing_is_added() -> None:
    assert condense("那婚假呢？", []).text == "那婚假呢？"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("年假有几天？出差坐飞机怎么报销？", ("年假有几天？", "出差坐飞机怎么报销？")),
        ("年假有几天？婚假有几天？", ("年假有几天？婚假有几天？",)),
        ("年假有几天？", ("年假有几天？",)),
        ("我满十年了。年假有几天？", ("我满十年了。年假有几天？",)),
        ("为什么？怎么办？", ("为什么？怎么办？",)),
        ("???", ("???",)),
    ],
)
def test_questions_are_parted_where_they_ask_for_different_things(text: str, parts: tuple[str, ...]) -> None:
    assert split_questions(text) == parts


class Canned:
    """A retriever that finds what it was told to, and remembers who asked."""

    def __init__(self, found: dict[str, str]) -> None:
        self.found = found
        self.asked: list[tuple[str, str]] = []

    async def retrieve(self, scope: AccessScope, question: str, limit: int) -> list[Evidence]:
        self.asked.append((scope.fingerprint, question))
        return [
            Evidence(name, "doc", "ver", "title", name, "", (), (), (), "zh", None, 1.0)
            for name in self.found[question][:limit]
        ]


async def test_what_the_parts_find_is_taken_in_turn() -> None:
    whole = "年假有几天？出差坐飞机怎么报销？"
    canned = Canned({whole: "axb", "年假有几天？": "abc", "出差坐飞机怎么报销？": "xyz"})
    scope = await mint(1)
    found = await InTurn(canned).retrieve(scope, whole, 5)
    assert "".join(piece.chunk_id for piece in found) == "axbyc"
    assert {seen for seen, _ in canned.asked} == {scope.fingerprint}
    canned.found["年假有几天？"] = "abc"
    assert len(await InTurn(canned).retrieve(scope, "年假有几天？", 2)) == 2
