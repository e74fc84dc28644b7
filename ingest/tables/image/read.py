"""Find and read the tables of an upright bitmap whose lines of text are recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from ingest.parsing.pdf.aligned import aligned_grids, three_line_grids
from ingest.parsing.pdf.lines import build_lines
from ingest.parsing.pdf.model import Frame, Glyph, Grid, GridCell, Rect, Rules
from ingest.tables.image.glyphs import RawLine, place_glyphs
from ingest.tables.image.slanet import StructureCell, TableModel
from ingest.tables.image.strokes import Segment, find_segments, mapped, square_map
from ingest.tables.image.structure import doubts, grid_of
from ingest.tables.open import Frame as TableFrame
from ingest.tables.open import looks_tabular, open_grid
from ingest.tables.ruled import mark_head, ruled_grids

# The measures of table finding are those of text ten units high.
_UNIT: Final = 10.0
_PAD: Final = 0.8
_MIN_LINES: Final = 4
_SURE: Final = 0.04
_BETTER: Final = 0.05
_SAME_EXTENT: Final = 0.08


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table in pixels of the upright bitmap.

    ``cells``: (row, column, row span, column span, whether a heading, x0, y0, x1, y1, text). ``lines`` are the places
    of its lines among those given.
    """

    box: Rect
    rows: int
    columns: int
    cells: list[tuple[int, int, int, int, bool, float, float, float, float, str]]
    lines: list[int]


def find_tables(
    pixels: Any, lines: Sequence[RawLine], regions: Sequence[Rect], model: TableModel | None
) -> list[FoundTable]:
    """Return the tables on pixels of shape (height, width, 3), BGR.

    ``lines`` are recognised lines (corners, text, score) and ``regions`` where a layout model sees tables, both in
    pixels. Ruling lines come first, then alignment; the structure model reads what those leave in doubt.
    """
    import cv2

    if len(lines) < _MIN_LINES:
        return []
    size = median(_height(line) for line in lines) * 0.8
    level, upright, ink = find_segments(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), size)
    level = [one for one in level if not any(_is_in_text(one, line) for line in lines)]
    found: list[FoundTable] = []
    for region in _areas(level, upright, regions, size, lines):
        hinted = any(_overlap(region, seen) for seen in regions)
        area = _Area(pixels, lines, region, size, ink, level, upright)
        found += [
            table
            for table in area.tables(model, hinted=hinted)
            if not any(_overlap(table.box, other.box) for other in found)
        ]
    return found


