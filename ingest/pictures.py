"""Pictures that questions bring: read by OCR, or drawn anew for a model that sees. Nothing of them is kept.

A picture goes the way of an upload – intake's checks, the parser in its sandbox, recognition in its child – and is
deleted with the answer. No document, no policy and no job comes of it.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from ingest.intake import Intake, StagedFile, media
from ingest.parsing.reading.recognition import Engines
from ingest.parsing.render import PageRenderer
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from wenyuan.documents import SourceFile
from wenyuan.errors import FileError, FileNoText, ParserLimit, RateLimited
from wenyuan.settings import Settings
from wenyuan.vault.stored import StoredFiles

#: Pictures that wait for the one that is read; who comes later is asked to try again.
WAITING: Final = 8
#: Frames of a moving picture, or pages of a fax.
FRAMES: Final = 4
#: Pixels of the longer side of what a model is shown.
SHOWN: Final = 1600
_NAME: Final = "picture"


class PictureTypeUnsupported(FileError):
    """What a question brings is no picture."""

    code = "picture.type"
    status = 415
    zh = "问题所附的不是图片。支持 PNG、JPEG、WebP、BMP、GIF、TIFF。"
    en = "What comes with the question is no picture. PNG, JPEG, WebP, BMP, GIF and TIFF are read."


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """What was read in a picture, in reading order, and the picture drawn anew as PNG where that was asked for."""

    text: str
    png: bytes | None


class PictureReader:
    """Reads pictures one at a time, under limits of their own."""

    def __init__(self, settings: Settings, engines: Engines | None, stored: StoredFiles) -> None:
        given = settings.ingest.model_copy(update={"max_file_mb": settings.server.max_picture_mb, "max_pages": FRAMES})
        sandbox = Sandbox(given, max_children=1, stored=stored)
        self._seconds = given.parse_wall_s
        self._intake = Intake(settings.data_dir, given, stored)
        self._parser = FileParser(sandbox, engines, given)
        self._renderer = PageRenderer(sandbox)
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def read(self, content: AsyncIterable[bytes], *, draw: bool = False, words: bool = True) -> ReadPicture:
        """Return what stands in a picture, and with ``draw`` the picture itself without anything that came with it.

        Without ``words`` nothing is recognised. The text is empty where there is none, or no OCR. Raises
        ``PictureTypeUnsupported``, a ``FileError`` as an upload or its job would, ``ParserLimit`` after
        ``ingest.parse_wall_s`` seconds, and ``RateLimited`` while too many others wait.
        """
        async with self._place():
            staged = await self._intake.stage(content, _NAME)
            try:
                if staged.media_type not in media.IMAGES:
                    raise PictureTypeUnsupported
                async with asyncio.timeout(self._seconds):
                    text = await self._text(staged) if words else ""
                    return ReadPicture(text, await self._drawn(staged) if draw else None)
            except TimeoutError:
                raise ParserLimit(reason=f"{self._seconds:g} s") from None
            finally:
                await asyncio.shield(self._intake.discard(staged))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING:
            raise RateLimited
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1

    async def _drawn(self, staged: StagedFile) -> bytes:
        return await self._renderer.render_page(staged.path, staged.media_type, 1, long_side=SHOWN)

    async def _text(self, staged: StagedFile) -> str:
        source = SourceFile(str(staged.path), staged.filename, staged.sha256, staged.size, staged.media_type)
        try:
            parsed = await self._parser.parse(source)
        except FileNoText:
            return ""
        return "\n".join(block.text.strip() for block in parsed.blocks if block.text.strip())
