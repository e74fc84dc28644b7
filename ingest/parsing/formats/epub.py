"""EPUB books as pieces: the chapters of the spine in order, each a web page. Reference: EPUB 3.3."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from ingest.parsing.formats.html import decode_html, read_page
from ingest.parsing.office.package import Package
from ingest.parsing.office.pieces import Piece, Reading, first_title
from ingest.xmltree import attribute, local
from wenyuan.documents import BlockKind
from wenyuan.errors import FileCorrupt, FileEncrypted, FileUnsafe
from wenyuan.text import squeeze

_CONTAINER: Final = "META-INF/container.xml"
_RIGHTS: Final = "META-INF/rights.xml"
_MAX_CHAPTERS: Final = 5_000
_MAX_BYTES: Final = 200 * 2**20
_MAX_SHEET: Final = 2**20
_HEAD: Final = 8_192
_SHEET: Final = re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']([^\"'?#]+\.css)", re.IGNORECASE)
_PICTURE: Final = re.compile(r"<img\b[^>]*\bsrc\s*=\s*[\"']([^\"'>]+)[\"']", re.IGNORECASE)
_PAGES: Final = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read_book(path: Path) -> Reading:
    """Read an EPUB; anchors are the chapter's file, headings that a chapter lacks come from the book's contents.

    Raises ``FileEncrypted`` for a protected book, ``FileCorrupt`` without a spine, ``FileUnsafe`` over the limits.
    """
    with Package.open(path) as package:
        if package.has(_RIGHTS):
            raise FileEncrypted
        files = [node for node in package.xml(_CONTAINER).iter() if local(node) == "rootfile"]
        root_file = attribute(files[0], "full-path") if files else None
        if not root_file:
            raise FileCorrupt
        book = package.xml(root_file)
        items = {attribute(node, "id") or "": node for node in book.iter() if local(node) == "item"}
        names = _contents(package, posixpath.dirname(root_file), items)
        chapters = list(_chapters(package, posixpath.dirname(root_file), book, items))
        pieces = [piece for chapter in chapters for piece in _chapter(package, chapter, names)]
    title = next((squeeze("".join(node.itertext())) for node in book.iter() if local(node) == "title"), "")
    return Reading(tuple(pieces), title or first_title(pieces))


def _chapters(package: Package, folder: str, book: Any, items: dict[str, Any]) -> Iterator[str]:
    total = 0
    references = [node for node in book.iter() if local(node) == "itemref"]
    if len(references) > _MAX_CHAPTERS:
        raise FileUnsafe(reason=f"EPUB > {_MAX_CHAPTERS} chapters")
    for reference in references:
        item = items.get(attribute(reference, "idref") or "")
        if (
            item is None
            or attribute(item, "media-type") not in _PAGES
            or "nav" in (attribute(item, "properties") or "")
        ):
            continue
        name = _resolved(folder, attribute(item, "href") or "")
        if package.has(name):
            total += len(package.read(name))
            if total > _MAX_BYTES:
                raise FileUnsafe(reason=f"EPUB > {_MAX_BYTES >> 20} MB")
            yield name


def _chapter(package: Package, name: str, names: dict[str, str]) -> Iterator[Piece]:
    folder = posixpath.dirname(name)
    page = decode_html(package.read(name))
    linked = [_resolved(folder, match[1]) for match in _SHEET.finditer(page[:_HEAD])]
    sheets = [package.read(sheet, _MAX_SHEET).decode("utf-8", "replace") for sheet in linked if package.has(sheet)]
    inside = {match[1] for match in _PICTURE.finditer(page) if package.has(_resolved(folder, match[1]))}
    pieces = read_page(page, sheets, inside).pieces
    if name in names and not any(piece.kind is BlockKind.TITLE for piece in pieces):
        yield Piece(BlockKind.TITLE, names[name], 1, anchor=name)
    for piece in pieces:
        # Pictures are named as the package names them; those written into the page have no name there.
        yield replace(
            piece, anchor=name, media=_resolved(folder, piece.media) if piece.media and piece.media in inside else None
        )


def _contents(package: Package, folder: str, items: dict[str, Any]) -> dict[str, str]:
    """Return the name that the book's contents give each chapter file, of EPUB 3 or else of EPUB 2."""
    found: dict[str, str] = {}
    for item in items.values():
        name = _resolved(folder, attribute(item, "href") or "")
        if not package.has(name):
            continue
        if "nav" in (attribute(item, "properties") or "").split():
            anchors = (node for node in package.xml(name).iter() if local(node) == "a")
            links = [(attribute(node, "href"), "".join(node.itertext())) for node in anchors]
        elif attribute(item, "media-type") == "application/x-dtbncx+xml":
            links = list(_ncx(package.xml(name)))
        else:
            continue
        for target, text in links:
            path = _resolved(posixpath.dirname(name), target or "")
            if squeeze(text):
                found.setdefault(path, squeeze(text))
    return found


def _ncx(root: Any) -> Iterator[tuple[str | None, str]]:
    for point in root.iter():
        if local(point) == "navPoint":
            label = next((child for child in point if local(child) == "navLabel"), None)
            content = next((child for child in point if local(child) == "content"), None)
            if label is not None and content is not None:
                yield attribute(content, "src"), "".join(label.itertext())


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, unquote(target.partition("#")[0]))).lstrip("/")
