"""What is said of a result, and where its cells stand."""

from dataclasses import replace

import pytest

from generation.answering.draft import Draft
from generation.service import Answers
from generation.tables.answerer import TableAnswerer, TableStatement
from generation.tables.citing import cite_cell
from tests.llm import parrot
from tests.unit.generation.tables.tables import seen as seen_table
from tests.unit.generation.tables.tables import table
from wenyuan.answers import Answerer, Evidence, Packed, SeenTable
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings
from wenyuan.documents import BlockRange, Box

LINES = ("Region | 2022 | 2023", "North | 1,200 | 1,500", "South | 800 | (50)", "Total | 2,000 | 1,450")


def seen(*, hidden: bool = False, anchor: str | None = "'Sales'!B3:D6") -> SeenTable:
    return seen_table(table(*LINES), hidden=hidden, anchor=anchor)


async def answer(question: str, shown: SeenTable, language: str = "en") -> list[str]:
    async def load(evidence: object) -> list[SeenTable]:
        return [shown]

    found = await TableAnswerer().answer(question, Packed(shown.passages), language, load)
    return [] if found is None else [one.text for one in found.statements] + list(found.notices)


async def test_cell_is_told_with_its_labels_and_scale() -> None:
    assert await answer("What were sales in the North region in 2023?", seen()) == ["North, 2023: 1,500 thousand."]


async def test_reckoning_shows_every_operand_as_its_cell_has_it() -> None:
    said = await answer("What was the change in sales in the South from 2022 to 2023?", seen())
    assert said == ["Difference: -50 − 800 = -850 thousand (South, 2023; South, 2022)."]


async def test_hidden_rows_are_told_where_they_count() -> None:
    question = "Which region had the highest sales in 2022?"
    assert await answer(question, seen()) == ["2022 highest: North (1,200 thousand)."]
    *_, note, code = await answer(question, seen(hidden=True))
    assert note.startswith("Reckoned over the rows open to you")
    assert code == "table.partial"
    assert len(await answer("What were sales in the North region in 2023?", seen(hidden=True))) == 1


def test_cell_is_cited_by_row_box_and_address() -> None:
    shown = seen()
    cited = cite_cell(shown, 2, 1)
    assert cited is not None
    assert cited.evidence.text[cited.start : cited.end] == "South | 800 | (50)"
    assert cited.boxes == (Box(1, 10, 20, 19, 29),)
    assert cited.anchor == "'Sales'!C5"


def test_cell_that_no_open_passage_shows_is_not_cited() -> None:
    shown = seen()
    piece = shown.passages[0]
    ranges = tuple(BlockRange(one.ordinal, one.start, one.end, one.boxes, one.rows[:2]) for one in piece.ranges)
    closed = SeenTable(1, shown.block, shown.rows, True, (replace(piece, ranges=ranges),))
    assert cite_cell(closed, 2, 1) is None


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_passages_without_tables_load_nothing(language: str) -> None:
    piece = Evidence("c", "d", "v", "t", "text", "", (), (), (BlockRange(0, 0, 4),), "en", None, 1.0)

    async def load(evidence: object) -> list[SeenTable]:
        raise AssertionError

    assert await TableAnswerer().answer("What is it?", Packed((piece,)), language, load) is None


@pytest.mark.parametrize(("question", "asked"), [("What were sales in the North region in 2023?", 0), ("Why?", 1)])
async def test_a_model_is_asked_only_where_no_table_answers(question: str, asked: int) -> None:
    shown = seen()

    async def load(evidence: object) -> list[SeenTable]:
        return [shown]

    with parrot() as model:
        service = Answers(GenerationSettings(answerer="llm", url=model.url, model="m"), None)
        events = service.answer(question, Packed(shown.passages), "en", Trail(None), load_tables=load)
        answer = [event.answer async for event in events][-1]
        assert model.heard["completions"] == asked
    assert answer is not None
    if not asked:
        assert answer.text == "North, 2023: 1,500 thousand.[1]"
        assert (answer.answerer, answer.model, answer.prompt, answer.tokens) == (Answerer.EXTRACTIVE, "", "", 0)


async def test_nothing_is_said_of_all_rows_where_there_may_be_more() -> None:
    cut = replace(seen(), cut=True)
    assert await answer("Which region had the highest sales in 2022?", cut) == []
    assert await answer("What were sales in the North region in 2023?", cut) == ["North, 2023: 1,500 thousand."]


def test_a_line_that_no_cell_carries_is_no_statement() -> None:
    draft = Draft("zh", Answerer.EXTRACTIVE)
    [sent] = draft.say_cells(TableStatement("符合提问的不止一处，请看各自的出处：", ()), ("c1",))
    assert (sent.kind, sent.chunk_ids) == ("token", ("c1",))
    done = draft.done()
    assert done.answer is not None
    assert done.answer.statements == ()
    assert done.answer.text.startswith("符合提问")
