"""Glyphs to rows of text on one baseline, and rows of text to rows of a table whose cells may wrap."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import inf
from statistics import median
from typing import Final

from ingest.parsing.pdf.model import BOTTOM_OF, LEFT_OF, SIZE_OF, TOP_OF, Glyph

CURRENCY: Final = frozenset("$€£¥￥")
"""Signs that stand before an amount, in a statement often set off to the edge of its column."""

_AMOUNT_STARTS: Final = ("(", "-", "−", "–", "—", ".")
_DOTS: Final = frozenset((".", "…", "·"))
_LEADER: Final = 5
_SAME_ROW: Final = 0.35
_SMALL: Final = 0.8
_HALF_STEP: Final = 0.8
_WRAP_GAP: Final = 0.95
_ROW_STEP: Final = 1.3
_FULL_ROW: Final = 0.8
_LONG_WRAP: Final = 3
_LABEL_STEP: Final = 0.92
_LEADS: Final = 1.05
_ANCHOR: Final = 0.6


@dataclass(slots=True)
class TextRow:
    """Glyphs of one baseline from left to right."""

    y0: float
    y1: float
    size: float
    glyphs: list[Glyph]

    @property
    def middle(self) -> float:
        """The vertical centre."""
        return (self.y0 + self.y1) / 2


def text_rows(glyphs: Iterable[Glyph]) -> list[TextRow]:
    """Return the rows of text from the top; raised and lowered small glyphs stay with their row."""
    levels: defaultdict[float, list[Glyph]] = defaultdict(list)
    for glyph in glyphs:
        levels[glyph[2] + glyph[4]].append(glyph)
    rows: list[list[Glyph]] = []
    middle = first = 0.0
    for level in sorted(levels):
        at = level / 2
        for glyph in levels[level]:
            # Most glyphs of a row share its baseline.
            if rows and at == middle:
                rows[-1].append(glyph)
            elif rows and at - middle < _SAME_ROW * max(glyph.size, first):
                rows[-1].append(glyph)
                middle += (at - middle) / len(rows[-1])
            else:
                rows.append([glyph])
                middle, first = at, glyph.size
    return _with_scripts([_row(row) for row in rows])


def runs(row: Sequence[Glyph], gap: float) -> list[list[Glyph]]:
    """Cut a row where the gap between two glyphs is wider than ``gap`` times their size.

    A sign of a currency belongs to the amount behind it, however far that is set off.
    """
    found: list[list[Glyph]] = []
    right = 0.0
    for glyph in row:
        step = glyph.x0 - right
        # Most glyphs follow so closely that their size does not matter.
        if found and (step <= 0 or step <= gap * max(glyph.size, found[-1][-1].size) or _is_currency(found[-1], glyph)):
            found[-1].append(glyph)
            right = max(right, glyph.x1)
        else:
            found.append([glyph])
            right = glyph.x1
    return found


def _is_currency(run: Sequence[Glyph], behind: Glyph) -> bool:
    return len(run) == 1 and run[0].text in CURRENCY and (behind.text.isdigit() or behind.text in _AMOUNT_STARTS)


def leaders(glyphs: Sequence[Glyph]) -> set[int]:
    """Return the ids of the dots that lead from a label to amounts; those of contents lists stay.

    A contents list has one number behind its dots, a page; an amount has a sign, a separator, or others beside it.
    """
    found: set[int] = set()
    for row in text_rows(_around_dots(glyphs)):
        if sum(glyph.text in _DOTS for glyph in row.glyphs) < _LEADER:
            continue
        stretches = [list(own) for is_dot, own in groupby(row.glyphs, lambda one: one.text in _DOTS) if is_dot]
        long = [stretch for stretch in stretches if len(stretch) >= _LEADER]
        if not long:
            continue
        behind = "".join(glyph.text for glyph in row.glyphs if glyph.x0 > long[-1][-1].x0)
        if any(char in behind for char in (*CURRENCY, *_AMOUNT_STARTS, ",", "%")):
            found.update(id(glyph) for stretch in long for glyph in stretch)
    return found


def without(glyphs: Sequence[Glyph], ids: Collection[int]) -> list[Glyph]:
    """Return the glyphs but for those with one of the ``ids``."""
    return [glyph for glyph in glyphs if id(glyph) not in ids] if ids else list(glyphs)


def without_leaders(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the glyphs without the dots that lead from a label to amounts."""
    return without(glyphs, leaders(glyphs))


