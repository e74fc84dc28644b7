"""Reading order and blocks of a page from its recognised lines: columns, tables by alignment, titles, paragraphs.

Pure geometry in the units of the lines. Columns are cut first, at a gutter that few full-width lines cross; within a
column, rows of aligned cells are a table, and the other lines are joined to paragraphs. Columns of vertical writing
are read from right to left.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import mean
from typing import Final

from ingest.ocr.lines import TextLine, bounds, confidence, straighten
from ingest.ocr.tables import Row, find_tables, group_rows, table_block
from ingest.parsing.numbering import is_caption, scheme_of, starts_item
from wenyuan.documents import Block, BlockKind
from wenyuan.text import CJK, join_lines

_LEVELS: Final = {"part": 1, "chapter": 1, "section": 2, "article": 3, "han": 2, "han-bracket": 3}
_DOTTED: Final = {"dot2": 2, "dot3": 3, "dot4": 4}
_PAGE_NUMBER: Final = re.compile(
    r"(?:第\s*\d+\s*页.*|[-–—·\s]*\d{1,4}[-–—·\s]*|\d+\s*/\s*\d+|page\s+\d+.*)", re.IGNORECASE
)
_ENDS: Final = re.compile(r"[。；;！!？?：:….]$")
_ENDS_OPEN: Final = re.compile(r"[。；;，,：:！!？?.]$")
_TALLER: Final = 1.3
# A centred line is a title at a smaller difference in size.
_CENTRED: Final = 1.15
_ALIKE: Final = 1.35
_MAX_TITLE: Final = 50
_MARGIN: Final = 0.07
_VERTICAL_SHARE: Final = 0.6


Column = tuple[float, float]


def page_blocks(lines: Sequence[TextLine], page: int, height: float) -> tuple[Block, ...]:
    """Return the blocks of a page in reading order, each with its box and mean confidence (weighted by length).

    ``height`` is the page's. Titles have levels by their numbering, or 1 when only set larger; heading paths are left
    to the document.
    """
    if not lines:
        return ()
    if sum(len(x.text) for x in lines if x.is_vertical) > _VERTICAL_SHARE * sum(len(x.text) for x in lines):
        return (_vertical(lines, page),)
    straight = straighten(lines)
    body = _body_size(straight)
    blocks: list[Block] = []
    for region in _regions(sorted(straight, key=lambda line: (line.y0, line.x0)), body):
        blocks.extend(_region_blocks(region, page, body, height))
    return tuple(blocks)


def _body_size(lines: Sequence[TextLine]) -> float:
    """The text height of the median character."""
    half = sum(len(line.text) for line in lines) / 2
    for line in sorted(lines, key=lambda line: line.size):
        half -= len(line.text)
        if half <= 0:
            return line.size
    return 1.0


def _vertical(lines: Sequence[TextLine], page: int) -> Block:
    width = mean(line.width for line in lines)
    ordered = sorted(lines, key=lambda line: (-round((line.x0 + line.x1) / 2 / width), line.y0))
    text = join_lines(line.text for line in ordered)
    return Block(BlockKind.PARAGRAPH, text, (bounds(lines, page),), confidence=confidence(lines))


# --- columns ----------------------------------------------------------------------------------------------------


def _regions(lines: list[TextLine], body: float) -> Iterator[list[TextLine]]:
    """Yield groups of lines to be read one after the other, each of a single column."""
    gutter = _gutter(lines, body)
    if gutter is None:
        yield lines
        return
    band: list[TextLine] = []
    spanning: list[TextLine] = []
    for line in lines:
        if line.x0 < gutter < line.x1:
            yield from _columns(band, gutter, body)
            band = []
            spanning.append(line)
            continue
        if spanning:
            yield spanning
            spanning = []
        band.append(line)
    yield from _columns(band, gutter, body)
    if spanning:
        yield spanning


def _columns(band: list[TextLine], gutter: float, body: float) -> Iterator[list[TextLine]]:
    for side in ([x for x in band if x.x1 <= gutter], [x for x in band if x.x0 >= gutter]):
        if side:
            yield from _regions(side, body)


def _gutter(lines: list[TextLine], body: float) -> float | None:
    """Return the x of the gap between two columns of text that the fewest lines cross, or None."""
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    near, far = left + (right - left) * 0.2, left + (right - left) * 0.8
    best: tuple[int, float] | None = None
    for x in sorted({line.x0 - body * 0.3 for line in lines if near < line.x0 < far}):
        crossing = sum(line.x0 < x < line.x1 for line in lines)
        if crossing <= len(lines) * 0.3 and (best is None or crossing < best[0]) and _is_gutter(lines, x, body):
            best = (crossing, x)
    return best[1] if best is not None else None


def _is_gutter(lines: list[TextLine], x: float, body: float) -> bool:
    """Both sides are columns of running text: several wide lines, side by side, with a gap between."""
    sides = [line for line in lines if line.x1 <= x], [line for line in lines if line.x0 >= x]
    if min(map(len, sides)) < 3:
        return False
    gap = min(line.x0 for line in sides[1]) - max(line.x1 for line in sides[0])
    top = max(min(line.y0 for line in side) for side in sides)
    bottom = min(max(line.y1 for line in side) for side in sides)
    if gap < body * 0.5 or bottom - top < body * 3:
        return False
    return all(_is_running(side, body) for side in sides)


def _is_running(side: list[TextLine], body: float) -> bool:
    column = max(line.x1 for line in side) - min(line.x0 for line in side)
    full = sum(line.width >= column * 0.7 for line in side)
    return full >= len(side) * 0.4 and column >= body * 6


# --- blocks -----------------------------------------------------------------------------------------------------


def _region_blocks(lines: list[TextLine], page: int, body: float, height: float) -> Iterator[Block]:
    rows = group_rows(lines)
    # A headline may be wider than the column it heads.
    running = [line for line in lines if line.size < body * _TALLER] or lines
    column = min(line.x0 for line in running), max(line.x1 for line in running)
    start = 0
    for first, last in find_tables(rows, body):
        yield from _texts(rows[start:first], page, column, body, height)
        yield table_block(rows[first:last], page)
        start = last
    yield from _texts(rows[start:], page, column, body, height)


def _texts(rows: Sequence[Row], page: int, column: Column, body: float, height: float) -> Iterator[Block]:
    start = 0
    for index, (before, row) in enumerate(pairwise(rows), 1):
        if not _continues(before, row, column[1], body, first=index - 1 == start):
            yield _text_block(rows[start:index], page, column, body, height)
            start = index
    if rows:
        yield _text_block(rows[start:], page, column, body, height)


def _continues(before: Row, row: Row, right: float, body: float, *, first: bool) -> bool:
    """Whether ``row`` goes on with the paragraph of the row ``before``, which is its ``first``.

    It does when it is close, alike in size, neither indented nor numbered, and the row before reaches the right edge
    of the column or, further down in a paragraph, has not ended its sentence.
    """
    high, low = max(before.size, row.size), min(before.size, row.size)
    if high > low * _ALIKE or row.y0 - before.y1 > body * 1.2 or row.x0 > before.x0 + body * 1.2:
        return False
    full = before.x1 >= right - body * (2.5 if CJK.search(before.text) else 8)
    if not full and _title_level(before.text, before.size, body):
        return False
    if starts_item(row.text) or scheme_of(row.text) in _LEVELS:
        return False
    return full or (not first and not _ENDS.search(before.text))


def _text_block(rows: Sequence[Row], page: int, column: Column, body: float, height: float) -> Block:
    text = join_lines(row.text for row in rows)
    lines = [line for row in rows for line in row.lines]
    kind, level = _kind(text, rows, column, body, height)
    return Block(kind, text, (bounds(lines, page),), level=level, confidence=confidence(lines))


def _kind(text: str, rows: Sequence[Row], column: Column, body: float, height: float) -> tuple[BlockKind, int]:
    if _PAGE_NUMBER.fullmatch(text):
        if rows[0].y0 > height * (1 - _MARGIN):
            return BlockKind.FOOTER, 0
        if rows[-1].y1 < height * _MARGIN:
            return BlockKind.HEADER, 0
    size = mean(row.size for row in rows) * (_CENTRED if _is_centred(rows, column, body) else 1)
    if len(rows) <= 2 and (level := _title_level(text, size, body)):
        return BlockKind.TITLE, level
    if starts_item(text):
        return BlockKind.LIST, 0
    if is_caption(text) and len(text) <= 80 and not _ENDS.search(text):
        return BlockKind.CAPTION, 0
    return BlockKind.PARAGRAPH, 0


def _is_centred(rows: Sequence[Row], column: Column, body: float) -> bool:
    """Whether rows stand in the middle of their column, clear of both edges."""
    left, right = min(row.x0 for row in rows) - column[0], column[1] - max(row.x1 for row in rows)
    return min(left, right) > body * 2 and abs(left - right) < body * 2


def _title_level(text: str, size: float, body: float) -> int:
    """Depth of a title by its numbering, 1 when it is only set larger, 0 when it is none."""
    if not 2 <= len(text) <= (_MAX_TITLE if CJK.search(text) else _MAX_TITLE * 2) or _ENDS_OPEN.search(text):
        return 0
    scheme = scheme_of(text) or ""
    if level := _LEVELS.get(scheme) or _DOTTED.get(scheme):
        return level
    return 1 if size >= body * _TALLER and any(char.isalpha() for char in text) else 0
