"""Tables of wrapped cells without rules: columns told by lines that begin at one place, rows by the pauses between."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple

from ingest.parsing.numbering import is_contents_line
from ingest.parsing.pdf.model import Glyph, Grid, Line, Rect
from ingest.tables.columns import cut_at, find_gutters
from ingest.tables.open import Frame, open_grid
from ingest.tables.rows import TextRow, text_rows
from ingest.tables.wrapped import by_column, paused_rows, runs_across

_SAME_START: Final = 0.6
_MIN_STARTS: Final = 2
_MIN_BOTH: Final = 2
_INSIDE: Final = 1.5
_MIN_GAP: Final = 0.3
_MAX_PITCH: Final = 3.6
_SAME_SIZE: Final = 0.12
_MIN_LINES: Final = 4
_FEW_ROWS: Final = 4
_MAX_LABEL: Final = 48
_MAX_CELL: Final = 400
_KEPT: Final = 0.75
_OFF: Final = 0.3
_MARK: Final = re.compile(
    r"[\W_]+|[(（]?(?:\d{1,2}|[a-z]|[ivx]{1,4}|[一二三四五六七八九十]{1,3})[)）.、．]", re.IGNORECASE
)


class Stack(NamedTuple):
    """A table found in the rows of text [first:stop]."""

    first: int
    stop: int
    grid: Grid


def stacked_tables(rows: Sequence[Sequence[Line]], glyphs: Sequence[Glyph]) -> list[Stack]:
    """Return the tables of wrapped cells in the rows of text of a column of the page, from the top.

    The lines of ``rows`` must still have their ``edges``; gaps too narrow to part lines may part columns here.
    """
    spans: set[tuple[int, int]] = set()
    for start, seeds in _starts(rows):
        stop = 0
        for seed in seeds:
            if seed >= stop:
                first, stop = _run(rows, seed, start)
                if stop - first >= _MIN_LINES and _has_both(rows[first:stop], start):
                    spans.add((first, stop))
    found: list[Stack] = []
    for first, stop in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        if not any(first < one.stop and one.first < stop for one in found):
            stack = _read(rows, first, stop, glyphs)
            if stack is not None:
                found.append(stack)
    return sorted(found, key=lambda one: one.first)


def _starts(rows: Sequence[Sequence[Line]]) -> list[tuple[float, list[int]]]:
    """Return where several lines begin inside the column, each place with the numbers of their rows."""
    begun = sorted((line.x0, at) for at, row in enumerate(rows) for line in row)
    if not begun:
        return []
    inside = begun[0][0] + _INSIDE * median(row[0].size for row in rows)
    places: list[list[tuple[float, int]]] = []
    for x0, at in begun[bisect_left(begun, (inside, 0)) :]:
        if places and x0 - places[-1][0][0] <= _SAME_START:
            places[-1].append((x0, at))
        else:
            places.append([(x0, at)])
    return [(place[0][0], sorted(at for _, at in place)) for place in places if len(place) >= _MIN_STARTS]


def _run(rows: Sequence[Sequence[Line]], seed: int, start: float) -> tuple[int, int]:
    """Return (first, stop) of the run of rows around ``seed`` whose text leaves a gap before ``start``."""
    size = rows[seed][0].size

    def joins(at: int, near: int) -> bool:
        row = rows[at]
        far = abs(row[0].middle - rows[near][0].middle) > _MAX_PITCH * size
        return not far and abs(row[0].size - size) <= _SAME_SIZE * size and _leaves_gap(row, start)

    first, stop = seed, seed + 1
    if not _leaves_gap(rows[seed], start):
        return first, stop
    while first > 0 and joins(first - 1, first):
        first -= 1
    while stop < len(rows) and joins(stop, stop - 1):
        stop += 1
    return first, stop


def _has_both(rows: Sequence[Sequence[Line]], start: float) -> bool:
    """Tell whether rows have text on both sides of ``start``, labels rather than marks before it."""
    both = sum(
        row[0].x0 < start - row[0].size and row[-1].x1 > start + row[0].size and _MARK.fullmatch(row[0].text) is None
        for row in rows
    )
    return both >= _MIN_BOTH


def _leaves_gap(row: Sequence[Line], start: float) -> bool:
    return all(_parts_at(line, start) for line in row)


def _parts_at(line: Line, start: float) -> bool:
    """Tell whether a line stands on one side of ``start``, or has a blank there that is wide enough for a gutter."""
    gap = _MIN_GAP * line.size
    if line.x1 <= start - gap or line.x0 >= start - _SAME_START:
        return True
    at = bisect_left(line.edges, start - _SAME_START)
    if not 0 < at < len(line.edges) or line.text[at - 1 : at] != " ":
        return False
    return line.edges[at] - line.edges[at - 1] >= gap and line.edges[at - 1] <= start - gap


def _read(rows: Sequence[Sequence[Line]], first: int, stop: int, glyphs: Sequence[Glyph]) -> Stack | None:
    """Return the table in the rows [first:stop], less lines above its head."""
    rect = left, top, right, bottom = _rect(rows[first:stop])
    lines = text_rows([one for one in glyphs if top < one.y0 and one.y1 < bottom and left < one.x0 and one.x1 < right])
    while len(lines) >= _MIN_LINES:
        gutters = find_gutters(lines, rect[0], rect[2])
        cuts = [cut_at(gutter, ()) for gutter in gutters]
        groups = paused_rows(lines, cuts) if cuts else None
        if groups is None:
            return None
        columns = {column for line in groups[0] for column in by_column(line, cuts)}
        across = any(runs_across(line, cuts) for line in groups[0])
        if not across and (len(columns) > 1 or (first == 0 and 0 not in columns)):
            return _stack(rows, (first, stop), groups, cuts)
        lines = lines[len(groups[0]) :]
        first = next(at for at in range(first, stop) if rows[at][0].middle > groups[0][-1].y1)
        rect = _rect(rows[first:stop])
    return None


def _stack(
    rows: Sequence[Sequence[Line]], span: tuple[int, int], groups: Sequence[Sequence[TextRow]], cuts: Sequence[float]
) -> Stack | None:
    head = _head_edge(groups)
    own = [glyph for group in groups for line in group for glyph in line.glyphs]
    body = groups[1:] if head is not None else groups
    grid = open_grid(Frame(_rect(rows[span[0] : span[1]]), head=head, rows=body), own)
    if grid is None or not _is_table(grid) or not _keeps_edges(groups, cuts):
        return None
    if head is None and grid.rows < (_FEW_ROWS if grid.columns == 2 or span[0] > 0 else 2):
        return None
    if head is None and span[0] == 0:
        # At the top of a column without a head of its own: the rest of a table.
        for cell in grid.cells:
            cell.header = False
    return Stack(*span, grid)


def _rect(rows: Sequence[Sequence[Line]]) -> Rect:
    lines = [line for row in rows for line in row]
    return (
        min(line.x0 for line in lines) - 1,
        min(line.y0 for line in lines) - 1,
        max(line.x1 for line in lines) + 1,
        max(line.y1 for line in lines) + 1,
    )


def _head_edge(groups: Sequence[Sequence[TextRow]]) -> float | None:
    """Return where the head ends if bold type tells it."""
    if _is_bold(groups[0]) and not all(map(_is_bold, groups[1:])):
        return (groups[0][-1].y1 + groups[1][0].y0) / 2
    return None


def _is_bold(group: Sequence[TextRow]) -> bool:
    return all(glyph.bold for row in group for glyph in row.glyphs)


def _is_table(grid: Grid) -> bool:
    """Tell whether the first column holds labels rather than list marks, and no cell is too long for any table."""
    labels = [cell.text for cell in grid.cells if cell.column == 0 and cell.text and not cell.header]
    marks = sum(_MARK.fullmatch(text) is not None or is_contents_line(text) for text in labels)
    if not labels or marks * 2 > len(labels) or median(map(len, labels)) > _MAX_LABEL:
        return False
    return max(len(cell.text) for cell in grid.cells) <= _MAX_CELL


def _keeps_edges(groups: Sequence[Sequence[TextRow]], cuts: Sequence[float]) -> bool:
    """Tell whether the lines of each column, the head aside, begin or end at one place or share their middle."""
    columns: list[list[tuple[float, float]]] = [[] for _ in range(len(cuts) + 1)]
    for row in (row for group in groups[1:] for row in group):
        for column, line in by_column(row, cuts).items():
            columns[column].append((line[0].x0, line[-1].x1))
    slack = _OFF * groups[0][0].size
    return all(
        any(
            sum(abs(value - median(values)) <= slack for value in values) >= _KEPT * len(values)
            for values in ([x0 for x0, _ in sides], [x1 for _, x1 in sides], [(x0 + x1) / 2 for x0, x1 in sides])
        )
        for sides in columns
        if sides
    )
