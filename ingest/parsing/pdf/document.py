"""Open a PDF, read its pages one by one, and return the parsed document."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parsing.characters import normalise, squeeze
from ingest.parsing.pages import FAILED, NEEDS_OCR
from ingest.parsing.pdf.aligned import aligned_grids, three_line_grids
from ingest.parsing.pdf.assemble import assemble
from ingest.parsing.pdf.glyphs import PageGlyphs, PageSpace, read_glyphs
from ingest.parsing.pdf.headings import Outline, plain
from ingest.parsing.pdf.lines import build_lines
from ingest.parsing.pdf.model import Frame, Glyph, PageLayout, Picture, Quarter, Rules
from ingest.parsing.pdf.rules import picture_cover, read_rules
from ingest.parsing.pdf.tables import holds, ruled_grids
from wenyuan.documents import Page, PageSource, ParsedDocument
from wenyuan.errors import FileCorrupt, FileEncrypted, FileUnsafe

_TAIL: Final = 4096
_FEW_CHARS: Final = 20
_SOME_CHARS: Final = 60
_BAD_SHARE: Final = 0.25
_COVER_FEW: Final = 0.3
_COVER_SOME: Final = 0.75
_DARK: Final = 200
_DARK_SHARE: Final = 0.005
_DARK_DPI: Final = 36
_PICTURE_SHARE: Final = 0.01
_BACKGROUND_SHARE: Final = 0.9
_MAX_OUTLINE: Final = 5_000
_NO_TITLE: Final = re.compile(
    r"\.(?:docx?|pdf|indd|pptx?|xlsx?|wps)$|^[\W\d_]+$"
    r"|^(?:microsoft word|untitled|无标题|幻灯片|powerpoint|scan|img|image|doc)[\s_-]*\d*(?:$|\s-\s)",
    re.IGNORECASE,
)
_IS_DARK: Final = bytes(1 if value < _DARK else 0 for value in range(256))
_MAX_PAGE_POINTS: Final = 14_400


def open_pdf(path: Path, max_pages: int) -> pdfium.PdfDocument:
    """Open a PDF. Raises ``FileEncrypted``, ``FileCorrupt`` (damaged, truncated, no page), ``FileUnsafe`` (pages)."""
    try:
        document = pdfium.PdfDocument(path)
        total = len(document)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD:
            raise FileEncrypted from error
        raise FileCorrupt from error
    if total == 0 or _is_cut_off(path):
        document.close()
        raise FileCorrupt
    if total > max_pages:
        document.close()
        raise FileUnsafe(reason=f"{total} pages > {max_pages}")
    return document


def parse_pdf(
    path: Path, max_pages: int, progress: Callable[[int, int], None], skip: Collection[int] = ()
) -> ParsedDocument:
    """Return pages and blocks of a PDF.

    A page whose text layer is missing or garbled has source ``NONE`` and the warning ``page.N.needs_ocr``; what text
    it has is kept unless garbled. A page that raises, or is in ``skip``, has the error ``page.failed``.
    """
    document = open_pdf(path, max_pages)
    try:
        total = len(document)
        progress(0, total)
        layouts: list[PageLayout] = []
        for index in range(total):
            layouts.append(_read_page(document, index, skipped=index + 1 in skip))
            progress(index + 1, total)
        outline = _outline(document)
        named = squeeze(normalise(document.get_metadata_value("Title") or ""))
    finally:
        document.close()
    blocks, title = assemble(layouts, outline)
    filled = {box.page for block in blocks for box in block.boxes if block.text}
    pages = tuple(_page(layout, has_text=layout.number in filled) for layout in layouts)
    warnings = tuple(NEEDS_OCR.format(number=layout.number) for layout in layouts if layout.needs_ocr)
    return ParsedDocument(pages, blocks, title or (named if _is_title(named) else None), warnings)


def _page(layout: PageLayout, *, has_text: bool) -> Page:
    source = PageSource.TEXT if has_text and not layout.needs_ocr else PageSource.NONE
    frame = layout.frame
    return Page(layout.number, round(frame.width, 2), round(frame.height, 2), source, layout.error)


def _is_cut_off(path: Path) -> bool:
    """The library repairs a file without an end and drops what is missing without a word; that must not pass."""
    with path.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(max(length - _TAIL, 0))
        tail = file.read()
    return b"%%EOF" not in tail and b"startxref" not in tail and b"trailer" not in tail


def _is_title(text: str) -> bool:
    """Metadata titles are often file names, numbers of a scanner or left over from a template."""
    return 2 < len(text) < 120 and not _NO_TITLE.search(text)


def _read_page(document: pdfium.PdfDocument, index: int, *, skipped: bool) -> PageLayout:
    if skipped:
        return PageLayout(index + 1, Frame(0, 0), error=FAILED)
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return PageLayout(index + 1, Frame(0, 0), error=FAILED)
    try:
        return _layout(page, index + 1)
    except (pdfium.PdfiumError, ValueError, ArithmeticError, LookupError, TypeError):
        # One page that breaks the analysis must not cost the others; it is listed with its error.
        width, height = page.get_size()
        return PageLayout(index + 1, Frame(width, height), error=FAILED)
    finally:
        page.close()


def _layout(page: pdfium.PdfPage, number: int) -> PageLayout:
    space = PageSpace(page)
    if not (0 < space.width <= _MAX_PAGE_POINTS and 0 < space.height <= _MAX_PAGE_POINTS):
        return PageLayout(number, Frame(space.width, space.height), error=FAILED)
    found = read_glyphs(page, space)
    dominant = found.dominant
    frame = Frame(space.width, space.height, dominant)
    rules = read_rules(page, space, frame)
    layout = PageLayout(number, frame)
    cover = picture_cover(rules, frame)
    layout.garbled = found.count > 0 and found.bad > _BAD_SHARE * found.count
    layout.needs_ocr = layout.garbled or _needs_ocr(page, found, cover)
    if not layout.garbled:
        _fill(layout, found, rules)
    layout.pictures = _pictures(rules, layout) if not layout.needs_ocr else []
    return layout


def _needs_ocr(page: pdfium.PdfPage, found: PageGlyphs, cover: float) -> bool:
    """Too little text for what is on the page: pictures, or ink that no character accounts for."""
    if (found.count < _FEW_CHARS and cover > _COVER_FEW) or (found.count < _SOME_CHARS and cover > _COVER_SOME):
        return True
    if found.count + found.slanted >= _FEW_CHARS:
        return False
    glyphs = [glyph for group in found.by_quarter.values() for glyph in group]
    area = found.shown.width * found.shown.height
    inked = sum((glyph.x1 - glyph.x0) * (glyph.y1 - glyph.y0) for glyph in glyphs) / area
    return _dark_share(page) - inked > _DARK_SHARE


def _dark_share(page: pdfium.PdfPage) -> float:
    """Return the share of dark pixels of the page rendered small, in grey."""
    bitmap: Any = page.render(scale=_DARK_DPI / 72, grayscale=True)
    try:
        pixels = bytes(bitmap.buffer)
        rows = (pixels[at : at + bitmap.width] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride))
        dark = sum(row.translate(_IS_DARK).count(1) for row in rows)
        return float(dark / max(bitmap.width * bitmap.height, 1))
    finally:
        bitmap.close()


def _fill(layout: PageLayout, found: PageGlyphs, rules: Rules) -> None:
    """Find tables, then lines in what is left; text in other directions stays apart."""
    frame = layout.frame
    glyphs = found.by_quarter.get(frame.quarter, [])
    layout.grids = ruled_grids(rules, glyphs)
    rest = _outside(layout, glyphs)
    layout.grids += three_line_grids(rules, rest, [grid.rect for grid in layout.grids], frame)
    rest = _outside(layout, rest)
    layout.lines = build_lines(rest)
    borderless = aligned_grids(layout.lines, rest, frame)
    if borderless:
        layout.grids += borderless
        layout.lines = build_lines(_outside(layout, rest))
    for quarter, others in found.by_quarter.items():
        if quarter is not frame.quarter:
            side = Frame(frame.width, frame.height, Quarter(quarter))
            layout.side_lines += [(side, line) for line in build_lines(others) if line.count > 1]


def _outside(layout: PageLayout, glyphs: list[Glyph]) -> list[Glyph]:
    if not layout.grids:
        return glyphs
    rects = [grid.rect for grid in layout.grids]
    return [g for g in glyphs if not any(holds(rect, (g.x0 + g.x1) / 2, (g.y0 + g.y1) / 2) for rect in rects)]


def _pictures(rules: Rules, layout: PageLayout) -> list[Picture]:
    """Pictures of a size that shows something, without the page's background and those inside tables."""
    width, height = layout.frame.size
    area = width * height
    return [
        Picture(x0, y0, x1, y1)
        for x0, y0, x1, y1 in dict.fromkeys(rules.pictures)
        if _PICTURE_SHARE * area < (x1 - x0) * (y1 - y0) < _BACKGROUND_SHARE * area
        and not any(holds(grid.rect, (x0 + x1) / 2, (y0 + y1) / 2) for grid in layout.grids)
    ]


def _outline(document: pdfium.PdfDocument) -> Outline:
    by_page: dict[int, dict[str, int]] = {}
    try:
        for number, entry in enumerate(document.get_toc(max_depth=6)):
            if number >= _MAX_OUTLINE:
                break
            target = entry.get_dest()
            index = target.get_index() if target is not None else None
            key = plain(normalise(entry.get_title()))
            if index is not None and key:
                by_page.setdefault(index + 1, {})[key] = entry.level + 1
    except (pdfium.PdfiumError, ValueError):
        # A broken outline is only a hint lost.
        return Outline()
    return Outline(by_page)
