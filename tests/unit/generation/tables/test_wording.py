"""Questions as people ask them: other words than the table has, short names, yes or no, what a line above says."""

import pytest

from generation.tables.deciding import by_rules, decide, told
from generation.tables.reading.asking import read_question
from generation.tables.reading.lexicon import in_words_of
from generation.tables.reading.relation import Relation
from generation.tables.readings import apart, tell_readings
from generation.tables.telling import tell
from tests.unit.generation.tables.tables import number, relation

RESULTS = relation(
    " | Three Months Ended June 30, | <",
    " | 2018 | 2019",
    "Net sales | $ 1,000 | $ 1,250",
    "Basic earnings per ordinary share | 2.10 | 2.30",
    "Capital spending | 150 | 340",
    "Number of employees | 90 | 95",
    head=2,
    titles=("Selected data", "(Dollars in millions, except per share amounts)"),
)
FIRMS = relation(
    "单位名称 | 所得税税率（%） | 期末余额",
    "扬州优邦生物药品有限公司 | 15 | 100",
    "武汉市正华精机技术有限公司 | 25 | 300",
    "合计 | / | 400",
    titles=("单位：万元",),
)
REGIONS = relation(
    " | 2018 | 2019",
    "Europe | 30 | 50",
    "Asia | 20 | 25",
    "Africa | 5 | 6",
    "Net sales | 55 | 81",
    titles=("Net sales by region", "(in millions)"),
)
WIDE = relation(
    "Cloud | $ 10 | $ 8 | $ 2",
    "Print | 5 | 4 | 1",
    head=0,
    titles=("Revenue by product", "(Millions) 2018 2017 2017"),
)
PURCHASES = relation(
    "Period | Shares Purchased | Average Price per Share",
    "January 1-31, 2018 | 700 | $ 24",
    "February 1-28, 2018 | 900 | $ 23",
    "March 1-31, 2018 | 800 | $ 21",
    "Total January 1-March 31, 2018 | 2,400 | $ 22.6",
)


@pytest.mark.parametrize(
    ("question", "table", "value"),
    [
        ("How much capex was there in 2019?", RESULTS, 340),
        ("What was basic EPS for the three months ended June 30, 2019?", RESULTS, 2.3),
        ("How many people worked for the company in 2018?", RESULTS, 90),
        ("扬州优邦的所得税税率是百分之几？", FIRMS, 15),
        ("武汉正华期末余额是多少？", FIRMS, 300),
        ("武汉正华的期末余额比扬州优邦高出多少？", FIRMS, 200),
        ("What were net sales in Europe in 2019?", REGIONS, 50),
        ("By what percentage did net sales in Asia rise from 2018 to 2019?", REGIONS, 25),
        ("What was Cloud revenue in 2017?", WIDE, 8),
        ("What average price per share was paid in February 2018?", PURCHASES, 23),
    ],
)
def test_other_words_than_the_table_has(question: str, table: Relation, value: float) -> None:
    assert number(question, table) == pytest.approx(value)


@pytest.mark.parametrize(
    ("question", "answer", "told_as"),
    [
        ("Did net sales exceed $1.1 billion in 2019?", True, "Yes: $ 1,250 million > 1.1 billion"),
        ("Was capital spending above $200 million in 2018?", False, "No: 150 million ≤ 200 million"),
    ],
)
def test_yes_or_no_is_told_with_its_cell(question: str, answer: bool, told_as: str) -> None:
    decision = decide(question, [RESULTS])
    assert decision is not None
    assert decision.result.holds is answer
    (said,) = tell(decision, question, "en")
    assert said.text.replace("$1", "1").replace("$2", "2").startswith(told_as)


@pytest.mark.parametrize(
    ("question", "table", "texts"),
    [
        ("In which month of 2018 were the most shares bought back?", PURCHASES, ["February 1-28, 2018"]),
        ("In which year were net sales above $1.1 billion?", RESULTS, ["2019"]),
        ("期末余额超过二百万元的单位有哪些？", FIRMS, ["武汉市正华精机技术有限公司"]),
    ],
)
def test_times_and_rows_told(question: str, table: Relation, texts: list[str]) -> None:
    decision = decide(question, [table])
    assert decision is not None
    assert told(decision) == texts


