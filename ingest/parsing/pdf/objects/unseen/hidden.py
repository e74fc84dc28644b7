"""Text that is in the file and that nobody sees: in the colour of what is behind it, tiny, covered, drawn invisibly.

Cheap rules name the suspects; what is suspected of hiding is then drawn with and without the text, and only where not a
pixel differs the text is hidden. White text on a dark ground, a picture with holes, a highlighter pass this way.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pypdfium2 as pdfium

from ingest.parsing.pdf import calls
from ingest.parsing.pdf.glyphs import PageGlyphs, TextObject
from ingest.parsing.pdf.model import Rect
from ingest.parsing.pdf.objects.inks import Colour, Colours, Ink, PageInks
from ingest.parsing.pdf.objects.unseen.outlined import crop_of, draw, find_outlined, scale_of
from wenyuan.documents import Hidden

if TYPE_CHECKING:
    from PIL import Image

_INVISIBLE: Final = (3, 7)
_STROKED: Final = (1, 5)
_WHITE: Final[Colour] = (255, 255, 255, 255)
_FAINT: Final = 30
_CLOSE: Final = 26
_NEAR_WHITE: Final = 220
_TINY: Final = 2.0
_TINY_BOX: Final = 2.6
_COVERED: Final = 0.85
_SEEN: Final = 12
_LAYER_SHARE: Final = 0.5


@dataclass(slots=True)
class Unseen:
    """Why text objects (by ``ref``) are hidden. ``layer``: invisible text stands over a picture of the page instead."""

    reasons: dict[int, Hidden] = field(default_factory=dict)
    layer: bool = False


def find_hidden(page: pdfium.PdfPage, found: PageGlyphs, inks: PageInks) -> Unseen:
    """Return which text objects of the page are hidden.

    Invisible text over a picture is the layer that a scanner's recognition leaves: it is what the page shows. It counts
    as a layer only when most characters over pictures are such; a few invisible words on a drawn page are hidden.
    """
    unseen, colours = Unseen(), Colours()
    suspects: dict[int, Hidden] = {}
    layer: list[TextObject] = []
    shown: list[TextObject] = []
    for one in found.objects:
        if one.last is None:
            continue
        if one.size < _TINY and _is_tiny(one):
            unseen.reasons[one.ref] = Hidden.TINY
            continue
        reason = _suspect(one, inks, colours)
        under_picture = reason is Hidden.COVERED and _covering(one, inks, _order_of(one, inks), pictures_only=True)
        if (reason is Hidden.MARKED and _over_picture(one, inks)) or under_picture:
            layer.append(one)
        elif reason is not None:
            suspects[one.ref] = reason
        else:
            shown.append(one)
    if layer and _is_most(layer, shown, found):
        unseen.layer = True
    else:
        suspects.update((one.ref, _reason_of(one)) for one in layer)
    if suspects:
        objects = [one for one in found.objects if one.ref in suspects]
        unseen.reasons.update((ref, suspects[ref]) for ref in _not_drawn(page, objects, colours))
    return unseen


def _is_most(layer: Sequence[TextObject], shown: Sequence[TextObject], found: PageGlyphs) -> bool:
    counts = Counter(glyph.ref for glyph in found.everything())
    written, beside = (sum(counts[one.ref] for one in objects) for objects in (layer, shown))
    return written >= _LAYER_SHARE * (written + beside)


def _is_tiny(one: TextObject) -> bool:
    box = one.box
    return box is not None and min(box[2] - box[0], box[3] - box[1]) < _TINY_BOX


def _reason_of(one: TextObject) -> Hidden:
    return Hidden.MARKED if _mode(one) in _INVISIBLE else Hidden.COVERED


def _mode(one: TextObject) -> int:
    return int(calls.RENDER_MODE(one.handle)) if one.handle else 0


def _suspect(one: TextObject, inks: PageInks, colours: Colours) -> Hidden | None:
    if not one.handle:
        return None
    mode = calls.RENDER_MODE(one.handle)
    if mode in _INVISIBLE:
        return Hidden.MARKED
    colour = colours.stroke(one.handle) if mode in _STROKED else colours.fill(one.handle)
    if not inks.grounds:
        faint = colour is not None and (colour[3] < _FAINT or _is_close(colour, _WHITE))
        return Hidden.COLOUR if faint else None
    order = _order_of(one, inks)
    if colour is not None and (colour[3] < _FAINT or _vanishes(one, colour, inks, order)):
        return Hidden.COLOUR
    return Hidden.COVERED if _covering(one, inks, order, pictures_only=False) else None


def _order_of(one: TextObject, inks: PageInks) -> int:
    return inks.texts.get(one.handle.value, 0)


def _vanishes(one: TextObject, colour: Colour, inks: PageInks, order: int) -> bool:
    """Tell whether the text has the colour of what lies beneath it; above a picture only near-white is suspected."""
    beneath = _beneath(one, inks, order)
    if beneath is not None and beneath.colour is None:
        return min(colour[:3]) >= _NEAR_WHITE
    ground = beneath.colour if beneath is not None and beneath.colour is not None else _WHITE
    return _is_close(colour, ground)


@lru_cache(maxsize=4096)
def _is_close(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one[:3], other[:3], strict=True)) < _CLOSE


def _beneath(one: TextObject, inks: PageInks, order: int) -> Ink | None:
    """The topmost shape or picture painted before the text at its middle."""
    if not inks.grounds or inks.grounds[0].order > order:
        return None
    x, y = _middle(one)
    for ink in reversed(inks.grounds):
        if ink.order < order and _holds(ink.rect, x, y):
            return ink
    return None


def _covering(one: TextObject, inks: PageInks, order: int, *, pictures_only: bool) -> bool:
    if not inks.grounds or inks.grounds[-1].order < order:
        return False
    box = one.box
    if box is None:
        return False
    x, y = _middle(one)
    return any(
        ink.order > order and ink.solid and _holds(ink.rect, x, y) and _share(box, ink.rect) >= _COVERED
        for ink in inks.grounds
        if ink.points == 0 or not pictures_only
    )


def _over_picture(one: TextObject, inks: PageInks) -> bool:
    return one.box is not None and any(_share(one.box, ink.rect) >= _COVERED for ink in inks.pictures)


def _middle(one: TextObject) -> tuple[float, float]:
    x0, y0, x1, y1 = one.box or (0.0, 0.0, 0.0, 0.0)
    return (x0 + x1) / 2, (y0 + y1) / 2


def _holds(rect: Rect, x: float, y: float) -> bool:
    return rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]


def _share(box: Rect, cover: Rect) -> float:
    """Return the share of ``box`` that ``cover`` covers."""
    across = min(box[2], cover[2]) - max(box[0], cover[0])
    down = min(box[3], cover[3]) - max(box[1], cover[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return across * down / area if across > 0 and down > 0 and area > 0 else 0.0


def _not_drawn(page: pdfium.PdfPage, suspects: Sequence[TextObject], colours: Colours) -> list[int]:
    """Return the ``ref`` of those that leave no trace on the page: drawn with and without them it looks the same."""
    from PIL import ImageChops

    scale = scale_of(page)
    with_text = draw(page, scale)
    for one in suspects:
        if one.handle:
            calls.SET_ACTIVE(one.handle, 0)
    try:
        without = draw(page, scale)
    finally:
        for one in suspects:
            if one.handle:
                calls.SET_ACTIVE(one.handle, 1)
    changed = ImageChops.difference(with_text, without)
    unseen = [one for one in suspects if one.box is not None and not _differs(changed, one.box, scale)]
    outlined = find_outlined(page, [one for one in unseen if _is_clear(one, colours)], without)
    return [one.ref for one in unseen if one.ref not in outlined]


def _is_clear(one: TextObject, colours: Colours) -> bool:
    colour = colours.fill(one.handle) if one.handle and _mode(one) == 0 else None
    return colour is not None and colour[3] == 0


def _differs(changed: "Image.Image", box: Rect, scale: float) -> bool:
    crop = crop_of(box, scale, changed.size)
    return crop is not None and any(sum(band.histogram()[_SEEN:]) for band in changed.crop(crop).split())
