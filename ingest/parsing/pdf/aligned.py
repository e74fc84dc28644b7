"""Tables without a full grid: three-line tables, and rows of short texts that stand in columns."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.parsing.order import reading_order
from ingest.parsing.pdf.lines import build_lines
from ingest.parsing.pdf.model import Frame, Glyph, Grid, GridCell, Line, Rect, Rules
from ingest.parsing.pdf.tables import cluster, fill, holds, merge_strokes

_MIN_RULE: Final = 0.22
_SAME_EXTENT: Final = 6.0
_MAX_RULE_STEP: Final = 420.0
_MAX_MEAN_CHARS: Final = 25
_TIGHT_GAP: Final = 0.4
_SHORT: Final = 40
_MIN_GUTTER: Final = 3.0
_MIN_WIDTH: Final = 0.2
_MAX_PITCH: Final = 3.2
_ROW_PITCH: Final = 2.6
_MAX_CELL_CHARS: Final = 45
_MIN_FILL: Final = 0.55
_WRAP_PITCH: Final = 1.6
_ROW_STEP: Final = 1.35


def three_line_grids(rules: Rules, glyphs: Sequence[Glyph], taken: Sequence[Rect], frame: Frame) -> list[Grid]:
    """Return tables between horizontal rules of the same extent, three of them at least, that no grid has taken."""
    width, _ = frame.size
    strokes = [one for one in merge_strokes(rules.across) if one[2] - one[0] > _MIN_RULE * width]
    strokes.sort(key=lambda one: one[1])
    found: list[Grid] = []
    used: set[int] = set()
    for index, first in enumerate(strokes):
        group = [index] if index not in used else []
        for other in range(index + 1, len(strokes)):
            stroke = strokes[other]
            if group and _same_extent(first, stroke) and stroke[1] - strokes[group[-1]][1] < _MAX_RULE_STEP:
                group.append(other)
        while len(group) >= 3:
            rect = (first[0], first[1], first[2], strokes[group[-1]][1])
            grid = None if any(_overlap(rect, other) for other in taken) else _between(rect, glyphs)
            if grid is not None:
                found.append(grid)
                used.update(group)
                break
            group.pop()
    return found


def aligned_grids(lines: Sequence[Line], glyphs: Sequence[Glyph], frame: Frame) -> list[Grid]:
    """Return tables without any rule: short texts in three common columns or more, over three rows of text or more.

    Columns of the page are parted first, so that no table reaches across a gutter. Cells may wrap: where rows of text
    stand at two distances, the wider one parts the rows of the table.
    """
    pieces = build_lines(glyphs, gap=_TIGHT_GAP, row_gap=_TIGHT_GAP)
    regions: dict[tuple[float, float], list[Line]] = {}
    for placed in reading_order(lines):
        regions.setdefault((placed.left, placed.right), []).append(placed.item)
    found: list[Grid] = []
    for members in regions.values():
        rows = _rows(_pieces_of(members, pieces))
        start = 0
        while start < len(rows):
            stop = _run_end(rows, start)
            grid = _from_rows(rows[start:stop], frame) if stop - start >= 3 else None
            if grid is not None:
                fill(grid, glyphs)
                found.append(grid)
            start = stop if grid is not None else start + 1
    return found


def _pieces_of(members: Sequence[Line], pieces: Sequence[Line]) -> list[Line]:
    x0, x1 = min(line.x0 for line in members), max(line.x1 for line in members)
    middles = sorted(line.middle for line in members)
    chosen = []
    for piece in pieces:
        at = bisect_left(middles, piece.middle)
        near = any(abs(middle - piece.middle) < 0.6 * piece.size for middle in middles[max(at - 1, 0) : at + 1])
        if near and x0 - 1 <= piece.x0 and piece.x1 <= x1 + 1:
            chosen.append(piece)
    return chosen


def _same_extent(one: tuple[float, float, float], two: tuple[float, float, float]) -> bool:
    return abs(one[0] - two[0]) < _SAME_EXTENT and abs(one[2] - two[2]) < _SAME_EXTENT


def _overlap(one: Rect, two: Rect) -> bool:
    return one[0] < two[2] and one[2] > two[0] and one[1] < two[3] and one[3] > two[1]


def _between(rect: Rect, glyphs: Sequence[Glyph]) -> Grid | None:
    """Cut the text between rules into columns at the gaps that all rows share, and into rows at the baselines."""
    inner = [g for g in glyphs if holds(rect, (g.x0 + g.x1) / 2, (g.y0 + g.y1) / 2)]
    pieces = build_lines(inner, gap=_TIGHT_GAP, row_gap=_TIGHT_GAP)
    if len(pieces) < 4 or sum(piece.count for piece in pieces) / len(pieces) >= _MAX_MEAN_CHARS:
        return None
    columns = _columns(pieces, rect[0], rect[2])
    middles = cluster((piece.middle for piece in pieces), 3.5)
    if len(columns) < 2 or len(middles) < 2 or len(pieces) < 1.4 * len(middles):
        return None
    grid = _make(rect, columns, [(one + two) / 2 for one, two in pairwise(middles)])
    fill(grid, inner)
    return _join_wrapped_rows(grid)


def _columns(pieces: Sequence[Line], left: float, right: float) -> list[tuple[float, float]]:
    """Project the pieces on the x axis; those that span most of the table say nothing about columns."""
    merged: list[tuple[float, float]] = []
    for x0, x1 in sorted((piece.x0, piece.x1) for piece in pieces if piece.x1 - piece.x0 < 0.6 * (right - left)):
        if merged and x0 < merged[-1][1] + 2:
            merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
        else:
            merged.append((x0, x1))
    return merged


def _make(rect: Rect, columns: Sequence[tuple[float, float]], edges: Sequence[float]) -> Grid:
    """Return an empty grid cut in the middle of the gutters and at ``edges`` between rows."""
    xs = [rect[0], *((one[1] + two[0]) / 2 for one, two in pairwise(columns)), rect[2]]
    ys = [rect[1], *edges, rect[3]]
    cells = [
        GridCell(row, column, 1, 1, (xs[column], ys[row], xs[column + 1], ys[row + 1]))
        for row in range(len(ys) - 1)
        for column in range(len(columns))
    ]
    return Grid(*rect, len(ys) - 1, len(columns), cells)


def _join_wrapped_rows(grid: Grid) -> Grid:
    """A row without a first cell and mostly empty is the second line of the row above."""
    rows = [grid.cells[at : at + grid.columns] for at in range(0, len(grid.cells), grid.columns)]
    kept: list[list[GridCell]] = []
    for row in rows:
        filled = sum(bool(cell.text) for cell in row)
        if len(kept) > 1 and not row[0].text and filled * 2 <= grid.columns:
            for above, cell in zip(kept[-1], row, strict=True):
                above.text += cell.text
                above.rect = (*above.rect[:3], cell.rect[3])
        else:
            kept.append(row)
    for index, row in enumerate(kept):
        for cell in row:
            cell.row = index
    return Grid(*grid.rect, len(kept), grid.columns, [cell for row in kept for cell in row])


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.middle):
        if rows and abs(rows[-1][0].middle - line.middle) < 0.45 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _run_end(rows: Sequence[Sequence[Line]], start: int) -> int:
    """Return the end of the run of rows of text from ``start`` that keep to common columns."""
    if len(rows[start]) < 3 or any(piece.count > _SHORT for piece in rows[start]):
        return start
    columns = sorted((piece.x0, piece.x1) for piece in rows[start])
    widest = 0.0
    end = start + 1
    while end < len(rows):
        row = rows[end]
        pitch = row[0].middle - rows[end - 1][0].middle
        limit = _MAX_PITCH * row[0].size if end < start + 3 else max(1.3 * widest, _ROW_PITCH * row[0].size)
        merged = _widen(columns, row)
        if pitch > limit or len(merged) < max(3, len(columns) - (end == start + 1)):
            break
        columns = merged
        widest = max(widest, pitch)
        end += 1
    while end > start and len(rows[end - 1]) == 1 and end - start > 1 and _stands_apart(rows, end - 1):
        end -= 1
    return end


def _widen(columns: Sequence[tuple[float, float]], row: Sequence[Line]) -> list[tuple[float, float]]:
    """Return the columns with the pieces of one more row projected into them."""
    merged: list[tuple[float, float]] = []
    for x0, x1 in sorted([*columns, *((piece.x0, piece.x1) for piece in row)]):
        if merged and x0 < merged[-1][1] + _MIN_GUTTER:
            merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
        else:
            merged.append((x0, x1))
    return merged


def _stands_apart(rows: Sequence[Sequence[Line]], at: int) -> bool:
    """Tell whether the row of text ``at`` is further from the one above than the size of a wrapped line."""
    return rows[at][0].middle - rows[at - 1][0].middle > 1.6 * rows[at][0].size


def _from_rows(rows: Sequence[Sequence[Line]], frame: Frame) -> Grid | None:
    pieces = [piece for row in rows for piece in row]
    left, right = min(piece.x0 for piece in pieces) - 1, max(piece.x1 for piece in pieces) + 1
    columns = _columns(pieces, left, right)
    groups = _wrapped(rows)
    if len(columns) < 3 or len(groups) < 2 or right - left < _MIN_WIDTH * frame.size[0]:
        return None
    cells = {
        (number, next((at for at, column in enumerate(columns) if piece.x0 < column[1] + 1), 0))
        for number, group in enumerate(groups)
        for row in group
        for piece in row
    }
    filled = len(cells) / (len(groups) * len(columns))
    mean = sum(piece.count for piece in pieces) / len(cells)
    narrowest = min(two[0] - one[1] for one, two in pairwise(columns))
    full = sum(sum(1 for at, _ in cells if at == number) >= 3 for number in range(len(groups)))
    if filled <= _MIN_FILL or full < max(2, len(groups) // 2) or mean >= _MAX_CELL_CHARS or narrowest <= _MIN_GUTTER:
        return None
    top, bottom = min(piece.y0 for piece in rows[0]), max(piece.y1 for piece in rows[-1])
    edges = [
        (max(piece.y1 for row in one for piece in row) + min(piece.y0 for row in two for piece in row)) / 2
        for one, two in pairwise(groups)
    ]
    return _make((left, top, right, bottom), columns, edges)


def _wrapped(rows: Sequence[Sequence[Line]]) -> list[list[Sequence[Line]]]:
    """Group rows of text into rows of the table: where distances differ, a small one is a wrapped cell."""
    pitches = [two[0].middle - one[0].middle for one, two in pairwise(rows)]
    smallest = min(pitches)
    wraps = smallest < _WRAP_PITCH * rows[0][0].size and max(pitches) > _ROW_STEP * smallest
    groups: list[list[Sequence[Line]]] = [[rows[0]]]
    for row, pitch in zip(rows[1:], pitches, strict=True):
        if wraps and pitch < _ROW_STEP * smallest:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups
