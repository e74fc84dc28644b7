"""Corrections as stored. Their text is shown to readers of the document and given to the job that applies them."""

import hashlib
import time
import unicodedata
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from wenyuan.access import AccessScope
from wenyuan.audit.record import Action, Item
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_whole
from wenyuan.db.access.readable import reads_as
from wenyuan.db.engine import Connection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.vault.sealing import CORRECTION, Sealer, sealer, sealer_for
from wenyuan.documents import Correction, Place
from wenyuan.ids import new_id
from wenyuan.jobs.queue import Lease

_PLACE: Final = TypeAdapter(Place)
_CORRECTIONS: Final[sa.Select[Any]] = (
    sa.select(
        t.corrections.c.id,
        t.corrections.c.original_body,
        t.corrections.c.body,
        t.corrections.c.sealed,
        t.corrections.c.created_at,
        t.users.c.name.label("author"),
    )
    .join(t.users, t.users.c.id == t.corrections.c.author_id)
    .order_by(t.corrections.c.created_at, t.corrections.c.id)
)
_READABLE: Final = _CORRECTIONS.join(t.documents, t.documents.c.id == t.corrections.c.document_id).where(
    t.documents.c.id == sa.bindparam("document"),
    may_be_shown(),
    may_read_whole(t.documents.c.id),
)


def plain(text: str) -> str:
    """Return the words of a text as two parses of one file agree on them: NFKC, without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


async def put_correction(tx: Connection, document_id: str, author_id: str, place: Place, text: str) -> str:
    """Store a correction in place of an earlier one of the same place; returns its id.

    A text that says what stood there before removes it.
    """
    digest = _place_digest(place)
    mine = t.corrections.c.document_id == document_id, t.corrections.c.original_sha256 == digest
    await tx.execute(sa.delete(t.corrections).where(*mine))
    correction_id = new_id("cor")
    if text != place.text:
        values: dict[str, Any] = {
            "id": correction_id,
            "document_id": document_id,
            "original_sha256": digest,
            "original_body": _PLACE.dump_python(place, mode="json"),
            "body": {"text": text},
            "author_id": author_id,
            "created_at": time.time(),
        }
        own = await sealer_for(tx, document_id)
        await tx.execute(sa.insert(t.corrections).values(own.row(CORRECTION, document_id, values)))
    return correction_id


async def drop_correction(tx: Connection, document_id: str, correction_id: str) -> bool:
    """Remove a correction; returns whether there was one."""
    mine = t.corrections.c.document_id == document_id, t.corrections.c.id == correction_id
    return bool((await tx.execute(sa.delete(t.corrections).where(*mine))).rowcount)


async def erase_corrections(tx: Connection, document_id: str) -> None:
    """Remove every correction of a document."""
    await tx.execute(sa.delete(t.corrections).where(t.corrections.c.document_id == document_id))


async def load_corrections(scope: AccessScope, tx: Connection, document_id: str) -> list[Correction]:
    """Return the corrections of a document, oldest first; none unless the scope may read all of it now."""
    rows = await tx.execute(_READABLE, {"document": document_id} | reads_as(scope))
    scope.trail.note(Action.PREVIEW, [Item(document_id, "", ("corrections",))])
    return [_correction(sealer(tx), document_id, row) for row in rows]


async def read_leased_corrections(lease: Lease, tx: Connection) -> list[Correction]:
    """Return the corrections of the leased document, oldest first."""
    return await _all(tx, lease.payload["document_id"])


async def corrections_digest(tx: Connection, document_id: str) -> str:
    """Return what names the corrections of a document together, for the id of a version; empty for none."""
    return digest_of(await _all(tx, document_id))


def digest_of(corrections: list[Correction]) -> str:
    """Return the digest of corrections in any order; empty for none. Who made them, and when, is no part of it."""
    if not corrections:
        return ""
    lines = sorted(
        f"{_place_digest(one.place)}\0{hashlib.sha256(one.text.encode()).hexdigest()}" for one in corrections
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _place_digest(place: Place) -> str:
    parts = (plain(place.text), plain(place.before), plain(place.after), str(place.cell), str(place.nth))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


async def _all(tx: Connection, document_id: str) -> list[Correction]:
    rows = (await tx.execute(_CORRECTIONS.where(t.corrections.c.document_id == document_id))).all()
    return [_correction(sealer(tx), document_id, row) for row in rows]


def _correction(own: Sealer, document_id: str, row: sa.Row[Any]) -> Correction:
    place, body = own.texts(CORRECTION, document_id, row.id, row.sealed, row.original_body, row.body)
    return Correction(
        id=row.id,
        place=_PLACE.validate_python(place),
        text=body["text"],
        author=row.author,
        created_at=row.created_at,
    )
