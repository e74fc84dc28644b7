"""What is painted on a page besides text, in painting order: filled shapes, pictures, strokes."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parsing.pdf import calls
from ingest.parsing.pdf.model import Rect
from ingest.parsing.pdf.objects.walk import PageObject, bounds_of, walk
from ingest.parsing.pdf.space import PageSpace

_MAX_OBJECTS: Final = 40_000
_MAX_GROUNDS: Final = 3_000
_LEAST: Final = 4.0
_OPAQUE: Final = 230
_unpack: Final[Callable[[Any], tuple[int, int, int, int]]] = Struct("4I").unpack

Colour = tuple[int, int, int, int]
"""Red, green, blue, alpha, 0..255."""


class Ink(NamedTuple):
    """A shape or picture with its place in the painting order and its box on the shown page.

    ``colour`` is None for pictures, shadings and strokes. ``solid``: nothing shows through. ``points`` counts the
    segments of a shape, 0 for a picture.
    """

    order: int
    rect: Rect
    colour: Colour | None
    solid: bool
    points: int


@dataclass(slots=True)
class PageInks:
    """All inks of a page; ``grounds`` are those that can lie under or over text: pictures, and filled areas of a size.

    ``texts`` has the painting order of text objects by the address of their handle, ``others`` the other objects.
    """

    inks: list[Ink] = field(default_factory=list)
    grounds: list[Ink] = field(default_factory=list)
    texts: dict[int, int] = field(default_factory=dict)
    others: list[PageObject] = field(default_factory=list)

    @property
    def pictures(self) -> list[Ink]:
        """The pictures."""
        return [ink for ink in self.inks if ink.points == 0]


def read_inks(page: pdfium.PdfPage, space: PageSpace) -> PageInks:
    """Return what is painted on the page, invisible shapes not among it."""
    found, colours = PageInks(), Colours()
    for order, item in enumerate(walk(page.raw)):
        if order >= _MAX_OBJECTS:
            break
        if item.kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            found.texts[item.handle.value or 0] = order
        else:
            found.others.append(item)
            ink = _ink(order, item, space, colours)
            if ink is not None:
                found.inks.append(ink)
                if ink.points == 0 or (ink.solid and _is_area(ink.rect) and len(found.grounds) < _MAX_GROUNDS):
                    found.grounds.append(ink)
    return found


def _is_area(rect: Rect) -> bool:
    return rect[2] - rect[0] > _LEAST and rect[3] - rect[1] > _LEAST


class Colours:
    """Reads colours of objects; the buffers are made once, since a page has thousands of objects."""

    def __init__(self) -> None:
        self._values = (ctypes.c_uint * 4)()
        self._refs = [ctypes.byref(self._values, at * ctypes.sizeof(ctypes.c_uint)) for at in range(4)]

    def fill(self, handle: Any) -> Colour | None:
        """Return the fill colour of an object, None where it has no plain one."""
        return self._read(calls.FILL_COLOUR(handle, *self._refs))

    def stroke(self, handle: Any) -> Colour | None:
        """Return the stroke colour of an object, None where it has no plain one."""
        return self._read(calls.STROKE_COLOUR(handle, *self._refs))

    def _read(self, known: int) -> Colour | None:
        return _unpack(self._values) if known else None


def _ink(order: int, item: PageObject, space: PageSpace, colours: Colours) -> Ink | None:
    bounds = bounds_of(item)
    if bounds is None:
        return None
    rect = space.rect(*bounds)
    if item.kind != pdfium_c.FPDF_PAGEOBJ_PATH:
        return Ink(order, rect, None, not calls.IS_SEE_THROUGH(item.handle), 0)
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    calls.DRAW_MODE(item.handle, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return None
    colour = colours.fill(item.handle) if fill.value else None
    solid = colour is not None and colour[3] >= _OPAQUE and not calls.IS_SEE_THROUGH(item.handle)
    return Ink(order, rect, colour, solid, max(calls.SEGMENTS(item.handle), 1))
