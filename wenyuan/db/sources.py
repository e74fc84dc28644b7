"""Sources and their items. Keys are names of files: who manages a source sees those whose documents they may read."""

import asyncio
import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.readable import reads_as
from wenyuan.db.engine import Connection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.vault.sealing import DOCUMENT, ITEM, Sealer, sealer, sealer_for
from wenyuan.errors import AlreadyExists
from wenyuan.ids import new_id

_ERASED: Final = "\0"
"""What a key begins with, before its hash, where the name is erased: the column is empty then. No real key holds it."""
_BATCH: Final = 400
"""Values in one IN list; a statement takes a limited number of parameters."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place that documents are taken from. ``interval_s`` is None where syncs are asked for one by one."""

    id: str
    name: str
    kind: str
    config: Mapping[str, str]
    space_id: str
    space: str
    owner_id: str
    owner: str
    interval_s: float | None
    error_code: str | None
    created_at: float
    synced_at: float | None


@dataclass(frozen=True, slots=True)
class SourceItem:
    """What is known of one item: the revision that was taken, the document it became, why it became none.

    The name does not outlive an erased document: ``key`` is then made of its hash, which still tells that the item was
    taken once, see ``named``.
    """

    key: str
    revision: str
    access_sha256: str | None
    document_id: str | None
    error_code: str | None
    seen_at: float


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How many items there are, became a document, and have an error."""

    items: int
    documents: int
    errors: int


async def create_source(
    tx: Connection,
    name: str,
    kind: str,
    config: Mapping[str, str],
    *,
    space_id: str,
    owner_id: str,
    interval_s: float | None,
) -> str:
    """Create a source and return its id; raises ``AlreadyExists``."""
    await _require_free(tx, name)
    source_id = new_id("src")
    await tx.execute(
        sa.insert(t.sources).values(
            id=source_id,
            name=name,
            kind=kind,
            config=dict(config),
            space_id=space_id,
            owner_id=owner_id,
            interval_s=interval_s,
            created_at=time.time(),
        )
    )
    return source_id


async def get_source(tx: Connection, source_id: str) -> Source | None:
    """Return a source; the caller decides who may see it."""
    row = (await tx.execute(_sources().where(t.sources.c.id == source_id))).one_or_none()
    return None if row is None else _source(row)


async def lock_source(tx: Connection, source_id: str) -> Source | None:
    """Return a source, and let nobody else change it or its items until the transaction ends."""
    statement = _sources().where(t.sources.c.id == source_id).with_for_update(of=t.sources)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _source(row)


async def list_sources(tx: Connection) -> list[Source]:
    """Return every source by name."""
    return [_source(row) for row in await tx.execute(_sources().order_by(t.sources.c.name))]


async def due_sources(tx: Connection) -> list[str]:
    """Return the sources whose interval has passed since their last sync ended."""
    source = t.sources
    due = sa.or_(source.c.synced_at.is_(None), source.c.synced_at + source.c.interval_s <= time.time())
    return list(await tx.scalars(sa.select(source.c.id).where(source.c.interval_s.is_not(None), due)))


async def update_source(tx: Connection, source_id: str, **values: Any) -> None:
    """Store columns of a source; raises ``AlreadyExists`` for a name that another one has."""
    if "name" in values:
        await _require_free(tx, values["name"], but=source_id)
    await tx.execute(sa.update(t.sources).where(t.sources.c.id == source_id).values(**values))


async def delete_source(tx: Connection, source_id: str) -> None:
    """Delete a source with what is known of its items; documents stay."""
    await tx.execute(sa.delete(t.source_items).where(t.source_items.c.source_id == source_id))
    await tx.execute(sa.delete(t.sources).where(t.sources.c.id == source_id))


async def get_item(tx: Connection, source_id: str, key: str) -> SourceItem | None:
    """Return an item by its key, under that key."""
    row = (await tx.execute(sa.select(t.source_items).where(*_key(source_id, key)))).one_or_none()
    return None if row is None else replace(_item(sealer(tx), row), key=key)


async def load_items(tx: Connection, source_id: str) -> dict[str, SourceItem]:
    """Return every item of a source by key."""
    rows = (await tx.execute(sa.select(t.source_items).where(t.source_items.c.source_id == source_id))).all()
    own = sealer(tx)

    def items() -> dict[str, SourceItem]:
        own.ready({_subject(row.document_id, row.source_id) for row in rows})
        return {item.key: item for item in (_item(own, row) for row in rows)}

    return await asyncio.to_thread(items)


def is_erased(key: str) -> bool:
    """Whether the name of an item is gone, with the document that it became."""
    return key.startswith(_ERASED)


def named(items: Mapping[str, SourceItem], keys: Iterable[str]) -> dict[str, SourceItem]:
    """Return items by key, those whose name was erased under the one among ``keys`` that they had, if it is there."""
    if not any(map(is_erased, items)):
        return dict(items)
    names = {f"{_ERASED}{_sha256(key)}": key for key in keys}
    return {(key := names.get(known, known)): replace(item, key=key) for known, item in items.items()}


async def erase_names(tx: Connection, document_id: str) -> None:
    """Forget what the items of a document were called."""
    items = t.source_items
    await tx.execute(sa.update(items).where(items.c.document_id == document_id).values(key="", sealed=None))


async def list_items(
    tx: Connection, source_id: str, *, errors_only: bool, after: str | None, limit: int
) -> list[tuple[str, SourceItem]]:
    """Return items with their position in the order of the hash of their key, after a position."""
    item = t.source_items
    statement = sa.select(item).where(item.c.source_id == source_id).order_by(item.c.key_sha256).limit(limit)
    if errors_only:
        statement = statement.where(item.c.error_code.is_not(None))
    if after is not None:
        statement = statement.where(item.c.key_sha256 > after)
    return [(row.key_sha256, _item(sealer(tx), row)) for row in await tx.execute(statement)]


async def show_items(
    scope: AccessScope, tx: Connection, source_id: str, *, errors_only: bool, after: str | None, limit: int
) -> list[tuple[str, SourceItem, bool]]:
    """Return what ``list_items`` does, and whether the key may be shown: not where the scope may not read the document.

    The name of a file is its document's title: managing a source shows it no more than managing a document does.
    """
    found = await list_items(tx, source_id, errors_only=errors_only, after=after, limit=limit)
    ids = [item.document_id for _, item in found if item.document_id is not None]
    readable: set[str] = set()
    for start in range(0, len(ids), _BATCH):
        statement = sa.select(t.documents.c.id).where(t.documents.c.id.in_(ids[start : start + _BATCH]), may_be_shown())
        readable.update(await tx.scalars(statement, reads_as(scope)))
    return [(position, item, item.document_id is None or item.document_id in readable) for position, item in found]


async def count_items(tx: Connection, source_id: str) -> ItemCounts:
    """Return how many items a source has."""
    item = t.source_items
    counts = (sa.func.count(), sa.func.count(item.c.document_id), sa.func.count(item.c.error_code))
    row = (await tx.execute(sa.select(*counts).where(item.c.source_id == source_id))).one()
    return ItemCounts(*row)


async def put_item(tx: Connection, source_id: str, item: SourceItem) -> None:
    """Write what is known of an item; the caller holds the lock of the source. A deleted document has no name."""
    deleted = sa.select(t.documents.c.deleted).where(t.documents.c.id == item.document_id)
    values: dict[str, Any] = {
        "key": "" if is_erased(item.key) or await tx.scalar(deleted) else item.key,
        "revision": item.revision,
        "access_sha256": item.access_sha256,
        "document_id": item.document_id,
        "error_code": item.error_code,
        "seen_at": item.seen_at,
    }
    values |= {"source_id": source_id, "key_sha256": _sha256(item.key)}
    subject = _subject(item.document_id, source_id)
    own = await sealer_for(tx, subject) if values["key"] else sealer(tx)
    stored = own.row(ITEM, subject, values)
    done = await tx.execute(sa.update(t.source_items).where(*_key(source_id, item.key)).values(stored))
    if done.rowcount == 0:
        await tx.execute(sa.insert(t.source_items).values(stored))


async def delete_item(tx: Connection, source_id: str, key: str) -> None:
    """Forget an item; the caller holds the lock of the source."""
    await tx.execute(sa.delete(t.source_items).where(*_key(source_id, key)))


async def mark_seen(tx: Connection, source_id: str) -> None:
    """Note that a complete listing named every item that is known now."""
    items = t.source_items
    await tx.execute(sa.update(items).where(items.c.source_id == source_id).values(seen_at=time.time()))


async def newest_files(tx: Connection, document_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return SHA-256 and size of the newest file of live documents, by document."""
    found: dict[str, tuple[str, int]] = {}
    for start in range(0, len(document_ids), _BATCH):
        statement = (
            sa.select(t.documents.c.id, t.versions.c.sha256, t.versions.c.size)
            .join(t.versions, t.versions.c.id == t.documents.c.wanted_version_id)
            .where(t.documents.c.id.in_(document_ids[start : start + _BATCH]), t.documents.c.deleted.is_(False))
        )
        found |= {row.id: (row.sha256, row.size) for row in await tx.execute(statement)}
    return found


