"""Draw pages as images with marks for people. Runs in the child of the sandbox."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pypdfium2 as pdfium
from PIL import Image, ImageDraw

from ingest.intake import media
from ingest.parsing.images import flatten, load_frame
from ingest.parsing.pdf.document import open_pdf
from ingest.parsing.pdf.model import Rect
from wenyuan.errors import FileCorrupt, FileTypeUnsupported

_MARK_FILL: Final = (255, 213, 0, 90)
_MARK_EDGE: Final = (214, 137, 16, 220)
_MARK_PAD: Final = 0.004


def draw_page(path: Path, media_type: str, page: int, boxes: Sequence[Rect], long_side: int, max_pages: int) -> bytes:
    """Return page ``page`` (1-based) as PNG, at most ``long_side`` pixels, with ``boxes`` (page units) marked.

    Raises ``FileCorrupt`` when there is no such page, ``FileTypeUnsupported`` for formats without pages.
    """
    if media_type == media.PDF:
        image, scale = pdf_page(path, page, max_pages, lambda width, height: long_side / max(width, height))
    elif media_type in media.IMAGES:
        image = load_frame(path, media_type, page)
        scale = min(long_side / max(image.size), 1.0)
        image = image.resize(scaled(image.size, scale), Image.Resampling.LANCZOS) if scale < 1 else image
    elif media_type == media.OFD:
        from ingest.parsing.formats.ofd.draw import draw_ofd

        image, scale = draw_ofd(path, page, max_pages, lambda width, height: long_side / max(width, height))
    else:
        raise FileTypeUnsupported(media_type=media_type, supported="PDF, OFD, PNG, JPEG, TIFF, BMP, WebP, GIF")
    return png(_marked(image, boxes, scale), level=6)


def pdf_page(
    path: Path, page: int, max_pages: int, scale_of: Callable[[float, float], float]
) -> tuple[Image.Image, float]:
    """Return page ``page`` (1-based) of a PDF in RGB, and its scale, which ``scale_of`` gives for width and height.

    Raises ``FileCorrupt`` when there is no such page or it cannot be drawn.
    """
    document = open_pdf(path, max_pages)
    try:
        if not 1 <= page <= len(document):
            raise FileCorrupt
        document.init_forms()
        opened = document[page - 1]
        width, height = opened.get_size()
        if width <= 0 or height <= 0:
            raise FileCorrupt
        scale = scale_of(width, height)
        bitmap: Any = opened.render(scale=scale, rev_byteorder=True)
        return flatten(bitmap.to_pil()), scale
    except pdfium.PdfiumError as error:
        raise FileCorrupt from error
    finally:
        document.close()


def _marked(image: Image.Image, boxes: Sequence[Rect], scale: float) -> Image.Image:
    if not boxes:
        return image
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    pad = _MARK_PAD * max(image.size)
    width = max(1, round(max(image.size) / 800))
    for x0, y0, x1, y1 in boxes:
        rect = (x0 * scale - pad, y0 * scale - pad, x1 * scale + pad, y1 * scale + pad)
        if rect[2] > rect[0] and rect[3] > rect[1]:
            draw.rounded_rectangle(rect, radius=pad, fill=_MARK_FILL, outline=_MARK_EDGE, width=width)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return a size in whole pixels, at least one each way."""
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def png(image: Image.Image, level: int) -> bytes:
    """Return the pixels of an image as PNG, compressed at ``level`` (0-9), and nothing else that came with it."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=level, icc_profile=None)
    return buffer.getvalue()
