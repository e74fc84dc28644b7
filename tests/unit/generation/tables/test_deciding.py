"""Questions over tables: the right cells, the right reckoning, and nothing where the table does not say."""

import random

import pytest

from generation.tables.deciding import decide, told
from generation.tables.reading.relation import Relation
from tests.unit.generation.tables.tables import number, relation

SALES = relation(
    "大区 | 一季度 | 二季度 | 三季度",
    "华东 | 1,250 | 1,310 | 1,400",
    "华北 | 980 | 1,020 | (100)",
    "华南 | 820 | 860 | 930",
    "合计 | 3,050 | 3,190 | 2,230",
    titles=("2024年各大区销售额", "单位：万元"),
)
INCOME = relation(
    " | Year Ended December 31, | <",
    " | 2018 | 2019",
    "Net sales | $ 1,000 | $ 1,250",
    "Cost of sales | 600 | 700",
    "Marketing | 50 | —",
    head=2,
    titles=("Statements of operations", "(in millions)"),
)
BUSBARS = relation(
    "额定电流（A） | 母线规格 | 柜体宽度（mm）",
    "≤630 | TMY-40×4 | 600",
    "631～1000 | TMY-60×6 | 800",
    "1001～1600 | TMY-80×8 | 800",
    titles=("母线选型表",),
)
STAFF = relation(
    "姓名 | 部门 | 入职日期 | 月薪（元）",
    "张伟 | 研发部 | 2021-03-15 | 18,500",
    "李娜 | 研发部 | 2018-07-01 | 21,000",
    "王芳 | 市场部 | 2019-11-20 | 15,200",
    titles=("员工薪酬表",),
)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("华东二季度销售额是多少？", 1310),
        ("华东和华南一季度销售额合计是多少？", 2070),
        ("华北三季度比二季度减少了多少？", 1120),
        ("华南一季度到三季度的增长率是多少？", 13.414634146),
        ("各大区一季度销售额的平均值是多少？", 1016.666666667),
        ("华东一季度销售额占合计的比例是多少？", 40.983606557),
        ("所有大区三季度销售额总和是多少？", 2230),
    ],
)
def test_numbers_of_a_chinese_table(question: str, value: float) -> None:
    assert number(question, SALES) == pytest.approx(value)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What were net sales in 2019?", 1250),
        ("What was the change in cost of sales from 2018 to 2019?", 100),
        ("What is the percentage change in net sales from 2018 to 2019?", 25),
        ("What was the average cost of sales for 2018 and 2019?", 650),
        ("What is the ratio of cost of sales to net sales in 2018?", 0.6),
        ("What percentage of net sales was marketing in 2018?", 5),
        ("What was the sum of cost of sales and marketing in 2018?", 650),
    ],
)
def test_numbers_of_an_english_table(question: str, value: float) -> None:
    assert number(question, INCOME) == pytest.approx(value)


@pytest.mark.parametrize(
    ("question", "tables"),
    [
        ("东北一季度销售额是多少？", (SALES,)),
        ("华东四季度销售额是多少？", (SALES,)),
        ("What were net sales in 2015?", (INCOME,)),
        ("What was the restructuring charge in 2019?", (INCOME,)),
        ("What were net sales?", (INCOME,)),
        ("5000 A 的柜体选哪种母线？", (BUSBARS,)),
        ("陈静的月薪是多少？", (STAFF,)),
    ],
)
def test_refused_where_the_table_does_not_say(question: str, tables: tuple[object, ...]) -> None:
    assert decide(question, list(tables)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("哪个大区二季度的销售额最高？", ["华东"]),
        ("月薪最高的员工是谁？", ["李娜"]),
        ("月薪低于20,000元的员工有哪些？", ["张伟", "王芳"]),
        ("入职日期早于2020年的员工有哪些？", ["李娜", "王芳"]),
    ],
)
def test_rows_told(question: str, texts: list[str]) -> None:
    decision = decide(question, [SALES, STAFF])
    assert decision is not None
    assert told(decision) == texts


@pytest.mark.parametrize(
    ("current", "spec"), [(500, "TMY-40×4"), (630, "TMY-40×4"), (800, "TMY-60×6"), (1600, "TMY-80×8")]
)
def test_value_lies_in_the_range_of_one_row(current: int, spec: str) -> None:
    decision = decide(f"{current} A 的柜体选哪种母线？", [BUSBARS])
    assert decision is not None
    assert decision.result.operands[0].text == spec


