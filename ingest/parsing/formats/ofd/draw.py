"""Draw pages of OFD with Pillow: pictures, lines, and characters in a system font; without one, where they stand."""

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from ingest.parsing.formats.ofd.content import Char, Picture, Shape, read_content
from ingest.parsing.formats.ofd.package import OfdDocument
from ingest.parsing.images import MAX_PIXELS, flatten
from wenyuan.errors import FileCorrupt, FileError

_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts")
# File names of fonts with Chinese, the plainer first.
_FONTS: Final = ("NotoSansCJK-Regular", "SourceHanSans", "NotoSerifCJK-Regular", "wqy", "simsun", "uming",
                 "droidsansfallback",
                 "simhei", "fandol")  # fmt: skip
_MAX_MEDIA: Final = 64 * 2**20
_MAX_SIDE: Final = 8_000
_FORMATS: Final = ("PNG", "JPEG", "BMP", "GIF", "TIFF")
_GREY: Final = (170, 170, 170)


def draw_ofd(path: Path, number: int, max_pages: int, scale_of: Any) -> tuple[Image.Image, float]:
    """Return page ``number`` (1-based) and its scale, which ``scale_of(width, height)`` gives for points.

    Raises ``FileCorrupt`` when there is no such page.
    """
    with OfdDocument.open(path, max_pages) as document:
        if not 1 <= number <= len(document.pages):
            raise FileCorrupt
        content = read_content(document, document.page(number))
        scale = min(scale_of(content.width, content.height), _MAX_SIDE / max(content.width, content.height, 1))
        size = max(round(content.width * scale), 1), max(round(content.height * scale), 1)
        image = Image.new("RGB", size, "white")
        draw = ImageDraw.Draw(image)
        for item in content.order:
            if isinstance(item, Picture):
                _paste(image, document, item, scale)
            elif isinstance(item, Shape):
                _draw_shape(draw, item, scale)
            else:
                _draw_char(draw, item, scale)
    return image, scale


def _paste(image: Image.Image, document: OfdDocument, picture: Picture, scale: float) -> None:
    """Put a picture where it stands; one that cannot be read leaves a frame."""
    x0, y0, x1, y1 = (round(value * scale) for value in picture.box)
    size = min(max(x1 - x0, 1), _MAX_SIDE), min(max(y1 - y0, 1), _MAX_SIDE)
    try:
        with Image.open(io.BytesIO(document.package.read(picture.media, _MAX_MEDIA)), formats=_FORMATS) as found:
            if found.width * found.height > MAX_PIXELS:
                raise ValueError("pixels")
            image.paste(flatten(found).resize(size), (x0, y0))
    except (FileError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        ImageDraw.Draw(image).rectangle((x0, y0, x0 + size[0], y0 + size[1]), outline=_GREY)


def _draw_shape(draw: ImageDraw.ImageDraw, shape: Shape, scale: float) -> None:
    for part in shape.parts:
        points = [(x * scale, y * scale) for x, y in part]
        if shape.fill is not None and len(points) > 2:
            draw.polygon(points, fill=shape.fill)
        if shape.stroke is not None:
            draw.line(points, fill=shape.stroke, width=max(round(shape.width * scale), 1))


def _draw_char(draw: ImageDraw.ImageDraw, char: Char, scale: float) -> None:
    x0, y0, x1, y1 = (value * scale for value in char.box)
    font = _font(max(round(char.size * scale), 1))
    if font is None:
        draw.rectangle((x0, y0, x1, y1), outline=_GREY)
        return
    # The baseline stands a fixed part of the size above the bottom of the box.
    draw.text((x0, y1 - 0.18 * char.size * scale), char.text, fill=char.colour, font=font, anchor="ls")


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    path = _font_path()
    return ImageFont.truetype(path, size) if path is not None else None


@lru_cache(maxsize=1)
def _font_path() -> str | None:
    """The best font with Chinese that the system has, or None."""
    files = list(_font_files())
    for name in _FONTS:
        for file in files:
            if name.lower() in file.name.lower():
                return str(file)
    return None


def _font_files() -> Iterator[Path]:
    for folder in _FOLDERS:
        if Path(folder).is_dir():
            yield from (
                file for file in sorted(Path(folder).rglob("*")) if file.suffix.lower() in (".ttf", ".ttc", ".otf")
            )
