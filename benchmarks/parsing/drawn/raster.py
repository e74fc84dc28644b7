"""Pages as pictures: rendered, and then as a scanner or a camera would give them."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import cv2
import numpy as np
import pypdfium2 as pdfium

Picture = np.ndarray[Any, np.dtype[np.uint8]]
"""Grey or BGR pixels, height x width (x 3)."""

_WHITE: Final = 255


@dataclass(frozen=True, slots=True)
class Wear:
    """What scanning did to a page: degrees of skew, sigma of noise and of blur, grey of the paper, quarter turns."""

    skew: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
    paper: int = _WHITE
    quarters: int = 0


def render_pages(path: Path, dpi: float = 150, pages: int | None = None) -> list[Picture]:
    """Return the first ``pages`` pages of a PDF in grey."""
    document = pdfium.PdfDocument(path)
    try:
        count = len(document) if pages is None else min(pages, len(document))
        return [render_page(document[index], dpi) for index in range(count)]
    finally:
        document.close()


def render_page(page: pdfium.PdfPage, dpi: float) -> Picture:
    """Return a page in grey."""
    pixels: Picture = page.render(scale=dpi / 72, grayscale=True).to_numpy()
    return pixels.reshape(pixels.shape[0], -1).copy()


def worn(page: Picture, wear: Wear, chooser: Random) -> Picture:
    """Return the page as scanned."""
    height, width = page.shape[:2]
    picture = page.astype(np.float32) * (wear.paper / _WHITE)
    if wear.skew:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), wear.skew, 1.0)
        picture = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=wear.paper)
    if wear.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), wear.blur)
    if wear.noise:
        generator = np.random.default_rng(chooser.randrange(2**32))
        picture = picture + generator.normal(0, wear.noise, picture.shape)
    clipped = np.clip(picture, 0, _WHITE).astype(np.uint8)
    return np.rot90(clipped, wear.quarters).copy()


def any_wear(chooser: Random, quarters: int = 0) -> Wear:
    """Return the wear of an office scanner: up to 3 degrees of skew, noise, blur, greyish paper."""
    return Wear(
        skew=chooser.uniform(-3, 3),
        noise=chooser.uniform(3, 12),
        blur=chooser.uniform(0.3, 0.8),
        paper=chooser.randint(215, 250),
        quarters=quarters,
    )


def save_pdf(pictures: list[Picture], path: Path, dpi: float = 150) -> None:
    """Write pictures as the pages of a PDF, JPEG inside."""
    from PIL import Image

    images = [Image.fromarray(picture) for picture in pictures]
    images[0].save(path, "PDF", resolution=dpi, save_all=True, append_images=images[1:], quality=88)
