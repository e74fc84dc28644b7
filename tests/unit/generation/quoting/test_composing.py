"""Answers of several quotes: comparisons, and what a document's sections begin with."""

from dataclasses import replace

import pytest

from generation.composing import openings, pieces, sides, without_holes
from generation.extract import Extractor
from generation.pool import Scored
from generation.scoring import UnitFeatures
from generation.units import UnitKind, units_of
from tests.unit.generation.passages import TRAVEL, passage

LEAVE = "正式员工的年休假每年 15 天，当年未休完的可以结转。入职满一年后开始计算。"
INTERNS = "实习生的年休假每年 5 天，不能结转。实习期满后重新计算。"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("正式员工和实习生的年休假有什么不同？", ("正式员工", "实习生")),
        ("比较一下铜排与铝排的载流量", ("铜排", "铝排")),
        ("What is the difference between annual leave and sick leave?", ("annual leave", "sick leave")),
        ("Compare the YLR-12 with the YLR-24.", ("the YLR-12", "the YLR-24")),
        ("How does a busbar differ from a cable?", ("a busbar", "a cable")),
        ("员工和家属的体检在哪里做？", None),
        ("What is between the panel and the wall?", None),
    ],
)
def test_the_sides_of_a_comparison(question: str, expected: tuple[str, str] | None) -> None:
    assert sides(question) == expected


def test_a_comparison_quotes_each_side_once() -> None:
    evidence = [
        passage(LEAVE, "staff", title="正式员工手册"),
        passage(INTERNS, "interns", title="实习生管理办法"),
        passage(TRAVEL, "travel"),
    ]
    quotes = Extractor(None).extract("正式员工和实习生的年休假有什么不同？", evidence).quotes
    assert [q.source for q in quotes] == [0, 1]
    assert "15 天" in quotes[0].shown
    assert "5 天" in quotes[1].shown


def test_a_document_is_summed_up_by_the_openings_of_its_sections() -> None:
    sections = [("总则",), ("总则",), ("报销", "交通"), ("报销", "住宿"), ("附则",)]
    evidence = [
        replace(passage(f"第{n}节的第一句话说明本节内容。第{n}节的第二句话是细节。", f"c{n}"), heading_path=path)
        for n, path in enumerate(sections)
    ]
    quotes = Extractor(None).extract("总结差旅管理办法", evidence, exhaustive=True, document=True).quotes
    assert [q.source for q in quotes] == [0, 2, 3, 4]
    assert all("第一句话" in q.shown and "第二句话" not in q.shown for q in quotes)


def test_of_too_many_sections_the_upper_ones_are_opened() -> None:
    paths = [(f"章{n // 4}", f"节{n}") for n in range(16)]
    units = [unit for n in range(16) for unit in units_of(n, passage(f"第{n}节说明。"))]
    assert [run[0].source for run in openings(units, paths, 16)] == list(range(16))
    assert [run[0].source for run in openings(units, paths, 6)] == [0, 4, 8, 12]


def test_what_sums_up_is_no_front_matter_and_a_list_is_opened_with_its_first_items() -> None:
    sections = {
        (
            "城市群投资研究",
        ): "第36卷第1期\n方嘉雯1，刘海猛2\n(1. 某大学城市规划系，北京 100101；\n摘 要：本文分析了投资的时空分布。",
        ("1 适用范围",): "本制度适用于：\n● 全体员工。\n● 实习生。\n● 外包人员。\n● 顾问。",
        ("参考文献(References)",): "方创琳,毛其智. 2015. 中国城市群研究.",
    }
    evidence = [replace(passage(text, f"c{n}"), heading_path=path) for n, (path, text) in enumerate(sections.items())]
    quotes = Extractor(None).extract("总结这篇论文", evidence, exhaustive=True, document=True).quotes
    assert [evidence[q.source].text[q.start : q.end] for q in quotes] == [
        "摘 要：本文分析了投资的时空分布。",
        "本制度适用于：\n● 全体员工。\n● 实习生。\n● 外包人员。",
    ]


