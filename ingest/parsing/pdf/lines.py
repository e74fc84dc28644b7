"""Glyphs to lines: runs on one baseline, joined across small gaps whatever their order in the content stream."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

from ingest.parsing.characters import is_wide, join_lines
from ingest.parsing.pdf.model import MADE_SPACE, MATH, MONO, NO_SPACE, WRITTEN_SPACE, Glyph, Line

WORD_GAP: Final = 0.7
"""Gap, in units of the size, that parts runs in the content stream."""
ROW_GAP: Final = 1.15
"""Gap that parts lines of one row; gutters between columns are wider."""

# Twice the shift of the baseline, in units of the size.
_BASELINES: Final = 1.0
_BACKWARDS: Final = -1.0
_DOUBLE: Final = 0.2
_LATIN_SPACE: Final = 0.22
_MADE_LATIN: Final = 0.09
_MIXED_SPACE: Final = 0.45
_WIDE_SPACE: Final = 0.6
_WRITTEN_WIDE: Final = 0.15
_LOOK_BACK: Final = 24
_SAME_ROW: Final = 0.45
_STRETCHED: Final = 2.6
_AROUND: Final = 4.0
_GUTTER_STARTS: Final = 5
_GUTTER_REACH: Final = 30.0
_GUTTER_CROSSED: Final = 0.3
#: What stands before an item of a list belongs to it, however many items there are.
_MARK: Final = re.compile(r"[●•○◦■□▪▫◆◇★☆➢➤✓✔·*–-]|[(（]?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)）、]|[①-⑳]")


Known: TypeAlias = dict[tuple[int, int, int], tuple[Any, ...]]
"""The fields of lines that were made, by the ids of their first and last glyph and the number of glyphs."""


def build_lines(
    glyphs: Sequence[Glyph], gap: float = WORD_GAP, row_gap: float = ROW_GAP, known: Known | None = None
) -> list[Line]:
    """Return the lines of ``glyphs``, unordered between columns.

    ``known`` is for callers that make lines again and again from glyphs of one page, which must live as long as it.
    """
    return join_rows(runs(glyphs, gap, known), row_gap)


def runs(glyphs: Iterable[Glyph], gap: float = WORD_GAP, known: Known | None = None) -> list[Line]:
    """Return runs of glyphs that follow one another in content order on one baseline with gaps up to ``gap`` sizes."""
    found: list[Line] = []
    current: list[Glyph] = []
    start = end = last_middle = last_size = 0.0
    for glyph in glyphs:
        # Baselines are what differs: the boxes stand at fixed offsets around them.
        _, x0, y0, x1, y1, size, _, _, _, _ = glyph
        middle = y0 + y1
        if current:
            larger = size if size > last_size else last_size  # noqa: FURB136 - the call costs more than all else here
            level = middle == last_middle or abs(last_middle - middle) <= _BASELINES * larger
            if not (level and _BACKWARDS * larger < x0 - end <= gap * larger):
                found.append(_line(current, known))
                current = []
            elif x0 - start < _DOUBLE * size and _is_double(current[-1], glyph):
                continue
        current.append(glyph)
        start, end, last_middle, last_size = x0, x1, middle, size
    if current:
        found.append(_line(current, known))
    return found


def join_rows(lines: Iterable[Line], reach: float = ROW_GAP) -> list[Line]:
    """Join lines that stand side by side with a gap up to ``reach`` sizes, unless a gutter of columns runs there."""
    ordered = sorted(lines, key=lambda one: (one.y0 + one.y1, one.x0))
    gutters = _Gutters(ordered)
    far = _SAME_ROW * max((line.size for line in ordered), default=0.0)
    rows: list[Line] = []
    near: list[Line] = []
    for line in ordered:
        middle, size = line.middle, line.size
        # What is too far above is so for all lines that follow.
        near = [row for row in near[-_LOOK_BACK:] if middle - (row.y0 + row.y1) / 2 < far]
        for row in reversed(near):
            larger = max(row.size, size)
            if (
                abs((row.y0 + row.y1) / 2 - middle) < _SAME_ROW * larger
                and -0.6 * size < (gap := _distance(row, line)) < max(reach, _STRETCHED) * larger
                and not gutters.part(row, line)
                and (gap < reach * larger or gutters.span(row, line))
            ):
                _join(row, line)
                break
        else:
            rows.append(line)
            near.append(line)
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
        if right.x0 - left.x1 < 0.5 * size or _MARK.fullmatch(left.text):
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


def _is_double(last: Glyph, glyph: Glyph) -> bool:
    """Bold text is often drawn twice with a small shift."""
    return last.text == glyph.text and abs(last.x0 - glyph.x0) < _DOUBLE * glyph.size and abs(last.y0 - glyph.y0) < 1


def _line(glyphs: Sequence[Glyph], known: Known | None) -> Line:
    if known is None:
        return Line(*_fields(glyphs))
    key = id(glyphs[0]), id(glyphs[-1]), len(glyphs)
    fields = known.get(key)
    if fields is None:
        fields = known[key] = _fields(glyphs)
    return Line(*fields)


def _fields(glyphs: Sequence[Glyph]) -> tuple[Any, ...]:
    texts, lefts, tops, rights, bottoms, sizes, bold, spaces, looks, _ = zip(*glyphs, strict=True)
    size = sizes[0]
    if sizes.count(size) < len(sizes):
        size = Counter(sizes).most_common(1)[0][0]
        tops = tuple(top for top, own in zip(tops, sizes, strict=True) if own >= 0.8 * size)
        bottoms = tuple(bottom for bottom, own in zip(bottoms, sizes, strict=True) if own >= 0.8 * size)
    text, edges = "".join(texts), list(lefts)
    blanks = _blanks(texts, lefts, rights, spaces, size)
    if blanks or len(text) > len(edges):
        text, edges = _with_blanks(texts, lefts, rights, blanks)
    special = any(looks)
    return (
        text,
        min(lefts),
        min(tops),
        max(rights),
        max(bottoms),
        size,
        sum(bold) >= 0.9 * len(glyphs),
        len(glyphs),
        sum(look & MATH for look in looks) if special else 0,
        sum(look & MONO for look in looks) // MONO if special else 0,
        edges,
    )


def _blanks(
    texts: Sequence[str], lefts: Sequence[float], rights: Sequence[float], spaces: Sequence[int], size: float
) -> list[int]:
    """Return the indices of the glyphs that a blank stands before."""
    # Most characters follow closely, which no rule makes a blank of.
    close = _MADE_LATIN * size
    return [
        at
        for at, (right, left, space) in enumerate(zip(rights, lefts[1:], spaces[1:], strict=False), 1)
        if (space or left - right > close)
        and _space_between(texts[at - 1][-1], texts[at][0], (left - right) / size, space)
    ]


def _with_blanks(
    texts: Sequence[str], lefts: Sequence[float], rights: Sequence[float], blanks: Sequence[int]
) -> tuple[str, list[float]]:
    """Return the text with its blanks, and the left edge of each of its characters."""
    text = ""
    edges: list[float] = []
    for start, end in pairwise([0, *blanks, len(texts)]):
        if start:
            text += " "
            edges.append(rights[start - 1])
        part, places = texts[start:end], lefts[start:end]
        text += "".join(part)
        edges += places
        if len(text) > len(edges):
            # A ligature has one edge for its characters.
            edges[len(edges) - len(part) :] = [x0 for own, x0 in zip(part, places, strict=True) for _ in own]
    return text, edges


def _space_between(left: str, right: str, gap: float, blank: int) -> bool:
    written = blank == WRITTEN_SPACE
    if is_wide(left) and is_wide(right):
        return gap > _WIDE_SPACE or (written and gap > _WRITTEN_WIDE)
    if is_wide(left) or is_wide(right):
        return gap > _MIXED_SPACE or (written and gap > _WRITTEN_WIDE)
    return written or gap > _LATIN_SPACE or (blank == MADE_SPACE and gap > _MADE_LATIN)


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
