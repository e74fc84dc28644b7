"""Documents and their versions: creation, the pointer flip, deletion, and listings for those who may see them."""

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_whole
from wenyuan.db.access.policies import bump_epoch, move_policy
from wenyuan.db.access.readable import reads_as, sought
from wenyuan.db.engine import Connection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.vault.sealing import DOCUMENT, VERSION, Sealer, sealer, sealer_for
from wenyuan.documents import Page, PageSource, SourceFile


class VersionState(StrEnum):
    """How far a version has come. Only a published one answers."""

    RECEIVED = "received"
    PARSED = "parsed"
    CHUNKED = "chunked"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Version:
    """A version without its text."""

    id: str
    document_id: str
    source: SourceFile
    state: VersionState
    warnings: tuple[str, ...]
    error: str | None
    page_count: int
    chunk_count: int
    created_at: float
    published_at: float | None


@dataclass(frozen=True, slots=True)
class Document:
    """A document; points at no version until the first one is published, and at exactly one from then on.

    ``wholly``: whether the reader it was loaded for may read every part of it.
    """

    id: str
    space_id: str
    space: str
    title: str
    owner_id: str
    owner: str
    policy_id: int
    current_version_id: str | None
    wanted_version_id: str | None
    deleted: bool
    created_at: float
    folder_id: str | None
    wholly: bool = True


async def create_document(
    tx: Connection,
    document_id: str,
    *,
    space_id: str,
    title: str,
    owner_id: str,
    policy_id: int,
    folder_id: str | None = None,
) -> None:
    """Create a document that has no version yet; which policy it refers to is the caller's choice."""
    row = {
        "id": document_id,
        "space_id": space_id,
        "title": title,
        "owner_id": owner_id,
        "policy_id": policy_id,
        "folder_id": folder_id,
        "deleted": False,
        "created_at": time.time(),
    }
    own = await sealer_for(tx, document_id)
    await tx.execute(sa.insert(t.documents).values(own.row(DOCUMENT, document_id, row)))


async def want_version(tx: Connection, document_id: str, version_id: str, source: SourceFile) -> bool:
    """Make ``version_id`` the version to publish; returns False if it is published or wanted already.

    A version that was superseded or failed is taken up again: the same bytes are the same version.
    """
    wanted = await tx.scalar(sa.select(t.documents.c.wanted_version_id).where(t.documents.c.id == document_id))
    version = await get_version(tx, version_id)
    if version is None:
        row = {
            "id": version_id,
            "document_id": document_id,
            "filename": source.filename,
            "sha256": source.sha256,
            "media_type": source.media_type,
            "size": source.size,
            "path": source.path,
            "state": VersionState.RECEIVED,
            "warnings": [],
            "chunk_count": 0,
            "created_at": time.time(),
        }
        own = await sealer_for(tx, document_id)
        await tx.execute(sa.insert(t.versions).values(own.row(VERSION, document_id, row)))
    elif wanted == version_id and version.state is not VersionState.FAILED:
        return False
    else:
        again = VersionState.CHUNKED if version.chunk_count else VersionState.RECEIVED
        await set_state(tx, version_id, again, error=None)
    await tx.execute(sa.update(t.documents).where(t.documents.c.id == document_id).values(wanted_version_id=version_id))
    return True


async def set_state(tx: Connection, version_id: str, state: VersionState, **values: Any) -> None:
    """Move a version to ``state`` and store other columns with it."""
    await tx.execute(sa.update(t.versions).where(t.versions.c.id == version_id).values(state=state, **values))


async def publish_version(tx: Connection, version: Version) -> str | None:
    """Flip the document's pointer to ``version``; returns the id of the version that stopped answering, if any."""
    previous = await tx.scalar(
        sa.select(t.documents.c.current_version_id).where(t.documents.c.id == version.document_id)
    )
    await set_state(tx, version.id, VersionState.PUBLISHED, published_at=time.time(), error=None)
    await tx.execute(
        sa.update(t.documents).where(t.documents.c.id == version.document_id).values(current_version_id=version.id)
    )
    if previous is None or previous == version.id:
        return None
    await set_state(tx, previous, VersionState.SUPERSEDED)
    return str(previous)


async def mark_deleted(tx: Connection, document_id: str) -> None:
    """Stop the document from answering, at the commit; its text is erased by a job afterwards."""
    await tx.execute(
        sa.update(t.documents)
        .where(t.documents.c.id == document_id)
        .values(deleted=True, title="", sealed=None, current_version_id=None, wanted_version_id=None)
    )
    await bump_epoch(tx)


async def set_document_policy(tx: Connection, document_id: str, policy_id: int) -> None:
    """Make the document refer to another policy; those of its parts inherit, if they do, from that."""
    await bump_epoch(tx)
    await tx.execute(sa.update(t.documents).where(t.documents.c.id == document_id).values(policy_id=policy_id))
    parts = sa.select(t.part_rules.c.policy_id).where(t.part_rules.c.document_id == document_id)
    for part in (await tx.scalars(parts)).all():
        await move_policy(tx, part, policy_id)


async def set_folder(tx: Connection, document_id: str, folder_id: str | None) -> None:
    """Note in which folder the document lies; which policy it refers to then is the caller's to set."""
    await tx.execute(sa.update(t.documents).where(t.documents.c.id == document_id).values(folder_id=folder_id))


async def get_version(tx: Connection, version_id: str) -> Version | None:
    """Return a version without its text."""
    row = (await tx.execute(_versions().where(t.versions.c.id == version_id))).one_or_none()
    return None if row is None else _version(sealer(tx), row)


