"""The pipeline of one version: parse → chunk → embed → enrich → index → publish.

Each stage commits its result under the job's fence before the next begins, so that a restart goes on where the last
commit stood. The pointer flips last, in one transaction with the end of the job.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

import structlog

from ingest.drafts import LeasedDrafts
from ingest.enrich import Enrichment
from ingest.questions import chunk_point, question_point, questions_job
from ingest.revision.corrections import correct
from ingest.submission import located, purge_job, repoint_job
from wenyuan.audit.outflow import Outflow
from wenyuan.db import documents as docs
from wenyuan.db.access.parts import read_rules
from wenyuan.db.contents import chunk_counts, erase_version, lend_vectors, write_chunks, write_parsed, write_vectors
from wenyuan.db.documents import Document, Version, VersionState
from wenyuan.db.engine import Connection, Database
from wenyuan.db.evidence import PendingChunk, read_leased_blocks, read_leased_chunks
from wenyuan.db.texts.blocks import CORRECTION_WARNING, read_leased_twin
from wenyuan.db.texts.corrections import digest_of, read_leased_corrections
from wenyuan.db.texts.parts import mark_version
from wenyuan.db.texts.profiles import has_profile, read_leased_vectors, write_profile
from wenyuan.db.texts.questions import lend_questions, read_leased_questions
from wenyuan.documents import ParsedDocument
from wenyuan.errors import FileNoText, IndexIncomplete, NotFound, TransientError, WenyuanError
from wenyuan.jobs import JobContext, JobQueue, Lease
from wenyuan.obs import count_chunks
from wenyuan.parts.rules import digest_of as rules_digest
from wenyuan.ports import Chunker, Embedder, IndexWriter, Parser, Vectors
from wenyuan.settings import EnrichSettings

T = TypeVar("T")
_UNDESCRIBED: Final = "profile-failed"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports the pipeline works with.

    ``questions``: whether questions about chunks are written and searched; ``outflow``: which of the ports send text of
    documents elsewhere, and where that is recorded.
    """

    parser: Parser
    chunker: Chunker
    embedder: Embedder
    index: IndexWriter
    enrichment: Enrichment = field(default_factory=lambda: Enrichment(EnrichSettings()))
    questions: bool = False
    outflow: Outflow = field(default_factory=Outflow)

    @property
    def parser_sha256(self) -> str:
        """Name what a version's blocks were parsed by, as stored with it."""
        return hashlib.sha256(self.parser.fingerprint.encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Name everything that decides what a version's chunks are; part of the version's id."""
        return f"{self.parser.fingerprint}|{self.chunker.fingerprint}"


class IngestHandler:
    """Implements ``wenyuan.jobs.JobHandler`` for one version of one document."""

    def __init__(self, database: Database, queue: JobQueue, tools: Tools, data_dir: Path, batch: int) -> None:
        self._database = database
        self._queue = queue
        self._tools = tools
        self._data_dir = data_dir
        self._batch = batch

    async def run(self, context: JobContext) -> None:
        """Take the version as far as it can go; raises a ``FileError`` that ends in the dead letter."""
        found = await self._begin(context)
        if found is None:
            return
        document, version = found
        sent = [(document.id, version.id)]
        await self._tools.outflow.record(context.lease.job_id, sent, document.owner_id)
        parsed: ParsedDocument | None = None
        if version.state is VersionState.RECEIVED:
            parsed = await self._parse(context, version)
            if parsed is None:
                return
        if version.state in (VersionState.RECEIVED, VersionState.PARSED):
            await self._chunk(context, document, parsed)
        pending = await self._embed(context)
        await self._describe(context, document, version)
        await self._index(context, document, version, pending)
        await self._publish(context, document, version)

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Mark the version failed with its reason, and remove what it may have left in the index."""
        document, version = await _subjects(tx, lease)
        await self._set_aside(tx, document, version, VersionState.FAILED, error=error.code)

    async def _begin(self, context: JobContext) -> tuple[Document, Version] | None:
        """Return what to work on; None when it is not wanted any more, the job is ended then.

        Seen and ended in one transaction: between two, the version could be wanted again by a job that is this one.
        """
        async with self._database.write() as tx:
            await context.guard(tx)
            document, version = await _subjects(tx, context.lease)
            if _wanted(document, version):
                return document, version
            await self._withdraw(context, tx, document, version)
        return None

    async def _parse(self, context: JobContext, version: Version) -> ParsedDocument | None:
        """Parse, or copy what another version of the same file was parsed to, and put the corrections in.

        Returns None when the version is not wanted any more, or the corrections are not its own: then another version
        has them, and is wanted instead.
        """
        await context.enter("parse", unit="page")
        parser = self._tools.parser_sha256
        async with self._database.read() as tx:
            parsed = await read_leased_twin(context.lease, tx, parser)
        if parsed is None:
            drafts = LeasedDrafts(self._database, context)
            source = located(version.source, str(self._data_dir))
            parsed = await self._tools.parser.parse(source, context.progress, drafts)
        async with self._database.read() as tx:
            corrections = await read_leased_corrections(context.lease, tx)
        # Outside of the transaction that stores them: long texts take a while, and nobody else could write.
        corrected = await asyncio.to_thread(correct, parsed.blocks, corrections)
        async with self._database.write() as tx:
            await context.guard(tx)
            document, _ = await _subjects(tx, context.lease)
            now = await read_leased_corrections(context.lease, tx)
            if not _wanted(document, version) or digest_of(now) != context.lease.payload.get("corrections", ""):
                await self._withdraw(context, tx, document, version)
                return None
            if now != corrections:  # changed and changed back meanwhile
                raise TransientError
            warnings = (*parsed.warnings, *(f"{CORRECTION_WARNING}{one}" for one in corrected.unmatched))
            parsed = replace(parsed, blocks=corrected.blocks, warnings=warnings)
            await write_parsed(tx, version.id, parsed, corrected.originals)
            state = VersionState.PARSED
            await docs.set_state(tx, version.id, state, warnings=list(warnings), parser_sha256=parser)
        return parsed

    async def _chunk(self, context: JobContext, document: Document, parsed: ParsedDocument | None) -> None:
        await context.enter("chunk")
        version_id = context.lease.payload["version_id"]
        async with self._database.read() as tx:
            rules = await read_rules(tx, document.id)
            if parsed is None:
                parsed = await read_leased_blocks(context.lease, tx)
        if rules_digest(rules) != context.lease.payload.get("parts", ""):  # then another version is wanted
            raise TransientError
        chunks = await asyncio.to_thread(self._tools.chunker.chunk, document.title, parsed, rules)
        if not chunks:
            raise FileNoText
        async with self._database.write() as tx:
            await context.guard(tx)
            await write_chunks(tx, version_id, chunks)
            await docs.set_state(tx, version_id, VersionState.CHUNKED)

    async def _embed(self, context: JobContext) -> list[tuple[PendingChunk, Vectors]]:
        """Embed what is new; text that another version of the document holds too takes the vector it has there."""
        model = self._tools.embedder.fingerprint
        async with self._database.write() as tx:
            await context.guard(tx)
            version_id = context.lease.payload["version_id"]
            await mark_version(tx, version_id, await read_rules(tx, context.lease.payload["document_id"]))
            lent = await lend_vectors(tx, version_id, model)
            if self._tools.questions:
                await lend_questions(tx, version_id)
            pending = await read_leased_chunks(context.lease, tx, model)
        await context.enter("embed", total=len(pending), unit="chunk")
        vectors = {chunk.id: chunk.vector for chunk in pending if chunk.vector is not None}
        context.progress(len(vectors), len(pending))
        missing: dict[str, list[str]] = {}  # equal texts are embedded once
        for chunk in pending:
            if chunk.vector is None:
                missing.setdefault(chunk.text, []).append(chunk.id)
        for batch in _batches(list(missing), self._batch):
            found = await asyncio.to_thread(self._tools.embedder.embed_passages, batch)
            fresh = {id_: vector for text, vector in zip(batch, found, strict=True) for id_ in missing[text]}
            async with self._database.write() as tx:
                await context.guard(tx)
                await write_vectors(tx, model, fresh)
            vectors.update(fresh)
            context.progress(len(vectors), len(pending))
        count_chunks(embedded=len(missing), reused=lent)
        log.info("version.embedded", version=version_id, embedded=len(missing), reused=lent)
        return [(chunk, vectors[chunk.id]) for chunk in pending]

    async def _describe(self, context: JobContext, document: Document, version: Version) -> None:
        """Store what enrichment finds out. What it cannot do is a warning: the text answers without it."""
        lease = context.lease
        async with self._database.read() as tx:
            if await has_profile(tx, version.id):
                return
            blocks = (await read_leased_blocks(lease, tx)).blocks
            vectors = await read_leased_vectors(lease, tx, self._tools.embedder.fingerprint)
        await context.enter("enrich")
        try:
            found = await self._tools.enrichment.describe(document.title, version.source.media_type, blocks, vectors)
        except Exception:
            log.exception("version.undescribed", version=version.id)
            found = None
        async with self._database.write() as tx:
            await context.guard(tx)
            _, stored = await _subjects(tx, lease)
            warnings = [one for one in stored.warnings if one != _UNDESCRIBED]  # an earlier attempt's, or a twin's
            if found is not None:
                await write_profile(tx, version.id, *found)
            else:
                warnings.append(_UNDESCRIBED)
            await docs.set_state(tx, version.id, stored.state, warnings=warnings)

    async def _index(
        self,
        context: JobContext,
        document: Document,
        version: Version,
        pending: Sequence[tuple[PendingChunk, Vectors]],
    ) -> None:
        await context.enter("index", total=len(pending), unit="chunk")
        done = 0
        for batch in _batches(pending, 64):
            points = [chunk_point(document, version.id, chunk, vector) for chunk, vector in batch]
            await self._tools.index.upsert(points)
            done += len(points)
            context.progress(done, len(pending))
        await self._index_questions(context, document, version)

    async def _index_questions(self, context: JobContext, document: Document, version: Version) -> None:
        """Write the questions that have vectors; new ones are written after publication, see ``ingest.questions``."""
        if version.published_at is not None:  # what is in the index may be more than what is written now
            await self._tools.index.delete_questions(version.id)
        if not self._tools.questions:
            return
        async with self._database.read() as tx:
            found = await read_leased_questions(context.lease, tx, self._tools.embedder.fingerprint, embedded=True)
        points = [question_point(document, version.id, one, one.vector) for one in found if one.vector is not None]
        await self._tools.index.upsert(points)

    async def _publish(self, context: JobContext, indexed: Document, version: Version) -> None:
        """Flip the pointer, if the index holds exactly the chunks there are; raises ``IndexIncomplete``."""
        await context.enter("publish")
        found = await self._tools.index.count_version(version.id)
        async with self._database.write() as tx:
            await context.guard(tx)
            document, _ = await _subjects(tx, context.lease)
            if not _wanted(document, version):
                await self._withdraw(context, tx, document, version)
                return
            stored, expected = await chunk_counts(tx, version.id)
            if not found == stored == expected:
                raise IndexIncomplete(found=min(found, stored), expected=expected)
            moved = await mark_version(tx, version.id, await read_rules(tx, document.id))
            previous = await docs.publish_version(tx, version)
            if previous is not None:
                await self._queue.enqueue(tx, purge_job(previous))
            if self._tools.questions:
                await self._queue.enqueue(tx, questions_job(document.id, version.id))
            if moved or document.policy_id != indexed.policy_id:
                await self._queue.enqueue(tx, repoint_job(document.id))
            await context.complete(tx)

    async def _withdraw(self, context: JobContext, tx: Connection, document: Document, version: Version) -> None:
        """End without publishing: the document was deleted, or a newer version is wanted."""
        await self._set_aside(tx, document, version, VersionState.SUPERSEDED)
        await context.complete(tx)
        log.info("version.withdrawn", version=version.id)

    async def _set_aside(
        self, tx: Connection, document: Document, version: Version, state: VersionState, error: str | None = None
    ) -> None:
        """Store that nothing is published: what answers goes on answering, a deleted document keeps no text."""
        if document.current_version_id == version.id:
            state = VersionState.PUBLISHED
        await docs.set_state(tx, version.id, state, error=error)
        if document.deleted:
            await erase_version(tx, version.id)
        await self._queue.enqueue(tx, purge_job(version.id))


async def _subjects(tx: Connection, lease: Lease) -> tuple[Document, Version]:
    document = await docs.lock_document(tx, lease.payload["document_id"])
    version = await docs.get_version(tx, lease.payload["version_id"])
    if document is None or version is None:
        raise NotFound
    return document, version


def _wanted(document: Document, version: Version) -> bool:
    return not document.deleted and document.wanted_version_id == version.id


def _batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
