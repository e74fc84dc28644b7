"""Glyphs to lines: runs on one baseline, joined across small gaps whatever their order in the content stream."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from ingest.parsing.characters import is_wide, join_lines
from ingest.parsing.pdf.model import MADE_SPACE, MATH, MONO, NO_SPACE, WRITTEN_SPACE, Glyph, Line

WORD_GAP: Final = 0.7
"""Gap, in units of the size, that parts runs in the content stream."""
ROW_GAP: Final = 1.15
"""Gap that parts lines of one row; gutters between columns are wider."""

_BASELINE: Final = 0.5
_BACKWARDS: Final = -1.0
_LATIN_SPACE: Final = 0.22
_MADE_LATIN: Final = 0.09
_MIXED_SPACE: Final = 0.45
_WIDE_SPACE: Final = 0.6
_WRITTEN_WIDE: Final = 0.15
_LOOK_BACK: Final = 24
_STRETCHED: Final = 2.6
_AROUND: Final = 4.0
_GUTTER_STARTS: Final = 5
_GUTTER_REACH: Final = 30.0
_GUTTER_CROSSED: Final = 0.3


def build_lines(glyphs: Sequence[Glyph], gap: float = WORD_GAP, row_gap: float = ROW_GAP) -> list[Line]:
    """Return the lines of ``glyphs``, unordered between columns."""
    return join_rows(runs(glyphs, gap), row_gap)


def runs(glyphs: Iterable[Glyph], gap: float = WORD_GAP) -> list[Line]:
    """Return runs of glyphs that follow one another in content order on one baseline with gaps up to ``gap`` sizes."""
    found: list[Line] = []
    current: list[Glyph] = []
    for glyph in glyphs:
        if current and not _follows(current[-1], glyph, gap):
            found.append(_line(current))
            current = []
        elif current and _is_double(current[-1], glyph):
            continue
        current.append(glyph)
    if current:
        found.append(_line(current))
    return found


def join_rows(lines: Iterable[Line], reach: float = ROW_GAP) -> list[Line]:
    """Join lines that stand side by side with a gap up to ``reach`` sizes, unless a gutter of columns runs there."""
    ordered = sorted(lines, key=lambda one: (one.middle, one.x0))
    gutters = _Gutters(ordered)
    rows: list[Line] = []
    for line in ordered:
        for row in reversed(rows[-_LOOK_BACK:]):
            if (
                _same_row(row, line)
                and -0.6 * line.size < (gap := _distance(row, line)) < max(reach, _STRETCHED) * max(row.size, line.size)
                and not gutters.part(row, line)
                and (gap < reach * max(row.size, line.size) or gutters.span(row, line))
            ):
                _join(row, line)
                break
        else:
            rows.append(line)
    return rows


def text_of(glyphs: Sequence[Glyph]) -> str:
    """Return the text of glyphs in a cell: its rows from the top, joined as one paragraph."""
    rows = join_rows(runs(glyphs), reach=6.0)
    text = ""
    for row in sorted(rows, key=lambda one: (round(one.middle / max(one.size * 0.6, 1)), one.x0)):
        text = join_lines(text, row.text)
    return text


class _Gutters:
    """Finds out whether columns part at a gap: many lines start behind it, and hardly any crosses it."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._middles = [line.middle for line in lines]
        self._starts = sorted(line.x0 for line in lines)

    def part(self, one: Line, two: Line) -> bool:
        left, right = (one, two) if one.x0 <= two.x0 else (two, one)
        size = max(left.size, right.size)
        if right.x0 - left.x1 < 0.5 * size:
            return False
        near = bisect_right(self._starts, right.x0 + 0.6 * size) - bisect_left(self._starts, right.x0 - 0.6 * size)
        if near <= _GUTTER_STARTS:
            return False
        reach = _GUTTER_REACH * size
        first = bisect_left(self._middles, right.middle - reach)
        last = bisect_right(self._middles, right.middle + reach)
        gap = (left.x1 + right.x0) / 2
        starts = ends = crossing = 0
        for line in self._lines[first:last]:
            starts += abs(line.x0 - right.x0) < 0.6 * size
            ends += abs(line.x1 - left.x1) < 1.2 * size
            crossing += line.x0 < gap - size and line.x1 > gap + size
        return starts > _GUTTER_STARTS and ends > _GUTTER_STARTS and crossing < _GUTTER_CROSSED * starts

    def span(self, one: Line, two: Line) -> bool:
        """Tell whether a wide gap is the blank of a stretched line: Latin text, and lines around it run across."""
        left, right = (one, two) if one.x0 <= two.x0 else (two, one)
        if is_wide(left.text[-1]) or is_wide(right.text[0]):
            return False
        size = max(left.size, right.size)
        reach = _AROUND * size
        first = bisect_left(self._middles, right.middle - reach)
        last = bisect_right(self._middles, right.middle + reach)
        crossing = starts = 0
        for line in self._lines[first:last]:
            crossing += line.x0 < left.x1 - size and line.x1 > right.x0 + size
            starts += abs(line.x0 - right.x0) < 0.3 * size and abs(line.middle - right.middle) > 0.5 * size
        return crossing > 0 and starts == 0


