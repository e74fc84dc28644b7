"""Bulk load of a corpus of texts through the product's own parts.

A text becomes a document of one version under the policy of its space. Chunker, embedder, database and index writer are
those of ingestion; upload, queue and parser are left out, since text needs no parsing.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from eval.datasets import TextDocument
from eval.texts.vectors import VectorCache
from wenyuan.db import documents as docs
from wenyuan.db.access.spaces import Space
from wenyuan.db.bulk import TextVersion, publish_texts
from wenyuan.db.contents import embedded_text
from wenyuan.db.engine import Database
from wenyuan.documents import Block, BlockKind, ParsedDocument, SourceFile
from wenyuan.ids import version_id
from wenyuan.ports import Chunker, IndexPoint, IndexWriter

#: Texts in one transaction, and told as one step of progress.
BATCH: Final = 256
_MAX_TITLE: Final = 512

#: Told (texts loaded, texts in all).
Progress = Callable[[int, int], None]


def document_id(text_id: str) -> str:
    """Return the document id of a text of a data set; derived, so that a second load finds what the first one made."""
    return f"doc_{hashlib.sha256(text_id.encode()).hexdigest()[:32]}"


class BulkLoader:
    """Loads texts into one space, in batches; each batch is searchable and durable before the next begins."""

    def __init__(
        self,
        database: Database,
        index: IndexWriter,
        chunker: Chunker,
        cache: VectorCache,
        owner_id: str,
    ) -> None:
        self._database = database
        self._index = index
        self._chunker = chunker
        self._cache = cache
        self._owner_id = owner_id

    async def load(
        self, space: Space, texts: Iterator[TextDocument], total: int, progress: Progress, *, resume: bool
    ) -> None:
        """Load ``texts``; with ``resume`` those that an interrupted load has published are passed over.

        While one batch is written, the next one is chunked and embedded in a thread.
        """
        done = 0
        batch = await self._take(texts, resume=resume)
        ready = asyncio.create_task(self._prepare(batch.texts))
        while batch.seen:
            loaded = await ready
            upcoming = await self._take(texts, resume=resume)
            ready = asyncio.create_task(self._prepare(upcoming.texts))
            await self._index.upsert([point for text in loaded for point in _points(text, space.policy_id)])
            async with self._database.write() as tx:
                await publish_texts(tx, space, self._owner_id, self._cache.model, loaded)
            done += batch.seen
            progress(done, total)
            batch = upcoming
        await ready

    async def _take(self, texts: Iterator[TextDocument], *, resume: bool) -> "_Batch":
        taken = await asyncio.to_thread(lambda: list(islice(texts, BATCH)))
        if not resume:
            return _Batch(len(taken), taken)
        async with self._database.read() as tx:
            fresh = [text for text in taken if await docs.get_document(tx, document_id(text.id)) is None]
        return _Batch(len(taken), fresh)

    async def _prepare(self, texts: Sequence[TextDocument]) -> list[TextVersion]:
        return await asyncio.to_thread(lambda: [self._loaded(text) for text in texts])

    def _loaded(self, text: TextDocument) -> TextVersion:
        content = text.text.encode()
        digest = hashlib.sha256(content).hexdigest()
        document = document_id(text.id)
        source = SourceFile("", f"{text.id}.txt"[-_MAX_TITLE:], digest, len(content), "text/plain")
        parsed = ParsedDocument(pages=(), blocks=(Block(BlockKind.PARAGRAPH, text.text),))
        chunks = self._chunker.chunk(text.title, parsed)
        vectors = self._cache.passages([embedded_text(chunk.context, chunk.text) for chunk in chunks])
        version = version_id(document, digest, self._chunker.fingerprint)
        return TextVersion(document, version, text.title[:_MAX_TITLE], source, chunks, list(vectors))


def _points(text: TextVersion, policy_id: int) -> Iterator[IndexPoint]:
    """Yield what the index is given of a text."""
    for key, chunk, vector in zip(text.chunk_ids(), text.chunks, text.vectors, strict=True):
        yield IndexPoint(
            key, text.document_id, text.version_id, policy_id, embedded_text(chunk.context, chunk.text), vector
        )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Texts taken from the corpus, and those among them that are new."""

    seen: int
    texts: list[TextDocument]
