"""Stored conversations: private to whoever asked, shown as the reader may see them at the moment they look."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from api.answering.bodies import (
    ConversationBody,
    ConversationListBody,
    NewConversationBody,
    OpenedConversationBody,
    SharesBody,
    TitleBody,
    ViewerBody,
)
from api.answering.errors import ConversationsFull, ConversationsOff
from api.answering.export import as_markdown
from api.answering.pictures import shown_figures
from api.answering.showing import shown_conversation
from api.deps import AcceptedLanguage, CallerAsk, Noted, Reading, Scoped, Wired
from api.routers.names import may_name
from api.services import Services
from wenyuan.access import SubjectKind
from wenyuan.db.access.subjects import find_subjects, subject_names
from wenyuan.db.conversations import store
from wenyuan.db.conversations.listing import count_conversations, list_conversations, list_ids
from wenyuan.db.conversations.reading import load_conversation
from wenyuan.db.vault.shredding import destroy_keys
from wenyuan.errors import ActionForbidden, Language, NotFound

MAX_CONVERSATIONS = 5_000


async def in_person(trail: Noted) -> None:
    """Refuse whoever acts as another: conversations are private. Raises ``ActionForbidden``."""
    if trail.behalf:
        raise ActionForbidden


InPerson = Annotated[None, Depends(in_person)]


router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
Page = Annotated[int, Query(ge=1, le=200)]
Skipped = Annotated[int, Query(ge=0, le=100_000)]


@router.get("")
async def get_conversations(
    services: Wired, reading: Scoped, _own: InPerson, *, shared: bool = False, limit: Page = 50, offset: Skipped = 0
) -> ConversationListBody:
    """List the caller's conversations, or with ``shared`` those that others share with them; the last used first."""
    user_id = reading.principal.user_id
    found = await services.database.run_read(list_conversations, user_id, shared=shared, most=limit, skipped=offset)
    return ConversationListBody(items=[ConversationBody.of(one) for one in found])


@router.post("", status_code=201)
async def post_conversation(
    services: Wired, caller: CallerAsk, _own: InPerson, body: NewConversationBody
) -> ConversationBody:
    """Begin a conversation; questions with its id are stored in it."""
    if not services.settings.retention.conversations:
        raise ConversationsOff
    async with services.database.write() as tx:
        if await count_conversations(tx, caller.user_id) >= MAX_CONVERSATIONS:
            raise ConversationsFull(limit=MAX_CONVERSATIONS)
        listed = await store.create_conversation(tx, caller.user_id, caller.name, body.title)
    return ConversationBody.of(listed)


@router.delete("", status_code=204)
async def delete_conversations(services: Wired, caller: CallerAsk, trail: Noted, _own: InPerson) -> None:
    """Delete all conversations of the caller."""
    async with services.database.write() as tx:
        deleted = await store.delete_conversations(tx, caller.user_id)
    await destroy_keys(services.database, services.audit, deleted, trail.request)


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {"application/x-ndjson": {}}}})
async def export_conversations(
    services: Wired, reading: Scoped, _own: InPerson, language: AcceptedLanguage
) -> StreamingResponse:
    """Return all conversations of the caller as they may see them now, one JSON object a line."""
    ids = await services.database.run_read(list_ids, reading.principal.user_id)
    headers = {"Content-Disposition": 'attachment; filename="conversations.jsonl"'}
    return StreamingResponse(
        _lines(services, reading, language, ids), media_type="application/x-ndjson", headers=headers
    )


async def _lines(services: Services, reading: Reading, language: Language, ids: Sequence[str]) -> AsyncIterator[str]:
    for conversation_id in ids:
        try:
            body = await _opened(services, reading, language, conversation_id)
        except NotFound:  # deleted meanwhile
            continue
        yield body.model_dump_json() + "\n"


@router.get("/{conversation_id}")
async def get_conversation(
    services: Wired, reading: Scoped, _own: InPerson, language: AcceptedLanguage, conversation_id: str
) -> OpenedConversationBody:
    """Return a conversation of the caller's, or one shared with them, as they may see it now."""
    return await _opened(services, reading, language, conversation_id)


@router.patch("/{conversation_id}", status_code=204)
async def patch_conversation(
    services: Wired, caller: CallerAsk, _own: InPerson, conversation_id: str, body: TitleBody
) -> None:
    """Rename a conversation of the caller's."""
    async with services.database.write() as tx:
        await store.rename_conversation(tx, caller.user_id, conversation_id, body.title)


@router.delete("/{conversation_id}", status_code=204)
async def delete_conversation(
    services: Wired, caller: CallerAsk, trail: Noted, _own: InPerson, conversation_id: str
) -> None:
    """Delete a conversation of the caller's with all that was said in it."""
    async with services.database.write() as tx:
        deleted = await store.delete_conversations(tx, caller.user_id, conversation_id)
    await destroy_keys(services.database, services.audit, deleted, trail.request)


@router.get("/{conversation_id}/shares")
async def get_shares(services: Wired, reading: Scoped, _own: InPerson, conversation_id: str) -> SharesBody:
    """Return with whom a conversation of the caller's is shared."""
    async with services.database.read() as tx:
        subjects = await store.read_shares(tx, reading.principal.user_id, conversation_id)
        names = await subject_names(tx, subjects)
    kinds: dict[SubjectKind, Literal["user", "group"]] = {SubjectKind.USER: "user", SubjectKind.GROUP: "group"}
    return SharesBody(viewers=[ViewerBody(kind=kinds[one.kind], name=names[one]) for one in subjects if names[one]])


@router.put("/{conversation_id}/shares")
async def put_shares(
    services: Wired, caller: CallerAsk, _own: InPerson, conversation_id: str, body: SharesBody
) -> SharesBody:
    """Share a conversation of the caller's with exactly these users and groups."""
    async with services.database.write() as tx:
        present = await store.read_shares(tx, caller.user_id, conversation_id)
        naming = await may_name(tx, caller, shown=present)
        subjects = await find_subjects(tx, [(SubjectKind(one.kind), one.name) for one in body.viewers], naming)
        await store.share_conversation(tx, caller.user_id, conversation_id, subjects)
    return body


@router.get("/{conversation_id}/export")
async def export_conversation(
    services: Wired,
    reading: Scoped,
    _own: InPerson,
    language: AcceptedLanguage,
    conversation_id: str,
    format: Literal["md", "json"] = "md",  # noqa: A002  # the name of the parameter
) -> Response:
    """Return a conversation as a file, as the caller may see it now."""
    body = await _opened(services, reading, language, conversation_id)
    producer = services.guard.producer
    content = as_markdown(body, language, producer) if format == "md" else body.model_dump_json(indent=1)
    media_type = "text/markdown; charset=utf-8" if format == "md" else "application/json"
    name = f"{body.id}.{format}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _opened(
    services: Services, reading: Reading, language: Language, conversation_id: str
) -> OpenedConversationBody:
    seen = await services.database.run_read(load_conversation, reading.scope, conversation_id)
    seen = await shown_conversation(services, seen)
    cited = [citation for turn in seen.turns for citation in turn.citations]
    found = await shown_figures(services, reading.scope, cited)
    figures = {one.id or "": of for one, of in zip(cited, found, strict=True)}
    return OpenedConversationBody.seen(seen, language, services.guard.producer, figures)
