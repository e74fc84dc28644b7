"""Documents that are kept out of search and answers, and those that come up wherever one asks."""

from collections.abc import Sequence

from fastapi import APIRouter

from api.deps import Administrator, Reading, Scoped, ScopedManage, Wired
from api.routers.documents import managed
from api.schemas.guard.quarantine import (
    HubBody,
    HubListBody,
    PanelBody,
    QuarantineBody,
    QuarantinedBody,
    QuarantinedListBody,
)
from retrieval.hubs import TOP, find_hubs, panel, threshold
from wenyuan.access import Role
from wenyuan.audit.record import Action, Item
from wenyuan.db import documents as docs
from wenyuan.db.access.spaces import SpaceRole, roles_in_spaces
from wenyuan.db.contents import documents_of
from wenyuan.db.engine import Connection
from wenyuan.db.guard.quarantine import count_found, list_quarantined, put_in_quarantine, release
from wenyuan.guarding.errors import QuarantineHeld

router = APIRouter(prefix="/v1", tags=["guard"])
#: Hits of a question: a document may have many of the best chunks.
_HITS = 8 * TOP


@router.put("/documents/{document_id}/quarantine", status_code=204)
async def put_quarantine(services: Wired, reading: ScopedManage, document_id: str, body: QuarantineBody) -> None:
    """Keep a document from everybody from the answer on, but from those who manage it."""
    document = await managed(services, reading, document_id)
    async with services.database.write() as tx:
        only_of = await _alone(tx, reading, document)
        if not await put_in_quarantine(tx, document_id, reading.principal.user_id, body.reason, only_of):
            raise QuarantineHeld
    reading.scope.trail.note(Action.ACT, [Item(document_id)], f"quarantine {body.reason}")


@router.delete("/documents/{document_id}/quarantine", status_code=204)
async def delete_quarantine(services: Wired, reading: ScopedManage, document_id: str) -> None:
    """Let a document be found again.

    An owner alone takes back only what they did themselves: whoever brought poison in does not let it out again.
    """
    document = await managed(services, reading, document_id)
    async with services.database.write() as tx:
        if not await release(tx, document_id, await _alone(tx, reading, document)):
            raise QuarantineHeld
    reading.scope.trail.note(Action.ACT, [Item(document_id)], "quarantine released")


@router.get("/quarantine")
async def get_quarantine(services: Wired, reading: Scoped, _caller: Administrator) -> QuarantinedListBody:
    """List the documents in quarantine, to administrators; titles of those that they may read."""
    async with services.database.read() as tx:
        found = await list_quarantined(tx)
        titles = await _titles(tx, reading, [one.document_id for one in found])
    return QuarantinedListBody(items=[QuarantinedBody.of(one, titles.get(one.document_id)) for one in found])


@router.post("/quarantine/hubs")
async def post_hubs(services: Wired, reading: ScopedManage, _caller: Administrator, body: PanelBody) -> HubListBody:
    """Look for documents that are found whatever one asks, among those that the caller may read."""
    questions = body.questions or panel(body.size)

    async def search(question: str) -> Sequence[str]:
        hits = await services.retriever.search_hits(reading.scope, question, _HITS)
        async with services.database.read() as tx:
            known = await documents_of(tx, [hit.chunk_id for hit in hits])
        return [known[hit.chunk_id] for hit in hits if hit.chunk_id in known]

    async with services.database.read() as tx:
        documents = await count_found(reading.scope, tx)
    hubs = await find_hubs(search, questions, documents)
    async with services.database.read() as tx:
        ids = [one.document_id for one in hubs]
        titles = await _titles(tx, reading, ids)
        held = {one.document_id for one in await list_quarantined(tx, ids)}
    items = [
        HubBody(
            document_id=one.document_id,
            title=titles.get(one.document_id),
            share=one.share,
            quarantined=one.document_id in held,
        )
        for one in hubs
    ]
    return HubListBody(items=items, questions=len(questions), documents=documents, bound=threshold(documents))


async def _alone(tx: Connection, reading: Reading, document: docs.Document) -> str | None:
    """Return the caller where they manage a document as its owner alone, None for those who decide about its space."""
    caller = reading.principal
    roles = (await roles_in_spaces(tx, caller.user_id)).get(document.space_id, frozenset())
    decides = Role.ADMINISTRATOR in caller.roles or SpaceRole.MANAGER in roles
    return None if decides else caller.user_id


async def _titles(tx: Connection, reading: Reading, document_ids: Sequence[str]) -> dict[str, str]:
    found = [await docs.load_document(reading.scope, tx, one) for one in document_ids]
    return {one.id: one.title for one in found if one is not None}