def test_a_formula_alone_is_no_answer_and_one_that_a_line_announces_is() -> None:
    formula = r"\frac{\partial \rho}{\partial t} + \nabla \cdot (\rho \vec{V}) = 0"
    alone = units_of(0, passage(f"轮胎应当定期检查。\n{formula}\n检查由专人负责。"))
    assert [unit.text for unit in alone] == ["轮胎应当定期检查。", "检查由专人负责。"]
    announced = units_of(0, passage(f"质量守恒写成：\n{formula}"))
    assert [unit.text for unit in announced] == ["质量守恒写成：", formula]


def test_the_numbers_along_the_axis_of_a_chart_are_no_answer() -> None:
    chart = passage(
        "图1 投资总额变化\n60 50 40 30 20 占 10\n2005 2006 2007\n500 400 Spe5 Re 2s 300\n总额 2005 年 70 亿元 80 90"
    )
    assert [unit.text for unit in units_of(0, chart)] == ["图1 投资总额变化", "总额 2005 年 70 亿元 80 90"]


def test_a_question_in_a_document_names_what_follows_and_is_not_quoted_as_an_answer() -> None:
    book = passage("27.未及时签订书面劳动合同有何后果？\n用人单位应当支付二倍工资。")
    question, answer = units_of(0, book)
    assert question.kind is UnitKind.HEADING
    assert question.text in answer.context
    quotes = Extractor(None).best("没签书面劳动合同有什么后果？", [book])
    assert [book.text[q.start : q.end] for q in quotes] == ["用人单位应当支付二倍工资。"]
    asked = units_of(0, passage("审核时会问下列问题：\n1. 谁负责保管？\n2. 多久检查一次？"))
    assert [unit.kind for unit in asked[1:]] == [UnitKind.ITEM, UnitKind.ITEM]


@pytest.mark.parametrize(
    ("question", "steps"),
    [("钥匙没电了怎么换电池？", 4), ("换电池的步骤？", 4), ("换下的电池放在哪里？", 1)],
)
def test_how_something_is_done_is_told_by_all_of_its_steps(question: str, steps: int) -> None:
    manual = passage(
        "1. 取出紧急钥匙。打开电池盖。\n2. 磕出旧电池。\n3. 将新电池正极朝上放入，换电池时用无绒布。\n4. 合上电池盖。"
    )
    quotes = Extractor(None).best(question, [manual])
    assert sum(manual.text[q.start : q.end].count("\n") + 1 for q in quotes) >= steps
    assert (len(quotes) == 1 and quotes[0].start == 0 and quotes[0].end == len(manual.text)) is (steps == 4)


@pytest.mark.parametrize(
    ("text", "chosen", "quoted"),
    [
        ("机组停机。断开电源。取下罩壳。装上滤网。", [0, 2], ["机组停机。断开电源。取下罩壳。"]),
        ("机组停机。断开电源。取下罩壳。装上滤网。", [2, 0], ["机组停机。断开电源。取下罩壳。"]),
        ("机组停机。断开电源。取下罩壳。装上滤网。", [3, 0], ["装上滤网。", "机组停机。"]),
        ("甲、乙两处渗漏。上述部位由厂家处理。费用另计。", [1], ["甲、乙两处渗漏。上述部位由厂家处理。"]),
        ("上述部位由厂家处理。费用另计。", [0], ["上述部位由厂家处理。"]),
        ("Pumps A and B leak. These are to be replaced.", [1], ["Pumps A and B leak. These are to be replaced."]),
    ],
)  # fmt: skip
def test_a_quote_has_no_hole_of_one_sentence_and_brings_what_it_points_back_to(
    text: str, chosen: list[int], quoted: list[str]
) -> None:
    units = units_of(0, passage(text))
    usable = [Scored(unit, UnitFeatures(*[0.0] * 11), 0.0) for unit in units]
    found = without_holes([usable[order] for order in chosen], usable)
    assert [text[run[0].start : run[-1].end] for run in pieces([s.unit for s in found])] == quoted
