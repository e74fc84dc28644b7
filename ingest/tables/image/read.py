"""Find and read the tables of an upright bitmap whose lines of text are recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from ingest.parsing.pdf.aligned import aligned_grids, three_line_grids
from ingest.parsing.pdf.lines import build_lines
from ingest.parsing.pdf.model import Frame, Glyph, Grid, GridCell, Rect, Rules
from ingest.tables.image.areas import MIN_LINES, areas_of, inside, overlap
from ingest.tables.image.glyphs import RawLine, place_glyphs
from ingest.tables.image.slanet import StructureCell, TableModel
from ingest.tables.image.strokes import Segment, TextBoxes, find_segments, mapped, square_map
from ingest.tables.image.structure import doubts, grid_of
from ingest.tables.open import Frame as TableFrame
from ingest.tables.open import looks_tabular, open_grid
from ingest.tables.ruled import mark_head, ruled_grids

# The measures of table finding are those of text ten units high.
_UNIT: Final = 10.0
_SURE: Final = 0.04
_BETTER: Final = 0.05
_NO_TABLE: Final = 0.12


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

    if len(lines) < MIN_LINES:
        return []
    size = median(_height(line) for line in lines) * 0.8
    texts = TextBoxes([line[0] for line in lines])
    level, upright, ink = find_segments(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), size, texts)
    found: list[FoundTable] = []
    for region in areas_of(level, upright, regions, size, lines):
        hints = [seen for seen in regions if overlap(region, seen)]
        area = _Area(pixels, lines, region, size, ink, level, upright)
        found += [
            table for table in area.tables(model, hints) if not any(overlap(table.box, other.box) for other in found)
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
        self._numbers = [at for at, line in enumerate(lines) if inside(line, region)]
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

    def tables(self, model: TableModel | None, hints: Sequence[Rect]) -> list[FoundTable]:
        """Return the tables of the area; ``hints`` are the boxes in pixels where a layout model saw one."""
        if len(self._numbers) < MIN_LINES:
            return []
        grids = ruled_grids(self._rules(), self.glyphs) or self._open()
        for hint in hints:
            grids = self._with_hint(grids, self._placed(hint), model)
        return [self._finish(grid) for grid in grids]

    def _open(self) -> list[Grid]:
        """Read tables without a full grid by alignment: those between level rules, then those without any."""
        frame = Frame(*self._corner())
        drawn = three_line_grids(self._rules(), self.glyphs, [], frame)
        # Rules under the headings of a page's parts frame no table: what stands between them does not part.
        drawn = [grid for grid in drawn if doubts(grid, self.glyphs) < _NO_TABLE]
        rest = [g for g in self.glyphs if not any(_over(g, grid.rect) for grid in drawn)]
        return drawn + aligned_grids(build_lines(rest), rest, frame)

    def _with_hint(self, grids: list[Grid], hint: Rect, model: TableModel | None) -> list[Grid]:
        """Return the grids with the one a layout model saw at ``hint``, which the structure model reads in doubt.

        Text of the hint above or below the grids there speaks against them as text that does not part does.
        """
        own = [g for g in self.glyphs if _over(g, hint)]
        there = [grid for grid in grids if overlap(grid.rect, hint)]
        if len(own) < MIN_LINES or any(not grid.aligned for grid in there):
            return grids
        others = [grid for grid in grids if grid not in there]
        extent = _extent(own)
        if not there:
            whole = open_grid(TableFrame(extent), own)
            there = [whole] if whole is not None and looks_tabular(whole, ruled=False) else []
        lost = sum(_is_left_out(g, there) for g in own) / len(own)
        against = max((doubts(grid, self.glyphs) for grid in there), default=1.0) + lost
        seen = self._seen(model, extent, own) if model is not None and against >= _SURE else None
        if seen is None or not looks_tabular(seen, ruled=False) or doubts(seen, own) + _BETTER >= against:
            return others + there
        return [*others, seen]

    def _seen(self, model: TableModel, rect: Rect, glyphs: Sequence[Glyph]) -> Grid | None:
        """Return the grid the structure model sees in a box of the area."""
        import cv2
        import numpy as np

        # The model is shown the box set square at the scale of the bitmap.
        scale = self._size / _UNIT
        x0, y0, x1, y1 = rect[0] - _UNIT / 2, rect[1] - _UNIT / 2, rect[2] + _UNIT / 2, rect[3] + _UNIT / 2
        zoom = np.array([[scale, 0, -x0 * scale], [0, scale, -y0 * scale], [0, 0, 1]]) @ self._matrix
        crop = cv2.warpPerspective(
            self._pixels,
            zoom,
            (max(round((x1 - x0) * scale), 8), max(round((y1 - y0) * scale), 8)),
            borderValue=(255, 255, 255),
        )
        cells, _ = model.cells(crop)
        unscaled = [
            StructureCell(
                cell.row, cell.column, cell.row_span, cell.column_span, _placed(cell.box, x0, y0, scale), cell.header
            )
            for cell in cells
        ]
        grid = grid_of(unscaled, glyphs, rect)
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

    def _placed(self, box: Rect) -> Rect:
        corners = [self._place(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def _finish(self, grid: Grid) -> FoundTable:
        inside = {self._owners[id(g)] for g in self.glyphs if _over(g, grid.rect)}
        cells = [self._cell(cell) for cell in grid.cells]
        return FoundTable(self._unplace(grid.rect), grid.rows, grid.columns, cells, sorted(inside))

    def _cell(self, cell: GridCell) -> tuple[int, int, int, int, bool, float, float, float, float, str]:
        box = self._unplace(cell.rect)
        return cell.row, cell.column, cell.row_span, cell.column_span, cell.header, *box, cell.text

    def _unplace(self, rect: Rect) -> Rect:
        corners = [mapped(self._back, x, y) for x in (rect[0], rect[2]) for y in (rect[1], rect[3])]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)


def _height(line: RawLine) -> float:
    (_, y0), (_, y1), (_, y2), (_, y3) = line[0]
    return max((y3 - y0 + y2 - y1) / 2, 1.0)


def _middle(line: RawLine) -> float:
    return sum(y for _, y in line[0]) / 4


def _holds(rect: Rect, one: Segment) -> bool:
    x, y = (one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2
    return rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]


def _over(glyph: Glyph, rect: Rect) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
    return rect[0] - 1 <= x <= rect[2] + 1 and rect[1] - 1 <= y <= rect[3] + 1


def _is_left_out(glyph: Glyph, grids: Sequence[Grid]) -> bool:
    """Tell whether a character stands above or below one of the grids and in none of them."""
    middle = (glyph.x0 + glyph.x1) / 2
    return any(grid.x0 <= middle <= grid.x1 for grid in grids) and not any(_over(glyph, grid.rect) for grid in grids)


def _extent(glyphs: Sequence[Glyph]) -> Rect:
    return (
        min(glyph.x0 for glyph in glyphs) - 1,
        min(glyph.y0 for glyph in glyphs) - 1,
        max(glyph.x1 for glyph in glyphs) + 1,
        max(glyph.y1 for glyph in glyphs) + 1,
    )


def _placed(box: Rect, x: float, y: float, scale: float) -> Rect:
    return x + box[0] / scale, y + box[1] / scale, x + box[2] / scale, y + box[3] / scale
