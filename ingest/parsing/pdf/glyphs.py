"""Read the characters of a page with pdfium: text, box, true size, weight, direction."""

import ctypes
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from math import inf
from struct import Struct
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
_SKIPPED: Final = -1
_UNKNOWN: Final = -inf
_unpack: Final = Struct("4f").unpack
# Without the checks of the class's own constructor, which cost as much as the rest of a character.
_new: Final = tuple.__new__


@dataclass(slots=True)
class TextObject:
    """What all characters of one text object share; ``quarter`` is None for slanted text.

    ``base`` is the baseline in the frame of the direction, far off until a character gives it, ``top`` and ``bottom``
    what stands around it. ``first`` and ``last`` are the boxes of its outer characters on the shown page.
    """

    handle: Any
    size: float
    bold: bool
    look: int
    quarter: Quarter | None
    ref: int
    base: float = _UNKNOWN
    top: float = 0.0
    bottom: float = 0.0
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


class _Texts(dict[int, str]):
    """What stands for a code, one string for all characters that are the same; "" for what nobody sees."""

    def __missing__(self, code: int) -> str:
        text = self[code] = NORMAL.get(code, chr(code)) or ""
        return text


_Characters = Iterator[tuple[int, int, int | None]]
"""Place, code and address of the text object of one character after the other."""


