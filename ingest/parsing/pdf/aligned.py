"""Tables without a full grid: three-line tables, and rows of short texts that stand in columns."""

from collections.abc import Sequence
from typing import Final

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
    """Return tables without any rule: three rows or more with three or more short texts in common columns."""
    rows = _rows([line for line in lines if line.count < _SHORT])
    found: list[Grid] = []
    start = 0
    while start < len(rows):
        stop = _run_end(rows, start)
        if stop - start >= 3:
            grid = _from_rows(rows[start:stop], frame)
            if grid is not None:
                fill(grid, glyphs)
                found.append(grid)
        start = max(stop, start + 1)
    return found


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
    grid = _make(rect, columns, middles)
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


def _make(rect: Rect, columns: Sequence[tuple[float, float]], middles: Sequence[float]) -> Grid:
    gutters = [(one[1] + two[0]) / 2 for one, two in zip(columns, columns[1:], strict=False)]
    xs = [rect[0], *gutters, rect[2]]
    ys = [rect[1], *((one + two) / 2 for one, two in zip(middles, middles[1:], strict=False)), rect[3]]
    cells = [
        GridCell(row, column, 1, 1, (xs[column], ys[row], xs[column + 1], ys[row + 1]))
        for row in range(len(middles))
        for column in range(len(columns))
    ]
    return Grid(*rect, len(middles), len(columns), cells)


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
    """Return the end of the run of rows from ``start`` that look like table rows."""
    if len(rows[start]) < 3:
        return start
    end = start + 1
    while end < len(rows):
        near = rows[end][0].middle - rows[end - 1][0].middle < 3.2 * rows[end][0].size
        next_wide = end + 1 < len(rows) and len(rows[end + 1]) >= 3
        if not near or not (len(rows[end]) >= 3 or (len(rows[end]) == 2 and next_wide)):
            break
        end += 1
    return end


def _from_rows(rows: Sequence[Sequence[Line]], frame: Frame) -> Grid | None:
    pieces = [piece for row in rows for piece in row]
    left, right = min(piece.x0 for piece in pieces) - 1, max(piece.x1 for piece in pieces) + 1
    columns = _columns(pieces, left, right)
    if len(columns) < 3 or right - left < 0.25 * frame.size[0]:
        return None
    filled = len(pieces) / (len(rows) * len(columns))
    mean = sum(piece.count for piece in pieces) / len(pieces)
    narrowest = min(two[0] - one[1] for one, two in zip(columns, columns[1:], strict=False))
    if filled <= 0.55 or mean >= 16 or narrowest <= _MIN_GUTTER:
        return None
    top, bottom = min(piece.y0 for piece in rows[0]), max(piece.y1 for piece in rows[-1])
    return _make((left, top, right, bottom), columns, [row[0].middle for row in rows])
