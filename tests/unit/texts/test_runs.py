"""Pieces of a sheet become one table again, where they go on with each other, and else say that there may be more."""

from dataclasses import replace

import pytest

from wenyuan.db.texts.runs import run_of
from wenyuan.db.texts.tables import OpenTable, TablePlace
from wenyuan.documents import Block, BlockKind, Cell, Table


def piece(ordinal: int, anchor: str, *rows: str, hidden: bool = False) -> OpenTable:
    """A piece of two columns under the same head."""
    lines = [("name", "value"), *((row, str(len(row))) for row in rows)]
    cells = tuple(
        Cell(at, along, text, header=at == 0) for at, line in enumerate(lines) for along, text in enumerate(line)
    )
    table = Table(len(lines), 2, cells)
    block = Block(BlockKind.TABLE, "\n".join(table.lines()), anchor=anchor, table=table)
    return OpenTable(TablePlace("d", "v", ordinal), block, tuple(range(len(lines))), hidden)


FIRST, SECOND, THIRD = piece(2, "A1:B3", "a", "b"), piece(3, "A4:B5", "c", "d"), piece(4, "A6:B6", "e")
ALL = {one.place.ordinal: one for one in (FIRST, SECOND, THIRD)}


@pytest.mark.parametrize("found", ALL.values())
def test_a_table_is_whole_whichever_piece_was_found(found: OpenTable) -> None:
    run = run_of(found, ALL, range(10))
    assert run.ordinals == (2, 3, 4)
    assert not run.cut
    assert run.block.table is not None
    assert run.block.table.lines() == ["name | value", "a | 1", "b | 1", "c | 1", "d | 1", "e | 1"]
    assert [row[:2] for row in run.rows] == [(2, 0), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1)]
    assert [row.line for row in run.rows] == [1, 2, 3, 4, 5, 6]


def test_what_was_not_looked_at_may_be_more_of_it() -> None:
    assert run_of(SECOND, {3: SECOND}, [3]).cut
    assert run_of(FIRST, {2: FIRST, 3: SECOND}, range(4)).cut
    assert not run_of(THIRD, ALL, range(1, 6)).cut


@pytest.mark.parametrize("anchor", ["A9:B10", "#/items/3", "'Other'!A4:B5"])
def test_pieces_that_do_not_adjoin_are_not_joined(anchor: str) -> None:
    run = run_of(FIRST, {2: FIRST, 3: piece(3, anchor, "c", "d")}, range(10))
    assert run.ordinals == (2,)
    assert run.cut == (not anchor.startswith("'"))


def test_a_closed_piece_leaves_a_gap_and_lines_are_not_told() -> None:
    first, third = replace(FIRST, hidden=True), replace(THIRD, hidden=True)
    run = run_of(first, {2: first, 4: third}, range(10))
    assert run.ordinals == (2, 4)
    assert run.hidden
    assert {row.line for row in run.rows} == {None}
