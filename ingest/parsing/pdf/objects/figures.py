"""Figures of a page: pictures of a size that shows something, and drawings made of many shapes."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Final

from ingest.parsing.numbering import is_caption
from ingest.parsing.pdf.model import Frame, Grid, Line, Picture, Rect
from ingest.parsing.pdf.objects.inks import Ink, PageInks

_PICTURE_SHARE: Final = 0.01
_BACKGROUND_SHARE: Final = 0.9
_DRAWING_SHARE: Final = 0.02
_CELL: Final = 9.0
_MIN_INKS: Final = 10
_MIN_SHAPES: Final = 3
_BOX: Final = 6
_BAND: Final = 0.85
_BAND_HEIGHT: Final = 60.0
_MIN_SIDE: Final = 40.0
_MAX_INK: Final = 0.5
_THIN: Final = 1.5
_LONG: Final = 0.6
_MAX_LABEL: Final = 14
_MAX_LABEL_WIDTH: Final = 0.75
_EDGE: Final = 16.0
_MAX_CELLS: Final = 40_000


def find_pictures(rects: Sequence[Rect], frame: Frame, grids: Sequence[Grid]) -> list[Picture]:
    """Return the pictures that are neither specks nor the page's background nor inside tables."""
    width, height = frame.size
    area = width * height
    return [
        Picture(*rect)
        for rect in dict.fromkeys(rects)
        if _PICTURE_SHARE * area < _area(rect) < _BACKGROUND_SHARE * area
        and not any(_holds(grid.rect, (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2) for grid in grids)
    ]


def find_drawings(inks: PageInks, frame: Frame, taken: Sequence[Rect], lines: Sequence[Line]) -> list[Picture]:
    """Return clusters of shapes that make a drawing, outside ``taken``, with the lines of text in them as labels.

    Running text inside a frame, or between rules, is no drawing.
    """
    width, height = frame.size
    shapes = [(frame.enter(ink.rect), ink) for ink in inks.inks if ink.points > 0]
    shapes = [(rect, ink) for rect, ink in shapes if _is_part(rect, width, height, taken)]
    if len(shapes) < _MIN_INKS:
        return []
    found: list[Picture] = []
    for members in _clusters(shapes, width, height):
        rect = _hull([rect for rect, _ in members])
        bands = _bands(members, rect)
        complex_shapes = sum(
            ink.points > _BOX or (ink.colour is not None and not _is_thin(box) and id(ink) not in bands)
            for box, ink in members
        )
        if (
            len(members) < _MIN_INKS
            or complex_shapes < _MIN_SHAPES
            or _area(rect) < _DRAWING_SHARE * width * height
            or min(rect[2] - rect[0], rect[3] - rect[1]) < _MIN_SIDE
        ):
            continue
        labels = _labels(rect, lines)
        if labels is not None:
            found.append(Picture(*_hull([rect, *(line.rect for line in labels)]), labels))
    return found


def _bands(members: Sequence[tuple[Rect, Ink]], hull: Rect) -> set[int]:
    """Return the ids of filled boxes that side by side make bands from side to side: they shade rows of a table."""
    rows: dict[tuple[int, int], list[tuple[Rect, Ink]]] = defaultdict(list)
    for box, ink in members:
        if ink.points <= _BOX and ink.colour is not None and not _is_thin(box):
            rows[round(box[1]), round(box[3])].append((box, ink))
    width = hull[2] - hull[0]
    found: set[int] = set()
    for row in rows.values():
        left, right = min(box[0] for box, _ in row), max(box[2] for box, _ in row)
        filled = sum(box[2] - box[0] for box, _ in row)
        if min(right - left, filled) > _BAND * width and row[0][0][3] - row[0][0][1] < _BAND_HEIGHT:
            found.update(id(ink) for _, ink in row)
    return found


def _is_part(rect: Rect, width: float, height: float, taken: Sequence[Rect]) -> bool:
    if _area(rect) > _MAX_INK * width * height or rect[2] <= 0 or rect[3] <= 0 or rect[0] >= width or rect[1] >= height:
        return False
    if _is_thin(rect) and max((rect[2] - rect[0]) / width, (rect[3] - rect[1]) / height) > _LONG:
        return False
    x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
    return not any(_holds(other, x, y) for other in taken)


def _clusters(shapes: Sequence[tuple[Rect, Ink]], width: float, height: float) -> list[list[tuple[Rect, Ink]]]:
    """Group shapes that touch or nearly touch, on a coarse raster of the page."""
    columns, rows = int(width / _CELL) + 3, int(height / _CELL) + 3
    parent: dict[int, int] = {}

    def find(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    homes: list[int] = []
    budget = _MAX_CELLS
    for rect, _ in shapes:
        x0, x1 = max(int(rect[0] / _CELL), 0), min(int(rect[2] / _CELL) + 1, columns - 1)
        y0, y1 = max(int(rect[1] / _CELL), 0), min(int(rect[3] / _CELL) + 1, rows - 1)
        if (x1 - x0 + 1) * (y1 - y0 + 1) > budget:
            x1, y1 = x0, y0
        budget -= (x1 - x0 + 1) * (y1 - y0 + 1)
        cells = [y * columns + x for y in range(y0, y1 + 1) for x in range(x0, x1 + 1)]
        for cell in cells:
            parent.setdefault(cell, cell)
            parent[find(cell)] = find(cells[0])
        homes.append(cells[0])
    groups: dict[int, list[tuple[Rect, Ink]]] = {}
    for shape, home in zip(shapes, homes, strict=True):
        groups.setdefault(find(home), []).append(shape)
    return list(groups.values())


def _labels(rect: Rect, lines: Sequence[Line]) -> list[Line] | None:
    """Return the lines in a drawing and the small ones at its edges, or None when it holds running text."""
    inside = [line for line in lines if _holds(rect, (line.x0 + line.x1) / 2, line.middle)]
    if any(line.x1 - line.x0 > _MAX_LABEL_WIDTH * (rect[2] - rect[0]) and line.count > _MAX_LABEL for line in inside):
        return None
    if inside and median(line.count for line in inside) > _MAX_LABEL:
        return None
    usual = _usual_size(lines)
    around = (rect[0] - _EDGE, rect[1] - _EDGE, rect[2] + _EDGE, rect[3] + _EDGE)
    for line in lines:
        small = line.size < usual and line.count <= _MAX_LABEL
        if small and line not in inside and _holds(around, (line.x0 + line.x1) / 2, line.middle):
            inside.append(line)
    return [line for line in inside if not is_caption(line.text)]


def _usual_size(lines: Sequence[Line]) -> float:
    """The size most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += line.count
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _is_thin(rect: Rect) -> bool:
    return min(rect[2] - rect[0], rect[3] - rect[1]) < _THIN


def _hull(rects: Sequence[Rect]) -> Rect:
    return (
        min(rect[0] for rect in rects),
        min(rect[1] for rect in rects),
        max(rect[2] for rect in rects),
        max(rect[3] for rect in rects),
    )


def _area(rect: Rect) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


def _holds(rect: Rect, x: float, y: float) -> bool:
    return rect[0] - 1 <= x <= rect[2] + 1 and rect[1] - 1 <= y <= rect[3] + 1
