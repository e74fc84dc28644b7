"""Sealing with AES-256-GCM (NIST SP 800-38D), and keys made of keys with HKDF-SHA256 (RFC 5869).

A sealed value is a byte that names the format, a nonce of 96 random bits, the ciphertext and a tag of 128 bits. Nonces
are drawn at random for each sealing: with the at most 2^32 sealings that the standard allows under one key two are
alike with a chance below 2^-32, and no key here is used more than some 10^7 times, since each document has its own.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wenyuan.vault.errors import StoredTextDamaged

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_FORMAT: Final = b"\x01"
_HEAD: Final = len(_FORMAT) + NONCE_BYTES
#: Bytes that sealing adds.
OVERHEAD: Final = _HEAD + 16


def new_key() -> bytes:
    """Return a random key."""
    return os.urandom(KEY_BYTES)


def seal(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    """Return ``plain`` sealed for ``place``: it opens under the same key and for the same place alone."""
    nonce = os.urandom(NONCE_BYTES)
    return _FORMAT + nonce + cipher.encrypt(nonce, plain, place)


def open_sealed(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    """Return what was sealed for ``place``; raises ``StoredTextDamaged`` for anything else."""
    if sealed[:1] != _FORMAT:
        raise StoredTextDamaged
    try:
        return cipher.decrypt(sealed[1:_HEAD], sealed[_HEAD:], place)
    except (InvalidTag, ValueError):
        raise StoredTextDamaged from None


def joint_key(keys: Sequence[bytes]) -> bytes:
    """Return the key that takes all of ``keys``, in order, to make: with one of them destroyed it is lost."""
    return HKDF(SHA256(), KEY_BYTES, None, b"wenyuan joint key").derive(b"".join(keys))


def fingerprint(key: bytes, of: str) -> str:
    """Return 128 bits in hexadecimal that name a key and tell nothing of it."""
    return hmac.new(key, f"wenyuan {of} key".encode(), hashlib.sha256).hexdigest()[:32]
