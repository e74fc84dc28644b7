"""The master key in its file, which is kept apart from the data: made once, replaced by rotation."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wenyuan.vault.cipher import KEY_BYTES, fingerprint
from wenyuan.vault.errors import VaultLocked
from wenyuan.vault.files import overwrite, sync_folder, write_new

KEY_FILE: Final = "vault.key"
_NEXT: Final = ".next"


class MasterFile:
    """The file with the master key: 64 hexadecimal digits, mode 600. Beside it, during a rotation, the next one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = path.with_name(path.name + _NEXT)

    def make(self) -> bytes:
        """Return the key, made here if there is none; raises ``VaultLocked`` where it cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._path.exists():
                write_new(self._path, secrets.token_hex(KEY_BYTES))
        except OSError as error:
            raise VaultLocked(reason=f"{self._path.name} cannot be written ({type(error).__name__})") from None
        return self._read(self._path)

    def find(self, name: str) -> bytes:
        """Return the key of that fingerprint, whether a rotation was broken off or not; raises ``VaultLocked``."""
        found = [key for path in (self._path, self._next) if (key := self._try(path)) is not None]
        for key in found:
            if fingerprint(key, "master") == name:
                return key
        if not found:
            raise VaultLocked(reason=f"the master key is missing ({self._path.name})")
        raise VaultLocked(reason=f"the master key in {self._path.name} is another one than that of the stored text")

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other rotations of this file out: one would drop the key that another is about to count on."""
        handle = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def prepare(self) -> bytes:
        """Write the key that is to be the next one beside the present one, and return it."""
        self._next.unlink(missing_ok=True)
        write_new(self._next, secrets.token_hex(KEY_BYTES))
        return self._read(self._next)

    def settle(self, name: str) -> None:
        """Put the next key in the place of the old one if it is the one of that name, and drop it if it is not."""
        key = self._try(self._next)
        if key is not None and fingerprint(key, "master") == name:
            overwrite(self._path)
            self._next.replace(self._path)
        elif key is not None:
            overwrite(self._next)
            self._next.unlink()
        sync_folder(self._path.parent)

    def _try(self, path: Path) -> bytes | None:
        return self._read(path) if path.is_file() else None

    def _read(self, path: Path) -> bytes:
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (ValueError, OSError):
            key = b""
        if len(key) != KEY_BYTES:
            raise VaultLocked(reason=f"{path.name} does not hold 64 hexadecimal digits")
        return key
