"""Where on a bitmap to look for tables: regions of a layout model, ruling lines, labels beside values."""

from collections.abc import Sequence
from typing import Final

from ingest.parsing.pdf.model import Rect
from ingest.tables.image.glyphs import RawLine
from ingest.tables.image.strokes import Segment

_PAD: Final = 0.8
MIN_LINES: Final = 4
_SAME_EXTENT: Final = 0.08
_SHORT: Final = 14.0
_LABEL: Final = 1.5
_STEP: Final = 4.0


def areas_of(
    level: Sequence[Segment], upright: Sequence[Segment], regions: Sequence[Rect], size: float, lines: Sequence[RawLine]
) -> list[Rect]:
    """Return the parts of the bitmap to look at: regions of the layout model and of ruling lines, joined, padded."""
    pad = _PAD * size
    boxes = [(x0 - pad, y0 - pad, x1 + pad, y1 + pad) for x0, y0, x1, y1 in regions]
    boxes += [_bounds([one], pad) for one in upright]
    for group in _same_extent(level):
        boxes.append(_bounds(group, pad))
    joined = _joined(boxes)
    kept = [box for box in joined if sum(inside(line, box) for line in lines) >= MIN_LINES]
    if kept:
        free = [line for line in lines if not any(inside(line, box) for box in kept)]
        return kept + _joined([(x0 - pad, y0 - pad, x1 + pad, y1 + pad) for x0, y0, x1, y1 in panels(free, size)])
    # A bitmap that shows nothing but a table has no region of its own.
    xs = [x for corners, _, _ in lines for x, _ in corners]
    ys = [y for corners, _, _ in lines for _, y in corners]
    return [(min(xs) - pad, min(ys) - pad, max(xs) + pad, max(ys) + pad)]


def panels(lines: Sequence[RawLine], size: float) -> list[Rect]:
    """Return where short texts stand side by side in rows that keep their outer edges: labels and their values."""
    chains: list[list[tuple[Rect, Rect]]] = []
    short = sorted((box for line in lines if (box := _box(line))[2] - box[0] < _SHORT * size), key=lambda one: one[1])
    for left in short:
        beside = [
            box
            for box in short
            if box[0] > left[2] + size
            and abs(box[1] + box[3] - left[1] - left[3]) < size
            and box[0] - left[2] < _SHORT * size
        ]
        right = min(beside, key=lambda one: one[0], default=None)
        if right is None or left[2] - left[0] < size * _LABEL:
            continue
        for chain in chains:
            above, over = chain[-1]
            ends = (abs(over[0] - right[0]), abs(over[2] - right[2]))
            if abs(above[0] - left[0]) < size and min(ends) < size and left[1] - above[3] < _STEP * size:
                chain.append((left, right))
                break
        else:
            chains.append([(left, right)])
    return [
        (
            min(left[0] for left, _ in chain),
            chain[0][0][1],
            max(right[2] for _, right in chain),
            max(max(left[3], right[3]) for left, right in chain),
        )
        for chain in chains
        if len(chain) >= MIN_LINES
    ]


def _joined(boxes: Sequence[Rect]) -> list[Rect]:
    """Return the boxes, those that overlap joined."""
    joined: list[Rect] = []
    for box in sorted(boxes, key=lambda one: (one[0] - one[2]) * (one[3] - one[1])):
        merged = box
        for other in [one for one in joined if overlap(one, merged)]:
            joined.remove(other)
            merged = (
                min(merged[0], other[0]),
                min(merged[1], other[1]),
                max(merged[2], other[2]),
                max(merged[3], other[3]),
            )
        joined.append(merged)
    return joined


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


def _box(line: RawLine) -> Rect:
    xs, ys = [x for x, _ in line[0]], [y for _, y in line[0]]
    return min(xs), min(ys), max(xs), max(ys)


def inside(line: RawLine, rect: Rect) -> bool:
    """Tell whether the middle of a line is in a box."""
    x, y = sum(x for x, _ in line[0]) / 4, sum(y for _, y in line[0]) / 4
    return rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]


def overlap(one: Rect, two: Rect) -> bool:
    """Tell whether two boxes do."""
    return one[0] < two[2] and one[2] > two[0] and one[1] < two[3] and one[3] > two[1]
