"""Statements without rules: labels, lines that head groups of them, and columns of amounts under a head of dates."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.parsing.pdf.lines import text_of
from ingest.parsing.pdf.model import Glyph, Grid, GridCell, Line
from ingest.tables.columns import Extent
from ingest.tables.head import Stroke, head_cells
from ingest.tables.rows import CURRENCY, text_rows
from ingest.tables.unruled.amounts import Entry, amount_columns, entries, run_end
from ingest.tables.unruled.stacked import Stack

_MIN_RUN: Final = 4
_MAX_TRIED: Final = 3
_MAX_HEAD: Final = 8
_MAX_GROUPS: Final = 3
_HEAD_PITCH: Final = 2.6
_BODY_PITCH: Final = 3.8
_GROUP_PITCH: Final = 3.0
_LARGER: Final = 1.17
# How far headings may begin to the left of where the first amounts end, in distances of columns.
_REACH: Final = 1.15
_JOINED: Final = 3.0
_TOUCH: Final = 4.0
_BLANK: Final = 0.25
_NEAR: Final = 1.0

_Cut = tuple[list[float], list[Extent]]


def statement_tables(rows: Sequence[Sequence[Line]], glyphs: Sequence[Glyph], strokes: Sequence[Stroke]) -> list[Stack]:
    """Return the statements among the rows of text of a column of the page, from the top.

    ``rows`` hold no signs of currencies that are set off from their amounts; ``glyphs`` hold all.
    """
    read = entries(rows)
    found: list[Stack] = []
    at = tried = 0
    while at < len(read):
        following = at + 1
        if len(read[at].amounts) > 1 and not read[at].is_years:
            stop = run_end(read, at)
            columns = amount_columns(read[at:stop]) if stop - at >= _MIN_RUN else None
            tried = tried + 1 if columns is None else 0
            if columns is not None:
                least = found[-1].stop if found else 0
                found.append(_stack(read, (at, stop), columns, least, glyphs, strokes))
            if columns is not None or tried == _MAX_TRIED:
                following, tried = stop, 0
        at = following
    return found


def _stack(
    rows: Sequence[Entry],
    span: tuple[int, int],
    columns: Sequence[Extent],
    least: int,
    glyphs: Sequence[Glyph],
    strokes: Sequence[Stroke],
) -> Stack:
    top, first = _head(rows, span[0], columns, least)
    groups = _groups(rows[first : span[1]])
    inner = rows[top : span[1]]
    pieces = [piece for row in inner for piece in row.pieces]
    above, below = min(piece.y0 for piece in pieces) - 1, max(piece.y1 for piece in pieces) + 1
    left, right = min(piece.x0 for piece in pieces) - 1, max(piece.x1 for piece in pieces) + 1
    own = [g for g in glyphs if above < (g.y0 + g.y1) / 2 < below and left - 1 < (g.x0 + g.x1) / 2 < right + 1]
    held = _by_row(own, [row.middle for row in inner])
    head = [glyph for at in range(first - top) for glyph in held[at]]
    body = held[first - top :]
    xs, extents = _edges(rows[first : span[1]], columns, body, (left, right))
    edges = _floors(rows[first : span[1]], groups, below)
    edges[0] = above if not head else (max(glyph.y1 for glyph in head) + edges[0]) / 2
    cells: list[GridCell] = []
    height = 0
    if head:
        near = _joined([one for one in strokes if above - _TOUCH < one[1] < edges[0] + _TOUCH])
        cells, height = head_cells(text_rows(head), xs, extents, above, edges[0], near, centred=False)
    for number, (start, end) in enumerate(groups):
        texts: list[list[Glyph]] = [[] for _ in xs[1:]]
        for at in range(start, end):
            for glyph in body[at]:
                texts[_column(glyph, rows[first + at], columns)].append(glyph)
        for column, (x0, x1) in enumerate(pairwise(xs)):
            rect = (x0, edges[number], x1, edges[number + 1])
            text = text_of(texts[column]) if texts[column] else ""
            cells.append(GridCell(height + number, column, 1, 1, rect, text))
    grid = Grid(left, above, right, below, height + len(groups), len(xs) - 1, cells, aligned=True, texts=tuple(extents))
    return Stack(top, span[1], grid)


def _joined(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Return strokes with those joined that are drawn column by column."""
    found: list[Stroke] = []
    for x0, y, x1 in sorted(strokes, key=lambda one: (round(one[1]), one[0])):
        if found and abs(found[-1][1] - y) < 1 and x0 - found[-1][2] < _JOINED:
            found[-1] = (found[-1][0], y, max(found[-1][2], x1))
        else:
            found.append((x0, y, x1))
    return found


def _column(glyph: Glyph, row: Entry, columns: Sequence[Extent]) -> int:
    """Return the column of a glyph of the body; a sign set off from its amount goes with the amount behind it."""
    middle = (glyph.x0 + glyph.x1) / 2
    if not row.amounts or middle < row.end:
        return 0
    return next((at for at, (_, x1) in enumerate(columns, 1) if middle < x1), len(columns))


