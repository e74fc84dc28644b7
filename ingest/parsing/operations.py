"""What a sandboxed child can be asked to do with a file. Libraries are imported by the operation that needs them."""

from pathlib import Path
from typing import Any

from ingest.intake import media
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
    """Parse anything but a PDF or an image; option ``media_type``."""
    progress(0, 1)
    media_type = options["media_type"]
    if media_type in media.OFFICE:
        from ingest.parsing.office import parse_office

        return parse_office(path, media_type)
    from ingest.parsing.formats import parse_format

    return parse_format(path, media_type)


def marked_page(path: Path, options: dict[str, Any], progress: Progress) -> bytes:
    """Draw a page as PNG; options ``media_type``, ``page``, ``boxes``, ``long_side``, ``max_pages``."""
    from ingest.parsing.drawing import draw_page

    progress(0, 1)
    boxes = [(x0, y0, x1, y1) for x0, y0, x1, y1 in options["boxes"]]
    return draw_page(path, options["media_type"], options["page"], boxes, options["long_side"], options["max_pages"])


def bitmaps(path: Path, options: dict[str, Any], progress: Progress) -> bytes:
    """Draw parts of a file for recognition; options ``media_type``, ``wanted``, ``max_pages``."""
    from ingest.parsing.reading.bitmaps import draw_bitmaps

    return draw_bitmaps(path, options["media_type"], options["wanted"], options["max_pages"], progress)


def part(path: Path, options: dict[str, Any], progress: Progress) -> bytes:
    """Draw one part of a file for people as PNG; options ``media_type``, ``wanted``, ``long_side``, ``max_pages``."""
    from ingest.parsing.reading.bitmaps import draw_part

    progress(0, 1)
    return draw_part(path, options["media_type"], options["wanted"], options["long_side"], options["max_pages"])
