"""Web pages saved as one file: a mail of related parts, whose root is the page."""

from collections.abc import Sequence
from email.message import MIMEPart
from pathlib import Path

from ingest.parsing.formats.html import decode_html, read_page
from ingest.parsing.formats.mail.parts import part_bytes, part_names, read_parts
from ingest.parsing.office.pieces import Reading
from wenyuan.errors import FileCorrupt
from wenyuan.text import squeeze


def read_web_archive(path: Path) -> Reading:
    """Read an MHTML file: the page that is its root; pictures keep the address they were saved under."""
    message = read_parts(path)
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    if not pages:
        raise FileCorrupt
    root = _root(message, pages)
    text = decode_html(part_bytes(root), (root.get_content_charset() or "").lower() or None)
    inside = {name for part in message.walk() if part.get_content_maintype() == "image" for name in part_names(part)}
    reading = read_page(text, inside=inside)
    return Reading(reading.pieces, reading.title or squeeze(str(message.get("Subject", ""))) or None, reading.warnings)


def _root(message: MIMEPart, pages: Sequence[MIMEPart]) -> MIMEPart:
    """The part that the ``start`` parameter or the address of the whole names, else the first page."""
    start = str(message.get_param("start") or "")
    address = str(message.get("Snapshot-Content-Location") or message.get("Content-Location") or "")
    for part in pages:
        if start and part.get("Content-ID") == start:
            return part
    for part in pages:
        if address and part.get("Content-Location") == address:
            return part
    return pages[0]
