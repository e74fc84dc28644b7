"""Where recognised text goes: pages replaced, figures given their words, confidence of pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from wenyuan.documents import Block, BlockKind, Box, Line
from wenyuan.text import join_spans

# A line of a picture that the page's own text covers to this share is that text.
_COVERED: Final = 0.5


def with_pages(blocks: Sequence[Block], found: Mapping[int, tuple[Block, ...]]) -> list[Block]:
    """Put recognised pages in the place of what the parser found on them; empty ones replace nothing."""
    recognised = {number for number, own in found.items() if own}
    kept = [block for block in blocks if not (block.boxes and block.boxes[0].page in recognised)]
    kept += [block for number in recognised for block in found[number]]
    # Stable: within a page the order stays; a block across pages stands where it begins.
    return sorted(kept, key=lambda block: block.boxes[0].page if block.boxes else 0)


def with_words(figure: Block, read: Sequence[Block], layer: Sequence[Box]) -> Block:
    """Return ``figure`` with the text that was ``read`` in its picture, less what the boxes of ``layer`` cover.

    The boxes of ``read`` are in the units of the figure's page. What the file itself says of the figure stays in
    front; lines are kept where the figure has a place on a page.
    """
    text = figure.text.strip()
    lines: list[Line] = []
    kept: list[tuple[float, int]] = []
    for block in read:
        own = [line for line in block.lines if not _is_covered(line.box, layer)]
        if block.lines and not own:
            continue
        if len(own) == len(block.lines):
            piece, spans = block.text, [(line.start, line.end) for line in own]
        else:
            piece, spans = join_spans(block.text[line.start : line.end] for line in own)
        start = len(text) + 1 if text else 0
        text = f"{text}\n{piece}" if text else piece
        lines += (
            replace(line, start=start + span[0], end=start + span[1]) for line, span in zip(own, spans, strict=True)
        )
        kept.append((block.confidence or 0.0, len(piece)))
    if not kept:
        return figure
    placed = tuple(lines) if figure.boxes else ()
    return replace(figure, text=text, lines=placed, confidence=_mean(kept))


def layer_boxes(blocks: Iterable[Block], page: int) -> list[Box]:
    """Return where the text layer of a page stands: its lines, or its blocks where lines are not told."""
    boxes: list[Box] = []
    for block in blocks:
        if block.kind is BlockKind.FIGURE or not block.text:
            continue
        own = [line.box for line in block.lines] or list(block.boxes)
        boxes += (box for box in own if box.page == page)
    return boxes


def moved(block: Block, page: int, left: float, top: float) -> Block:
    """Return a block read in a crop whose corner is (``left``, ``top``) of ``page``, boxes on the page."""

    def back(box: Box) -> Box:
        return Box(page, box.x0 + left, box.y0 + top, box.x1 + left, box.y1 + top)

    table = block.table
    if table is not None:
        table = replace(table, cells=tuple(replace(x, box=back(x.box)) if x.box else x for x in table.cells))
    lines = tuple(replace(line, box=back(line.box)) for line in block.lines)
    return replace(block, boxes=tuple(map(back, block.boxes)), lines=lines, table=table)


def confidence_of(blocks: Iterable[Block]) -> float | None:
    """Mean confidence of the characters of recognised blocks, 0..1; None when there are none."""
    return _mean([(block.confidence, len(block.text)) for block in blocks if block.confidence is not None])


def _mean(parts: Sequence[tuple[float, int]]) -> float | None:
    characters = sum(length for _, length in parts)
    return round(sum(score * length for score, length in parts) / characters, 4) if characters else None


def _is_covered(box: Box, layer: Sequence[Box]) -> bool:
    area = (box.x1 - box.x0) * (box.y1 - box.y0)
    shared = sum(
        max(min(box.x1, other.x1) - max(box.x0, other.x0), 0) * max(min(box.y1, other.y1) - max(box.y0, other.y0), 0)
        for other in layer
    )
    return shared > _COVERED * area
