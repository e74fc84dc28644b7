"""Read the characters of a page with pdfium: text, box, true size, weight, direction."""

import ctypes
import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parsing.characters import NORMAL
from ingest.parsing.pdf.model import Frame, Glyph, Quarter, Rect

_BOLD_NAMES: Final = (b"bold", b"heiti", b"simhei", b"-hei", b"black", b"fzht", b"fzhei", b"heavy")
_BOLD_WEIGHT: Final = 600
# The box of a glyph around its baseline, in units of its size: boxes from fonts differ too much within a line.
_ASCENT: Final = 0.86
_DESCENT: Final = 0.18
_ALIGNED: Final = math.radians(8)
_QUARTERS: Final = tuple(Quarter)
_BLANKS: Final = (0x20, 0xA0, 0x3000)
_HYPHEN_MARKS: Final = (0x2, 0xFFFE)


@dataclass(slots=True)
class PageGlyphs:
    """Characters by text direction, each list in the frame of its direction.

    ``bad`` counts characters whose code has no sure meaning, out of ``count`` non-blank ones; ``slanted`` counts
    those that run at an angle (watermarks) and are left out.
    """

    shown: Frame
    by_quarter: dict[Quarter, list[Glyph]] = field(default_factory=dict)
    count: int = 0
    bad: int = 0
    slanted: int = 0

    @property
    def dominant(self) -> Quarter:
        """The direction most characters run in."""
        return max(self.by_quarter, key=lambda quarter: len(self.by_quarter[quarter]), default=Quarter.RIGHT)


class PageSpace:
    """Maps pdfium's user space to the shown page: crop box, page rotation, y downwards."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._left, self._bottom, self._right, self._top = page.get_bbox()
        self.rotation = int(page.get_rotation())
        width, height = page.get_size()
        self.width = float(width)
        self.height = float(height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Map a point."""
        if self.rotation == 90:
            return y - self._bottom, x - self._left
        if self.rotation == 180:
            return self._right - x, y - self._bottom
        if self.rotation == 270:
            return self._top - y, self._right - x
        return x - self._left, self._top - y

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> Rect:
        """Map a box given by any two opposite corners."""
        ax, ay = self.point(x0, y0)
        bx, by = self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


@dataclass(frozen=True, slots=True)
class _Style:
    """What all characters of one text object share; ``quarter`` is None for slanted text."""

    size: float
    bold: bool
    quarter: Quarter | None


def read_glyphs(page: pdfium.PdfPage, space: PageSpace) -> PageGlyphs:
    """Return the characters inside the shown page, in content order, with radicals normalised."""
    textpage = page.get_textpage()
    try:
        return _Reader(textpage.raw, space).read()
    finally:
        textpage.close()


