"""Bitmaps of parts, drawn ahead of the reader."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Final

from ingest.parsing.reading.parts import Part
from ingest.parsing.render import Drawn, PageRenderer
from wenyuan.documents import SourceFile
from wenyuan.errors import FileError

# Bitmaps drawn by one child; while one batch is recognised, the next is drawn.
_BATCH: Final = 4


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
    return asyncio.create_task(draw(renderer, source, parts[:_BATCH])) if parts else None


async def draw(renderer: PageRenderer, source: SourceFile, parts: Sequence[Part]) -> list[Drawn]:
    """Draw the first of ``parts``, at least one; after a death of the child one alone, so that the culprit is known."""
    try:
        return await renderer.bitmaps(Path(source.path), source.media_type, [part.wanted for part in parts])
    except FileError as error:
        return [error] if len(parts) == 1 else await draw(renderer, source, parts[:1])