class _Area:
    """A part of the bitmap set square, its text in units of table finding."""

    def __init__(
        self,
        pixels: Any,
        lines: Sequence[RawLine],
        region: Rect,
        size: float,
        ink: Any,
        level: Sequence[Segment],
        upright: Sequence[Segment],
    ) -> None:
        import numpy as np

        self._pixels, self._region, self._size = pixels, region, size
        self._numbers = [at for at, line in enumerate(lines) if _inside(line, region)]
        self._level = [one for one in level if _holds(region, one)]
        self._upright = [one for one in upright if _holds(region, one)]
        square = square_map(self._level, self._upright, [lines[at][0] for at in self._numbers])
        scale = _UNIT / size
        move = np.array([[scale, 0, -region[0] * scale], [0, scale, -region[1] * scale], [0, 0, 1]])
        self._matrix = move @ square
        self._back = np.linalg.inv(self._matrix)
        self.glyphs: list[Glyph] = []
        self._owners: dict[int, int] = {}
        for at in self._numbers:
            walls = [(one.x0 + one.x1) / 2 for one in self._upright if one.y0 <= _middle(lines[at]) <= one.y1]
            for glyph in place_glyphs(lines[at], ink, walls, self._place, _UNIT):
                self._owners[id(glyph)] = at
                self.glyphs.append(glyph)

    def tables(self, model: TableModel | None, *, hinted: bool) -> list[FoundTable]:
        """Return the tables of the area; ``hinted`` says that a layout model saw one there."""
        if len(self._numbers) < _MIN_LINES:
            return []
        grids = ruled_grids(self._rules(), self.glyphs)
        if not grids:
            grids = self._open(model, hinted=hinted)
        return [self._finish(grid) for grid in grids]

    def _open(self, model: TableModel | None, *, hinted: bool) -> list[Grid]:
        """Read a table without a full grid by alignment, or by the model where that speaks less against it."""
        frame = Frame(*self._corner())
        aligned = three_line_grids(self._rules(), self.glyphs, [], frame)
        if not aligned:
            aligned = aligned_grids(build_lines(self.glyphs), self.glyphs, frame)
        if not hinted:
            return aligned
        if not aligned:
            whole = open_grid(TableFrame(self._extent()), self.glyphs)
            aligned = [whole] if whole is not None and looks_tabular(whole, ruled=False) else []
        if model is None or (aligned and max(doubts(grid, self.glyphs) for grid in aligned) < _SURE):
            return aligned
        seen = self._seen(model)
        if seen is None:
            return aligned
        if not aligned:
            return [seen] if looks_tabular(seen, ruled=False) else []
        ours = max(doubts(grid, self.glyphs) for grid in aligned)
        return [seen] if doubts(seen, self.glyphs) + _BETTER < ours else aligned

    def _seen(self, model: TableModel) -> Grid | None:
        import cv2
        import numpy as np

        width, height = (max(round(side), 1) for side in self._corner())
        # The model is shown the area set square at the scale of the bitmap.
        scale = self._size / _UNIT
        zoom = np.array([[scale, 0, 0], [0, scale, 0], [0, 0, 1]]) @ self._matrix
        crop = cv2.warpPerspective(
            self._pixels,
            zoom,
            (max(round(width * scale), 8), max(round(height * scale), 8)),
            borderValue=(255, 255, 255),
        )
        cells, _ = model.cells(crop)
        unscaled = [
            StructureCell(
                cell.row, cell.column, cell.row_span, cell.column_span, _times(cell.box, 1 / scale), cell.header
            )
            for cell in cells
        ]
        grid = grid_of(unscaled, self.glyphs, self._extent())
        return mark_head(grid) if grid is not None else None

    def _rules(self) -> Rules:
        rules = Rules()
        for one in self._level:
            (x0, y0), (x1, y1) = self._place(one.x0, one.y0), self._place(one.x1, one.y1)
            rules.across.append((x0, (y0 + y1) / 2, x1))
        for one in self._upright:
            (x0, y0), (x1, y1) = self._place(one.x0, one.y0), self._place(one.x1, one.y1)
            rules.down.append(((x0 + x1) / 2, y0, y1))
        return rules

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return mapped(self._matrix, x, y)

    def _corner(self) -> tuple[float, float]:
        x, y = self._place(self._region[2], self._region[3])
        return max(x, 1.0), max(y, 1.0)

    def _extent(self) -> Rect:
        return (
            min(glyph.x0 for glyph in self.glyphs) - 1,
            min(glyph.y0 for glyph in self.glyphs) - 1,
            max(glyph.x1 for glyph in self.glyphs) + 1,
            max(glyph.y1 for glyph in self.glyphs) + 1,
        )

    def _finish(self, grid: Grid) -> FoundTable:
        inside = {
            self._owners[id(g)]
            for g in self.glyphs
            if grid.x0 - 1 <= (g.x0 + g.x1) / 2 <= grid.x1 + 1 and grid.y0 - 1 <= (g.y0 + g.y1) / 2 <= grid.y1 + 1
        }
        cells = [self._cell(cell) for cell in grid.cells]
        return FoundTable(self._unplace(grid.rect), grid.rows, grid.columns, cells, sorted(inside))

    def _cell(self, cell: GridCell) -> tuple[int, int, int, int, bool, float, float, float, float, str]:
        box = self._unplace(cell.rect)
        return cell.row, cell.column, cell.row_span, cell.column_span, cell.header, *box, cell.text

    def _unplace(self, rect: Rect) -> Rect:
        corners = [mapped(self._back, x, y) for x in (rect[0], rect[2]) for y in (rect[1], rect[3])]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)


