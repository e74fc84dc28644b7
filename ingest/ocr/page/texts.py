"""Paragraphs, titles, lists and captions from the rows of one column."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median
from typing import Final

from ingest.ocr.page.lines import bounds, confidence, joined
from ingest.ocr.tables import Row
from ingest.parsing.numbering import is_caption, scheme_of, starts_item
from wenyuan.documents import Block, BlockKind
from wenyuan.text import CJK

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
# Between rows of a paragraph, in heights of a line; and in gaps as they are usual in the column.
_GAP: Final = 1.2
_MAX_GAP: Final = 2.0
_WIDER: Final = 1.3
_MIN_GAPS: Final = 4
_MIN_FULL: Final = 2
_FULL_SHARE: Final = 0.5

Column = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Setting:
    """A page: its number, the height of a line of its text, its own height."""

    page: int
    body: float
    height: float


def text_blocks(rows: Sequence[Row], setting: Setting, column: Column) -> Iterator[Block]:
    """Yield the blocks of rows that stand below one another; ``column`` is where it begins and ends."""
    right = _right_edge(rows, column, setting.body)
    gap = _widest_gap(rows, setting.body)
    start = 0
    for index, (before, row) in enumerate(pairwise(rows), 1):
        if not _continues(before, row, right, gap, setting.body, first=index - 1 == start):
            yield _text_block(rows[start:index], setting, column)
            start = index
    if rows:
        yield _text_block(rows[start:], setting, column)


def _right_edge(rows: Sequence[Row], column: Column, body: float) -> float:
    """Where the rows of running text end: a headline or a page number may reach farther than the text."""
    edges = sorted((row.x1 for row in rows), reverse=True)
    reaching = [sum(0 <= edge - other <= body for other in edges) for edge in edges]
    most = max(reaching, default=0)
    if most < _MIN_FULL:
        return column[1]
    return next(edge for edge, count in zip(edges, reaching, strict=True) if count > most * _FULL_SHARE)


def _widest_gap(rows: Sequence[Row], body: float) -> float:
    """How far apart two rows of one paragraph may stand: print set with wide spacing keeps its paragraphs."""
    gaps = [row.y0 - before.y1 for before, row in pairwise(rows)]
    usual = median(gaps) if len(gaps) >= _MIN_GAPS else 0.0
    return min(max(_GAP * body, _WIDER * usual), _MAX_GAP * body)


def _continues(before: Row, row: Row, right: float, gap: float, body: float, *, first: bool) -> bool:
    """Whether ``row`` goes on with the paragraph of the row ``before``, which is its ``first``.

    It does when it is close, alike in size, neither indented nor numbered, and the row before reaches the right edge
    of the column or, further down in a paragraph, has not ended its sentence.
    """
    high, low = max(before.size, row.size), min(before.size, row.size)
    if high > low * _ALIKE or row.y0 - before.y1 > gap or row.x0 > before.x0 + body * 1.2:
        return False
    full = before.x1 >= right - body * (2.5 if CJK.search(before.text) else 8)
    if not full and _title_level(before.text, before.size, body):
        return False
    open_ended = not _ENDS.search(before.text)
    if starts_item(row.text) or scheme_of(row.text) in _LEVELS:
        # What looks like a number may be the middle of a sentence that was broken there.
        return full and open_ended and not first and row.x0 < before.x0 + body * 0.5 and row.x1 >= right - body * 2.5
    return full or (not first and open_ended)


def _text_block(rows: Sequence[Row], setting: Setting, column: Column) -> Block:
    lines = [line for row in rows for line in row.lines]
    text, spans = joined(lines, setting.page)
    kind, level = _kind(text, rows, column, setting)
    return Block(kind, text, (bounds(lines, setting.page),), level=level, confidence=confidence(lines), lines=spans)


def _kind(text: str, rows: Sequence[Row], column: Column, setting: Setting) -> tuple[BlockKind, int]:
    body, height = setting.body, setting.height
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