def _around_dots(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the glyphs at the height of enough dots for a leader, with what may stand in one row with those."""
    dots = sorted((glyph for glyph in glyphs if glyph.text in _DOTS), key=lambda one: one.y0 + one.y1)
    edges: list[float] = []
    start = 0
    for at, dot in enumerate(dots, 1):
        following = dots[at].y0 + dots[at].y1 if at < len(dots) else inf
        if following - (dot.y0 + dot.y1) > 2 * dot.size:
            if at - start >= _LEADER:
                top, bottom = dots[start].y0 - dot.size, dot.y1 + dot.size
                edges = [*edges[:-1], bottom] if edges and top <= edges[-1] else [*edges, top, bottom]
            start = at
    return [glyph for glyph in glyphs if bisect_right(edges, (glyph[2] + glyph[4]) / 2) & 1] if edges else []


def table_rows(rows: Sequence[TextRow], cuts: Sequence[float], floors: Sequence[float]) -> list[list[TextRow]]:
    """Group rows of text into rows of a table.

    ``cuts`` part the columns; no row of the table reaches across one of ``floors``, strokes from side to side. Where
    those stand under every row or so, they alone part the rows. Else rows of text that overlap are one row (a wrapped
    cell beside one that is centred), and so are those that stand closer than rows do or have no first cell.
    """
    if not rows:
        return []
    bands: list[list[TextRow]] = []
    for row in rows:
        if bands and bisect_right(floors, row.middle) == bisect_right(floors, bands[-1][0].middle):
            bands[-1].append(row)
        else:
            bands.append([row])
    inner = [floor for floor in floors if rows[0].middle < floor < rows[-1].middle]
    if len(inner) >= 2 and median(len(band) for band in bands) <= _LONG_WRAP and len(bands) >= 3:
        whole = [band for band in bands if len(band) == 1 or _wraps_only(band, cuts)]
        if len(whole) >= 0.7 * len(bands):
            return bands
    found: list[list[TextRow]] = []
    for band in bands:
        found += _join_wrapped(_join_overlapping(band, cuts), cuts)
    return found


def columns_of(row: Iterable[TextRow], cuts: Sequence[float]) -> set[int]:
    """Return the columns in which glyphs of the rows stand."""
    return {bisect_right(cuts, (glyph.x0 + glyph.x1) / 2) for one in row for glyph in one.glyphs}


def _row(glyphs: list[Glyph]) -> TextRow:
    glyphs.sort(key=LEFT_OF)
    sizes = list(map(SIZE_OF, glyphs))
    size = median(sizes)
    small = min(sizes) < _SMALL * size
    main = [glyph for glyph in glyphs if glyph.size >= _SMALL * size] if small else glyphs
    return TextRow(min(map(TOP_OF, main)), max(map(BOTTOM_OF, main)), size, glyphs)


def _with_scripts(rows: list[TextRow]) -> list[TextRow]:
    """Join rows of small glyphs to the row of larger ones that they overlap."""
    kept: list[TextRow] = []
    for index, row in enumerate(rows):
        near = [*kept[-1:], *rows[index + 1 : index + 2]]
        for other in near:
            overlap = min(row.y1, other.y1) - max(row.y0, other.y0)
            if row.size < _SMALL * other.size and overlap > 0.25 * (row.y1 - row.y0):
                other.glyphs = sorted([*other.glyphs, *row.glyphs], key=lambda glyph: glyph.x0)
                break
        else:
            kept.append(row)
    return kept


def _wraps_only(band: Sequence[TextRow], cuts: Sequence[float]) -> bool:
    """Tell whether the rows of a band may be one row: not every one of them fills most columns."""
    most = _FULL_ROW * (len(cuts) + 1)
    return sum(len(columns_of([row], cuts)) >= most for row in band) <= 1


def _join_overlapping(rows: Sequence[TextRow], cuts: Sequence[float]) -> list[list[TextRow]]:
    found: list[list[TextRow]] = []
    for row in rows:
        if found and row.middle - found[-1][-1].middle < _HALF_STEP * max(row.size, found[-1][-1].size):
            found[-1].append(row)
        else:
            found.append([row])
    return [band for knot in found for band in _untie(knot, cuts)]


def _untie(knot: list[TextRow], cuts: Sequence[float]) -> list[list[TextRow]]:
    """Part rows that overlap only through a label that stands between two of them, since it spans both."""
    found: list[list[TextRow]] = []
    start = 0
    for middle in range(1, len(knot) - 1):
        if middle <= start:
            continue
        label = columns_of([knot[middle]], cuts)
        both = columns_of([knot[middle - 1]], cuts) & columns_of([knot[middle + 1]], cuts)
        if len(label) < len(both) and not label & both and len(both) >= 2:
            # The label goes with the row above; the cell that it is in spans both.
            found.append(knot[start : middle + 1])
            start = middle + 1
    return [*found, knot[start:]]


def _join_wrapped(bands: Sequence[list[TextRow]], cuts: Sequence[float]) -> list[list[TextRow]]:
    if len(bands) < 2:
        return list(bands)
    centred = _around_full_rows(bands, cuts)
    if centred is not None:
        return centred
    near = _near(bands, cuts)
    count = len(cuts) + 1
    usual = median(two[0].middle - one[-1].middle for one, two in pairwise(bands))
    steps = [two[0].middle - one[-1].middle for one, two in pairwise(bands)]
    found = [bands[0]]
    for at, band in enumerate(bands[1:], 1):
        step, filled, last = steps[at - 1], columns_of(band, cuts), columns_of(found[-1], cuts)
        follows = 0 not in filled and len(filled) * 2 <= count and step <= 1.1 * usual and 0 in last and filled <= last
        opens = last == {0} and 0 in filled and len(filled) > 1 and step < _LABEL_STEP * usual
        ends = filled == {0} and 0 in last and len(last) > 1 and step < _LABEL_STEP * usual
        # The first line of a label that is centred on its row stands near the row above, too.
        leads = filled == {0} and at < len(steps) and near[at] and steps[at] <= _LEADS * step and len(last) > 1
        joins = (near[at - 1] and not _both_full(found[-1], band, cuts)) or opens or ends
        if (joins and not leads) or (follows and _goes_on(found[-1], band, cuts)):
            found[-1] = [*found[-1], *band]
        else:
            found.append(band)
    return found


def _around_full_rows(bands: Sequence[list[TextRow]], cuts: Sequence[float]) -> list[list[TextRow]] | None:
    """Group lines of wrapped cells around the lines that fill most columns, as many below each as above it.

    So rows are that centre their cells: the first line of the table then belongs to a long cell alone. None when the
    lines do not come out even.
    """
    full = [len(columns_of(band, cuts)) >= _ANCHOR * (len(cuts) + 1) for band in bands]
    if full[0] or sum(full) < 2:
        return None
    found: list[list[TextRow]] = []
    start = 0
    anchors = [at for at, filled in enumerate(full) if filled]
    for at, following in pairwise([*anchors, len(bands)]):
        end = 2 * at - start + 1
        if at < start or end > following:
            return None
        found.append([row for band in bands[start:end] for row in band])
        start = end
    return found if start == len(bands) else None


def _both_full(above: Sequence[TextRow], band: Sequence[TextRow], cuts: Sequence[float]) -> bool:
    """Tell whether both hold values in most columns behind the first: two rows then."""
    both = (columns_of(above, cuts) & columns_of(band, cuts)) - {0}
    return len(both) >= max(2, _FULL_ROW * len(cuts))


def _near(bands: Sequence[list[TextRow]], cuts: Sequence[float]) -> list[bool]:
    """Tell for each pair of neighbours whether it stands closer than rows of this table do."""
    steps = [two[0].middle - one[-1].middle for one, two in pairwise(bands)]
    sizes = [max(one[-1].size, two[0].size) for one, two in pairwise(bands)]
    least = min(step / size for step, size in zip(steps, sizes, strict=True))
    near = [
        step < _ROW_STEP * least * size and step < (1 + _WRAP_GAP) * size
        for step, size in zip(steps, sizes, strict=True)
    ]
    if all(near):
        return [False] * len(near)
    most = max(_FULL_ROW * (len(cuts) + 1), 2)
    full = sum(
        len(columns_of(one, cuts)) >= most and len(columns_of(two, cuts)) >= most
        for (one, two), close in zip(pairwise(bands), near, strict=True)
        if close
    )
    # Rows of which every column wraps at the same time are rows, and the wider distance is a pause.
    return near if full <= 0.3 * sum(near) else [False] * len(near)


def _goes_on(above: Sequence[TextRow], band: Sequence[TextRow], cuts: Sequence[float]) -> bool:
    """Tell whether text of ``band`` may go on with its cell above, which must be about as wide as its column."""
    for column in columns_of(band, cuts):
        mine = _extent(band, column, cuts)
        over = _extent(above, column, cuts)
        if mine[1] - mine[0] > 1.15 * (over[1] - over[0]) + 2 * band[0].size:
            return False
    return True


def _extent(rows: Iterable[TextRow], column: int, cuts: Sequence[float]) -> tuple[float, float]:
    mine = [g for row in rows for g in row.glyphs if bisect_right(cuts, (g.x0 + g.x1) / 2) == column]
    return (min(g.x0 for g in mine), max(g.x1 for g in mine)) if mine else (0.0, 0.0)
