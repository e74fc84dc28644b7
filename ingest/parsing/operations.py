"""What a sandboxed child can be asked to do with a file. Libraries are imported by the operation that needs them."""

from pathlib import Path
from typing import Any

from ingest.sandbox.protocol import Progress
from wenyuan.documents import ParsedDocument


def pdf(path: Path, options: dict[str, Any], progress: Progress) -> ParsedDocument:
    """Parse a PDF; options ``max_pages``, ``skip`` (page numbers to leave out)."""
    from ingest.parsing.pdf.document import parse_pdf

    return parse_pdf(path, options["max_pages"], progress, options.get("skip", ()))


def image(path: Path, options: dict[str, Any], progress: Progress) -> ParsedDocument:
    """List the pages of an image; options ``media_type``, ``max_pages``."""
    from ingest.parsing.images import parse_image

    parsed = parse_image(path, options["media_type"], options["max_pages"])
    progress(0, len(parsed.pages))
    return parsed


def office(path: Path, options: dict[str, Any], progress: Progress) -> ParsedDocument:
    """Parse a format without pages (Office, HTML, mail, text); option ``media_type``."""
    from ingest.parsing.office import parse_office

    progress(0, 1)
    return parse_office(path, options["media_type"])


def marked_page(path: Path, options: dict[str, Any], progress: Progress) -> bytes:
    """Draw a page as PNG; options ``media_type``, ``page``, ``boxes``, ``long_side``, ``max_pages``."""
    from ingest.parsing.drawing import draw_page

    progress(0, 1)
    boxes = [(x0, y0, x1, y1) for x0, y0, x1, y1 in options["boxes"]]
    return draw_page(path, options["media_type"], options["page"], boxes, options["long_side"], options["max_pages"])


def bitmap(path: Path, options: dict[str, Any], progress: Progress) -> bytes:
    """Draw a page as PNG for OCR; options ``media_type``, ``page``, ``max_pages``."""
    from ingest.parsing.drawing import draw_bitmap

    progress(0, 1)
    return draw_bitmap(path, options["media_type"], options["page"], options["max_pages"])
