"""What two spans of evidence say differently of one thing."""

import pytest

from generation.conflicts import Disagreement, disagree


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("QX-200的质保期为24个月。", "QX-200产品质保期为12个月。", "number"),
        ("新标准自2021年3月1日起施行。", "新标准自2022年3月1日起施行。", "date"),
        ("张伟担任北辰电气总经理。", "李敏担任北辰电气总经理。", "name"),
        ("未休的年假可以结转到次年。", "未休的年假不得结转到次年。", "negation"),
        ("The warranty of QX-200 lasts 24 months.", "The warranty of QX-200 lasts twelve months.", "number"),
        ("Subcontracting is allowed without consent.", "Subcontracting is not allowed without consent.", "negation"),
        (
            "通过扩大试点范围，全市社区食堂有效拓宽了服务渠道，惠及更多老人。",
            "通过扩大试点范围，全市社区食堂适当缩窄了服务渠道，惠及更多老人。",
            "wording",
        ),
        (
            "展会在园区3号馆举行，吸引了大量来自各地的观众参观体验。",
            "展会在园区四号馆举行，吸引了大量来自各地的观众参观体验。",
            "number",
        ),
    ],
)
def test_spans_about_one_thing_that_differ_disagree(one: str, other: str, kind: str) -> None:
    found = disagree(one, other)
    assert isinstance(found, Disagreement)
    assert found.kind == kind
    turned = disagree(other, one)
    assert turned is not None
    assert turned.kind == kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("QX-200的质保期为24个月。", "QX-200的质保期为2年。"),
        ("QX-200的质保期为24个月。", "云岭铜业2021年营业收入为3亿元。"),
        ("QX-200的质保期为24个月。", "The warranty of QX-200 lasts twelve months."),
        ("未休的年假不得结转到次年。", "年假未休的，不能结转到次年。"),
        ("云岭铜业2021年实现营业收入3亿元，同比增长5%。", "云岭铜业2022年实现营业收入4亿元，同比增长9%。"),
        ("北辰电气注册资本为5000万元，总部设在成都。", "云岭铜业注册资本为8000万元，总部设在成都。"),
        (
            "本公司员工每年享有带薪年休假十天，当年未休完的可以结转至次年三月底前使用。",
            "本公司员工每年享有带薪年休假10天，当年未休完的可以结转至次年3月底前使用。",
        ),
    ],
)
def test_spans_that_say_the_same_or_of_other_things_do_not_disagree(one: str, other: str) -> None:
    assert disagree(one, other) is None


def test_a_sentence_written_twice_is_told_from_two_sentences_on_one_thing() -> None:
    twin = disagree(
        "自2014年至2024年，全省通过考评拨付奖补资金2.8亿元，有效激励了各地积极性。",
        "自2014年至2024年，全省通过考评拨付奖补资金3.3亿元，有效激励了各地积极性。",
    )
    assert twin is not None
    assert (twin.kind, twin.one, twin.other, twin.rewritten) == ("number", "2.8亿元", "3.3亿元", True)
    loose = disagree("QX-200的质保期为24个月。", "QX-200产品质保期为12个月。")
    assert loose is not None
    assert not loose.rewritten
