"""Bitmaps for recognition: whole pages, pictures and tables on pages, samples of lines, pictures inside files.

Runs in the child of the sandbox. Several are drawn by one child, since starting one costs more than drawing.
"""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image

from ingest.intake import media
from ingest.parsing.drawing import pdf_page, png, scaled
from ingest.parsing.images import MAX_BITMAP_PIXELS, decode_picture, flatten, load_frame
from ingest.parsing.reading.crops import TableDrawer
from ingest.sandbox.protocol import Progress
from wenyuan.errors import FileCorrupt, FileError

LENGTH: Final = struct.Struct(">I")

_DPI: Final = 200
_MIN_SIDE: Final = 1000
_MAX_SIDE: Final = 4500
_MAX_UPSCALE: Final = 2.0
# An answer that has grown to this ends early; the rest is asked for again.
_ENOUGH: Final = 48 * 2**20
_ICON_SIDE: Final = 24
_ICON_AREA: Final = 4_000
# Lines of a sample are set apart so that they are found one by one; in pixels.
_PAD: Final = 6
_APART: Final = 28

Wanted = Mapping[str, Any]


def draw_bitmaps(path: Path, media_type: str, wanted: Sequence[Wanted], max_pages: int, progress: Progress) -> bytes:
    """Return bitmaps as PNG behind a JSON list of {bytes, size}, {code, params} of an error, or {} for too small ones.

    One is asked for as {page}, {page, box}, {page, lines: boxes}, {page, table: box} or {media: the name of a part};
    boxes are in page units. Pages are drawn at about 200 dpi, small ones larger, at most 50 megapixels. Behind the
    bitmap of a table stand its characters (``TableDrawer.draw``), so many bytes as ``text`` says. The list is shorter
    than ``wanted`` when the answer would grow too large. Pictures that are too small are icons and hold no text.
    """
    drawer = _Drawer(path, media_type, max_pages)
    heads: list[dict[str, Any]] = []
    bodies: list[bytes] = []
    for done, one in enumerate(wanted):
        progress(done, len(wanted))
        try:
            image, text = drawer.draw(one)
        except FileError as error:
            heads.append({"code": error.code, "params": error.params})
            continue
        if "media" in one and _is_icon(image):
            heads.append({})
            continue
        bodies += [png(image, level=1), text]
        heads.append({"bytes": len(bodies[-2]), "text": len(text), "size": image.size})
        if sum(map(len, bodies)) > _ENOUGH:
            break
    head = json.dumps(heads).encode()
    return b"".join([LENGTH.pack(len(head)), head, *bodies])


def draw_part(path: Path, media_type: str, wanted: Wanted, long_side: int, max_pages: int) -> bytes:
    """Return one part as PNG for people, at most ``long_side`` pixels, icons too; asked for as ``draw_bitmaps`` is.

    Raises ``FileCorrupt`` for a part that is not there or cannot be drawn, ``FileUnsafe`` for one that is too large.
    """
    image, _ = _Drawer(path, media_type, max_pages).draw(wanted)
    image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    return png(image, level=6)


class _Drawer:
    """Draws parts of one file; keeps the last page, of which several pictures may be wanted."""

    def __init__(self, path: Path, media_type: str, max_pages: int) -> None:
        self._path = path
        self._media_type = media_type
        self._max_pages = max_pages
        self._kept: tuple[int, Image.Image, float] | None = None
        self._tables = TableDrawer(path, max_pages)

    def draw(self, wanted: Wanted) -> tuple[Image.Image, bytes]:
        """Return what is wanted, and what goes with it: the characters of a table, or nothing."""
        if "table" not in wanted:
            return self._shown(wanted), b""
        return self._tables.draw(wanted["page"], wanted["table"])

    def _shown(self, wanted: Wanted) -> Image.Image:
        if "media" in wanted:
            from ingest.parsing.reading.embedded import embedded_picture

            picture = decode_picture(embedded_picture(self._path, self._media_type, wanted["media"]))
            return flatten(_shrunk(picture))
        image, scale = self._page(wanted["page"])
        if "box" in wanted:
            return _crop(image, [side * scale for side in wanted["box"]], 0)
        if "lines" in wanted:
            return _stacked([_crop(image, [side * scale for side in box], _PAD) for box in wanted["lines"]])
        return image

    def _page(self, number: int) -> tuple[Image.Image, float]:
        if self._kept is None or self._kept[0] != number:
            self._kept = None
            if self._media_type == media.PDF:
                image, scale = pdf_page(self._path, number, self._max_pages, _page_scale)
            elif self._media_type == media.OFD:
                from ingest.parsing.formats.ofd.draw import draw_ofd

                image, scale = draw_ofd(self._path, number, self._max_pages, _page_scale)
            else:
                image = load_frame(self._path, self._media_type, number)
                width = image.width
                image = _shrunk(image)
                scale = image.width / width
            self._kept = number, image, scale
        return self._kept[1], self._kept[2]


def _page_scale(width: float, height: float) -> float:
    side = max(width, height)
    scale = max(_DPI / 72, min(_MIN_SIDE / side, _MAX_UPSCALE * _DPI / 72))
    return min(scale, _MAX_SIDE / side, math.sqrt(MAX_BITMAP_PIXELS / (width * height)))


def _shrunk(image: Image.Image) -> Image.Image:
    scale = min(math.sqrt(MAX_BITMAP_PIXELS / (image.width * image.height)), _MAX_SIDE / max(image.size), 1.0)
    return image.resize(scaled(image.size, scale), Image.Resampling.LANCZOS) if scale < 1 else image


def _crop(image: Image.Image, box: Sequence[float], pad: int) -> Image.Image:
    x0, y0 = max(math.floor(box[0]) - pad, 0), max(math.floor(box[1]) - pad, 0)
    x1, y1 = min(math.ceil(box[2]) + pad, image.width), min(math.ceil(box[3]) + pad, image.height)
    if x1 <= x0 or y1 <= y0:
        raise FileCorrupt
    return image.crop((x0, y0, x1, y1))


def _stacked(images: Sequence[Image.Image]) -> Image.Image:
    width = max(image.width for image in images) + 2 * _APART
    stack = Image.new("RGB", (width, sum(image.height + _APART for image in images) + _APART), "white")
    y = _APART
    for image in images:
        stack.paste(image, (_APART, y))
        y += image.height + _APART
    return stack


def _is_icon(image: Image.Image) -> bool:
    return min(image.size) < _ICON_SIDE or image.width * image.height < _ICON_AREA
