"""Identifiers: random ones for things people create, derived ones for things computed from content."""

import hashlib
import secrets
import uuid

_CHUNK_NAMESPACE = uuid.UUID("6f2b8b0e-52c4-5f0e-9a5c-7d1f0f5a1c11")


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
