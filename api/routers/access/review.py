"""Why somebody may read a document, who can see it, and what somebody sees. Nothing here shows text of a document."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.deps import AcceptedLanguage, Administrator, Reading, Scoped, Wired
from api.routers.access import bodies
from api.routers.access.shown import document_shown, explanation_shown, readers_shown
from api.routers.audit.bodies import table_line
from wenyuan.audit.record import Action, Item
from wenyuan.db.access.review import reports
from wenyuan.db.access.review.asked import Asked, asked_document, person_named
from wenyuan.db.access.review.explain import explain
from wenyuan.db.access.review.sections import closed_to, explain_parts
from wenyuan.db.engine import ReadConnection
from wenyuan.errors import InvalidRequest, Language
from wenyuan.people.settings import AccessSettings

router = APIRouter(prefix="/v1/access", tags=["access"])
TOGETHER = 500
DocumentId = Annotated[str, Query(min_length=1, max_length=64)]
UserName = Annotated[str, Query(min_length=1, max_length=128)]
SpaceName = Annotated[str | None, Query(max_length=128)]
Limit = Annotated[int, Query(ge=1, le=TOGETHER)]
Shape = Annotated[Literal["jsonl", "csv"], Query(alias="format")]
READER_COLUMNS = ("user", "display_name", "code", "path", "closed_parts")
SEEN_COLUMNS = ("document", "space", "title", "closed_parts")


@router.get("/explain")
async def get_explanation(
    services: Wired,
    reading: Scoped,
    language: AcceptedLanguage,
    document: DocumentId,
    user: Annotated[str | None, Query(max_length=128)] = None,
) -> bodies.ExplanationBody:
    """Say whether somebody may read a document now, and why: each rule, its conditions, and the way to its entries.

    Administrators and managers of the space ask about anybody; everybody else about themself and what they can read.
    Who may not read the document is told no title, and who may not read a part not what it names.
    """

    def read(tx: ReadConnection) -> bodies.ExplanationBody:
        mine = user is None or user == reading.principal.name
        asked = asked_document(tx, reading.principal, reading.scope, document, about_self=mine)
        user_id = reading.principal.user_id if user is None or mine else person_named(tx, user).id
        now = time.time()
        told = explain(tx, [user_id], asked.policy_id, now)[user_id]
        parts = explain_parts(tx, document, user_id, reading.scope, now, every=asked.manages)
        return explanation_shown(tx, told, asked, reading.scope, parts, language, services.settings.access)

    found = await services.database.run_read(read)
    reading.scope.trail.note(Action.READ, [Item(document)], f"explain user={found.user.id}")
    return found


@router.get("/readers")
async def list_readers(
    services: Wired,
    reading: Scoped,
    language: AcceptedLanguage,
    document: DocumentId,
    cursor: Annotated[str | None, Query(max_length=16)] = None,
    limit: Limit = 100,
) -> bodies.ReaderListBody:
    """List who can see a document now, by name, with what lets them; for those who manage its space."""
    start = _offset(cursor)

    def read(tx: ReadConnection) -> bodies.ReaderListBody:
        asked = asked_document(tx, reading.principal, reading.scope, document)
        now = time.time()
        total, told = reports.readers_explained(tx, asked.policy_id, now, start, limit)
        closed = closed_to(tx, document, (one.reader.id for one in told if one.reader is not None), now)
        return bodies.ReaderListBody(
            document=document_shown(asked),
            total=total,
            items=readers_shown(tx, told, closed, language, services.settings.access),
            next_cursor=str(start + limit) if start + limit < total else None,
        )

    found = await services.database.run_read(read)
    reading.scope.trail.note(Action.READ, [Item(document)], "readers")
    return found


@router.get("/readers/export", response_class=StreamingResponse)
async def export_readers(
    services: Wired, reading: Scoped, language: AcceptedLanguage, document: DocumentId, shape: Shape = "jsonl"
) -> StreamingResponse:
    """Return everybody who can see a document now, as lines of JSON or as a table."""

    def everybody(tx: ReadConnection) -> tuple[Asked, list[str]]:
        asked = asked_document(tx, reading.principal, reading.scope, document)
        return asked, reports.readers_of(tx, asked.policy_id, now)

    now = time.time()
    asked, people = await services.database.run_read(everybody)
    reading.scope.trail.note(Action.EXPORT, [Item(document)], f"readers {shape}")

    async def lines() -> AsyncIterator[str]:
        if shape == "csv":
            yield table_line(READER_COLUMNS)
        for start in range(0, len(people), TOGETHER):
            part = people[start : start + TOGETHER]
            for one in await services.database.run_read(_readers, asked, part, now, language, services.settings.access):
                path = " > ".join(f"{step.kind}:{step.name}" for step in one.deciding.path)
                row = (one.user.name, one.user.display_name, one.deciding.code, path, str(one.closed_parts))
                yield table_line(row) if shape == "csv" else one.model_dump_json() + "\n"

    return _file(lines(), "readers", shape)


@router.get("/view")
async def get_view(
    services: Wired,
    _caller: Administrator,
    reading: Scoped,
    user: UserName,
    space: SpaceName = None,
    cursor: Annotated[str, Query(max_length=64)] = "",
    limit: Limit = 100,
) -> bodies.ViewBody:
    """See what somebody sees: counts by space and ids, with the titles that the administrator may read too.

    It shows no text and no title beyond the administrator's own; that they looked, and as whom, is recorded.
    """
    person, view = await services.database.run_read(_view, reading, user, space, cursor, limit)
    _note_view(reading, person)
    return bodies.ViewBody(
        user=person,
        active=view.visibility.active,
        spaces=[bodies.SpaceCountBody.model_validate(one, from_attributes=True) for one in view.spaces],
        items=[bodies.SeenBody.model_validate(one, from_attributes=True) for one in view.documents],
        next_cursor=view.documents[-1].id if len(view.documents) == limit else None,
    )


@router.get("/view/export", response_class=StreamingResponse)
async def export_view(
    services: Wired,
    _caller: Administrator,
    reading: Scoped,
    user: UserName,
    space: SpaceName = None,
    shape: Shape = "jsonl",
) -> StreamingResponse:
    """Return all documents that somebody sees, as lines of JSON or as a table; titles as in the view."""
    person, view = await services.database.run_read(_view, reading, user, space, "", TOGETHER)
    _note_view(reading, person)

    async def lines() -> AsyncIterator[str]:
        part = view.documents
        if shape == "csv":
            yield table_line(SEEN_COLUMNS)
        while part:
            for one in part:
                body = bodies.SeenBody.model_validate(one, from_attributes=True)
                row = (one.id, one.space, one.title or "", str(one.closed_parts))
                yield table_line(row) if shape == "csv" else body.model_dump_json() + "\n"
            if len(part) < TOGETHER:
                return
            _, further = await services.database.run_read(_view, reading, user, space, part[-1].id, TOGETHER)
            part = further.documents

    return _file(lines(), "view", shape)


def _view(
    tx: ReadConnection, reading: Reading, name: str, space: str | None, after: str, limit: int
) -> tuple[bodies.PersonBody, reports.View]:
    found = person_named(tx, name)
    person = bodies.PersonBody(id=found.id, name=found.name, display_name=found.display_name)
    return person, reports.view_of(tx, found.id, reading.scope, time.time(), space, after, limit)


def _readers(
    tx: ReadConnection, asked: Asked, people: list[str], now: float, language: Language, settings: AccessSettings
) -> list[bodies.ReaderBody]:
    told = explain(tx, people, asked.policy_id, now)
    closed = closed_to(tx, asked.id, people, now)
    return readers_shown(tx, [told[one] for one in people if told[one].allowed], closed, language, settings)


def _note_view(reading: Reading, person: bodies.PersonBody) -> None:
    """Record as whom the administrator looked."""
    trail = reading.scope.trail
    trail.behalf = trail.behalf or person.id
    trail.note(Action.READ, target=f"view-as user={person.id}")


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise InvalidRequest(reason="cursor")
    return int(cursor)


def _file(lines: AsyncIterator[str], name: str, shape: str) -> StreamingResponse:
    media_type = "text/csv" if shape == "csv" else "application/jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{shape}"'}
    return StreamingResponse(lines, media_type=media_type, headers=headers)
