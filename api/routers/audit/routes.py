"""Search in the audit log and its export."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.deps import Auditor, Noted, Wired
from api.routers.audit.bodies import AuditEntryBody, AuditListBody, AuditVerdictBody, csv_head, csv_line
from wenyuan.audit.record import Action, Outcome, Record
from wenyuan.db.audit.opening import verify_audit
from wenyuan.db.audit.store import Wanted
from wenyuan.errors import InvalidRequest

router = APIRouter(prefix="/v1/audit", tags=["audit"])
Id = Annotated[str | None, Query(max_length=64)]


def wanted(
    actor: Id = None,
    document: Id = None,
    action: Action | None = None,
    outcome: Outcome | None = None,
    request_id: Id = None,
    since: datetime | None = None,
    before: datetime | None = None,
) -> Wanted:
    """Return what the query asks for; times without a zone are UTC."""
    return Wanted(
        actor=actor,
        document=document,
        action=action,
        outcome=outcome,
        request=request_id,
        since=_microseconds(since),
        before=_microseconds(before),
    )


Filters = Annotated[Wanted, Depends(wanted)]


@router.get("")
async def list_audit(
    services: Wired,
    _caller: Auditor,
    trail: Noted,
    filters: Filters,
    cursor: Annotated[str | None, Query(max_length=32)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditListBody:
    """Return entries, newest first: ids, never titles or texts. That they were looked at is an entry itself."""
    trail.note(Action.AUDIT, target=_told("list", filters))
    found = await services.audit.find(filters, _position(cursor), limit + 1)
    page = found[:limit]
    more = str(page[-1].sequence) if len(found) > limit else None
    return AuditListBody(items=[AuditEntryBody.of(record) for record in page], next_cursor=more)


@router.get("/export", response_class=StreamingResponse)
async def export_audit(
    services: Wired,
    _caller: Auditor,
    trail: Noted,
    filters: Filters,
    shape: Annotated[Literal["jsonl", "csv"], Query(alias="format")] = "jsonl",
) -> StreamingResponse:
    """Return all entries that fit, newest first, as lines of JSON or as a table."""
    trail.note(Action.AUDIT, target=_told(f"export {shape}", filters))
    found = services.audit.every(filters)
    lines, media_type = (_csv(found), "text/csv") if shape == "csv" else (_json(found), "application/jsonl")
    name = f'attachment; filename="audit.{shape}"'
    return StreamingResponse(lines, media_type=media_type, headers={"Content-Disposition": name})


@router.get("/verify")
async def verify_log(services: Wired, _caller: Auditor, trail: Noted) -> AuditVerdictBody:
    """Examine the chain of the log up to now and compare its end with the anchor; reads it whole."""
    trail.note(Action.AUDIT, target="verify")
    verdict = await asyncio.to_thread(verify_audit, services.settings)
    return AuditVerdictBody.of(verdict)


async def _json(found: AsyncIterator[Record]) -> AsyncIterator[str]:
    async for record in found:
        yield AuditEntryBody.of(record).model_dump_json() + "\n"


async def _csv(found: AsyncIterator[Record]) -> AsyncIterator[str]:
    yield csv_head()
    async for record in found:
        yield csv_line(record)


def _told(what: str, filters: Wanted) -> str:
    """Return what was asked for, with the ids in the filters."""
    given = [(name, getattr(filters, name)) for name in Wanted.__slots__]
    return " ".join([what, *(f"{name}={value}" for name, value in given if value is not None)])


def _microseconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    try:
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)
    except (OverflowError, ValueError) as error:
        raise InvalidRequest(reason="time") from error


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) >= 2**63:
        raise InvalidRequest(reason="cursor")
    return int(cursor)
