"""The index folder: who holds it, and which embedder filled it."""

import fcntl
import os
from pathlib import Path
from typing import Final

from wenyuan.errors import IndexLocked, IndexMismatch

_LOCK: Final = "lock"
_FINGERPRINT: Final = "fingerprint"


class FolderLock:
    """An exclusive lock on a folder. The kernel frees it when its process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises ``IndexLocked`` with the holder's process id when another holds it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise IndexLocked(pid=holder or "?") from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._descriptor)


def adopt(folder: Path, place: Path) -> None:
    """Move an index that lies in ``folder`` itself, as it did when there was but one, to ``place`` within it.

    Each step is a rename, so that a crash between two is made good by the next call.
    """
    partial = place.with_name(f"{place.name}.partial")
    if place.exists() or not (partial.exists() or (folder / _FINGERPRINT).exists()):
        return
    partial.mkdir(exist_ok=True)
    for name in ("shard", _FINGERPRINT):
        if (folder / name).exists():
            (folder / name).rename(partial / name)
    sync_folder(partial)
    partial.rename(place)
    sync_folder(folder)


def read_fingerprint(folder: Path) -> str | None:
    """Return what ``claim_fingerprint`` noted in the folder, None where it noted nothing."""
    path = folder / _FINGERPRINT
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def claim_fingerprint(folder: Path, expected: str) -> None:
    """Note ``expected`` in a new folder; raise ``IndexMismatch`` when the folder carries another one."""
    found = read_fingerprint(folder)
    if found is not None:
        if found != expected:
            raise IndexMismatch(found=found, expected=expected)
        return
    partial = folder / f"{_FINGERPRINT}.partial"
    with partial.open("w", encoding="utf-8") as file:
        file.write(f"{expected}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.rename(folder / _FINGERPRINT)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames inside ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
