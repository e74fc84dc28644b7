"""Ruling lines of a bitmap, and the map that sets a photographed table square."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Point: TypeAlias = tuple[float, float]

_LEVEL_KERNEL: Final = 1.3
_LEVEL_LENGTH: Final = 2.2
_UPRIGHT_LENGTH: Final = 1.3
_BRIDGE: Final = 0.5
_MAX_THICKNESS: Final = 0.5
_CONTRAST: Final = 9
_MAX_SLOPE: Final = 0.08
_LONG: Final = 0.6
_LONG_TEXT: Final = 2.5
_MIN_TEXTS: Final = 4
_MAX_STROKES: Final = 600
# How far beside a line, in heights of text, and by how many grey values the ground must be lighter on both sides.
_BESIDE: Final = 0.4
_LIGHTER: Final = 5
_MIDST: Final = 0.12


@dataclass(frozen=True, slots=True)
class Segment:
    """A ruling line from (x0, y0) to (x1, y1) in pixels, left to right or top to bottom."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def length(self) -> float:
        """Length along its longer axis."""
        return max(abs(self.x1 - self.x0), abs(self.y1 - self.y0))


class TextBoxes:
    """The boxes of recognised lines, to tell strokes of characters from ruling lines."""

    def __init__(self, boxes: Sequence[Sequence[Point]]) -> None:
        """``boxes``: the four corners of each, from the upper left one clockwise."""
        import numpy as np

        self._corners = np.array(boxes, dtype=float).reshape(-1, 4, 2)

    def hold_level(self, one: Segment) -> bool:
        """Tell whether a level line runs through the midst of a line of text."""
        import numpy as np

        (x0, y0), (x1, y1), (_, y2), (_, y3) = (self._corners[:, corner].T for corner in range(4))
        beside = (one.x0 < x0 - (y3 - y0)) | (one.x1 > x1 + (y2 - y1)) | (one.length > x1 - x0 + (y3 - y0))
        at = ((one.x0 + one.x1) / 2 - x0) / np.maximum(x1 - x0, 1.0)
        top, low = y0 + at * (y1 - y0), y3 + at * (y2 - y3)
        middle, room = (one.y0 + one.y1) / 2, _MIDST * (low - top)
        return bool((~beside & (top + room < middle) & (middle < low - room)).any())

    def hold_upright(self, one: Segment) -> bool:
        """Tell whether an upright line is no taller than the line of text it stands in."""
        xs, ys = self._corners[:, :, 0], self._corners[:, :, 1]
        top, low = ys.min(axis=1), ys.max(axis=1)
        x = (one.x0 + one.x1) / 2
        inside = (xs.min(axis=1) <= x) & (x <= xs.max(axis=1)) & (top <= one.y0) & (one.y1 <= low)
        return bool(inside.any())


def find_segments(grey: Any, size: float, texts: TextBoxes) -> tuple[list[Segment], list[Segment], Any]:
    """Return level and upright lines of a grey bitmap, and the mask of its ink without them (255 is ink).

    ``size`` is the height of the text in pixels: lines are longer than strokes of characters are, and those that
    ``texts`` hold are left out.
    """
    import cv2

    block = max(15, int(3 * size) | 1)
    ink = cv2.adaptiveThreshold(255 - grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, -_CONTRAST)
    level = _opened(ink, (max(8, int(_LEVEL_KERNEL * size)), 1), (max(3, int(_BRIDGE * size)), 3))
    upright = _opened(ink, (1, max(8, int(_UPRIGHT_LENGTH * size))), (3, max(3, int(_BRIDGE * size))))
    lines = cv2.dilate(cv2.bitwise_or(level, upright), cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)))
    rest = cv2.bitwise_and(ink, cv2.bitwise_not(lines))
    levels = [
        one
        for one in _segments(level, size, flip=False)
        if one.length >= _LEVEL_LENGTH * size and not texts.hold_level(one)
    ]
    uprights = [one for one in _segments(upright, size, flip=True) if not texts.hold_upright(one)]
    return *([one for one in found if _is_line(grey, one, size)] for found in (levels, uprights)), rest


def square_map(level: list[Segment], upright: list[Segment], texts: Sequence[Sequence[Point]]) -> Any:
    """Return the 3 by 3 projective map that makes the outer lines of a table a rectangle of about the same size.

    Without upright lines the ends of the outer level ones are the corners; without either, the slopes of its lines of
    text (``texts``: the four corners of each) tell how it leans.
    """
    import cv2
    import numpy as np

    corners = _corners(level, upright) or _text_corners(texts)
    if corners is None:
        return np.eye(3)
    top_left, top_right, bottom_right, bottom_left = (np.array(corner) for corner in corners)
    width = (np.linalg.norm(top_right - top_left) + np.linalg.norm(bottom_right - bottom_left)) / 2
    height = (np.linalg.norm(bottom_left - top_left) + np.linalg.norm(bottom_right - top_right)) / 2
    x, y = float(top_left[0]), float(top_left[1])
    target = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)
    return cv2.getPerspectiveTransform(np.array(corners, np.float32), target)


def mapped(matrix: Any, x: float, y: float) -> tuple[float, float]:
    """Return a point under a projective map."""
    a, b, c = (float(row[0] * x + row[1] * y + row[2]) for row in matrix)
    return a / c, b / c


