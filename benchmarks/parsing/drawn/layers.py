"""PDF pages with all sorts of text layers: none, right, wrong, invisible, beside pictures that hold text.

Each page is a file of its own with a label: ``no`` (what a reader sees is in the text layer, or there is nothing to
read), ``page`` (the page must be recognised), ``picture`` (a picture on it must), ``layer`` (an invisible layer must be
checked: it does not say what is seen).
"""

import io
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.parsing.drawn.raster import Picture, any_wear, render_page, worn
from benchmarks.parsing.truth.render import fingerprint
from benchmarks.parsing.truth.sentences import paragraph
from benchmarks.parsing.truth.words import DOMAINS
from scripts.demo_corpus.fonts import load_font

_WIDTH, _HEIGHT = A4
_MARGIN: Final = 60.0
_SIZE: Final = 11.0
_LINE: Final = 19.0
_STAMP_LINE: Final = 50
_INVISIBLE: Final = 3
_TO_UNICODE: Final = re.compile(rb"/ToUnicode")


@dataclass(frozen=True, slots=True)
class LayerPage:
    """One page: what it is, its label, its file."""

    sort: str
    label: str
    path: Path


def layer_pages(
    cache: Path, each: int = 6, photos: int = 3, sorts: Collection[str] | None = None
) -> Iterator[LayerPage]:
    """Yield ``each`` pages of every sort (or of ``sorts``), drawing what is not in the cache; always the same.

    Photographs that fill their page are few: whether they hold text only recognition can tell.
    """
    folder = cache / f"layers-{_STATE}"
    folder.mkdir(parents=True, exist_ok=True)
    for sort, (label, draw) in _SORTS.items():
        if sorts is not None and sort not in sorts:
            continue
        for seed in range(photos if sort == "photo" else each):
            path = folder / f"{sort}-{seed}.pdf"
            if not path.exists():
                fresh = path.with_suffix(".new")
                fresh.write_bytes(draw(Random(f"{sort} {seed}")))
                fresh.replace(path)
            yield LayerPage(sort, label, path)


def _lines(chooser: Random, count: int) -> list[str]:
    text = ""
    while len(text) < count * 40:
        text += paragraph(chooser, DOMAINS[chooser.choice(("business", "legal", "technical"))], "zh")
    return [text[at : at + 40] for at in range(0, count * 40, 40)]


def _canvas(*, compressed: bool = True) -> tuple[Canvas, io.BytesIO, str]:
    made = io.BytesIO()
    return Canvas(made, pagesize=A4, pageCompression=int(compressed), invariant=1), made, load_font(None, []).name


def _write(canvas: Canvas, font: str, lines: list[str], top: float, mode: int = 0) -> None:
    text = canvas.beginText(_MARGIN, top)
    text.setFont(font, _SIZE, _LINE)
    text.setTextRenderMode(mode)
    for line in lines:
        text.textLine(line)
    canvas.drawText(text)


def _done(canvas: Canvas, made: io.BytesIO) -> bytes:
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _plain(chooser: Random, lines: int = 36) -> bytes:
    canvas, made, font = _canvas()
    _write(canvas, font, _lines(chooser, lines), _HEIGHT - 80)
    return _done(canvas, made)


def _picture_of(pdf: bytes, dpi: float = 150) -> Picture:
    import pypdfium2 as pdfium

    with pdfium.PdfDocument(pdf) as document:
        return render_page(document[0], dpi)


def _reader(picture: Picture) -> ImageReader:
    return ImageReader(Image.fromarray(picture))


def _sparse(chooser: Random) -> bytes:
    return _plain(chooser, chooser.randint(1, 3))


def _scan(chooser: Random, layer: list[str] | None = None, stamp: str = "", count: int = 36) -> bytes:
    lines = _lines(chooser, count)
    clean, made, font = _canvas()
    _write(clean, font, lines, _HEIGHT - 80)
    wear = any_wear(chooser)
    if layer is not None:
        # The invisible lines below stand straight, as the seen ones must then.
        wear = replace(wear, skew=0.0)
    picture = worn(_picture_of(_done(clean, made)), wear, chooser)
    canvas, made, font = _canvas()
    canvas.drawImage(_reader(picture), 0, 0, _WIDTH, _HEIGHT)
    if layer is not None:
        _write(canvas, font, layer or lines, _HEIGHT - 80, _INVISIBLE)
    for place, at in enumerate(range(0, len(stamp), _STAMP_LINE)):
        canvas.setFont(font, 9)
        canvas.drawCentredString(_WIDTH / 2, 20 + 11 * place, stamp[at : at + _STAMP_LINE])
    return _done(canvas, made)


