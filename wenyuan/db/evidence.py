"""The only module that reads text of documents out of SQL.

For people and models the read takes a scope and joins, in one statement, the *current* policy of the document, those of
the part that a chunk is of, and the live group memberships of the reader: what was revoked before the statement began
is not returned, whatever the index said. For ingestion the read takes the lease of the job that works on exactly that
version.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.answers import Beside, Evidence, FigureRef, Hit
from wenyuan.audit.record import Action, Item
from wenyuan.audit.trail import item_of
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_chunk
from wenyuan.db.access.readable import may_read, reads_as, sought
from wenyuan.db.citations import stored_figures
from wenyuan.db.contents import DRAFT, RANGES, embedded_text
from wenyuan.db.engine import Connection, Database, ReadConnection
from wenyuan.db.guard.quarantine import in_use, may_be_shown
from wenyuan.db.texts.profiles import read_dates
from wenyuan.db.texts.rows import BODIES, chunk_texts, read_blocks
from wenyuan.db.vault.sealing import DOCUMENT, Sealer, document_of, sealer
from wenyuan.db.vault.sealing import DRAFT as DRAFT_ROW
from wenyuan.documents import Box, Page, PageSource, ParsedDocument
from wenyuan.errors import NotFound
from wenyuan.jobs.queue import Lease
from wenyuan.ports import DocumentDates, Draft, Vectors

MAX_IDS: Final = 500


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A stored citation opened by a reader who may read the document now."""

    id: str
    marker: int
    chunk_id: str
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
    figures: tuple[FigureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingChunk:
    """A chunk on its way into the index; ``policy_id`` is that of its part, None where the document's counts."""

    id: str
    text: str
    vector: Vectors | None
    policy_id: int | None = None


#: The columns by which ``chunk_texts`` reads a chunk.
_TEXTS: Final = ("id", "text", "context", "heading_path", "anchor", "sealed")
_SHOWN: Final = (*_TEXTS, "version_id", "pages", "ranges", "language")
_READABLE: Final[sa.Select[Any]] = (
    sa.select(*(t.chunks.c[name] for name in _SHOWN), t.documents.c.id.label("document_id"), t.documents.c.title)
    .add_columns(t.documents.c.sealed.label("sealed_title"), t.documents.c.owner_id, t.spaces.c.name.label("space"))
    .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
    .join(t.spaces, t.spaces.c.id == t.documents.c.space_id)
    .where(t.documents.c.deleted.is_(False), may_read(t.documents.c.policy_id), may_read_chunk())
)
#: For search and answers; a citation may be opened in quarantine by those who manage the document.
_FOUND: Final = _READABLE.where(in_use(t.documents.c.id))
_CURRENT: Final = _FOUND.where(
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
    _FOUND.add_columns(_ANCHOR.c.id.label("anchor_id"))
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
_OF_DOCUMENT: Final = _FOUND.where(
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
        in_use(t.documents.c.id),
    )
    .limit(2)
)
_CITED: Final = (
    _READABLE.add_columns(t.citations.c.id.label("citation_id"), t.citations.c.marker, t.citations.c.page)
    .add_columns(t.citations.c.boxes, t.citations.c.start, t.citations.c.end, t.documents.c.current_version_id)
    .add_columns(t.citations.c.figures)
    .join(t.citations, t.citations.c.chunk_id == t.chunks.c.id)
    .where(t.citations.c.id == sa.bindparam("citation"), may_be_shown())
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

    async def dates(self, scope: AccessScope, document_ids: Sequence[str]) -> dict[str, DocumentDates]:
        """Return the dates of those of the documents that the scope may read now, by id."""
        return await self._database.run_read(read_dates, scope, document_ids) if document_ids else {}

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
    title, text, _, path, anchor = await asyncio.to_thread(_texts, sealer(tx), row)
    return CitedPassage(
        id=row.citation_id,
        chunk_id=row.id,
        marker=row.marker,
        document_id=row.document_id,
        version_id=row.version_id,
        document_title=title,
        superseded=row.current_version_id != row.version_id,
        page=row.page,
        boxes=tuple(Box(**box) for box in row.boxes),
        heading_path=tuple(path),
        anchor=anchor,
        passage=text,
        start=row.start,
        end=row.end,
        figures=stored_figures(row.figures),
    )


async def read_leased_blocks(lease: Lease, tx: Connection) -> ParsedDocument:
    """Return what parsing stored of the leased version, for chunking after a restart."""
    version_id = lease.payload["version_id"]
    pages = await tx.execute(sa.select(t.pages).where(t.pages.c.version_id == version_id).order_by(t.pages.c.number))
    rows = await tx.execute(BODIES.where(t.blocks.c.version_id == version_id).order_by(t.blocks.c.ordinal))
    blocks = await read_blocks(tx, await document_of(tx, version_id), version_id, rows.all())
    return ParsedDocument(
        pages=tuple(
            Page(row.number, row.width, row.height, PageSource(row.source), row.error, row.confidence) for row in pages
        ),
        blocks=tuple(blocks),
    )


async def read_leased_drafts(lease: Lease, tx: Connection) -> dict[int, Draft]:
    """Return what earlier attempts at the leased version had recognised, by number."""
    version_id = lease.payload["version_id"]
    draft = t.page_drafts
    rows = await tx.execute(
        sa.select(draft.c.number, draft.c.body, draft.c.sealed).where(draft.c.version_id == version_id)
    )
    document_id = await document_of(tx, version_id)
    own = sealer(tx)
    found = {}
    for row in rows:
        (body,) = own.texts(DRAFT_ROW, document_id, (version_id, row.number), row.sealed, row.body)
        found[row.number] = DRAFT.validate_python(body)
    return found


async def read_leased_chunks(lease: Lease, tx: Connection, model: str) -> list[PendingChunk]:
    """Return the chunks of the leased version in order, each as embedded text, with its vector if there is one."""
    statement = (
        sa.select(*(t.chunks.c[name] for name in _TEXTS), t.chunks.c.policy_id, t.chunk_vectors.c.vector)
        .add_columns(t.versions.c.document_id)
        .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
        .outerjoin(
            t.chunk_vectors, sa.and_(t.chunk_vectors.c.chunk_id == t.chunks.c.id, t.chunk_vectors.c.model == model)
        )
        .where(t.chunks.c.version_id == lease.payload["version_id"])
        .order_by(t.chunks.c.ordinal)
    )
    rows = (await tx.execute(statement)).all()
    return await asyncio.to_thread(_pending, sealer(tx), rows)


def _pending(own: Sealer, rows: Sequence[sa.Row[Any]]) -> list[PendingChunk]:
    found = []
    for row in rows:
        text, context = chunk_texts(own, row.document_id, row)[:2]
        vector = None if row.vector is None else own.vector(row.document_id, row.id, row.vector)
        found.append(PendingChunk(row.id, embedded_text(context, text), vector, row.policy_id))
    return found


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
    own = sealer(tx)
    own.ready({row.document_id for row, _ in kept})
    return [_evidence(own, row, hit) for row, hit in kept if _counts(scope, row)]


def _read_beside(
    tx: ReadConnection, scope: AccessScope, chunk_ids: Sequence[str], reach: int, *, openings: bool
) -> list[Beside]:
    given = {"ids": list(chunk_ids), "reach": reach} | reads_as(scope)
    rows = list(tx.execute(_OPENINGS, given)) if openings else []
    rows += tx.execute(_NEAR, given)
    own = sealer(tx)
    own.ready({row.document_id for row in rows})
    return [Beside(row.anchor_id, row.distance, _evidence(own, row)) for row in rows if _counts(scope, row)]


def _read_whole(tx: ReadConnection, scope: AccessScope, document_id: str, most: int) -> tuple[list[Evidence], int]:
    given = {"document": document_id} | reads_as(scope)
    rows = list(tx.execute(_WHOLE, given | {"most": most}))
    size = tx.scalar(_SIZE, given) if len(rows) == most else len(rows)
    pieces = [_evidence(sealer(tx), row) for row in rows if _counts(scope, row)]
    return pieces, (size or 0) if pieces else 0


def _read_only_document(tx: ReadConnection, scope: AccessScope) -> str | None:
    found = list(tx.scalars(sought(_TWO_DOCUMENTS, t.documents.c.policy_id, scope), reads_as(scope)))
    return str(found[0]) if len(found) == 1 else None


def _counts(scope: AccessScope, row: sa.Row[Any]) -> bool:
    """Whether a row that the policy lets read is of a document to which the scope was narrowed."""
    return scope.documents is None or row.document_id in scope.documents


def _texts(own: Sealer, row: sa.Row[Any]) -> list[Any]:
    """Return title, text, context, heading path and anchor of a row of ``_READABLE``."""
    title = own.texts(DOCUMENT, row.document_id, row.document_id, row.sealed_title, row.title)
    return title + chunk_texts(own, row.document_id, row)


def _evidence(own: Sealer, row: sa.Row[Any], hit: Hit | None = None) -> Evidence:
    """Make evidence of a row; what no search returned has the score 0."""
    title, text, context, path, anchor = _texts(own, row)
    return Evidence(
        chunk_id=row.id,
        document_id=row.document_id,
        version_id=row.version_id,
        document_title=title,
        text=text,
        context=context,
        heading_path=tuple(path),
        pages=tuple(row.pages),
        ranges=RANGES.validate_python(row.ranges),
        language=row.language,
        anchor=anchor,
        score=0.0 if hit is None else hit.score,
        dense=None if hit is None else hit.dense,
        sparse=None if hit is None else hit.sparse,
        uploader=row.owner_id,
        space=row.space,
    )
