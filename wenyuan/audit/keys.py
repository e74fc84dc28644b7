"""The key that seals the log, and the anchor that says how far the log has come: both kept apart from the log."""

import contextlib
import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wenyuan.audit.record import ORIGIN
from wenyuan.errors import SettingsError
from wenyuan.vault.files import write_new

KEY_FILE: Final = "audit.key"
ANCHOR_FILE: Final = "audit.anchor"
_KEY_BYTES: Final = 32
_SLOT: Final = 256


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a log: its sequence and digest."""

    sequence: int = 0
    digest: str = ORIGIN


def keys_beside(data_dir: Path) -> Path:
    """Return the folder of keys of a data folder unless the settings name another: its neighbour."""
    resolved = data_dir.resolve()
    return resolved.with_name(f"{resolved.name}.keys")


def open_key(folder: Path, given: str | None, *, may_make: bool) -> bytes:
    """Return the sealing key: the one given, else that in the folder, made there (mode 600) if it ``may_make`` one.

    Raises ``SettingsError`` for a folder that cannot be written, a key that is none, and for a missing one: a log that
    was begun under another key would look forged under a new one.
    """
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if given is None and may_make and not path.exists():
            write_new(path, secrets.token_hex(_KEY_BYTES))
    except OSError as error:
        raise SettingsError(
            reason=f"audit.keys_dir: {folder.name} cannot be written ({type(error).__name__})"
        ) from None
    try:
        key = bytes.fromhex(given if given is not None else path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise SettingsError(reason=f"the audit log has entries, and its key is missing: {KEY_FILE}") from None
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        raise SettingsError(reason="the key of the audit log is not 64 hexadecimal digits")
    return key


class Anchor:
    """The head of the log as it was last committed, sealed, in a file of its own.

    Two slots are written in turn, so that a torn write leaves the one before. It only moves forward. What was written
    survives the death of the process at once, and a loss of power from the next :meth:`flush` on.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        """Open or create the file in ``folder``."""
        self._key = key
        self._file = os.open(folder / ANCHOR_FILE, os.O_RDWR | os.O_CREAT, 0o600)

    def read(self) -> Head | None:
        """Return the furthest head that was written, None if no slot holds one that this key sealed."""
        return self._furthest()[0]

    def write(self, head: Head) -> None:
        """Store ``head`` unless a further one stands there."""
        with self._locked():
            stands, slot = self._furthest()
            if stands is None or stands.sequence < head.sequence:
                self._put(head, 1 - slot)

    def reset(self, head: Head) -> None:
        """Store ``head`` in place of a further one, after the loss of the entries between was recorded."""
        with self._locked():
            os.ftruncate(self._file, 0)
            self._put(head, 0)

    def flush(self) -> None:
        """Return when what was written is on the disk."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Flush and close the file."""
        self.flush()
        os.close(self._file)

    def _furthest(self) -> tuple[Head | None, int]:
        """Return the furthest head and its slot."""
        found = [(head, slot) for slot in range(2) if (head := self._slot(slot)) is not None]
        return max(found, key=lambda pair: pair[0].sequence, default=(None, 1))

    def _put(self, head: Head, slot: int) -> None:
        line = f"{head.sequence} {head.digest} {self._mac(head)}\n".encode("ascii").ljust(_SLOT)
        os.pwrite(self._file, line, _SLOT * slot)

    def _slot(self, number: int) -> Head | None:
        parts = os.pread(self._file, _SLOT, _SLOT * number).split()
        if len(parts) != 3 or not parts[0].isdigit():
            return None
        head = Head(int(parts[0]), parts[1].decode("ascii", "replace"))
        return head if hmac.compare_digest(parts[2].decode("ascii", "replace"), self._mac(head)) else None

    def _mac(self, head: Head) -> str:
        told = f"wenyuan-audit-anchor {head.sequence} {head.digest}".encode()
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
