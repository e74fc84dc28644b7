"""What ingestion writes of a version: pages, blocks, chunks, vectors. Text goes in here and comes out elsewhere."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from wenyuan.db import tables as t
from wenyuan.db.conversations.erasing import erase_answers
from wenyuan.db.engine import Connection
from wenyuan.db.vault.sealing import BLOCK as BLOCK_ROW
from wenyuan.db.vault.sealing import CHUNK as CHUNK_ROW
from wenyuan.db.vault.sealing import DRAFT as DRAFT_ROW
from wenyuan.db.vault.sealing import Sealer, document_of, sealer_for
from wenyuan.documents import Block, BlockRange, Chunk, Page, ParsedDocument
from wenyuan.ids import chunk_id
from wenyuan.ports import Draft, Vectors

BLOCK: Final = TypeAdapter(Block)
DRAFT: Final = TypeAdapter(Draft)
RANGES: Final = TypeAdapter(tuple[BlockRange, ...])
BATCH: Final = 500


async def write_parsed(
    tx: Connection, version_id: str, parsed: ParsedDocument, originals: Mapping[int, Block] | None = None
) -> None:
    """Store pages and blocks, in place of what an earlier attempt may have left, drafts included.

    ``originals`` are the blocks that corrections replaced, by ordinal.
    """
    before = originals or {}
    for table in (t.pages, t.blocks, t.page_drafts):
        await tx.execute(sa.delete(table).where(table.c.version_id == version_id))
    await insert_rows(tx, t.pages, [_page_row(version_id, page) for page in parsed.pages])
    document_id = await document_of(tx, version_id)
    own = await sealer_for(tx, document_id)

    def rows() -> list[dict[str, Any]]:
        return [
            own.row(BLOCK_ROW, document_id, _block_row(version_id, ordinal, block, before.get(ordinal)))
            for ordinal, block in enumerate(parsed.blocks)
        ]

    await insert_rows(tx, t.blocks, await asyncio.to_thread(rows))


async def write_draft(tx: Connection, version_id: str, draft: Draft) -> None:
    """Keep what was recognised on one part of the version, in place of what was kept of it before."""
    mine = t.page_drafts.c.version_id == version_id, t.page_drafts.c.number == draft.number
    await tx.execute(sa.delete(t.page_drafts).where(*mine))
    body = DRAFT.dump_python(draft, mode="json", exclude_defaults=True)
    document_id = await document_of(tx, version_id)
    row = {"version_id": version_id, "number": draft.number, "body": body}
    await insert_rows(tx, t.page_drafts, [(await sealer_for(tx, document_id)).row(DRAFT_ROW, document_id, row)])


async def write_chunks(tx: Connection, version_id: str, chunks: Sequence[Chunk]) -> None:
    """Store the chunks of a version. Ids are derived, so chunks stored before by an earlier attempt are kept."""
    known = set(await tx.scalars(sa.select(t.chunks.c.id).where(t.chunks.c.version_id == version_id)))
    document_id = await document_of(tx, version_id)
    own = await sealer_for(tx, document_id)
    rows = await asyncio.to_thread(lambda: [chunk_row(own, document_id, version_id, chunk) for chunk in chunks])
    await insert_rows(tx, t.chunks, [row for row in rows if row["id"] not in known])
    await tx.execute(sa.update(t.versions).where(t.versions.c.id == version_id).values(chunk_count=len(rows)))


async def write_vectors(tx: Connection, model: str, vectors: Mapping[str, Vectors]) -> None:
    """Store the vectors of chunks under the embedder's fingerprint."""
    documents = await documents_of(tx, list(vectors))
    own = await sealer_for(tx, *documents.values())
    rows = [
        {"chunk_id": chunk, "model": model, "vector": own.stored_vector(documents[chunk], chunk, vector)}
        for chunk, vector in vectors.items()
    ]
    await insert_rows(tx, t.chunk_vectors, rows)


async def documents_of(tx: Connection, chunk_ids: Sequence[str]) -> dict[str, str]:
    """Return the documents that chunks are of."""
    found: dict[str, str] = {}
    for start in range(0, len(chunk_ids), BATCH):
        statement = (
            sa.select(t.chunks.c.id, t.versions.c.document_id)
            .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
            .where(t.chunks.c.id.in_(chunk_ids[start : start + BATCH]))
        )
        found.update((row.id, row.document_id) for row in await tx.execute(statement))
    return found