def test_two_tables_alike_with_other_values_are_ambiguous() -> None:
    other = relation(
        "大区 | 一季度 | 二季度 | 三季度",
        "华东 | 1 | 2 | 3",
        "华北 | 4 | 5 | 6",
        "华南 | 7 | 8 | 9",
        "合计 | 12 | 15 | 18",
        titles=("2024年各大区销售额", "单位：万元"),
    )
    assert number("华东二季度销售额是多少？", SALES) == 1310
    assert number("华东二季度销售额是多少？", SALES, other) is None


def test_subtotals_are_never_summed_with_what_they_sum() -> None:
    draw = random.Random(7)
    for _ in range(5):
        parts = [draw.randrange(100, 999) for _ in range(4)]
        lines = [f"甲{place}类 | {part}" for place, part in enumerate(parts[:2])]
        lines += [f"小计 | {sum(parts[:2])}"]
        lines += [f"乙{place}类 | {part}" for place, part in enumerate(parts[2:])]
        lines += [f"小计 | {sum(parts[2:])}", f"总计 | {sum(parts)}"]
        made = relation("类别 | 费用（元）", *lines, titles=("费用表",))
        assert number("所有类别费用的平均值是多少？", made) == pytest.approx(sum(parts) / 4)


METHODS = relation("方法 | 查询时间(s) | 精度(%)", "8层 | 1.67 | 73", "12层 | 2.20 | 88", "40层 | 7.71 | 100")
ASSETS = relation(
    "项目 | 软件使用权 | 合计",
    "一、账面原值",
    "1.期初余额 | 720 | 4,823",
    "2.本期增加金额 | 118 | 449",
    "(1)处置",
    "4.期末余额 | 838 | 5,272",
    "二、累计摊销",
    "1.期初余额 | 315 | 1,410",
    "4.期末余额 | 504 | 1,813",
)
COSTS = relation(
    "项目 | 本期发生额 | 上期发生额",
    "主营业务 | 1,500 | 1,200",
    "其他业务 | 100 | 80",
    "合计 | 1,600 | 1,280",
    titles=("营业收入",),
)
STATEMENT = relation(
    " | 2021 | 2022 | 2023",
    "Total revenue | $ 4,000 | $ 4,200 | $ 4,800",
    "Percentage of total revenue | 100% | 100% | 100%",
    "Product development | 900 | 990 | 998",
    "Product costs | 700 | 656 | 719",
    "Income before income tax expense | 1,100 | 1,500 | 1,600",
    "Income tax expense | 110 | 300 | 400",
    titles=("Statements of operations", "(in millions)"),
)


@pytest.mark.parametrize(
    ("question", "table", "value"),
    [
        ("40层比8层的查询时间多多少秒？", METHODS, 6.04),
        ("软件使用权累计摊销的期末余额是多少？", ASSETS, 504),
        ("主营业务本期增长了百分之几？", COSTS, 25),
        ("营业收入合计比上期增加了多少？", COSTS, 320),
        ("How much did revenue increase in 2023?", STATEMENT, 600),
        ("How much did product development costs fall from 2022 to 2023?", STATEMENT, -8),
        ("The tax rate (income tax expense divided by income before income tax expense) in 2023?", STATEMENT, 25),
        ("What was the development ratio (product development / total revenue) for 2021?", STATEMENT, 0.225),
        ("What is the 2023 average product costs?", STATEMENT, 687.5),
        ("Difference between average product development and average product costs for 2021 and 2022?", STATEMENT, 267),
        ("What is the change in the total of product development and product costs from 2022 to 2023?", STATEMENT, 71),
    ],
)  # fmt: skip
def test_what_is_left_unsaid_and_several_steps(question: str, table: Relation, value: float) -> None:
    assert number(question, table) == pytest.approx(value)


@pytest.mark.parametrize(
    ("question", "table"),
    [
        ("16层的精度是多少？", METHODS),
        ("Which segment had the highest product costs?", STATEMENT),  # years are no segments
        ("其他的业务2019年增长了多少？", COSTS),
        ("What is the average difference of margins over 2021 and 2022?", STATEMENT),
    ],
)
def test_what_the_table_does_not_have_is_refused(question: str, table: Relation) -> None:
    assert number(question, table) is None
