"""The only module that reads text of documents out of SQL.

For people and models the read takes a scope and joins, in one statement, the *current* policy of the document, those of
the part that a chunk is of, and the live group memberships of the reader: what was revoked before the statement began
is not returned, whatever the index said. For ingestion the read takes the lease of the job that works on exactly that
version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.answers import Beside, Evidence, Hit
from wenyuan.audit.record import Action, Item
from wenyuan.audit.trail import item_of
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_chunk
from wenyuan.db.access.readable import may_read, reads_as, sought
from wenyuan.db.contents import BLOCK, DRAFT, RANGES, embedded_text
from wenyuan.db.engine import Connection, Database, ReadConnection
from wenyuan.documents import Box, Page, PageSource, ParsedDocument
from wenyuan.errors import NotFound
from wenyuan.jobs.queue import Lease
from wenyuan.ports import Draft, Vectors

MAX_IDS: Final = 500


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A stored citation opened by a reader who may read the document now."""

    id: str
    marker: int
    document_id: str
    version_id: str
    document_title: str
    superseded: bool
    page: int | None
    boxes: tuple[Box, ...]
    heading_path: tuple[str, ...]
    anchor: str | None
    passage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PendingChunk:
    """A chunk on its way into the index; ``policy_id`` is that of its part, None where the document's counts."""

    id: str
    text: str
    vector: Vectors | None
    policy_id: int | None = None


_SHOWN: Final = ("id", "version_id", "text", "context", "heading_path", "pages", "ranges", "language", "anchor")
_READABLE: Final[sa.Select[Any]] = (
    sa.select(*(t.chunks.c[name] for name in _SHOWN), t.documents.c.id.label("document_id"), t.documents.c.title)
    .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
    .where(t.documents.c.deleted.is_(False), may_read(t.documents.c.policy_id), may_read_chunk())
)
_CURRENT: Final = _READABLE.where(
    t.chunks.c.id.in_(sa.bindparam("ids", expanding=True)), t.documents.c.current_version_id == t.chunks.c.version_id
)
_ANCHOR: Final = t.chunks.alias("anchor")
_EARLIER: Final = t.chunks.alias("earlier")
#: Sections are runs of chunks: the first of one stands behind the last that is of another.
_OPENING: Final = (
    sa.select(sa.func.coalesce(sa.func.max(_EARLIER.c.ordinal), -1) + 1)
    .where(
        _EARLIER.c.version_id == _ANCHOR.c.version_id,
        _EARLIER.c.ordinal < _ANCHOR.c.ordinal,
        _EARLIER.c.section != _ANCHOR.c.section,
    )
    .scalar_subquery()
)
_SECTION: Final = (
    _READABLE.add_columns(_ANCHOR.c.id.label("anchor_id"))
    .add_columns((t.chunks.c.ordinal - _ANCHOR.c.ordinal).label("distance"))
    .join(_ANCHOR, sa.and_(_ANCHOR.c.version_id == t.chunks.c.version_id, _ANCHOR.c.section == t.chunks.c.section))
    .where(
        _ANCHOR.c.id.in_(sa.bindparam("ids", expanding=True)),
        _ANCHOR.c.id != t.chunks.c.id,
        t.documents.c.current_version_id == t.chunks.c.version_id,
    )
    .order_by(_ANCHOR.c.id, t.chunks.c.ordinal)
)
_REACH: Final = sa.bindparam("reach", type_=sa.Integer())
_NEAR: Final = _SECTION.where(t.chunks.c.ordinal.between(_ANCHOR.c.ordinal - _REACH, _ANCHOR.c.ordinal + _REACH))
_OPENINGS: Final = _SECTION.where(t.chunks.c.ordinal == _OPENING, t.chunks.c.ordinal < _ANCHOR.c.ordinal - _REACH)
_OF_DOCUMENT: Final = _READABLE.where(
    t.documents.c.id == sa.bindparam("document"), t.documents.c.current_version_id == t.chunks.c.version_id
)
_WHOLE: Final = _OF_DOCUMENT.order_by(t.chunks.c.ordinal).limit(sa.bindparam("most", type_=sa.Integer()))
_SIZE: Final = _OF_DOCUMENT.with_only_columns(sa.func.count())
_TWO_DOCUMENTS: Final = (
    sa.select(t.documents.c.id)
    .where(
        t.documents.c.deleted.is_(False),
        may_read(t.documents.c.policy_id),
        t.documents.c.current_version_id.is_not(None),
    )
    .limit(2)
)
_CITED: Final = (
    _READABLE.add_columns(t.citations.c.id.label("citation_id"), t.citations.c.marker, t.citations.c.page)
    .add_columns(t.citations.c.boxes, t.citations.c.start, t.citations.c.end, t.documents.c.current_version_id)
    .join(t.citations, t.citations.c.chunk_id == t.chunks.c.id)
    .where(t.citations.c.id == sa.bindparam("citation"))
)


