"""Columns: gaps that rows of a table, or the lines of a page, share."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from ingest.tables.rows import TextRow, runs

Extent: TypeAlias = tuple[float, float]
"""From and to along the x axis."""

_KERNING: Final = 0.15
_WORD_GAP: Final = 0.3
_SHORT_ROW: Final = 0.5
_CELL_GAP: Final = 0.8
_FEW: Final = 4
# Width of a gutter, in units of the size, by how many rows bear witness to it; a space in a text is 0.25 to 0.5.
_MIN_GUTTER: Final = {1: 1.2, 2: 0.8, 3: 0.6}
_LEAST_GUTTER: Final = 0.36
_MANY: Final = 8
_MANY_GUTTER: Final = 0.3
_CROSSING: Final = 0.12
_CROSSED: Final = 0.2
_MIN_LINES: Final = 4
_MIN_PAGE_GUTTER: Final = 3.0


def page_columns(long: Sequence[Extent], width: float) -> list[Extent]:
    """Return the columns of a page's running text (from, to): the extents of its long lines tell them."""
    cuts = []
    for start, end in valleys([[line] for line in long], int(_CROSSED * len(long))):
        before, behind = (sum(line[1] <= start + 1 for line in long), sum(line[0] >= end - 1 for line in long))
        if min(before, behind) >= _MIN_LINES and end - start > _MIN_PAGE_GUTTER:
            cuts.append((start + end) / 2)
    return list(pairwise([0.0, *cuts, width]))


