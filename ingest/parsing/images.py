"""Images as documents: an allow-list of formats, orientation applied, floods of pixels refused."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.intake import media
from ingest.parsing.pages import NEEDS_OCR
from wenyuan.documents import Page, PageSource, ParsedDocument
from wenyuan.errors import FileCorrupt, FileUnsafe

MAX_PIXELS: Final = 100_000_000
MAX_BITMAP_PIXELS: Final = 50_000_000

_FORMATS: Final = {
    media.PNG: ("PNG",),
    media.JPEG: ("JPEG",),
    media.TIFF: ("TIFF",),
    media.BMP: ("BMP",),
    media.WEBP: ("WEBP",),
    media.GIF: ("GIF",),
}
# The library trusts what headers say and stumbles over it in many ways.
_DAMAGE: Final = (
    UnidentifiedImageError,
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    struct.error,
)
_TURNED: Final = (5, 6, 7, 8)
_ORIENTATION: Final = 0x0112


def parse_image(path: Path, media_type: str, max_pages: int) -> ParsedDocument:
    """Return one page per frame, sized in pixels as shown, each waiting for OCR.

    Raises ``FileCorrupt`` for damaged files, ``FileUnsafe`` over ``MAX_PIXELS`` a frame or ``max_pages`` frames.
    """
    pages: list[Page] = []
    with _opened(path, media_type) as image:
        count = _frame_count(image, max_pages)
        for number in range(1, count + 1):
            image.seek(number - 1)
            _check_pixels(image)
            width, height = image.size
            if image.getexif().get(_ORIENTATION) in _TURNED:
                width, height = height, width
            pages.append(Page(number, float(width), float(height), PageSource.NONE))
        # Sizes come from headers; a file that is cut off shows only when its pixels are read.
        image.seek(0)
        image.load()
    return ParsedDocument(tuple(pages), (), None, tuple(NEEDS_OCR.format(number=page.number) for page in pages))


def load_frame(path: Path, media_type: str, page: int) -> Image.Image:
    """Return frame ``page`` (1-based) upright in RGB, transparent parts white.

    Raises ``FileCorrupt`` when there is no such frame or it is damaged, and ``FileUnsafe`` over ``MAX_PIXELS``.
    """
    with _opened(path, media_type) as image:
        image.seek(page - 1)
        _check_pixels(image)
        upright = ImageOps.exif_transpose(image)
        return flatten(upright)


def decode_picture(data: bytes) -> Image.Image:
    """Return the first frame of a picture that another file holds, upright.

    Raises ``FileCorrupt`` when it is damaged or of no format on the allow-list, ``FileUnsafe`` over
    ``MAX_BITMAP_PIXELS``.
    """
    formats = sorted({name for names in _FORMATS.values() for name in names})
    with _damage(), Image.open(io.BytesIO(data), formats=formats) as image:
        _check_pixels(image, MAX_BITMAP_PIXELS)
        return ImageOps.exif_transpose(image)


def flatten(image: Image.Image) -> Image.Image:
    """Return an RGB image, with 16-bit grey scaled and transparency on white."""
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


@contextmanager
def _opened(path: Path, media_type: str) -> Iterator[Image.Image]:
    with _damage(), Image.open(path, formats=_FORMATS[media_type]) as image:
        _check_pixels(image)
        yield image


@contextmanager
def _damage() -> Iterator[None]:
    """Turn what the library raises over damaged data into ``FileCorrupt``; our own limits stand for its own."""
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _DAMAGE as error:
        raise FileCorrupt from error


def _frame_count(image: Image.Image, max_pages: int) -> int:
    count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    if count > max_pages:
        raise FileUnsafe(reason=f"{count} pages > {max_pages}")
    return count


def _check_pixels(image: Image.Image, most: int = MAX_PIXELS) -> None:
    if image.width * image.height > most:
        raise FileUnsafe(reason=f"{image.width} × {image.height} pixels")
