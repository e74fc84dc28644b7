"""Jobs that follow a change: points of old versions removed, policies repointed, deleted documents erased.

Each decides under the write lock of the document and acts before releasing it, so that a document taken up again in
between is not damaged by a job that was enqueued before.
"""

from ingest.intake import Intake
from ingest.submission import repoint_job
from wenyuan.db import documents as docs
from wenyuan.db.engine import Connection, Database
from wenyuan.db.texts.parts import chunk_marks
from wenyuan.db.vault.shredding import destroy_keys, erase_rows
from wenyuan.errors import WenyuanError
from wenyuan.jobs import JobContext, JobQueue, Lease
from wenyuan.ports import AuditLog, IndexWriter


class _Upkeep:
    def __init__(self, database: Database, index: IndexWriter) -> None:
        self._database = database
        self._index = index

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Nothing to record: SQL already hides what the job was to remove, and the doctor reports the rest."""


class PurgeHandler(_Upkeep):
    """Removes the points of a version that is neither current nor wanted."""

    async def run(self, context: JobContext) -> None:
        """Delete and complete in one transaction."""
        async with self._database.write() as tx:
            await context.guard(tx)
            version = await docs.get_version(tx, context.lease.payload["version_id"])
            document = None if version is None else await docs.lock_document(tx, version.document_id)
            if version is not None and (document is None or not _answers(document, version)):
                await self._index.delete_version(version.id)
            await context.complete(tx)


class RepointHandler(_Upkeep):
    """Writes the document's current policy id to its points, and to those of its parts that have one their own."""

    async def run(self, context: JobContext) -> None:
        """Set and complete in one transaction."""
        async with self._database.write() as tx:
            await context.guard(tx)
            await _repoint(tx, self._index, context.lease.payload["document_id"])
            await context.complete(tx)


class EraseHandler(_Upkeep):
    """Removes the vectors, text, citations, names and files of a deleted document, and destroys its key.

    Without the key, copies of the text in older backups do not open either; that it is destroyed is recorded.
    """

    def __init__(self, database: Database, index: IndexWriter, intake: Intake, audit: AuditLog) -> None:
        super().__init__(database, index)
        self._intake = intake
        self._audit = audit

    async def run(self, context: JobContext) -> None:
        """Erase the index, files, the key, then SQL: what remains after a crash is found again by the retry."""
        document_id = context.lease.payload["document_id"]
        await self._index.delete_document(document_id)
        await self._intake.remove_document(document_id)
        await destroy_keys(self._database, self._audit, [document_id], context.lease.job_id)
        async with self._database.write() as tx:
            await context.guard(tx)
            await erase_rows(tx, document_id)
            await context.complete(tx)
        await self._database.shred()


async def repoint(database: Database, queue: JobQueue, index: IndexWriter, document_id: str) -> None:
    """Do at once what a job waits to do, so that what was granted is found when its change is answered.

    The job ends with it, and comes in its turn if this fails. Without one the points have the policy they belong to.
    """
    key = repoint_job(document_id).dedupe_key or ""
    async with database.write() as tx:
        # One that a worker has just claimed is not waited for: that it is done twice then changes nothing.
        if await queue.take_up(tx, key) or await queue.live(tx, key) is not None:
            await _repoint(tx, index, document_id)


async def _repoint(tx: Connection, index: IndexWriter, document_id: str) -> None:
    document = await docs.lock_document(tx, document_id)
    if document is not None and not document.deleted:
        marks = await chunk_marks(tx, document.current_version_id or "")
        parts = {chunk_id: min(policies) for chunk_id, policies in marks.items()}
        await index.set_policy(document.id, document.policy_id, parts)


def _answers(document: docs.Document, version: docs.Version) -> bool:
    """Whether the version is published or about to be; a failed one is neither until it is uploaded again."""
    if document.deleted or version.state is docs.VersionState.FAILED:
        return False
    return version.id in (document.current_version_id, document.wanted_version_id)
