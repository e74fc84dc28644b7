"""Typed values of cells: what is written, not what it looks like."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.tables.typed import parse_value, typed_table
from ingest.tables.typed.units import unit_in_heading
from wenyuan.documents import Cell, CellValue, Table, ValueKind

NUMBER, PERCENT, RANGE = ValueKind.NUMBER, ValueKind.PERCENT, ValueKind.RANGE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.56", CellValue(NUMBER, 1234.56)),
        ("１，２３４", CellValue(NUMBER, 1234.0)),
        ("（1,234.56）", CellValue(NUMBER, -1234.56)),
        ("1,234-", CellValue(NUMBER, -1234.0)),
        ("−13.5%", CellValue(PERCENT, -13.5, unit="%")),
        ("3.2亿", CellValue(NUMBER, 3.2, unit="亿")),
        ("3.5万元", CellValue(NUMBER, 3.5, unit="万元")),
        ("¥1,200", CellValue(NUMBER, 1200.0, unit="¥")),
        ("5 mg/L", CellValue(NUMBER, 5.0, unit="mg/L")),
        ("0.0385***", CellValue(NUMBER, 0.0385)),
        ("同比下降3%", CellValue(PERCENT, -3.0, unit="%")),
        ("减少0.9个百分点", CellValue(PERCENT, -0.9, unit="个百分点")),
        ("10～20℃", CellValue(RANGE, 10.0, 20.0, "℃")),
        ("3.5%–4.5%", CellValue(RANGE, 3.5, 4.5, "%")),
        ("5±0.3", CellValue(RANGE, 4.7, 5.3)),
        ("≥10", CellValue(RANGE, 10.0, None)),
        ("<0.001", CellValue(RANGE, None, 0.001)),
        ("3年以上", CellValue(RANGE, 3.0, None, "年")),
        ("2026年3月1日", CellValue(ValueKind.DATE, date="2026-03-01")),
        ("二〇二六年三月十一日", CellValue(ValueKind.DATE, date="2026-03-11")),
        ("Mar 1, 2026", CellValue(ValueKind.DATE, date="2026-03-01")),
        ("1st March 2026", CellValue(ValueKind.DATE, date="2026-03-01")),
        ("2026-11", CellValue(ValueKind.DATE, date="2026-11")),
        ("2020年度", CellValue(ValueKind.DATE, date="2020")),
        ("2026-03-01 10:30", CellValue(ValueKind.DATE, date="2026-03-01T10:30")),
    ],
)
def test_values_are_read(text: str, expected: CellValue) -> None:
    assert parse_value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "—",
        "-",
        "N/A",
        "不适用",
        "000123",
        "010-62345678",
        "GB/T 4543",
        "第3季度",
        "2024E",
        "3:2",
        "12-5",
        "(5",
        "三人",
        "2026-02-30",
        "2026年13月",
        "京ICP备12号",
        "1.2.3.4",
    ],
)
def test_words_codes_and_signs_of_nothing_have_no_value(text: str) -> None:
    assert parse_value(text) is None


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_separated_and_bracketed_numbers_agree_with_plain_ones(number: int, digits: int) -> None:
    value = number / 10**digits
    written = f"{abs(value):,.{digits}f}"
    plain = parse_value(written)
    assert plain is not None
    assert plain.low == float(written.replace(",", ""))
    bracketed = parse_value(f"（{written}）")
    assert bracketed is not None
    assert bracketed.low == -plain.low


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_every_way_to_write_a_day_gives_its_iso_date(day: dt.date) -> None:
    written = [
        f"{day.year:04d}年{day.month}月{day.day}日",
        f"{day.year:04d}/{day.month}/{day.day}",
        f"{day.year:04d}.{day.month:02d}.{day.day:02d}",
        day.isoformat(),
        f"{day.day} {day:%B} {day.year:04d}",
        f"{day:%b} {day.day}, {day.year:04d}",
    ]
    assert {parse_value(text) for text in written} == {CellValue(ValueKind.DATE, date=day.isoformat())}


@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    value = parse_value(text)
    assert value is None or value.kind in ValueKind


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("金额（万元）", "万元"),
        ("比重/%", "%"),
        ("单位：元", "元"),
        ("单位：万元 币种：人民币", "万元"),
        ("额/百万元", "百万元"),
        ("单价(元/吨)", "元/吨"),
        ("年龄（岁）", "岁"),
        ("市盈率（PE）", None),
        ("净资产收益率", None),
    ],
)
def test_units_in_headings(heading: str, unit: str | None) -> None:
    assert unit_in_heading(heading) == unit


def _table(*rows: tuple[str, ...]) -> Table:
    cells = [Cell(y, x, text, header=y == 0) for y, row in enumerate(rows) for x, text in enumerate(row)]
    return Table(len(rows), len(rows[0]), tuple(cells))


def _values(table: Table) -> dict[str, CellValue | None]:
    return {cell.text: cell.value for cell in table.cells if not cell.header}


def test_units_come_from_cell_column_row_and_the_line_above_in_that_order() -> None:
    table = _table(
        ("项目", "本期", "增减（%）", "股东代码"),
        ("营业收入", "1,200", "3.5", "600201"),
        ("每股收益（元/股）", "0.58", "1.5", "600202"),
        ("总资产", "3.2亿", "5.5%", "600203"),
    )
    values = _values(typed_table(table, ["单位：万元"]))
    assert values["1,200"] == CellValue(NUMBER, 1200.0, unit="万元")
    assert values["3.5"] == CellValue(PERCENT, 3.5, unit="%")
    assert values["0.58"] == CellValue(NUMBER, 0.58, unit="元/股")
    assert values["3.2亿"] == CellValue(NUMBER, 3.2, unit="亿元")
    assert values["5.5%"] == CellValue(PERCENT, 5.5, unit="%")
    assert values["600201"] == CellValue(NUMBER, 600201.0)
    assert values["营业收入"] is None


def test_headings_keep_no_value_and_spanning_headings_give_their_unit_to_all_columns() -> None:
    cells = (
        Cell(0, 0, "地区", row_span=2, header=True),
        Cell(0, 1, "产量（吨）", column_span=2, header=True),
        Cell(1, 1, "2020", header=True),
        Cell(1, 2, "2021", header=True),
        Cell(2, 0, "华北"),
        Cell(2, 1, "10"),
        Cell(2, 2, "12"),
    )
    typed = typed_table(Table(3, 3, cells))
    assert [cell.value for cell in typed.cells[:5]] == [None] * 5
    assert [cell.value for cell in typed.cells[5:]] == [CellValue(NUMBER, v, unit="吨") for v in (10.0, 12.0)]
