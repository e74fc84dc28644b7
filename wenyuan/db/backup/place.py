"""Where a restore goes: an empty data folder and its folder of keys, which serve nothing before it has ended.

A mark in the folder of keys says that a restore is under way; the vault does not open for that data folder while it is
there. All is made in folders within the two, on their file systems, so that both may be mounts, and moved at the end.
In the server profile databases are made there too, as files, and poured into the empty ones of the server at the end.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wenyuan.db.backup.errors import BackupRefused
from wenyuan.db.backup.stores import DATABASE, Store, audit_store, keys_store, metadata_store
from wenyuan.db.vault.opening import RESTORING, keys_folder, restored_into
from wenyuan.db.vault.store import VAULT_FILE
from wenyuan.settings import Settings
from wenyuan.vault.files import overwrite, sync_folder, write_new
from wenyuan.vault.master import KEY_FILE

_STAGE: Final = ".restoring"


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a restore. ``with_keys``: the keys come from a backup, else those that stand there are used."""

    settings: Settings
    with_keys: bool

    @property
    def data(self) -> Path:
        """The folder that the data is made in."""
        return self.settings.data_dir.resolve() / _STAGE

    @property
    def keys(self) -> Path:
        """The folder that the keys are made in, or that they stand in."""
        folder = keys_folder(self.settings)
        return folder / _STAGE if self.with_keys else folder

    def staged(self) -> Settings:
        """Return the settings of what is being made."""
        given = self.settings
        audit = given.audit.model_copy(update={"keys_dir": self.keys, "url": None})
        vault = {"key_file": None, "url": None} if self.with_keys else {"url": given.vault.url or given.database.url}
        return given.model_copy(
            update={
                "data_dir": self.data,
                "database": given.database.model_copy(update={"url": None}),
                "audit": audit,
                "vault": given.vault.model_copy(update=vault),
            }
        )

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other restores into this place out; raises ``BackupRefused`` beside one."""
        folder = keys_folder(self.settings)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise BackupRefused(reason="another process is restoring into this place") from None
        finally:
            os.close(handle)

    def prepare(self) -> None:
        """Mark the place and empty it of what a broken restore left; raises ``BackupRefused`` unless it is empty."""
        folder, data_dir = keys_folder(self.settings), self.settings.data_dir.resolve()
        marked = restored_into(folder)
        if marked is not None:
            self._continue(folder, marked)
        else:
            self._require_empty(folder, data_dir)
        for one in (folder, data_dir):
            one.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark = {"data": str(data_dir), "keys": self.with_keys}
        if marked is None:
            write_new(folder / RESTORING, json.dumps(mark))
        self._clear()
        self.data.mkdir(mode=0o700)
        if self.with_keys:
            self.keys.mkdir(mode=0o700)

    def settle(self) -> None:
        """Move what was made to where it belongs, and take the mark away."""
        folder, data_dir = keys_folder(self.settings), self.settings.data_dir.resolve()
        for store in self._on_server():
            made = (self.keys if store.file == VAULT_FILE else self.data) / store.file
            if made.is_file():
                store.pour(made)
                overwrite(made)
                made.unlink()
        if self.with_keys:
            for path in sorted(self.keys.iterdir()):
                elsewhere = self.settings.vault.key_file
                if path.name == KEY_FILE and elsewhere is not None:
                    elsewhere.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    write_new(elsewhere, path.read_text(encoding="ascii"))
                    overwrite(path)
                    path.unlink()
                else:
                    path.rename(folder / path.name)
            self.keys.rmdir()
        for path in sorted(self.data.iterdir(), key=lambda one: one.name == DATABASE):
            if (data_dir / path.name).is_dir():  # of a start that was refused
                shutil.rmtree(data_dir / path.name)
            path.rename(data_dir / path.name)
        self.data.rmdir()
        sync_folder(data_dir)
        sync_folder(folder)
        (folder / RESTORING).unlink()
        sync_folder(folder)

    def give_up(self) -> None:
        """Leave the place as empty as it was."""
        self._clear()
        for store in self._on_server():
            store.clear()
        folder = keys_folder(self.settings)
        (folder / RESTORING).unlink(missing_ok=True)
        sync_folder(folder)

    def _on_server(self) -> list[Store]:
        """Return the databases of a server that are restored, those of documents last."""
        keys = [keys_store(self.settings)] if self.with_keys else []
        stores = [*keys, audit_store(self.settings), metadata_store(self.settings)]
        return [store for store in stores if store.url is not None]

    def _continue(self, folder: Path, marked: str) -> None:
        if marked != str(self.settings.data_dir.resolve()):
            raise BackupRefused(reason=f"{folder.name} is being restored for another data folder")
        with_keys = bool(json.loads((folder / RESTORING).read_text(encoding="utf-8"))["keys"])
        if with_keys != self.with_keys:
            raise BackupRefused(
                reason=f"a restore {'with' if with_keys else 'without'} a file of keys did not end here"
            )

    def _require_empty(self, folder: Path, data_dir: Path) -> None:
        if data_dir.exists() and _content(data_dir):
            raise BackupRefused(reason=f"{data_dir.name} is not empty")
        if used := [store.file for store in self._on_server() if store.in_use()]:
            raise BackupRefused(reason=f"the database on the server holds what {used[0]} would be")
        if not self.with_keys:
            stand = keys_store(self.settings)
            if not stand.exists() or (stand.url is not None and not stand.in_use()):
                raise BackupRefused(reason=f"there are no keys in {folder.name}; give the backup of the keys")
            return
        if _content(folder):
            raise BackupRefused(reason=f"{folder.name} holds keys; restore without a file of keys, or move them away")
        if self.settings.vault.key_file is not None and self.settings.vault.key_file.exists():
            raise BackupRefused(reason=f"{self.settings.vault.key_file.name} exists; move it away")

    def _clear(self) -> None:
        """Remove what was made. Under the mark nothing else writes here, and there was nothing before it."""
        data_dir, folder = self.settings.data_dir.resolve(), keys_folder(self.settings)
        for path in _content(data_dir):
            _remove(path)
        if self.with_keys:
            for path in _content(folder):
                _remove(path)
            elsewhere = self.settings.vault.key_file
            if elsewhere is not None and elsewhere.exists():
                overwrite(elsewhere)
                elsewhere.unlink()


def _content(folder: Path) -> list[Path]:
    """Return what stands in a folder, but for what makes a place and a mount of it."""
    return [path for path in folder.iterdir() if path.name not in {RESTORING, "lost+found"}]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
