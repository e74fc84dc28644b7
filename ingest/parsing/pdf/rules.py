"""Straight strokes, thin filled boxes and pictures of a page: what tables and figures are drawn with."""

import ctypes
from collections.abc import Iterable, Iterator
from typing import Final

import pypdfium2.raw as pdfium_c

from ingest.parsing.pdf import calls
from ingest.parsing.pdf.model import Frame, Rect, Rules
from ingest.parsing.pdf.objects.walk import PageObject, apply, bounds_of, compose, matrix_of
from ingest.parsing.pdf.space import PageSpace

_MAX_OBJECTS: Final = 20_000
_MAX_SEGMENTS: Final = 60_000
# Thickness in points up to which a filled box is a stroke; a real stroke may be thicker.
_THIN: Final = 2.2
_THICK_STROKE: Final = 5.0
_MIN_ACROSS: Final = 8.0
_MIN_DOWN: Final = 4.0
_STRAIGHT: Final = 0.8


def read_rules(objects: Iterable[PageObject], space: PageSpace, frame: Frame) -> Rules:
    """Return strokes and pictures among ``objects`` of the page in the text frame, clipped to the page."""
    return _Reader(space, frame).read(objects)


class _Reader:
    def __init__(self, space: PageSpace, frame: Frame) -> None:
        self._space = space
        self._frame = frame
        self._rules = Rules()
        self._segments = 0
        self._floats = (ctypes.c_float(), ctypes.c_float())

    def read(self, objects: Iterable[PageObject]) -> Rules:
        for number, item in enumerate(objects):
            if number >= _MAX_OBJECTS or self._segments >= _MAX_SEGMENTS:
                break
            if item.kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
                self._picture(item)
            elif item.kind == pdfium_c.FPDF_PAGEOBJ_PATH:
                self._path(item)
        return self._rules

    def _picture(self, item: PageObject) -> None:
        rect = self._bounds(item)
        if rect is None:
            return
        width, height = self._frame.size
        x0, y0, x1, y1 = max(rect[0], 0), max(rect[1], 0), min(rect[2], width), min(rect[3], height)
        if x1 > x0 and y1 > y0:
            self._rules.pictures.append((x0, y0, x1, y1))

    def _path(self, item: PageObject) -> None:
        count = calls.SEGMENTS(item.handle)
        if count < 2:
            return
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        calls.DRAW_MODE(item.handle, ctypes.byref(fill), ctypes.byref(stroke))
        if not fill.value and not stroke.value:
            return
        rect = self._bounds(item)
        if rect is not None and self._thin(rect, _THICK_STROKE if count == 2 and stroke.value else _THIN):
            return
        if stroke.value or count > 6:
            self._outline(item, count, filled=not stroke.value)

    def _thin(self, rect: Rect, limit: float) -> bool:
        """Take a thin box as a stroke along its middle; tell whether it was one."""
        x0, y0, x1, y1 = rect
        if y1 - y0 <= limit and x1 - x0 > _MIN_ACROSS:
            self._rules.across.append((x0, (y0 + y1) / 2, x1))
            return True
        if x1 - x0 <= limit and y1 - y0 > _MIN_DOWN:
            self._rules.down.append(((x0 + x1) / 2, y0, y1))
            return True
        return x1 - x0 <= limit and y1 - y0 <= limit

    def _outline(self, item: PageObject, count: int, *, filled: bool) -> None:
        """Take every straight segment; of a filled shape only long ones, which join into the borders of a grid."""
        self._segments += count
        shortest = 12.0 if filled else 0.0
        start: tuple[float, float] | None = None
        last: tuple[float, float] | None = None
        for x, y, kind, closes in self._points(item, count):
            if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
                start = (x, y)
            elif kind == pdfium_c.FPDF_SEGMENT_LINETO and last is not None:
                self._segment(last, (x, y), shortest)
            last = (x, y)
            if closes and start is not None:
                self._segment(last, start, shortest)
                last = start

    def _segment(self, one: tuple[float, float], two: tuple[float, float], shortest: float) -> None:
        x0, x1 = sorted((one[0], two[0]))
        y0, y1 = sorted((one[1], two[1]))
        if max(x1 - x0, y1 - y0) <= shortest:
            return
        if y1 - y0 < _STRAIGHT and x1 - x0 > _MIN_ACROSS:
            self._rules.across.append((x0, (y0 + y1) / 2, x1))
        elif x1 - x0 < _STRAIGHT and y1 - y0 > _MIN_DOWN:
            self._rules.down.append(((x0 + x1) / 2, y0, y1))

    def _points(self, item: PageObject, count: int) -> Iterator[tuple[float, float, int, bool]]:
        x, y = self._floats
        matrix = compose(matrix_of(item.handle), item.matrix)
        for index in range(min(count, _MAX_SEGMENTS)):
            segment = ctypes.c_void_p(calls.SEGMENT(item.handle, index))
            if not calls.SEGMENT_POINT(segment, ctypes.byref(x), ctypes.byref(y)):
                continue
            px, py = self._place(*apply(matrix, x.value, y.value))
            yield (
                px,
                py,
                calls.SEGMENT_KIND(segment),
                bool(calls.SEGMENT_CLOSES(segment)),
            )

    def _bounds(self, item: PageObject) -> Rect | None:
        bounds = bounds_of(item)
        return self._frame.enter(self._space.rect(*bounds)) if bounds is not None else None

    def _place(self, x: float, y: float) -> tuple[float, float]:
        px, py = self._space.point(x, y)
        placed = self._frame.enter((px, py, px, py))
        return placed[0], placed[1]
