"""What becomes of single statements of a model: what carries them, and what says nothing."""

import pytest

from generation.answering.checking import Checked, StatementCheck
from generation.answering.draft import Draft
from generation.answering.leaks import LeakWatch
from generation.grounding import Grounder
from generation.statements import Statement
from tests.unit.generation.passages import all_passages
from wenyuan.answers import Answerer, Support

PASSAGES = all_passages()


async def check(text: str, *numbers: int) -> Checked:
    watch = LeakWatch("Instructions that no statement here repeats, in any of its spellings.", "WYcanary")
    return await StatementCheck(Grounder(None), PASSAGES, watch).check(Statement(text, numbers))


@pytest.mark.parametrize("number", [*range(1, 6), 10, 15, 90, 100, 120, 210, 4500])
@pytest.mark.parametrize("form", ["{}", "{}.", "{}、", "（{}）", "**{}**", "- {}", "{} | {}", "~{}%"])
async def test_a_number_alone_says_nothing_wherever_it_stands(number: int, form: str) -> None:
    checked = await check(form.replace("{}", str(number)), 1, 2, 3, 4, 5)
    assert checked == Checked(Support.UNSUPPORTED, reasons=("no_content",), forbidden=True)


@pytest.mark.parametrize("text", ["①", "Ⅳ.", "iii)", "b.", "(A)", "（二）", "十、", "１２", "一百", "120 | 40 | 20"])
async def test_nor_do_marks_of_lists(text: str) -> None:
    assert (await check(text, 1)).reasons == ("no_content",)


@pytest.mark.parametrize("text", ["10 years", "每天 100 元", "120 美元", "1. 断开断路器。"])
async def test_a_number_with_what_it_counts_is_a_statement(text: str) -> None:
    assert (await check(text, 1, 2, 3, 4, 5)).support is not Support.UNSUPPORTED


async def test_each_span_that_carries_a_statement_has_a_marker() -> None:
    text = "自驾出差按每公里 0.9 元包干报销，东南亚住宿限额为 120 美元。"
    checked = await check(text, 1)
    assert [one.evidence.chunk_id for one in checked.carried] == ["travel", "hotel"]
    draft = Draft("zh", Answerer.LLM)
    events = draft.say(text, checked.carried, checked.support)
    cited = [event.citation for event in events if event.citation]
    assert [(one.marker, one.chunk_id) for one in cited] == [(1, "travel"), (2, "hotel")]
    assert ["0.9 元" in cited[0].quote, "东南亚" in cited[1].quote] == [True, True]
    assert "".join(draft.parts) == f"{text}[1][2]"
    (stated,) = draft.statements
    assert [span.marker for span in stated.spans] == [1, 2]