def _by_row(glyphs: Sequence[Glyph], middles: Sequence[float]) -> list[list[Glyph]]:
    """Return the glyphs nearest to each row; ``middles`` rise."""
    found: list[list[Glyph]] = [[] for _ in middles]
    for glyph in glyphs:
        middle = (glyph.y0 + glyph.y1) / 2
        at = bisect_left(middles, middle)
        if at == len(middles) or (at > 0 and middle - middles[at - 1] < middles[at] - middle):
            at -= 1
        found[at].append(glyph)
    return found


def _edges(
    rows: Sequence[Entry], columns: Sequence[Extent], body: Sequence[Sequence[Glyph]], sides: tuple[float, float]
) -> _Cut:
    """Return the edges of the columns and where their texts reach, signs of currencies included."""
    starts = [x0 for x0, _ in columns]
    for row, glyphs in zip(rows, body, strict=True):
        for glyph in glyphs:
            column = _column(glyph, row, columns) if glyph.text in CURRENCY else 0
            if column:
                starts[column - 1] = min(starts[column - 1], glyph.x0)
    labels = [row.end for row in rows if row.amounts and row.label]
    extents = [(sides[0] + 1, max(labels)), *((x0, x1) for x0, (_, x1) in zip(starts, columns, strict=True))]
    cuts = [(one[1] + two[0]) / 2 for one, two in pairwise(extents)]
    return [sides[0], *cuts, sides[1]], extents


def _floors(rows: Sequence[Entry], groups: Sequence[tuple[int, int]], bottom: float) -> list[float]:
    """Return the upper edges of the rows of the table, and its lower edge."""
    tops = [min(piece.y0 for row in rows[start:end] for piece in row.pieces) for start, end in groups]
    ends = [max(piece.y1 for row in rows[start:end] for piece in row.pieces) for start, end in groups]
    return [tops[0], *((end + top) / 2 for end, top in zip(ends, tops[1:], strict=False)), bottom]


def _groups(rows: Sequence[Entry]) -> list[tuple[int, int]]:
    """Return (from, to) of the rows of text that make each row of the table: labels may go on over several lines."""
    limit = max((row.end for row in rows if row.label), default=0.0)
    found: list[tuple[int, int]] = []
    for at, row in enumerate(rows):
        if found and _goes_on(rows[found[-1][0] : at], row, limit):
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


def _goes_on(above: Sequence[Entry], row: Entry, limit: float) -> bool:
    """Tell whether a row of text goes on with the row of the table above it."""
    last = above[-1]
    valued = any(entry.amounts for entry in above)
    if not row.label:
        return not valued and row.middle - last.middle < _NEAR * row.size
    if not last.label or (valued and row.amounts):
        return False
    text, before = row.label[0].text, last.label[-1].text
    if text[:1].islower():
        return True
    word = text.split(" ", 1)[0]
    width = (row.label[0].x1 - row.label[0].x0) * len(word) / max(len(text), 1)
    full = last.end + _BLANK * row.size + width > limit or before.endswith((",", ";"))
    return not valued and full and not before.endswith((":", "：")) and row.label[0].x0 >= last.label[0].x0 - 1


def _head(rows: Sequence[Entry], first: int, columns: Sequence[Extent], least: int) -> tuple[int, int]:
    """Return the first row of the head and that of the body, lines that head its first group included."""
    body = first
    while body > least and first - body < _MAX_GROUPS and _is_group(rows[body - 1], rows[body], columns):
        body -= 1
    top = body
    while top > least and body - top < _MAX_HEAD and _is_head(rows[top - 1], rows[top], columns):
        top -= 1
    while top < body and _is_title(rows, top, least, columns):
        top += 1
    if top < body:
        return top, body
    # Without a head above them, lines over the amounts may be headings of the page.
    while body < first and not rows[body].label[-1].text.endswith((":", "：")):
        body += 1
    return body, body


def _is_group(row: Entry, below: Entry, columns: Sequence[Extent]) -> bool:
    near = below.middle - row.middle < _GROUP_PITCH * below.size
    same = max(row.size, below.size) < _LARGER * min(row.size, below.size)
    return near and same and not row.amounts and row.end < columns[0][0]


def _is_head(row: Entry, below: Entry, columns: Sequence[Extent]) -> bool:
    """Tell whether a row holds headings: texts above the amounts, none of which begins far to the left of them."""
    (edge, right), (_, following), *_ = columns
    over = [piece for piece in row.pieces if piece.x1 > edge]
    pitch = _BODY_PITCH if below.label else _HEAD_PITCH
    if not over or over[0].size > _LARGER * below.size or below.middle - row.middle > pitch * below.size:
        return False
    return all(piece.x0 > right - _REACH * (following - right) for piece in over)


def _is_title(rows: Sequence[Entry], top: int, least: int, columns: Sequence[Extent]) -> bool:
    """Tell whether the first row of a head is the last line of the centred titles above it."""
    row = rows[top]
    if len(row.pieces) > 1 or top == least:
        return False
    above, one = rows[top - 1].pieces[0], row.pieces[0]
    apart = abs(one.x0 + one.x1 - above.x0 - above.x1) / 2
    return len(rows[top - 1].pieces) == 1 and above.x0 < columns[0][0] and apart < 0.3 * row.size
