"""Recognition of the parts of a file that need it, one after the other, kept part by part."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import structlog

from ingest.parsing.outline import with_heading_paths
from ingest.parsing.pages import (
    ENDPOINT_FAILED,
    LAYER_REPLACED,
    NEEDS_OCR,
    NO_TEXT,
    PICTURE_UNREAD,
    PICTURES_LEFT,
    TABLE_DOUBTFUL,
    TABLES_DOUBTFUL,
    UNSEEN_LAYER,
)
from ingest.parsing.reading.ahead import bitmaps_of, draw
from ingest.parsing.reading.formulas import FormulaReader, with_latex
from ingest.parsing.reading.merge import confidence_of, layer_boxes, moved, with_pages, with_words
from ingest.parsing.reading.parts import Aim, Part, doubtful_tables, page_part, parts_of
from ingest.parsing.reading.progress import Report
from ingest.parsing.reading.running import with_running_heads
from ingest.parsing.render import Bitmap, Drawn, PageRenderer
from wenyuan.documents import Block, BlockKind, Page, PageSource, ParsedDocument, SourceFile
from wenyuan.errors import FileError, ParserUnavailable, TransientError
from wenyuan.ports import Draft, Drafts

# An unseen layer stands when it shares this much of its characters with what is seen.
_AGREES: Final = 0.6

log = structlog.get_logger(__name__)


class PageOcr(Protocol):
    """Recognition of one page."""

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        """Return the blocks of a page in reading order, boxes in page units; raises a ``FileError``."""
        ...


class TableReader(Protocol):
    """A second look at the tables of a text layer."""

    async def look_again(self, table: Block, bitmap_png: bytes, text: bytes) -> Block | None:
        """Return a table better parted, its words those of ``text``; None when it stands. Raises a ``FileError``."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """What reads: the local engine, an endpoint that is asked for whole pages first, one for formulas, one for tables.

    Only the first is always there.
    """

    local: PageOcr
    endpoint: PageOcr | None = None
    formulas: FormulaReader | None = None
    tables: TableReader | None = None
    fingerprint: str = "ocr"


@dataclass(slots=True)
class _Found:
    """What became of the parts, by number: drafts, or errors; and warnings."""

    drafts: dict[int, Draft] = field(default_factory=dict)
    errors: dict[int, FileError] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


class Recognition:
    """Reads the parts of files that need it; without ``engines`` it lists the pages that would, and doubtful tables."""

    def __init__(self, renderer: PageRenderer, engines: Engines | None, most_pictures: int) -> None:
        self._renderer = renderer
        self._engines = engines
        self._most_pictures = most_pictures

    async def complete(
        self, source: SourceFile, parsed: ParsedDocument, report: Report, drafts: Drafts | None
    ) -> ParsedDocument:
        """Return ``parsed`` with the text of its pages and pictures that need recognition, and the LaTeX of formulas.

        Doubtful tables are parted anew where that is better. A page, picture or table that fails is listed and costs no
        other. Raises a ``FileError`` when pages failed and the document has no text at all.
        """
        found = _Found()
        parts, left = parts_of(parsed, self._most_pictures)
        if self._engines is None:
            parts = [part for part in parts if part.aim is Aim.PAGE]
        else:
            if self._engines.tables is None:
                parts = [part for part in parts if part.aim is not Aim.TABLE]
            if left:
                found.warnings.append(PICTURES_LEFT.format(count=left))
            await _Run(self._renderer, self._engines, source, parsed, found).read(parts, report, drafts)
        completed = _completed(parsed, parts, found)
        formulas = self._engines.formulas if self._engines is not None else None
        if formulas is None:
            return completed
        return await with_latex(self._renderer, formulas, source, completed, self._most_pictures)


class _Run:
    """Recognition of one file."""

    def __init__(
        self, renderer: PageRenderer, engines: Engines, source: SourceFile, parsed: ParsedDocument, found: _Found
    ) -> None:
        self._renderer = renderer
        self._engines = engines
        self._source = source
        self._blocks = parsed.blocks
        self._pages = {page.number: page for page in parsed.pages}
        self._found = found
        self._seen: dict[tuple[bytes, float, float], tuple[Block, ...]] = {}

    async def read(self, parts: Sequence[Part], report: Report, drafts: Drafts | None) -> None:
        """Recognise ``parts`` but for those in ``drafts``; keep each there as soon as it is read."""
        waiting = Counter(part.page for part in parts)
        report.hold(len(waiting))

        def settle(part: Part) -> None:
            waiting[part.page] -= 1
            if not waiting[part.page]:
                report.release()

        known = dict(await drafts.kept()) if drafts is not None and parts else {}
        todo = [part for part in parts if part.number not in known]
        self._found.drafts |= known
        for part in parts:
            if part.number in known:
                settle(part)
        # By whether it is the one for tables: an engine that does not start will not start for the next part either.
        broken: dict[bool, ParserUnavailable] = {}
        async with aclosing(bitmaps_of(self._renderer, self._source, todo)) as bitmaps:
            async for part, drawn in bitmaps:
                own = part.aim is Aim.TABLE
                try:
                    draft = await self._draft(part, broken.get(own, drawn))
                except FileError as error:
                    self._found.errors[part.number] = error
                    if isinstance(error, ParserUnavailable):
                        broken[own] = error
                else:
                    self._found.drafts[part.number] = draft
                    if drafts is not None:
                        await drafts.keep(draft)
                settle(part)

    async def _draft(self, part: Part, drawn: Drawn) -> Draft:
        if isinstance(drawn, FileError):
            raise drawn
        if drawn is None:
            return Draft(part.number, ())
        if part.aim is Aim.PICTURE:
            return Draft(part.number, await self._picture(part, drawn))
        if part.aim is Aim.TABLE:
            return await self._table(part, drawn)
        page = self._pages[part.page]
        if part.aim is Aim.LAYER:
            seen = await self._engines.local.recognise(drawn.png, part.page, drawn.width, drawn.height)
            if _shared("".join(block.text for block in seen), part.expected) >= _AGREES:
                return Draft(part.number, (), stands=True)
            whole = page_part(part.number)
            return await self._draft(whole, (await draw(self._renderer, self._source, [whole]))[0])
        return Draft(part.number, await self._page(drawn, page))

    async def _page(self, bitmap: Bitmap, page: Page) -> tuple[Block, ...]:
        if self._engines.endpoint is not None:
            try:
                return await self._engines.endpoint.recognise(bitmap.png, page.number, page.width, page.height)
            except (FileError, TransientError) as error:
                log.warning("ocr.endpoint_failed", code=error.code)
                self._found.warnings.append(ENDPOINT_FAILED.format(number=page.number))
        return await self._engines.local.recognise(bitmap.png, page.number, page.width, page.height)

    async def _table(self, part: Part, bitmap: Bitmap) -> Draft:
        if self._engines.tables is None:
            raise ParserUnavailable(component="OCR")
        seen = await self._engines.tables.look_again(self._blocks[part.shared_by[0]], bitmap.png, bitmap.text)
        return Draft(part.number, (seen,)) if seen is not None else Draft(part.number, (), stands=True)

    async def _picture(self, part: Part, bitmap: Bitmap) -> tuple[Block, ...]:
        box = part.box
        size = (bitmap.width, bitmap.height) if box is None else (box.x1 - box.x0, box.y1 - box.y0)
        # A deck shows the same logo and the same ground on every slide.
        key = hashlib.sha256(bitmap.png).digest(), *size
        if key not in self._seen:
            self._seen[key] = await self._engines.local.recognise(bitmap.png, max(part.page, 1), *size)
        if box is None:
            return self._seen[key]
        return tuple(moved(block, box.page, box.x0, box.y0) for block in self._seen[key])


def _completed(parsed: ParsedDocument, parts: Sequence[Part], found: _Found) -> ParsedDocument:
    words = _words(parsed, parts, found)
    read: dict[int, tuple[Block, ...]] = {}
    pages = {page.number: page for page in parsed.pages}
    settled: list[str] = []
    for part in parts:
        draft, error = found.drafts.get(part.number), found.errors.get(part.number)
        if part.aim is Aim.TABLE:
            continue
        if part.aim is Aim.PICTURE:
            if error is not None:
                settled.append(PICTURE_UNREAD.format(number=-part.number))
            continue
        if part.aim is Aim.LAYER and (draft is None or draft.stands or not draft.blocks):
            continue
        if part.aim is Aim.LAYER:
            settled.append(LAYER_REPLACED.format(number=part.page))
        own = draft.blocks if draft is not None else ()
        pages[part.page] = _settled(pages[part.page], own, error, parsed.blocks)
        read[part.page] = own
    read = with_running_heads(read, pages)
    blocks = with_pages(words, read)
    if found.errors and not any(block.text for block in blocks):
        raise next(iter(found.errors.values()))
    settled += _doubts(parsed, found, read)
    checked = {UNSEEN_LAYER.format(number=part.page) for part in parts if part.aim is Aim.LAYER}
    checked |= {TABLE_DOUBTFUL.format(number=at + 1) for at in doubtful_tables(parsed)}
    checked |= {NEEDS_OCR.format(number=number) for number, own in read.items() if own}
    return replace(
        parsed,
        pages=tuple(pages.values()),
        blocks=with_heading_paths(blocks) if read else tuple(blocks),
        title=parsed.title or _first_title(read.get(1, ())),
        warnings=(*(warning for warning in parsed.warnings if warning not in checked), *settled, *found.warnings),
    )


def _doubts(parsed: ParsedDocument, found: _Found, read: Mapping[int, tuple[Block, ...]]) -> list[str]:
    """The pages with tables in doubt that were not looked at, nor read anew with their page."""
    left = {parsed.blocks[at].boxes[0].page for at in doubtful_tables(parsed) if -1 - at not in found.drafts}
    return [TABLES_DOUBTFUL.format(number=page) for page in sorted(left) if not read.get(page)]


def _words(parsed: ParsedDocument, parts: Sequence[Part], found: _Found) -> list[Block]:
    """The blocks of the file, its figures with the words in their pictures, its tables as they were seen."""
    blocks = list(parsed.blocks)
    for part in parts:
        draft = found.drafts.get(part.number)
        if part.aim is Aim.TABLE and draft is not None and draft.blocks:
            blocks[part.shared_by[0]] = draft.blocks[0]
        if part.aim is Aim.PICTURE and draft is not None and draft.blocks:
            # A picture inside an Office file holds none of the text around it; a crop of a page may.
            layer = layer_boxes(parsed.blocks, part.page) if "box" in part.wanted else []
            for ordinal in part.shared_by:
                blocks[ordinal] = with_words(blocks[ordinal], draft.blocks, layer)
    return blocks


def _settled(page: Page, read: Sequence[Block], error: FileError | None, layer: Sequence[Block]) -> Page:
    """The page after recognition; what little text layer it has is better than nothing."""
    if read:
        return replace(page, source=PageSource.OCR, error=None, confidence=confidence_of(read))
    has_text = any(block.text and box.page == page.number for block in layer for box in block.boxes)
    code = error.code if error is not None else None if has_text else NO_TEXT
    return replace(page, source=PageSource.TEXT if has_text else PageSource.NONE, error=code)


def _first_title(blocks: Sequence[Block]) -> str | None:
    return next((block.text for block in blocks if block.kind is BlockKind.TITLE and block.level <= 1), None)


def _shared(seen: str, expected: str) -> float:
    """F1 of the characters of two texts, order and spaces aside."""
    one, two = (Counter(char for char in text if char.isalnum()) for text in (seen, expected))
    return 2 * (one & two).total() / max(one.total() + two.total(), 1)