def _areas(
    level: Sequence[Segment], upright: Sequence[Segment], regions: Sequence[Rect], size: float, lines: Sequence[RawLine]
) -> list[Rect]:
    """Return the parts of the bitmap to look at: regions of the layout model and of ruling lines, joined, padded."""
    pad = _PAD * size
    boxes = [(x0 - pad, y0 - pad, x1 + pad, y1 + pad) for x0, y0, x1, y1 in regions]
    boxes += [_bounds([one], pad) for one in upright]
    for group in _same_extent(level):
        boxes.append(_bounds(group, pad))
    joined: list[Rect] = []
    for box in sorted(boxes, key=lambda one: (one[0] - one[2]) * (one[3] - one[1])):
        merged = box
        for other in [one for one in joined if _overlap(one, merged)]:
            joined.remove(other)
            merged = (
                min(merged[0], other[0]),
                min(merged[1], other[1]),
                max(merged[2], other[2]),
                max(merged[3], other[3]),
            )
        joined.append(merged)
    kept = [box for box in joined if sum(_inside(line, box) for line in lines) >= _MIN_LINES]
    if kept:
        return kept
    # A bitmap that shows nothing but a table has no region of its own.
    xs = [x for corners, _, _ in lines for x, _ in corners]
    ys = [y for corners, _, _ in lines for _, y in corners]
    return [(min(xs) - pad, min(ys) - pad, max(xs) + pad, max(ys) + pad)]


def _same_extent(level: Sequence[Segment]) -> list[list[Segment]]:
    """Group level lines that begin and end at about the same x: the rules of one table."""
    groups: list[list[Segment]] = []
    for one in sorted(level, key=lambda one: -one.length):
        for group in groups:
            slack = _SAME_EXTENT * group[0].length
            if abs(group[0].x0 - one.x0) < slack and abs(group[0].x1 - one.x1) < slack:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _bounds(segments: Sequence[Segment], pad: float) -> Rect:
    return (
        min(min(one.x0, one.x1) for one in segments) - pad,
        min(min(one.y0, one.y1) for one in segments) - pad,
        max(max(one.x0, one.x1) for one in segments) + pad,
        max(max(one.y0, one.y1) for one in segments) + pad,
    )


def _is_in_text(one: Segment, line: RawLine) -> bool:
    """Tell whether a level line is made of strokes of characters: it runs through the midst of a line of text."""
    (x0, y0), (x1, y1), (_, y2), (_, y3) = line[0]
    if one.x0 < x0 - (y3 - y0) or one.x1 > x1 + (y2 - y1) or one.length > x1 - x0 + (y3 - y0):
        return False
    at = ((one.x0 + one.x1) / 2 - x0) / max(x1 - x0, 1.0)
    top, low = y0 + at * (y1 - y0), y3 + at * (y2 - y3)
    return top + 0.12 * (low - top) < (one.y0 + one.y1) / 2 < low - 0.12 * (low - top)


def _height(line: RawLine) -> float:
    (_, y0), (_, y1), (_, y2), (_, y3) = line[0]
    return max((y3 - y0 + y2 - y1) / 2, 1.0)


def _middle(line: RawLine) -> float:
    return sum(y for _, y in line[0]) / 4


def _inside(line: RawLine, rect: Rect) -> bool:
    x, y = sum(x for x, _ in line[0]) / 4, _middle(line)
    return rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]


def _holds(rect: Rect, one: Segment) -> bool:
    x, y = (one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2
    return rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]


def _overlap(one: Rect, two: Rect) -> bool:
    return one[0] < two[2] and one[2] > two[0] and one[1] < two[3] and one[3] > two[1]


def _times(box: Rect, factor: float) -> Rect:
    return box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor
