"""Pieces: the smallest parts of a block that a chunk keeps whole – a sentence, a list item, a table row."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from wenyuan.documents import Block, BlockKind, Box, Cell, Table
from wenyuan.text import sentences, squeeze

LONG_PIECE_CHARS = 600
_CLAUSE_ENDS = "；;，,、：: "


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stands in block ``ordinal``. ``joiner`` is what parts it from the piece before it in a chunk.

    ``head`` marks the header rows of a table: they are repeated at the top of every chunk of it.
    """

    ordinal: int
    text: str
    boxes: tuple[Box, ...]
    joiner: str
    head: bool = False
    anchor: str | None = None


def pieces_of(ordinal: int, block: Block) -> list[Piece]:
    """Cut a block into pieces in reading order."""
    if block.kind is BlockKind.TABLE and block.table is not None:
        return list(_rows(ordinal, block, block.table))
    if block.kind is BlockKind.CODE:
        lines = [line for line in block.text.split("\n") if line.strip()]
        return [Piece(ordinal, line.rstrip(), block.boxes, "\n", anchor=block.anchor) for line in lines]
    return list(_sentences(ordinal, block))


def _sentences(ordinal: int, block: Block) -> Iterator[Piece]:
    joiner = "\n"
    end = 0
    for sentence in sentences(block.text):
        between = block.text[end : sentence.start]
        if end:
            joiner = "\n" if "\n" in between else between
        end = sentence.end
        for part in _parts(sentence.text):
            yield Piece(ordinal, part, block.boxes, joiner, anchor=block.anchor)
            joiner = ""


def _parts(text: str) -> Iterator[str]:
    """Cut a sentence that is longer than a chunk should be, at clause ends where there are any."""
    start = 0
    while len(text) - start > LONG_PIECE_CHARS:
        limit = start + LONG_PIECE_CHARS
        cut = max(text.rfind(char, start + LONG_PIECE_CHARS // 2, limit) for char in _CLAUSE_ENDS) + 1
        if cut <= start:
            cut = limit
        yield text[start:cut]
        start = cut
    yield text[start:]


def _rows(ordinal: int, block: Block, table: Table) -> Iterator[Piece]:
    """Yield the rows, a merged cell's text in every position it covers, so that each value keeps its labels."""
    heads = _header_rows(table)
    grid = {
        (cell.row + down, cell.column + along): cell
        for cell in table.cells
        for down in range(cell.row_span)
        for along in range(cell.column_span)
    }
    for row in range(table.rows):
        line = [grid.get((row, column)) for column in range(table.columns)]
        text = " | ".join("" if cell is None else squeeze(cell.text) for cell in line)
        if not text.replace("|", "").strip():
            continue
        own = [cell for cell in line if cell is not None and cell.row == row]
        yield Piece(ordinal, text, _row_boxes(own) or block.boxes, "\n", head=row < heads, anchor=block.anchor)


def _header_rows(table: Table) -> int:
    """Return how many rows at the top are header rows; the first row counts as one unless cells say otherwise."""
    marked = {cell.row for cell in table.cells if cell.header}
    if marked and table.rows > len(marked):
        count = 0
        while count in marked:
            count += 1
        return count
    return 1 if table.rows > 1 else 0


def _row_boxes(cells: list[Cell]) -> tuple[Box, ...]:
    """Join the boxes of a row's own cells; cells spanning down from it would mark the rows below, so they are cut."""
    boxes = [cell.box for cell in cells if cell.box is not None and cell.row_span == 1]
    boxes = boxes or [cell.box for cell in cells if cell.box is not None]
    joined = []
    for page, group in groupby(sorted(boxes, key=lambda box: box.page), key=lambda box: box.page):
        mine = list(group)
        joined.append(
            Box(
                page,
                min(box.x0 for box in mine),
                min(box.y0 for box in mine),
                max(box.x1 for box in mine),
                max(box.y1 for box in mine),
            )
        )
    return tuple(joined)
