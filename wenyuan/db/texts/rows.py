"""Texts of rows that others select, under the policy of a reader or the lease of a job, opened and made into blocks."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.contents import BLOCK
from wenyuan.db.engine import Connection
from wenyuan.db.vault.sealing import BLOCK as BLOCK_ROW
from wenyuan.db.vault.sealing import CHUNK as CHUNK_ROW
from wenyuan.db.vault.sealing import Sealer, sealer
from wenyuan.documents import Block

#: Blocks as ``block_pair`` opens them, of any version: whoever selects narrows it.
BODIES: Final[sa.Select[Any]] = sa.select(
    t.blocks.c.ordinal, t.blocks.c.body, t.blocks.c.original_body, t.blocks.c.sealed
)


def block_pair(own: Sealer, document_id: str, version_id: str, row: sa.Row[Any]) -> tuple[Block, Block | None]:
    """Return the block of a row of ``BODIES``, and as it was parsed where a correction changed it."""
    texts = own.texts(BLOCK_ROW, document_id, (version_id, row.ordinal), row.sealed, row.body, row.original_body)
    body, original = texts
    return BLOCK.validate_python(body), None if original is None else BLOCK.validate_python(original)


async def read_blocks(tx: Connection, document_id: str, version_id: str, rows: Sequence[sa.Row[Any]]) -> list[Block]:
    """Return the blocks of rows of ``BODIES`` of one version."""
    own = sealer(tx)
    return await asyncio.to_thread(lambda: [block_pair(own, document_id, version_id, row)[0] for row in rows])


def chunk_texts(own: Sealer, document_id: str, row: sa.Row[Any]) -> list[Any]:
    """Return text, context, heading path and anchor of a row of ``chunks``."""
    return own.texts(CHUNK_ROW, document_id, row.id, row.sealed, row.text, row.context, row.heading_path, row.anchor)
