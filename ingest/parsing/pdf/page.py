"""One page: its characters, tables, figures, lines, hidden text, and whether it needs recognition."""

from collections.abc import Iterable
from typing import Final

import pypdfium2 as pdfium

from ingest.parsing.pages import FAILED
from ingest.parsing.pdf.aligned import aligned_grids, three_line_grids
from ingest.parsing.pdf.doubtful import mark_doubtful
from ingest.parsing.pdf.glyphs import PageGlyphs
from ingest.parsing.pdf.lines import Known, build_lines
from ingest.parsing.pdf.model import Frame, Glyph, Line, PageLayout, Quarter, Rules
from ingest.parsing.pdf.objects.figures import find_drawings, find_pictures
from ingest.parsing.pdf.objects.inks import PageInks
from ingest.parsing.pdf.objects.links import place_links, read_links
from ingest.parsing.pdf.objects.need import is_garbled, needs_ocr
from ingest.parsing.pdf.objects.shown import read_shown
from ingest.parsing.pdf.rules import read_rules
from ingest.parsing.pdf.space import PageSpace
from ingest.tables.rows import leaders, without
from ingest.tables.ruled import outside, ruled_grids

_MAX_PAGE_POINTS: Final = 14_400
_MIN_SEPARATOR: Final = 20.0


def read_page(document: pdfium.PdfDocument, index: int, *, skipped: bool) -> PageLayout:
    """Return what page ``index`` (0-based) holds; a page that breaks the analysis is listed with its error."""
    if skipped:
        return PageLayout(index + 1, Frame(0, 0), error=FAILED)
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return PageLayout(index + 1, Frame(0, 0), error=FAILED)
    try:
        return _layout(document, page, index + 1)
    except (pdfium.PdfiumError, ValueError, ArithmeticError, LookupError, TypeError):
        width, height = page.get_size()
        return PageLayout(index + 1, Frame(width, height), error=FAILED)
    finally:
        page.close()


def _layout(document: pdfium.PdfDocument, page: pdfium.PdfPage, number: int) -> PageLayout:
    space = PageSpace(page)
    if not (0 < space.width <= _MAX_PAGE_POINTS and 0 < space.height <= _MAX_PAGE_POINTS):
        return PageLayout(number, Frame(space.width, space.height), error=FAILED)
    shown = read_shown(document, page, space)
    found, inks = shown.found, shown.inks
    frame = Frame(space.width, space.height, found.dominant)
    layout = PageLayout(number, frame, unseen_layer=shown.unseen_layer, hidden=shown.hidden)
    layout.garbled = is_garbled(found)
    layout.needs_ocr = layout.garbled or needs_ocr(page, found, inks, unseen_layer=layout.unseen_layer)
    if not layout.garbled:
        _fill(layout, found, read_rules(inks.others, space, frame), inks)
        _place_links(document, page, space, layout)
    return layout


def _fill(layout: PageLayout, found: PageGlyphs, rules: Rules, inks: PageInks) -> None:
    """Find tables, then figures, then lines in what is left; text in other directions stays apart."""
    frame = layout.frame
    glyphs = found.by_quarter.get(frame.quarter, [])
    layout.grids = ruled_grids(rules, glyphs)
    rest, dots = _outside(layout, glyphs), leaders(glyphs)
    layout.grids += three_line_grids(rules, without(rest, dots), [grid.rect for grid in layout.grids], frame)
    rest = _outside(layout, rest)
    known: Known = {}
    layout.lines = build_lines(rest, known=known)
    borderless = aligned_grids(layout.lines, without(rest, dots), frame, rules, known)
    if borderless:
        layout.grids += borderless
        layout.lines = build_lines(_outside(layout, rest), known=known)
    mark_doubtful(layout, without(glyphs, dots))
    layout.separators = [stroke for stroke in rules.across if stroke[2] - stroke[0] > _MIN_SEPARATOR]
    if not layout.needs_ocr:
        _figures(layout, rules, inks)
    for quarter, others in found.by_quarter.items():
        if quarter is not frame.quarter:
            side = Frame(frame.width, frame.height, Quarter(quarter))
            layout.side_lines += [(side, line) for line in build_lines(others) if line.count > 1]


def _figures(layout: PageLayout, rules: Rules, inks: PageInks) -> None:
    pictures = find_pictures(rules.pictures, layout.frame, layout.grids)
    taken = [*(grid.rect for grid in layout.grids), *(picture.rect for picture in pictures)]
    drawings = find_drawings(inks, layout.frame, taken, layout.lines)
    labels = {id(line) for drawing in drawings for line in drawing.labels}
    layout.lines = [line for line in layout.lines if id(line) not in labels]
    layout.pictures = pictures + drawings


def _outside(layout: PageLayout, glyphs: list[Glyph]) -> list[Glyph]:
    for grid in layout.grids:
        glyphs = outside(glyphs, grid.rect)
    return glyphs


def _place_links(document: pdfium.PdfDocument, page: pdfium.PdfPage, space: PageSpace, layout: PageLayout) -> None:
    links = read_links(document, page, space)
    if links:
        place_links(layout.lines, links, layout.frame)
    everything: Iterable[Line] = [
        *layout.lines,
        *(line for _, line in layout.side_lines),
        *(line for picture in layout.pictures for line in picture.labels),
    ]
    for line in everything:
        line.edges = []
