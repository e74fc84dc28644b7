"""Blocks of a version, for readers of its document and for the job that works on another version of the same file."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.audit.record import Action, Item
from wenyuan.db import tables as t
from wenyuan.db.access.parts import CLOSED, WHOLE, may_read_chunk
from wenyuan.db.access.readable import reads_as
from wenyuan.db.contents import RANGES
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Connection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.texts.rows import BODIES, block_pair, chunk_texts
from wenyuan.db.vault.sealing import sealer
from wenyuan.documents import Block, BlockKind, BlockRange, Page, PageSource, ParsedDocument, Table
from wenyuan.errors import NotFound
from wenyuan.jobs.queue import Lease
from wenyuan.parts.rules import comparable

#: Warnings about corrections belong to the version they were applied to.
CORRECTION_WARNING: Final = "correction-unmatched:"
_PARSED: Final = (VersionState.PARSED, VersionState.CHUNKED, VersionState.PUBLISHED, VersionState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block with its place in the version, and as it was parsed where a correction changed it.

    ``partial``: rows of it are left out, which the reader may not read.
    """

    ordinal: int
    block: Block
    original: Block | None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class ChunkTexts:
    """How many chunks two versions have in common by the text that is embedded, and how many each has alone."""

    same: int
    added: int
    removed: int


