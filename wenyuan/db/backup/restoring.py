"""Restores a backup into an empty place, without what was erased since it was taken."""

import asyncio
import contextlib
import re
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from wenyuan.audit.keys import ANCHOR_FILE
from wenyuan.audit.keys import KEY_FILE as AUDIT_KEY
from wenyuan.db import tables as t
from wenyuan.db.backup.archive import Entry, Kind, Manifest, Secret, read_archive
from wenyuan.db.backup.errors import BackupDamaged, BackupRefused
from wenyuan.db.backup.place import Place
from wenyuan.db.backup.rights import RIGHTS, Closed, apply_rights, end_sessions_in, fits
from wenyuan.db.backup.stores import AUDIT, DATABASE
from wenyuan.db.backup.taking import FILES
from wenyuan.db.conversations.store import erase_conversations
from wenyuan.db.documents import mark_deleted
from wenyuan.db.engine import Connection, Database, sqlite_url
from wenyuan.db.migrate import knows, upgrade
from wenyuan.db.sources import delete_source
from wenyuan.db.vault.opening import open_vault, tie
from wenyuan.db.vault.shredding import erase_rows
from wenyuan.db.vault.store import VAULT_FILE
from wenyuan.settings import Settings
from wenyuan.vault.files import overwrite
from wenyuan.vault.master import KEY_FILE

