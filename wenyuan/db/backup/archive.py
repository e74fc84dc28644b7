"""The file of a backup: a header in the open, and all the rest sealed as one stream.

The stream is a manifest, which names every file with its size and digest, and the files in its order. Its key is made
of the passphrase (scrypt, RFC 7914) or of a key file, of 32 random bytes in the header, and of the header itself
(HKDF), so that it seals this one stream alone: pieces are numbered and the last one is marked, and what is changed,
cut, moved or joined from several files does not open.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wenyuan.db.backup.errors import BackupDamaged, BackupKeyWrong, BackupRefused
from wenyuan.vault.cipher import KEY_BYTES
from wenyuan.vault.errors import StoredTextDamaged
from wenyuan.vault.stream import SealedWriter, opened_pieces

FORMAT: Final = 1
#: Bytes that are read and written at once.
BLOCK: Final = 2**20
Kind = Literal["data", "keys"]
_MAGIC: Final = b"WYBK"
_KINDS: Final[dict[Kind, bytes]] = {"data": b"D", "keys": b"K"}
_SALT: Final = 32
_CHECK: Final = 16
_TOLD: Final = len(_MAGIC) + 3
_LENGTH: Final = 8
_MOST_MANIFEST: Final = 2**30
_HERE, _GONE = b"\x01", b"\x00"


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens a backup: a passphrase, or a key of 32 bytes."""

    value: bytes
    is_key: bool

    def stream_key(self, told: bytes, salt: bytes) -> bytes:
        """Return the key of the stream behind a header; a passphrase takes 128 MiB and half a second."""
        root = self.value if self.is_key else Scrypt(salt, KEY_BYTES, n=2**17, r=8, p=1).derive(self.value)
        return HKDF(SHA256(), KEY_BYTES, salt, b"wenyuan backup " + told).derive(root)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a backup: its path below the folder it is of, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, as of ``taken_at`` (Unix seconds).

    ``vault`` names the store of keys that its text was sealed by; ``revision`` is that of the schema, empty for keys.
    """

    kind: Kind
    taken_at: float
    vault: int
    revision: str
    counts: dict[str, int]
    entries: tuple[Entry, ...]

    def dumped(self) -> bytes:
        """Return it as JSON."""
        return json.dumps({"format": FORMAT} | asdict(self)).encode()


def digest(path: Path) -> tuple[int, str]:
    """Return the size of a file and its SHA-256."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
        return file.tell(), found.hexdigest()


def write_archive(target: Path, secret: Secret, manifest: Manifest, places: Callable[[Entry], Path]) -> list[str]:
    """Write a new file durably; returns the paths of entries that are there no more.

    Raises ``BackupRefused`` for a file whose content is not that of the manifest, and ``OSError``.
    """
    told = _MAGIC + bytes([FORMAT]) + (b"K" if secret.is_key else b"P") + _KINDS[manifest.kind]
    salt = os.urandom(_SALT)
    key = secret.stream_key(told, salt)
    gone = []
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(told + salt + _check(key))
        stream = SealedWriter(file, key)
        listed = manifest.dumped()
        stream.write(len(listed).to_bytes(_LENGTH, "big") + listed)
        for entry in manifest.entries:
            try:
                source = places(entry).open("rb")
            except FileNotFoundError:
                stream.write(_GONE)
                gone.append(entry.path)
                continue
            with source:
                stream.write(_HERE)
                _copy(source, stream, entry)
        stream.finish()
    return gone


def read_archive(
    source: Path, secret: Secret, take: Callable[[Entry, Iterable[bytes]], None], kind: Kind | None = None
) -> tuple[Manifest, list[str]]:
    """Read a backup to its end, handing each file to ``take``; returns what it holds, and the paths of what was gone.

    What was taken counts only once this returns. Raises ``BackupDamaged``, ``BackupKeyWrong``, ``BackupRefused`` for
    one of another format or ``kind``, and ``OSError``.
    """
    gone = []
    with source.open("rb") as file:
        pieces = _Pieces(file, *_open_header(file, secret))
        if kind not in {None, pieces.kind}:
            raise BackupRefused(reason=f"{source.name} is a backup of {pieces.kind}")
        manifest = _manifest(pieces)
        for entry in manifest.entries:
            if pieces.take(1) == _GONE:
                gone.append(entry.path)
                continue
            found = hashlib.sha256()
            take(entry, _hashed(pieces.run(entry.size), found))
            if found.hexdigest() != entry.sha256:
                raise BackupDamaged(reason=f"the content of {entry.path} is not that of the manifest")
        pieces.end()
    return manifest, gone