def _opened(ink: Any, kernel: tuple[int, int], bridge: tuple[int, int]) -> Any:
    import cv2

    # A thin line that leans leaves the row of a flat kernel soon, a thick one later.
    thick = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_RECT, (1, 3) if kernel[1] == 1 else (3, 1)))
    kept = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, kernel))
    return cv2.morphologyEx(kept, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, bridge))


def _segments(mask: Any, size: float, *, flip: bool) -> list[Segment]:
    import cv2
    import numpy as np

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    order = sorted(range(1, count), key=lambda one: -int(max(stats[one][2], stats[one][3])))[:_MAX_STROKES]
    found: list[Segment] = []
    for label in order:
        left, top, width, height, area = (int(value) for value in stats[label])
        along, across = (height, width) if flip else (width, height)
        if area / max(along, 1) > _MAX_THICKNESS * size or across > _MAX_SLOPE * along + _MAX_THICKNESS * size:
            continue
        ys, xs = np.nonzero(labels[top : top + height, left : left + width] == label)
        one, two = (ys, xs) if flip else (xs, ys)
        slope, offset = np.polyfit(one, two, 1) if along > 1 else (0.0, float(two.mean()))
        ends = (offset, slope * (along - 1) + offset)
        if flip:
            found.append(Segment(left + ends[0], top, left + ends[1], top + height))
        else:
            found.append(Segment(left, top + ends[0], left + width, top + ends[1]))
    return found


def _is_line(grey: Any, one: Segment, size: float) -> bool:
    """Tell a line from the edge of a sheet or of a shade: the ground is lighter on both sides of it."""
    import numpy as np

    steps = np.linspace(0.05, 0.95, 15)
    xs, ys = one.x0 + steps * (one.x1 - one.x0), one.y0 + steps * (one.y1 - one.y0)
    level = abs(one.x1 - one.x0) > abs(one.y1 - one.y0)
    away = max(_BESIDE * size, 4.0)

    def tone(shift: float) -> Any:
        across = np.clip(np.rint(ys + (shift if level else 0)).astype(int), 0, grey.shape[0] - 1)
        along = np.clip(np.rint(xs + (0 if level else shift)).astype(int), 0, grey.shape[1] - 1)
        return grey[across, along].astype(float)

    middle = np.minimum(np.minimum(tone(-1), tone(0)), tone(1))
    lighter = [float(np.median(np.maximum(tone(sign * away), tone(sign * away * 1.5)) - middle)) for sign in (-1, 1)]
    return min(lighter) >= _LIGHTER


def _corners(level: list[Segment], upright: list[Segment]) -> list[tuple[float, float]] | None:
    if len(level) < 2:
        return None
    longest = max(one.length for one in level)
    long = sorted((one for one in level if one.length >= _LONG * longest), key=lambda one: one.y0 + one.y1)
    if len(long) < 2:
        return None
    top, bottom = long[0], long[-1]
    if bottom.y0 - top.y0 < 0.05 * longest:
        return None
    least = _LONG * max((one.length for one in upright), default=0.0)
    tall = [one for one in upright if one.length >= least]
    if len(tall) >= 2:
        tall.sort(key=lambda one: one.x0 + one.x1)
        left, right = tall[0], tall[-1]
        reaches = left.x0 - min(top.x0, bottom.x0) < 0.1 * longest and max(top.x1, bottom.x1) - right.x0 < 0.1 * longest
        if reaches and right.x0 - left.x0 > 0.3 * longest:
            return [_meet(line, side) for line, side in ((top, left), (top, right), (bottom, right), (bottom, left))]
    if abs(top.length - bottom.length) > 0.15 * longest:
        return None
    return [(top.x0, top.y0), (top.x1, top.y1), (bottom.x1, bottom.y1), (bottom.x0, bottom.y0)]


def _text_corners(texts: Sequence[Sequence[Point]]) -> list[Point] | None:
    """Return the corners of what the lines of text fill, its upper and lower edge as slanted as they are there."""
    import numpy as np

    long = [text for text in texts if text[1][0] - text[0][0] > _LONG_TEXT * (text[3][1] - text[0][1])]
    if len(long) < _MIN_TEXTS:
        return None
    middles = np.array([sum(y for _, y in text) / 4 for text in long])
    slopes = np.array(
        [(text[1][1] - text[0][1] + text[2][1] - text[3][1]) / (text[1][0] - text[0][0]) / 2 for text in long]
    )
    left, right = min(text[0][0] for text in texts), max(text[1][0] for text in texts)
    top, low = min(text[0][1] for text in texts), max(text[2][1] for text in texts)
    if low - top < _MIN_TEXTS * (long[0][3][1] - long[0][0][1]):
        return None
    rate, start = np.polyfit(middles, slopes, 1) if float(np.ptp(middles)) > 0 else (0.0, float(slopes.mean()))
    half = (right - left) / 2
    one, two = (float(np.clip(start + rate * y, -_MAX_SLOPE, _MAX_SLOPE)) for y in (top, low))
    return [
        (left, top - one * half),
        (right, top + one * half),
        (right, low + two * half),
        (left, low - two * half),
    ]


def _meet(level: Segment, upright: Segment) -> tuple[float, float]:
    """Return where a level and an upright line cross, both prolonged."""
    slope = (level.y1 - level.y0) / max(level.x1 - level.x0, 1.0)
    lean = (upright.x1 - upright.x0) / max(upright.y1 - upright.y0, 1.0)
    y = (level.y0 + slope * (upright.x0 - lean * upright.y0 - level.x0)) / (1 - slope * lean)
    return upright.x0 + lean * (y - upright.y0), y
