"""Which columns hold text, and how a row keeps them sealed.

A row that holds text has a column ``sealed``: its text columns together, sealed with the key of the document or the
conversation for exactly this row of this table. The columns themselves are empty then. A row without it is from before
text was sealed, or of a database without a vault: its columns hold the text.
"""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.ports import Vectors
from wenyuan.vault.keeper import Vault


@dataclass(frozen=True, slots=True)
class Layout:
    """A table with text: the columns that name a row, those that are sealed, and what stands in them then."""

    table: sa.Table
    key: tuple[str, ...]
    blank: Mapping[str, Any]

    def place(self, *key: object) -> str:
        """Return what names the row of that key."""
        return ":".join((self.table.name, *map(str, key)))


CHUNK: Final = Layout(t.chunks, ("id",), {"text": "", "context": "", "heading_path": [], "anchor": None})
BLOCK: Final = Layout(t.blocks, ("version_id", "ordinal"), {"body": {}, "original_body": None})
DRAFT: Final = Layout(t.page_drafts, ("version_id", "number"), {"body": {}})
CORRECTION: Final = Layout(t.corrections, ("id",), {"original_body": {}, "body": {}})
QUESTIONS: Final = Layout(t.chunk_questions, ("chunk_id",), {"questions": []})
PROFILE: Final = Layout(t.profiles, ("version_id",), {"body": {}})
RULE: Final = Layout(t.part_rules, ("id",), {"selector": {}})
DOCUMENT: Final = Layout(t.documents, ("id",), {"title": ""})
VERSION: Final = Layout(t.versions, ("id",), {"filename": ""})
ITEM: Final = Layout(t.source_items, ("source_id", "key_sha256"), {"key": ""})
CONVERSATION: Final = Layout(t.conversations, ("id",), {"title": ""})
TURN: Final = Layout(t.conversation_turns, ("id",), {"question": ""})
PART: Final = Layout(t.turn_parts, ("turn_id", "ordinal"), {"text": "", "verdict": None})


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens rows with the keys of ``vault``; without one, rows are stored and read as they are."""

    vault: Vault | None

    def ready(self, subjects: Collection[str], *, make: bool = False) -> None:
        """Have the keys of subjects at hand: one read for all of them."""
        if self.vault is not None:
            self.vault.ready(subjects, make=make)

    def row(self, layout: Layout, subject: str, row: Mapping[str, Any], also: Collection[str] = ()) -> dict[str, Any]:
        """Return a row as it is to be stored; one without any text is stored as it is."""
        texts = [row[name] for name in layout.blank]
        if self.vault is None or texts == list(layout.blank.values()):
            return {**row, "sealed": None}
        plain = json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()
        place = layout.place(*(row[name] for name in layout.key))
        return {**row, **layout.blank, "sealed": self.vault.seal(subject, place, plain, also)}

    def texts(
        self,
        layout: Layout,
        subject: str,
        key: str | tuple[object, ...],
        sealed: bytes | None,
        *plain: Any,
        also: Collection[str] = (),
    ) -> list[Any]:
        """Return the text columns of a row in the order of the layout: ``plain`` where it is not sealed."""
        if sealed is None:
            return list(plain)
        place = layout.place(key) if isinstance(key, str) else layout.place(*key)
        found: list[Any] = json.loads(self._vault().open(subject, place, sealed, also))
        return found

    def stored_vector(self, subject: str, place: str, vector: Vectors) -> bytes:
        """Return a vector as it is to be stored: its numbers, sealed."""
        plain = vector.astype(np.float32).tobytes()
        return plain if self.vault is None else self.vault.seal(subject, f"vector:{place}", plain)

    def vector(self, subject: str, place: str, stored: bytes) -> Vectors:
        """Return a stored vector. One that is not sealed is a multiple of four bytes, a sealed one is not."""
        if len(stored) % 4:
            stored = self._vault().open(subject, f"vector:{place}", stored)
        return np.frombuffer(stored, np.float32)

    def _vault(self) -> Vault:
        if self.vault is None:
            raise LookupError("the database was opened without its vault")
        return self.vault


def sealer(tx: Connection | ReadConnection) -> Sealer:
    """Return what seals and opens the rows of the database that a connection is of."""
    plain = tx.sync_connection if isinstance(tx, Connection) else tx
    return Sealer(None if plain is None else plain.get_execution_options().get("wenyuan_vault"))


async def sealer_for(tx: Connection, *subjects: str) -> Sealer:
    """Return what ``sealer`` does, with the keys of subjects made where they have none: making one waits for a disk."""
    found = sealer(tx)
    await asyncio.to_thread(found.ready, subjects, make=True)
    return found


async def document_of(tx: Connection, version_id: str) -> str:
    """Return the document that a version is of; empty for an unknown one."""
    found = await tx.scalar(sa.select(t.versions.c.document_id).where(t.versions.c.id == version_id))
    return str(found or "")
