"""Clear text over shapes of its own form: some writers draw bold characters as outlines and lay the text over them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pypdfium2 as pdfium

from ingest.parsing.pdf import calls
from ingest.parsing.pdf.glyphs import TextObject
from ingest.parsing.pdf.model import Rect

if TYPE_CHECKING:
    from PIL import Image

SCALE: Final = 2.0
_MAX_SIDE: Final = 2400.0
#: A colour in which hardly anything is drawn, so that the text shows on any ground.
_MARKER: Final = (0, 255, 160, 255)
_FORM: Final = 110
_INK: Final = 60
#: Outlines of bold characters stand over the edge of the plain ones, by so many pixels to each side.
_REACH: Final = 2
_FILLED: Final = 0.8
_BESIDE: Final = 0.25
_EACH_FILLED: Final = 0.5
_EACH_BESIDE: Final = 1.0


def scale_of(page: pdfium.PdfPage) -> float:
    """Return the scale that pages are drawn at to be compared."""
    return min(SCALE, _MAX_SIDE / max(*map(float, page.get_size()), 1.0))


def draw(page: pdfium.PdfPage, scale: float) -> "Image.Image":
    """Return the page without forms and annotations."""
    bitmap: Any = page.render(scale=scale, may_draw_forms=False, draw_annots=False)
    image: Image.Image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    return image


def crop_of(box: Rect, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the pixels of ``box`` as left, top, right, bottom; None for nothing on the page."""
    x0, y0 = max(int(box[0] * scale), 0), max(int(box[1] * scale), 0)
    x1, y1 = min(int(box[2] * scale) + 1, size[0]), min(int(box[3] * scale) + 1, size[1])
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def find_outlined(page: pdfium.PdfPage, clear: Sequence[TextObject], below: "Image.Image") -> list[int]:
    """Return the ``ref`` of those whose very form is drawn below them, so that a person reads what they say.

    ``clear`` are drawn in no colour at all, ``below`` is the page at ``scale_of`` without them. They are drawn in a
    colour: where they come to stand, and hardly anywhere beside it, there has to be ink already.
    """
    from PIL import ImageChops, ImageFilter

    if not clear:
        return []
    scale = scale_of(page)
    for one in clear:
        calls.SET_FILL(one.handle, *_MARKER)
    try:
        marked = draw(page, scale)
    finally:
        for one in clear:
            calls.SET_FILL(one.handle, 0, 0, 0, 0)
    form = _strongest(ImageChops.difference(marked, below), _FORM)
    around = form.filter(ImageFilter.MaxFilter(2 * _REACH + 1))
    tallies: list[tuple[TextObject, _Tally]] = []
    for one in clear:
        crop = crop_of(one.box, scale, below.size) if one.box is not None else None
        if crop is not None:
            tallies.append((one, _tally(below.crop(crop), form.crop(crop), around.crop(crop))))
    return [one.ref for run in _runs(tallies) if _agree([tally for _, tally in run]) for one, _ in run]


class _Tally(NamedTuple):
    """Pixels of a text's own form, those of them that are inked below it, and ink beside them."""

    own: int
    inside: int
    beside: int

    def agrees(self, filled: float, beside: float) -> bool:
        return self.own > 0 and self.inside >= filled * self.own and self.beside <= beside * self.own


def _tally(below: "Image.Image", form: "Image.Image", around: "Image.Image") -> _Tally:
    from PIL import Image, ImageChops

    free = below.copy()
    free.paste(_MARKER[:3], mask=around)
    grounds = [one for one in free.getcolors(free.width * free.height) or [] if one[1] != _MARKER[:3]]
    ground = Image.new("RGB", below.size, max(grounds)[1] if grounds else _MARKER[:3])
    ink = _strongest(ImageChops.difference(below, ground), _INK)
    inside = ImageChops.darker(ink, form).histogram()[255]
    beside = ImageChops.subtract(ink, around).histogram()[255]
    return _Tally(form.histogram()[255], inside, beside)


def _runs(tallies: Sequence[tuple[TextObject, _Tally]]) -> Iterator[list[tuple[TextObject, _Tally]]]:
    """Yield what stands side by side: one character alone is too small to tell."""
    run: list[tuple[TextObject, _Tally]] = []
    for one in tallies:
        if run and not _follows(run[-1][0], one[0]):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _follows(left: TextObject, right: TextObject) -> bool:
    one, two = left.box, right.box
    return one is not None and two is not None and abs(one[1] - two[1]) < 1 and abs(two[0] - one[2]) < left.size


def _agree(tallies: Sequence[_Tally]) -> bool:
    whole = _Tally(*(sum(parts) for parts in zip(*tallies, strict=True)))
    return whole.agrees(_FILLED, _BESIDE) and all(tally.agrees(_EACH_FILLED, _EACH_BESIDE) for tally in tallies)


def _strongest(difference: "Image.Image", least: int) -> "Image.Image":
    """Return 255 where any colour differs by ``least`` or more, else 0."""
    from PIL import ImageChops

    red, green, blue = difference.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([255 if value >= least else 0 for value in range(256)])
