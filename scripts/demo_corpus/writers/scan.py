"""A scan: pages drawn as text, then turned, stamped, made noisy and stored as JPEG in an image-only PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from scripts.demo_corpus.fonts import Font
from scripts.demo_corpus.model import Block, Document, Heading, Items, PageBreak, Paragraph
from scripts.demo_corpus.writers.wrap import wrap

_DPI = 170
_WIDTH, _HEIGHT = round(A4[0] / 72 * _DPI), round(A4[1] / 72 * _DPI)
_MARGIN = round(0.95 * _DPI)
_JPEG_QUALITY = 58
_PAPER = (250, 248, 242)
_INK = (38, 38, 42)
_SKEW = (0.7, -0.5)  # degrees, one a page in turn


@dataclass
class _Sheet:
    """A page under the pen; ``y`` is where the next line goes."""

    font: str

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.y = _MARGIN

    def line_block(self, text: str, points: float, *, centred: bool = False, after: float = 0.5) -> None:
        """Wrapped text at ``points``; ``after`` is the space below in lines."""
        face = ImageFont.truetype(self.font, round(points / 72 * _DPI))
        height = round(points / 72 * _DPI * 1.6)
        for line in wrap(text, _WIDTH - 2 * _MARGIN, face.getlength):
            x = (_WIDTH - face.getlength(line)) / 2 if centred else _MARGIN
            self.draw.text((x, self.y), line, font=face, fill=_INK)
            self.y += height
        self.y += round(height * after)
        if self.y > _HEIGHT - _MARGIN:
            raise ValueError(f"the text runs off the page at {text[:20]!r}: place a !pagebreak before it")

    def block(self, block: Block) -> None:
        """Draw one block; raises ``ValueError`` for kinds no minutes need."""
        match block:
            case Heading(text=text):
                self.line_block(text, 13.5, after=0.2)
            case Paragraph(text=text):
                self.line_block(text, 12, after=0.25)
            case Items(texts=texts, numbered=True):
                for number, text in enumerate(texts, 1):
                    self.line_block(f"{number}. {text}", 12, after=0.25)
            case _:
                raise ValueError(f"not possible in a scan: {block}")

    def stamp(self) -> None:
        """A red seal: ring and star, to the right of the last lines."""
        x, y, radius = _WIDTH - 2.6 * _MARGIN, self.y - 0.45 * _MARGIN, 0.62 * _MARGIN
        red = (196, 52, 48)
        self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=red, width=6)
        angles = np.deg2rad(np.arange(5) * 144 - 90)
        star = [(x + 0.4 * radius * np.cos(a), y + 0.4 * radius * np.sin(a)) for a in angles]
        self.draw.line([*star, star[0]], fill=red, width=5)


def draw_pages(document: Document, font: Font) -> list[Image.Image]:
    """The clean pages, before the scanner sees them."""
    sheets = [_Sheet(str(font.path))]
    sheets[0].line_block(document.title, 17, centred=True, after=0.3)
    sheets[0].line_block(f"文件编号：{document.meta['number']}", 10, centred=True)
    for block in document.blocks:
        if isinstance(block, PageBreak):
            sheets.append(_Sheet(str(font.path)))
        else:
            sheets[-1].block(block)
    sheets[-1].stamp()
    return [sheet.image for sheet in sheets]


def degrade(page: Image.Image, number: int) -> bytes:
    """What a flat-bed scanner makes of a page: skew, blur, sensor noise, uneven light, JPEG. Seeded by ``number``."""
    turned = page.rotate(_SKEW[number % 2], resample=Image.Resampling.BICUBIC, fillcolor=(232, 230, 226))
    soft = turned.filter(ImageFilter.GaussianBlur(0.6))
    random = np.random.default_rng(number)
    pixels = np.asarray(soft, dtype=np.float64)
    light = np.linspace(1.0, 0.96, _WIDTH)[None, :, None]
    noise = random.normal(0, 5, size=(_HEIGHT, _WIDTH, 1))
    scanned = np.clip(pixels * light + noise, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(scanned).save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=2, dpi=(_DPI, _DPI))
    return out.getvalue()


def write(document: Document, font: Font) -> bytes:
    """A PDF of page images without any text layer."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle("scan0009")
    for number, page in enumerate(draw_pages(document, font)):
        canvas.drawImage(ImageReader(io.BytesIO(degrade(page, number))), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
