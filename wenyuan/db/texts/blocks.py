"""Blocks of a version, for readers of its document and for the job that works on another version of the same file."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.policies import VISIBLE_POLICIES, reads_as
from wenyuan.db.contents import BLOCK, RANGES
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Connection
from wenyuan.documents import Block, BlockRange, Page, PageSource, ParsedDocument
from wenyuan.errors import NotFound
from wenyuan.jobs.queue import Lease

#: Warnings about corrections belong to the version they were applied to.
CORRECTION_WARNING: Final = "correction-unmatched:"
_PARSED: Final = (VersionState.PARSED, VersionState.CHUNKED, VersionState.PUBLISHED, VersionState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block with its place in the version, and as it was parsed where a correction changed it."""

    ordinal: int
    block: Block
    original: Block | None


@dataclass(frozen=True, slots=True)
class ChunkTexts:
    """How many chunks two versions have in common by the text that is embedded, and how many each has alone."""

    same: int
    added: int
    removed: int


#: The versions of live documents that the reader may read now, once they were published.
_READABLE: Final = (
    sa.select(t.versions.c.id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
    .where(
        t.documents.c.id == sa.bindparam("document"),
        t.versions.c.id == sa.bindparam("version"),
        t.versions.c.published_at.isnot(None),
        t.documents.c.deleted.is_(False),
        t.documents.c.policy_id.in_(VISIBLE_POLICIES),
    )
)
_BLOCKS: Final[sa.Select[Any]] = (
    sa.select(t.blocks.c.ordinal, t.blocks.c.body, t.blocks.c.original_body)
    .where(t.blocks.c.version_id.in_(_READABLE))
    .order_by(t.blocks.c.ordinal)
)


async def load_blocks(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, offset: int = 0, limit: int | None = None
) -> list[ShownBlock]:
    """Return blocks of a version in reading order; raises ``NotFound`` unless the scope may read the document now.

    Versions that are superseded are readable like the current one: by the document's present policy.
    """
    given = {"document": document_id, "version": version_id} | reads_as(scope.user_id)
    if await tx.scalar(_READABLE, given) is None:
        raise NotFound
    rows = (await tx.execute(_BLOCKS.offset(offset).limit(limit), given)).all()
    return await asyncio.to_thread(lambda: [_shown(row) for row in rows])


async def load_chunk(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, ordinal: int
) -> tuple[str, tuple[BlockRange, ...]]:
    """Return text and block ranges of a chunk; raises ``NotFound`` for none that the scope may read now."""
    given = {"document": document_id, "version": version_id} | reads_as(scope.user_id)
    statement = sa.select(t.chunks.c.text, t.chunks.c.ranges).where(
        t.chunks.c.version_id.in_(_READABLE), t.chunks.c.ordinal == ordinal
    )
    row = (await tx.execute(statement, given)).one_or_none()
    if row is None:
        raise NotFound
    return row.text, RANGES.validate_python(row.ranges)


async def compare_chunks(tx: Connection, old: str, new: str) -> ChunkTexts:
    """Compare the chunks of two versions by digest; the caller has authorised the reader for both."""
    found = []
    for version in (old, new):
        column = t.chunks.c.embedded_sha256
        found.append(list(await tx.scalars(sa.select(column).where(t.chunks.c.version_id == version))))
    before, after = (Counter(digest for digest in digests if digest) for digests in found)
    same = (before & after).total()
    return ChunkTexts(same, len(found[1]) - same, len(found[0]) - same)


async def read_leased_twin(lease: Lease, tx: Connection, parser_sha256: str) -> ParsedDocument | None:
    """Return what the parser made of the same bytes for another version of the leased document, None if nothing did.

    Blocks come as they were parsed, without the corrections of that version.
    """
    mine, twin = t.versions.alias(), t.versions.alias()
    statement = (
        sa.select(twin.c.id, twin.c.warnings)
        .join(mine, sa.and_(mine.c.document_id == twin.c.document_id, mine.c.sha256 == twin.c.sha256))
        .where(
            mine.c.id == lease.payload["version_id"],
            mine.c.document_id == lease.payload["document_id"],
            twin.c.id != mine.c.id,
            twin.c.media_type == mine.c.media_type,
            twin.c.parser_sha256 == parser_sha256,
            twin.c.state.in_(_PARSED),
            sa.exists().where(t.blocks.c.version_id == twin.c.id),
        )
        .order_by(twin.c.created_at.desc())
        .limit(1)
    )
    found = (await tx.execute(statement)).one_or_none()
    if found is None:
        return None
    pages = await tx.execute(sa.select(t.pages).where(t.pages.c.version_id == found.id).order_by(t.pages.c.number))
    bodies = await tx.scalars(
        sa.select(sa.func.coalesce(t.blocks.c.original_body, t.blocks.c.body, type_=sa.JSON()))
        .where(t.blocks.c.version_id == found.id)
        .order_by(t.blocks.c.ordinal)
    )
    return ParsedDocument(
        pages=tuple(
            Page(row.number, row.width, row.height, PageSource(row.source), row.error, row.confidence) for row in pages
        ),
        blocks=tuple(BLOCK.validate_python(body) for body in bodies),
        warnings=tuple(warning for warning in found.warnings if not warning.startswith(CORRECTION_WARNING)),
    )


def _shown(row: sa.Row[Any]) -> ShownBlock:
    original = None if row.original_body is None else BLOCK.validate_python(row.original_body)
    return ShownBlock(row.ordinal, BLOCK.validate_python(row.body), original)