#: The versions of live documents that the reader may read now, once they were published.
READABLE_VERSION: Final = (
    sa.select(t.versions.c.id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
    .where(
        t.documents.c.id == sa.bindparam("document"),
        t.versions.c.id == sa.bindparam("version"),
        t.versions.c.published_at.isnot(None),
        may_be_shown(),
    )
)
#: Blocks that are closed as a whole.
CLOSED_ALL: Final = CLOSED.where(t.block_policies.c.row == WHOLE).with_only_columns(t.block_policies.c.ordinal)
_BLOCKS: Final[sa.Select[Any]] = BODIES.where(
    t.blocks.c.version_id.in_(READABLE_VERSION), t.blocks.c.ordinal.not_in(CLOSED_ALL)
).order_by(t.blocks.c.ordinal)
_CLOSED_BODIES: Final[sa.Select[Any]] = BODIES.where(
    t.blocks.c.version_id == sa.bindparam("version"), t.blocks.c.ordinal.in_(CLOSED_ALL)
)


async def load_blocks(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, offset: int = 0, limit: int | None = None
) -> list[ShownBlock]:
    """Return blocks of a version in reading order; raises ``NotFound`` unless the scope may read the document now.

    Versions that are superseded are readable like the current one: by the document's present policy. Of a part that
    the scope may not read there are no blocks, no rows and no headings; ``offset`` counts what it may read.
    """
    return await _load(scope, tx, document_id, version_id, _BLOCKS.offset(offset).limit(limit))


async def load_block(scope: AccessScope, tx: Connection, document_id: str, version_id: str, ordinal: int) -> ShownBlock:
    """Return one block as ``load_blocks`` does; raises ``NotFound`` too where the scope may not read all of it."""
    statement = _BLOCKS.where(t.blocks.c.ordinal == ordinal)
    found = await _load(scope, tx, document_id, version_id, statement)
    if not found or found[0].partial:
        raise NotFound
    return found[0]


async def load_some(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, ordinals: Collection[int]
) -> list[ShownBlock]:
    """Return those of the blocks that the scope may read, each of them noted as shown; raises as ``load_blocks``."""
    found = await _read(scope, tx, document_id, version_id, _BLOCKS.where(t.blocks.c.ordinal.in_(sorted(ordinals))))
    parts = tuple(f"block:{one.ordinal}" for one in found)
    if parts:
        scope.trail.note(Action.PREVIEW, [Item(document_id, version_id, parts)])
    return found


async def look_between(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, first: int, last: int
) -> list[ShownBlock]:
    """Return the blocks from one ordinal to another that the scope may read, to choose among; as ``load_blocks``.

    They are noted as read for a question, not as shown.
    """
    found = await _read(scope, tx, document_id, version_id, _BLOCKS.where(t.blocks.c.ordinal.between(first, last)))
    if found:
        looked = f"blocks:{found[0].ordinal}-{found[-1].ordinal}"
        scope.trail.note(Action.RETRIEVE, [Item(document_id, version_id, (looked,))])
    return found


async def _load(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, statement: sa.Select[Any]
) -> list[ShownBlock]:
    found = await _read(scope, tx, document_id, version_id, statement)
    if found:
        shown = f"blocks:{found[0].ordinal}-{found[-1].ordinal}"
        scope.trail.note(Action.PREVIEW, [Item(document_id, version_id, (shown,))])
    return found


async def _read(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, statement: sa.Select[Any]
) -> list[ShownBlock]:
    given = {"document": document_id, "version": version_id} | reads_as(scope)
    if await tx.scalar(READABLE_VERSION, given) is None:
        raise NotFound
    rows = (await tx.execute(statement, given)).all()
    closed: dict[int, set[int]] = defaultdict(set)
    for ordinal, row in await tx.execute(CLOSED, given):
        closed[ordinal].add(row)
    hidden = (await tx.execute(_CLOSED_BODIES, given)).all() if closed else []
    read = partial(block_pair, sealer(tx), document_id, version_id)
    return await asyncio.to_thread(_shown, read, rows, closed, hidden)


async def load_chunk(
    scope: AccessScope, tx: Connection, document_id: str, version_id: str, ordinal: int
) -> tuple[str, tuple[BlockRange, ...]]:
    """Return text and block ranges of a chunk; raises ``NotFound`` for none that the scope may read now."""
    given = {"document": document_id, "version": version_id} | reads_as(scope)
    chunk = t.chunks
    texts = (chunk.c.text, chunk.c.context, chunk.c.heading_path, chunk.c.anchor, chunk.c.sealed)
    statement: sa.Select[Any] = sa.select(chunk.c.id, *texts, chunk.c.ranges).where(
        t.chunks.c.version_id.in_(READABLE_VERSION), t.chunks.c.ordinal == ordinal, may_read_chunk()
    )
    row = (await tx.execute(statement, given)).one_or_none()
    if row is None:
        raise NotFound
    scope.trail.note(Action.PREVIEW, [Item(document_id, version_id, (f"chunk:{ordinal}",))])
    text = (await asyncio.to_thread(chunk_texts, sealer(tx), document_id, row))[0]
    return text, RANGES.validate_python(row.ranges)


async def compare_chunks(scope: AccessScope, tx: Connection, old: str, new: str) -> ChunkTexts:
    """Compare those chunks of two versions that the scope may read by digest, of a document that it may read."""
    found = []
    for version in (old, new):
        column = t.chunks.c.embedded_sha256
        statement = sa.select(column).where(t.chunks.c.version_id == version, may_read_chunk())
        found.append(list(await tx.scalars(statement, reads_as(scope))))
    before, after = (Counter(digest for digest in digests if digest) for digests in found)
    same = (before & after).total()
    return ChunkTexts(same, len(found[1]) - same, len(found[0]) - same)


async def read_leased_twin(lease: Lease, tx: Connection, parser_sha256: str) -> ParsedDocument | None:
    """Return what the parser made of the same bytes for another version of the leased document, None if nothing did.

    Blocks come as they were parsed, without the corrections of that version.
    """
    mine, twin = t.versions.alias(), t.versions.alias()
    statement = (
        sa.select(twin.c.id, twin.c.document_id, twin.c.warnings)
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
    rows = (await tx.execute(BODIES.where(t.blocks.c.version_id == found.id).order_by(t.blocks.c.ordinal))).all()
    read = partial(block_pair, sealer(tx), found.document_id, found.id)
    pairs = await asyncio.to_thread(lambda: [read(row) for row in rows])
    return ParsedDocument(
        pages=tuple(
            Page(row.number, row.width, row.height, PageSource(row.source), row.error, row.confidence) for row in pages
        ),
        blocks=tuple(block if original is None else original for block, original in pairs),
        warnings=tuple(warning for warning in found.warnings if not warning.startswith(CORRECTION_WARNING)),
    )


def _shown(
    read: Callable[[sa.Row[Any]], tuple[Block, Block | None]],
    rows: Sequence[sa.Row[Any]],
    closed: Mapping[int, set[int]],
    hidden: Sequence[sa.Row[Any]],
) -> list[ShownBlock]:
    """Return blocks without what of them is closed: rows of tables, and headings that stand in closed parts."""
    within = [read(row)[0] for row in hidden]
    headings = {comparable(block.text) for block in within if block.kind is BlockKind.TITLE}
    found = []
    for row in rows:
        gone = closed.get(row.ordinal, set())
        whole, original = read(row)
        block = opened(whole, gone, headings)
        shown = None if original is None else opened(original, gone, headings)
        found.append(ShownBlock(row.ordinal, block, shown, partial=bool(gone)))
    return found


def opened(block: Block, gone: Collection[int], headings: Collection[str]) -> Block:
    """Return a block without those rows of its table and without ``headings``, as they are compared, in its path."""
    path = tuple(text for text in block.heading_path if comparable(text) not in headings)
    if path != block.heading_path:
        block = replace(block, heading_path=path)
    if not gone:
        return block
    table = Table(0, 0, ()) if block.table is None else block.table.without(gone)
    text = "\n".join(line for line in table.lines() if line)
    return replace(block, text=text, table=table, lines=(), links=())
