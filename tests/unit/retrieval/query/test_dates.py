"""Times in words, against a day that the test sets."""

from datetime import date

import pytest

from retrieval.query.dates import find_times, number, read_period

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024年", "2024-01-01", "2025-01-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024/2/29", "2024-02-29", "2024-03-01"),
        ("２０２４年３月５日", "2024-03-05", "2024-03-06"),
        ("2024年第三季度", "2024-07-01", "2024-10-01"),
        ("2024Q4", "2024-10-01", "2025-01-01"),
        ("Q1 2024", "2024-01-01", "2024-04-01"),
        ("2024年下半年", "2024-07-01", "2025-01-01"),
        ("March 2024", "2024-03-01", "2024-04-01"),
        ("Sept 5, 2024", "2024-09-05", "2024-09-06"),
        ("去年", "2025-01-01", "2026-01-01"),
        ("前年十二月", "2024-12-01", "2025-01-01"),
        ("上个月", "2026-10-01", "2026-11-01"),
        ("本季度", "2026-10-01", "2027-01-01"),
        ("上周", "2026-11-09", "2026-11-16"),
        ("昨天", "2026-11-21", "2026-11-22"),
        ("近三年", "2023-11-22", "2026-11-23"),
        ("最近30天", "2026-10-24", "2026-11-23"),
        ("last quarter", "2026-07-01", "2026-10-01"),
        ("next year", "2027-01-01", "2028-01-01"),
        ("last 2 months", "2026-09-22", "2026-11-23"),
        ("since March", "2026-03-01", "9999-12-31"),
        ("since December", "2025-12-01", "9999-12-31"),
    ],
)
def test_a_time_is_days(text: str, start: str, end: str) -> None:
    period = read_period(text, TODAY)
    assert period is not None
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-13", "2024-02-30", "2024年13月", "第三季度", "3月", "12024", "1.2024"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_period(text, TODAY) is None


def test_the_end_of_a_month_has_no_31st_to_go_back_to() -> None:
    period = read_period("last 3 months", date(2026, 5, 31))
    assert period is not None
    assert period.start == date(2026, 2, 28)


def test_relative_times_are_found_with_what_documents_write() -> None:
    found = find_times("去年和上个月的销售额，以及 last quarter？", TODAY)
    assert [(one.text, one.written) for one in found] == [
        ("去年", ("2025年",)),
        ("上个月", ("2026年10月", "October 2026")),
        ("last quarter", ("2026年第三季度", "Q3 2026")),
    ]


def test_the_longer_reading_counts() -> None:
    (found,) = find_times("去年第三季度的利润", TODAY)
    assert found.text == "去年第三季度"
    assert found.written == ("2025年第三季度", "Q3 2025")


@pytest.mark.parametrize(
    "text",
    ["2023年的规定", "GB/T 3620.1-2016 第三季", "3月的考勤", "后天的免疫缺陷", "even today", "In March 2024 it fell"],
)
def test_times_that_stand_for_themselves_are_left_alone(text: str) -> None:
    assert find_times(text, TODAY) == ()


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ("十", 10), ("十二", 12), ("三十", 30), ("两", 2), ("二十一", 21)]
)
def test_numbers(text: str, value: int) -> None:
    assert number(text) == value
