"""Long content sealed piece by piece: in order, none left out, and with an end that cannot be cut off.

Each piece of 64 KiB is sealed by AES-256-GCM under a key that is used for one stream alone. Its nonce is its number and
whether it is the last one, so that no nonce repeats, and pieces that are moved, repeated or missing at the end do not
open.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wenyuan.vault.errors import StoredTextDamaged

PIECE: Final = 64 * 2**10
_TAG: Final = 16


class SealedWriter:
    """Seals what is written, and writes it to an open file from where that stands."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._cipher = file, AESGCM(key)
        self._pending = bytearray()
        self._count = 0

    def write(self, data: bytes) -> None:
        """Take more content; a piece is written when more than it is there."""
        self._pending += data
        while len(self._pending) > PIECE:
            self._put(bytes(self._pending[:PIECE]), last=False)
            del self._pending[:PIECE]

    def finish(self) -> None:
        """Write the last piece and wait until all is on the disk; nothing can be written after that."""
        self._put(bytes(self._pending), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _put(self, plain: bytes, *, last: bool) -> None:
        view = memoryview(self._cipher.encrypt(_nonce(self._count, last=last), plain, None))
        self._count += 1
        while view:
            view = view[self._file.write(view) :]


def opened_pieces(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """Yield the content that was sealed, from where the file stands to its end; raises ``StoredTextDamaged``.

    What was yielded before it raises was sealed so, but is not all of it.
    """
    cipher = AESGCM(key)
    sealed, number = file.read(PIECE + _TAG), 0
    while True:
        following = file.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), sealed, None)
        except (InvalidTag, ValueError):
            raise StoredTextDamaged from None
        if not following:
            return
        sealed, number = following, number + 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
