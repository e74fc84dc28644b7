"""Tables for the tests, written as lines, and questions put to them."""

from collections.abc import Sequence
from dataclasses import replace

from generation.tables.deciding import Decision, decide
from generation.tables.reading.relation import Relation, read_relation
from ingest.tables.typed import typed_table
from wenyuan.answers import Evidence, SeenRow, SeenTable
from wenyuan.documents import Block, BlockKind, BlockRange, Box, Cell, Table


def table(*lines: str, head: int = 1, above: Sequence[str] = ()) -> Table:
    """Return a table: every line is a row, its cells parted by bars; ``<`` goes on with the cell to its left."""
    grid = [[text.strip() for text in line.split("|")] for line in lines]
    cells: list[Cell] = []
    for row, texts in enumerate(grid):
        for column, text in enumerate(texts):
            if text == "<":
                cells[-1] = replace(cells[-1], column_span=cells[-1].column_span + 1)
                continue
            box = Box(1, column * 10, row * 10, column * 10 + 9, row * 10 + 9)
            cells.append(Cell(row, column, text, header=row < head, box=box))
    return typed_table(Table(len(grid), max(map(len, grid)), tuple(cells)), above)


def seen(grid: Table, title: str = "Sales", *, hidden: bool = False, anchor: str | None = None) -> SeenTable:
    """Return a table as a reader sees it, in one passage below a line."""
    text = f"{title} in thousands of USD\n" + "\n".join(grid.lines())
    start = text.index("\n") + 1
    ranges = (
        BlockRange(0, 0, start - 1),
        BlockRange(1, start, len(text), (Box(1, 0, 0, 50, 50),), tuple(range(grid.rows))),
    )
    piece = Evidence("c1", "d1", "v1", title, text, "", (title,), (1,), ranges, "en", anchor, 1.0)
    block = Block(BlockKind.TABLE, text[start:], heading_path=(title,), anchor=anchor, table=grid)
    return SeenTable(1, block, tuple(SeenRow(1, row, anchor, 3 + row) for row in range(grid.rows)), hidden, (piece,))


def relation(*lines: str, head: int = 1, titles: Sequence[str] = ()) -> Relation:
    found = read_relation(table(*lines, head=head, above=titles), titles)
    assert found is not None
    return found


def number(question: str, *tables: Relation) -> float | None:
    """Return the number that answers a question, None where nothing does."""
    decision = decide(question, tables)
    return None if decision is None else value(decision)


def value(decision: Decision) -> float:
    result = decision.result
    found = result.number if result.number is not None else result.operands[0].number
    assert found is not None
    return float(found)
