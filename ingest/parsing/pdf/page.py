"""One page: its characters, tables, figures, lines, hidden text, and whether it needs recognition."""

from collections.abc import Iterable
from typing import Final

import pypdfium2 as pdfium

from ingest.parsing.pages import FAILED
from ingest.parsing.pdf.aligned import aligned_grids, three_line_grids
from ingest.parsing.pdf.doubtful import settle_doubtful
from ingest.parsing.pdf.glyphs import PageGlyphs, read_glyphs
from ingest.parsing.pdf.lines import build_lines
from ingest.parsing.pdf.model import Frame, Glyph, HiddenText, Line, PageLayout, Quarter, Rules
from ingest.parsing.pdf.objects.fields import field_glyphs, read_fields
from ingest.parsing.pdf.objects.figures import find_drawings, find_pictures
from ingest.parsing.pdf.objects.hidden import Unseen, find_hidden
from ingest.parsing.pdf.objects.inks import PageInks, read_inks
from ingest.parsing.pdf.objects.links import place_links, read_links
from ingest.parsing.pdf.objects.need import is_garbled, needs_ocr
from ingest.parsing.pdf.rules import read_rules
from ingest.parsing.pdf.space import PageSpace
from ingest.tables.rows import without_leaders
from ingest.tables.ruled import holds, ruled_grids
from wenyuan.documents import Hidden

_MAX_PAGE_POINTS: Final = 14_400
_MAX_OUTSIDE: Final = 2_000
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
    found = read_glyphs(page, space)
    inks = read_inks(page, space)
    unseen = find_hidden(page, found, inks)
    hidden = _take(found, unseen)
    shown = found.by_quarter.get(Quarter.RIGHT, [])
    fields = field_glyphs(read_fields(document, page, space), shown)
    if fields:
        found.by_quarter[Quarter.RIGHT] = shown + fields
        found.count += len(fields)
    frame = Frame(space.width, space.height, found.dominant)
    layout = PageLayout(number, frame, unseen_layer=unseen.layer, hidden=hidden)
    layout.garbled = is_garbled(found)
    layout.needs_ocr = layout.garbled or needs_ocr(page, found, inks)
    if not layout.garbled:
        _fill(layout, found, read_rules(inks.others, space, frame), inks)
        settle_doubtful(page, layout, without_leaders(found.by_quarter.get(frame.quarter, [])))
        _place_links(document, page, space, layout)
    return layout


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


def _fill(layout: PageLayout, found: PageGlyphs, rules: Rules, inks: PageInks) -> None:
    """Find tables, then figures, then lines in what is left; text in other directions stays apart."""
    frame = layout.frame
    glyphs = found.by_quarter.get(frame.quarter, [])
    layout.grids = ruled_grids(rules, glyphs)
    rest = _outside(layout, glyphs)
    layout.grids += three_line_grids(rules, without_leaders(rest), [grid.rect for grid in layout.grids], frame)
    rest = _outside(layout, rest)
    layout.lines = build_lines(rest)
    borderless = aligned_grids(layout.lines, without_leaders(rest), frame)
    if borderless:
        layout.grids += borderless
        layout.lines = build_lines(_outside(layout, rest))
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
    if not layout.grids:
        return glyphs
    rects = [grid.rect for grid in layout.grids]
    return [g for g in glyphs if not any(holds(rect, (g.x0 + g.x1) / 2, (g.y0 + g.y1) / 2) for rect in rects)]


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