def _stamped(chooser: Random) -> bytes:
    return _scan(chooser, stamp=f"内部资料　第 {chooser.randint(1, 99)} 页")


def _long_stamped(chooser: Random) -> bytes:
    """A scan, of few lines or many, under terms of use that whoever provides it prints on every page."""
    stamp = "".join(_lines(chooser, 8))[: chooser.choice((40, 90, 160, 300))]
    return _scan(chooser, stamp=stamp, count=chooser.choice((3, 8, 20, 36)))


def _right_layer(chooser: Random) -> bytes:
    return _scan(chooser, layer=[])


def _wrong_layer(chooser: Random) -> bytes:
    noise = ["".join(chooser.choice("aeiounrst丨乙丶1l|。、") for _ in range(38)) for _ in range(34)]
    return _scan(chooser, layer=noise)


def _strips(chooser: Random) -> bytes:
    """A scan cut into strips, as some scanners store it."""
    picture = worn(_picture_of(_plain(chooser)), any_wear(chooser), chooser)
    canvas, made, _ = _canvas()
    count = chooser.randint(12, 24)
    edges = np.linspace(0, picture.shape[0], count + 1).astype(int)
    for upper, lower in pairwise(edges):
        height = (lower - upper) / picture.shape[0] * _HEIGHT
        bottom = _HEIGHT - lower / picture.shape[0] * _HEIGHT
        canvas.drawImage(_reader(picture[upper:lower]), 0, bottom, _WIDTH, height)
    return _done(canvas, made)


def _inline(chooser: Random) -> bytes:
    """A scan that stands in the content stream itself."""
    picture = cv2.resize(_picture_of(_plain(chooser, 20), 72), None, fx=1, fy=1)
    canvas, made, _ = _canvas()
    canvas.drawInlineImage(Image.fromarray(picture), 0, 0, _WIDTH, _HEIGHT)
    return _done(canvas, made)


def _outlines(chooser: Random, head: str = "") -> bytes:
    """Text as filled paths, as drawing programs export it, perhaps below a head of real text."""
    picture = _picture_of(_plain(chooser, chooser.randint(6, 24)), 200)
    contours, _ = cv2.findContours(
        255 - (picture > 128).astype(np.uint8) * 255, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1
    )
    canvas, made, font = _canvas()
    scale = 72 / 200
    path = canvas.beginPath()
    for contour in contours:
        points = contour[:, 0, :] * scale
        path.moveTo(float(points[0][0]), float(_HEIGHT - points[0][1]))
        for x, y in points[1:]:
            path.lineTo(float(x), float(_HEIGHT - y))
        path.close()
    canvas.drawPath(path, stroke=0, fill=1, fillMode=0)
    if head:
        _write(canvas, font, [head[at : at + 40] for at in range(0, len(head), 40)], _HEIGHT - 25)
    return _done(canvas, made)


def _headed_outlines(chooser: Random) -> bytes:
    return _outlines(chooser, "".join(_lines(chooser, 3))[: chooser.choice((25, 50, 90))])


