"""Documents: upload, replace, list, policy, delete, page images."""

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response, UploadFile

from api.deps import AcceptedLanguage, CallerUpload, Noted, Reading, Scoped, ScopedManage, ScopedUpload, Wired
from api.routers.names import may_name, policy_below, policy_named, policy_shown
from api.routers.uploads import UploadRoute
from api.schemas.admin import PlaceBody
from api.schemas.common import PolicyBody, ShownPolicyBody
from api.schemas.documents import (
    ArchiveBody,
    DocumentBody,
    DocumentDetailBody,
    DocumentListBody,
    ErrorBody,
    MemberBody,
    PageBody,
    PageListBody,
    SubmittedBody,
    VersionBody,
)
from ingest.intake import StagedFile
from ingest.rendition.paths import shown_as
from ingest.submission import NewDocument, Submitted
from wenyuan.access import AccessScope, Principal, Role
from wenyuan.audit.record import Action, Item
from wenyuan.db import documents as docs
from wenyuan.db.access.folders import policy_above
from wenyuan.db.access.parts import count_rules
from wenyuan.db.access.spaces import Space, SpaceRole, find_space, roles_in_spaces
from wenyuan.db.engine import Connection
from wenyuan.db.evidence import load_citation
from wenyuan.db.guard.quarantine import list_quarantined
from wenyuan.db.texts.parts import shows_page
from wenyuan.documents import Box
from wenyuan.errors import InvalidRequest, NotFound, UnknownName
from wenyuan.ids import new_id
from wenyuan.text import one_line

router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=UploadRoute)
READ_SIZE = 1 << 20
MAX_TITLE = 512
PageNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("", status_code=202)
async def upload(
    services: Wired,
    caller: CallerUpload,
    trail: Noted,
    response: Response,
    file: UploadFile,
    space: Annotated[str, Form(max_length=128)],
    title: Annotated[str, Form(max_length=MAX_TITLE)] = "",
    policy: Annotated[str | None, Form(max_length=1_000_000)] = None,
    folder: Annotated[str | None, Form(max_length=64)] = None,
) -> SubmittedBody:
    """Take a file as a new document of a space; acknowledged when file, document and job are durable."""
    async with services.database.read() as tx:
        target = await _may_upload(tx, caller, space)
        above = await policy_above(tx, target, folder)
        own = None if policy is None else await policy_below(tx, services.settings.access, caller, policy, above)
    staged = await services.intake.stage(_content(file), file.filename or "")
    document_id = new_id("doc")
    name = one_line(title) or one_line(staged.filename.rsplit(".", 1)[0]) or staged.filename
    new = NewDocument(document_id, target, name[:MAX_TITLE], caller.user_id, own, folder)
    try:
        submitted = await services.submissions.create(new, await services.intake.commit(staged, document_id))
    except BaseException:
        await services.intake.remove_document(document_id)
        raise
    trail.note(Action.ACT, [Item(document_id, submitted.version_id)], "received")
    return _acknowledge(services, response, submitted)


@router.post("/archive", status_code=202)
async def upload_archive(
    services: Wired,
    caller: CallerUpload,
    trail: Noted,
    language: AcceptedLanguage,
    file: UploadFile,
    space: Annotated[str, Form(max_length=128)],
    policy: Annotated[str | None, Form(max_length=1_000_000)] = None,
    folder: Annotated[str | None, Form(max_length=64)] = None,
) -> ArchiveBody:
    """Take a ZIP archive: each member becomes a document titled by its path; all are durable with the answer."""
    async with services.database.read() as tx:
        target = await _may_upload(tx, caller, space)
        above = await policy_above(tx, target, folder)
        own = None if policy is None else await policy_below(tx, services.settings.access, caller, policy, above)
    members = await services.intake.stage_archive(_content(file), file.filename or "")
    staged = [(name, new_id("doc"), member) for name, member in members if isinstance(member, StagedFile)]
    try:
        files = []
        for name, document_id, member in staged:
            title = one_line(PurePath(name).with_suffix("").as_posix())[-MAX_TITLE:]
            new = NewDocument(document_id, target, title or member.filename, caller.user_id, own, folder)
            files.append((new, await services.intake.commit(member, document_id)))
        done = await services.submissions.create_all(files)
    except BaseException:
        for _, document_id, member in staged:
            await services.intake.discard(member)
            await services.intake.remove_document(document_id)
        raise
    services.wake_workers()
    trail.note(Action.ACT, [Item(one.document_id, one.version_id) for one in done], "received")
    submitted = iter(done)
    items = [
        MemberBody(name=name, submitted=_shown(next(submitted)))
        if isinstance(member, StagedFile)
        else MemberBody(name=name, error=ErrorBody(code=member.code, message=member.message(language)))
        for name, member in members
    ]
    return ArchiveBody(accepted=len(staged), items=items)