_KEYS: Final = frozenset({VAULT_FILE, KEY_FILE, AUDIT_KEY, ANCHOR_FILE, RIGHTS})
_FILE: Final = re.compile(rf"{FILES}/(?!\.)[\w.-]{{1,128}}/(?!\.)[\w.-]{{1,255}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. ``erased``: documents, conversations and sources that were erased since the backup was taken.

    ``keyless``: those that it holds and the keys do not open; ``gone``: files that were erased while it was taken.
    ``rights_at``: the moment whose rights hold, in seconds since 1970; ``closed``: what waits to be confirmed.
    """

    manifest: Manifest
    erased: tuple[str, ...]
    keyless: tuple[str, ...]
    gone: tuple[str, ...]
    rights_at: float
    closed: Closed


async def restore(
    settings: Settings,
    data: Path,
    keys: Path | None,
    secret: Secret,
    finish: Callable[[Settings, Restored], Awaitable[None]],
    *,
    incomplete: bool = False,
    rights_of_backup: bool = False,
) -> Restored:
    """Restore data with the keys of a backup, or with those that stand there; nothing is served before it ends.

    ``finish`` is called with the settings of what was made, before that is moved to its place. ``incomplete``: what the
    keys do not open is left out, else it is an error. ``rights_of_backup``: rights may come back that were taken away
    since; else the backup of the keys has to tell them, and what has changed is closed. Raises ``BackupRefused``,
    ``BackupDamaged``, ``BackupKeyWrong``, ``VaultLocked`` and ``OSError``; the place is as empty as before then.
    """
    if settings.profile != "solo" and settings.database.url is not None:
        await _make_ready(settings.database.url.get_secret_value())
    place = Place(settings, with_keys=keys is not None)
    with place.alone():
        await asyncio.to_thread(place.prepare)
        try:
            keys_at = 0.0
            if keys is not None:
                keys_at = (await asyncio.to_thread(_unpack, keys, secret, "keys", place.keys))[0].taken_at
            manifest, gone = await asyncio.to_thread(_unpack, data, secret, "data", place.data)
            if not knows(manifest.revision):
                raise BackupRefused(reason=f"its schema {manifest.revision} is of a later version")
            await asyncio.to_thread(_examine, place.data / DATABASE)
            erased, keyless = await _without_erased(place.staged(), incomplete=incomplete)
            rights = place.keys / RIGHTS if place.with_keys and keys_at >= manifest.taken_at else None
            closed = await asyncio.to_thread(_with_rights, place, rights, open_all=rights_of_backup)
            rights_at = manifest.taken_at if rights_of_backup else keys_at
            restored = Restored(manifest, tuple(erased), tuple(keyless), tuple(gone), rights_at, closed)
            await finish(place.staged(), restored)
            await asyncio.to_thread(place.settle)
        except BaseException:
            await asyncio.to_thread(place.give_up)
            raise
    return restored


async def _make_ready(url: str) -> None:
    """Have the tables on the server; raises ``TransientError`` where it does not answer."""
    database = Database(url)
    try:
        await upgrade(database)
    finally:
        await database.close()


def _unpack(source: Path, secret: Secret, kind: Kind, folder: Path) -> tuple[Manifest, list[str]]:
    def take(entry: Entry, content: Iterable[bytes]) -> None:
        allowed = (
            entry.path in _KEYS if kind == "keys" else entry.path in {DATABASE, AUDIT} or _FILE.fullmatch(entry.path)
        )
        if not allowed:
            raise BackupDamaged(reason="it names a file that no backup holds")
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("xb") as file:
            path.chmod(0o600)
            file.writelines(content)

    return read_archive(source, secret, take, kind)


def _with_rights(place: Place, rights: Path | None, *, open_all: bool) -> Closed:
    """Apply the rights that came with the keys, which are of no use afterwards."""
    closed, database = Closed(), place.data / DATABASE
    if not open_all:
        if rights is None or not rights.is_file() or not fits(rights):
            raise BackupRefused(
                reason="the keys do not tell which rights were taken away since: give a backup of the keys that this"
                " version took after the data, or --rights-of-backup to bring back the rights of that day"
            )
        closed = apply_rights(database, rights)
    end_sessions_in(database)
    if place.with_keys and (place.keys / RIGHTS).exists():
        overwrite(place.keys / RIGHTS)
        (place.keys / RIGHTS).unlink()
    return closed


def _examine(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        found = database.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise BackupDamaged(reason="the database in it is not whole")


async def _without_erased(settings: Settings, *, incomplete: bool) -> tuple[list[str], list[str]]:
    """Bring the schema up to date and remove what no key opens; returns what was erased, and what has no key."""
    vault = await asyncio.to_thread(open_vault, settings, may_make=False)
    database = Database(sqlite_url(settings.data_dir), vault=vault)
    try:
        await upgrade(database)
        await tie(database)
        async with database.read() as tx:
            subjects = [await _subjects(tx, table) for table in (t.documents, t.conversations, t.sources)]
        lost = [await asyncio.to_thread(vault.lost, [*some]) for some in subjects]
        keyless = [one for some, (_, absent) in zip(subjects, lost, strict=True) for one in absent if some[one]]
        if keyless and not incomplete:
            raise BackupRefused(
                reason=f"the keys do not open {len(keyless)} documents or conversations of the backup: give newer keys"
            )
        documents, conversations, sources = (
            [one for one in some if one in {*gone, *keyless}] for some, (gone, _) in zip(subjects, lost, strict=True)
        )
        async with database.write() as tx:
            for document in documents:
                await mark_deleted(tx, document)
                await erase_rows(tx, document)
            await erase_conversations(tx, conversations)
            for source in sources:
                await delete_source(tx, source)
        await database.shred()
    finally:
        await database.close()
    for document in documents:
        shutil.rmtree(settings.data_dir / FILES / document, ignore_errors=True)
    return [one for gone, _ in lost for one in gone], keyless


async def _subjects(tx: Connection, table: sa.Table) -> dict[str, bool]:
    """Return the ids of a table, and whether text is sealed under each."""
    if table is t.documents:
        rows = await tx.execute(sa.select(table.c.id, table.c.sealed.is_not(None)).where(table.c.deleted.is_(False)))
    elif table is t.conversations:
        turns = sa.exists().where(t.conversation_turns.c.conversation_id == table.c.id)
        rows = await tx.execute(sa.select(table.c.id, sa.or_(table.c.sealed.is_not(None), turns)))
    else:
        items, mine = t.source_items, t.source_items.c.source_id == table.c.id
        named = sa.exists().where(mine, items.c.document_id.is_(None), items.c.sealed.is_not(None))
        rows = await tx.execute(sa.select(table.c.id, named))
    return {row[0]: bool(row[1]) for row in rows}