class _Reader:
    def __init__(self, textpage: Any, space: PageSpace) -> None:
        self._handle = textpage
        self._text = ctypes.cast(textpage, ctypes.c_void_p)
        self._space = space
        self._upright = space.upright
        self._fonts = Fonts(textpage)
        self._objects: dict[int | None, TextObject] = {}
        # Filled as left, top, right, bottom.
        self._rect_ref, self._rect = calls.floats(4)
        self._matrix_ref, self._matrix = calls.floats(6)
        self._doubles = [ctypes.c_double() for _ in range(4)]
        shown = Frame(space.width, space.height)
        self._frames = {quarter: Frame(shown.width, shown.height, quarter) for quarter in Quarter}
        self._found: defaultdict[Quarter, list[Glyph]] = defaultdict(list)
        self._result = PageGlyphs(shown)

    def read(self) -> PageGlyphs:  # noqa: C901, PLR0912, PLR0915 - a call for each character costs a tenth of all
        result, text, texts, objects, found = self._result, self._text, _Texts(), self._objects, self._found
        box_of, is_unmapped, rect, rect_ref = calls.BOX, calls.IS_UNMAPPED, self._rect, self._rect_ref
        width, height = 2 * self._space.width + 2, 2 * self._space.height + 2
        upright, (left, top) = self._upright is not None, self._upright or (0.0, 0.0)
        places = range(pdfium_c.FPDFText_CountChars(self._handle))
        codes, keys = map(calls.CODE, repeat(text), places), map(calls.OBJECT, repeat(text), places)
        characters = zip(places, codes, keys, strict=True)
        blank, last, owner = NO_SPACE, None, None
        for at, read, key in characters:
            code = read
            if not _FIRST_PLAIN < code < _LAST_PLAIN or code in _BLANKS:
                code, blank = self._special(at, code, blank, characters)
                if code == _SKIPPED:
                    continue
            if key != last or owner is None:
                last, owner = key, objects.get(key) or self._read_object(at, key)
            box: Rect | None = None
            if upright and box_of(text, at, rect_ref):
                x0, y0, x1, y1 = _unpack(rect)
                if x0 < x1 and y1 < y0:
                    box = x0 - left, top - y0, x1 - left, top - y1
            if box is None and (box := self._box(at)) is None:
                continue
            x0, y0, x1, y1 = box
            char = texts[code]
            if not (-2 <= x0 + x1 <= width and -2 <= y0 + y1 <= height):
                if char and char != " ":
                    result.outside.append(Glyph(char, *box, owner.size, owner.bold, blank, owner.look, owner.ref))
                    blank = NO_SPACE
                continue
            result.count += 1
            # Fonts are bad as a whole: until one character is, a quarter of them is enough to find out.
            if (not at & 3 or result.bad) and (is_unmapped(text, at) > 0 or _is_bad(char)):
                result.bad += 1
            if not char or char == " " or 0xE000 <= code < 0xF900 or code == 0xFFFD:
                continue
            if owner.quarter is None:
                result.slanted += 1
                continue
            owner.first, owner.last = owner.first or box, box
            if owner.quarter:
                x0, y0, x1, y1 = self._frames[owner.quarter].enter(box)
            slack = _NEAR_BASELINE * owner.size
            if y0 - slack <= owner.base <= y1 + slack:
                y0, y1 = owner.top, owner.bottom
            else:
                y0, y1 = self._around_base(at, owner, y0, y1)
            glyph = _new(Glyph, (char, x0, y0, x1, y1, owner.size, owner.bold, blank, owner.look, owner.ref))
            glyphs = found[owner.quarter]
            if glyphs and glyphs[-1][1] == x0:
                _add(glyphs, glyph)
            else:
                glyphs.append(glyph)
            blank = NO_SPACE
        result.by_quarter = dict(found)
        _turn_vertical(result, self._frames)
        return result

    def _special(self, at: int, code: int, blank: int, characters: _Characters) -> tuple[int, int]:
        """Return the code a character really has, ``_SKIPPED`` for none, and the blank that stands before the next."""
        if 0xD800 <= code < 0xDC00:
            # One character comes as two codes.
            second = next(characters, None)
            if second is not None:
                return 0x10000 + ((code - 0xD800) << 10) + (second[1] - 0xDC00), blank
        elif code in _BLANKS:
            return _SKIPPED, max(blank, MADE_SPACE if calls.IS_MADE(self._text, at) else WRITTEN_SPACE)
        elif code in _HYPHEN_MARKS:
            return 0x2D, blank
        elif code < _FIRST_PLAIN or code > _LAST_CODE:
            # Line ends are made up from gaps in the content stream; the boxes tell better. A null is a character that
            # the font does not name.
            if code == 0 and not calls.IS_MADE(self._text, at):
                self._result.count += 1
                self._result.bad += 1
            return _SKIPPED, blank
        return code, blank

    def _around_base(self, at: int, owner: TextObject, y0: float, y1: float) -> tuple[float, float]:
        """Top and bottom around the baseline at a character, which the others of its object share unless stacked."""
        x, y = self._doubles[:2]
        if not calls.ORIGIN(self._text, at, ctypes.byref(x), ctypes.byref(y)):
            return y0, y1
        if self._upright is not None and not owner.quarter:
            base = self._upright[1] - y.value
        else:
            point = self._space.point(x.value, y.value)
            base = self._frames[owner.quarter or Quarter.RIGHT].enter((*point, *point))[1]
        size = owner.size
        if not y0 - size <= base <= y1 + size:
            return y0, y1
        top, bottom = base - _ASCENT * size, base + _DESCENT * size
        if owner.base == _UNKNOWN:
            owner.base, owner.top, owner.bottom = base, top, bottom
        return top, bottom

    def _box(self, at: int) -> Rect | None:
        """The advance box where the font gives one, else the box of the ink."""
        if calls.BOX(self._text, at, self._rect_ref):
            left, top, right, bottom = self._rect.tolist()
            box = self._space.rect(left, bottom, right, top)
            if box[2] > box[0] and box[3] > box[1]:
                return box
        refs = [ctypes.byref(value) for value in self._doubles]
        if not pdfium_c.FPDFText_GetCharBox(self._handle, at, *refs):
            return None
        x0, x1, y0, y1 = (value.value for value in self._doubles)
        return self._space.rect(x0, y0, x1, y1)

    def _read_object(self, at: int, key: int | None) -> TextObject:
        size = float(calls.SIZE(self._text, at))
        quarter: Quarter | None = Quarter.RIGHT
        if calls.MATRIX(self._text, at, self._matrix_ref):
            a, b, c, d, _, _ = self._matrix.tolist()
            # Founder fonts have size 1 and the true size in the matrix.
            scale = math.hypot(b, d) or math.hypot(a, c)
            size *= scale or 1.0
            quarter = _quarter(a, b, self._space.rotation)
        if not 1 < size < 600:
            box = self._box(at)
            size = box[3] - box[1] if box is not None and box[3] > box[1] else 10.0
        handle = ctypes.c_void_p(key) if key else None
        bold, look = self._fonts.look(at, handle)
        owner = TextObject(handle, round(size * 2) / 2, bold, look, quarter, len(self._result.objects))
        self._objects[key] = owner
        self._result.objects.append(owner)
        return owner


def _is_bad(text: str) -> bool:
    return text == "\ufffd" or "\ue000" <= text < "\uf900" or "\x7f" <= text < "\xa0"


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
        # Most characters stand at the height of the one before.
        if two[2] == one[2] or not _is_below(one, two):
            spare -= 1
            if spare < 0:
                return
    frame = frames[Quarter.DOWN]
    moved = [_moved(glyph, frame.enter(glyph[1:5])) for glyph in glyphs]
    del result.by_quarter[Quarter.RIGHT]
    result.by_quarter[Quarter.DOWN] = moved + result.by_quarter.get(Quarter.DOWN, [])


def _is_below(one: Glyph, two: Glyph) -> bool:
    step = (two.y0 - one.y0) / one.size
    return 0.5 < step < 1.5 and abs((one.x0 + one.x1) - (two.x0 + two.x1)) < 0.5 * one.size


def _moved(glyph: Glyph, rect: Rect) -> Glyph:
    x0, y0, x1, y1 = rect
    return glyph._replace(x0=x0, y0=y0, x1=x1, y1=y1)