async def list_versions(tx: Connection, document_ids: list[str]) -> list[Version]:
    """Return the versions of documents, newest first."""
    statement = _versions().where(t.versions.c.document_id.in_(document_ids)).order_by(t.versions.c.created_at.desc())
    return [_version(sealer(tx), row) for row in await tx.execute(statement)]


async def version_ids(tx: Connection, document_id: str) -> list[str]:
    """Return the ids of the versions of a document."""
    return list(await tx.scalars(sa.select(t.versions.c.id).where(t.versions.c.document_id == document_id)))


async def load_pages(scope: AccessScope, tx: Connection, document_id: str) -> list[Page] | None:
    """Return the pages of the version that answers, in order; None when the scope may not read the document now."""
    document = await load_document(scope, tx, document_id)
    if document is None:
        return None
    page = t.pages
    rows = await tx.execute(
        sa.select(page).where(page.c.version_id == document.current_version_id).order_by(page.c.number)
    )
    return [Page(row.number, row.width, row.height, PageSource(row.source), row.error, row.confidence) for row in rows]


async def page_size(tx: Connection, version_id: str, number: int) -> tuple[float, float] | None:
    """Return width and height of a page (1-based number) in page units, None if the version has no such page."""
    page = t.pages
    statement = sa.select(page.c.width, page.c.height).where(page.c.version_id == version_id, page.c.number == number)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else (row.width, row.height)


async def get_document(tx: Connection, document_id: str) -> Document | None:
    """Return a document for managing it: the caller decides by roles and must not show its title to a reader."""
    row = (await tx.execute(_documents().where(t.documents.c.id == document_id))).one_or_none()
    return None if row is None else _document(sealer(tx), row)


async def lock_document(tx: Connection, document_id: str) -> Document | None:
    """Return a document as ``get_document``, and let nobody else change it until the transaction ends.

    Whoever decides by a document and then enqueues or ends a job takes this lock first: without it two such decisions
    could cross on PostgreSQL, one joining the job that the other is about to end. (SQLite writes one at a time.)
    """
    statement = _documents().where(t.documents.c.id == document_id).with_for_update(of=t.documents, key_share=True)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _document(sealer(tx), row)


async def load_document(scope: AccessScope, tx: Connection, document_id: str) -> Document | None:
    """Return a live document that the scope may read now, else None."""
    statement = _VISIBLE.where(t.documents.c.id == document_id)
    row = (await tx.execute(statement, reads_as(scope))).one_or_none()
    return None if row is None else _document(sealer(tx), row)


async def reads_wholly(scope: AccessScope, tx: Connection, document_id: str) -> bool:
    """Return whether the scope may read every part of a live document now."""
    document = await load_document(scope, tx, document_id)
    return document is not None and document.wholly


async def load_documents(
    scope: AccessScope, tx: Connection, space: str | None, after: tuple[float, str] | None, limit: int
) -> list[Document]:
    """Return live documents the scope may read now, newest first, after the (created_at, id) of the last page."""
    statement = sought(_VISIBLE, t.documents.c.policy_id, scope)
    statement = statement.order_by(t.documents.c.created_at.desc(), t.documents.c.id).limit(limit)
    if space is not None:
        statement = statement.where(t.spaces.c.name == space)
    if after is not None:
        created, last = after
        statement = statement.where(
            sa.or_(
                t.documents.c.created_at < created,
                sa.and_(t.documents.c.created_at == created, t.documents.c.id > last),
            )
        )
    rows = (await tx.execute(statement, reads_as(scope))).all()
    own = sealer(tx)
    await asyncio.to_thread(own.ready, [row.id for row in rows])
    return [_document(own, row) for row in rows]


def _documents(wholly: sa.ColumnElement[bool] | None = None) -> sa.Select[Any]:
    read = sa.true() if wholly is None else wholly
    return (
        sa.select(t.documents, t.spaces.c.name.label("space"), t.users.c.name.label("owner"))
        .add_columns(sa.case((read, 1), else_=0).label("wholly"))
        .join(t.spaces, t.spaces.c.id == t.documents.c.space_id)
        .join(t.users, t.users.c.id == t.documents.c.owner_id)
    )


#: Live documents that the reader may read now.
_VISIBLE: Final = _documents(may_read_whole(t.documents.c.id)).where(may_be_shown())


def _versions() -> sa.Select[Any]:
    count = sa.select(sa.func.count()).where(t.pages.c.version_id == t.versions.c.id).scalar_subquery()
    return sa.select(t.versions, count.label("page_count"))


def _document(own: Sealer, row: sa.Row[Any]) -> Document:
    (title,) = own.texts(DOCUMENT, row.id, row.id, row.sealed, row.title)
    return Document(
        id=row.id,
        space_id=row.space_id,
        space=row.space,
        title=title,
        owner_id=row.owner_id,
        owner=row.owner,
        policy_id=row.policy_id,
        current_version_id=row.current_version_id,
        wanted_version_id=row.wanted_version_id,
        deleted=row.deleted,
        created_at=row.created_at,
        folder_id=row.folder_id,
        wholly=bool(row.wholly),
    )


def _version(own: Sealer, row: sa.Row[Any]) -> Version:
    (filename,) = own.texts(VERSION, row.document_id, row.id, row.sealed, row.filename)
    return Version(
        id=row.id,
        document_id=row.document_id,
        source=SourceFile(row.path, filename, row.sha256, row.size, row.media_type),
        state=VersionState(row.state),
        warnings=tuple(row.warnings),
        error=row.error,
        page_count=row.page_count,
        chunk_count=row.chunk_count,
        created_at=row.created_at,
        published_at=row.published_at,
    )
