"""Renditions of Office files: rendered in a sandbox of their own, one at a time, and their blocks put on the pages."""

import asyncio
from pathlib import Path
from typing import Final

import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

from ingest.intake import media
from ingest.rendition.paths import rendition_path
from ingest.rendition.placing import placed, running_texts, units_of
from ingest.rendition.soffice import SUFFIXES, find_program
from ingest.sandbox import Sandbox
from ingest.sandbox.protocol import Json, Progress
from wenyuan.documents import ParsedDocument, SourceFile
from wenyuan.errors import ConverterMissing, FileError, ParserFailed
from wenyuan.settings import IngestSettings
from wenyuan.vault.stored import StoredFiles

FAILED: Final = "rendition.failed"
"""Warning: the file has no page images; its blocks stand by heading path, sheet and cell, or slide."""

# LibreOffice reserves far more address space than it uses.
_MEMORY_MB: Final = 3072
_PAGES: Final = 200
# What it reads beside its own folder: its set-up, the names of users, the list of fonts.
_READABLE: Final = (
    "/etc/libreoffice",
    "/var/spool/libreoffice",
    "/var/lib/libreoffice",
    "/etc/passwd",
    "/var/cache/fontconfig",
)
_SOCKETS: Final = "/tmp"  # noqa: S108 - where LibreOffice names the socket that keeps it from starting twice

log = structlog.get_logger(__name__)


class Located(BaseModel):
    """What a child found: sizes of the pages, and the lines of each unit."""

    sizes: list[tuple[float, float]]
    lines: list[list[tuple[int, int, int, float, float, float, float]]]


_LOCATED: Final = TypeAdapter(Located)
_PARSED: Final = TypeAdapter(ParsedDocument)


class Renditions:
    """Renders and converts with LibreOffice where it is installed and ``ingest.office_renderer`` is not off."""

    def __init__(self, settings: IngestSettings, stored: StoredFiles) -> None:
        wanted = settings.office_renderer == "auto"
        self._program = find_program(settings.office_program) if wanted else None
        memory = max(settings.parse_memory_mb, _MEMORY_MB)
        office = settings.model_copy(update={"parse_memory_mb": memory})
        self._office = Sandbox(office, max_children=1, stored=stored)
        self._sandbox = Sandbox(settings, max_children=1, stored=stored)
        self._stored = stored

    @property
    def fingerprint(self) -> str:
        """Say whether blocks are put on pages; part of a version's id."""
        return "pages" if self._program is not None else "plain"

    async def parse_legacy(self, source: SourceFile, on_progress: Progress | None = None) -> ParsedDocument:
        """Parse DOC, PPT or XLS by way of its modern format.

        Raises ``ConverterMissing`` without LibreOffice, ``FileCorrupt`` when it cannot read the file, and what
        ``Sandbox.run`` raises.
        """
        if self._program is None:
            raise ConverterMissing(media_type=source.media_type)
        options = self._options(source.media_type)
        result = await self._office.run("parse_legacy", Path(source.path), options, on_progress)
        try:
            return await asyncio.to_thread(_PARSED.validate_json, result.payload)
        except ValidationError:
            raise ParserFailed(reason="invalid result") from None

    async def complete(self, source: SourceFile, parsed: ParsedDocument) -> ParsedDocument:
        """Return ``parsed`` with pages, and with boxes for the blocks found on them; as it is for other formats.

        The rendition is kept beside the source file and made only once. A file that cannot be rendered keeps its
        logical positions and gets the warning ``rendition.failed``.
        """
        if self._program is None or source.media_type not in SUFFIXES or parsed.pages:
            return parsed
        path = Path(source.path)
        target = rendition_path(path)
        try:
            if not await asyncio.to_thread(target.is_file):
                result = await self._office.run("render_office", path, self._options(source.media_type))
                await asyncio.to_thread(self._stored.keep, result.payload, target)
            located = await self._locate(target, parsed)
        except FileError as error:
            log.warning("rendition.failed", code=error.code, media_type=source.media_type)
            return ParsedDocument(parsed.pages, parsed.blocks, parsed.title, (*parsed.warnings, FAILED))
        return placed(parsed, located.sizes, located.lines, source.media_type == media.PPTX)

    async def _locate(self, target: Path, parsed: ParsedDocument) -> Located:
        units: list[Json] = [[kind, text] for kind, text in units_of(parsed.blocks)]
        running: list[Json] = list(running_texts(parsed.blocks))
        result = await self._sandbox.run("locate", target, {"units": units, "running": running})
        try:
            located = await asyncio.to_thread(_LOCATED.validate_json, result.payload)
        except ValidationError:
            raise ParserFailed(reason="invalid result") from None
        if len(located.lines) != len(units):
            raise ParserFailed(reason="invalid result")
        return located

    def _options(self, media_type: str) -> dict[str, Json]:
        program = Path(str(self._program)).resolve()
        return {
            "media_type": media_type,
            "program": str(self._program),
            "pages": _PAGES,
            "readable": [*_READABLE, str(program.parent.parent)] if program.parent.name == "program" else [*_READABLE],
            "sockets": _SOCKETS,
        }