def _follows(last: Glyph, glyph: Glyph, gap: float) -> bool:
    size = max(last.size, glyph.size)
    # Baselines are what differs: the boxes stand at fixed offsets around them.
    shift = abs((last.y0 + last.y1) - (glyph.y0 + glyph.y1)) / 2
    return shift <= _BASELINE * size and _BACKWARDS * size < glyph.x0 - last.x1 <= gap * size


def _is_double(last: Glyph, glyph: Glyph) -> bool:
    """Bold text is often drawn twice with a small shift."""
    return last.text == glyph.text and abs(last.x0 - glyph.x0) < 0.2 * glyph.size and abs(last.y0 - glyph.y0) < 1


def _line(glyphs: Sequence[Glyph]) -> Line:
    sizes = Counter(glyph.size for glyph in glyphs)
    size = sizes.most_common(1)[0][0]
    text = glyphs[0].text
    edges = [glyphs[0].x0] * len(text)
    for last, glyph in pairwise(glyphs):
        gap = (glyph.x0 - last.x1) / size
        # Most characters follow closely, which no rule makes a blank of.
        if (gap > _MADE_LATIN or glyph.space == WRITTEN_SPACE) and _space_between(
            last.text[-1], glyph.text[0], gap, glyph.space
        ):
            text += " "
            edges.append(last.x1)
        text += glyph.text
        edges += [glyph.x0] * len(glyph.text)
    main = [glyph for glyph in glyphs if glyph.size >= 0.8 * size] if len(sizes) > 1 else glyphs
    return Line(
        text,
        min(glyph.x0 for glyph in glyphs),
        min(glyph.y0 for glyph in main),
        max(glyph.x1 for glyph in glyphs),
        max(glyph.y1 for glyph in main),
        size,
        sum(glyph.bold for glyph in glyphs) >= 0.9 * len(glyphs),
        len(glyphs),
        sum(glyph.look & MATH for glyph in glyphs),
        sum(glyph.look & MONO for glyph in glyphs) // MONO,
        edges,
    )


def _space_between(left: str, right: str, gap: float, blank: int) -> bool:
    written = blank == WRITTEN_SPACE
    if is_wide(left) and is_wide(right):
        return gap > _WIDE_SPACE or (written and gap > _WRITTEN_WIDE)
    if is_wide(left) or is_wide(right):
        return gap > _MIXED_SPACE or (written and gap > _WRITTEN_WIDE)
    return written or gap > _LATIN_SPACE or (blank == MADE_SPACE and gap > _MADE_LATIN)


def _same_row(row: Line, line: Line) -> bool:
    return abs(row.middle - line.middle) < 0.45 * max(row.size, line.size)


def _distance(one: Line, two: Line) -> float:
    return max(one.x0, two.x0) - min(one.x1, two.x1)


def _join(row: Line, line: Line) -> None:
    first, second = (row, line) if row.x0 <= line.x0 else (line, row)
    gap = (second.x0 - first.x1) / max(min(row.size, line.size), 1)
    parted = _space_between(first.text[-1:], second.text[:1], gap, NO_SPACE)
    larger = row if row.count >= line.count else line
    row.edges = [*first.edges, *([first.x1] if parted else []), *second.edges]
    row.text = f"{first.text}{' ' if parted else ''}{second.text}"
    row.size, row.bold = larger.size, row.bold and line.bold
    row.x0, row.x1 = min(row.x0, line.x0), max(row.x1, line.x1)
    row.y0, row.y1 = min(row.y0, line.y0), max(row.y1, line.y1)
    row.count += line.count
    row.math += line.math
    row.mono += line.mono
