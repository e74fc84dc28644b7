"""Versions block by block, how they differ, and corrections of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import Scoped, ScopedUpload, Wired
from api.routers.documents import current_version, managed
from api.schemas.documents import SubmittedBody
from api.schemas.texts import (
    BlockBody,
    BlockListBody,
    ChunkCountsBody,
    CorrectionBody,
    CorrectionIn,
    CorrectionListBody,
    DiffBody,
    SideBody,
    StepBody,
    span_bodies,
)
from ingest.revision.diff import Change, Span, Step, compare, spans
from ingest.revision.matching import Effort
from ingest.revision.passages import block_texts
from ingest.revision.places import Places, Spot
from ingest.submission import Submitted
from wenyuan.db import documents as docs
from wenyuan.db.engine import Connection
from wenyuan.db.texts.blocks import ShownBlock, compare_chunks, load_blocks, load_chunk
from wenyuan.db.texts.corrections import load_corrections
from wenyuan.documents import Block, Place
from wenyuan.errors import CorrectionMisplaced, InvalidRequest, NotFound

router = APIRouter(prefix="/v1/documents", tags=["documents"])
Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/{document_id}/versions/{version_id}/blocks")
async def blocks(
    services: Wired, reading: Scoped, document_id: str, version_id: str, offset: Offset = 0, limit: Limit = 100
) -> BlockListBody:
    """Return the blocks of a version, superseded ones too, of a document that the caller may read now."""
    async with services.database.read() as tx:
        found = await load_blocks(reading.scope, tx, document_id, version_id, offset, limit + 1)
    items = [BlockBody.of(one) for one in found[:limit]]
    return BlockListBody(items=items, next_offset=offset + limit if len(found) > limit else None)


@router.get("/{document_id}/versions/{version_id}/diff")
async def diff(
    services: Wired,
    reading: Scoped,
    document_id: str,
    version_id: str,
    against: Annotated[str | None, Query(max_length=64)] = None,
    changes_only: bool = False,
    offset: Offset = 0,
    limit: Limit = 100,
) -> DiffBody:
    """Compare a version with another one of the document, the one published before it unless ``against`` names one."""
    async with services.database.read() as tx:
        new = await load_blocks(reading.scope, tx, document_id, version_id)
        other = against or await _before(tx, document_id, version_id)
        old = await load_blocks(reading.scope, tx, document_id, other)
        chunks = await compare_chunks(reading.scope, tx, other, version_id)
    steps = await asyncio.to_thread(compare, [one.block for one in old], [one.block for one in new])
    counts = Counter(step.change for step in steps)
    if changes_only:
        steps = [step for step in steps if step.change is not Change.SAME]
    page = steps[offset : offset + limit]
    return DiffBody(
        version_id=version_id,
        against=other,
        counts={change: counts[change] for change in Change},
        chunks=ChunkCountsBody.of(chunks),
        items=await asyncio.to_thread(_step_bodies, page, old, new),
        next_offset=offset + limit if len(steps) > offset + limit else None,
    )


@router.get("/{document_id}/corrections")
async def list_corrections(services: Wired, reading: Scoped, document_id: str) -> CorrectionListBody:
    """Return the corrections of a document, to those who manage it and may read it."""
    await managed(services, reading, document_id)
    async with services.database.read() as tx:
        version_id = await current_version(reading.scope, tx, document_id)
        found = await load_corrections(reading.scope, tx, document_id)
        shown = await load_blocks(reading.scope, tx, document_id, version_id) if found else []
    places = await asyncio.to_thread(Places, _parsed(shown))
    items = [CorrectionBody.of(one, applied=places.find(one.place) is not None) for one in found]
    return CorrectionListBody(items=items)


@router.put("/{document_id}/corrections", status_code=202)
async def put_correction(
    services: Wired, reading: ScopedUpload, response: Response, document_id: str, body: CorrectionIn
) -> SubmittedBody:
    """Correct the text of a block, a table cell or a chunk; a version that has it is made and published by a job.

    For those who manage the document and may read every part of it. A text as it was parsed takes the correction back.
    """
    await managed(services, reading, document_id)
    async with services.database.read() as tx:
        await current_version(reading.scope, tx, document_id)
        if not await docs.reads_wholly(reading.scope, tx, document_id):
            raise NotFound
        shown = await load_blocks(reading.scope, tx, document_id, body.version_id)
        texts = {Spot(body.block or 0, body.row, body.column): body.text}
        if body.chunk is not None:
            text, ranges = await load_chunk(reading.scope, tx, document_id, body.version_id, body.chunk)
            blocks = {one.ordinal: one.block for one in shown}
            found = await asyncio.to_thread(block_texts, text, ranges, body.text, blocks)
            texts = {Spot(ordinal): new for ordinal, new in found.items()}
    edits = await asyncio.to_thread(_edits, shown, texts)
    submitted = await services.submissions.correct(document_id, body.version_id, edits, reading.principal.user_id)
    return _acknowledge(services, response, submitted)


@router.delete("/{document_id}/corrections/{correction_id}", status_code=202)
async def delete_correction(
    services: Wired, reading: ScopedUpload, response: Response, document_id: str, correction_id: str
) -> SubmittedBody:
    """Take a correction back; the version without it is made and published by a job."""
    await managed(services, reading, document_id)
    async with services.database.read() as tx:
        await current_version(reading.scope, tx, document_id)
    user_id = reading.principal.user_id
    return _acknowledge(services, response, await services.submissions.take_back(document_id, correction_id, user_id))


def _edits(shown: Sequence[ShownBlock], texts: dict[Spot, str]) -> list[tuple[Place, str]]:
    """Name the places of the edits by what was parsed there; raises ``CorrectionMisplaced`` for none."""
    places = Places(_parsed(shown))
    edits = []
    for spot, text in texts.items():
        place = places.at(spot)
        if place is None:
            raise CorrectionMisplaced(reason="no such block or cell")
        if spot.row is None and shown[spot.block].block.table is not None:
            raise CorrectionMisplaced(reason="table")
        edits.append((place, text))
    return edits


def _parsed(shown: Sequence[ShownBlock]) -> list[Block]:
    """Return the blocks as they were parsed."""
    return [one.block if one.original is None else one.original for one in shown]


async def _before(tx: Connection, document_id: str, version_id: str) -> str:
    """Return the version that was made before; the caller may read the document."""
    found = [one for one in await docs.list_versions(tx, [document_id]) if one.published_at is not None]
    mine = next((one for one in found if one.id == version_id), None)
    older = [one for one in found if mine is not None and one.id != mine.id and one.created_at <= mine.created_at]
    if not older:
        raise InvalidRequest(reason="against: no earlier version")
    return older[0].id


def _step_bodies(steps: Sequence[Step], before: Sequence[ShownBlock], after: Sequence[ShownBlock]) -> list[StepBody]:
    bodies = []
    effort = Effort()
    for step in steps:
        old = None if step.old is None else before[step.old]
        new = None if step.new is None else after[step.new]
        blocks = (None if old is None else old.block, None if new is None else new.block)
        bodies.append(
            StepBody(
                change=step.change,
                old=None if old is None else SideBody.of(old.ordinal, old.block),
                new=None if new is None else SideBody.of(new.ordinal, new.block),
                spans=span_bodies(_spans(step.change, *blocks, effort)),
            )
        )
    return bodies


def _spans(change: Change, old: Block | None, new: Block | None, effort: Effort) -> list[Span]:
    if change is Change.CHANGED and old is not None and new is not None:
        return spans(old.text, new.text, effort)
    block = new if new is not None else old
    return [] if block is None else [Span(change, block.text)]


def _acknowledge(services: Wired, response: Response, submitted: Submitted) -> SubmittedBody:
    services.wake_workers()
    response.headers["Location"] = f"/v1/jobs/{submitted.job_id}"
    return SubmittedBody(
        document_id=submitted.document_id,
        version_id=submitted.version_id,
        job_id=submitted.job_id,
        duplicate=submitted.duplicate,
    )
