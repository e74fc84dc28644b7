"""Does a page need recognition? What its text layer says, against what is painted on it."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pypdfium2 as pdfium

from ingest.parsing.pdf.glyphs import PageGlyphs
from ingest.parsing.pdf.model import Rect
from ingest.parsing.pdf.objects.garbled import is_nonsense
from ingest.parsing.pdf.objects.inks import Ink, PageInks

if TYPE_CHECKING:
    from PIL import Image

_BAD_SHARE: Final = 0.25
_FEW_CHARS: Final = 20
_SOME_CHARS: Final = 60
_COVER_FEW: Final = 0.3
_COVER_SOME: Final = 0.75
_DARK: Final = 200
_DARK_SHARE: Final = 0.005
_DARK_DPI: Final = 36
_STRAIGHT: Final = 6
_EDGE_DPI: Final = 72
_EDGE: Final = 40
_EDGE_SHARE: Final = 0.001
_EDGE_SHARE_BESIDE_TEXT: Final = 0.01
_LETTER: Final = (2.0, 60.0)
_MIN_LETTERS: Final = 60
_MIN_SHAPES: Final = 8
_ALIGNED: Final = 1.5
_IN_ROW: Final = 12
_ROW_SHARE: Final = 0.6


def is_garbled(found: PageGlyphs) -> bool:
    """Tell whether the text layer is no text: unmapped or private codes, or characters that make no words."""
    if found.count > 0 and found.bad > _BAD_SHARE * found.count:
        return True
    return is_nonsense("".join(glyph.text for glyph in found.everything()))


def needs_ocr(page: pdfium.PdfPage, found: PageGlyphs, inks: PageInks) -> bool:
    """Tell whether there is too little text for what is painted: pictures, letters drawn as shapes, other ink."""
    cover = picture_cover(inks, found)
    if (found.count < _FEW_CHARS and cover > _COVER_FEW) or (found.count < _SOME_CHARS and cover > _COVER_SOME):
        return _edge_share(page, found) > (_EDGE_SHARE if found.count < _FEW_CHARS else _EDGE_SHARE_BESIDE_TEXT)
    if _drawn_letters(inks.inks) > _MIN_LETTERS + 1.5 * found.count:
        return True
    if found.count + found.slanted >= _FEW_CHARS:
        return False
    area = found.shown.width * found.shown.height
    inked = sum((glyph.x1 - glyph.x0) * (glyph.y1 - glyph.y0) for glyph in found.everything()) / area
    return _dark_share(page, inks) - inked > _DARK_SHARE


def picture_cover(inks: PageInks, found: PageGlyphs) -> float:
    """Return the share of the page that pictures cover, 0..1, overlaps counted twice but never above 1."""
    width, height = found.shown.width, found.shown.height
    covered = 0.0
    for picture in inks.pictures:
        x0, y0, x1, y1 = picture.rect
        covered += max(min(x1, width) - max(x0, 0), 0) * max(min(y1, height) - max(y0, 0), 0)
    return min(covered / (width * height), 1.0) if width * height > 0 else 0.0


def _drawn_letters(inks: Sequence[Ink]) -> int:
    """Count shapes of many forms, of the size of letters, that stand in rows: text turned into outlines."""
    low, high = _LETTER
    letters = [
        ink
        for ink in inks
        if ink.points >= 4 and ink.colour is not None and low < ink.rect[3] - ink.rect[1] < high
        and 0.5 < ink.rect[2] - ink.rect[0] < high
    ]  # fmt: skip
    if len(letters) < _MIN_LETTERS or len({ink.points for ink in letters}) < _MIN_SHAPES:
        return 0
    rows: defaultdict[int, list[Rect]] = defaultdict(list)
    for ink in letters:
        rows[round(ink.rect[3] / _ALIGNED)].append(ink.rect)
    aligned = sum(_in_line(row) for row in rows.values() if len(row) >= _IN_ROW)
    return len(letters) if aligned >= _ROW_SHARE * len(letters) else 0


def _in_line(row: list[Rect]) -> int:
    """Count shapes of a row that stand beside the one before, neither over it nor far away."""
    row.sort()
    return sum(
        -0.2 * (two[2] - two[0]) < two[0] - one[2] < 1.2 * max(one[3] - one[1], two[3] - two[1])
        for one, two in pairwise(row)
    )


def _dark_share(page: pdfium.PdfPage, inks: PageInks) -> float:
    """Return the share of dark pixels of the page drawn small, those of straight strokes and plain areas left out."""
    scale = _DARK_DPI / 72
    image = _grey(page, scale)
    dark = image.point([255 if value < _DARK else 0 for value in range(256)])
    for ink in inks.inks:
        if 0 < ink.points <= _STRAIGHT:
            for rect in [ink.rect] if ink.colour is not None else _sides(ink.rect):
                dark.paste(0, _pixels(rect, scale, dark.size))
    return dark.histogram()[255] / max(dark.width * dark.height, 1)


def _sides(rect: Rect) -> list[Rect]:
    """The sides of a box that is only outlined, since text may stand in it."""
    x0, y0, x1, y1 = rect
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def _pixels(rect: Rect, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top = max(int(rect[0] * scale - 1), 0), max(int(rect[1] * scale - 1), 0)
    right, bottom = min(int(rect[2] * scale + 2), size[0]), min(int(rect[3] * scale + 2), size[1])
    return left, top, max(right, left), max(bottom, top)


def _edge_share(page: pdfium.PdfPage, found: PageGlyphs) -> float:
    """Return the share of pixels with a sharp edge outside the characters: a sky or a gradient holds no text."""
    from PIL import ImageChops

    scale = _EDGE_DPI / 72
    image = _grey(page, scale)
    sharp = ImageChops.difference(image, ImageChops.offset(image, 1, 0))
    sharp.paste(0, (0, 0, 2, sharp.height))
    for owner in found.objects:
        if owner.box is not None:
            sharp.paste(0, _pixels(owner.box, scale, sharp.size))
    return sum(sharp.histogram()[_EDGE:]) / max(image.width * image.height, 1)


def _grey(page: pdfium.PdfPage, scale: float) -> "Image.Image":
    bitmap: Any = page.render(scale=scale, grayscale=True)
    image: Image.Image = bitmap.to_pil().convert("L")
    bitmap.close()
    return image
