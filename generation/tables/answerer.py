"""Answers from tables: tried where a table of the evidence fits the question, with every number cited to its cell."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generation.tables.citing import CellCitation, cite_cell
from generation.tables.deciding import Decision, Propose, decide
from generation.tables.reading.relation import Relation, read_relation
from generation.tables.telling import over_all, tell
from wenyuan.answers import Packed, SeenTable, TableLoader

TABLE_PARTIAL: Final = "table.partial"
#: Lines of a passage above its table that count as its captions.
_ABOVE: Final = 3


@dataclass(frozen=True, slots=True)
class TableStatement:
    """What is said, and the cells that carry it."""

    text: str
    cells: tuple[CellCitation, ...]


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """An answer from a table. ``made_of`` are the passages that show rows of it: any of them may be behind it."""

    statements: tuple[TableStatement, ...]
    notices: tuple[str, ...]
    made_of: tuple[str, ...]


class TableAnswerer:
    """Answers questions over the tables of evidence; ``propose`` asks a model where the rules find nothing."""

    def __init__(self, propose: Propose | None = None) -> None:
        self._propose = propose

    async def answer(
        self, question: str, packed: Packed, language: str, load_tables: TableLoader
    ) -> TableAnswer | None:
        """Return the answer in the asker's language, None where no table gives one for certain."""
        if not any(one.rows for piece in packed.evidence for one in piece.ranges):
            return None
        tables = await load_tables(packed.evidence)
        return await asyncio.to_thread(self._answer, question, tables, language) if tables else None

    def _answer(self, question: str, tables: Sequence[SeenTable], language: str) -> TableAnswer | None:
        read = [(table, relation) for table in tables if (relation := relation_of(table)) is not None]
        decision = decide(question, [relation for _, relation in read], self._propose)
        if decision is None:
            return None
        return told_answer(decision, read[decision.plan.table][0], question, language)


def relation_of(table: SeenTable) -> Relation | None:
    """Return a table as a relation, with the titles over it: of its document, its section, the lines above it."""
    if table.block.table is None or not table.passages:
        return None
    above: list[str] = []
    for passage in table.passages:
        lines = [passage.text[one.start : one.end] for one in passage.ranges if one.ordinal < table.ordinal]
        above += [line for text in lines[-_ABOVE:] for line in text.split("\n")[-_ABOVE:]]
    first = table.passages[0]
    return read_relation(table.block.table, (first.document_title, *table.block.heading_path, *dict.fromkeys(above)))


def told_answer(decision: Decision, table: SeenTable, question: str, language: str) -> TableAnswer | None:
    """Return what is said of a decision.

    None where a cell it rests on stands in no passage open to the reader, and of all rows where there may be more.
    """
    if table.cut and over_all(decision):
        return None
    partial = table.hidden and over_all(decision)
    statements = []
    for said in tell(decision, question, language, hidden=partial):
        cells = [cite_cell(table, one.row, one.column) for one in said.operands]
        found = tuple(cell for cell in cells if cell is not None)
        if len(found) < len(cells) or not said.text:
            return None
        statements.append(TableStatement(said.text, found))
    made_of = tuple(dict.fromkeys(passage.chunk_id for passage in table.passages))
    return TableAnswer(tuple(statements), (TABLE_PARTIAL,) if partial else (), made_of)
