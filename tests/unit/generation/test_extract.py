"""Extractive answers, on words alone."""

from dataclasses import replace

import pytest

from generation.extract import Extraction, Extractor, Tuning
from generation.units import UnitKind, units_of
from tests.unit.generation.passages import BUSBAR, HOTEL, SAFETY, SUPPLIER, TRAVEL, all_passages, passage
from wenyuan.answers import Evidence


def answer(question: str) -> str:
    found = Extractor(None).extract(question, all_passages())
    return "\n".join(quote.shown for quote in found.quotes)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("自驾出差每公里报销多少？", "每公里 0.9 元"),
        ("在海拔 4600 米的地区工作，高原津贴每天多少钱？", "每天 180 元"),
        ("在海拔 3200 米的地区工作，高原津贴每天多少钱？", "每天 100 元"),
        ("去欧洲出差的住宿限额是多少美元？", "住宿限额：200"),
        ("额定电流 1000 A 的主母线规格是什么？", "主母线规格（每相）：TMY-80×8"),
        ("额定电流 1800 A 的主母线规格是什么？", "主母线规格（每相）：TMY-100×10"),
        ("检修前应当做好哪些准备？", "2. 验电并接地。"),
        ("How many days before the planned change must change requests be submitted?", "at least 90 days"),
        ("How many years are records of vacuum interrupters inspection kept?", "15 years"),
    ],
)
def test_the_answer_is_quoted_first(question: str, expected: str) -> None:
    found = Extractor(None).extract(question, all_passages())
    assert found.quotes, found.probability
    assert expected in found.quotes[0].shown


@pytest.mark.parametrize(
    "question",
    [
        "公司的股票代码是多少？",
        "总部食堂星期天几点开饭？",
        "T3 高级工程师每月工资的中位数是多少？",
        "Who is the chief executive of the company?",
        "？？？",
    ],
)
def test_what_is_not_there_is_refused(question: str) -> None:
    found = Extractor(None).extract(question, all_passages())
    assert found.quotes == ()


def test_a_space_may_ask_for_more_certainty() -> None:
    question, given = "自驾出差每公里报销多少？", [replace(piece, space="finance") for piece in all_passages()]
    probability = Extractor(None).extract(question, given).probability
    above, below = min(1.0, probability + 0.001), probability - 0.001

    def answered(**limits: object) -> bool:
        return bool(Extractor(None, Tuning(**limits)).extract(question, given).quotes)  # type: ignore[arg-type]

    assert answered(refuse_below=below)
    assert not answered(refuse_below=above)
    assert not answered(refuse_below_in={"finance": above})
    assert answered(refuse_below=above, refuse_below_in={"finance": below})
    assert answered(refuse_below_in={"legal": above})


def test_no_evidence_is_refused() -> None:
    assert Extractor(None).extract("年假几天？", []).quotes == ()
    assert Extractor(None).extract("年假几天？", [passage(" ")]).quotes == ()


def test_quotes_are_verbatim_spans_and_every_number_shown_stands_in_the_passage() -> None:
    evidence = all_passages()
    for quote in Extractor(None).extract("去欧洲出差的住宿限额是多少美元？", evidence).quotes:
        text = evidence[quote.source].text
        assert 0 <= quote.start < quote.end <= len(text)
        digits = {part for part in quote.shown.replace("：", " ").replace("；", " ").split() if part.isdigit()}
        assert digits <= set(text.replace("|", " ").split())


def test_a_row_is_quoted_alone_and_shown_with_its_header() -> None:
    quote = Extractor(None).extract("额定电流 1000 A 的主母线规格是什么？", [passage(BUSBAR)]).quotes[0]
    assert BUSBAR[quote.start : quote.end].startswith("630–1250 A | TMY-80×8 | 650 mm")
    assert quote.shown.startswith(
        "表 2 额定电流与主母线规格：额定电流范围：630–1250 A；主母线规格（每相）：TMY-80×8；柜体宽度：650 mm。"
    )


def test_a_list_is_quoted_whole_with_the_line_that_opens_it() -> None:
    (quote,) = Extractor(None).extract("检修前应当做好哪些准备？", [passage(SAFETY)]).quotes
    assert (
        SAFETY[quote.start : quote.end] == "检修前应当做好以下准备：\n1. 断开断路器。\n2. 验电并接地。\n3. 悬挂标示牌。"
    )


def test_text_of_documents_is_shown_inert_but_quoted_verbatim() -> None:
    text = "年假申请见 https://intra.example/leave，员工年假为 10 天[3]。"
    (quote,) = Extractor(None).extract("员工年假为几天？", [passage(text)]).quotes
    assert text[quote.start : quote.end] == text
    assert "https://" not in quote.shown
    assert "[3]" not in quote.shown
    assert "10 天" in quote.shown


def test_units_know_what_they_are() -> None:
    kinds = [u.kind for u in units_of(0, passage(HOTEL))]
    assert kinds == [UnitKind.HEADING, UnitKind.ROW, UnitKind.ROW, UnitKind.ROW]
    assert [u.kind for u in units_of(0, passage(SAFETY))] == [
        UnitKind.SENTENCE,
        *[UnitKind.ITEM] * 3,
        UnitKind.SENTENCE,
    ]
    for text in (TRAVEL, HOTEL, BUSBAR, SAFETY, SUPPLIER):
        assert all(u.text == text[u.start : u.end] for u in units_of(0, passage(text)))


def test_a_merged_header_is_shown_as_it_stands() -> None:
    table = "职级 | 一类城市 | 二类城市\n平日 | 旺季\n员工 | 450 | 540 | 380"
    (quote,) = Extractor(None).extract("员工在一类城市的标准", [passage(table)]).quotes
    assert quote.shown.split("\n") == table.split("\n")
    assert table[quote.start : quote.end] == "员工 | 450 | 540 | 380"


def test_answers_do_not_depend_on_the_order_of_calls() -> None:
    first = answer("自驾出差每公里报销多少？")
    answer("检修前应当做好哪些准备？")
    assert answer("自驾出差每公里报销多少？") == first


def test_a_question_for_all_is_answered_with_every_row_in_the_order_of_the_evidence() -> None:
    regions = ("东南亚、南亚", "欧洲", "北美", "日本、韩国", "中东", "非洲")
    rows = [f"{region} | {limit} | 40 | 20" for limit, region in enumerate(regions, start=120)]
    table = "表 6 境外出差标准（单位：美元/人·天）\n地区 | 住宿限额 | 伙食补助 | 公杂费\n"
    given = [passage(table + "\n".join(rows[at : at + 2]), f"c{at}") for at in (0, 2, 4)]
    question = "境外出差的住宿限额有哪些？"
    few = Extractor(None).extract(question, given)
    every = Extractor(None).extract(question, given, exhaustive=True)
    assert len([row for row in rows if row in _quoted(few, given)]) == 3
    assert [row for row in rows if row in _quoted(every, given)] == rows
    assert [quote.source for quote in every.quotes] == sorted(quote.source for quote in every.quotes)


def _quoted(found: Extraction, given: list[Evidence]) -> str:
    return "\n".join(given[quote.source].text[quote.start : quote.end] for quote in found.quotes)
