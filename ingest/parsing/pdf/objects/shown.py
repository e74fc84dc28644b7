"""The characters of a page that are shown: those nobody sees taken out, those of form fields put in."""

from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium

from ingest.parsing.pdf.glyphs import PageGlyphs, read_glyphs
from ingest.parsing.pdf.lines import build_lines
from ingest.parsing.pdf.model import Frame, HiddenText, Line, Quarter
from ingest.parsing.pdf.objects.fields import field_glyphs, read_fields
from ingest.parsing.pdf.objects.inks import PageInks, read_inks
from ingest.parsing.pdf.objects.unseen.hidden import Unseen, find_hidden
from ingest.parsing.pdf.space import PageSpace
from wenyuan.documents import Hidden

_MAX_OUTSIDE: Final = 2_000


@dataclass(slots=True)
class Shown:
    """What a page shows: characters and inks; apart from them text that is hidden.

    ``unseen_layer``: all text is drawn invisibly over a picture of the page.
    """

    found: PageGlyphs
    inks: PageInks
    hidden: list[HiddenText]
    unseen_layer: bool


def read_shown(document: pdfium.PdfDocument, page: pdfium.PdfPage, space: PageSpace) -> Shown:
    """Return what ``page`` shows; raises what the library does."""
    found = read_glyphs(page, space)
    inks = read_inks(page, space)
    unseen = find_hidden(page, found, inks)
    hidden = _take(found, unseen)
    shown = found.by_quarter.get(Quarter.RIGHT, [])
    fields = field_glyphs(read_fields(document, page, space), shown)
    if fields:
        found.by_quarter[Quarter.RIGHT] = shown + fields
        found.count += len(fields)
    return Shown(found, inks, hidden, unseen.layer)


def _take(found: PageGlyphs, unseen: Unseen) -> list[HiddenText]:
    """Take hidden characters out of ``found`` and return them as runs."""
    hidden: list[HiddenText] = []
    if unseen.reasons:
        for quarter, glyphs in found.by_quarter.items():
            frame = Frame(found.shown.width, found.shown.height, Quarter(quarter))
            for reason in Hidden:
                taken = [glyph for glyph in glyphs if unseen.reasons.get(glyph.ref) is reason]
                hidden += [HiddenText(line, frame, reason) for line in build_lines(taken)]
                found.count -= len(taken)
            found.by_quarter[quarter] = [glyph for glyph in glyphs if glyph.ref not in unseen.reasons]
    for line in build_lines(found.outside[:_MAX_OUTSIDE]):
        _clamp(line, found.shown)
        hidden.append(HiddenText(line, found.shown, Hidden.OFF_PAGE))
    for run in hidden:
        run.line.edges = []
    return hidden


def _clamp(line: Line, shown: Frame) -> None:
    """Text beyond the page is marked at the edge it lies behind."""
    line.x0, line.x1 = (min(max(value, 0.0), shown.width) for value in (line.x0, line.x1))
    line.y0, line.y1 = (min(max(value, 0.0), shown.height) for value in (line.y0, line.y1))
