"""Open a PDF, read its pages one by one, and return the parsed document."""

import gc
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parsing.characters import normalise, squeeze
from ingest.parsing.pages import NEEDS_OCR, TABLE_DOUBTFUL, UNSEEN_LAYER
from ingest.parsing.pdf.blocks.assemble import assemble
from ingest.parsing.pdf.blocks.headings import Outline, plain
from ingest.parsing.pdf.doubtful import doubtful_blocks
from ingest.parsing.pdf.model import PageLayout
from ingest.parsing.pdf.objects.active import active_content
from ingest.parsing.pdf.page import read_page
from wenyuan.documents import Page, PageSource, ParsedDocument
from wenyuan.errors import FileCorrupt, FileEncrypted, FileUnsafe

_TAIL: Final = 4096
_MAX_OUTLINE: Final = 5_000
_NO_TITLE: Final = re.compile(
    r"\.(?:docx?|pdf|indd|pptx?|xlsx?|wps)$|^[\W\d_]+$"
    r"|^(?:microsoft word|untitled|无标题|幻灯片|powerpoint|scan|img|image|doc)[\s_-]*\d*(?:$|\s-\s)",
    re.IGNORECASE,
)


def open_pdf(path: Path, max_pages: int) -> pdfium.PdfDocument:
    """Open a PDF. Raises ``FileEncrypted``, ``FileCorrupt`` (damaged, truncated, no page), ``FileUnsafe`` (pages)."""
    # Opened here: by a path the library looks for the name behind it, and a file in memory has none.
    file = path.open("rb")
    try:
        document = pdfium.PdfDocument(file, autoclose=True)
        total = len(document)
    except pdfium.PdfiumError as error:
        file.close()
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
    it has is kept unless garbled. Text drawn invisibly over a picture is kept with ``page.N.unseen_layer``. Tables
    that alignment left in doubt are told as ``table.N.doubtful``, N their block. A page that raises, or is in ``skip``,
    has the error ``page.failed``. Scripts and the like are told as ``active-content:…``.
    """
    document = open_pdf(path, max_pages)
    try:
        total = len(document)
        if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
            document.init_forms()
        progress(0, total)
        layouts: list[PageLayout] = []
        for index in range(total):
            with _without_collector():
                layouts.append(read_page(document, index, skipped=index + 1 in skip))
            progress(index + 1, total)
        outline = _outline(document)
        named = squeeze(normalise(document.get_metadata_value("Title") or ""))
    finally:
        document.close()
    with _without_collector():
        blocks, title = assemble(layouts, outline)
    filled = {box.page for block in blocks for box in block.boxes if block.text}
    pages = tuple(_page(layout, has_text=layout.number in filled) for layout in layouts)
    doubtful = tuple(TABLE_DOUBTFUL.format(number=at + 1) for at in doubtful_blocks(layouts, blocks))
    warnings = _warnings(layouts) + doubtful + active_content(path)
    return ParsedDocument(pages, blocks, title or (named if _is_title(named) else None), warnings)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Make the many small values of a page, none of which is in a cycle, without a search for cycles now and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _warnings(layouts: Sequence[PageLayout]) -> tuple[str, ...]:
    waiting = [NEEDS_OCR.format(number=layout.number) for layout in layouts if layout.needs_ocr]
    unseen = [
        UNSEEN_LAYER.format(number=layout.number) for layout in layouts if layout.unseen_layer and not layout.needs_ocr
    ]
    return (*waiting, *unseen)


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
