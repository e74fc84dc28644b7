"""Formulas of pages read as LaTeX by an endpoint, where one is configured; the characters of the page otherwise."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final, Protocol

import structlog

from ingest.chunking.figures import formula_number
from ingest.parsing.pages import FORMULAS_UNREAD
from ingest.parsing.reading.ahead import bitmaps_of
from ingest.parsing.reading.parts import Aim, Part
from ingest.parsing.render import Bitmap, PageRenderer
from ingest.sandbox.protocol import Json
from wenyuan.documents import Block, BlockKind, Box, ParsedDocument, SourceFile
from wenyuan.errors import EndpointError

# An endpoint that fails so often in a row is not asked again for this file.
_GIVE_UP: Final = 3
# A formula is cropped with so much around it, in page units: indices and bars reach out of the boxes of characters.
_AROUND: Final = 3.0
_LEAST_HEIGHT: Final = 16.0

log = structlog.get_logger(__name__)


class FormulaReader(Protocol):
    """Recognition of one formula."""

    async def latex(self, bitmap_png: bytes) -> str:
        """Return the LaTeX of the formula in a picture; raises ``EndpointError``."""
        ...


async def with_latex(
    renderer: PageRenderer, reader: FormulaReader, source: SourceFile, parsed: ParsedDocument, most: int
) -> ParsedDocument:
    r"""Return ``parsed`` with the LaTeX of its first ``most`` formulas that have a place on a page.

    The number of a formula is kept as its ``\tag``. One that is not read keeps its characters, and its page is listed.
    """
    parts = _parts(parsed.blocks)
    found: dict[int, str] = {}
    failures = 0
    async with aclosing(bitmaps_of(renderer, source, parts[:most])) as bitmaps:
        async for part, drawn in bitmaps:
            if not isinstance(drawn, Bitmap):
                continue
            try:
                found[part.number] = await reader.latex(drawn.png)
                failures = 0
            except EndpointError as error:
                log.warning("formula.unread", code=error.code, page=part.page)
                failures += 1
            if failures == _GIVE_UP:
                break
    unread = sorted({part.page for part in parts if part.number not in found})
    blocks = list(parsed.blocks)
    for ordinal, latex in found.items():
        blocks[ordinal] = _read(blocks[ordinal], latex)
    warnings = (*parsed.warnings, *(FORMULAS_UNREAD.format(number=page) for page in unread))
    return replace(parsed, blocks=tuple(blocks), warnings=warnings)


def formula_crop(box: Box) -> list[Json]:
    """Return what is cropped of a page for a formula, in page units; a box of a few marks is given a line's height."""
    down = max(_AROUND, (_LEAST_HEIGHT - (box.y1 - box.y0)) / 2)
    return [box.x0 - _AROUND, box.y0 - down, box.x1 + _AROUND, box.y1 + down]


def _parts(blocks: Sequence[Block]) -> list[Part]:
    parts = []
    for ordinal, block in enumerate(blocks):
        if block.kind is BlockKind.FORMULA and block.boxes:
            box = block.boxes[0]
            parts.append(Part(Aim.PICTURE, ordinal, box.page, {"page": box.page, "box": formula_crop(box)}, box))
    return parts


def _read(block: Block, latex: str) -> Block:
    number = formula_number(block.text)
    text = latex if number is None or formula_number(latex) is not None else rf"{latex} \tag{{{number}}}"
    return replace(block, text=text, lines=(), links=())
