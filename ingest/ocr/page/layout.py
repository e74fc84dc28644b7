"""Reading order and blocks of a page from its recognised lines: figures and tables set apart, columns, paragraphs.

Pure geometry in the units of the lines. What a layout model says of tables and figures is a hint that the lines must
bear out. Figures and tables are cut out before the columns are: their cells would tear the page apart. Vertical writing
is laid on its side, where columns read from right to left are rows read from the top.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.ocr.page.lines import Rect, TextLine, body_size, confidence, joined
from ingest.ocr.page.spreads import facing_pages
from ingest.ocr.page.texts import Setting, text_blocks
from ingest.ocr.page.vertical import vertical_blocks, vertical_groups
from ingest.ocr.tables import find_tables, group_rows, table_block
from ingest.parsing.numbering import is_caption
from ingest.parsing.order import Placed, reading_order
from wenyuan.documents import Block, BlockKind, Box
from wenyuan.text import CJK

_VERTICAL_SHARE: Final = 0.6
_INSIDE: Final = 0.6
# A figure that covers more of the page, or holds a line this long, is a page of text on a ground.
_MAX_FIGURE: Final = 0.5
_RUNNING: Final = 25
# The number of a table or figure, and how far its title may stand from it, in heights of a line.
_MAX_NUMBER: Final = 12
_CAPTION_GAP: Final = 8
# The measures of the reading order are those of a page whose text is ten units high.
_UNIT: Final = 10.0
_SAME_EDGE: Final = 2.0 * _UNIT


@dataclass(frozen=True, slots=True)
class Area:
    """A figure that a layout model saw: where layout sees it, and where it is on the page as it is."""

    rect: Rect
    shown: Rect


@dataclass(slots=True)
class _Item:
    """Lines that belong side by side, or a block that is finished, in units of the reading order."""

    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    content: list[TextLine] | Block


def page_blocks(
    lines: Sequence[TextLine],
    page: int,
    height: float,
    figures: Sequence[Area] = (),
    tables: Sequence[tuple[Rect, Block]] = (),
) -> tuple[Block, ...]:
    """Return the blocks of a page in reading order, each with its box, its lines and their confidence.

    ``height`` is the page's. ``tables`` are blocks already, their lines not among ``lines``. Titles have levels by
    their numbering, or 1 when only set larger; heading paths are left to the document.
    """
    if sum(len(x.text) for x in lines if x.is_vertical) > _VERTICAL_SHARE * sum(len(x.text) for x in lines):
        return tuple(vertical_blocks(lines, page))
    rest, done = _cut_out(lines, page, height, figures)
    done += tables
    leaves = facing_pages(rest, body_size(rest))
    if leaves is None:
        return tuple(_flow(rest, done, page, height))
    found: list[Block] = []
    for leaf in leaves:
        edge = max(line.x1 for line in leaf)
        own = [one for one in done if (one[0][0] + one[0][2]) / 2 < edge]
        done = [one for one in done if one not in own]
        found += _flow(leaf, own, page, height)
    return (*found, *(block for _, block in done))


def _cut_out(
    lines: Sequence[TextLine], page: int, height: float, figures: Sequence[Area]
) -> tuple[list[TextLine], list[tuple[Rect, Block]]]:
    """Part the page into lines of running text, and figures and groups of vertical lines as blocks."""
    rest = list(lines)
    done: list[tuple[Rect, Block]] = []
    width = max((line.x1 for line in lines), default=0.0)
    for area in figures:
        own = [line for line in rest if _inside(line, area.rect) > _INSIDE]
        if _is_figure(area.rect, own, width * height):
            ids = {id(line) for line in own}
            rest = [line for line in rest if id(line) not in ids]
            done.append((area.rect, _figure(area, own, page)))
    for group in vertical_groups([line for line in rest if line.is_vertical and CJK.search(line.text)]):
        ids = {id(line) for line in group}
        rest = [line for line in rest if id(line) not in ids]
        rect = _around(group)
        done += ((rect, block) for block in vertical_blocks(group, page))
    return rest, done


def _flow(lines: Sequence[TextLine], done: Sequence[tuple[Rect, Block]], page: int, height: float) -> Iterator[Block]:
    """Yield blocks in reading order: paragraphs of ``lines``, and the blocks that are ``done`` in their places."""
    body = body_size(lines)
    scale = _UNIT / body
    items = [_item(_around(group), scale, group[0].size, group) for group in _with_captions(lines, body)]
    items += (_item(rect, scale, body, block) for rect, block in done)
    setting = Setting(page, body, height)
    for left, right, group in _runs(reading_order(items)):
        if isinstance(group, Block):
            yield group
        else:
            yield from _column(group, setting, (left / scale, right / scale))


def _runs(placed: Sequence[Placed[_Item]]) -> Iterator[tuple[float, float, list[TextLine] | Block]]:
    """Yield finished blocks, and lines that follow one another down one column, with the edges of the column.

    The parts of a column differ a little in their edges; they are still one column.
    """
    lines: list[TextLine] = []
    left = right = 0.0
    for item, item_left, item_right in placed:
        same = abs(item_left - left) < _SAME_EDGE and abs(item_right - right) < _SAME_EDGE
        if lines and (isinstance(item.content, Block) or not same):
            yield left, right, lines
            lines = []
        if isinstance(item.content, Block):
            yield item_left, item_right, item.content
            continue
        if not lines:
            left, right = item_left, item_right
        lines += item.content
    if lines:
        yield left, right, lines


def _column(lines: Sequence[TextLine], setting: Setting, column: tuple[float, float]) -> Iterator[Block]:
    rows = group_rows(lines)
    start = 0
    for first, last in find_tables(rows, setting.body):
        yield from text_blocks(rows[start:first], setting, column)
        yield table_block(rows[first:last], setting.page)
        start = last
    yield from text_blocks(rows[start:], setting, column)


def _with_captions(lines: Sequence[TextLine], body: float) -> list[list[TextLine]]:
    """Every line by itself, but the number of a table or figure with its title, which stands some way off."""
    groups = [[line] for line in lines]
    for group in groups:
        if not group or len(group[0].text) > _MAX_NUMBER or not is_caption(group[0].text):
            continue
        head = group[0]
        beside = [
            other
            for other in groups
            if len(other) == 1
            and 0 <= other[0].x0 - head.x1 < _CAPTION_GAP * body
            and abs(other[0].y0 + other[0].y1 - head.y0 - head.y1) < body
        ]
        if beside:
            nearest = min(beside, key=lambda other: other[0].x0)
            group.append(nearest[0])
            nearest.clear()
    return [group for group in groups if group]


def _around(lines: Sequence[TextLine]) -> Rect:
    return (
        min(line.x0 for line in lines),
        min(line.y0 for line in lines),
        max(line.x1 for line in lines),
        max(line.y1 for line in lines),
    )


def _item(rect: Rect, scale: float, size: float, content: list[TextLine] | Block) -> _Item:
    x0, y0, x1, y1 = (side * scale for side in rect)
    return _Item(x0, y0, x1, y1, size * scale, content)


# --- figures ----------------------------------------------------------------------------------------------------


def _is_figure(rect: Rect, lines: Sequence[TextLine], page_area: float) -> bool:
    area = (rect[2] - rect[0]) * (rect[3] - rect[1])
    return area <= _MAX_FIGURE * page_area and all(len(line.text) < _RUNNING for line in lines)


def _figure(area: Area, lines: Sequence[TextLine], page: int) -> Block:
    box = Box(page, *area.shown)
    if not lines:
        return Block(BlockKind.FIGURE, "", (box,))
    text, spans = joined([line for row in group_rows(lines) for line in row.lines], page)
    return Block(BlockKind.FIGURE, text, (box,), confidence=confidence(lines), lines=spans)


def _inside(line: TextLine, rect: Rect) -> float:
    """Share of a line's box that lies within a rectangle."""
    width = min(line.x1, rect[2]) - max(line.x0, rect[0])
    height = min(line.y1, rect[3]) - max(line.y0, rect[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max((line.x1 - line.x0) * (line.y1 - line.y0), 1e-6)
