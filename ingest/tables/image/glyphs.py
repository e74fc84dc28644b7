"""Recognised lines as characters with places: along the ink of the line, parted where its ink parts."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

from ingest.parsing.characters import is_wide
from ingest.parsing.pdf.model import Glyph

Point = tuple[float, float]
RawLine = tuple[Sequence[Point], str, float]

_GAP: Final = 0.8
_NARROW: Final = 0.56
_BLANK: Final = 0.3
# A box of text detection stands about a tenth of its height outside of the characters on each side.
_MARGIN: Final = 0.1
_TALL: Final = 1.6
_SAME_SIZE: Final = 0.35


def place_glyphs(
    line: RawLine, ink: Any, walls: Sequence[float], place: Callable[[float, float], Point], size: float
) -> list[Glyph]:
    """Return the characters of a line in the units of the table, where the usual text is ``size`` high.

    ``place`` leads from the bitmap there.

    ``ink`` is the mask of the bitmap's ink, ``walls`` are the x of upright strokes that cross the line: both part it.
    """
    corners, text, _ = line
    (x0, y0), (x1, _), _, (_, y1) = corners
    height = max(((y1 - y0) + (corners[2][1] - corners[1][1])) / 2, 1.0)
    width = max(x1 - x0, 1.0)
    if height > _TALL * width and len(text) > 1:
        return _upright(corners, text, place)
    slope = (corners[1][1] - y0) / width
    parts = _parts(ink, corners, height, walls)
    glyphs: list[Glyph] = []
    for (start, end), piece in zip(parts, _share(text, parts), strict=True):
        total = sum(map(_weight, piece)) or 1.0
        at, blank = start, bool(glyphs)
        for char in piece:
            step = _weight(char) / total * (end - start)
            if char.isspace():
                blank = True
            else:
                top, low = y0 + slope * (at - x0) + _MARGIN * height, y0 + slope * (at - x0) + (1 - _MARGIN) * height
                (left, upper), (right, lower) = place(at, top), place(at + step, low + slope * step)
                own = lower - upper
                # Boxes of one size of text differ by some pixels.
                own = size if abs(own - size) < _SAME_SIZE * size else own
                glyphs.append(Glyph(char, left, upper, right, lower, own, False, blank))
                blank = False
            at += step
    return glyphs


def _upright(corners: Sequence[Point], text: str, place: Callable[[float, float], Point]) -> list[Glyph]:
    (x0, y0), (x1, _), (_, y1), _ = corners
    step = (y1 - y0) / len(text)
    found = []
    for number, char in enumerate(text):
        (left, top), (right, low) = place(x0, y0 + number * step), place(x1, y0 + (number + 1) * step)
        found.append(Glyph(char, left, top, right, low, max(right - left, 1e-3), False, False))
    return found


def _parts(ink: Any, corners: Sequence[Point], height: float, walls: Sequence[float]) -> list[tuple[float, float]]:
    """Return the stretches of ink along a line, gaps narrower than most of a character closed unless a wall is in."""
    import numpy as np

    left, right = max(int(corners[0][0]), 0), min(int(corners[1][0]) + 1, ink.shape[1])
    top = max(int(min(corners[0][1], corners[1][1]) + _MARGIN * height), 0)
    low = min(int(max(corners[2][1], corners[3][1]) - _MARGIN * height) + 1, ink.shape[0])
    if right - left < 2 or low - top < 2:
        return [(corners[0][0], corners[1][0])]
    filled = np.flatnonzero((ink[top:low, left:right] > 0).sum(axis=0) >= max(1, 0.06 * height)) + left
    if not len(filled):
        return [(corners[0][0], corners[1][0])]
    gaps = np.flatnonzero(np.diff(filled) > min(_GAP * height * (1 - 2 * _MARGIN), 2))
    parts = [[float(filled[0]), float(filled[-1])]]
    for before in gaps:
        start, end = float(filled[before]), float(filled[before + 1])
        wide = end - start > _GAP * height * (1 - 2 * _MARGIN)
        if wide or any(start <= wall <= end for wall in walls):
            parts[-1][1] = start
            parts.append([end, float(filled[-1])])
    return [(start, end + 1) for start, end in parts if end - start > 0.08 * height] or [(corners[0][0], corners[1][0])]


def _share(text: str, parts: Sequence[tuple[float, float]]) -> list[str]:
    """Cut a text into as many pieces as there are stretches of ink, by their widths, at a blank if one is near."""
    if len(parts) == 1:
        return [text]
    ink = sum(end - start for start, end in parts)
    weights = [0.0]
    for char in text:
        weights.append(weights[-1] + (0.0 if char.isspace() else _weight(char)))
    cuts, covered = [0], 0.0
    for start, end in parts[:-1]:
        covered += (end - start) / ink * weights[-1]
        near = min(range(len(text) + 1), key=lambda at: abs(weights[at] - covered))
        blanks = [at for at in range(max(near - 2, 1), min(near + 3, len(text))) if text[at - 1].isspace()]
        cut = min(blanks, key=lambda at: abs(at - near)) if blanks else near
        cuts.append(max(cut, cuts[-1]))
    cuts.append(len(text))
    return [text[one:two] for one, two in pairwise(cuts)]


def _weight(char: str) -> float:
    return 1.0 if is_wide(char) else _BLANK if char.isspace() else _NARROW
