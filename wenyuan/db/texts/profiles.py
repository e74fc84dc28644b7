"""Profiles as stored: what enrichment found out about a version, shown through the scope of its document."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from wenyuan.access import AccessScope
from wenyuan.audit.record import Action, Item
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_whole
from wenyuan.db.access.readable import reads_as
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.vault.sealing import DOCUMENT, Sealer, document_of, sealer, sealer_for
from wenyuan.db.vault.sealing import PROFILE as PROFILE_ROW
from wenyuan.documents import DateRole, Profile
from wenyuan.jobs.queue import Lease
from wenyuan.ports import DocumentDates, Vectors
from wenyuan.text import fold
from wenyuan.words.minhash import Signature, bands, pack, similarity, unpack

PROFILE: Final = TypeAdapter(Profile)
#: Documents that share a band and are compared by signature; those that share most bands come first.
MAX_CANDIDATES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Similar:
    """A document that the reader may read and that says nearly the same. ``same_file`` is byte for byte the same."""

    document_id: str
    title: str
    space: str
    similarity: float
    same_file: bool


async def write_profile(tx: Connection, version_id: str, profile: Profile, signed: Signature | None) -> None:
    """Store the profile of a version in place of an earlier one, with the bands by which it is found."""
    for table in (t.profile_bands, t.profiles):
        await tx.execute(sa.delete(table).where(table.c.version_id == version_id))
    body = PROFILE.dump_python(profile, mode="json", exclude_defaults=True)
    stored = b"" if signed is None else pack(signed)
    document_id = await document_of(tx, version_id)
    own = await sealer_for(tx, document_id)
    row = {"version_id": version_id, "body": body, "signature": stored}
    await tx.execute(sa.insert(t.profiles).values(await asyncio.to_thread(profile_row, own, document_id, row)))
    if signed is not None:
        rows = [{"band": band, "version_id": version_id} for band in bands(signed)]
        await tx.execute(sa.insert(t.profile_bands), rows)


def profile_row(own: Sealer, document_id: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as it is stored.

    Open stays what documents are filtered by: kind, language, days, and digests of the keywords.
    """
    if own.vault is None:
        return row
    body: dict[str, Any] = row["body"]
    days = [{"role": one["role"], "date": one["date"]} for one in body.get("dates", ())]
    tags = [own.vault.digest(fold(word)) for word in body.get("keywords", ())]
    kept = {name: body[name] for name in ("kind", "language") if name in body}
    return own.row(PROFILE_ROW, document_id, row) | {"body": kept | {"dates": days, "tags": tags}}


async def has_profile(tx: Connection, version_id: str) -> bool:
    """Return whether a version is described already."""
    return bool(await tx.scalar(sa.select(sa.exists().where(t.profiles.c.version_id == version_id))))


async def read_leased_vectors(lease: Lease, tx: Connection, model: str) -> dict[int, Vectors]:
    """Return the vector of a chunk that holds each block of the leased version, by block ordinal; the first one's."""
    statement = (
        sa.select(t.chunks.c.id, t.chunks.c.ranges, t.chunk_vectors.c.vector)
        .join(t.chunk_vectors, sa.and_(t.chunk_vectors.c.chunk_id == t.chunks.c.id, t.chunk_vectors.c.model == model))
        .where(t.chunks.c.version_id == lease.payload["version_id"])
        .order_by(t.chunks.c.ordinal)
    )
    found: dict[int, Vectors] = {}
    document_id, own = await document_of(tx, lease.payload["version_id"]), sealer(tx)
    for chunk, ranges, vector in await tx.execute(statement):
        unpacked = own.vector(document_id, chunk, vector)
        for part in ranges:
            found.setdefault(part["ordinal"], unpacked)
    return found


def _visible() -> sa.Select[Any]:
    """Select current versions of live documents of which the reader may read every part now.

    A profile and a signature are made of all of it.
    """
    return (
        sa.select(t.profiles.c.signature, t.versions.c.sha256, t.documents.c.id, t.documents.c.title)
        .add_columns(t.documents.c.sealed.label("sealed_title"))
        .add_columns(t.spaces.c.name.label("space"))
        .join(t.versions, t.versions.c.id == t.profiles.c.version_id)
        .join(t.documents, t.documents.c.current_version_id == t.versions.c.id)
        .join(t.spaces, t.spaces.c.id == t.documents.c.space_id)
        .where(may_be_shown(), may_read_whole(t.documents.c.id))
    )