def find_gutters(rows: Sequence[TextRow], left: float, right: float) -> list[tuple[float, float]]:
    """Return the gaps (from, to) between columns: few rows cross them, and text stands on both sides.

    Long rows of one run of text say nothing; of many rows some may cross (a cell over two columns).
    """
    several = [row for row in rows if len(runs(row.glyphs, _CELL_GAP)) > 1]
    if not several:
        return []
    telling = [row for row in rows if row in several or _width(row) < _SHORT_ROW * (right - left)]
    size = sorted(row.size for row in several)[len(several) // 2]
    covers = [[(run[0].x0, max(g.x1 for g in run)) for run in runs(row.glyphs, _KERNING)] for row in telling]
    usual = _LEAST_GUTTER if len(several) < _MANY else _MANY_GUTTER
    least = _MIN_GUTTER.get(len(several), usual) * size
    bridges: list[Extent] = []
    if len(several) > _FEW:
        covers, bridges = _part_bridges(telling, covers, max(1, int(_CROSSING * len(several))), least)
    gutters = [_beside(gutter, bridges, least) for gutter in valleys(covers, 0)]
    return [
        (start, end)
        for start, end in gutters
        if end - start >= least and start > left and end < right and _parts(covers, start, end)
    ]


def add_empty_columns(
    gutters: Sequence[tuple[float, float]], body: Sequence[TextRow], head: TextRow
) -> list[tuple[float, float]]:
    """Return the gutters and those beside columns without any value, which only a heading of their own tells."""
    size = head.size
    pieces = [(run[0].x0, max(g.x1 for g in run)) for run in runs(head.glyphs, _CELL_GAP / 2)]
    left, right = min(row.glyphs[0].x0 for row in body), max(g.x1 for row in body for g in row.glyphs)
    found = [(x1, left) for _, x1 in pieces[:1] if x1 < left - 0.3 * size]
    for start, end in gutters:
        inside = [piece for piece in pieces if piece[0] > start + 0.3 * size and piece[1] < end - 0.3 * size]
        if len(inside) == 1:
            found += [(start, inside[0][0]), (inside[0][1], end)]
        else:
            found.append((start, end))
    return found + [(right, x0) for x0, _ in pieces[-1:] if x0 > right + 0.3 * size]


def cut_at(gutter: tuple[float, float], head: Sequence[TextRow]) -> float:
    """Return where to cut in a gutter: where the fewest glyphs of the head stand in the way."""
    start, end = gutter
    middle = (start + end) / 2
    edges = [middle]
    for row in head:
        for one, two in pairwise(row.glyphs):
            if start <= (one.x1 + two.x0) / 2 <= end:
                edges.append((one.x1 + two.x0) / 2)

    def cost(x: float) -> tuple[int, float, float]:
        hit, room = 0, 1.0
        for row in head:
            before = max((g.x1 for g in row.glyphs if (g.x0 + g.x1) / 2 < x), default=None)
            behind = min((g.x0 for g in row.glyphs if (g.x0 + g.x1) / 2 >= x), default=None)
            if before is not None and behind is not None:
                gap = (behind - before) / row.size
                hit += gap < _KERNING
                room = min(room, gap)
        return hit, -room, abs(x - middle)

    return min(edges, key=cost)


def _part_bridges(
    rows: Sequence[TextRow], covers: Sequence[Sequence[Extent]], allowed: int, least: float
) -> tuple[list[list[Extent]], list[Extent]]:
    """Part the texts that reach into a gap that at most ``allowed`` rows cross: cells over several columns, or long."""
    wide = [
        (valley[0][0], valley[-1][1]) for valley in _stretches(covers, allowed) if valley[-1][1] - valley[0][0] >= least
    ]
    kept: list[list[Extent]] = []
    bridges: list[Extent] = []
    for row, cover in zip(rows, covers, strict=True):
        texts = [(run[0].x0, max(glyph.x1 for glyph in run)) for run in runs(row.glyphs, _WORD_GAP)]
        reaching = [text for text in texts if any(_reaches(text, gap) for gap in wide)]
        bridges += reaching
        kept.append([run for run in cover if not any(x0 <= run[0] and run[1] <= x1 for x0, x1 in reaching)])
    return [row for row in kept if row], bridges


def _reaches(text: Extent, gap: Extent) -> bool:
    """Tell whether a text stands in a gap and outside of it."""
    return text[0] < gap[1] and text[1] > gap[0] and (text[0] < gap[0] or text[1] > gap[1])


def _beside(gutter: Extent, bridges: Sequence[Extent], least: float) -> Extent:
    """Narrow a gutter by long texts that end in it and leave room."""
    start, end = gutter
    for x0, x1 in bridges:
        if x0 < start < x1 <= end - least:
            start = x1
        elif x1 > end > x0 >= start + least:
            end = x0
    return start, end


def _width(row: TextRow) -> float:
    return max(glyph.x1 for glyph in row.glyphs) - row.glyphs[0].x0


def valleys(covers: Sequence[Sequence[Extent]], allowed: int) -> list[Extent]:
    """Return of each stretch that at most ``allowed`` rows cover the part that the fewest do."""
    found = []
    for stretch in _stretches(covers, allowed):
        lowest = min(depth for _, _, depth in stretch)
        start, end, _ = max((part for part in stretch if part[2] == lowest), key=lambda part: part[1] - part[0])
        found.append((start, end))
    return found


def _stretches(covers: Sequence[Sequence[Extent]], allowed: int) -> list[list[tuple[float, float, int]]]:
    """Return the stretches that at most ``allowed`` rows cover, each as parts (from, to, rows that cover it)."""
    events = sorted([(x0, 1) for row in covers for x0, _ in row] + [(x1, -1) for row in covers for _, x1 in row])
    depth = 0
    stretches: list[list[tuple[float, float, int]]] = []
    open_now = False
    for (x, step), (following, _) in pairwise(events):
        depth += step
        if depth > allowed:
            open_now = False
        elif following > x:
            if not open_now:
                stretches.append([])
                open_now = True
            stretches[-1].append((x, following, depth))
    return stretches


def _parts(covers: Sequence[Sequence[Extent]], start: float, end: float) -> bool:
    """Tell whether text stands on both sides of the gap."""
    return any(row[0][1] <= start + 0.01 for row in covers) and any(row[-1][0] >= end - 0.01 for row in covers)