class SqlEvidenceStore:
    """Implements ``wenyuan.ports.EvidenceStore`` and ``SurroundingsStore`` on the metadata database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, scope: AccessScope, hits: Sequence[Hit]) -> list[Evidence]:
        """Return the evidence of those hits the scope may read now, in the order of the hits."""
        return _noted(scope, await self._database.run_read(_read_hits, scope, hits))

    async def beside(
        self, scope: AccessScope, chunk_ids: Sequence[str], reach: int, *, openings: bool = False
    ) -> list[Beside]:
        """Return the surroundings of at most ``MAX_IDS`` chunks; raises ``ValueError`` for more."""
        if len(chunk_ids) > MAX_IDS:
            raise ValueError("too many chunks")
        if not chunk_ids:
            return []
        found = await self._database.run_read(_read_beside, scope, chunk_ids, reach, openings=openings)
        _noted(scope, [near.evidence for near in found])
        return found

    async def whole(self, scope: AccessScope, document_id: str, most: int) -> tuple[list[Evidence], int]:
        """Return the first ``most`` chunks of the document in reading order, and how many there are in all."""
        pieces, size = await self._database.run_read(_read_whole, scope, document_id, most)
        return _noted(scope, pieces), size

    async def only_document(self, scope: AccessScope) -> str | None:
        """Return the id of the one published document that the scope may read, None if there are none or several."""
        if scope.documents is not None:
            return next(iter(scope.documents)) if len(scope.documents) == 1 else None
        return await self._database.run_read(_read_only_document, scope)


async def load_citation(scope: AccessScope, tx: Connection, citation_id: str) -> CitedPassage:
    """Open a citation: the version that was read, under the document's current policy; raises ``NotFound``."""
    row = (await tx.execute(_CITED, {"citation": citation_id} | reads_as(scope))).one_or_none()
    if row is None:
        raise NotFound
    scope.trail.note(Action.PREVIEW, [Item(row.document_id, row.version_id, (row.id,))], citation_id)
    return CitedPassage(
        id=row.citation_id,
        marker=row.marker,
        document_id=row.document_id,
        version_id=row.version_id,
        document_title=row.title,
        superseded=row.current_version_id != row.version_id,
        page=row.page,
        boxes=tuple(Box(**box) for box in row.boxes),
        heading_path=tuple(row.heading_path),
        anchor=row.anchor,
        passage=row.text,
        start=row.start,
        end=row.end,
    )


async def read_leased_blocks(lease: Lease, tx: Connection) -> ParsedDocument:
    """Return what parsing stored of the leased version, for chunking after a restart."""
    version_id = lease.payload["version_id"]
    pages = await tx.execute(sa.select(t.pages).where(t.pages.c.version_id == version_id).order_by(t.pages.c.number))
    blocks = await tx.scalars(
        sa.select(t.blocks.c.body).where(t.blocks.c.version_id == version_id).order_by(t.blocks.c.ordinal)
    )
    return ParsedDocument(
        pages=tuple(
            Page(row.number, row.width, row.height, PageSource(row.source), row.error, row.confidence) for row in pages
        ),
        blocks=tuple(BLOCK.validate_python(body) for body in blocks),
    )