@router.post("/{document_id}/versions", status_code=202)
async def replace(
    services: Wired, reading: ScopedUpload, response: Response, document_id: str, file: UploadFile
) -> SubmittedBody:
    """Take a file as the next version; the old one answers until the new one is published."""
    await managed(services, reading, document_id)
    source = await services.intake.receive(_content(file), file.filename or "", document_id)
    try:
        submitted = await services.submissions.replace(document_id, source, reading.principal.user_id)
    except NotFound:  # deleted meanwhile: its erasure may have been here already
        await services.intake.remove_document(document_id)
        raise
    return _acknowledge(services, response, submitted)


@router.get("")
async def list_documents(
    services: Wired,
    reading: Scoped,
    space: str | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DocumentListBody:
    """List the documents that the caller may read, newest first."""
    async with services.database.read() as tx:
        found = await docs.load_documents(reading.scope, tx, space, _position(cursor), limit + 1)
        page, more = found[:limit], len(found) > limit
        versions = await docs.list_versions(tx, [document.id for document in page])
    items = [DocumentBody.of(document, versions) for document in page]
    return DocumentListBody(items=items, next_cursor=_cursor(page[-1]) if more else None)


@router.get("/{document_id}")
async def get_document(services: Wired, reading: Scoped, document_id: str) -> DocumentDetailBody:
    """Return a document that the caller may read, with its versions."""
    async with services.database.read() as tx:
        document = await docs.load_document(reading.scope, tx, document_id)
        if document is None:
            raise NotFound
        versions = await docs.list_versions(tx, [document_id])
        manages = await _manages(tx, reading.principal, document)
        parts = await count_rules(tx, document_id) if manages else None
        held = await list_quarantined(tx, [document_id]) if manages else []
    body = DocumentBody.of(document, versions)
    shown = [VersionBody.of(item, wholly=document.wholly) for item in versions]
    reason = held[0].reason if held else None
    return DocumentDetailBody(**body.model_dump(), versions=shown, sections=parts, quarantine=reason)


@router.get("/{document_id}/policy")
async def get_policy(services: Wired, reading: Scoped, document_id: str) -> ShownPolicyBody:
    """Return who may read the document, to those who manage it; without what it inherits."""
    await managed(services, reading, document_id)
    policy, own = await services.submissions.policy_of(document_id)
    async with services.database.read() as tx:
        return await policy_shown(tx, policy, own=own)


@router.put("/{document_id}/policy")
async def put_policy(services: Wired, reading: ScopedManage, document_id: str, body: PolicyBody) -> PolicyBody:
    """Give the document a policy of its own; in force for every request that starts after the answer."""
    document = await managed(services, reading, document_id)
    async with services.database.read() as tx:
        naming = await may_name(tx, reading.principal, document.policy_id)
        policy = await policy_named(tx, services.settings.access, body, naming)
    await services.submissions.set_policy(document_id, policy)
    await services.follow_policy(document_id)
    return body


@router.delete("/{document_id}/policy", status_code=204)
async def delete_policy(services: Wired, reading: ScopedManage, document_id: str) -> None:
    """Take the document's own policy away: that of the folder or space it lies in counts from the answer on."""
    await managed(services, reading, document_id)
    await services.submissions.set_policy(document_id, None)
    await services.follow_policy(document_id)


@router.put("/{document_id}/folder", status_code=204)
async def put_folder(services: Wired, reading: ScopedManage, document_id: str, body: PlaceBody) -> None:
    """Put the document into a folder of its space, or out of all; whose policy counts follows with the answer."""
    await managed(services, reading, document_id)
    await services.submissions.move(document_id, body.folder_id)
    await services.follow_policy(document_id)


@router.delete("/{document_id}", status_code=204)
async def delete(services: Wired, reading: ScopedManage, document_id: str) -> None:
    """Delete a document: gone for everyone with the answer; erased from disk by a job."""
    await managed(services, reading, document_id)
    await services.submissions.delete(document_id)
    services.wake_workers()


@router.get("/{document_id}/pages")
async def list_pages(services: Wired, reading: Scoped, document_id: str) -> PageListBody:
    """List the pages of a document that the caller may read: size, source of the text, error, confidence."""
    async with services.database.read() as tx:
        pages = await docs.load_pages(reading.scope, tx, document_id)
    if pages is None:
        raise NotFound
    return PageListBody(items=[PageBody.of(page) for page in pages])


@router.get("/{document_id}/pages/{number}", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def page_image(
    services: Wired, reading: Scoped, document_id: str, number: PageNumber, citation: str | None = None
) -> Response:
    """Return the image of a page, with the boxes of a citation drawn on it if one is named.

    To those who may read everything on it; for others it has none.
    """
    boxes: tuple[Box, ...] = ()
    async with services.database.read() as tx:
        document = await docs.load_document(reading.scope, tx, document_id)
        version_id = None if document is None else document.current_version_id
        if citation is not None:
            cited = await load_citation(reading.scope, tx, citation)
            version_id = cited.version_id if cited.document_id == document_id else None
            boxes = tuple(box for box in cited.boxes if box.page == number)
        version = None if document is None or version_id is None else await docs.get_version(tx, version_id)
        if version is None or await docs.page_size(tx, version.id, number) is None:
            raise NotFound
        if not await shows_page(reading.scope, tx, document_id, version.id, number):
            raise NotFound
    reading.scope.trail.note(Action.PREVIEW, [Item(document_id, version.id, (f"page:{number}",))])
    path, media_type = shown_as(services.settings.data_dir / version.source.path, version.source.media_type)
    image = await services.renderer.render_page(path, media_type, number, boxes)
    return Response(image, media_type="image/png")


def _acknowledge(services: Wired, response: Response, submitted: Submitted) -> SubmittedBody:
    services.wake_workers()
    response.headers["Location"] = f"/v1/jobs/{submitted.job_id}"
    return _shown(submitted)


def _shown(submitted: Submitted) -> SubmittedBody:
    return SubmittedBody(
        document_id=submitted.document_id,
        version_id=submitted.version_id,
        job_id=submitted.job_id,
        duplicate=submitted.duplicate,
    )


async def _may_upload(tx: Connection, caller: Principal, name: str) -> Space:
    """Return the space to contributors and managers of it and to administrators; for others there is none."""
    roles = await roles_in_spaces(tx, caller.user_id)  # first: a refusal takes as long as an unknown name
    space = await find_space(tx, name)
    if space.id not in roles and Role.ADMINISTRATOR not in caller.roles:
        raise UnknownName("space", name)
    return space


async def managed(services: Wired, reading: Reading, document_id: str) -> docs.Document:
    """Return a live document that the caller manages: its owner, a manager of its space, or an administrator."""
    async with services.database.read() as tx:
        found = await roles_in_spaces(tx, reading.principal.user_id)  # first: a refusal takes as long as an unknown id
        document = await docs.get_document(tx, document_id)
    if document is None or document.deleted or not _runs(found, reading.principal, document):
        raise NotFound
    return document


async def _manages(tx: Connection, caller: Principal, document: docs.Document) -> bool:
    return _runs(await roles_in_spaces(tx, caller.user_id), caller, document)


def _runs(held: Mapping[str, frozenset[SpaceRole]], caller: Principal, document: docs.Document) -> bool:
    """Whether the caller, with those roles by space, manages the document."""
    roles = held.get(document.space_id, frozenset())
    owns = document.owner_id == caller.user_id and bool(roles)
    return owns or SpaceRole.MANAGER in roles or Role.ADMINISTRATOR in caller.roles


async def current_version(scope: AccessScope, tx: Connection, document_id: str) -> str:
    """Return the version that answers, of a document that the scope may read; raises ``NotFound``."""
    document = await docs.load_document(scope, tx, document_id)
    if document is None or document.current_version_id is None:
        raise NotFound
    return document.current_version_id


async def _content(file: UploadFile) -> AsyncIterator[bytes]:
    while data := await file.read(READ_SIZE):
        yield data


def _cursor(document: docs.Document) -> str:
    return base64.urlsafe_b64encode(f"{document.created_at!r} {document.id}".encode()).decode()


def _position(cursor: str | None) -> tuple[float, str] | None:
    if cursor is None:
        return None
    try:
        created, last = base64.urlsafe_b64decode(cursor).decode().split(" ")
        return float(created), last
    except (ValueError, binascii.Error) as error:
        raise InvalidRequest(reason="cursor") from error
