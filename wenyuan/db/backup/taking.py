"""Takes backups, also beside a running server: the data as of one moment without keys, and the keys without data."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wenyuan.audit.keys import ANCHOR_FILE
from wenyuan.audit.keys import KEY_FILE as AUDIT_KEY
from wenyuan.db.backup.archive import Entry, Kind, Manifest, Secret, digest, write_archive
from wenyuan.db.backup.errors import BackupRefused
from wenyuan.db.backup.rights import RIGHTS, copy_rights
from wenyuan.db.backup.stores import AUDIT, DATABASE, audit_store, keys_store, metadata_store
from wenyuan.db.vault.opening import keys_folder
from wenyuan.db.vault.store import VAULT_FILE, SqlKeyStore, sqlite_vault_url
from wenyuan.settings import Settings
from wenyuan.vault.files import overwrite, sync_folder
from wenyuan.vault.keeper import Vault
from wenyuan.vault.master import KEY_FILE, MasterFile

FILES: Final = "files"
_PARTIAL: Final = ".partial"
_COUNTED: Final = {
    "documents": "SELECT count(*) FROM documents WHERE NOT deleted",
    "versions": "SELECT count(*) FROM versions",
    "conversations": "SELECT count(*) FROM conversations",
    "users": "SELECT count(*) FROM users",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup as it was written; ``gone``: files that were erased while it was taken."""

    manifest: Manifest
    gone: tuple[str, ...]


def back_up_data(settings: Settings, target: Path, secret: Secret) -> Taken:
    """Write the databases as of one moment, and the stored files that they refer to, to a new file; blocking.

    Text, names and files in it are sealed by keys that are not in it. Raises ``BackupRefused`` and ``OSError``.
    """
    data_dir, stored, log = settings.data_dir.resolve(), metadata_store(settings), audit_store(settings)
    if not stored.exists():
        raise BackupRefused(reason=f"there is no {DATABASE} in {data_dir.name}")
    if target.exists():
        raise BackupRefused(reason=f"{target.name} exists")
    with _work_folder(target) as work:
        taken_at = time.time()
        stored.copy_to(work / DATABASE)  # first: the log then knows of all that is in it
        known = _Known.read(work / DATABASE)
        places = {DATABASE: work / DATABASE}
        if log.exists():
            log.copy_to(work / AUDIT)
            places[AUDIT] = work / AUDIT
        for document in known.documents:
            folder = data_dir / FILES / document
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                places[f"{FILES}/{document}/{path.name}"] = path
        manifest = _manifest("data", taken_at, known.vault, known.revision, known.counts, places)
        gone = write_archive(work / "sealed", secret, manifest, lambda entry: places[entry.path])
        (work / "sealed").rename(target)
        sync_folder(target.parent)
    return Taken(manifest, tuple(gone))


def back_up_keys(settings: Settings, target: Path, secret: Secret) -> Taken:
    """Write all keys to a file; one that stands there is replaced, and overwritten with zeros. Blocking.

    Who may do what now goes with them, where there is a database: see ``wenyuan.db.backup.rights``. Raises
    ``VaultLocked``, ``BackupRefused`` and ``OSError``.
    """
    folder, stored = keys_folder(settings), keys_store(settings)
    if not stored.exists():
        raise BackupRefused(reason=f"there is no {VAULT_FILE} in {folder.name}")
    master = settings.vault.key_file or folder / KEY_FILE
    with (
        _work_folder(target, keys=True) as work,
        MasterFile(master).alone(),
    ):  # a rotation would part the keys from the master key
        taken_at = time.time()
        stored.copy_to(work / VAULT_FILE)
        shutil.copyfile(master, work / KEY_FILE)
        vault = Vault(SqlKeyStore(sqlite_vault_url(work)), MasterFile(work / KEY_FILE))
        try:
            (stand, gone), name = vault.count(), vault.name  # opens every key: a copy that does not open is no copy
        finally:
            vault.close()
        places = {VAULT_FILE: work / VAULT_FILE, KEY_FILE: work / KEY_FILE}
        for one in (AUDIT_KEY, ANCHOR_FILE):  # the anchor moves with each entry
            if (folder / one).is_file():
                places[one] = Path(shutil.copyfile(folder / one, work / one))
        if metadata_store(settings).exists():
            copy_rights(settings, work / RIGHTS)
            places[RIGHTS] = work / RIGHTS
        manifest = _manifest("keys", taken_at, name, "", {"keys": stand, "destroyed": gone}, places)
        write_archive(work / "sealed", secret, manifest, lambda entry: places[entry.path])
        _replace(work / "sealed", target)
    return Taken(manifest, ())


@dataclass(frozen=True, slots=True)
class _Known:
    """What a snapshot says of itself."""

    vault: int
    revision: str
    counts: dict[str, int]
    documents: list[str]

    @classmethod
    def read(cls, snapshot: Path) -> "_Known":
        with contextlib.closing(sqlite3.connect(snapshot)) as database:

            def one(statement: str) -> str:
                row = database.execute(statement).fetchone()
                return "" if row is None else str(row[0])

            counts = {name: int(one(statement)) for name, statement in _COUNTED.items()}
            documents = [row[0] for row in database.execute("SELECT id FROM documents WHERE NOT deleted ORDER BY id")]
            revision = one("SELECT version_num FROM alembic_version")
            vault = int(one("SELECT value FROM counters WHERE name = 'vault'") or 0)
        return cls(vault, revision, counts, documents)


def _manifest(
    kind: Kind, taken_at: float, vault: int, revision: str, counts: dict[str, int], places: dict[str, Path]
) -> Manifest:
    entries = []
    for name, path in places.items():
        with contextlib.suppress(FileNotFoundError):  # erased since it was listed
            entries.append(Entry(name, *digest(path)))
    counts = counts | {"files": len(entries), "bytes": sum(entry.size for entry in entries)}
    return Manifest(kind, taken_at, vault, revision, counts, tuple(entries))


@contextlib.contextmanager
def _work_folder(target: Path, *, keys: bool = False) -> Iterator[Path]:
    """Yield an empty folder beside ``target``, for this process alone; what a killed one left there goes.

    ``keys``: what stands in it is overwritten before it goes.
    """
    folder = target.with_name(target.name + _PARTIAL)
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _empty(folder, keys=keys)
        try:
            yield folder
        finally:
            _empty(folder, keys=keys)
            folder.rmdir()
    except BlockingIOError:
        raise BackupRefused(reason=f"another process is writing {target.name}") from None
    finally:
        os.close(handle)


def _empty(folder: Path, *, keys: bool) -> None:
    for path in folder.iterdir():
        if keys:
            overwrite(path)
        path.unlink()


def _replace(made: Path, target: Path) -> None:
    """Put a file in the place of another one, which is overwritten with zeros: a kill leaves one of them whole."""
    try:
        old = target.open("r+b")
    except FileNotFoundError:
        old = None
    made.rename(target)
    sync_folder(target.parent)
    if old is not None:
        with old:
            old.write(bytes(os.fstat(old.fileno()).st_size))
            old.flush()
            os.fsync(old.fileno())
