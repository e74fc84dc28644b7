"""Numbers, units, dates and codes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.words.quantities import agrees, bound_of, chinese_number, codes, holds, quantities


def one(text: str) -> tuple[float, float, str | None]:
    (found,) = quantities(text)
    return (round(found.low, 6), round(found.high, 6), found.dimension)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("每晚不超过500元", (500, 500, "yuan")),
        ("630–1250 A", (630, 1250, "ampere")),
        ("630A~1250A 的柜体", (630, 1250, "ampere")),
        ("630 至 1250 安", (630, 1250, "ampere")),
        ("２，５００万元", (25_000_000, 25_000_000, "yuan")),
        ("3.2 亿元", (320_000_000, 320_000_000, "yuan")),
        ("1,250.5 mm", (1.2505, 1.2505, "metre")),
        ("10kV", (10_000, 10_000, "volt")),
        ("$3 million", (3_000_000, 3_000_000, "dollar")),
        ("¥1,200", (1200, 1200, "yuan")),
        ("共三十五天", (35, 35, "day")),
        ("十五个工作日", (15, 15, "workday")),
        ("15 working days", (15, 15, "workday")),
        ("百分之三十", (30, 30, "percent")),
        ("30％", (30, 30, "percent")),
        ("-40℃至+55℃", (-40, 55, "celsius")),
        ("3-5天", (3, 5, "day")),
        ("24 hours", (86400, 86400, "second")),
    ],
)
def test_numbers(text: str, expected: tuple[float, float, str]) -> None:
    assert one(text) == expected


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025年3月1日", "2025-03-01"),
        ("2025-03-01", "2025-03-01"),
        ("2025/3/1", "2025-03-01"),
        ("2025 年 3 月", "2025-03"),
        ("3月1日", "--03-01"),
        ("March 1, 2025", "2025-03-01"),
        ("1st of March 2025", "2025-03-01"),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert [(q.kind, q.date) for q in quantities(text)] == [("date", date)]


def test_words_and_codes_are_no_measures() -> None:
    assert quantities("ISO9001 与一个、两位") == []
    assert codes("ISO9001、QX-200、GB/T45438、10kV、5天、ABC") == {"iso9001", "qx-200", "gb/t45438"}


@pytest.mark.parametrize(
    ("asked", "given", "same"),
    [
        ("1.25 kA", "1250 A", True),
        ("2.5万元", "25,000 元", True),
        ("500 元", "500", True),
        ("500 元", "500 美元", False),
        ("500 元", "5000 元", False),
        ("15 天", "15 个工作日", False),
        ("2025年3月1日", "2025-03-01", True),
        ("2025年3月", "2025-03-01", True),
        ("3月1日", "2025-03-01", True),
        ("2025年3月2日", "2025-03-01", False),
        ("2025 年", "2025-03-01", True),
        ("2024 年", "2025-03-01", False),
        ("630–1250 A", "630~1250A", True),
        ("630–1600 A", "630–1250 A", False),
        ("30%", "百分之三十", True),
        ("12 个", "12 台", True),
    ],
)
def test_agreement(asked: str, given: str, same: bool) -> None:
    assert agrees(quantities(asked)[0], quantities(given)[0]) is same


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("不超过 500 元", "most"),
        ("3000 米以上", "least"),
        ("7 天以内", "most"),
        ("at least 90 days", "least"),
        ("共 500 元", ""),
    ],
)
def test_bounds(text: str, bound: str) -> None:
    assert bound_of(text, quantities(text)[0]) == bound


def test_a_range_holds_what_lies_in_it_and_the_nearest_open_range_best() -> None:
    asked = quantities("4600 米")[0]

    def held(text: str) -> float:
        return holds(asked, quantities(text)[0], text)

    assert held("4000–5000 米") == 1
    assert held("5000–6000 米") == 0
    assert 1 > held("4500 米以上") > held("3000 米以上") > 0
    assert held("5000 米以上") == 0


@given(st.integers(0, 9999))
def test_chinese_numerals(value: int) -> None:
    digits, steps = "零一二三四五六七八九", ["", "十", "百", "千"]
    written = "".join(
        digits[int(d)] + steps[len(str(value)) - 1 - i] if d != "0" else "零" for i, d in enumerate(str(value))
    )
    assert chinese_number(written) == value


@given(st.floats(0.01, 1e9), st.sampled_from(["元", "A", "kV", "%", "天", "kg"]))
def test_any_way_of_writing_agrees_with_itself(value: float, unit: str) -> None:
    plain, grouped = quantities(f"{value:.2f}{unit}")[0], quantities(f"{value:,.2f} {unit}")[0]
    assert agrees(plain, grouped)
    assert math.isclose(plain.low, grouped.low)
