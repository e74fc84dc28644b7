"""Tables of a PDF drawn for a second look, with the characters that stand in them. Runs in the child of the sandbox."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from ingest.parsing.images import flatten
from ingest.parsing.pdf.document import open_pdf
from ingest.parsing.pdf.model import Glyph, Quarter, Rect
from ingest.parsing.pdf.objects.shown import read_shown
from ingest.parsing.pdf.space import PageSpace
from ingest.tables.rows import without_leaders
from ingest.tables.ruled import holds
from wenyuan.errors import FileCorrupt, FileUnsafe

# The structure model works on less than 500 pixels; twice that keeps thin strokes.
_LONG_SIDE: Final = 976
_MAX_SCALE: Final = 3.0
_PAD: Final = 4.0
_MAX_GLYPHS: Final = 20_000


class TableDrawer:
    """Draws tables of one PDF; keeps the characters of the last page, on which several may stand."""

    def __init__(self, path: Path, max_pages: int) -> None:
        self._path = path
        self._max_pages = max_pages
        self._kept: tuple[int, Sequence[Glyph]] | None = None

    def draw(self, number: int, box: Rect) -> tuple[Image.Image, bytes]:
        """Return a table of page ``number`` in RGB and, as JSON, where it lies and its characters.

        That is {corner: of the picture on the page, scale: pixels a unit, glyphs: the fields of each ``Glyph``}. Raises
        ``FileCorrupt`` when there is no such page, or nothing in the box, and ``FileUnsafe`` for too many characters.
        """
        document = open_pdf(self._path, self._max_pages)
        try:
            if not 1 <= number <= len(document):
                raise FileCorrupt
            if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
                document.init_forms()
            page = document[number - 1]
            if self._kept is None or self._kept[0] != number:
                found = read_shown(document, page, PageSpace(page)).found
                self._kept = number, without_leaders(found.by_quarter.get(Quarter.RIGHT, []))
            own = [g for g in self._kept[1] if holds(box, (g.x0 + g.x1) / 2, (g.y0 + g.y1) / 2)]
            if len(own) > _MAX_GLYPHS:
                raise FileUnsafe(reason=f"table: {len(own)} characters > {_MAX_GLYPHS}")
            image, corner, scale = _crop(page, box)
        except pdfium.PdfiumError as error:
            raise FileCorrupt from error
        finally:
            document.close()
        return image, json.dumps({"corner": corner, "scale": scale, "glyphs": own}).encode()


def _crop(page: pdfium.PdfPage, box: Rect) -> tuple[Image.Image, tuple[float, float], float]:
    width, height = page.get_size()
    x0, y0 = max(box[0] - _PAD, 0.0), max(box[1] - _PAD, 0.0)
    x1, y1 = min(box[2] + _PAD, width), min(box[3] + _PAD, height)
    if x1 <= x0 or y1 <= y0:
        raise FileCorrupt
    scale = min(_LONG_SIDE / max(x1 - x0, y1 - y0, 1.0), _MAX_SCALE)
    bitmap: Any = page.render(scale=scale, crop=(x0, height - y1, width - x1, y0), rev_byteorder=True)
    return flatten(bitmap.to_pil()), (x0, y0), scale
