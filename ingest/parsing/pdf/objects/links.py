"""Links of a page: where they stand and where they lead."""

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parsing.pdf.model import Frame, Line, Rect
from ingest.parsing.pdf.space import PageSpace

_MAX_LINKS: Final = 2_000
_MAX_TARGET: Final = 2_000
_SCHEMES: Final = ("http://", "https://", "mailto:", "ftp://", "tel:")


class PageLink(NamedTuple):
    """A box on the shown page and its target: a URL, or ``page:N`` inside the document."""

    rect: Rect
    target: str


def read_links(document: pdfium.PdfDocument, page: pdfium.PdfPage, space: PageSpace) -> list[PageLink]:
    """Return the link annotations of the page; those that run programs or open other files are left out."""
    found: list[PageLink] = []
    at, link = ctypes.c_int(0), pdfium_c.FPDF_LINK()
    rect = pdfium_c.FS_RECTF()
    while len(found) < _MAX_LINKS and pdfium_c.FPDFLink_Enumerate(page.raw, ctypes.byref(at), ctypes.byref(link)):
        target = _target(document.raw, link)
        if target and pdfium_c.FPDFLink_GetAnnotRect(link, ctypes.byref(rect)):
            found.append(PageLink(space.rect(rect.left, rect.bottom, rect.right, rect.top), target))
    return found


def place_links(lines: Iterable[Line], links: Sequence[PageLink], frame: Frame) -> None:
    """Note on each line which of its characters stand on a link."""
    boxes = [(frame.enter(link.rect), link.target) for link in links]
    for line in lines:
        for (x0, y0, x1, y1), target in boxes:
            if not y0 - 1 <= line.middle <= y1 + 1 or line.x1 < x0 or line.x0 > x1:
                continue
            inside = [at for at, edge in enumerate(line.edges) if x0 - 1.5 <= edge < x1 - 1]
            if inside:
                start, end = inside[0], inside[-1] + 1
                text = line.text[start:end]
                start += len(text) - len(text.lstrip())
                end -= len(text) - len(text.rstrip())
                if end > start:
                    line.links.append((start, end, target))


def _target(document: Any, link: Any) -> str | None:
    destination = pdfium_c.FPDFLink_GetDest(document, link)
    action = None
    if not destination:
        action = pdfium_c.FPDFLink_GetAction(link)
        if not action:
            return None
        if pdfium_c.FPDFAction_GetType(action) == pdfium_c.PDFACTION_URI:
            return _url(document, action)
        if pdfium_c.FPDFAction_GetType(action) != pdfium_c.PDFACTION_GOTO:
            return None
        destination = pdfium_c.FPDFAction_GetDest(document, action)
    index = pdfium_c.FPDFDest_GetDestPageIndex(document, destination) if destination else -1
    return f"page:{index + 1}" if index >= 0 else None


def _url(document: Any, action: Any) -> str | None:
    length = pdfium_c.FPDFAction_GetURIPath(document, action, None, 0)
    if not 1 < length <= _MAX_TARGET:
        return None
    buffer = ctypes.create_string_buffer(length)
    pdfium_c.FPDFAction_GetURIPath(document, action, buffer, length)
    url = buffer.value.decode("utf-8", "replace").strip()
    return url if url.lower().startswith(_SCHEMES) else None
