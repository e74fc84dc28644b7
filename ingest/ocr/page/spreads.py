"""Two facing pages on one picture: the gutter of an open book leans when it is photographed from one side."""

from collections.abc import Sequence
from typing import Final

from ingest.ocr.page.lines import TextLine

_LEANS: Final = tuple(step / 50 for step in range(-14, 15))
# In heights of a line of text.
_GAP: Final = 1.2
_MIN_COLUMN: Final = 8.0
_MIN_LINES: Final = 5
_MIDDLE: Final = (0.25, 0.75)
_FULL: Final = 0.7
_FULL_SHARE: Final = 0.3


def facing_pages(lines: Sequence[TextLine], body: float) -> tuple[list[TextLine], list[TextLine]] | None:
    """Part lines into those of the left and of the right page, None when they are of one.

    A gutter that stands upright is left to the reading order, which sees headlines that span it.
    """
    best: tuple[float, list[TextLine], list[TextLine]] | None = None
    for lean in _LEANS:
        found = _gutter(lines, lean, body)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    upright = _gutter(lines, 0.0, body)
    if best is None or (upright is not None and upright[0] > best[0] - body):
        return None
    sides = best[1], best[2]
    return sides if all(_is_page(side, body) for side in sides) else None


def _gutter(lines: Sequence[TextLine], lean: float, body: float) -> tuple[float, list[TextLine], list[TextLine]] | None:
    """The widest gap between the lines when each is moved by ``lean`` times its height on the page."""
    if len(lines) < 2 * _MIN_LINES:
        return None
    spans = sorted(
        ((line.x0 - lean * (line.y0 + line.y1) / 2, line.x1 - lean * (line.y0 + line.y1) / 2, line) for line in lines),
        key=lambda span: span[0],
    )
    left, right = spans[0][0], max(span[1] for span in spans)
    low, high = (left + (right - left) * share for share in _MIDDLE)
    best: tuple[float, int] | None = None
    end = spans[0][1]
    for index, (start, stop, _) in enumerate(spans):
        gap = start - end
        if gap >= _GAP * body and low <= (start + end) / 2 <= high and (best is None or gap > best[0]):
            best = gap, index
        end = max(end, stop)
    if best is None:
        return None
    gap, index = best
    return gap, [line for _, _, line in spans[:index]], [line for _, _, line in spans[index:]]


def _is_page(side: Sequence[TextLine], body: float) -> bool:
    """Whether lines are running text: several, and a good share of them as wide as the widest."""
    if len(side) < _MIN_LINES:
        return False
    width = max(line.width for line in side)
    full = sum(line.width >= width * _FULL for line in side)
    return width >= _MIN_COLUMN * body and full >= _FULL_SHARE * len(side)
