"""Where a correction belongs: the place of a text told by its words, and found again in another parse."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wenyuan.db.texts.corrections import plain
from wenyuan.documents import Block, BlockKind, Place, Table

#: Characters of a neighbour that are compared: enough to tell repeated lines apart.
_NEIGHBOUR_CHARS: Final = 120
#: A text as short as this says too little: one of its neighbours must be there too.
_TELLING_CHARS: Final = 8
_RUNNING: Final = {BlockKind.HEADER, BlockKind.FOOTER}


@dataclass(frozen=True, slots=True)
class Spot:
    """A block, or the cell of its table that begins at ``row`` and ``column`` (0-based)."""

    block: int
    row: int | None = None
    column: int | None = None


class Places:
    """The places of a sequence of blocks, to name one and to find one again."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._places: dict[Spot, Place] = {}
        self._by_text: defaultdict[tuple[bool, str], list[Spot]] = defaultdict(list)
        counts: defaultdict[tuple[str, str, str, bool], int] = defaultdict(int)
        for spot, place in _all(blocks):
            key = _key(place)
            self._places[spot] = replace(place, nth=counts[key])
            counts[key] += 1
            self._by_text[place.cell, plain(place.text)].append(spot)

    def at(self, spot: Spot) -> Place | None:
        """Return the place of a spot, None for no such block or cell."""
        return self._places.get(spot)

    def find(self, place: Place) -> Spot | None:
        """Return the one spot where ``place`` stands here, None when there is none or it cannot be told which."""
        candidates = self._by_text.get((place.cell, plain(place.text)), [])
        key = _key(place)
        equal = [spot for spot in candidates if _key(self._places[spot]) == key]
        if equal:
            return equal[place.nth] if place.nth < len(equal) else None
        near = [spot for spot in candidates if _neighbours(self._places[spot], place)]
        if len(near) == 1:
            return near[0]
        alone = len(candidates) == 1 and not near and len(plain(place.text)) >= _TELLING_CHARS
        return candidates[0] if alone else None


def _neighbours(one: Place, other: Place) -> int:
    """Count the neighbours that two places share."""
    pairs = ((one.before, other.before), (one.after, other.after))
    return sum(bool(plain(left)) and plain(left) == plain(right) for left, right in pairs)


def _key(place: Place) -> tuple[str, str, str, bool]:
    return plain(place.text), plain(place.before), plain(place.after), place.cell


def _all(blocks: Sequence[Block]) -> Iterator[tuple[Spot, Place]]:
    body = [ordinal for ordinal, block in enumerate(blocks) if block.kind not in _RUNNING]
    for position, ordinal in enumerate(body):
        block = blocks[ordinal]
        before = blocks[body[position - 1]].text if position else ""
        after = blocks[body[position + 1]].text if position + 1 < len(body) else ""
        yield Spot(ordinal), Place(block.text, before[-_NEIGHBOUR_CHARS:], after[:_NEIGHBOUR_CHARS])
        if block.table is not None:
            yield from _cells(ordinal, block.table)


def _cells(ordinal: int, table: Table) -> Iterator[tuple[Spot, Place]]:
    rows: defaultdict[int, list[str]] = defaultdict(list)
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    heads = {
        column: cell.text
        for cell in table.cells
        if cell.row == 0
        for column in range(cell.column, cell.column + cell.column_span)
    }
    seen: defaultdict[int, int] = defaultdict(int)
    for cell in table.cells:
        mine = seen[cell.row]
        # Each of them adds a character at least: of a wide row no more are looked at.
        others = [
            *rows[cell.row][: min(mine, _NEIGHBOUR_CHARS)],
            *rows[cell.row][mine + 1 : mine + 1 + _NEIGHBOUR_CHARS],
        ]
        seen[cell.row] += 1
        row = "|".join(others)[:_NEIGHBOUR_CHARS]
        head = heads.get(cell.column, "") if cell.row else ""
        yield Spot(ordinal, cell.row, cell.column), Place(cell.text, row, head[:_NEIGHBOUR_CHARS], cell=True)
