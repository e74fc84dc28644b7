"""Bitmaps of parts, drawn ahead of the reader."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from ingest.parsing.reading.parts import Aim, Part
from ingest.parsing.render import Drawn, PageRenderer
from wenyuan.documents import SourceFile
from wenyuan.errors import FileError

# Bitmaps drawn by one child; while one batch is recognised, the next is drawn. Tables are small and soon looked at.
_BATCH: Final = 4
_TABLES: Final = 16


async def bitmaps_of(
    renderer: PageRenderer, source: SourceFile, parts: Sequence[Part]
) -> AsyncGenerator[tuple[Part, Drawn]]:
    """Yield each part with its bitmap, its error, or None when it is too small to hold text."""
    at = 0
    ahead = _begin(renderer, source, parts)
    try:
        while ahead is not None:
            drawn = await ahead
            here, at = at, at + len(drawn)
            ahead = _begin(renderer, source, parts[at:])
            for pair in zip(parts[here:at], drawn, strict=True):
                yield pair
    finally:
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)


def _begin(renderer: PageRenderer, source: SourceFile, parts: Sequence[Part]) -> asyncio.Task[list[Drawn]] | None:
    if not parts:
        return None
    tables = list(takewhile(lambda part: part.aim is Aim.TABLE, parts[:_TABLES]))
    batch = tables if len(tables) > _BATCH else parts[:_BATCH]
    return asyncio.create_task(draw(renderer, source, batch))


async def draw(renderer: PageRenderer, source: SourceFile, parts: Sequence[Part]) -> list[Drawn]:
    """Draw the first of ``parts``, at least one; after a death of the child one alone, so that the culprit is known."""
    try:
        return await renderer.bitmaps(Path(source.path), source.media_type, [part.wanted for part in parts])
    except FileError as error:
        return [error] if len(parts) == 1 else await draw(renderer, source, parts[:1])
