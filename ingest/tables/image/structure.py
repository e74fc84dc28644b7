"""From the cells a structure model saw to a grid filled with text: what it saw too much is taken out."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.parsing.pdf.lines import text_of
from ingest.parsing.pdf.model import Glyph, Grid, GridCell, Rect
from ingest.tables.image.slanet import StructureCell
from ingest.tables.rows import runs, text_rows

_PIECE_GAP = 0.8


def grid_of(cells: Sequence[StructureCell], glyphs: Sequence[Glyph], rect: Rect) -> Grid | None:
    """Return the grid of the model's cells, their boxes in the units of ``glyphs``; None without two rows and columns.

    Each run of text goes to the cell it overlaps most, or else to the nearest. Rows and columns in which nothing stands
    are left out.
    """
    if not cells or not glyphs:
        return None
    held: defaultdict[int, list[Glyph]] = defaultdict(list)
    for line in text_rows(glyphs):
        for run in runs(line.glyphs, _PIECE_GAP):
            held[_best(cells, run)].extend(run)
    filled = [cell for at, cell in enumerate(cells) if at in held]
    rows = sorted({cell.row for cell in filled})
    columns = sorted({cell.column for cell in filled})
    if len(rows) < 2 or len(columns) < 2:
        return None
    xs, ys = _edges(filled, columns, rect, across=True), _edges(filled, rows, rect, across=False)
    made: list[GridCell] = []
    for at, cell in enumerate(cells):
        down = [row for row in rows if cell.row <= row < cell.row + cell.row_span]
        wide = [column for column in columns if cell.column <= column < cell.column + cell.column_span]
        if not down or not wide:
            continue
        row, column = rows.index(down[0]), columns.index(wide[0])
        box = (xs[column], ys[row], xs[column + len(wide)], ys[row + len(down)])
        text = text_of(held[at]) if at in held else ""
        made.append(GridCell(row, column, len(down), len(wide), box, text, cell.header))
    return Grid(*rect, len(rows), len(columns), made)


def doubts(grid: Grid, glyphs: Sequence[Glyph]) -> float:
    """Return how much speaks against a grid, 0 for nothing.

    That is the share of texts that stand side by side in one cell, and a quarter of the share of empty positions.
    """
    texts = beside = 0
    for own in _by_cell(grid, glyphs):
        for row in text_rows(own):
            pieces = len(runs(row.glyphs, _PIECE_GAP))
            texts += pieces
            beside += pieces - 1
    filled = sum(cell.row_span * cell.column_span for cell in grid.cells if cell.text)
    empty = 1 - filled / max(grid.rows * grid.columns, 1)
    return beside / max(texts, 1) + empty / 4


def _by_cell(grid: Grid, glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Yield the characters of each cell that has any: cells of one height are looked up in a row of their own."""
    downwards = sorted(glyphs, key=_down)
    rows: dict[tuple[float, float], list[Glyph]] = {}
    for cell in grid.cells:
        x0, y0, x1, y1 = cell.rect
        row = rows.get((y0, y1))
        if row is None:
            row = downwards[bisect_left(downwards, y0, key=_down) : bisect_left(downwards, y1, key=_down)]
            row.sort(key=_across)
            rows[y0, y1] = row
        own = row[bisect_left(row, x0, key=_across) : bisect_left(row, x1, key=_across)]
        if own:
            yield own


def _across(glyph: Glyph) -> float:
    return (glyph.x0 + glyph.x1) / 2


def _down(glyph: Glyph) -> float:
    return (glyph.y0 + glyph.y1) / 2


def _best(cells: Sequence[StructureCell], run: Sequence[Glyph]) -> int:
    x0, x1 = run[0].x0, max(glyph.x1 for glyph in run)
    y0, y1 = min(glyph.y0 for glyph in run), max(glyph.y1 for glyph in run)

    def overlap(cell: StructureCell) -> float:
        width = min(x1, cell.box[2]) - max(x0, cell.box[0])
        height = min(y1, cell.box[3]) - max(y0, cell.box[1])
        return width * height if width > 0 and height > 0 else 0.0

    best = max(range(len(cells)), key=lambda at: overlap(cells[at]))
    if overlap(cells[best]) > 0:
        return best
    x, y = (x0 + x1) / 2, (y0 + y1) / 2

    def distance(at: int) -> float:
        box = cells[at].box
        return max(box[0] - x, x - box[2], 0.0) + 3 * max(box[1] - y, y - box[3], 0.0)

    return min(range(len(cells)), key=distance)


def _edges(cells: Sequence[StructureCell], kept: Sequence[int], rect: Rect, *, across: bool) -> list[float]:
    """Return the edges of rows or columns: midway between the boxes of the cells in neighbouring ones."""
    spans = []
    for number in kept:
        own = [
            cell.box
            for cell in cells
            if ((cell.column, cell.column_span) if across else (cell.row, cell.row_span)) == (number, 1)
        ]
        low, high = (0, 2) if across else (1, 3)
        spans.append((min(box[low] for box in own), max(box[high] for box in own)) if own else None)
    start, end = (rect[0], rect[2]) if across else (rect[1], rect[3])
    edges = [start]
    for one, two in pairwise(spans):
        middle = (one[1] + two[0]) / 2 if one and two else edges[-1]
        edges.append(min(max(middle, edges[-1]), end))
    return [*edges, end]
