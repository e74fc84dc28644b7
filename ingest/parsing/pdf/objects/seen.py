"""What a small drawing of a page shows: dark pixels, sharp edges, rows of writing."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pypdfium2 as pdfium

from ingest.parsing.pdf.glyphs import PageGlyphs
from ingest.parsing.pdf.model import Rect
from ingest.parsing.pdf.objects.inks import PageInks

if TYPE_CHECKING:
    from PIL import Image

STRAIGHT: Final = 6
"""A shape of at most so many segments is a stroke or a box."""

_DARK: Final = 200
_DARK_DPI: Final = 36
_EDGE_DPI: Final = 72
_EDGE: Final = 40
# Upright strips of the page, narrow enough that a skewed row stays level in each; shares of edges in 1/255.
_STRIPS: Final = 12
_WRITTEN: Final = 15
_BLANK: Final = 5
_GAP: Final = 2
_HEIGHTS: Final = (3, 36)
_DRIFT: Final = 6.0
_STRIPS_IN_ROW: Final = 4


def dark_share(page: pdfium.PdfPage, inks: PageInks) -> float:
    """Return the share of dark pixels, those of straight strokes and plain areas left out."""
    scale = _DARK_DPI / 72
    dark = _grey(page, scale).point([255 if value < _DARK else 0 for value in range(256)])
    for ink in inks.inks:
        if 0 < ink.points <= STRAIGHT:
            for rect in [ink.rect] if ink.colour is not None else _sides(ink.rect):
                dark.paste(0, _pixels(rect, scale, dark.size))
    return _share(dark)


class Edges(NamedTuple):
    """White where grey changes sharply outside the characters: met along level rows, and along rows on their side.

    The second is the page laid on its side, where what stood upright runs level. Both at 72 dpi.
    """

    level: "Image.Image"
    upright: "Image.Image"


def sharp_edges(page: pdfium.PdfPage, found: PageGlyphs, left_out: Sequence[Rect] = ()) -> Edges:
    """Return where the page has sharp edges, outside the boxes that are ``left_out`` too."""
    from PIL import Image

    scale = _EDGE_DPI / 72
    image = _grey(page, scale)
    own = [owner.box for owner in found.objects if owner.box is not None]
    boxes = [_pixels(box, scale, image.size) for box in (*own, *left_out)]
    level, upright = _changes(image), _changes(image.transpose(Image.Transpose.TRANSPOSE))
    for left, top, right, bottom in boxes:
        level.paste(0, (left, top, right, bottom))
        upright.paste(0, (top, left, bottom, right))
    return Edges(level, upright)


def _changes(image: "Image.Image") -> "Image.Image":
    """Mark the pixels that differ sharply from the one to their left; straight level strokes have none."""
    from PIL import ImageChops

    marked = ImageChops.difference(image, ImageChops.offset(image, 1, 0))
    marked = marked.point([255 if value >= _EDGE else 0 for value in range(256)])
    marked.paste(0, (0, 0, 2, marked.height))
    return marked


def edge_share(edges: Edges) -> float:
    """Return the share of the page that is sharp edges: a sky or a gradient has hardly any."""
    return _share(edges.level)


def pieces_of_rows(edges: Edges) -> int:
    """Return how many pieces, each a twelfth of the page long, the rows of writing have, level or upright.

    A row is a band of edges with blank above and below, of the height of writing, that goes on level or slightly
    inclined through several strips of the page; what a photograph shows hardly ever does.
    """
    return max(_pieces(edges.level), _pieces(edges.upright))


def _pieces(edges: "Image.Image") -> int:
    from PIL import Image

    shares = edges.resize((_STRIPS, edges.height), Image.Resampling.BOX).tobytes()
    pieces = 0
    before: list[tuple[float, int]] = []
    for strip in range(_STRIPS):
        here: list[tuple[float, int]] = []
        for middle in _bands(shares[strip::_STRIPS]):
            near = [(abs(other - middle), length) for other, length in before if abs(other - middle) <= _DRIFT]
            length = min(near)[1] + 1 if near else 1
            here.append((middle, length))
            if length >= _STRIPS_IN_ROW:
                pieces += _STRIPS_IN_ROW if length == _STRIPS_IN_ROW else 1
        before = here
    return pieces


def _bands(shares: Sequence[int]) -> Iterator[float]:
    """Yield the middles of runs with edges between blank ones, top to bottom of a strip."""
    low, high = _HEIGHTS
    first: int | None = None
    last = blank = 0
    for at, share in enumerate((*shares, *[0] * _GAP)):
        if share > _WRITTEN:
            first = at if first is None else first
            last, blank = at, 0
        elif first is not None and share < _BLANK:
            blank += 1
            if blank == _GAP:
                if low <= last - first + 1 <= high:
                    yield (first + last) / 2
                first, blank = None, 0


def _sides(rect: Rect) -> list[Rect]:
    """The sides of a box that is only outlined, since text may stand in it."""
    x0, y0, x1, y1 = rect
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def _pixels(rect: Rect, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top = max(int(rect[0] * scale - 1), 0), max(int(rect[1] * scale - 1), 0)
    right, bottom = min(int(rect[2] * scale + 2), size[0]), min(int(rect[3] * scale + 2), size[1])
    return left, top, max(right, left), max(bottom, top)


def _share(marked: "Image.Image") -> float:
    return marked.histogram()[255] / max(marked.width * marked.height, 1)


def _grey(page: pdfium.PdfPage, scale: float) -> "Image.Image":
    bitmap: Any = page.render(scale=scale, grayscale=True)
    image: Image.Image = bitmap.to_pil().convert("L")
    bitmap.close()
    return image
