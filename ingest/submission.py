"""Submission: a file becomes a document, a version and a job in one transaction; only then is it acknowledged."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wenyuan.access import AccessPolicy
from wenyuan.db import documents as docs
from wenyuan.db.access.folders import policy_above
from wenyuan.db.access.parts import put_rules, read_rules, retire_rules
from wenyuan.db.access.policies import create_policy, is_own_policy, move_policy, read_policy, replace_policy
from wenyuan.db.access.spaces import Space, find_space
from wenyuan.db.engine import Connection, Database
from wenyuan.db.texts.corrections import corrections_digest, drop_correction, put_correction
from wenyuan.db.texts.parts import mark_versions
from wenyuan.documents import Place, SourceFile
from wenyuan.errors import CorrectionStale, NotFound
from wenyuan.ids import version_id
from wenyuan.jobs.queue import JobQueue, NewJob
from wenyuan.parts.rules import Selector, digest_of

INGEST: Final = "ingest.version"
PURGE: Final = "index.purge"
REPOINT: Final = "index.policy"
ERASE: Final = "document.erase"
# Upkeep reads no file of a user: it is not what kills a worker, and what it leaves undone nobody else does.
UPKEEP_ATTEMPTS: Final = 100


@dataclass(frozen=True, slots=True)
class Submitted:
    """What the uploader gets back. ``duplicate``: these bytes are the document's published or awaited version."""

    document_id: str
    version_id: str
    job_id: str
    duplicate: bool


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to create. Without a policy of its own it refers to its folder's, without a folder to its space's."""

    id: str
    space: Space
    title: str
    owner_id: str
    policy: AccessPolicy | None
    folder_id: str | None = None


class Submissions:
    """Creates, replaces, re-labels and deletes documents, each with the job that follows from it."""

    def __init__(self, database: Database, queue: JobQueue, pipeline_fingerprint: str) -> None:
        self._database = database
        self._queue = queue
        self._fingerprint = pipeline_fingerprint

    async def create(self, new: NewDocument, source: SourceFile) -> Submitted:
        """Create a document with its first version."""
        return (await self.create_all([(new, source)]))[0]

    async def create_all(self, files: Sequence[tuple[NewDocument, SourceFile]]) -> list[Submitted]:
        """Create documents with their first versions, all of them or none."""
        async with self._database.write() as tx:
            return [await self.create_in(tx, new, source) for new, source in files]

    async def replace(self, document_id: str, source: SourceFile, user_id: str) -> Submitted:
        """Add a version; the old one answers until the new one is published. Raises ``NotFound`` if it is deleted."""
        async with self._database.write() as tx:
            return await self.replace_in(tx, document_id, source, user_id)

    async def correct(
        self, document_id: str, version_id_: str, edits: Sequence[tuple[Place, str]], user_id: str
    ) -> Submitted:
        """Store corrections of the current version and enqueue the version that has them.

        Raises ``CorrectionStale`` when ``version_id_`` is not the current version any more.
        """
        async with self._database.write() as tx:
            document = await self._live(tx, document_id)
            if document.current_version_id != version_id_:
                raise CorrectionStale
            for place, text in edits:
                await put_correction(tx, document_id, user_id, place, text)
            return await self._derive(tx, document, user_id)

    async def take_back(self, document_id: str, correction_id: str, user_id: str) -> Submitted:
        """Remove a correction and enqueue the version without it; raises ``NotFound`` when there is none."""
        async with self._database.write() as tx:
            document = await self._live(tx, document_id)
            if document.current_version_id is None or not await drop_correction(tx, document_id, correction_id):
                raise NotFound
            return await self._derive(tx, document, user_id)

    async def set_policy(self, document_id: str, policy: AccessPolicy | None) -> None:
        """Give the document a policy of its own, or None: that of the folder or space it lies in.

        In force at the commit, whatever the index still says.
        One it has already is changed in place: policies that nothing refers to would pile up in every reader's scope.
        """
        async with self._database.write() as tx:
            await self.set_policy_in(tx, document_id, policy)

    async def set_parts(
        self, document_id: str, parts: Sequence[tuple[Selector, AccessPolicy]], user_id: str
    ) -> Submitted | None:
        """Make these the parts of a document that have policies of their own, in force at the commit.

        Where borders moved a version is enqueued that is cut along them, from the blocks as they were parsed; until it
        is published chunks across a border are shown to those alone who may read both sides. Returns that version,
        None where the published one is cut so.
        """
        async with self._database.write() as tx:
            document = await self._live(tx, document_id)
            before = digest_of(await read_rules(tx, document_id))
            rules = await put_rules(tx, document_id, document.policy_id, parts)
            await mark_versions(tx, document_id, rules)
            await self._queue.enqueue(tx, repoint_job(document_id))
            if digest_of(rules) == before or document.wanted_version_id is None:
                return None
            return await self._derive(tx, document, user_id)

    async def policy_of(self, document_id: str) -> tuple[AccessPolicy, bool]:
        """Return the policy the document refers to now, and whether it is the document's own."""
        async with self._database.read() as tx:
            document = await docs.get_document(tx, document_id)
            if document is None or document.deleted:
                raise NotFound
            own = await is_own_policy(tx, document.policy_id)
            return await read_policy(tx, document.policy_id), own

    async def move(self, document_id: str, folder_id: str | None) -> None:
        """Put the document into a folder of its space (None: the space itself), whose policy counts from the commit on.

        A policy of its own goes with it and inherits, if it does, from there. Raises ``UnknownName``.
        """
        async with self._database.write() as tx:
            document = await self._live(tx, document_id)
            above = await policy_above(tx, await find_space(tx, document.space), folder_id)
            if await is_own_policy(tx, document.policy_id):
                await move_policy(tx, document.policy_id, above)
            elif document.policy_id != above:
                await docs.set_document_policy(tx, document_id, above)
                await self._queue.enqueue(tx, repoint_job(document_id))
            await docs.set_folder(tx, document_id, folder_id)

    async def reindex(self, document_ids: Sequence[str]) -> int:
        """Enqueue writing the published versions into the index again, from stored chunks and vectors.

        They go on answering with what the index has. Returns how many were enqueued.
        """
        count = 0
        for document_id in document_ids:
            async with self._database.write() as tx:
                document = await docs.lock_document(tx, document_id)
                if document is None or document.deleted or document.current_version_id is None:
                    continue
                version = document.current_version_id
                await docs.set_state(tx, version, docs.VersionState.CHUNKED, error=None)
                await self._queue.enqueue(tx, _ingest_job(document_id, version, owner_id=None))
                count += 1
        return count

    async def delete(self, document_id: str) -> None:
        """Stop the document from answering now, and enqueue the erasure of its text, vectors and files."""
        async with self._database.write() as tx:
            await self.delete_in(tx, document_id)

    async def create_in(self, tx: Connection, new: NewDocument, source: SourceFile) -> Submitted:
        """Create a document within a transaction of the caller's."""
        above = await policy_above(tx, new.space, new.folder_id)
        policy_id = above if new.policy is None else await create_policy(tx, new.policy, above)
        await docs.create_document(
            tx,
            new.id,
            space_id=new.space.id,
            title=new.title,
            owner_id=new.owner_id,
            policy_id=policy_id,
            folder_id=new.folder_id,
        )
        return await self._want(tx, new.id, source, new.owner_id)

    async def replace_in(self, tx: Connection, document_id: str, source: SourceFile, user_id: str) -> Submitted:
        """Do what ``replace`` does within a transaction of the caller's."""
        await self._live(tx, document_id)
        return await self._want(tx, document_id, source, user_id)

    async def set_policy_in(self, tx: Connection, document_id: str, policy: AccessPolicy | None) -> None:
        """Do what ``set_policy`` does within a transaction of the caller's."""
        document = await self._live(tx, document_id)
        own = await is_own_policy(tx, document.policy_id)
        above = await policy_above(tx, await find_space(tx, document.space), document.folder_id)
        if policy is not None and own:
            await replace_policy(tx, document.policy_id, policy, above)
            return
        if policy is None:
            if own:  # nothing refers to it any more
                await replace_policy(tx, document.policy_id, AccessPolicy())
            policy_id = above
        else:
            policy_id = await create_policy(tx, policy, above)
        if policy_id == document.policy_id:
            return
        await docs.set_document_policy(tx, document_id, policy_id)
        await self._queue.enqueue(tx, repoint_job(document.id))

    async def delete_in(self, tx: Connection, document_id: str) -> None:
        """Do what ``delete`` does within a transaction of the caller's."""
        document = await self._live(tx, document_id)
        await docs.mark_deleted(tx, document_id)
        await retire_rules(tx, document_id)
        if await is_own_policy(tx, document.policy_id):
            await replace_policy(tx, document.policy_id, AccessPolicy())
        await self._queue.enqueue(tx, _upkeep_job(ERASE, "document_id", document_id))

    async def _live(self, tx: Connection, document_id: str) -> docs.Document:
        document = await docs.lock_document(tx, document_id)
        if document is None or document.deleted:
            raise NotFound
        return document

    async def _derive(self, tx: Connection, document: docs.Document, user_id: str) -> Submitted:
        """Want the newest file of the document with its present corrections."""
        version = await docs.get_version(tx, document.wanted_version_id or "")
        if version is None or version.state is docs.VersionState.FAILED:
            version = await docs.get_version(tx, document.current_version_id or "")
        if version is None:
            raise NotFound
        return await self._want(tx, document.id, version.source, user_id)

    async def _want(self, tx: Connection, document_id: str, source: SourceFile, user_id: str) -> Submitted:
        digest = await corrections_digest(tx, document_id)
        parts = digest_of(await read_rules(tx, document_id))
        fingerprint = f"{self._fingerprint}|{digest}" if digest else self._fingerprint
        fingerprint = f"{fingerprint}|parts:{parts}" if parts else fingerprint
        version = version_id(document_id, source.sha256, fingerprint)
        fresh = await docs.want_version(tx, document_id, version, source)
        new = _ingest_job(document_id, version, owner_id=user_id, corrections=digest, parts=parts)
        job_id = await self._queue.enqueue(tx, new) if fresh else await self._queue.newest(tx, version)
        return Submitted(document_id, version, job_id, duplicate=not fresh)


def _ingest_job(document_id: str, version: str, owner_id: str | None, corrections: str = "", parts: str = "") -> NewJob:
    """Return the job that works on a version; ``corrections`` and ``parts`` are digests of those that belong to it."""
    payload = {"document_id": document_id, "version_id": version, "corrections": corrections, "parts": parts}
    return NewJob(INGEST, payload, dedupe_key=f"{INGEST}:{version}", owner_id=owner_id)


def purge_job(version_id_: str) -> NewJob:
    """Return the job that removes the points of a version that no longer answers."""
    return _upkeep_job(PURGE, "version_id", version_id_)


def repoint_job(document_id: str) -> NewJob:
    """Return the job that writes the document's policy to its points."""
    return _upkeep_job(REPOINT, "document_id", document_id)


def _upkeep_job(kind: str, key: str, subject: str) -> NewJob:
    return NewJob(kind, {key: subject}, dedupe_key=f"{kind}:{subject}", max_attempts=UPKEEP_ATTEMPTS)


def located(source: SourceFile, data_dir: str) -> SourceFile:
    """Return ``source`` with its path made absolute; the database keeps it relative to the data folder."""
    return dataclasses.replace(source, path=f"{data_dir}/{source.path}")
