"""Destroys the keys of what is deleted, records that they are gone, and removes the rows."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from wenyuan.audit.record import Action, Entry, Item
from wenyuan.db import tables as t
from wenyuan.db.contents import erase_version
from wenyuan.db.documents import version_ids
from wenyuan.db.engine import Connection, Database
from wenyuan.db.sources import erase_names
from wenyuan.db.texts.corrections import erase_corrections
from wenyuan.ports import AuditLog

#: A key is made before what is sealed under it is committed: a younger one may be of a transaction under way.
_SETTLED_S: Final = 86_400.0
_BATCH: Final = 500


async def destroy_keys(database: Database, audit: AuditLog, subjects: Sequence[str], request: str) -> None:
    """Destroy the keys of documents or conversations; each that had one is recorded, with the proof of what is gone.

    Nothing that it was sealed under opens from then on. Repeated, the same proof is recorded again.
    """
    vault = database.vault
    if vault is None:
        return
    entries = []
    for subject in subjects:
        gone = await asyncio.to_thread(vault.destroy, subject)
        if gone is not None:
            target = f"key={gone.fingerprint}"
            at = int(time.time() * 1e6)
            entries.append(Entry(at, Action.SHRED, request=request, target=target, items=(Item(subject),)))
    await audit.append(entries)


async def destroy_strays(database: Database, audit: AuditLog) -> int:
    """Destroy keys whose document or conversation is no more, a day after they were made; returns how many.

    They are of uploads that ended between key and row, and of deletions that ended between row and key.
    """
    vault = database.vault
    if vault is None:
        return 0
    known = await asyncio.to_thread(vault.aged, time.time() - _SETTLED_S)
    strays: list[str] = []
    for start in range(0, len(known), _BATCH):
        some = known[start : start + _BATCH]
        async with database.read() as tx:
            strays += sorted(set(some) - await _stands(tx, some))
    await destroy_keys(database, audit, strays, "")
    return len(strays)


async def erase_rows(tx: Connection, document_id: str) -> None:
    """Remove the text, vectors, citations, corrections and names of a deleted document from SQL."""
    for version_id in await version_ids(tx, document_id):
        await erase_version(tx, version_id)
    await erase_corrections(tx, document_id)
    await erase_names(tx, document_id)


async def _stands(tx: Connection, subjects: Sequence[str]) -> set[str]:
    """Return those that are still there. A deleted document is until its job has erased it."""
    found: set[str] = set()
    for table in (t.documents, t.conversations, t.sources):
        found.update(await tx.scalars(sa.select(table.c.id).where(table.c.id.in_(subjects))))
    return found
