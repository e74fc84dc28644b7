"""The parser: picks the backend by media type, runs it in the sandbox, and sends pages without text to OCR."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ingest.intake import media
from ingest.parsing.reading.progress import Report
from ingest.parsing.reading.recognition import Engines, Recognition
from ingest.parsing.render import PageRenderer
from ingest.rendition.service import Renditions
from ingest.sandbox import Sandbox
from ingest.sandbox.protocol import Json, Progress
from ingest.tables.finish import finish_tables
from wenyuan.documents import Block, BlockKind, ParsedDocument, SourceFile
from wenyuan.errors import FileCorrupt, FileError, FileNoText, FileTypeUnsupported, ParserFailed, ParserLimit
from wenyuan.ports import Drafts
from wenyuan.settings import IngestSettings

# Raise it whenever the same file would give other blocks.
_REVISION: Final = 6
_MAX_SKIPPED: Final = 3
_PARSED: Final = TypeAdapter(ParsedDocument)


class FileParser:
    """Implements ``wenyuan.ports.Parser``; without ``engines``, pages that need OCR are listed as such."""

    def __init__(
        self, sandbox: Sandbox, engines: Engines | None, settings: IngestSettings, *, renders: bool = False
    ) -> None:
        self._sandbox = sandbox
        self._renditions = Renditions(settings, sandbox.stored)
        self._renders = renders
        engines = engines if settings.ocr else None
        self._recognition = Recognition(PageRenderer(sandbox), engines, settings.ocr_pictures)
        libraries = ",".join(f"{name}-{version(name)}" for name in ("pypdfium2", "unstructured"))
        self.fingerprint = f"parser-{_REVISION}:{libraries}:{'text' if engines is None else engines.fingerprint}"
        self.fingerprint += f":{self._renditions.fingerprint if renders else 'plain'}"

    async def parse(
        self, source: SourceFile, on_progress: Progress | None = None, drafts: Drafts | None = None
    ) -> ParsedDocument:
        """Return pages and blocks of ``source``; ``source.path`` must be readable from here.

        ``on_progress`` is told (pages done, pages in all); a page that is recognised is done when it is read. One page
        that fails is listed with its error and costs no other. ``drafts`` keeps what was recognised for a second try.
        Raises a ``FileError`` when nothing could be read: ``FileNoText`` when the file holds none.
        """
        report = Report(on_progress)
        parsed = await self._parse_file(source, report)
        parsed = await self._recognition.complete(source, parsed, report, drafts)
        if not any(block.text.strip() for block in parsed.blocks if _is_words(block)):
            raise FileNoText
        blocks = await asyncio.to_thread(finish_tables, parsed.blocks, parsed.pages)
        parsed = replace(parsed, blocks=blocks)
        return await self._renditions.complete(source, parsed) if self._renders else parsed

    async def _parse_file(self, source: SourceFile, report: Report) -> ParsedDocument:
        if source.media_type == media.PDF:
            return await self._parse_pdf(source, report)
        if source.media_type in media.LEGACY:
            return await self._renditions.parse_legacy(source, report)
        operation = "parse_image" if source.media_type in media.IMAGES else "parse_office"
        if source.media_type not in media.SUPPORTED:
            raise FileTypeUnsupported(media_type=source.media_type, supported=media.SUPPORTED_NAMES)
        return await self._run(operation, source, {"media_type": source.media_type}, report)

    async def _parse_pdf(self, source: SourceFile, report: Report) -> ParsedDocument:
        """Parse a PDF; a page on which the child dies is skipped in another try, a few times."""
        skipped: list[Json] = []
        failure: FileError = FileCorrupt()
        while True:
            report.restart()
            try:
                parsed = await self._run("parse_pdf", source, {"skip": skipped}, report)
            except (ParserLimit, ParserFailed) as error:
                page = report.current
                if page is None or page in skipped or len(skipped) >= _MAX_SKIPPED or page > report.total:
                    raise
                skipped.append(page)
                failure = error
            else:
                if parsed.pages and all(page.error for page in parsed.pages):
                    raise failure
                return parsed

    async def _run(
        self, operation: str, source: SourceFile, options: Mapping[str, Json], report: Report
    ) -> ParsedDocument:
        result = await self._sandbox.run(operation, Path(source.path), options, report)
        try:
            return await asyncio.to_thread(_PARSED.validate_json, result.payload)
        except ValidationError:
            raise ParserFailed(reason="invalid result") from None


def _is_words(block: Block) -> bool:
    """What a file says of a picture is not its text; what was read in it is."""
    return block.kind is not BlockKind.FIGURE or block.confidence is not None
