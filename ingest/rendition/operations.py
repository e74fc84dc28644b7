"""What a child of the sandbox does with an Office file and its rendition."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.sandbox.protocol import Progress
from wenyuan.documents import ParsedDocument


def render(path: Path, options: dict[str, Any], progress: Progress) -> bytes:
    """Return a file as PDF; options ``program``, ``media_type``, ``pages`` (how many are allowed time)."""
    from ingest.rendition.fitting import fitted
    from ingest.rendition.soffice import to_pdf

    progress(0, options["pages"])
    folder = Path.cwd()
    source = fitted(path, options["media_type"], folder)
    return to_pdf(Path(options["program"]), source, options["media_type"], folder).read_bytes()


def parse_legacy(path: Path, options: dict[str, Any], progress: Progress) -> ParsedDocument:
    """Parse DOC, PPT or XLS through its modern format; options ``program``, ``media_type``, ``pages``."""
    from ingest.parsing.office import parse_office
    from ingest.rendition.soffice import MODERN, to_modern

    progress(0, options["pages"])
    media_type = options["media_type"]
    converted = to_modern(Path(options["program"]), path, media_type, Path.cwd())
    parsed = parse_office(converted, MODERN[media_type][0])
    # The converted file is not kept, and so its pictures have no name by which they could be found again.
    kept = (replace(block, media=None) for block in parsed.blocks if block.text)
    return replace(parsed, blocks=tuple(kept))


def locate(path: Path, options: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Find texts on the pages of a PDF; options ``units`` (see ``locate_units``), ``running``, ``max_pages``."""
    from ingest.rendition.chars import read_stream
    from ingest.rendition.places import locate_units

    stream = read_stream(path, options["max_pages"], options["running"], progress)
    return locate_units(stream, options["units"])
