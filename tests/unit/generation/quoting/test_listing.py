"""Lists as answers: which list, how far it goes, and rows of a table that are of something else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from generation.extract import Extractor, Quote
from generation.reader.model import Reader, Reading
from generation.scoring import read_question
from generation.units import is_named, units_of
from tests.unit.generation.passages import passage
from wenyuan.answers import Evidence

PLAN = """● Improvement Plan: Staff whose work falls short may be placed on an improvement plan.
An improvement plan sets goals, names what has to improve and tells how the company supports the person.
These belong to it as a rule:
○ A clear description of the shortfall
○ Goals that can be measured
○ A timeline for reaching the goals
Staff will be asked for their views."""

KINDS = """The company offers the following kinds of leave to its staff:
● 5.1 Annual leave
○ Annual leave is earned by length of service and is planned ahead with the manager of the team.
○ Eligibility: All regular staff earn annual leave from the day on which they join the company."""
MORE_KINDS = """○ Annual leave that was not taken may be kept until the end of March of the following year.
● 5.2 Casual leave
○ Casual leave is for short absences that nobody could foresee, such as an urgent visit to an office.
○ Eligibility: All regular staff may take casual leave once their time of probation has ended.
● 5.3 Sick leave
○ Sick leave is for staff who cannot work since they are ill or injured, whatever the reason is.
○ A certificate may be asked for where somebody stays away for more than three days in a row."""

CLAUSES = """1.表演者可以阻止他人未经许可录制其尚未录制的表演。
2.录音制品的制作者享有许可或者禁止复制其录音制品的权利。
3.以上权利的保护期自录音之年年终起算不少于五十年。
4.广播机构有权禁止下列行为：录制、翻录以及转播其广播节目。"""

BATTERY = """钥匙电池
更换电池：
1.准备一枚更换车钥匙用的 CR 2025 电池。操作时使用无绒布。
2.按箭头方向推开电池盒护盖。
3.将新电池正极朝上插入。
有关钥匙的问题：
钥匙电池电量即将耗尽：检查钥匙电池，必要时更换车钥匙电池。"""

LEAVE_TABLE = """The table sums up what staff are entitled to:
Leave | Who | Days | Carried over
Earned leave | All regular staff | 18 days per leave year | Up to 30 days
Casual leave | All regular staff | 12 days per leave year | None
Sick leave | All regular staff | 10 days per leave year | Up to 20 days"""


def quotes(question: str, *evidence: Evidence) -> tuple[Quote, ...]:
    return Extractor(None).extract(question, evidence).quotes


def english(text: str, key: str = "c1", first: int = 0) -> Evidence:
    made = passage(text, key, language="en", title="Employee handbook")
    ranges = tuple(replace(one, ordinal=one.ordinal + first) for one in made.ranges)
    return replace(made, document_id="doc", version_id="version", ranges=ranges)


def test_the_list_that_stands_behind_what_answers_is_quoted_whole() -> None:
    (quote,) = quotes("What should an improvement plan include?", english(PLAN))
    assert quote.shown.endswith("○ A timeline for reaching the goals")
    assert "These belong to it as a rule:" in quote.shown


def test_a_long_nested_list_is_told_by_its_own_level_over_its_passages() -> None:
    evidence = [english(KINDS), english(MORE_KINDS, "c2", first=4)]
    found = quotes("Which kinds of leave does the company offer?", *evidence)
    told = "\n".join(quote.shown for quote in found)
    assert all(name in told for name in ("5.1 Annual leave", "5.2 Casual leave", "5.3 Sick leave"))
    assert "Eligibility" not in told
    assert {quote.source for quote in found} == {0, 1}


@pytest.mark.parametrize("away", [{"version_id": "another"}, {"ranges": ()}])
def test_what_is_no_continuation_is_not_taken_for_one(away: dict[str, object]) -> None:
    other = replace(english(MORE_KINDS, "c2", first=4), **away)  # type: ignore[arg-type]
    found = quotes("Which kinds of leave does the company offer?", english(KINDS), other)
    assert all(quote.source == 0 for quote in found)


def test_a_clause_that_says_itself_what_is_asked_comes_without_the_others() -> None:
    (quote,) = quotes("广播机构有权禁止哪些行为？", passage(CLAUSES))
    assert "4.广播机构" in quote.shown
    assert "1.表演者" not in quote.shown


def test_steps_come_whole_though_another_sentence_has_more_of_the_words() -> None:
    (quote,) = quotes("怎么更换车钥匙电池？", passage(BATTERY, title="车钥匙使用说明"))
    assert quote.shown.startswith("更换电池：")
    assert "1.准备一枚更换车钥匙用的 CR 2025 电池。操作时使用无绒布。" in quote.shown
    assert quote.shown.endswith("3.将新电池正极朝上插入。")


def test_a_row_that_the_question_names_comes_without_its_neighbours_and_with_its_caption_once() -> None:
    (quote,) = quotes("How many days of casual leave are there?", english(LEAVE_TABLE))
    assert "12 days" in quote.shown
    assert "18 days" not in quote.shown
    assert "10 days" not in quote.shown
    assert quote.shown.count("The table sums up") == 1


def test_the_caption_of_several_rows_stands_there_once() -> None:
    (quote,) = quotes("What are the days of leave of regular staff per leave year?", english(LEAVE_TABLE))
    assert quote.shown.count("days per leave year") > 1
    assert quote.shown.count("The table sums up") == 1


@pytest.mark.parametrize(
    ("question", "row", "named"),
    [
        ("断路器的储能电机单价多少钱？", "SP-1003 | 储能电机 | YLV-12 | 960", True),
        ("重点院校的应届硕士起薪多少？", "租房补贴 | 应届毕业生 | 每月 1200 元", False),
        ("Who has to approve international travel?", "International Travel | Department Head | 21 days", True),
        ("Who approves travels?", "Travel | Manager | 7 days", False),
        ("2020年营业收入增长了多少？", "2020年 | 40.39", False),
    ],
)
def test_a_row_is_named_by_a_cell_that_stands_in_the_question(question: str, row: str, *, named: bool) -> None:
    table = passage(f"项目 | 说明 | 其他 | 数值\n{row}\n合计 | 无 | 无 | 无")
    assert is_named(units_of(0, table)[0], question) is named


ASSETS = """The policy covers the following categories of assets:
● Assets of hardware:
○ Computers and mobile devices
○ Printers
● Assets of software:
○ Operating systems
○ Licenses"""


def test_of_a_list_in_a_list_the_level_that_is_asked_for_is_told() -> None:
    told = "\n".join(quote.shown for quote in quotes("Which categories of assets are covered?", english(ASSETS)))
    assert told.startswith("The policy covers")
    assert "Assets of hardware" in told
    assert "Assets of software" in told


def test_a_nested_list_ends_where_the_next_of_its_level_begins() -> None:
    told = "\n".join(quote.shown for quote in quotes("What do assets of hardware include?", english(ASSETS)))
    assert "Printers" in told


class Unread:
    """A reader that is there and reads nothing, as of a passage that is all rows."""

    def read(self, _question: str, passages: Sequence[str]) -> list[Reading | None]:
        return [None for _ in passages]


@pytest.mark.parametrize(
    ("question", "without_reader"),
    [
        ("How many days of casual leave do regular staff get?", True),
        ("How many days of unpaid leave do regular staff get?", False),
        ("How many hours of casual leave do regular staff get?", False),
    ],
)
def test_the_row_of_what_is_named_is_judged_without_the_reader(question: str, *, without_reader: bool) -> None:
    with_reader, alone = Extractor(None, reader=cast("Reader", Unread())), Extractor(None)
    read, evidence = read_question(question), [english(LEAVE_TABLE)]
    pool = with_reader.pools(read, evidence)[False]
    assert (with_reader.gate(read, pool, cross=False) == alone.gate(read, pool, cross=False)) is without_reader
