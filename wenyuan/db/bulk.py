"""Bulk writing of texts that need no parsing: whole batches of published documents in a handful of statements.

The rows are those that creation, chunking and publication leave behind, without the states in between. A corpus of
60,000 texts is written in minutes this way; one document at a time takes thirteen statements each.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wenyuan.db import tables as t
from wenyuan.db.access.spaces import Space
from wenyuan.db.contents import chunk_row, insert_rows, write_vectors
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Connection
from wenyuan.db.vault.sealing import DOCUMENT, VERSION, sealer_for
from wenyuan.documents import Chunk, SourceFile
from wenyuan.ids import chunk_id
from wenyuan.ports import Vectors


@dataclass(frozen=True, slots=True)
class TextVersion:
    """A document with its only version, chunked and embedded. ``vectors`` stand in the order of ``chunks``."""

    document_id: str
    version_id: str
    title: str
    source: SourceFile
    chunks: Sequence[Chunk]
    vectors: Sequence[Vectors]

    def chunk_ids(self) -> list[str]:
        """Return the ids of the chunks, in order."""
        return [chunk_id(self.version_id, chunk.ordinal, chunk.text) for chunk in self.chunks]


async def publish_texts(tx: Connection, space: Space, owner_id: str, model: str, texts: Sequence[TextVersion]) -> None:
    """Write new documents of ``space`` under its policy, published, with vectors of the embedder ``model``."""
    now = time.time()
    sealer = await sealer_for(tx, *(text.document_id for text in texts))
    documents: list[dict[str, Any]] = [
        {
            "id": text.document_id,
            "space_id": space.id,
            "title": text.title,
            "owner_id": owner_id,
            "policy_id": space.policy_id,
            "current_version_id": text.version_id,
            "wanted_version_id": text.version_id,
            "deleted": False,
            "created_at": now,
        }
        for text in texts
    ]
    versions: list[dict[str, Any]] = [
        {
            "id": text.version_id,
            "document_id": text.document_id,
            "filename": text.source.filename,
            "sha256": text.source.sha256,
            "media_type": text.source.media_type,
            "size": text.source.size,
            "path": text.source.path,
            "state": VersionState.PUBLISHED,
            "warnings": [],
            "chunk_count": len(text.chunks),
            "created_at": now,
            "published_at": now,
        }
        for text in texts
    ]
    await insert_rows(tx, t.documents, [sealer.row(DOCUMENT, row["id"], row) for row in documents])
    await insert_rows(tx, t.versions, [sealer.row(VERSION, row["document_id"], row) for row in versions])
    chunks = [chunk_row(sealer, text.document_id, text.version_id, chunk) for text in texts for chunk in text.chunks]
    await insert_rows(tx, t.chunks, chunks)
    pairs = {key: vector for text in texts for key, vector in zip(text.chunk_ids(), text.vectors, strict=True)}
    await write_vectors(tx, model, pairs)