async def read_leased_drafts(lease: Lease, tx: Connection) -> dict[int, Draft]:
    """Return what earlier attempts at the leased version had recognised, by number."""
    bodies = await tx.scalars(
        sa.select(t.page_drafts.c.body).where(t.page_drafts.c.version_id == lease.payload["version_id"])
    )
    return {draft.number: draft for draft in map(DRAFT.validate_python, bodies)}


async def read_leased_chunks(lease: Lease, tx: Connection, model: str) -> list[PendingChunk]:
    """Return the chunks of the leased version in order, each as embedded text, with its vector if there is one."""
    statement = (
        sa.select(t.chunks.c.id, t.chunks.c.context, t.chunks.c.text, t.chunks.c.policy_id, t.chunk_vectors.c.vector)
        .outerjoin(
            t.chunk_vectors, sa.and_(t.chunk_vectors.c.chunk_id == t.chunks.c.id, t.chunk_vectors.c.model == model)
        )
        .where(t.chunks.c.version_id == lease.payload["version_id"])
        .order_by(t.chunks.c.ordinal)
    )
    return [
        PendingChunk(
            row.id,
            embedded_text(row.context, row.text),
            None if row.vector is None else np.frombuffer(row.vector, np.float32),
            row.policy_id,
        )
        for row in await tx.execute(statement)
    ]


def _noted(scope: AccessScope, pieces: list[Evidence]) -> list[Evidence]:
    """Note what was read; nothing of it leaves before that is recorded."""
    scope.trail.note(Action.RETRIEVE, [item_of(piece) for piece in pieces])
    return pieces


def _read_hits(tx: ReadConnection, scope: AccessScope, hits: Sequence[Hit]) -> list[Evidence]:
    found: dict[str, sa.Row[Any]] = {}
    for start in range(0, len(hits), MAX_IDS):
        ids = [hit.chunk_id for hit in hits[start : start + MAX_IDS]]
        found.update((row.id, row) for row in tx.execute(_CURRENT, {"ids": ids} | reads_as(scope)))
    kept = [(found[hit.chunk_id], hit) for hit in hits if hit.chunk_id in found]
    return [_evidence(row, hit) for row, hit in kept if _counts(scope, row)]


def _read_beside(
    tx: ReadConnection, scope: AccessScope, chunk_ids: Sequence[str], reach: int, *, openings: bool
) -> list[Beside]:
    given = {"ids": list(chunk_ids), "reach": reach} | reads_as(scope)
    rows = list(tx.execute(_OPENINGS, given)) if openings else []
    rows += tx.execute(_NEAR, given)
    return [Beside(row.anchor_id, row.distance, _evidence(row)) for row in rows if _counts(scope, row)]


def _read_whole(tx: ReadConnection, scope: AccessScope, document_id: str, most: int) -> tuple[list[Evidence], int]:
    given = {"document": document_id} | reads_as(scope)
    rows = list(tx.execute(_WHOLE, given | {"most": most}))
    size = tx.scalar(_SIZE, given) if len(rows) == most else len(rows)
    pieces = [_evidence(row) for row in rows if _counts(scope, row)]
    return pieces, (size or 0) if pieces else 0


def _read_only_document(tx: ReadConnection, scope: AccessScope) -> str | None:
    found = list(tx.scalars(sought(_TWO_DOCUMENTS, t.documents.c.policy_id, scope), reads_as(scope)))
    return str(found[0]) if len(found) == 1 else None


def _counts(scope: AccessScope, row: sa.Row[Any]) -> bool:
    """Whether a row that the policy lets read is of a document to which the scope was narrowed."""
    return scope.documents is None or row.document_id in scope.documents


def _evidence(row: sa.Row[Any], hit: Hit | None = None) -> Evidence:
    """Make evidence of a row; what no search returned has the score 0."""
    return Evidence(
        chunk_id=row.id,
        document_id=row.document_id,
        version_id=row.version_id,
        document_title=row.title,
        text=row.text,
        context=row.context,
        heading_path=tuple(row.heading_path),
        pages=tuple(row.pages),
        ranges=RANGES.validate_python(row.ranges),
        language=row.language,
        anchor=row.anchor,
        score=0.0 if hit is None else hit.score,
        dense=None if hit is None else hit.dense,
        sparse=None if hit is None else hit.sparse,
    )
