"""Does a page need recognition? What its text layer says, against what is painted on it."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pypdfium2 as pdfium

from ingest.parsing.pdf.glyphs import PageGlyphs
from ingest.parsing.pdf.model import TEXT_OF, Rect
from ingest.parsing.pdf.objects.garbled import is_nonsense
from ingest.parsing.pdf.objects.inks import Ink, PageInks
from ingest.parsing.pdf.objects.seen import STRAIGHT, dark_share, edge_share, pieces_of_rows, sharp_edges

_BAD_SHARE: Final = 0.25
_FEW_CHARS: Final = 20
_SOME_CHARS: Final = 60
_COVER_FEW: Final = 0.3
_COVER_SOME: Final = 0.75
_DARK_SHARE: Final = 0.005
_EDGE_SHARE: Final = 0.001
_EDGE_SHARE_BESIDE_TEXT: Final = 0.01
# Pieces of rows in pictures: about four characters each. Fewer than a fifth of the text layer are a letterhead.
_MIN_PIECES: Final = 6
_PIECES_BESIDE_TEXT: Final = 0.2 / 4
# Letters turned into one shape: so many segments at least, and rows that no curve of a chart makes.
_MIN_SEGMENTS: Final = 600
_MIN_OUTLINED: Final = 24
_MUCH_TEXT: Final = 400
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
    return is_nonsense("".join(map(TEXT_OF, found.everything())))


def needs_ocr(page: pdfium.PdfPage, found: PageGlyphs, inks: PageInks, *, unseen_layer: bool) -> bool:
    """Tell whether there is too little text for what is painted: pictures, letters drawn as shapes, other ink.

    ``unseen_layer``: the text is drawn invisibly over the picture it tells, and is compared with that elsewhere.
    """
    cover = picture_cover(inks, found)
    if cover > (_COVER_FEW if found.count < _FEW_CHARS else _COVER_SOME):
        edges = sharp_edges(page, found)
        if found.count < _FEW_CHARS:
            return edge_share(edges) > _EDGE_SHARE
        written = not unseen_layer and pieces_of_rows(edges) >= max(_MIN_PIECES, _PIECES_BESIDE_TEXT * found.count)
        if written or found.count < _SOME_CHARS:
            return written or edge_share(edges) > _EDGE_SHARE_BESIDE_TEXT
    if _drawn_letters(inks.inks) > _MIN_LETTERS + 1.5 * found.count or _is_outlined(page, found, inks):
        return True
    if found.count + found.slanted >= _FEW_CHARS:
        return False
    area = found.shown.width * found.shown.height
    inked = sum((glyph.x1 - glyph.x0) * (glyph.y1 - glyph.y0) for glyph in found.everything()) / area
    return dark_share(page, inks) - inked > _DARK_SHARE


def picture_cover(inks: PageInks, found: PageGlyphs) -> float:
    """Return the share of the page that pictures cover, 0..1, overlaps counted twice but never above 1."""
    width, height = found.shown.width, found.shown.height
    covered = 0.0
    for picture in inks.pictures:
        x0, y0, x1, y1 = picture.rect
        covered += max(min(x1, width) - max(x0, 0), 0) * max(min(y1, height) - max(y0, 0), 0)
    return min(covered / (width * height), 1.0) if width * height > 0 else 0.0


def _is_outlined(page: pdfium.PdfPage, found: PageGlyphs, inks: PageInks) -> bool:
    """Tell whether shapes of very many segments show rows of writing, beside text of no great length."""
    segments = sum(ink.points for ink in inks.inks if ink.points > STRAIGHT)
    if segments < _MIN_SEGMENTS or not _FEW_CHARS <= found.count < _MUCH_TEXT:
        return False
    # Pictures are looked at for themselves.
    edges = sharp_edges(page, found, [picture.rect for picture in inks.pictures])
    return pieces_of_rows(edges) >= max(_MIN_OUTLINED, _PIECES_BESIDE_TEXT * found.count)


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