_OWN: Final = (
    _visible()
    .add_columns(t.profiles.c.version_id, t.profiles.c.body, t.profiles.c.sealed)
    .where(t.documents.c.id == sa.bindparam("document"))
)
_SHARED: Final = (
    sa.select(t.profile_bands.c.version_id, sa.func.count().label("bands"))
    .where(t.profile_bands.c.band.in_(sa.bindparam("names", expanding=True)))
    .group_by(t.profile_bands.c.version_id)
    .subquery()
)
_CANDIDATES: Final = (
    _visible()
    .join(_SHARED, _SHARED.c.version_id == t.profiles.c.version_id)
    .where(t.documents.c.id != sa.bindparam("document"))
    .order_by(_SHARED.c.bands.desc(), t.documents.c.id)
    .limit(MAX_CANDIDATES)
)


#: Roles of dates that tell a document, by what counts first.
_TELLING: Final = (DateRole.EFFECTIVE, DateRole.ISSUED)
#: What a profile says was taken from the whole document: it counts for those who may read all of it.
_DATES: Final[sa.Select[Any]] = (
    sa.select(t.documents.c.id, t.versions.c.created_at, t.profiles.c.body["dates"].as_json().label("dates"))
    .join(t.versions, t.versions.c.id == t.documents.c.current_version_id)
    .outerjoin(t.profiles, sa.and_(t.profiles.c.version_id == t.versions.c.id, may_read_whole(t.documents.c.id)))
    .where(
        t.documents.c.id.in_(sa.bindparam("ids", expanding=True)),
        may_be_shown(),
    )
)


def read_dates(tx: ReadConnection, scope: AccessScope, document_ids: Sequence[str]) -> dict[str, DocumentDates]:
    """Return the dates of those of the documents that the scope may read now, by id."""
    rows = tx.execute(_DATES, {"ids": list(document_ids)} | reads_as(scope))
    return {row.id: DocumentDates(_told(row.dates or ()), _day(row.created_at)) for row in rows}


def _told(dates: Sequence[dict[str, str]]) -> str:
    return next((one["date"] for role in _TELLING for one in dates if one["role"] == role), "")


def _day(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().date().isoformat()


async def load_profile(scope: AccessScope, tx: Connection, document_id: str) -> Profile | None:
    """Return the profile of the document's current version; None if there is none that the scope may read now."""
    row = (await tx.execute(_OWN, {"document": document_id} | reads_as(scope))).one_or_none()
    if row is None:
        return None
    scope.trail.note(Action.PREVIEW, [Item(document_id, "", ("profile",))])
    (body,) = sealer(tx).texts(PROFILE_ROW, document_id, row.version_id, row.sealed, row.body)
    return PROFILE.validate_python(body)


async def load_similar(scope: AccessScope, tx: Connection, document_id: str, least: float) -> list[Similar] | None:
    """Return the documents that nearly repeat this one, most similar first; None when it has no signature to compare.

    Only documents that the scope may read now are looked at: of others neither existence nor number can be told.
    """
    given = {"document": document_id} | reads_as(scope)
    own = (await tx.execute(_OWN, given)).one_or_none()
    if own is None or not own.signature:
        return None
    mine = unpack(own.signature)
    rows = await tx.execute(_CANDIDATES, given | {"names": bands(mine)})
    found, titles = [], sealer(tx)
    for row in rows:
        near = similarity(mine, unpack(row.signature))
        if near >= least:
            (title,) = titles.texts(DOCUMENT, row.id, row.id, row.sealed_title, row.title)
            found.append(Similar(row.id, title, row.space, round(near, 3), row.sha256 == own.sha256))
    scope.trail.note(Action.PREVIEW, [Item(one.document_id, "", ("similar",)) for one in found])
    return sorted(found, key=lambda one: (-one.similarity, one.document_id))
