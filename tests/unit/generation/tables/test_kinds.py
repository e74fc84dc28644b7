"""Cells of another kind than what is asked for are not answered with, and what goes without saying is understood."""

import pytest

from generation.tables.deciding import decide, executed, outcome
from generation.tables.plans.plan import Plan
from generation.tables.reading.asking import Op
from generation.tables.reading.lexicon import in_words_of
from generation.tables.reading.relation import Relation
from tests.unit.generation.tables.tables import number, relation

TORN = relation(" | 2018 | 2017", "Operating income | $ 1,720 (16.7)% | $ 2,066 47.2 %", "Other | $ 1 | $ 2")
SHARES = relation(" | 2015 | 2014", "Basic shares, earnings | $ 1.28 | $ 1.10", "Diluted | $ 1.25 | $ 1.08")
BONDS = relation(
    "Bond | Carrying value", "30-year bond | 551", "20-year bond | 226", titles=("Effective interest rates",)
)
BENEFITS = relation(
    " | 2022 | 2021", "Tax settlements | (18) | (4)", "Other | 1 | 2", titles=("Unrecognized tax benefits",)
)
OWN = relation("项目 | 2019年12月31日 | 2018年12月31日", "库存股 | 140 | 420", "股本 | 800 | 800")
GRANTS = relation("项目 | 期初余额 | 本期增加 | 期末余额", "政府补助 | 100 | 50 | 150", "其他 | 1 | 2 | 3")
TAXES = relation("项目 | 本期发生额 | 上期发生额", "递延所得税费用 | 9 | 13", "当期所得税费用 | 44 | 14")
AGES = relation("名称 | 应收账款 | 计提比例（%）", "1年以内 | 500 | 5", "1至2年 | 10 | 7")
VOLUMES = relation("Commodity | Old volume | New volume", "Aluminum | 16,080 tons | 17,040", "Resin | 1,800 tons | 2")


@pytest.mark.parametrize(
    ("question", "table"),
    [
        ("What was operating income in 2018?", TORN),
        ("How many basic shares were there in 2015?", SHARES),
        ("What interest rate does the 30-year bond carry?", BONDS),
        ("How large were unrecognized tax benefits in 2022?", BENEFITS),
        ("2019年年初的库存股是多少？", OWN),
    ],
)
def test_a_cell_of_another_kind_is_no_answer(question: str, table: Relation) -> None:
    assert decide(question, [table]) is None


@pytest.mark.parametrize(
    ("question", "table", "value"),
    [
        ("政府补助有多少？", GRANTS, 150),
        ("政府补助期初有多少？", GRANTS, 100),
        ("递延所得税费用是多少？", TAXES, 9),
        ("递延所得税费用上期是多少？", TAXES, 13),
        ("1年以内应收账款的计提比例是多少？", AGES, 5),
        ("一年以内的应收账款是多少？", AGES, 500),
        ("What is the old volume of aluminum?", VOLUMES, 16080),
        ("2018年年末的库存股是多少？", OWN, 420),
    ],
)
def test_what_goes_without_saying(question: str, table: Relation, value: float) -> None:
    assert number(question, table) == value


def test_a_held_balance_is_no_flow_of_a_span_of_time() -> None:
    assert number("递延所得税费用还有多少余额？", TAXES) is None


def test_a_reckoned_number_is_the_same_as_one_that_stands_there() -> None:
    table = relation(" | 2021", "Options | 91", "Forwards | 7", "Total | 98")
    told = executed(Plan(Op.LOOKUP, cells=((3, 1),)), table)
    reckoned = executed(Plan(Op.SUM, cells=((1, 1), (2, 1))), table)
    assert told is not None
    assert reckoned is not None
    assert outcome(told) == outcome(reckoned)


def test_a_name_that_holds_a_word_of_the_lexicon_stays() -> None:
    table = relation(" | 2021", "Revenue | 100", "Other | 7")
    question = "How much went to sales and marketing in 2021?"
    assert in_words_of(table, question) == question
    assert in_words_of(table, "How large were sales in 2021?") != "How large were sales in 2021?"