def verify_archive(source: Path, secret: Secret) -> tuple[Manifest, list[str]]:
    """Read a backup to its end; returns and raises what ``read_archive`` does."""

    def read(_entry: Entry, content: Iterable[bytes]) -> None:
        for _ in content:
            pass

    return read_archive(source, secret, read)


class _Pieces:
    """The opened stream, in runs of bytes."""

    def __init__(self, file: BinaryIO, key: bytes, kind: Kind) -> None:
        self.kind = kind
        self._pieces = opened_pieces(file, key)
        self._held = memoryview(b"")

    def take(self, size: int) -> bytes:
        return b"".join(self.run(size))

    def run(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._held:
                opened = self._next()
                if opened is None:
                    raise BackupDamaged(reason="it ends before the last file")
                self._held = memoryview(opened)
                continue
            piece = self._held[:size]
            self._held = self._held[len(piece) :]
            size -= len(piece)
            yield bytes(piece)

    def end(self) -> None:
        if self._held or self._next() is not None:
            raise BackupDamaged(reason="there is more in it than the manifest names")

    def _next(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except StoredTextDamaged:
            raise BackupDamaged(reason="it was changed, cut or joined") from None


def _open_header(file: BinaryIO, secret: Secret) -> tuple[bytes, Kind]:
    told, salt, check = file.read(_TOLD), file.read(_SALT), file.read(_CHECK)
    kinds = {letter: kind for kind, letter in _KINDS.items()}
    if len(check) != _CHECK or not told.startswith(_MAGIC) or told[-1:] not in kinds:
        raise BackupDamaged(reason="it does not begin as a backup")
    if told[len(_MAGIC)] != FORMAT:
        raise BackupRefused(reason=f"the backup has format {told[len(_MAGIC)]}, this version reads {FORMAT}")
    if told[-2:-1] != (b"K" if secret.is_key else b"P"):
        raise BackupKeyWrong
    key = secret.stream_key(told, salt)
    if not hmac.compare_digest(check, _check(key)):
        raise BackupKeyWrong
    return key, kinds[told[-1:]]


def _check(key: bytes) -> bytes:
    return hmac.new(key, b"wenyuan backup key", hashlib.sha256).digest()[:_CHECK]


def _manifest(pieces: _Pieces) -> Manifest:
    length = int.from_bytes(pieces.take(_LENGTH), "big")
    if length > _MOST_MANIFEST:
        raise BackupDamaged(reason="its manifest has no end")
    try:
        given: dict[str, Any] = json.loads(pieces.take(length))
        entries = tuple(Entry(str(one["path"]), int(one["size"]), str(one["sha256"])) for one in given.pop("entries"))
        del given["format"]
        found = Manifest(**given, entries=entries)
    except (ValueError, KeyError, TypeError):
        raise BackupDamaged(reason="its manifest cannot be read") from None
    if found.kind != pieces.kind:
        raise BackupDamaged(reason="its manifest is of another kind of file")
    return found


def _copy(source: BinaryIO, stream: SealedWriter, entry: Entry) -> None:
    found, size = hashlib.sha256(), 0
    while block := source.read(min(BLOCK, entry.size - size)):
        found.update(block)
        size += len(block)
        stream.write(block)
    if size != entry.size or found.hexdigest() != entry.sha256:
        raise BackupRefused(reason=f"{entry.path} changed while it was copied; run it again")


def _hashed(blocks: Iterable[bytes], found: Any) -> Iterator[bytes]:
    for block in blocks:
        found.update(block)
        yield block
