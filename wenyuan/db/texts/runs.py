"""Tables of sheets are stored in pieces of a few rows, each with the head: put together again they are one table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from wenyuan.answers import SeenRow
from wenyuan.db.texts.tables import OpenTable
from wenyuan.documents import Block, Cell, Table
from wenyuan.parts.addresses import read_range
from wenyuan.parts.marks import sheet_of


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces of one table as one. ``cut``: there may be further rows of it that are not in it."""

    ordinals: tuple[int, ...]
    block: Block
    rows: tuple[SeenRow, ...]
    hidden: bool
    cut: bool


def run_of(table: OpenTable, others: Mapping[int, OpenTable], looked: Collection[int]) -> Run:
    """Return the table with the pieces before and behind it.

    ``others`` are the tables of its version by ordinal that the reader may see, of those at the ordinals ``looked``;
    what stands elsewhere is not known.
    """
    if table.block.anchor is None:
        return _run([table], cut=False)
    before, cut_before = _along(table, others, looked, -1)
    behind, cut_behind = _along(table, others, looked, 1)
    return _run([*reversed(before), table, *behind], cut=cut_before or cut_behind)


def _along(
    table: OpenTable, others: Mapping[int, OpenTable], looked: Collection[int], step: int
) -> tuple[list[OpenTable], bool]:
    """Return the pieces that go on one way, the nearest first, and whether more of them may follow."""
    found: list[OpenTable] = []
    at, ordinal = table, table.place.ordinal + step
    while ordinal in looked:
        other = others.get(ordinal)
        if other is not None:
            first, second = (at, other) if step > 0 else (other, at)
            if not _adjoin(first, second):
                return found, _alike(first, second)
            found.append(other)
            at = other
        elif not table.hidden:  # a piece that is closed as a whole leaves a gap
            return found, False
        ordinal += step
    return found, ordinal >= 0 and ordinal == at.place.ordinal + step


def _alike(first: OpenTable, second: OpenTable) -> bool:
    """Whether two tables may be pieces of one: in one sheet, with the same columns under the same head."""
    one, other = first.block.table, second.block.table
    if one is None or other is None or sheet_of(first.block) != sheet_of(second.block):
        return False
    return second.block.anchor is not None and one.columns == other.columns and _head(one) == _head(other)


def _adjoin(first: OpenTable, second: OpenTable) -> bool:
    """Whether the second goes on where the first ends; between them may be what is closed to the reader."""
    above, below = read_range(first.block.anchor), read_range(second.block.anchor)
    if above is None or below is None or (above.left, above.right) != (below.left, below.right):
        return False
    near = below.top == above.bottom + 1 or (first.hidden and below.top > above.bottom)
    return near and _alike(first, second)


def _deep(table: Table) -> int:
    return max((cell.row + cell.row_span for cell in table.cells if cell.header), default=0)


def _head(table: Table) -> list[tuple[int, int, str]]:
    return sorted((cell.row, cell.column, cell.text) for cell in table.cells if cell.row < _deep(table))


def _run(pieces: Sequence[OpenTable], *, cut: bool) -> Run:
    cells: list[Cell] = []
    rows: list[SeenRow] = []
    for number, piece in enumerate(pieces):
        if piece.block.table is None:
            continue
        skipped = _deep(piece.block.table) if number else 0
        down = len(rows) - skipped
        cells += [replace(one, row=one.row + down) for one in piece.block.table.cells if one.row >= skipped]
        rows += _rows(piece)[skipped:]
    block = pieces[0].block
    if len(pieces) > 1 and block.table is not None:
        whole = Table(len(rows), block.table.columns, tuple(cells))
        block = replace(block, text="\n".join(whole.lines()), table=whole)
    ordinals = tuple(one.place.ordinal for one in pieces)
    return Run(ordinals, block, tuple(rows), any(one.hidden for one in pieces), cut)


def _rows(piece: OpenTable) -> list[SeenRow]:
    """Return where the rows of a piece stand; the range that it is anchored at has the head or has it not."""
    table, place = piece.block.table, read_range(piece.block.anchor)
    first: int | None = None
    if table is not None and place is not None and not piece.hidden and place.columns == table.columns:
        absent = table.rows - place.rows
        if absent in {0, _deep(table)}:
            first = place.top - absent
    top = place.top if place is not None else 0
    return [
        SeenRow(
            piece.place.ordinal, row, piece.block.anchor, None if first is None or first + row < top else first + row
        )
        for row in piece.rows
    ]
