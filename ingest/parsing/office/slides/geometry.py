"""Where the shapes of a slide stand, and in which order a person reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_WIDE: Final = 0.6
P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape and its frame on the slide; ``placed`` is False where neither it nor its layout says where it stands."""

    node: Any
    x0: float
    y0: float
    x1: float
    y1: float
    placed: bool = True
    title: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """How the coordinates of a group's children become those of the slide."""

    x: float = 0.0
    y: float = 0.0
    across: float = 1.0
    down: float = 1.0

    def inside(self, transform: Any) -> "Frame":
        """Return the frame of the children of a group whose ``a:xfrm`` this is."""
        box = _box(transform)
        child = _box(transform, "chOff", "chExt")
        if box is None or child is None or not child[2] or not child[3]:
            return self
        across, down = self.across * box[2] / child[2], self.down * box[3] / child[3]
        x, y = self.x + box[0] * self.across, self.y + box[1] * self.down
        return Frame(x - child[0] * across, y - child[1] * down, across, down)

    def place(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) on the slide of (x, y, width, height) in this frame."""
        x, y = self.x + box[0] * self.across, self.y + box[1] * self.down
        return x, y, x + box[2] * self.across, y + box[3] * self.down


def transform_of(node: Any) -> Any | None:
    """Return the ``xfrm`` element of a shape, picture, group or graphic frame."""
    for path in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm"):
        found = node.find(path)
        if found is not None:
            return found
    return None


def box_of(node: Any) -> tuple[float, float, float, float] | None:
    """Return (x, y, width, height) of a shape in its own frame, None when it does not say."""
    found = transform_of(node)
    return None if found is None else _box(found)


def _box(transform: Any, offset: str = "off", extent: str = "ext") -> tuple[float, float, float, float] | None:
    where, size = transform.find(A + offset), transform.find(A + extent)
    if where is None or size is None:
        return None
    values = [where.get("x", "0"), where.get("y", "0"), size.get("cx", "0"), size.get("cy", "0")]
    try:
        x, y, width, height = map(float, values)
    except ValueError:
        return None
    return x, y, width, height


def in_reading_order(shapes: Sequence[Shape]) -> list[Shape]:
    """Sort shapes: titles first, then cut by cut at the gaps between them, rows before columns, else top to bottom."""
    titles = [shape for shape in shapes if shape.title]
    placed = [shape for shape in shapes if not shape.title and shape.placed]
    return [*titles, *_cut(placed, 0), *(shape for shape in shapes if not shape.title and not shape.placed)]


def _cut(shapes: list[Shape], depth: int) -> list[Shape]:
    if len(shapes) < 2 or depth > 40:
        return shapes
    rows = _parts(shapes, [(shape.y0, shape.y1) for shape in shapes])
    columns = _parts(shapes, [(shape.x0, shape.x1) for shape in shapes])
    if len(columns) > 1 and (len(rows) < 2 or _are_columns(columns)):
        rows = columns
    elif len(rows) > 1:
        rows = _between_wide(rows)
    if len(rows) < 2:
        return sorted(shapes, key=lambda shape: (shape.y0, shape.x0))
    return [shape for part in rows for shape in _cut(part, depth + 1)]


def _between_wide(rows: list[list[Shape]]) -> list[list[Shape]]:
    """Keep together the rows between shapes that run over the whole width: they may stand in columns."""
    shapes = [shape for row in rows for shape in row]
    width = max(shape.x1 for shape in shapes) - min(shape.x0 for shape in shapes)
    wide = [any(shape.x1 - shape.x0 >= _WIDE * width for shape in row) for row in rows]
    if not any(wide):
        return rows
    parts: list[list[Shape]] = []
    for index, row in enumerate(rows):
        if parts and not wide[index] and not wide[index - 1]:
            parts[-1] = [*parts[-1], *row]
        else:
            parts.append(row)
    return parts


def _are_columns(columns: list[list[Shape]]) -> bool:
    """Columns of several shapes each that do not line up in rows are read one after the other."""
    if any(len(column) < 2 for column in columns):
        return False
    first, *others = columns
    tops = [shape.y0 for shape in first]
    slack = max(shape.y1 - shape.y0 for shape in first) * 0.25
    aligned = [any(abs(shape.y0 - top) <= slack for top in tops) for column in others for shape in column]
    return sum(aligned) < 0.8 * len(aligned)


def _parts(shapes: list[Shape], intervals: list[tuple[float, float]]) -> list[list[Shape]]:
    """Part shapes at the gaps between their intervals; an overlap of a twentieth is a gap too."""
    order = sorted(range(len(shapes)), key=lambda index: intervals[index])
    parts: list[list[Shape]] = []
    end = 0.0
    for index in order:
        start, stop = intervals[index]
        if parts and start < end - 0.05 * (stop - start):
            parts[-1].append(shapes[index])
        else:
            parts.append([shapes[index]])
        end = max(end, stop)
    return parts