async def lend_vectors(tx: Connection, version_id: str, model: str) -> int:
    """Give chunks without a vector the one that the same text has in any version of the same document; return how many.

    Never from another document: who may upload could learn from a saved second what others have stored.
    """
    mine, other = t.chunks.alias("mine"), t.chunks.alias("other")
    ours, theirs = t.versions.alias("ours"), t.versions.alias("theirs")
    held = t.chunk_vectors.alias("held")
    has_one = sa.exists().where(held.c.chunk_id == mine.c.id, held.c.model == model)
    donors = (
        sa.select(mine.c.id, sa.func.min(other.c.id).label("donor"))
        .join(ours, ours.c.id == mine.c.version_id)
        .join(theirs, theirs.c.document_id == ours.c.document_id)
        .join(other, sa.and_(other.c.version_id == theirs.c.id, other.c.embedded_sha256 == mine.c.embedded_sha256))
        .join(t.chunk_vectors, sa.and_(t.chunk_vectors.c.chunk_id == other.c.id, t.chunk_vectors.c.model == model))
        .where(mine.c.version_id == version_id, ~has_one)
        .group_by(mine.c.id)
        .subquery()
    )
    document_id = await document_of(tx, version_id)
    own = await sealer_for(tx, document_id)
    lent = (
        sa.select(donors.c.id, donors.c.donor, t.chunk_vectors.c.vector)
        .join(t.chunk_vectors, t.chunk_vectors.c.chunk_id == donors.c.donor)
        .where(t.chunk_vectors.c.model == model)
    )
    rows = []
    for row in await tx.execute(lent):
        vector = own.vector(document_id, row.donor, row.vector)
        rows.append({
            "chunk_id": row.id, "model": model, "vector": own.stored_vector(document_id, row.id, vector)
        })  # fmt: skip
    await insert_rows(tx, t.chunk_vectors, rows)
    return len(rows)


async def erase_version(tx: Connection, version_id: str) -> None:
    """Remove all text, vectors and citations of a version; its row stays as a record of what was there."""
    await erase_answers(tx, version_id)
    mine = sa.select(t.chunks.c.id).where(t.chunks.c.version_id == version_id)
    await tx.execute(sa.delete(t.citations).where(t.citations.c.chunk_id.in_(mine)))
    for table in (t.chunk_vectors, t.question_vectors, t.chunk_questions, t.chunk_policies):
        await tx.execute(sa.delete(table).where(table.c.chunk_id.in_(mine)))
    for table in (t.chunks, t.blocks, t.block_policies, t.pages, t.page_drafts, t.profiles, t.profile_bands):
        await tx.execute(sa.delete(table).where(table.c.version_id == version_id))
    nameless = sa.update(t.versions).where(t.versions.c.id == version_id)
    await tx.execute(nameless.values(filename="", warnings=[], sealed=None))


def _dumped(block: Block) -> Any:
    return BLOCK.dump_python(block, mode="json", exclude_defaults=True)


async def chunk_counts(tx: Connection, version_id: str) -> tuple[int, int]:
    """Return how many chunks of a version there are, and how many there should be by what cutting it gave."""
    rows = await tx.scalar(sa.select(sa.func.count()).where(t.chunks.c.version_id == version_id))
    expected = await tx.scalar(sa.select(t.versions.c.chunk_count).where(t.versions.c.id == version_id))
    return int(rows or 0), int(expected or 0)


async def insert_rows(tx: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in batches."""
    for start in range(0, len(rows), BATCH):
        await tx.execute(sa.insert(table), list(rows[start : start + BATCH]))


def _block_row(version_id: str, ordinal: int, block: Block, original: Block | None) -> dict[str, Any]:
    before = None if original is None else _dumped(original)
    return {"version_id": version_id, "ordinal": ordinal, "body": _dumped(block), "original_body": before}


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


def chunk_row(own: Sealer, document_id: str, version_id: str, chunk: Chunk) -> dict[str, Any]:
    """Return the row of a chunk, its derived id included, as it is stored."""
    row = {
        "id": chunk_id(version_id, chunk.ordinal, chunk.text),
        "version_id": version_id,
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "context": chunk.context,
        "heading_path": list(chunk.heading_path),
        "ranges": RANGES.dump_python(chunk.ranges, mode="json", exclude_defaults=True),
        "pages": list(chunk.pages),
        "tokens": chunk.tokens,
        "language": chunk.language,
        "anchor": chunk.anchor,
        "section": chunk.section,
        "embedded_sha256": hashlib.sha256(embedded_text(chunk.context, chunk.text).encode()).hexdigest(),
    }
    return own.row(CHUNK_ROW, document_id, row)
