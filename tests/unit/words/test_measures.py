"""Numbers, dates and numbered parts as terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.words.measures import measures
from wenyuan.words.terms import terms


def told(text: str) -> set[str]:
    return {term for term in terms(text) if term[0] in "qp"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第十二条", "第12条"),
        ("第一百零三条", "第103条"),
        ("第三章", "第3章"),
        ("2024年3月1日", "2024-03-01"),
        ("2024年3月1日", "２０２４／３／１"),
        ("二〇二四年三月一日", "2024年3月1日"),
        ("二〇二四年十二月三十一日", "2024-12-31"),
        ("March 1, 2024", "2024.3.1"),
        ("1 March 2024", "2024年3月1日"),
        ("8.5亿元", "￥850,000,000"),
        ("8.5億元", "850000000元"),
        ("￥1,000.00", "1000元"),
        ("三十日内", "30日内"),
        ("百分之三十", "30%"),
        ("3.5％", "3.5 percent"),
        ("0.4kV", "400 V"),
        ("0.4千伏", "0.4kV"),
        ("$1.5 billion", "1,500 million dollars"),
        ("两年", "2年"),
        ("24小时", "24 hours"),
    ],
)
def test_two_ways_of_writing_share_every_term_of_what_they_say(one: str, other: str) -> None:
    assert told(one)
    assert told(one) == told(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第十二条", "第十三条"),
        ("2024-03-01", "2024-01-03"),
        ("8.5亿元", "8.5万元"),
        ("30日", "30个月"),
        ("5元", "5美元"),
    ],
)
def test_what_differs_shares_none(one: str, other: str) -> None:
    assert not {term for term in told(one) & told(other) if not term.endswith("year")}


def test_a_day_is_found_by_its_month_its_year_and_without_its_year() -> None:
    day = told("2024年3月1日")
    assert told("2024年3月") <= day
    assert told("3月1日") <= day
    assert told("2024年") <= day


def test_bare_values_meet_however_they_are_written() -> None:
    assert "w850000000" in set(terms("8.5亿")) & set(terms("850,000,000"))
    assert "w1000" in set(terms("1,000.00")) & set(terms("1000"))
    assert "w30" in set(terms("三十日")) & set(terms("30天"))


def test_text_without_numbers_has_none() -> None:
    assert list(measures("一般的规定 as such, 一切照旧。")) == []


def test_a_quantity_deep_in_a_long_text_is_read_as_it_stands_alone() -> None:
    filler = "本条所称的情形由主管部门另行规定。" * 40
    assert told("金额为人民币 3,500.50 元") <= told(f"{filler}金额为人民币 3,500.50 元{filler}")


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(term[0] in "qpwc" and len(term) > 1 for term in measures(text))


@given(st.integers(min_value=1, max_value=9999), st.sampled_from("条章款"))
def test_article_numbers_agree_in_both_numerals(number: int, unit: str) -> None:
    assert f"p第{number}{unit}" in told(f"第{written(number)}{unit}") & told(f"第{number}{unit}")


def written(number: int) -> str:
    """Return a number below 10,000 in Chinese numerals."""
    digits, steps = "零一二三四五六七八九", ("", "十", "百", "千")
    figures = [(int(figure), len(str(number)) - place - 1) for place, figure in enumerate(str(number))]
    text = "".join(digits[figure] + (steps[power] if figure else "") for figure, power in figures)
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.rstrip("零")
