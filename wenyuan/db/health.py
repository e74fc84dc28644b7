"""What the doctor and the kill tests ask of SQL: ids and paths, no text."""

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Connection

_ENDED = (VersionState.PUBLISHED, VersionState.SUPERSEDED, VersionState.FAILED)


async def published_chunk_ids(tx: Connection) -> set[str]:
    """Return the ids of the chunks that the index ought to hold."""
    statement = (
        sa.select(t.chunks.c.id)
        .join(t.documents, t.documents.c.current_version_id == t.chunks.c.version_id)
        .where(t.documents.c.deleted.is_(False))
    )
    return set(await tx.scalars(statement))


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
