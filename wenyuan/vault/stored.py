"""Uploaded files as they are stored: sealed with the key of their document, read from memory alone.

A file begins with its own key, sealed with that of the document for its place, and goes on with its content sealed by
that key. While it is received its key is in memory only, so that what an interrupted upload leaves opens for nobody.
Parsers get the content as a file in memory (``memfd``), never on a disk. A file that does not begin so is from before
files were sealed.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from wenyuan.vault.cipher import KEY_BYTES, OVERHEAD, new_key
from wenyuan.vault.errors import StoredTextDamaged
from wenyuan.vault.files import sync_folder
from wenyuan.vault.keeper import Vault
from wenyuan.vault.stream import SealedWriter, opened_pieces

_MAGIC: Final = b"WYF1"
_HEAD: Final = len(_MAGIC) + OVERHEAD + KEY_BYTES


@dataclass(frozen=True, slots=True)
class PlainFile:
    """The content of a stored file: a path that this process, or a child that inherits ``descriptor``, can open."""

    path: Path
    descriptor: int | None


class StoredFiles:
    """Writes and opens stored files below ``files/<document id>/``; without a vault they are stored as they are."""

    def __init__(self, vault: Vault | None = None) -> None:
        self._vault = vault
        self._received: dict[str, bytes] = {}

    def receive(self, path: Path) -> "Receiving":
        """Begin a file that is being received, which belongs to no document yet; raises ``FileExistsError``."""
        key = None if self._vault is None else new_key()
        made = Receiving(path, key)
        if key is not None:
            self._received[str(path)] = key
        return made

    def forget(self, path: Path) -> None:
        """Remove a file that was received and is not wanted."""
        self._received.pop(str(path), None)
        path.unlink(missing_ok=True)

    def give(self, path: Path, target: Path) -> None:
        """Give a received file to the document that the folder of ``target`` is named after, durably, and move it.

        Raises ``OSError``, and ``KeyDestroyed`` for a document that was erased.
        """
        key = self._received.get(str(path))
        if key is not None and self._vault is not None:
            head = _MAGIC + self._vault.seal(_document(target), _place(target), key)
            with path.open("r+b") as file:
                file.write(head)
                file.flush()
                os.fsync(file.fileno())
        created = not target.parent.exists()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.replace(target)
        self._received.pop(str(path), None)
        for folder in (target.parent, target.parent.parent)[: 1 + created]:
            with contextlib.suppress(OSError):  # some network file systems cannot sync a folder; the file is synced
                sync_folder(folder)

    def keep(self, data: bytes, target: Path) -> None:
        """Write a file of a document whole or not at all."""
        made = target.with_name(f"{target.name}.{secrets.token_hex(8)}")
        with self.receive(made) as file:
            file.write(data)
        try:
            self.give(made, target)
        finally:
            self.forget(made)

    def seal_old(self, path: Path) -> bool:
        """Seal a file that was stored before files were sealed; returns whether it was one."""
        with path.open("rb") as old:
            if self._vault is None or old.read(len(_MAGIC)) == _MAGIC:
                return False
            old.seek(0)
            made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            try:
                with self.receive(made) as file:
                    while piece := old.read(2**20):
                        file.write(piece)
                seen = os.fstat(old.fileno())
                os.utime(made, ns=(seen.st_atime_ns, seen.st_mtime_ns))
                self.give(made, path)
                os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
            finally:
                self.forget(made)
        return True

    @contextlib.contextmanager
    def plain(self, path: Path) -> Iterator[PlainFile]:
        """Yield the content of a stored or received file; it takes its size in memory as long as it is open.

        Raises ``FileNotFoundError``, ``KeyDestroyed`` and ``StoredTextDamaged``.
        """
        with path.open("rb") as file:
            key = self._key(path, file)
            if key is None:
                yield PlainFile(path.resolve(), None)
                return
            descriptor = os.memfd_create("wenyuan", os.MFD_CLOEXEC)
            try:
                with os.fdopen(os.dup(descriptor), "wb") as copy:
                    for piece in opened_pieces(file, key):
                        copy.write(piece)
                yield PlainFile(Path(f"/proc/self/fd/{descriptor}"), descriptor)
            finally:
                os.close(descriptor)

    def _key(self, path: Path, file: BinaryIO) -> bytes | None:
        """Return the key of a file, which is left where its content begins; None for one that is not sealed."""
        received = self._received.get(str(path))
        if received is not None:
            file.seek(_HEAD)
            return received
        head = file.read(_HEAD)
        if not head.startswith(_MAGIC):
            return None
        if self._vault is None or len(head) != _HEAD:
            raise StoredTextDamaged
        return self._vault.open(_document(path), _place(path), head[len(_MAGIC) :])


class Receiving:
    """A file that is being received. Left by an exception it stays as it is, for ``StoredFiles.forget``."""

    def __init__(self, path: Path, key: bytes | None) -> None:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self._sealed: SealedWriter | None = None
        if key is not None:
            self._file.write(bytes(_HEAD))
            self._sealed = SealedWriter(self._file, key)

    def write(self, data: bytes) -> None:
        """Take more content."""
        if self._sealed is None:
            self._file.write(data)
        else:
            self._sealed.write(data)

    def finish(self) -> None:
        """Write the rest, durably."""
        if self._sealed is not None:
            self._sealed.finish()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "Receiving":
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            self.close()


def _document(path: Path) -> str:
    return path.parent.name


def _place(path: Path) -> str:
    return f"file:{path.name}"
