"""Identifiers: random ones for things people create, derived ones for things computed from content."""

import hashlib
import secrets
import uuid
from typing import Final

_CHUNK_NAMESPACE = uuid.UUID("6f2b8b0e-52c4-5f0e-9a5c-7d1f0f5a1c11")

#: Points that a chunk can have in the index: that of its text (slot 0) and others beside it.
SLOTS: Final = 64
# Six bits of a UUID say which kind it is; all chunk ids have the same there: version 5 of the variant of RFC 9562.
_VERSION, _VARIANT = 76, 62
_KIND_BITS: Final = 0b1111 << _VERSION | 0b11 << _VARIANT
_CHUNK_KIND: Final = 5 << 2 | 0b10


def new_id(prefix: str) -> str:
    """Return an unguessable id, ``<prefix>_`` and 128 random bits in hex."""
    return f"{prefix}_{secrets.token_hex(16)}"


def version_id(document_id: str, content_sha256: str, pipeline_fingerprint: str) -> str:
    """Return the id of the version that these bytes make of this document under this pipeline."""
    material = f"{document_id}\0{content_sha256}\0{pipeline_fingerprint}"
    return f"ver_{hashlib.sha256(material.encode()).hexdigest()[:32]}"


def chunk_id(version: str, ordinal: int, text: str) -> str:
    """Return the UUID (version 5) of a chunk: the same version, ordinal and text give the same id."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return str(uuid.uuid5(_CHUNK_NAMESPACE, f"{version}\0{ordinal}\0{digest}"))


def point_id(chunk: str, slot: int) -> str:
    """Return the id of a chunk's point in the index; slot 0 is that of its text and has the id of the chunk.

    The slot stands in the bits in which all chunk ids agree, so that ``chunk_of`` needs no look-up. Raises
    ``ValueError`` for what is no chunk id, and for a slot outside 0..63.
    """
    number = uuid.UUID(chunk).int
    if _kind(number) != _CHUNK_KIND:
        raise ValueError("a chunk id is a UUID of version 5")
    if not 0 <= slot < SLOTS:
        raise ValueError(f"slots are 0..{SLOTS - 1}")
    return _with_kind(number, (_CHUNK_KIND + slot) % SLOTS) if slot else chunk


def question_id(chunk: str, ordinal: int) -> str:
    """Return the id of the point of a chunk's question, numbered from 0."""
    return point_id(chunk, 1 + ordinal)


def chunk_of(point: str) -> str:
    """Return the chunk that a point belongs to, by the id of the point as the index gives it."""
    if point[14] == "5" and point[19] in "89ab":
        return point
    return _with_kind(uuid.UUID(point).int, _CHUNK_KIND)


def _kind(number: int) -> int:
    return (number >> _VERSION & 0b1111) << 2 | number >> _VARIANT & 0b11


def _with_kind(number: int, kind: int) -> str:
    return str(uuid.UUID(int=number & ~_KIND_BITS | kind >> 2 << _VERSION | (kind & 0b11) << _VARIANT))