@pytest.mark.parametrize(
    ("question", "table"),
    [
        ("Why did net sales grow in 2019?", RESULTS),
        ("What were net sales in 2018 and 2017?", RESULTS),  # of one of the years the table has nothing
        ("北京优邦的期末余额是多少？", FIRMS),
    ],
)
def test_no_number_where_another_thing_is_asked_for(question: str, table: Relation) -> None:
    assert number(question, table) is None


def test_a_table_of_the_parent_company_is_not_that_of_the_group() -> None:
    group, parent = (
        relation("项目 | 2020年 | 2019年", f"存货 | {now} | {then}", "货币资金 | 7 | 8", titles=(title,))
        for title, now, then in (("合并资产负债表", 10, 20), ("母公司资产负债表", 1, 2))
    )
    assert number("2020年的存货是多少？", parent, group) == 10
    assert number("母公司2020年的存货是多少？", group, parent) == 1


def test_a_note_is_called_by_the_line_above_it() -> None:
    note = relation("项目 | 期初余额 | 期末余额", "回购股份 | 30 | 40", "合计 | 30 | 40", titles=("56、库存股",))
    assert number("库存股期末余额是多少？", note) == 40
    assert number("专项储备期末余额是多少？", note) is None


def test_words_that_the_table_uses_stay() -> None:
    assert in_words_of(RESULTS, "What were net sales?") == "What were net sales?"
    assert in_words_of(RESULTS, "What was turnover in 2018?") == "What was net sales in 2018?"


SHARES = relation(
    " | 2019 | 2018",
    "Change in sales: | | ",
    "Volume | 2.1 % | 3.5 %",
    "Price | 1.1 | 0.3",
    "Total change | 3.2 % | 3.8 %",
)
BALANCES = relation(
    "Item | Amount | Note",
    "Sewage control project | 240 | deferred",
    "Years of audit by the firm | 4 | none",
)
NOTES = relation(
    " | December 31, 2022 | June 30, 2022",
    "Current liabilities: | | ",
    "Deferred revenue | 5,297 | 4,733",
    "Other | 10 | 20",
    "Other liabilities: | | ",
    "Deferred revenue | 117 | 145",
)


@pytest.mark.parametrize(
    ("question", "table", "value"),
    [
        ("By how many percent did price grow in 2018?", SHARES, 0.3),
        ("How much must be paid for the sewage control project?", BALANCES, 240),
        ("What was other at June 30, 2022?", NOTES, 20),
    ],
)
def test_cells_that_answer_as_they_stand(question: str, table: Relation, value: float) -> None:
    assert number(question, table) == pytest.approx(value)


@pytest.mark.parametrize(
    ("question", "table"),
    [
        ("What was other at March 31, 2022?", NOTES),  # of another month
        ("How many years is the sewage control project?", BALANCES),  # an amount is no time
        ("What was deferred revenue at June 30, 2022?", NOTES),  # two of them
    ],
)
def test_no_single_cell_is_meant(question: str, table: Relation) -> None:
    assert number(question, table) is None


def test_the_text_answers_what_it_says_more_of() -> None:
    rows = (" | 2018 | 2019", "Net sales | 1,000 | 1,250", "Capital spending | 150 | 340")
    table = relation(
        *rows, titles=("Sales to governments", "Net sales to allied governments were $75 million in 2019.")
    )
    assert number("What were net sales in 2019?", table) == 1250
    assert number("What were net sales to allied governments in 2019?", table) is None
    titled = relation(*rows, titles=("Allied governments",))
    asked = read_question("What was capital spending on allied governments in 2019?")
    assert by_rules(asked, [titled])
    assert not by_rules(asked, [titled], ["Capital spending on allied governments was $3 million in 2019."])


def test_readings_that_differ_are_told_with_their_groups() -> None:
    question = "What was deferred revenue at June 30, 2022?"
    found = by_rules(read_question(question), [NOTES])
    assert apart(found) == ["Current liabilities:", "Other liabilities:"]
    lead, *told_each = tell_readings(found, question, "en")
    assert lead[0].text.startswith("More than one")
    assert [one.text for (one,) in told_each] == [
        "[Current liabilities:] Deferred revenue, June 30, 2022: 4,733.",
        "[Other liabilities:] Deferred revenue, June 30, 2022: 145.",
    ]
