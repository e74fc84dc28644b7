"""Previews: how a file would be cut, without storing anything of it.

The file goes the way of an upload – intake's checks, the parser in its sandbox, the chunker – and is deleted with the
answer. It has no document, no policy and no job, and nobody but its sender sees a word of it.
"""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass

from ingest.chunking import open_chunker
from ingest.intake import Intake
from ingest.parsing.reading.recognition import Engines
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from wenyuan.documents import Chunk, ParsedDocument, SourceFile
from wenyuan.errors import FileUnsafe, ParserLimit, RateLimited
from wenyuan.ports import Embedder
from wenyuan.settings import Settings, TopicBreaks
from wenyuan.vault.stored import StoredFiles

# Text without pages counts one page for so many characters.
PAGE_CHARS = 5000


@dataclass(frozen=True, slots=True)
class Cutting:
    """How to cut; what is not given is as the settings have it."""

    chunk_tokens: int | None = None
    topic_breaks: TopicBreaks | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as parsed and cut under ``title``; ``most_tokens`` is the limit that was applied to its chunks."""

    title: str
    source: SourceFile
    parsed: ParsedDocument
    chunks: list[Chunk]
    most_tokens: int


class Previews:
    """Cuts files for a look, one at a time, under limits of its own."""

    def __init__(self, settings: Settings, engines: Engines | None, embedder: Embedder, stored: StoredFiles) -> None:
        given = settings.ingest
        self._settings = given.model_copy(
            update={
                "max_file_mb": min(given.preview_mb, given.max_file_mb),
                "max_pages": min(given.preview_pages, given.max_pages),
            }
        )
        self._intake = Intake(settings.data_dir, self._settings, stored)
        self._parser = FileParser(Sandbox(self._settings, max_children=1, stored=stored), engines, self._settings)
        self._embedder = embedder
        self._slot = asyncio.Semaphore(1)

    async def preview(self, content: AsyncIterable[bytes], filename: str, title: str, cutting: Cutting) -> Preview:
        """Return how ``content`` would be cut; nothing of it is left behind.

        Raises a ``FileError`` as an upload or its job would, ``FileUnsafe`` over the limits of previews too,
        ``ParserLimit`` after ``ingest.parse_wall_s`` seconds, and ``RateLimited`` while another preview is made.
        """
        if self._slot.locked():
            raise RateLimited
        async with self._slot:
            staged = await self._intake.stage(content, filename)
            try:
                source = SourceFile(str(staged.path), staged.filename, staged.sha256, staged.size, staged.media_type)
                async with asyncio.timeout(self._settings.parse_wall_s):
                    parsed = await self._parser.parse(source)
            except TimeoutError:
                raise ParserLimit(reason=f"{self._settings.parse_wall_s:g} s") from None
            finally:
                await asyncio.shield(self._intake.discard(staged))
            return await self._cut(source, title, parsed, cutting)

    async def _cut(self, source: SourceFile, title: str, parsed: ParsedDocument, cutting: Cutting) -> Preview:
        if sum(len(block.text) for block in parsed.blocks) > PAGE_CHARS * self._settings.max_pages:
            raise FileUnsafe(reason=f"> {self._settings.max_pages} × {PAGE_CHARS} characters")
        given = {"chunk_tokens": cutting.chunk_tokens, "topic_breaks": cutting.topic_breaks}
        settings = self._settings.model_copy(update={name: value for name, value in given.items() if value is not None})
        chunker = open_chunker(settings, self._embedder)
        chunks = await asyncio.to_thread(chunker.chunk, title, parsed)
        return Preview(title, source, parsed, chunks, settings.chunk_tokens)
