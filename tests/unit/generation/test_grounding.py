"""Support of statements by passages."""

import pytest

from generation.grounding import Grounder
from tests.unit.generation.passages import BUSBAR, SUPPLIER, TRAVEL, all_passages, passage
from wenyuan.answers import Support

PASSAGES = all_passages()
TRAVEL_AT, HOTEL_AT, BUSBAR_AT, SAFETY_AT, SUPPLIER_AT = range(5)


def check(statement: str, cited: int) -> Support:
    return Grounder(None).check(statement, [PASSAGES[cited]], [0]).support


@pytest.mark.parametrize(
    ("statement", "cited"),
    [
        ("自驾出差按每公里 0.9 元报销。", TRAVEL_AT),
        ("自驾出差须事先批准，过路费凭票另行报销。", TRAVEL_AT),
        ("在海拔 4500 米以上工作的，高原津贴为每天180元。", TRAVEL_AT),
        ("在海拔 4,500 米以上地区工作的，每天发放高原津贴 １８０ 元。", TRAVEL_AT),
        ("欧洲的住宿限额为 200 美元。", HOTEL_AT),
        ("额定电流范围为 0.63–1.25 kA 时，主母线规格为 TMY-80×8。", BUSBAR_AT),
        ("未经许可不得操作。", SAFETY_AT),
        ("Change requests must be submitted at least 90 days before the planned change.", SUPPLIER_AT),
        ("Suppliers must not subcontract without written consent.", SUPPLIER_AT),
    ],
)
def test_true_statements_stand(statement: str, cited: int) -> None:
    assert check(statement, cited) is not Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("statement", "cited", "reason"),
    [
        ("自驾出差按每公里 0.8 元报销。", TRAVEL_AT, "number"),
        ("自驾出差按每公里 0.9 美元报销。", TRAVEL_AT, "number"),
        ("在海拔 4500 米以上地区工作的，高原津贴为每天 1800 元。", TRAVEL_AT, "number"),
        ("在海拔 4500 米以下地区工作的，高原津贴为每天 180 元。", TRAVEL_AT, "bound"),
        ("额定电流范围 630–1600 A 时，主母线规格为 TMY-80×8。", BUSBAR_AT, "number"),
        ("额定电流范围 630–1250 A 时，主母线规格为 TMY-90×8。", BUSBAR_AT, "code"),
        ("自驾出差不须事先批准。", TRAVEL_AT, "negation"),
        ("未经许可可以操作，得操作。", SAFETY_AT, "negation"),
        ("Suppliers must subcontract without written consent to us.", SUPPLIER_AT, "negation"),
        ("Change requests shall be submitted at most 90 days before the planned change.", SUPPLIER_AT, "bound"),
        ("董事会同意收购澄江智配的全部股权。", TRAVEL_AT, "coverage"),
        ("自驾出差自 2025年3月1日起按每公里 0.9 元报销。", TRAVEL_AT, "date"),
    ],
)
def test_planted_errors_fall(statement: str, cited: int, reason: str) -> None:
    verdict = Grounder(None).check(statement, [PASSAGES[cited]], [0])
    assert verdict.support is Support.UNSUPPORTED
    assert reason in verdict.reasons


def test_a_statement_without_content_is_unsupported() -> None:
    assert check("以及……", TRAVEL_AT) is Support.UNSUPPORTED
    assert Grounder(None).check("甲乙丙丁", [], []).support is Support.UNSUPPORTED


def test_a_wrong_number_is_put_right_when_another_passage_carries_the_statement() -> None:
    verdict = Grounder(None).check("自驾出差按每公里 0.9 元报销。", PASSAGES, [BUSBAR_AT])
    assert (verdict.support, verdict.source) == (Support.SUPPORTED, TRAVEL_AT)


def test_the_span_is_the_sentence_that_carries_it() -> None:
    verdict = Grounder(None).check("自驾出差按每公里 0.9 元包干报销。", [passage(TRAVEL)], [0])
    assert TRAVEL[verdict.start : verdict.end] == TRAVEL.split("\n", 1)[0]
    row = Grounder(None).check("额定电流范围 1251–1600 A 时，主母线规格为 TMY-100×8。", [passage(BUSBAR)], [0])
    assert BUSBAR[row.start : row.end] == "1251–1600 A | TMY-100×8 | 800 mm"


def test_across_languages_words_prove_nothing_without_a_model() -> None:
    assert (
        Grounder(None).check("变更申请须提前 90 天提交。", [passage(SUPPLIER, language="en")], [0]).support
        is Support.UNSUPPORTED
    )
