"""Read the characters of a page with pdfium: text, box, true size, weight, direction."""

import ctypes
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parsing.characters import NORMAL
from ingest.parsing.pdf import calls
from ingest.parsing.pdf.fonts import Fonts
from ingest.parsing.pdf.model import MADE_SPACE, NO_SPACE, WRITTEN_SPACE, Frame, Glyph, Quarter, Rect
from ingest.parsing.pdf.space import PageSpace

# The box of a glyph around its baseline, in units of its size: boxes from fonts differ too much within a line.
_ASCENT: Final = 0.86
_DESCENT: Final = 0.18
_ALIGNED: Final = math.radians(8)
_QUARTERS: Final = tuple(Quarter)
_BLANKS: Final = frozenset((0x20, 0xA0, 0x3000))
_HYPHEN_MARKS: Final = (0x2, 0xFFFE)
_FIRST_PLAIN: Final = 0x20
_LAST_PLAIN: Final = 0xD800
_LAST_CODE: Final = 0x10FFFF
_NEAR_BASELINE: Final = 0.4
_STACKED: Final = 0.7
# Without the checks of the class's own constructor, which cost as much as the rest of a character.
_new: Final = tuple.__new__


@dataclass(slots=True)
class TextObject:
    """What all characters of one text object share; ``quarter`` is None for slanted text.

    ``base`` is the baseline in the frame of the direction, None until a character gives it. ``first`` and ``last`` are
    the boxes of its outer characters on the shown page.
    """

    handle: Any
    size: float
    bold: bool
    look: int
    quarter: Quarter | None
    ref: int
    base: float | None = None
    first: Rect | None = None
    last: Rect | None = None

    @property
    def box(self) -> Rect | None:
        """The box of its characters on the shown page, None without any."""
        one, two = self.first, self.last
        if one is None or two is None:
            return None
        return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])


@dataclass(slots=True)
class PageGlyphs:
    """Characters by text direction, each list in the frame of its direction.

    ``bad`` counts characters whose code has no sure meaning, out of ``count`` non-blank ones; ``slanted`` counts
    those that run at an angle (watermarks) and are left out. ``outside`` stand beyond the edges of the shown page.
    """

    shown: Frame
    by_quarter: dict[Quarter, list[Glyph]] = field(default_factory=dict)
    objects: list[TextObject] = field(default_factory=list)
    outside: list[Glyph] = field(default_factory=list)
    count: int = 0
    bad: int = 0
    slanted: int = 0

    @property
    def dominant(self) -> Quarter:
        """The direction most characters run in."""
        return max(self.by_quarter, key=lambda quarter: len(self.by_quarter[quarter]), default=Quarter.RIGHT)

    def everything(self) -> list[Glyph]:
        """All characters on the page, whatever their direction."""
        return [glyph for group in self.by_quarter.values() for glyph in group]


def read_glyphs(page: pdfium.PdfPage, space: PageSpace) -> PageGlyphs:
    """Return the characters of the page, in content order, with radicals normalised."""
    textpage = page.get_textpage()
    try:
        return _Reader(textpage.raw, space).read()
    finally:
        textpage.close()


