"""The product's parser for measurements, and what is compared of its result."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from benchmarks.parsing.metrics.headings import LevelledHeading
from ingest.intake import sniff
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from wenyuan.documents import Block, BlockKind, ParsedDocument, SourceFile, Table
from wenyuan.settings import Settings

_PARSED: Final = TypeAdapter(ParsedDocument)
_RUNNING: Final = (BlockKind.HEADER, BlockKind.FOOTER)


@asynccontextmanager
async def product_parser(*, ocr: bool, renders: bool = False) -> AsyncIterator[FileParser]:
    """Yield the parser as the product opens it, with the limits and models of its settings.

    With ``renders``, Office files are put on pages by LibreOffice, which leaves the pages beside the file.
    """
    settings = Settings()
    limits = settings.ingest.model_copy(update={"ocr": ocr})
    if not ocr:
        yield FileParser(Sandbox(limits), None, limits, renders=renders)
        return
    from ingest.parsing.reading.engines import open_engines

    async with open_engines(limits, settings.models_dir) as engines:
        yield FileParser(Sandbox(limits), engines, limits, renders=renders)


async def parse(parser: FileParser, path: Path) -> ParsedDocument:
    """Parse one file; raises a ``FileError``."""
    content = await asyncio.to_thread(path.read_bytes)
    media_type = await asyncio.to_thread(sniff, path, path.name)
    digest = hashlib.sha256(content).hexdigest()
    return await parser.parse(SourceFile(str(path), path.name, digest, len(content), media_type))


async def parse_layer(path: Path) -> ParsedDocument:
    """Parse a PDF in the sandbox as far as its text layer goes; raises a ``FileError``."""
    settings = Settings().ingest
    result = await Sandbox(settings).run("parse_pdf", path, {"skip": []})
    return await asyncio.to_thread(_PARSED.validate_json, result.payload)


def shown(parsed: ParsedDocument) -> list[Block]:
    """Return the blocks that belong to the text: no running heads, nothing hidden."""
    return [block for block in parsed.blocks if block.kind not in _RUNNING and block.hidden is None]


def text_of(blocks: Sequence[Block]) -> str:
    """Return the text of blocks in order, tables as the texts of their cells."""
    return "\n".join(
        "\n".join(cell.text for cell in block.table.cells) if block.table is not None else block.text
        for block in blocks
    )


def headings_of(parsed: ParsedDocument) -> list[LevelledHeading]:
    """Return text and level of the titles in order."""
    return [(block.text, block.level) for block in parsed.blocks if block.kind is BlockKind.TITLE]


def tables_of(parsed: ParsedDocument) -> list[Table]:
    """Return the tables in order."""
    return [block.table for block in parsed.blocks if block.table is not None]