def _hybrid(chooser: Random) -> bytes:
    """Half a page of text, and below it a picture of more text."""
    canvas, made, font = _canvas()
    _write(canvas, font, _lines(chooser, 14), _HEIGHT - 80)
    picture = _picture_of(_plain(chooser, 16))
    part = worn(picture[: picture.shape[0] // 2], any_wear(chooser), chooser)
    canvas.drawImage(_reader(part), 0, 20, _WIDTH, _HEIGHT / 2 - 20)
    return _done(canvas, made)


def _no_map(chooser: Random) -> bytes:
    """Glyphs without a map to characters: what can be copied is nonsense."""
    return _TO_UNICODE.sub(b"/ToUnicodX", _uncompressed(chooser))


def _private_map(chooser: Random) -> bytes:
    """Glyphs mapped to private code points."""
    ideograph = re.compile(rb"<([4-9][0-9A-Fa-f])([0-9A-Fa-f]{2})>")
    return ideograph.sub(lambda found: b"<E" + found[1][1:] + found[2] + b">", _uncompressed(chooser))


def _uncompressed(chooser: Random) -> bytes:
    canvas, made, font = _canvas(compressed=False)
    _write(canvas, font, _lines(chooser, 30), _HEIGHT - 80)
    return _done(canvas, made)


def _blank(chooser: Random) -> bytes:
    canvas, made, _ = _canvas()
    if chooser.random() < 0.5:
        canvas.setFillGray(chooser.uniform(0.9, 0.98))
        canvas.rect(0, 0, _WIDTH, _HEIGHT, stroke=0, fill=1)
    return _done(canvas, made)


def _ruled_blank(chooser: Random) -> bytes:
    """Nothing but a frame, a rule at the head and perhaps the number of the page."""
    canvas, made, font = _canvas()
    canvas.setLineWidth(0.6)
    canvas.rect(50, 50, _WIDTH - 100, _HEIGHT - 100)
    canvas.line(50, _HEIGHT - 80, _WIDTH - 50, _HEIGHT - 80)
    if chooser.random() < 0.5:
        canvas.setFont(font, 9)
        canvas.drawCentredString(_WIDTH / 2, 30, str(chooser.randint(1, 300)))
    return _done(canvas, made)


def _chart(chooser: Random) -> bytes:
    """A drawn chart over half the page, with text above it."""
    canvas, made, font = _canvas()
    _write(canvas, font, _lines(chooser, 8), _HEIGHT - 80)
    for index in range(8):
        canvas.setFillColorRGB(0.2, 0.4, 0.7)
        canvas.rect(80 + 55 * index, 120, 36, chooser.uniform(60, 380), stroke=0, fill=1)
    return _done(canvas, made)


def _background(chooser: Random) -> bytes:
    """Text over a pale picture that fills the page."""
    generator = np.random.default_rng(chooser.randrange(2**32))
    small = generator.integers(225, 256, (12, 8), dtype=np.uint8)
    picture = cv2.resize(small, (620, 877), interpolation=cv2.INTER_CUBIC)
    canvas, made, font = _canvas()
    canvas.drawImage(_reader(picture), 0, 0, _WIDTH, _HEIGHT)
    _write(canvas, font, _lines(chooser, 24), _HEIGHT - 80)
    return _done(canvas, made)


def _photo(chooser: Random, lines: int = 0) -> bytes:
    """A photograph over the whole page, without a word in it."""
    generator = np.random.default_rng(chooser.randrange(2**32))
    small = generator.integers(20, 235, (9, 7, 3), dtype=np.uint8)
    picture: Any = cv2.resize(small, (620, 877), interpolation=cv2.INTER_CUBIC)
    canvas, made, font = _canvas()
    canvas.drawImage(ImageReader(Image.fromarray(picture)), 0, 0, _WIDTH, _HEIGHT)
    if lines:
        _write(canvas, font, _lines(chooser, lines), _HEIGHT - 80)
    return _done(canvas, made)


def _titled_photo(chooser: Random) -> bytes:
    """A photograph over the whole page and a few lines of text on it, as on slides."""
    return _photo(chooser, chooser.randint(1, 6))


_STATE: Final = fingerprint(Path(__file__).parent, Path(__file__).parents[1] / "truth")
_SORTS: Final[dict[str, tuple[str, Callable[[Random], bytes]]]] = {
    "text": ("no", _plain),
    "sparse": ("no", _sparse),
    "blank": ("no", _blank),
    "frame": ("no", _ruled_blank),
    "chart": ("no", _chart),
    "background": ("no", _background),
    "right-layer": ("no", _right_layer),
    "photo": ("no", _photo),
    "titled-photo": ("no", _titled_photo),
    "wrong-layer": ("layer", _wrong_layer),
    "scan": ("page", _scan),
    "stamped": ("page", _stamped),
    "long-stamped": ("page", _long_stamped),
    "strips": ("page", _strips),
    "inline": ("page", _inline),
    "outlines": ("page", _outlines),
    "headed-outlines": ("page", _headed_outlines),
    "no-map": ("page", _no_map),
    "private-map": ("page", _private_map),
    "hybrid": ("picture", _hybrid),
}
