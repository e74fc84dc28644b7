"""What the doctor, the pruning of old versions and the kill tests ask of SQL: ids and paths, no text."""

from dataclasses import dataclass

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.contents import erase_version
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Connection
from wenyuan.ids import question_id

_ENDED = (VersionState.PUBLISHED, VersionState.SUPERSEDED, VersionState.FAILED)


@dataclass(frozen=True, slots=True)
class OldVersion:
    """A version that may go; ``path`` is that of its file, relative to the data folder."""

    id: str
    document_id: str
    path: str


async def published_chunk_ids(tx: Connection) -> set[str]:
    """Return the ids of the chunks that the index ought to hold."""
    statement = (
        sa.select(t.chunks.c.id)
        .join(t.documents, t.documents.c.current_version_id == t.chunks.c.version_id)
        .where(t.documents.c.deleted.is_(False))
    )
    return set(await tx.scalars(statement))


async def published_question_ids(tx: Connection, model: str) -> set[str]:
    """Return the ids of the points that the index ought to hold of questions with a vector of ``model``."""
    vectors = t.question_vectors
    statement = (
        sa.select(vectors.c.chunk_id, vectors.c.ordinal)
        .join(t.chunks, t.chunks.c.id == vectors.c.chunk_id)
        .join(t.documents, t.documents.c.current_version_id == t.chunks.c.version_id)
        .where(t.documents.c.deleted.is_(False), vectors.c.model == model)
    )
    return {question_id(chunk, ordinal) for chunk, ordinal in await tx.execute(statement)}


async def documents_of(tx: Connection, chunk_ids: set[str]) -> list[str]:
    """Return the documents that those published chunks belong to and that wait for no newer version."""
    statement = (
        sa.select(t.documents.c.id, t.chunks.c.id)
        .join(t.chunks, t.chunks.c.version_id == t.documents.c.current_version_id)
        .where(t.documents.c.deleted.is_(False), t.documents.c.wanted_version_id == t.documents.c.current_version_id)
    )
    return sorted({document for document, chunk in await tx.execute(statement) if chunk in chunk_ids})


async def unfinished_versions(tx: Connection) -> list[str]:
    """Return the versions of live documents that are neither published nor failed, and that no live job works on."""
    working = sa.exists().where(t.jobs.c.subject == t.versions.c.id, t.jobs.c.state.in_(("queued", "running")))
    statement = (
        sa.select(t.versions.c.id)
        .join(t.documents, t.documents.c.id == t.versions.c.document_id)
        .where(t.documents.c.deleted.is_(False), t.versions.c.state.not_in(_ENDED), ~working)
    )
    return list(await tx.scalars(statement))


async def file_paths(tx: Connection) -> list[str]:
    """Return the relative paths of the files of live documents."""
    statement = (
        sa.select(t.versions.c.path)
        .join(t.documents, t.documents.c.id == t.versions.c.document_id)
        .where(t.documents.c.deleted.is_(False))
    )
    return list(await tx.scalars(statement))


async def old_versions(tx: Connection, before: float, version_id: str | None = None) -> list[OldVersion]:
    """Return the versions that stopped answering before ``before``, oldest first; of all, or just the one if it may go.

    Never the current or the awaited version of a document, and none that a stored answer cites. A version stops
    answering when the next one is published; one that was never published counts from its upload.
    """
    version, later = t.versions, t.versions.alias("later")
    ended = (
        sa.select(sa.func.min(later.c.published_at))
        .where(later.c.document_id == version.c.document_id, later.c.published_at > version.c.published_at)
        .scalar_subquery()
    )
    since = sa.case((version.c.published_at.is_(None), version.c.created_at), else_=ended)
    cited = (
        sa.select(t.citations.c.id)
        .join(t.chunks, t.chunks.c.id == t.citations.c.chunk_id)
        .where(t.chunks.c.version_id == version.c.id)
        .exists()
    )
    statement = (
        sa.select(version.c.id, version.c.document_id, version.c.path)
        .join(t.documents, t.documents.c.id == version.c.document_id)
        .where(
            t.documents.c.deleted.is_(False),
            version.c.state.in_((VersionState.SUPERSEDED, VersionState.FAILED)),
            version.c.id != sa.func.coalesce(t.documents.c.current_version_id, ""),
            version.c.id != sa.func.coalesce(t.documents.c.wanted_version_id, ""),
            since < before,
            ~cited,
        )
        .order_by(version.c.created_at, version.c.id)
    )
    if version_id is not None:
        statement = statement.where(version.c.id == version_id)
    return [OldVersion(row.id, row.document_id, row.path) for row in await tx.execute(statement)]


async def remove_version(tx: Connection, version: OldVersion) -> bool:
    """Remove a version with all that was kept of it; returns whether no other version has its file."""
    await erase_version(tx, version.id)
    await tx.execute(sa.delete(t.versions).where(t.versions.c.id == version.id))
    return not await tx.scalar(sa.select(sa.exists().where(t.versions.c.path == version.path)))
