"""Sources: where documents are taken from, how they stand, and the door for connectors of others."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Response, UploadFile

from api.deps import AcceptedLanguage, Caller, CallerManage, CallerUpload, Scoped, Wired
from api.routers.uploads import UploadRoute
from api.schemas.documents import SubmittedBody
from api.schemas.sources import (
    ItemBody,
    ItemListBody,
    NewSourceBody,
    PushedBody,
    SourceBody,
    SourceChangeBody,
    SourceListBody,
    StartedBody,
    SyncBody,
)
from ingest.sources.connectors.factory import PUSH, check_config
from ingest.sources.errors import ItemName, SourceMisconfigured, SourceRemoving
from ingest.sources.items import held, owner_may_upload
from ingest.sources.port import READ_SIZE, key_fits
from ingest.sources.push import Pushed, push
from ingest.sources.removal import remove_with_documents
from ingest.sources.sync import sync_job
from wenyuan.access import Principal, Role
from wenyuan.db import sources as db
from wenyuan.db.access.directory import find_user
from wenyuan.db.access.review.asked import managed_spaces
from wenyuan.db.access.spaces import find_space
from wenyuan.db.engine import Connection
from wenyuan.db.sources import Source
from wenyuan.errors import ActionForbidden, InvalidRequest, NotFound, UnknownName

router = APIRouter(prefix="/v1/sources", tags=["sources"], route_class=UploadRoute)
Key = Annotated[str, Query(min_length=1, max_length=2048)]


@router.get("")
async def list_sources(services: Wired, caller: Caller, language: AcceptedLanguage) -> SourceListBody:
    """List the sources that the caller manages: all for an administrator, else those of the spaces they manage."""
    async with services.database.read() as tx:
        managed = await tx.run_sync(managed_spaces, caller)
        found = [one for one in await db.list_sources(tx) if managed is None or one.space_id in managed]
        return SourceListBody(items=[await _shown(tx, source, language) for source in found])


@router.post("", status_code=201)
async def create_source(
    services: Wired, caller: CallerManage, language: AcceptedLanguage, body: NewSourceBody
) -> SourceBody:
    """Create a source. Only administrators lend the server's accounts; managers of a space open doors for pushing.

    The owner, the caller unless an administrator names another account, must be able to upload into the space.
    """
    administrator = Role.ADMINISTRATOR in caller.roles
    if not administrator and (body.kind != PUSH or body.owner is not None):
        raise ActionForbidden
    check_config(body.kind, body.config, services.settings.sources)
    if body.kind == PUSH and body.interval_s is not None:
        raise SourceMisconfigured(reason="interval_s")
    async with services.database.write() as tx:
        managed = await tx.run_sync(managed_spaces, caller)
        space = await find_space(tx, body.space)
        if managed is not None and space.id not in managed:
            raise UnknownName("space", body.space)
        owner_id = caller.user_id if body.owner is None else (await find_user(tx, body.owner)).id
        source_id = await db.create_source(
            tx,
            body.name,
            body.kind,
            body.config,
            space_id=space.id,
            owner_id=owner_id,
            interval_s=body.interval_s,
        )
        source = await held(tx, source_id)
        if not await owner_may_upload(tx, source):
            raise InvalidRequest(reason="owner")
        return await _shown(tx, source, language)


@router.get("/{source_id}")
async def get_source(services: Wired, caller: Caller, language: AcceptedLanguage, source_id: str) -> SourceBody:
    """Return a source that the caller manages."""
    async with services.database.read() as tx:
        return await _shown(tx, await _managed(tx, caller, source_id), language)


@router.patch("/{source_id}")
async def change_source(
    services: Wired, caller: CallerManage, language: AcceptedLanguage, source_id: str, body: SourceChangeBody
) -> SourceBody:
    """Change name or interval of a source."""
    values = body.model_dump(exclude_unset=True)
    if values.get("name", "") is None:
        raise InvalidRequest(reason="name")
    async with services.database.write() as tx:
        source = await _managed(tx, caller, source_id)
        await held(tx, source_id)
        if source.kind == PUSH and values.get("interval_s") is not None:
            raise SourceMisconfigured(reason="interval_s")
        if values:
            await db.update_source(tx, source_id, **values)
        return await _shown(tx, await held(tx, source_id), language)


@router.delete("/{source_id}", status_code=202)
async def delete_source(
    services: Wired,
    caller: CallerManage,
    response: Response,
    source_id: str,
    documents: Annotated[Literal["keep", "remove"], Query()],
) -> StartedBody | None:
    """Delete a source. ``documents=keep`` leaves its documents as they are; ``remove`` deletes them by a job."""
    async with services.database.write() as tx:
        await _managed(tx, caller, source_id)
        source = await db.lock_source(tx, source_id)
        if source is None:
            raise NotFound
        if documents == "keep":
            if source.error_code == SourceRemoving.code:
                raise SourceRemoving
            await db.delete_source(tx, source_id)
            response.status_code = 204
            return None
        job_id = await remove_with_documents(tx, services.queue, source, caller.user_id)
    services.wake_workers()
    return StartedBody(job_id=job_id)


@router.post("/{source_id}/sync", status_code=202)
async def sync_source(
    services: Wired, caller: CallerManage, source_id: str, body: SyncBody | None = None
) -> StartedBody:
    """Sync now; also reads again what could not be parsed before. A sync under way is not started twice."""
    async with services.database.write() as tx:
        await _managed(tx, caller, source_id)
        source = await held(tx, source_id)
        if source.kind == PUSH:
            raise SourceMisconfigured(reason="push")
        allow_empty = body is not None and body.allow_empty
        job = sync_job(source, requested=True, allow_empty=allow_empty, user_id=caller.user_id)
        job_id = await services.queue.enqueue(tx, job)
    services.wake_workers()
    return StartedBody(job_id=job_id)


@router.get("/{source_id}/items")
async def list_items(
    services: Wired,
    reading: Scoped,
    language: AcceptedLanguage,
    source_id: str,
    errors: bool = False,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ItemListBody:
    """List the items of a source by a fixed order, or those with an error only: states, and names one may read."""
    async with services.database.read() as tx:
        await _managed(tx, reading.principal, source_id)
        found = await db.show_items(reading.scope, tx, source_id, errors_only=errors, after=cursor, limit=limit + 1)
    page = found[:limit]
    items = [ItemBody.of(item, language, named=named) for _, item, named in page]
    return ItemListBody(items=items, next_cursor=page[-1][0] if len(found) > limit else None)


@router.post("/{source_id}/items", status_code=202)
async def push_item(
    services: Wired,
    caller: CallerUpload,
    language: AcceptedLanguage,
    source_id: str,
    file: UploadFile,
    key: Annotated[str, Form(min_length=1, max_length=2048)],
    revision: Annotated[str, Form(min_length=1, max_length=256)],
    access: Annotated[str | None, Form(max_length=262_144)] = None,
) -> PushedBody:
    """Take an item from somebody's connector: its key, a revision that changes with the bytes, who may read it.

    The same revision again is ``unchanged``, so a connector may repeat what it is not sure of.
    """
    await _pushable(services, caller, source_id)
    if not key_fits(key):
        raise ItemName
    pushed = Pushed(key, revision, access)
    done = await push(services.database, services.items, source_id, pushed, _content(file))
    services.wake_workers()
    given = done.submitted
    submitted = None
    if given is not None:
        submitted = SubmittedBody(
            document_id=given.document_id,
            version_id=given.version_id,
            job_id=given.job_id,
            duplicate=given.duplicate,
        )
    return PushedBody(outcome=done.outcome, item=ItemBody.of(done.item, language, named=True), submitted=submitted)


@router.delete("/{source_id}/items", status_code=204)
async def delete_item(services: Wired, caller: CallerUpload, source_id: str, key: Key) -> None:
    """Delete an item that was pushed, with its document; one that is not there is no error."""
    await _pushable(services, caller, source_id)
    async with services.database.write() as tx:
        source = await held(tx, source_id)
        item = await db.get_item(tx, source.id, key)
        if item is not None:
            await services.items.drop(tx, source.id, item)
    services.wake_workers()


async def _pushable(services: Wired, caller: Principal, source_id: str) -> None:
    async with services.database.read() as tx:
        if (await _managed(tx, caller, source_id)).kind != PUSH:
            raise SourceMisconfigured(reason="kind: push")


async def _managed(tx: Connection, caller: Principal, source_id: str) -> Source:
    """Return a source that the caller manages; for others there is none."""
    managed = await tx.run_sync(managed_spaces, caller)  # first: a refusal takes as long as an unknown id
    source = await db.get_source(tx, source_id)
    if source is None or (managed is not None and source.space_id not in managed):
        raise NotFound
    return source


async def _shown(tx: Connection, source: Source, language: AcceptedLanguage) -> SourceBody:
    return SourceBody.of(source, await db.count_items(tx, source.id), language)


async def _content(file: UploadFile) -> AsyncIterator[bytes]:
    while data := await file.read(READ_SIZE):
        yield data
