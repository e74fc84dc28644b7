"""Rows by their numbers: those that a sheet shows beside its rows, or counted from 1 in a table that is in no sheet.

Sheets are stored as tables of a few rows each, and all but the first of them repeat a head that stands elsewhere. Where
the number of a row is not certain, rows of the sheet being hidden for one, it is named by each that it may have.

Numbers move when somebody writes a row above. So a rule remembers by a seal what its rows said when it was written, and
names all of its sheet, section or pages in a version in which they say something else.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from wenyuan.documents import Block, BlockKind, Table
from wenyuan.parts.addresses import Range, read_range
from wenyuan.parts.lines import lines_of, sums_up
from wenyuan.parts.rules import Numbers, Selector, comparable

Spans = tuple[tuple[int, int], ...]
_SAID = (BlockKind.TITLE, BlockKind.PARAGRAPH)


@dataclass(slots=True)
class Numbered:
    """What stands in the rows of those numbers: whole blocks, rows of others as (ordinal, row), and what they say."""

    blocks: set[int] = field(default_factory=set)
    rows: set[tuple[int, int]] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    def fits(self, seal: str) -> bool:
        """Whether it says what the seal was made of."""
        salt, _, _ = seal.partition(":")
        return secrets.compare_digest(seal, self.seal(salt))

    def seal(self, salt: str) -> str:
        """Return what tells this from rows that say something else, and tells nobody what they say."""
        return f"{salt}:{hashlib.sha256(chr(0).join((salt, *self.said)).encode()).hexdigest()}"


def numbered(blocks: Sequence[Block], scope: Collection[int], numbers: Numbers) -> Numbered:
    """Return what of the blocks at the ordinals of ``scope`` stands in the rows; rows that sum up go with them."""
    found = Numbered()
    totals: set[tuple[int, int]] = set()
    tables = _Tables()
    for ordinal, block in enumerate(blocks):
        places = None if block.table is None else tables.places(block, block.table)
        if ordinal not in scope:
            continue
        if block.kind is not BlockKind.TABLE:
            place = read_range(block.anchor)
            if place is not None and _meets(numbers, (place.top, place.bottom)):
                found.blocks.add(ordinal)
                found.said += [comparable(block.text)] if block.kind in _SAID else []
        elif block.table is None or places is None:
            found.blocks.add(ordinal)
        else:
            deep, sums = _deep(block.table), sums_up(block.table)
            for row, (line, spans) in enumerate(zip(lines_of(block.table), places, strict=True)):
                if any(_meets(numbers, span) for span in spans):
                    found.rows.add((ordinal, row))
                    found.said.append(f"{spans} {sorted(line.items())}")
                elif row >= deep and row in sums:
                    totals.add((ordinal, row))
    if found.rows or found.blocks:
        found.rows |= totals
    return found


def sealed(
    blocks: Sequence[Block], scope: Collection[int], selector: Selector, numbers: Numbers, known: Iterable[Selector]
) -> Selector:
    """Return the selector with a seal of what its rows say: of those known the one that says the same and still fits.

    A salt keeps seals from being guessed by who knows the rest of the document.
    """
    said = numbered(blocks, scope, numbers)
    for one in known:
        if one.numbers is not None and one.unsealed == selector.unsealed and said.fits(one.numbers.seal):
            return one
    return replace(selector, numbers=replace(numbers, seal=said.seal(secrets.token_hex(16))))


class _Tables:
    """Tells where rows of tables stand; tables come in the order of the document, so that heads are known."""

    def __init__(self) -> None:
        self._gone: dict[tuple[object, ...], tuple[list[Spans], int]] = {}

    def places(self, block: Block, table: Table) -> list[Spans] | None:
        """Return for each row between which numbers its own is; None for what is no part of the sheet, as a chart.

        Rows that are hidden leave a range longer than what is shown of it. Behind a gap, a piece may be another table
        under the same head, or go on without what is hidden in between.
        """
        place = read_range(block.anchor)
        if place is None:
            return [((row, row),) for row in range(1, table.rows + 1)]
        deep = _deep(table)
        key = _key(place, table, deep)
        head, bottom = self._gone.get(key, ([], 0))
        alone = place.rows >= table.rows and (not bottom or place.top != bottom + 1)
        goes_on = bool(bottom) and place.rows >= table.rows - deep
        if not alone and not goes_on:
            return None
        found = []
        for row in range(table.rows):
            last = place.bottom - (table.rows - 1 - row)
            own: Spans = ((place.top + row, last),) if alone else ()
            if goes_on:
                own += head[row] if row < deep else ((place.top + row - deep, last),)
            found.append(own)
        self._gone[key] = head or found[:deep], place.bottom
        return found


def _meets(numbers: Numbers, span: tuple[int, int]) -> bool:
    return span[0] <= numbers.last and numbers.first <= span[1]


def _deep(table: Table) -> int:
    return max((cell.row + cell.row_span for cell in table.cells if cell.header), default=0)


def _key(place: Range, table: Table, deep: int) -> tuple[object, ...]:
    head = sorted((cell.row, cell.column, cell.text) for cell in table.cells if cell.row < deep)
    return place.sheet, place.left, place.right, table.columns, tuple(head)
