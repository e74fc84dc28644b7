"""Rows of a table whose cells hold several lines, which stand nearer in a cell than between cells."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.parsing.characters import is_wide
from ingest.parsing.office.grid import NUMBER
from ingest.parsing.pdf.lines import text_of
from ingest.parsing.pdf.model import NO_SPACE, Glyph
from ingest.tables.rows import TextRow, text_rows

_MIN_LINES: Final = 5
_MIN_PAUSED: Final = 4
_SAME_STEP: Final = 1.08
_PAUSE: Final = 1.12
_FULL: Final = 0.6
_MOSTLY: Final = 0.8
_NEAR: Final = 0.8
_OFF: Final = 0.4
_CUT_GAP: Final = 0.12
_BLANK: Final = 0.22
_FULL_LINES: Final = 0.85

_Cells = list[list[TextRow]]


def wrapped_rows(rows: Sequence[TextRow], cuts: Sequence[float]) -> list[list[TextRow]] | None:
    """Group the lines of wrapped cells into rows of a table; ``cuts`` part its columns.

    The column with the most lines is parted where they stand further apart than the leading of its text; lines of
    other columns, at the top, the bottom or the middle of their cell, go with what they stand beside. None where the
    distances are not of two kinds, or the cells that come of it do not look like cells.
    """
    columns = _columns(rows, cuts)
    if columns is None:
        return None
    longest = max(range(len(columns)), key=lambda at: len(columns[at]))
    lines = columns[longest]
    if len(lines) < _MIN_LINES:
        return None
    leading = _leading(lines)
    if leading is None:
        return None
    groups: list[_Cells] = [[[] for _ in columns]]
    groups[0][longest] = [lines[0]]
    for above, line in pairwise(lines):
        if line.middle - above.middle > leading:
            groups.append([[] for _ in columns])
        groups[-1][longest].append(line)
    for at, column in enumerate(columns):
        if at != longest and not _share_out(column, at, longest, groups):
            return None
    if not all(_is_row(group, longest) for group in groups) or not _is_wrapped(groups, longest):
        return None
    return [[line for cell in group for line in cell] for group in groups]


def paused_rows(rows: Sequence[TextRow], cuts: Sequence[float]) -> list[list[TextRow]] | None:
    """Group lines into rows of a table that begin all their cells on one line and are parted by pauses.

    Only the first row may lack its first cell: it may be the end of one that began on the page before. None where the
    distances of lines are not of two kinds, or lines that go on below others left room above for their first word.
    """
    leading = _leading(rows) if len(rows) >= _MIN_PAUSED else None
    if leading is None:
        return None
    groups = [[rows[0]]]
    for above, row in pairwise(rows):
        if row.middle - above.middle > leading:
            groups.append([])
        groups[-1].append(row)
    if len(groups) < 2 or any(not {0} < by_column(group[0], cuts).keys() for group in groups[1:]):
        return None
    if any(runs_across(row, cuts) for group in groups[1:] for row in group):
        return None
    return groups if _fills(groups, cuts) else None


def runs_across(row: TextRow, cuts: Sequence[float]) -> bool:
    """Tell whether a text of the row runs over the edge of its column."""
    return any(
        two.x0 - one.x1 < _CUT_GAP * max(one.size, two.size)
        and bisect_right(cuts, (one.x0 + one.x1) / 2) != bisect_right(cuts, (two.x0 + two.x1) / 2)
        for one, two in pairwise(row.glyphs)
    )


def by_column(row: TextRow, cuts: Sequence[float]) -> dict[int, list[Glyph]]:
    """Return the glyphs of a row by the column they stand in."""
    found: dict[int, list[Glyph]] = {}
    for glyph in row.glyphs:
        found.setdefault(bisect_right(cuts, (glyph.x0 + glyph.x1) / 2), []).append(glyph)
    return found


def _fills(groups: Sequence[Sequence[TextRow]], cuts: Sequence[float]) -> bool:
    """Tell whether lines with another below them in their cell are so full that its first word found no room."""
    cells = [[by_column(row, cuts) for row in group] for group in groups]
    widths = [0.0] * (len(cuts) + 1)
    for line in (line for cell in cells for line in cell):
        for column, glyphs in line.items():
            widths[column] = max(widths[column], glyphs[-1].x1 - glyphs[0].x0)
    full = wraps = 0
    for cell in cells:
        for column, widest in enumerate(widths):
            for one, two in pairwise([line[column] for line in cell if column in line]):
                wraps += 1
                values = NUMBER.match(text_of(one)) and NUMBER.match(text_of(two))
                full += not values and one[-1].x1 - one[0].x0 + _BLANK * one[0].size + _first_word(two) > widest
    return wraps > 0 and full >= _FULL_LINES * wraps


def _first_word(line: Sequence[Glyph]) -> float:
    """Return the width of the first word; Chinese text may break before any character."""
    end = 1
    while (
        end < len(line)
        and line[end].space == NO_SPACE
        and line[end].x0 - line[end - 1].x1 < _BLANK * line[end].size
        and not is_wide(line[end - 1].text[-1])
    ):
        end += 1
    return line[end - 1].x1 - line[0].x0


def _columns(rows: Sequence[TextRow], cuts: Sequence[float]) -> list[list[TextRow]] | None:
    """Return the lines of each column; None where a text runs over the edge of its column."""
    own: list[list[Glyph]] = [[] for _ in range(len(cuts) + 1)]
    for row in rows:
        if runs_across(row, cuts):
            return None
        for glyph in row.glyphs:
            own[bisect_right(cuts, (glyph.x0 + glyph.x1) / 2)].append(glyph)
    return [text_rows(glyphs) for glyphs in own]


def _leading(lines: Sequence[TextRow]) -> float | None:
    """Return the largest distance of lines of one cell, None unless all distances are that or clearly more."""
    steps = sorted(two.middle - one.middle for one, two in pairwise(lines))
    within = [step for step in steps if step <= _SAME_STEP * steps[0]]
    if len(within) < 2 or len(within) == len(steps) or steps[len(within)] < _PAUSE * within[-1]:
        return None
    return within[-1]


def _share_out(column: Sequence[TextRow], at: int, longest: int, groups: Sequence[_Cells]) -> bool:
    """Put the lines of a column into the nearest groups; False if one is far from any."""
    for line in column:

        def away(group: _Cells, line: TextRow = line) -> float:
            return max(group[longest][0].y0 - line.middle, line.middle - group[longest][-1].y1, 0.0)

        nearest = min(groups, key=away)
        if away(nearest) > _NEAR * line.size:
            return False
        nearest[at].append(line)
    return True


def _is_row(group: _Cells, longest: int) -> bool:
    """Tell whether the first cell holds text, and cells are set to the top, the bottom or the middle of the row."""
    if not group[0]:
        return False
    whole = group[longest]
    for cell in group:
        if not cell:
            continue
        off = (cell[0].y0 - whole[0].y0, cell[-1].y1 - whole[-1].y1)
        if min(abs(off[0]), abs(off[1]), abs(sum(off) / 2)) > _OFF * whole[0].size:
            return False
    return len(whole) < 2 or any(len(cell) != len(whole) for cell in group)


def _is_wrapped(groups: Sequence[_Cells], longest: int) -> bool:
    """Tell whether the lines of the longest cells, but for the last ones, fill most of their column."""
    cells = [group[longest] for group in groups]
    left = min(line.glyphs[0].x0 for cell in cells for line in cell)
    right = max(line.glyphs[-1].x1 for cell in cells for line in cell)
    upper = [line for cell in cells for line in cell[:-1]]
    full = sum(line.glyphs[-1].x1 - line.glyphs[0].x0 > _FULL * (right - left) for line in upper)
    return bool(upper) and full >= _MOSTLY * len(upper)
