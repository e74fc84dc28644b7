"""From blocks to the texts that are looked for on the pages, and from what was found back to blocks with boxes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ingest.parsing.office.pieces import COMMENT
from ingest.rendition.units import BESIDE, DRAWN, HEAD, NOTE, PICTURE, WORDS
from wenyuan.documents import Block, BlockKind, Box, Cell, Line, Page, ParsedDocument, Table

Found = tuple[int, int, int, float, float, float, float]
"""Start and end in the text, page, x0, y0, x1, y1."""

Head = tuple[Cell, ...]
_EQUATION: Final = re.compile(r"\$[^$]*\$")
_MARKS: Final = " \n+-=,.;，。；、()（）"
_RUNNING: Final = (BlockKind.HEADER, BlockKind.FOOTER)
_SLIDE: Final = re.compile(r"slide (\d+)")
_HIDDEN_SLIDE: Final = re.compile(r"slide-hidden:(\d+)")


def running_texts(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield the running heads, line by line."""
    for block in blocks:
        if block.kind in _RUNNING:
            yield from (line.split("$")[0] if line.count("$") > 1 else line for line in block.text.splitlines())


def units_of(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of what is looked for: a block, or each cell of its table; nothing of what is hidden."""
    head: Head = ()
    for block in blocks:
        if block.hidden is not None:
            continue
        if block.table is None or block.media is not None:
            yield _kind(block), block.text
            continue
        repeated = _repeats(block.table, head)
        for cell in block.table.cells:
            if cell.text and not (repeated and cell.header):
                yield WORDS, cell.text
        head = _head(block.table)


def placed(
    parsed: ParsedDocument, sizes: Sequence[tuple[float, float]], lines: Sequence[Sequence[Found]], slides: bool
) -> ParsedDocument:
    """Return a document whose blocks have the boxes found for its units, in the order of ``units_of``."""
    pages = tuple(Page(number, round(w, 2), round(h, 2)) for number, (w, h) in enumerate(sizes, 1))
    waiting = iter(lines)
    blocks: list[Block] = []
    head: Head = ()
    for block in parsed.blocks:
        if block.hidden is not None:
            blocks.append(block)
        elif block.table is None or block.media is not None:
            blocks.append(_placed_block(block, next(waiting)))
        else:
            table = _placed_table(block.table, waiting, head)
            head = _head(table)
            blocks.append(replace(block, table=table, boxes=_table_boxes(table)))
    blocks = _on_slides(blocks, parsed.warnings, pages) if slides else _by_neighbours(blocks)
    return replace(parsed, pages=pages, blocks=tuple(blocks))


def _kind(block: Block) -> str:
    if block.kind in _RUNNING:
        return HEAD
    if block.kind is BlockKind.FIGURE:
        return PICTURE
    if block.kind is BlockKind.FORMULA or block.table is not None or not _EQUATION.sub("", block.text).strip(_MARKS):
        return DRAWN
    if block.kind is BlockKind.FOOTNOTE:
        return BESIDE if block.text.startswith(COMMENT) else NOTE
    return WORDS


def _head(table: Table) -> Head:
    return tuple(cell for cell in table.cells if cell.header)


def _repeats(table: Table, head: Head) -> bool:
    """Say whether a part of a long table opens with the head of the part before it, which is printed once."""
    own = [cell.text for cell in _head(table)]
    return bool(own) and own == [cell.text for cell in head]


def _placed_block(block: Block, found: Sequence[Found]) -> Block:
    lines = tuple(Line(line[0], line[1], Box(*line[2:])) for line in found if line[0] < line[1] <= len(block.text))
    return replace(block, boxes=_boxes(found), lines=lines if block.kind is not BlockKind.FIGURE else ())


def _placed_table(table: Table, waiting: Iterator[Sequence[Found]], head: Head) -> Table:
    known = iter(head) if _repeats(table, head) else None
    cells: list[Cell] = []
    for cell in table.cells:
        if known is not None and cell.header:
            cells.append(replace(cell, box=next(known).box))
        else:
            own = _boxes(next(waiting)) if cell.text else ()
            cells.append(replace(cell, box=own[0]) if own else cell)
    return replace(table, cells=tuple(cells))


def _table_boxes(table: Table) -> tuple[Box, ...]:
    """Where its own rows stand, or else its head."""
    body = [cell.box for cell in table.cells if cell.box is not None and not cell.header]
    return _union(body or [cell.box for cell in table.cells if cell.box is not None])


def _boxes(found: Sequence[Found]) -> tuple[Box, ...]:
    return _union([Box(*line[2:]) for line in found])


def _union(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """One box for each page."""
    pages: dict[int, Box] = {}
    for box in boxes:
        other = pages.get(box.page, box)
        pages[box.page] = Box(
            box.page, min(box.x0, other.x0), min(box.y0, other.y0), max(box.x1, other.x1), max(box.y1, other.y1)
        )
    return tuple(pages[page] for page in sorted(pages))


def _by_neighbours(blocks: list[Block]) -> list[Block]:
    """Give a sheet's name the place of what it heads, and the table of a chart that of the chart's title."""
    settled = list(blocks)
    for index in range(len(settled) - 1, -1, -1):
        block = settled[index]
        if block.boxes or block.hidden is not None:
            continue
        if block.kind is BlockKind.TITLE and block.anchor and index + 1 < len(settled):
            settled[index] = replace(block, boxes=settled[index + 1].boxes[:1])
        elif block.kind is BlockKind.TABLE and block.media and index and blocks[index - 1].kind is BlockKind.CAPTION:
            settled[index] = replace(block, boxes=blocks[index - 1].boxes)
        elif block.kind is BlockKind.CAPTION and index + 1 < len(settled) and settled[index + 1].media:
            settled[index] = replace(block, boxes=settled[index + 1].boxes)
    return settled


def _on_slides(blocks: list[Block], warnings: Sequence[str], pages: Sequence[Page]) -> list[Block]:
    """Give what is not written on a slide (speaker notes, charts, comments) the whole slide it belongs to."""
    skipped = sorted(int(match[1]) for warning in warnings if (match := _HIDDEN_SLIDE.fullmatch(warning)))
    settled = []
    for block in blocks:
        match = _SLIDE.fullmatch(block.anchor or "")
        if match is not None and not block.boxes and block.hidden is None:
            number = int(match[1]) - sum(slide < int(match[1]) for slide in skipped)
            if 1 <= number <= len(pages):
                page = pages[number - 1]
                block = replace(block, boxes=(Box(number, 0, 0, page.width, page.height),))  # noqa: PLW2901
        settled.append(block)
    return settled
