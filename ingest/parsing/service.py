"""The parser: picks the backend by media type, runs it in the sandbox, and sends pages without text to OCR."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from pydantic import TypeAdapter, ValidationError

from ingest.intake import media
from ingest.parsing.outline import with_heading_paths
from ingest.parsing.pages import FAILED, NEEDS_OCR, NO_TEXT
from ingest.parsing.render import PageRenderer
from ingest.sandbox import Sandbox
from ingest.sandbox.protocol import Json, Progress
from wenyuan.documents import Block, BlockKind, Page, PageSource, ParsedDocument, SourceFile
from wenyuan.errors import FileError, FileNoText, FileTypeUnsupported, ParserFailed, ParserLimit
from wenyuan.settings import IngestSettings

# Raise it whenever the same file would give other blocks.
_REVISION: Final = 1
_MAX_SKIPPED: Final = 3
_PARSED: Final = TypeAdapter(ParsedDocument)
_NEEDS_OCR: Final = re.compile(NEEDS_OCR.replace(".", r"\.").format(number=r"(\d+)"))


class PageOcr(Protocol):
    """Recognition of one page."""

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        """Return the blocks of a page in reading order, boxes in page units; raises a ``FileError``."""
        ...


class FileParser:
    """Implements ``wenyuan.ports.Parser``. Without ``ocr``, pages that need it are listed with ``page.no_text``."""

    def __init__(self, sandbox: Sandbox, ocr: PageOcr | None, settings: IngestSettings) -> None:
        self._sandbox = sandbox
        self._renderer = PageRenderer(sandbox)
        self._ocr = ocr if settings.ocr else None
        libraries = ",".join(f"{name}-{version(name)}" for name in ("pypdfium2", "unstructured"))
        self.fingerprint = f"parser-{_REVISION}:{libraries}:{'ocr' if self._ocr is not None else 'text'}"

    async def parse(self, source: SourceFile, on_progress: Progress | None = None) -> ParsedDocument:
        """Return pages and blocks of ``source``; ``source.path`` must be readable from here.

        ``on_progress`` is told (pages done, pages in all); a page that goes to OCR is done when OCR is. One page that
        fails is listed with its error and costs no other. Raises a ``FileError`` when nothing could be read:
        ``FileNoText`` when the file holds none.
        """
        report = _Report(on_progress)
        parsed = await self._parse_file(source, report)
        waiting = _pages_for_ocr(parsed)
        report.hold(len(waiting))
        if waiting:
            parsed = await self._recognise(source, parsed, waiting, report)
        if not any(block.text.strip() for block in parsed.blocks if block.kind is not BlockKind.FIGURE):
            raise FileNoText
        return parsed

    async def _parse_file(self, source: SourceFile, report: "_Report") -> ParsedDocument:
        if source.media_type == media.PDF:
            return await self._parse_pdf(source, report)
        operation = "parse_image" if source.media_type in media.IMAGES else "parse_office"
        if source.media_type not in media.SUPPORTED:
            raise FileTypeUnsupported(media_type=source.media_type, supported=media.SUPPORTED_NAMES)
        return await self._run(operation, source, {"media_type": source.media_type}, report)

    async def _parse_pdf(self, source: SourceFile, report: "_Report") -> ParsedDocument:
        """Parse a PDF; a page on which the child dies is skipped in another try, a few times."""
        skipped: list[Json] = []
        while True:
            report.restart()
            try:
                parsed = await self._run("parse_pdf", source, {"skip": skipped}, report)
            except (ParserLimit, ParserFailed):
                page = report.current
                if page is None or page in skipped or len(skipped) >= _MAX_SKIPPED or page > report.total:
                    raise
                skipped.append(page)
            else:
                if parsed.pages and all(page.error for page in parsed.pages):
                    raise ParserFailed(reason=FAILED)
                return parsed

    async def _run(
        self, operation: str, source: SourceFile, options: Mapping[str, Json], report: "_Report"
    ) -> ParsedDocument:
        result = await self._sandbox.run(operation, Path(source.path), options, report)
        try:
            return await asyncio.to_thread(_PARSED.validate_json, result.payload)
        except ValidationError:
            raise ParserFailed(reason="invalid result") from None

    async def _recognise(
        self, source: SourceFile, parsed: ParsedDocument, waiting: Sequence[int], report: "_Report"
    ) -> ParsedDocument:
        found: dict[int, tuple[Block, ...]] = {}
        failure: FileError | None = None
        pages = {page.number: page for page in parsed.pages}
        for number in waiting:
            page = pages[number]
            try:
                found[number] = await self._recognise_page(source, page)
                source_of = PageSource.OCR if found[number] else PageSource.NONE
                pages[number] = replace(page, source=source_of, error=None if found[number] else NO_TEXT)
            except FileError as error:
                pages[number] = replace(page, error=error.code)
                failure = error
            report.release()
        blocks = _merge(parsed.blocks, found)
        if failure is not None and not any(block.text for block in blocks):
            raise failure
        readable = {box.page for block in blocks for box in block.boxes if block.text}
        settled = (
            _settle(page, waits=page.number in waiting, has_text=page.number in readable) for page in pages.values()
        )
        title = parsed.title or _first_title(found.get(1, ()))
        return replace(parsed, pages=tuple(settled), blocks=with_heading_paths(blocks), title=title)

    async def _recognise_page(self, source: SourceFile, page: Page) -> tuple[Block, ...]:
        if self._ocr is None:
            return ()
        bitmap = await self._renderer.page_bitmap(Path(source.path), source.media_type, page.number)
        return await self._ocr.recognise(bitmap, page.number, page.width, page.height)


class _Report:
    """Counts pages for the caller: pages parsed, less those that still wait for OCR."""

    def __init__(self, on_progress: Progress | None) -> None:
        self._tell = on_progress
        self._done = 0
        self._held = 0
        self._shown = 0
        self.total = 0

    def __call__(self, done: int, total: int) -> None:
        self._done, self.total = done, total
        # Until parsing ends nobody knows which pages wait for OCR, so the last page is not announced yet.
        self._show(min(done, total - 1))

    @property
    def current(self) -> int | None:
        """The page being parsed, None before the first."""
        return self._done + 1 if self.total else None

    def restart(self) -> None:
        self._done = self.total = 0

    def hold(self, pages: int) -> None:
        self._held = pages
        self._show(self.total - pages)

    def release(self) -> None:
        self._held -= 1
        self._show(self.total - self._held)

    def _show(self, done: int) -> None:
        # Pages that turn out to wait for OCR were counted already; a count that falls would look broken.
        self._shown = max(done, self._shown)
        if self._tell is not None and self.total:
            self._tell(self._shown, self.total)


def _pages_for_ocr(parsed: ParsedDocument) -> list[int]:
    numbers = (match for warning in parsed.warnings if (match := _NEEDS_OCR.fullmatch(warning)))
    known = {page.number for page in parsed.pages}
    return [number for match in numbers if (number := int(match[1])) in known]


def _settle(page: Page, *, waits: bool, has_text: bool) -> Page:
    """What little text layer a page has is better than nothing when OCR gives none."""
    if waits and page.source is PageSource.NONE and has_text:
        return replace(page, source=PageSource.TEXT, error=None if page.error == NO_TEXT else page.error)
    return page


def _first_title(blocks: Sequence[Block]) -> str | None:
    return next((block.text for block in blocks if block.kind is BlockKind.TITLE and block.level <= 1), None)


def _merge(blocks: Sequence[Block], found: Mapping[int, tuple[Block, ...]]) -> list[Block]:
    """Put recognised pages in the place of what the parser found on them."""
    recognised = {number for number, own in found.items() if own}
    kept = [block for block in blocks if not (block.boxes and block.boxes[0].page in recognised)]
    kept += [block for number in recognised for block in found[number]]
    # Stable: within a page the order stays; a block across pages stands where it begins.
    return sorted(kept, key=lambda block: block.boxes[0].page if block.boxes else 0)