async def retitle(tx: Connection, document_id: str, title: str) -> None:
    """Give a document another title: its item has another name now."""
    own = await sealer_for(tx, document_id)
    values = own.row(DOCUMENT, document_id, {"id": document_id, "title": title})
    await tx.execute(sa.update(t.documents).where(t.documents.c.id == document_id).values(values))


async def _require_free(tx: Connection, name: str, but: str = "") -> None:
    taken = await tx.scalar(sa.select(t.sources.c.id).where(t.sources.c.name == name, t.sources.c.id != but))
    if taken is not None:
        raise AlreadyExists(name=name)


def _sources() -> sa.Select[Any]:
    return (
        sa.select(t.sources, t.spaces.c.name.label("space"), t.users.c.name.label("owner"))
        .join(t.spaces, t.spaces.c.id == t.sources.c.space_id)
        .join(t.users, t.users.c.id == t.sources.c.owner_id)
    )


def _source(row: sa.Row[Any]) -> Source:
    return Source(
        id=row.id,
        name=row.name,
        kind=row.kind,
        config=row.config,
        space_id=row.space_id,
        space=row.space,
        owner_id=row.owner_id,
        owner=row.owner,
        interval_s=row.interval_s,
        error_code=row.error_code,
        created_at=row.created_at,
        synced_at=row.synced_at,
    )


def _subject(document_id: str | None, source_id: str) -> str:
    """Return under whose key the name of an item is sealed: that of its document, once it has one."""
    return document_id or source_id


def _item(own: Sealer, row: sa.Row[Any]) -> SourceItem:
    subject = _subject(row.document_id, row.source_id)
    (name,) = own.texts(ITEM, subject, (row.source_id, row.key_sha256), row.sealed, row.key)
    key = name or f"{_ERASED}{row.key_sha256}"
    return SourceItem(key, row.revision, row.access_sha256, row.document_id, row.error_code, row.seen_at)


def _key(source_id: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    items = t.source_items
    return items.c.source_id == source_id, items.c.key_sha256 == _sha256(key)


def _sha256(key: str) -> str:
    return key.removeprefix(_ERASED) if is_erased(key) else hashlib.sha256(key.encode()).hexdigest()
