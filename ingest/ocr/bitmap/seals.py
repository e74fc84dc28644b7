"""Red seals: taken off the page so that what they cover can be read, and read by themselves.

Red ink is dark in green and blue and light in the red channel, black print is dark in all three: the red channel shows
the print alone. The words of a round seal run along its rim; unrolled, they are a line.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

from ingest.ocr.paddle import Engine, RawLine
from wenyuan.text import CJK

Rect = tuple[int, int, int, int]

# How much more red than anything else a pixel of a seal is, 0-255.
_REDNESS: Final = 45
_LEAST_SHARE: Final = 0.0008
# Seals are looked for on a bitmap of this width, in pixels.
_SMALL: Final = 400
_MIN_SIDE: Final = 0.05
_MAX_SIDE: Final = 0.45
_MIN_INK: Final = 0.15
_ROUND: Final = (0.75, 1.33)
_MAX_SEALS: Final = 6
_MIN_SCORE: Final = 0.6
_MIN_WORDS: Final = 4
_MIN_DIGITS: Final = 6
# Of the radius: the band that holds the words along the rim. They leave a gap at the bottom, in radians.
_RIM: Final = (0.93, 0.5)
_GAP: Final = 1.4
_INNER: Final = 0.4
_UNROLLED_HEIGHT: Final = 64
# The characters of a rim are set apart; closer together they are found as one line.
_TIGHTER: Final = 0.6


def find_seals(pixels: Any) -> list[Rect]:
    """Return the boxes of round red marks on pixels of shape (height, width, 3), BGR."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    step = max(width // _SMALL, 1)
    coarse = _redness(pixels[::step, ::step])
    if coarse.mean() < _LEAST_SHARE:
        return []
    mask = cv2.morphologyEx(coarse.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    found: list[Rect] = []
    for left, top, wide, high, area in stats[1:count].tolist():
        if not (_MIN_SIDE * width <= wide * step <= _MAX_SIDE * width and _ROUND[0] <= wide / high <= _ROUND[1]):
            continue
        if area >= _MIN_INK * wide * high and len(found) < _MAX_SEALS:
            found.append((left * step, top * step, min((left + wide) * step, width), min((top + high) * step, height)))
    return found


def without_ink(pixels: Any, seals: Sequence[Rect]) -> Any:
    """Return pixels without the red ink of the seals; red print elsewhere is left as it is."""
    import numpy as np

    plain = pixels.copy()
    for left, top, right, bottom in seals:
        part = plain[top:bottom, left:right]
        red = _redness(part)
        part[red] = np.repeat(part[:, :, 2][red][:, None], 3, axis=1)
    return plain


def read_seals(pixels: Any, engine: Engine) -> list[RawLine]:
    """Return the words of the seals on upright pixels: the corners of a seal, its words, their score."""
    found: list[RawLine] = []
    for left, top, right, bottom in find_seals(pixels):
        words = _words(pixels, (left, top, right, bottom), engine)
        if words is not None:
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            found.append(([(float(x), float(y)) for x, y in corners], *words))
    return found


def _words(pixels: Any, box: Rect, engine: Engine) -> tuple[str, float] | None:
    """Read a seal: the rim unrolled from its lowest point, then what stands straight inside."""
    import cv2
    import numpy as np

    x0, y0, x1, y1 = box
    radius = (x1 - x0 + y1 - y0) / 4
    ink = np.where(_redness(pixels), 255 - pixels[:, :, 1], 0).astype(np.uint8)
    length = round((2 * math.pi - _GAP) * _UNROLLED_HEIGHT / (_RIM[0] - _RIM[1]) * _TIGHTER)
    angles = np.linspace(0.5 * math.pi + _GAP / 2, 2.5 * math.pi - _GAP / 2, length, dtype=np.float32)
    radii = np.linspace(radius * _RIM[0], radius * _RIM[1], _UNROLLED_HEIGHT, dtype=np.float32)
    x = (x0 + x1) / 2 + np.outer(radii, np.cos(angles))
    y = (y0 + y1) / 2 + np.outer(radii, np.sin(angles))
    rim = cv2.remap(ink, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    side = round(_INNER * radius)
    inner = ink[round(y1 - 0.95 * radius) : y1, x0 + side : x1 - side]
    parts = []
    for image in (rim, inner):
        padded = cv2.copyMakeBorder(255 - image, 24, 24, 24, 24, cv2.BORDER_CONSTANT, value=255)
        lines = [line for line in engine.lines(cv2.cvtColor(padded, cv2.COLOR_GRAY2BGR)) if _counts(line)]
        parts.append(sorted(lines, key=lambda line: line[0][0][0]))
    kept = [line for part in parts for line in part]
    text = " ".join("".join(line[1] for line in part) for part in parts if part)
    # Red parts of charts and photographs are round at times; the words of a seal are Chinese and several.
    if sum(bool(CJK.match(char)) for char in text) < _MIN_WORDS:
        return None
    return text, sum(line[2] for line in kept) / len(kept)


def _counts(line: RawLine) -> bool:
    """Whether a line is words or a number, not the feet of characters that stand along the rim."""
    _, text, score = line
    return score >= _MIN_SCORE and (len(CJK.findall(text)) > 1 or sum(map(str.isdigit, text)) >= _MIN_DIGITS)


def _redness(pixels: Any) -> Any:
    import numpy as np

    blue, green, red = (pixels[:, :, channel].astype(np.int16) for channel in range(3))
    return red - np.maximum(blue, green) > _REDNESS
