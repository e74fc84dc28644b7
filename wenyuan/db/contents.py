"""What ingestion writes of a version: pages, blocks, chunks, vectors. Text goes in here and comes out elsewhere."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from pydantic import TypeAdapter

from wenyuan.db import tables as t
from wenyuan.db.engine import Connection
from wenyuan.documents import Block, BlockRange, Chunk, Page, ParsedDocument
from wenyuan.ids import chunk_id
from wenyuan.ports import Vectors

BLOCK: Final = TypeAdapter(Block)
RANGES: Final = TypeAdapter(tuple[BlockRange, ...])
BATCH: Final = 500


async def write_parsed(tx: Connection, version_id: str, parsed: ParsedDocument) -> None:
    """Store pages and blocks, in place of what an earlier attempt may have left."""
    for table in (t.pages, t.blocks):
        await tx.execute(sa.delete(table).where(table.c.version_id == version_id))
    await insert_rows(tx, t.pages, [_page_row(version_id, page) for page in parsed.pages])
    rows = [
        {
            "version_id": version_id,
            "ordinal": ordinal,
            "body": BLOCK.dump_python(block, mode="json", exclude_defaults=True),
        }
        for ordinal, block in enumerate(parsed.blocks)
    ]
    await insert_rows(tx, t.blocks, rows)


async def write_chunks(tx: Connection, version_id: str, chunks: Sequence[Chunk]) -> None:
    """Store the chunks of a version. Ids are derived, so chunks stored before by an earlier attempt are kept."""
    known = set(await tx.scalars(sa.select(t.chunks.c.id).where(t.chunks.c.version_id == version_id)))
    rows = [chunk_row(version_id, chunk) for chunk in chunks]
    await insert_rows(tx, t.chunks, [row for row in rows if row["id"] not in known])
    await tx.execute(sa.update(t.versions).where(t.versions.c.id == version_id).values(chunk_count=len(rows)))


async def write_vectors(tx: Connection, model: str, vectors: Mapping[str, Vectors]) -> None:
    """Store the vectors of chunks under the embedder's fingerprint."""
    rows = [
        {"chunk_id": chunk, "model": model, "vector": vector.astype(np.float32).tobytes()}
        for chunk, vector in vectors.items()
    ]
    await insert_rows(tx, t.chunk_vectors, rows)


async def erase_version(tx: Connection, version_id: str) -> None:
    """Remove all text, vectors and citations of a version; its row stays as a record of what was there."""
    mine = sa.select(t.chunks.c.id).where(t.chunks.c.version_id == version_id)
    await tx.execute(sa.delete(t.citations).where(t.citations.c.chunk_id.in_(mine)))
    await tx.execute(sa.delete(t.chunk_vectors).where(t.chunk_vectors.c.chunk_id.in_(mine)))
    for table in (t.chunks, t.blocks, t.pages, t.page_drafts, t.profiles, t.profile_bands):
        await tx.execute(sa.delete(table).where(table.c.version_id == version_id))
    await tx.execute(sa.update(t.versions).where(t.versions.c.id == version_id).values(filename="", warnings=[]))


async def insert_rows(tx: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in batches."""
    for start in range(0, len(rows), BATCH):
        await tx.execute(sa.insert(table), list(rows[start : start + BATCH]))


def _page_row(version_id: str, page: Page) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "source": page.source,
        "error": page.error,
        "confidence": page.confidence,
    }


def embedded_text(context: str, text: str) -> str:
    """Return what is embedded and indexed of a chunk."""
    return f"{context}\n{text}" if context else text


def chunk_row(version_id: str, chunk: Chunk) -> dict[str, Any]:
    """Return the row of a chunk, its derived id included."""
    return {
        "id": chunk_id(version_id, chunk.ordinal, chunk.text),
        "version_id": version_id,
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "context": chunk.context,
        "heading_path": list(chunk.heading_path),
        "ranges": RANGES.dump_python(chunk.ranges, mode="json"),
        "pages": list(chunk.pages),
        "tokens": chunk.tokens,
        "language": chunk.language,
        "anchor": chunk.anchor,
        "section": chunk.section,
        "embedded_sha256": hashlib.sha256(embedded_text(chunk.context, chunk.text).encode()).hexdigest(),
    }
