"""The job that has questions written about the chunks of a published version, and gives each a vector of its own.

It runs after publication, so that no document waits for a language model or fails with it. What was written about one
text is kept with its chunk and lent to later versions of the document.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from wenyuan.audit.outflow import Outflow
from wenyuan.db import documents as docs
from wenyuan.db.engine import Connection, Database
from wenyuan.db.evidence import PendingChunk
from wenyuan.db.texts import questions as db
from wenyuan.db.texts.questions import StoredQuestion, UnaskedChunk
from wenyuan.errors import WenyuanError
from wenyuan.jobs import JobContext, Lease
from wenyuan.jobs.queue import NewJob
from wenyuan.ports import Embedder, IndexPoint, IndexWriter, Questioner, VectorField, Vectors
from wenyuan.settings import EnrichSettings

QUESTIONS: Final = "version.questions"
UNWRITTEN: Final = "questions-failed"
ATTEMPTS: Final = 5
#: Chunks that are asked about at the same time.
_TOGETHER: Final = 4
_EMBEDDED_TOGETHER: Final = 16


def questions_job(document_id: str, version_id: str) -> NewJob:
    """Return the job that has questions written about a version."""
    payload = {"document_id": document_id, "version_id": version_id}
    return NewJob(QUESTIONS, payload, dedupe_key=f"{QUESTIONS}:{version_id}", max_attempts=ATTEMPTS)


def chunk_point(document: docs.Document, version_id: str, chunk: PendingChunk, vector: Vectors) -> IndexPoint:
    """Return the point of a chunk: under the policy of its part, else the document's."""
    policy_id = document.policy_id if chunk.policy_id is None else chunk.policy_id
    return IndexPoint(chunk.id, document.id, version_id, policy_id, chunk.text, vector)


def question_point(document: docs.Document, version_id: str, question: StoredQuestion, vector: Vectors) -> IndexPoint:
    """Return the point of a question with its vector."""
    return IndexPoint(
        question.chunk_id,
        document.id,
        version_id,
        document.policy_id if question.policy_id is None else question.policy_id,
        question.text,
        vector,
        VectorField.QUESTION,
        question.ordinal,
    )


class QuestionHandler:
    """Implements ``wenyuan.jobs.JobHandler``: asks about what was not asked about, embeds, writes into the index."""

    def __init__(
        self,
        database: Database,
        embedder: Embedder,
        index: IndexWriter,
        questioner: Questioner,
        settings: EnrichSettings,
        outflow: Outflow = Outflow(),  # noqa: B008 - frozen and empty
    ) -> None:
        self._database = database
        self._embedder = embedder
        self._index = index
        self._questioner = questioner
        self._settings = settings
        self._outflow = outflow

    async def run(self, context: JobContext) -> None:
        """Work until every chunk was asked about, or as many as the settings allow; raises ``EndpointError``.

        What was written before a failure is kept, and found by search, at once.
        """
        if not self._settings.questions:  # switched off since
            return
        version_id, most = context.lease.payload["version_id"], self._settings.question_chunks
        made_by = self._questioner.fingerprint
        async with self._database.write() as tx:
            await context.guard(tx)
            version = await docs.get_version(tx, version_id)
            if await db.drop_questions_of_others(tx, version_id, made_by):
                await self._index.delete_questions(version_id)
            asked = await db.count_asked(tx, version_id)
        await self._outflow.record(context.lease.job_id, [(context.lease.payload["document_id"], version_id)])
        total = min(most, 0 if version is None else version.chunk_count)
        await context.enter("questions", total=total, unit="chunk")
        while await self._embed(context):
            async with self._database.read() as tx:
                chunks = await db.read_leased_unasked(context.lease, tx, max(0, min(_TOGETHER, most - asked)))
            if not chunks:
                await self._finish(context)
                return
            await self._ask(context, made_by, chunks)
            asked += len(chunks)
            context.progress(min(asked, total), total)

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Say at the version that questions are missing; it answers without them."""
        version = await docs.get_version(tx, lease.payload["version_id"])
        if version is not None and UNWRITTEN not in version.warnings:
            await docs.set_state(tx, version.id, version.state, warnings=[*version.warnings, UNWRITTEN])

    async def _ask(self, context: JobContext, made_by: str, chunks: Sequence[UnaskedChunk]) -> None:
        """Have questions written about ``chunks`` and store them; raises what failed after storing the others."""
        most = self._settings.questions
        asking = (self._questioner.ask(chunk.text, chunk.language, most) for chunk in chunks)
        answers = await asyncio.gather(*asking, return_exceptions=True)
        found = {chunk.id: answer for chunk, answer in zip(chunks, answers, strict=True) if isinstance(answer, tuple)}
        async with self._database.write() as tx:
            await context.guard(tx)
            if await _current(tx, context.lease) is not None:
                await db.write_questions(tx, made_by, found)
        failure = next((answer for answer in answers if isinstance(answer, BaseException)), None)
        if failure is not None:
            await self._embed(context)
            raise failure

    async def _embed(self, context: JobContext) -> bool:
        """Give every question a vector and a point; ends the job and returns False when the version does not answer.

        Points are written within the transaction, so that a version that stops answering leaves none behind.
        """
        model = self._embedder.fingerprint
        while True:
            async with self._database.read() as tx:
                pending = await db.read_leased_questions(
                    context.lease, tx, model, embedded=False, limit=_EMBEDDED_TOGETHER
                )
            vectors = await asyncio.to_thread(self._embedder.embed_passages, [one.text for one in pending])
            async with self._database.write() as tx:
                await context.guard(tx)
                document = await _current(tx, context.lease)
                if document is None:
                    await context.complete(tx)
                    return False
                if not pending:
                    return True
                pairs = list(zip(pending, vectors, strict=True))
                version_id = context.lease.payload["version_id"]
                await self._index.upsert([question_point(document, version_id, *pair) for pair in pairs])
                await db.write_question_vectors(tx, model, {(one.chunk_id, one.ordinal): made for one, made in pairs})

    async def _finish(self, context: JobContext) -> None:
        async with self._database.write() as tx:
            await context.guard(tx)
            version = await docs.get_version(tx, context.lease.payload["version_id"])
            if version is not None and UNWRITTEN in version.warnings:
                warnings = [one for one in version.warnings if one != UNWRITTEN]
                await docs.set_state(tx, version.id, version.state, warnings=warnings)
            await context.complete(tx)


async def _current(tx: Connection, lease: Lease) -> docs.Document | None:
    """Lock and return the document while the leased version is the one that answers."""
    document = await docs.lock_document(tx, lease.payload["document_id"])
    if document is None or document.deleted or document.current_version_id != lease.payload["version_id"]:
        return None
    return document
