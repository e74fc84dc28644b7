"""Numbers in words, and names."""

import pytest

from wenyuan.words.terms import normalise
from wenyuan.words.written.names import names
from wenyuan.words.written.spelled import chinese_integer, in_figures


@pytest.mark.parametrize(
    ("written", "figures"),
    [
        ("一万二千元", "12000元"),
        ("三十五万六千零四人", "356004人"),
        ("二〇二四年", "2024年"),
        ("四分之一", "25%"),
        ("约占三成", "约占30%"),
        ("twenty-five days", "25 days"),
        ("one hundred and twenty people", "120 people"),
        ("thirty-five thousand yuan", "35000 yuan"),
        ("two million", "2 million"),
        ("a quarter lower", "25% lower"),
        ("at most half.", "at most 50%."),
        ("at most half an hour", "at most 30 minutes"),
    ],
)
def test_numbers_in_words_become_figures(written: str, figures: str) -> None:
    assert in_figures(written) == figures


@pytest.mark.parametrize(
    "written",
    ["十分重要", "千万不要", "一般情况", "one of the reasons", "every quarter", "百分之0.5"],
)
def test_words_that_only_look_like_numbers_stay(written: str) -> None:
    assert in_figures(written) == written


def test_a_long_numeral_has_its_value() -> None:
    assert chinese_integer("三亿二千零五十万零七") == 320_500_007


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("北辰电气应在验收后向金桥资本付款，由孙立军批准。", ["北辰电气", "金桥资本", "孙立军"]),
        ("克里斯·迪克与其他人住在上海。", ["克里斯·迪克", "上海"]),
        ("In 2021, Hongda Foundry paid Li Min in New York.", ["Hongda Foundry", "Li Min", "New York"]),
        ("Records are kept for ten years.", []),
        ("恒泰药业持有蓝湾置业的股份，由欧阳明管理。", ["恒泰药业", "蓝湾置业", "欧阳明"]),
        ("毛泽东与李正鹰用过星河打印机。", ["毛泽东", "李正鹰", "星河打印机"]),
        ("公司开展职工教育和安全检测，乙方支付货款。", []),
    ],
)
def test_names_are_found(text: str, found: list[str]) -> None:
    assert sorted(text[a:b] for a, b, certain in names(text, normalise(text)) if certain) == sorted(found)