class _Reader:
    def __init__(self, textpage: Any, space: PageSpace) -> None:
        self._handle = textpage
        self._text = ctypes.cast(textpage, ctypes.c_void_p)
        self._space = space
        self._upright = space.upright
        self._width, self._height = 2 * space.width + 2, 2 * space.height + 2
        self._fonts = Fonts(textpage)
        self._objects: dict[int, TextObject] = {}
        # Filled as left, top, right, bottom.
        rect = (ctypes.c_float * 4)()
        self._rect_ref = ctypes.byref(rect)
        self._rect = memoryview(rect).cast("B").cast("f")
        self._matrix = pdfium_c.FS_MATRIX()
        self._doubles = [ctypes.c_double() for _ in range(4)]
        shown = Frame(space.width, space.height)
        self._frames = {quarter: Frame(shown.width, shown.height, quarter) for quarter in Quarter}
        self._found: defaultdict[Quarter, list[Glyph]] = defaultdict(list)
        self._result = PageGlyphs(shown)

    def read(self) -> PageGlyphs:
        code_of, object_of, place = calls.CODE, calls.OBJECT, self._place
        text, objects = self._text, self._objects
        blank = NO_SPACE
        indices = iter(range(pdfium_c.FPDFText_CountChars(self._handle)))
        for at in indices:
            code = code_of(text, at)
            if not _FIRST_PLAIN < code < _LAST_PLAIN or code in _BLANKS:
                code = self._whole(code, indices)
                if code in _BLANKS:
                    blank = max(blank, MADE_SPACE if calls.IS_MADE(text, at) else WRITTEN_SPACE)
                    continue
                if code < _FIRST_PLAIN or code > _LAST_CODE:
                    # Line ends are made up from gaps in the content stream; the boxes tell better. A null is a
                    # character that the font does not name.
                    self._unnamed(at, code)
                    continue
            key = object_of(text, at) or 0
            owner = objects.get(key)
            if owner is None:
                owner = self._read_object(at, key)
            if place(at, code, blank, owner):
                blank = NO_SPACE
        self._result.by_quarter = dict(self._found)
        _turn_vertical(self._result, self._frames)
        return self._result

    def _whole(self, code: int, following: Iterator[int]) -> int:
        """Join a character that comes as two codes; a mark of a hyphen is one."""
        if 0xD800 <= code < 0xDC00:
            second = next(following, None)
            if second is not None:
                return int(0x10000 + ((code - 0xD800) << 10) + (calls.CODE(self._text, second) - 0xDC00))
        return 0x2D if code in _HYPHEN_MARKS else code

    def _unnamed(self, at: int, code: int) -> None:
        if code == 0 and not calls.IS_MADE(self._text, at):
            self._result.count += 1
            self._result.bad += 1

    def _place(self, at: int, code: int, blank: int, owner: TextObject) -> bool:
        """Add a character, unless it is slanted or without meaning or has no box; tell whether it was added."""
        box = self._box(at)
        if box is None:
            return False
        x0, y0, x1, y1 = box
        text = NORMAL.get(code, chr(code))
        result = self._result
        if not (-2 <= x0 + x1 <= self._width and -2 <= y0 + y1 <= self._height):
            if text and text != " ":
                result.outside.append(Glyph(text, *box, owner.size, owner.bold, blank, owner.look, owner.ref))
                return True
            return False
        result.count += 1
        # Fonts are bad as a whole: until one character is, a quarter of them is enough to find out.
        if (not at & 3 or result.bad) and self._is_bad(at, text):
            result.bad += 1
        if not text or text == " " or 0xE000 <= code < 0xF900 or code == 0xFFFD:
            return False
        quarter = owner.quarter
        if quarter is None:
            result.slanted += 1
            return False
        if owner.first is None:
            owner.first = box
        owner.last = box
        if quarter:
            x0, y0, x1, y1 = self._frames[quarter].enter(box)
        size = owner.size
        base = owner.base
        if base is None or not y0 - _NEAR_BASELINE * size <= base <= y1 + _NEAR_BASELINE * size:
            base = self._base(at, owner, y0, y1)
        if base is not None:
            y0, y1 = base - _ASCENT * size, base + _DESCENT * size
        glyph = _new(Glyph, (text, x0, y0, x1, y1, size, owner.bold, blank, owner.look, owner.ref))
        _add(self._found[quarter], glyph)
        return True

    def _base(self, at: int, owner: TextObject, y0: float, y1: float) -> float | None:
        """The baseline at a character, which the others of its object share unless they are stacked."""
        x, y = self._doubles[:2]
        if not calls.ORIGIN(self._text, at, ctypes.byref(x), ctypes.byref(y)):
            return None
        if self._upright is not None and not owner.quarter:
            base = self._upright[1] - y.value
        else:
            point = self._space.point(x.value, y.value)
            base = self._frames[owner.quarter or Quarter.RIGHT].enter((*point, *point))[1]
        if not y0 - owner.size <= base <= y1 + owner.size:
            return None
        if owner.base is None:
            owner.base = base
        return base

    def _is_bad(self, at: int, text: str | None) -> bool:
        if calls.IS_UNMAPPED(self._text, at) > 0:
            return True
        return text is not None and (text == "\ufffd" or "\ue000" <= text < "\uf900" or "\x7f" <= text < "\xa0")

    def _box(self, at: int) -> Rect | None:
        """The advance box where the font gives one, else the box of the ink."""
        if calls.BOX(self._text, at, self._rect_ref):
            left, top, right, bottom = self._rect.tolist()
            upright = self._upright
            if upright is not None:
                box = (left - upright[0], upright[1] - top, right - upright[0], upright[1] - bottom)
            else:
                box = self._space.rect(left, bottom, right, top)
            if box[2] > box[0] and box[3] > box[1]:
                return box
        refs = [ctypes.byref(value) for value in self._doubles]
        if not pdfium_c.FPDFText_GetCharBox(self._handle, at, *refs):
            return None
        x0, x1, y0, y1 = (value.value for value in self._doubles)
        return self._space.rect(x0, y0, x1, y1)

    def _read_object(self, at: int, key: int) -> TextObject:
        size = float(calls.SIZE(self._text, at))
        quarter: Quarter | None = Quarter.RIGHT
        matrix = self._matrix
        if calls.MATRIX(self._text, at, ctypes.byref(matrix)):
            # Founder fonts have size 1 and the true size in the matrix.
            scale = math.hypot(matrix.b, matrix.d) or math.hypot(matrix.a, matrix.c)
            size *= scale or 1.0
            quarter = _quarter(matrix.a, matrix.b, self._space.rotation)
        if not 1 < size < 600:
            box = self._box(at)
            size = box[3] - box[1] if box is not None and box[3] > box[1] else 10.0
        handle = ctypes.c_void_p(key) if key else None
        bold, look = self._fonts.look(at, handle)
        owner = TextObject(handle, round(size * 2) / 2, bold, look, quarter, len(self._result.objects))
        self._objects[key] = owner
        self._result.objects.append(owner)
        return owner


