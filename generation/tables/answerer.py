"""Answers from tables: tried where a table of the evidence fits the question, with every number cited to its cell."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from generation.tables.citing import CellCitation, cite_cell
from generation.tables.deciding import Decision, by_rules, executed
from generation.tables.proposing import Proposer
from generation.tables.reading.asking import Asked, read_question
from generation.tables.reading.relation import Relation, captions, read_relation
from generation.tables.readings import apart, tell_readings
from generation.tables.telling import Said, over_all, tell
from wenyuan.answers import Packed, SeenTable, TableLoader

TABLE_PARTIAL: Final = "table.partial"
TABLE_READINGS: Final = "table.readings"
#: More readings than these help nobody.
READINGS: Final = 3


@dataclass(frozen=True, slots=True)
class TableStatement:
    """What is said, and the cells that carry it."""

    text: str
    cells: tuple[CellCitation, ...]


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """An answer from a table. ``made_of`` are the passages that show rows of it: any of them may be behind it.

    ``model`` and ``prompt`` are those of who proposed the plan, empty where the rules found it.
    """

    statements: tuple[TableStatement, ...]
    notices: tuple[str, ...]
    made_of: tuple[str, ...]
    model: str = ""
    prompt: str = ""


class TableAnswerer:
    """Answers questions over the tables of evidence."""

    async def answer(
        self,
        question: str,
        packed: Packed,
        language: str,
        load_tables: TableLoader,
        proposer: Proposer | None = None,
    ) -> TableAnswer | None:
        """Return the answer in the asker's language, None where no table gives one for certain.

        ``proposer`` is asked for a plan where the rules find none. Raises ``AuditUnavailable``.
        """
        if not any(one.rows for piece in packed.evidence for one in piece.ranges):
            return None
        tables = await load_tables(packed.evidence)
        if not tables:
            return None
        asked, read, found = await asyncio.to_thread(_decided, question, packed, tables)
        if len(found) == 1:
            return told_answer(found[0], read[found[0].plan.table][0], question, language)
        proposed = None if proposer is None else await _proposed(proposer, asked, read, language)
        return proposed or told_readings(found, read, question, language)


Read = list[tuple[SeenTable, Relation]]


def _decided(question: str, packed: Packed, tables: Sequence[SeenTable]) -> tuple[Asked, Read, list[Decision]]:
    asked = read_question(question)
    read = [(table, relation) for table in tables if (relation := relation_of(table)) is not None]
    beside = [piece.text[one.start : one.end] for piece in packed.evidence for one in piece.ranges if not one.rows]
    return asked, read, by_rules(asked, [relation for _, relation in read], beside)


async def _proposed(proposer: Proposer, asked: Asked, read: Read, language: str) -> TableAnswer | None:
    """Execute what a model proposes. The answer is made of all it was shown: it chose among them."""
    proposal = await proposer.propose(asked, [(relation, table.passages) for table, relation in read])
    if proposal is None:
        return None
    table, relation = read[proposal.plan.table]
    decision = await asyncio.to_thread(executed, proposal.plan, relation)
    told = None if decision is None else told_answer(decision, table, asked.text, language)
    if told is None:
        return None
    made_of = tuple(dict.fromkeys((*told.made_of, *proposal.shown)))
    return replace(told, made_of=made_of, model=proposer.model, prompt=proposer.version)


def relation_of(table: SeenTable) -> Relation | None:
    """Return a table as a relation, with the titles over it: of its document, its section, the lines above it."""
    if table.block.table is None or not table.passages:
        return None
    above: list[str] = []
    for passage in table.passages:
        before = [one for one in passage.ranges if one.ordinal < table.ordinal and not one.rows]
        blocks = [passage.text[one.start : one.end] for one in before]
        above += captions(line for text in blocks for line in text.split("\n"))
    first = table.passages[0]
    return read_relation(table.block.table, (first.document_title, *table.block.heading_path, *dict.fromkeys(above)))


def told_answer(decision: Decision, table: SeenTable, question: str, language: str) -> TableAnswer | None:
    """Return what is said of a decision.

    None where a cell it rests on stands in no passage open to the reader, and of all rows where there may be more.
    """
    if table.cut and over_all(decision):
        return None
    partial = table.hidden and over_all(decision)
    statements = _cited(tell(decision, question, language, hidden=partial), table)
    return None if statements is None else TableAnswer(statements, (TABLE_PARTIAL,) if partial else (), _shown(table))


def told_readings(found: Sequence[Decision], read: Read, question: str, language: str) -> TableAnswer | None:
    """Return readings that differ beside each other; None for too many, or where one rests on what is not open."""
    tables = [read[one.plan.table][0] for one in found]
    unsure = any(over_all(one) and (table.cut or table.hidden) for one, table in zip(found, tables, strict=True))
    if not 1 < len(found) <= READINGS or unsure or not all(apart(found)):
        return None
    lead, *told = tell_readings(found, question, language)
    cited = [_cited(said, table) for said, table in zip(told, tables, strict=True)]
    statements = [TableStatement(one.text, ()) for one in lead]
    for one in cited:
        if one is None:
            return None
        statements += one
    made_of = tuple(dict.fromkeys(passage for table in tables for passage in _shown(table)))
    return TableAnswer(tuple(statements), (TABLE_READINGS,), made_of)


def _cited(told: Sequence[Said], table: SeenTable) -> tuple[TableStatement, ...] | None:
    statements = []
    for said in told:
        cells = [cite_cell(table, one.row, one.column) for one in said.operands]
        found = tuple(cell for cell in cells if cell is not None)
        if len(found) < len(cells) or not said.text:
            return None
        statements.append(TableStatement(said.text, found))
    return tuple(statements)


def _shown(table: SeenTable) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passage.chunk_id for passage in table.passages))
