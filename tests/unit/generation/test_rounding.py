"""Amounts that a statement rounds, counts or reckons, and what is only in doubt."""

from itertools import chain, combinations

import pytest

from benchmarks.answering.facts.written import SETS, written_cases
from generation.grounding import Grounder
from tests.unit.generation.passages import passage
from wenyuan.answers import Support
from wenyuan.words.written.spelled import in_figures

GROWTH = "截至六月底，应收账款较年初增加1,860万元，逾期款项占18.6%，其中三家客户欠款900万元，其余客户欠款960万元。"
SALE = "Silverline paid $540 million for the unit, of which $400 million was in cash; 9% of the price is held back."


@pytest.mark.parametrize(
    ("statement", "text", "support"),
    [
        ("应收账款较年初增加约1,900万元。", GROWTH, Support.SUPPORTED),
        ("应收账款较年初增加近1,900万元。", GROWTH, Support.SUPPORTED),
        ("应收账款较年初增加1,900万元。", GROWTH, Support.UNSUPPORTED),
        ("应收账款较年初增加约2,900万元。", GROWTH, Support.UNSUPPORTED),
        ("逾期款项占接近19%。", GROWTH, Support.SUPPORTED),
        ("Almost a tenth of the price is held back.", SALE, Support.SUPPORTED),
        ("Silverline paid $140 million of the price for the unit in shares.", SALE, Support.PARTIAL),
    ],
)
def test_a_rounded_amount_stands_where_it_says_so(statement: str, text: str, support: Support) -> None:
    language = "en" if text is SALE else "zh"
    assert Grounder(None).check(statement, [passage(text, language=language)], [0]).support is support


@pytest.mark.parametrize(
    ("written", "figures"),
    [
        ("合同总价千分之一的违约金", "合同总价0.1%的违约金"),
        ("先付三成预付款", "先付30%预付款"),
        ("隔开半厘米以上", "隔开0.5厘米以上"),
        ("起码配两具", "起码配2具"),
        ("由张三批准", "由张三批准"),
        ("三家里", "三家里"),
        ("Two in five of the customers", "40% of the customers"),
        ("a dividend of 22 cents", "a dividend of 0.22"),
        ("three in the morning", "3 in the morning"),
        ("闲置一年零两个月", "闲置14个月"),
        ("2023年3个月", "2023年3个月"),
    ],
)
def test_shares_halves_and_few_things_become_figures(written: str, figures: str) -> None:
    assert in_figures(written) == figures


def test_a_denial_of_what_the_passage_does_not_name_is_in_doubt() -> None:
    verdict = Grounder(None).check(
        "二号产线的立项没有马上推进。", [passage("新建二号产线的立项暂缓，待第三季度再议。")], [0]
    )
    assert (verdict.support, verdict.reasons) == (Support.PARTIAL, ("negation",))


@pytest.mark.parametrize(("language", "pairs"), [("zh", 115), ("en", 65)])
def test_written_statements_have_a_false_twin_each(language: str, pairs: int) -> None:
    true, false = ([written_cases(name, language, false=false) for name in SETS] for false in (False, True))
    every = list(zip(chain(*true), chain(*false), strict=True))
    assert len(every) == pairs
    assert all(a.statement != b.statement and a.passages == b.passages for a, b in every)
    assert {b.change for _, b in every} == {"number", "date", "unit", "name", "negation", "role", "range"}
    passages = [{p for c in cases for p in c.passages} for cases in true]
    assert all(not one & other for one, other in combinations(passages, 2))
