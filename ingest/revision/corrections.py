"""Corrections applied to parsed blocks.

A pure function: the same parse and the same corrections give the same version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ingest.parsing.office.grid import table_text
from ingest.revision.matching import Effort, matches
from ingest.revision.places import Places, Spot
from ingest.tables.typed.values import parse_value
from wenyuan.documents import Block, BlockKind, Cell, Correction, Line, Link, Table

_Span = TypeVar("_Span", Line, Link)


@dataclass(frozen=True, slots=True)
class Corrected:
    """Blocks with corrections in them, the blocks they replaced by ordinal, and the ids that found no place."""

    blocks: tuple[Block, ...]
    originals: dict[int, Block]
    unmatched: tuple[str, ...]


def correct(blocks: Sequence[Block], corrections: Sequence[Correction]) -> Corrected:
    """Return ``blocks`` with each correction at its place; one whose text stands there no more is left out."""
    result = list(blocks)
    originals: dict[int, Block] = {}
    unmatched: list[str] = []
    places = Places(blocks) if corrections else None
    effort = Effort()
    for one in corrections:
        spot = places.find(one.place) if places is not None else None
        if spot is None:
            unmatched.append(one.id)
            continue
        originals.setdefault(spot.block, blocks[spot.block])
        before = result[spot.block]
        result[spot.block] = with_text(before, spot, one.text, effort)
        if before.kind is BlockKind.TITLE:
            for below in _rename(result, spot.block, before.text, one.text):
                originals.setdefault(below, blocks[below])
    return Corrected(tuple(result), originals, tuple(unmatched))


def with_text(block: Block, spot: Spot, text: str, effort: Effort) -> Block:
    """Return ``block`` with another text, of itself or of the cell that ``spot`` names; what points into it follows."""
    if block.table is not None and spot.row is not None:
        table = _with_cell(block.table, spot, text)
        return replace(block, table=table, text=table_text(table))
    moved = _moves(block.text, text, effort)
    return replace(block, text=text, lines=_shifted(block.lines, moved), links=_shifted(block.links, moved))


def _with_cell(table: Table, spot: Spot, text: str) -> Table:
    cells = tuple(
        _retyped(cell, text) if (cell.row, cell.column) == (spot.row, spot.column) else cell for cell in table.cells
    )
    return replace(table, cells=cells)


def _retyped(cell: Cell, text: str) -> Cell:
    """Read the value of the new text; the unit that its head gave stays."""
    value = None if cell.header else parse_value(text)
    if value is not None and value.unit is None and cell.value is not None:
        value = replace(value, unit=cell.value.unit)
    return replace(cell, text=text, value=value)


def _rename(blocks: list[Block], ordinal: int, old: str, new: str) -> list[int]:
    """Let a corrected title and the blocks below it name it as it reads now; returns which."""
    renamed = []
    level = max(blocks[ordinal].level, 1)
    was, now = old.strip(), new.strip()
    for place in range(ordinal, len(blocks)):
        block = blocks[place]
        if place > ordinal and block.kind is BlockKind.TITLE and max(block.level, 1) <= level:
            break
        if was in block.heading_path:
            path = tuple(now if part == was else part for part in block.heading_path)
            blocks[place] = replace(block, heading_path=path)
            renamed.append(place)
    return renamed


def _moves(old: str, new: str, effort: Effort) -> list[tuple[int, int]]:
    """Return matching offsets of the two texts, ends included, for mapping offsets of the old to the new."""
    pairs = [pair for a, b, size in matches(old, new, effort) for pair in ((a, b), (a + size, b + size))]
    return [(0, 0), *pairs, (len(old), len(new))]


def _shifted(spans: Sequence[_Span], moves: Sequence[tuple[int, int]]) -> tuple[_Span, ...]:
    """Move spans of the old text to the new one; one of which nothing is left is dropped."""
    moved = [replace(span, start=_to(span.start, moves), end=_to(span.end, moves)) for span in spans]
    return tuple(span for span in moved if span.end > span.start)


def _to(offset: int, moves: Sequence[tuple[int, int]]) -> int:
    """Map an offset: inside a replaced part it goes to the end of what replaced it."""
    low, high = moves[0], moves[-1]
    for at, to in moves:
        if at <= offset:
            low = (at, to)
        else:
            high = (at, to)
            break
    else:
        return moves[-1][1]
    return low[1] + (offset - low[0]) if high[0] - low[0] == high[1] - low[1] or offset == low[0] else high[1]