class _Reader:
    def __init__(self, textpage: Any, space: PageSpace) -> None:
        self._text = textpage
        self._space = space
        self._styles: dict[int, _Style] = {}
        self._bold: dict[int, bool] = {}
        self._rect = pdfium_c.FS_RECTF()
        self._matrix = pdfium_c.FS_MATRIX()
        self._doubles = [ctypes.c_double() for _ in range(4)]
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()
        shown = Frame(space.width, space.height)
        self._frames = {quarter: Frame(shown.width, shown.height, quarter) for quarter in Quarter}
        self._result = PageGlyphs(shown)

    def read(self) -> PageGlyphs:
        found: defaultdict[Quarter, list[Glyph]] = defaultdict(list)
        get_unicode = pdfium_c.FPDFText_GetUnicode
        count = pdfium_c.FPDFText_CountChars(self._text)
        blank = False
        index = 0
        while index < count:
            code = get_unicode(self._text, index)
            at = index
            index += 1
            if 0xD800 <= code < 0xDC00 and index < count:
                code = 0x10000 + ((code - 0xD800) << 10) + (get_unicode(self._text, index) - 0xDC00)
                index += 1
            if code in _HYPHEN_MARKS:
                code = 0x2D
            if code in _BLANKS:
                # Blanks that are made up from gaps do not count either.
                blank = blank or not pdfium_c.FPDFText_IsGenerated(self._text, at)
                continue
            if code < 0x20 or code > 0x10FFFF:
                # Line ends are made up from gaps in the content stream; the boxes tell better.
                continue
            placed = self._glyph(at, code, blank)
            if placed is not None:
                found[placed[0]].append(placed[1])
                blank = False
        self._result.by_quarter = dict(found)
        _turn_vertical(self._result, self._frames)
        return self._result

    def _glyph(self, at: int, code: int, blank: bool) -> tuple[Quarter, Glyph] | None:
        """Return the direction and the glyph, or None when it is outside the page, slanted or invisible."""
        style = self._style(at)
        box = self._box(at)
        if box is None or not self._inside(box):
            return None
        self._result.count += 1
        text = NORMAL.get(code, chr(code))
        if self._is_bad(at, text):
            self._result.bad += 1
            if text is None or 0xE000 <= code < 0xF900 or code == 0xFFFD:
                return None
        if not text or text == " ":
            return None
        if style.quarter is None:
            self._result.slanted += 1
            return None
        frame = self._frames[style.quarter]
        x0, y0, x1, y1 = frame.enter(box)
        origin = self._origin(at)
        if origin is not None:
            _, base, _, _ = frame.enter((*origin, *origin))
            if y0 - style.size <= base <= y1 + style.size:
                y0, y1 = base - _ASCENT * style.size, base + _DESCENT * style.size
        return style.quarter, Glyph(text, x0, y0, x1, y1, style.size, style.bold, blank)

    def _is_bad(self, at: int, text: str | None) -> bool:
        if int(pdfium_c.FPDFText_HasUnicodeMapError(self._text, at)) > 0:
            return True
        return text is not None and (text == "\ufffd" or "\ue000" <= text < "\uf900" or "\x7f" <= text < "\xa0")

    def _inside(self, box: Rect) -> bool:
        middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return -1 <= middle_x <= self._space.width + 1 and -1 <= middle_y <= self._space.height + 1

    def _box(self, at: int) -> Rect | None:
        """The advance box where the font gives one, else the box of the ink."""
        rect = self._rect
        if pdfium_c.FPDFText_GetLooseCharBox(self._text, at, ctypes.byref(rect)):
            box = self._space.rect(rect.left, rect.bottom, rect.right, rect.top)
            if box[2] > box[0] and box[3] > box[1]:
                return box
        left, right, bottom, top = self._doubles
        refs = (ctypes.byref(left), ctypes.byref(right), ctypes.byref(bottom), ctypes.byref(top))
        if not pdfium_c.FPDFText_GetCharBox(self._text, at, *refs):
            return None
        return self._space.rect(left.value, bottom.value, right.value, top.value)

    def _origin(self, at: int) -> tuple[float, float] | None:
        x, y = self._doubles[:2]
        if not pdfium_c.FPDFText_GetCharOrigin(self._text, at, ctypes.byref(x), ctypes.byref(y)):
            return None
        return self._space.point(x.value, y.value)

    def _style(self, at: int) -> _Style:
        handle = pdfium_c.FPDFText_GetTextObject(self._text, at)
        key = ctypes.cast(handle, ctypes.c_void_p).value
        style = self._styles.get(key) if key is not None else None
        if style is None:
            style = self._read_style(at, handle if key is not None else None)
            if key is not None:
                self._styles[key] = style
        return style

    def _read_style(self, at: int, handle: Any) -> _Style:
        size = float(pdfium_c.FPDFText_GetFontSize(self._text, at))
        quarter: Quarter | None = Quarter.RIGHT
        matrix = self._matrix
        if pdfium_c.FPDFText_GetMatrix(self._text, at, ctypes.byref(matrix)):
            # Founder fonts have size 1 and the true size in the matrix.
            scale = math.hypot(matrix.b, matrix.d) or math.hypot(matrix.a, matrix.c)
            size *= scale or 1.0
            quarter = _quarter(matrix.a, matrix.b, self._space.rotation)
        if not 1 < size < 600:
            box = self._box(at)
            size = box[3] - box[1] if box is not None and box[3] > box[1] else 10.0
        return _Style(round(size * 2) / 2, self._is_bold(at, handle), quarter)

    def _is_bold(self, at: int, handle: Any) -> bool:
        """By weight, or by the font's name: Founder and Type 3 fonts carry no weight."""
        font = ctypes.cast(pdfium_c.FPDFTextObj_GetFont(handle), ctypes.c_void_p).value if handle else None
        known = self._bold.get(font) if font is not None else None
        if known is not None:
            return known
        length = pdfium_c.FPDFText_GetFontInfo(self._text, at, self._name, 128, ctypes.byref(self._flags))
        name = self._name.raw[: max(length - 1, 0)].lower() if 0 < length <= 128 else b""
        bold = pdfium_c.FPDFText_GetFontWeight(self._text, at) >= _BOLD_WEIGHT or any(b in name for b in _BOLD_NAMES)
        if font is not None:
            self._bold[font] = bold
        return bold


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
    stacked = 0
    for one, two in pairwise(glyphs):
        if abs((one.x0 + one.x1) - (two.x0 + two.x1)) < 0.5 * one.size and 0.5 < (two.y0 - one.y0) / one.size < 1.5:
            stacked += 1
    if stacked < 0.7 * len(glyphs):
        return
    frame = frames[Quarter.DOWN]
    moved = [Glyph(g.text, *frame.enter((g.x0, g.y0, g.x1, g.y1)), g.size, g.bold, g.space) for g in glyphs]
    del result.by_quarter[Quarter.RIGHT]
    result.by_quarter[Quarter.DOWN] = moved + result.by_quarter.get(Quarter.DOWN, [])