def _add(glyphs: list[Glyph], glyph: Glyph) -> None:
    """Append a character; those of a ligature have one box between them and stay together."""
    if glyphs:
        last = glyphs[-1]
        if last[1] == glyph[1] and last.ref == glyph.ref and last[1:5] == glyph[1:5] and glyph.text.isascii():
            glyphs[-1] = last._replace(text=last.text + glyph.text)
            return
    glyphs.append(glyph)


def _quarter(across: float, up: float, rotation: int) -> Quarter | None:
    """Direction in which text with the x axis (``across``, ``up``) runs on a page turned by ``rotation`` degrees."""
    if up == 0 and across > 0:
        return _QUARTERS[rotation // 90 % 4]
    turns = -math.atan2(up, across) / (math.pi / 2)
    if abs(turns - round(turns)) * (math.pi / 2) > _ALIGNED:
        return None
    return _QUARTERS[(round(turns) + rotation // 90) % 4]


def _turn_vertical(result: PageGlyphs, frames: dict[Quarter, Frame]) -> None:
    """Recognise vertical writing (upright glyphs stacked downwards) and move it to the frame that runs down."""
    glyphs = result.by_quarter.get(Quarter.RIGHT, [])
    if len(glyphs) < 10:
        return
    spare = (1 - _STACKED) * len(glyphs) - 1
    for one, two in pairwise(glyphs):
        step = (two.y0 - one.y0) / one.size
        if not (0.5 < step < 1.5 and abs((one.x0 + one.x1) - (two.x0 + two.x1)) < 0.5 * one.size):
            spare -= 1
            if spare < 0:
                return
    frame = frames[Quarter.DOWN]
    moved = [_moved(glyph, frame.enter(glyph[1:5])) for glyph in glyphs]
    del result.by_quarter[Quarter.RIGHT]
    result.by_quarter[Quarter.DOWN] = moved + result.by_quarter.get(Quarter.DOWN, [])


def _moved(glyph: Glyph, rect: Rect) -> Glyph:
    x0, y0, x1, y1 = rect
    return glyph._replace(x0=x0, y0=y0, x1=x1, y1=y1)
