"""Heads of several rows: which heading stands above which columns."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Final, TypeAlias

from ingest.parsing.pdf.lines import text_of
from ingest.parsing.pdf.model import Glyph, GridCell
from ingest.tables.rows import TextRow, runs

Stroke: TypeAlias = tuple[float, float, float]
Extent: TypeAlias = tuple[float, float]
_PIECE_GAP: Final = 0.6
_CUT_GAP: Final = 0.1
_LETTER_GAP: Final = 0.34
_TOUCH: Final = 3.0
_FAR: Final = 2.5
# What it costs to leave a column without heading, and how far off the middle one may be, in widths.
_SKIP: Final = 0.3
_OFF: Final = 0.16
_MAX_SHARED: Final = 60


@dataclass(slots=True)
class _Piece:
    """A run of one row of the head, over columns first..last."""

    glyphs: list[Glyph]
    first: int
    last: int
    y0: float
    y1: float
    above: list["_Piece"] = field(default_factory=list)

    @property
    def x0(self) -> float:
        return min(glyph.x0 for glyph in self.glyphs)

    @property
    def x1(self) -> float:
        return max(glyph.x1 for glyph in self.glyphs)


def head_cells(
    rows: Sequence[TextRow],
    xs: Sequence[float],
    columns: Sequence[Extent],
    top: float,
    bottom: float,
    strokes: Sequence[Stroke],
    *,
    centred: bool = True,
) -> tuple[list[GridCell], int]:
    """Return the cells of a head and how many rows it has.

    ``xs`` are the edges of the columns, ``columns`` the extents of the text in each, ``strokes`` shorter rules in the
    head: what stands above one names the columns it covers. Without a stroke a heading names the columns that it is
    centred on, if ``centred``, else those it reaches over. Other headings reach from below the one that names them all
    down to the values.
    """
    pieces = [_Piece(run, -1, -1, row.y0, row.y1) for row in rows for run in _pieces(row.glyphs, xs)]
    spanning = _spanning(pieces, xs, columns, strokes, centred=centred)
    single = [(piece, _column(piece, xs, columns)) for piece in pieces if piece.first < 0]
    for piece in spanning:
        piece.above = [
            other
            for other in spanning
            if other is not piece
            and other.first <= piece.first
            and other.last >= piece.last
            and other.y0 + other.y1 < piece.y0 + piece.y1
        ]
    count = len(xs) - 1
    depth = [max((len(p.above) + 1 for p in spanning if p.first <= c <= p.last), default=0) for c in range(count)]
    deepest = max(depth) + (1 if any(depth) else 0)
    height = max(deepest, 1)
    if any(depth) and not any(depth[column] == max(depth) for _, column in single):
        height = max(depth)
    ys = _levels(spanning, top, bottom, height)
    cells = [
        GridCell(
            len(piece.above),
            piece.first,
            1,
            piece.last - piece.first + 1,
            (xs[piece.first], ys[len(piece.above)], xs[piece.last + 1], ys[len(piece.above) + 1]),
            text_of(piece.glyphs),
            header=True,
        )
        for piece in spanning
    ]
    for column in range(count):
        own = [glyph for piece, at in single if at == column for glyph in piece.glyphs]
        level = depth[column]
        if level < height:
            rect = (xs[column], ys[level], xs[column + 1], ys[height])
            text = text_of(own) if own else ""
            cells.append(GridCell(level, column, height - level, 1, rect, text, header=True))
    return cells, height


def _levels(spanning: Sequence[_Piece], top: float, bottom: float, height: int) -> list[float]:
    """Return the edges of the rows of a head."""
    ys = [top]
    for level in range(1, height):
        above = [piece.y1 for piece in spanning if len(piece.above) == level - 1]
        ys.append(min(max(max(above, default=top), ys[-1]), bottom))
    return [*ys, bottom]


def _column(piece: _Piece, xs: Sequence[float], columns: Sequence[Extent]) -> int:
    """Return the column under a heading: the one it overlaps most, or in whose edges its middle lies."""
    overlap = [min(piece.x1, x1) - max(piece.x0, x0) for x0, x1 in columns]
    best = max(range(len(columns)), key=lambda at: overlap[at])
    return best if overlap[best] > 0 else bisect_right(xs[1:-1], (piece.x0 + piece.x1) / 2)


def _spanning(
    pieces: Sequence[_Piece],
    xs: Sequence[float],
    columns: Sequence[Extent],
    strokes: Sequence[Stroke],
    *,
    centred: bool,
) -> list[_Piece]:
    """Return the headings over two columns and more, and mark their pieces."""
    found: list[_Piece] = []
    for stroke in strokes:
        first, last = _covered(stroke, xs, columns)
        if last > first:
            found += _above_stroke(stroke, first, last, pieces, strokes, columns)
    if not found and centred:
        found = _above_headings(pieces, xs, columns)
    for piece in pieces:
        if piece.first < 0:
            touched = [at for at, (x0, x1) in enumerate(columns) if x0 < piece.x1 - 1 and x1 > piece.x0 + 1]
            if len(touched) > 1 and _names_all(piece, touched, pieces, xs, columns):
                piece.first, piece.last = touched[0], touched[-1]
                found.append(piece)
    return _merge_lines(found)


def _names_all(
    piece: _Piece, touched: Sequence[int], pieces: Sequence[_Piece], xs: Sequence[float], columns: Sequence[Extent]
) -> bool:
    """Tell whether all columns a heading reaches over have headings below, or none of them has."""
    below = {_column(other, xs, columns) for other in pieces if other.y0 > piece.y1 - 2}
    return all(at in below for at in touched) or not any(at in below for at in touched)


def _above_stroke(
    stroke: Stroke,
    first: int,
    last: int,
    pieces: Sequence[_Piece],
    strokes: Sequence[Stroke],
    columns: Sequence[Extent],
) -> list[_Piece]:
    """Return what stands right above a stroke: one heading for the columns it covers, or several that share them."""
    above = [
        piece
        for piece in pieces
        if piece.first < 0
        and piece.y1 <= stroke[1] + _TOUCH
        and stroke[0] - 2 <= (piece.x0 + piece.x1) / 2 <= stroke[2] + 2
    ]
    if not above or stroke[1] - max(piece.y1 for piece in above) > _FAR * above[0].glyphs[0].size:
        return []
    higher = [
        other[1] for other in strokes if other[1] < stroke[1] - _TOUCH and other[0] < stroke[2] and other[2] > stroke[0]
    ]
    limit = max(higher, default=0.0)
    groups: list[list[_Piece]] = []
    for piece in sorted((one for one in above if (one.y0 + one.y1) / 2 > limit), key=lambda one: one.x0):
        if groups and piece.x0 < max(one.x1 for one in groups[-1]) + piece.glyphs[0].size:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    heads = [
        _Piece([g for one in group for g in one.glyphs], 0, 0, min(p.y0 for p in group), max(p.y1 for p in group))
        for group in groups
    ]
    texts = columns[first : last + 1]
    shares = divide([(head.x0 + head.x1) / 2 for head in heads], texts, texts, whole=True)
    found = []
    for group, head, share in zip(groups, heads, shares, strict=True):
        if share is not None and share[1] > share[0]:
            head.first, head.last = first + share[0], first + share[1]
            for piece in group:
                piece.first, piece.last = head.first, head.last
            found.append(head)
    return found


def _above_headings(pieces: Sequence[_Piece], xs: Sequence[float], columns: Sequence[Extent]) -> list[_Piece]:
    """Return headings centred on several columns that each have a heading of their own in the row right below."""
    levels: dict[float, list[_Piece]] = {}
    for piece in pieces:
        levels.setdefault(piece.y0, []).append(piece)
    found: list[_Piece] = []
    ordered = [levels[y] for y in sorted(levels)]
    for at, upper in enumerate(ordered):
        limit = upper[0].y1 - 0.3 * upper[0].glyphs[0].size
        for lower in (row for row in ordered[at + 1 :] if row[0].y0 > limit):
            below = sorted({_column(piece, xs, columns) for piece in lower})
            for stretch in _stretches(below):
                found += _shared(upper, stretch, xs, columns)
    return found


def _shared(
    upper: Sequence[_Piece], stretch: Sequence[int], xs: Sequence[float], columns: Sequence[Extent]
) -> list[_Piece]:
    """Share the columns of a stretch out among the headings above it; return those that get several."""
    texts = columns[stretch[0] : stretch[-1] + 1]
    cells = list(pairwise(xs[stretch[0] : stretch[-1] + 2]))
    own = [p for p in upper if p.first < 0 and texts[0][0] - 2 < (p.x0 + p.x1) / 2 < texts[-1][1] + 2]
    if not own or len(own) >= len(stretch):
        return []
    found = []
    for piece, share in zip(own, divide([(p.x0 + p.x1) / 2 for p in own], texts, cells), strict=True):
        if share is not None and share[1] > share[0]:
            piece.first, piece.last = stretch[0] + share[0], stretch[0] + share[1]
            found.append(_Piece(piece.glyphs, piece.first, piece.last, piece.y0, piece.y1))
    return found


def _stretches(numbers: Sequence[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return [stretch for stretch in found if len(stretch) > 1]


def divide(
    middles: Sequence[float], texts: Sequence[Extent], cells: Sequence[Extent], *, whole: bool = False
) -> list[tuple[int, int] | None]:
    """Return for each heading (by its middle, from left to right) the first and last column it is centred on.

    The columns, given as extents of their texts and of their cells, are shared out so that the headings stand as near
    as can be to the middles of their shares; unless ``whole``, a column may have no heading, at a cost. A heading far
    from the middle of its share gets None.
    """
    count = len(texts)
    if len(middles) == 1 and whole:
        return [(0, count - 1)]
    if max(count, len(middles)) > _MAX_SHARED:
        return [None] * len(middles)

    def off(first: int, last: int, middle: float) -> float:
        return min(abs((parts[first][0] + parts[last][1]) / 2 - middle) for parts in (texts, cells))

    skip = (1e3 if whole else _SKIP) * (texts[-1][1] - texts[0][0]) / max(count, 1)
    best: dict[tuple[int, int], tuple[float, tuple[tuple[int, int], ...]]] = {(0, 0): (0.0, ())}
    for column, piece in product(range(count + 1), range(len(middles) + 1)):
        if (column, piece) not in best:
            continue
        cost, shares = best[column, piece]
        steps = [((column + 1, piece), cost + skip, shares)] if column < count else []
        if piece < len(middles):
            steps += [
                ((end + 1, piece + 1), cost + off(column, end, middles[piece]), (*shares, (column, end)))
                for end in range(column, count)
            ]
        for key, total, chosen in steps:
            if key not in best or total < best[key][0] - 1e-6:
                best[key] = (total, chosen)
    if (count, len(middles)) not in best:
        return [None] * len(middles)
    return [
        share if whole or off(*share, middle) <= _OFF * (texts[share[1]][1] - texts[share[0]][0]) else None
        for share, middle in zip(best[count, len(middles)][1], middles, strict=True)
    ]


def _merge_lines(spanning: list[_Piece]) -> list[_Piece]:
    """Join the lines of one heading: over the same columns, one close below the other."""
    found: list[_Piece] = []
    for piece in sorted(spanning, key=lambda one: one.y0):
        for other in found:
            same = (other.first, other.last) == (piece.first, piece.last)
            if same and piece.y0 - other.y1 < 0.6 * piece.glyphs[0].size:
                other.glyphs += piece.glyphs
                other.y1 = max(other.y1, piece.y1)
                break
        else:
            found.append(piece)
    return found


def _pieces(glyphs: Sequence[Glyph], xs: Sequence[float]) -> list[list[Glyph]]:
    """Cut a row of the head at wide gaps, and at narrow ones that lie where columns part."""
    found: list[list[Glyph]] = []
    for run in runs(glyphs, _PIECE_GAP):
        found.append([run[0]])
        for glyph in run[1:]:
            last = found[-1][-1]
            gap = glyph.x0 - last.x1
            if gap > _least_gap(last, glyph) and any(last.x0 + last.x1 < 2 * x <= glyph.x0 + glyph.x1 for x in xs):
                found.append([glyph])
            else:
                found[-1].append(glyph)
    return found


def _least_gap(last: Glyph, glyph: Glyph) -> float:
    """Return the gap that may part two headings: between letters of one word there is some, too."""
    word = last.text[-1:].isalnum() and glyph.text[:1].isalnum() and (last.text + glyph.text).isascii()
    return (_LETTER_GAP if word else _CUT_GAP) * glyph.size


def _covered(stroke: Stroke, xs: Sequence[float], columns: Sequence[Extent]) -> tuple[int, int]:
    """Return the first and last column of which a stroke covers the better part."""
    inside = [
        at
        for at, (x0, x1) in enumerate(columns)
        if min(stroke[2], x1) - max(stroke[0], x0) > 0.5 * (x1 - x0)
        or (xs[at] >= stroke[0] and xs[at + 1] <= stroke[2])
    ]
    return (inside[0], inside[-1]) if inside else (0, -1)
