"""Parts of documents – sections, pages, sheets, rows – that are read under a policy of their own."""

import asyncio
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter

from api.deps import Reading, Scoped, ScopedManage, Wired
from api.routers.documents import current_version, managed
from api.routers.names import may_name, policy_named, policy_shown
from api.schemas.policies.sections import (
    OutlineBody,
    OutlineEntryBody,
    SectionBody,
    SectionIn,
    SectionListBody,
    SectionsIn,
    SelectorBody,
)
from api.services import Services
from wenyuan.access import AccessPolicy, Principal
from wenyuan.db import documents as docs
from wenyuan.db.access.parts import open_rules, read_rules
from wenyuan.db.access.policies import read_policy
from wenyuan.db.texts.blocks import load_blocks
from wenyuan.db.texts.parts import count_named, settle
from wenyuan.errors import InvalidRequest
from wenyuan.parts.outline import outline_of
from wenyuan.parts.rules import Rule, Selector

#: Headings, sheets and tables of one outline.
MAX_OUTLINE: Final = 3000

router = APIRouter(prefix="/v1/documents", tags=["documents"])


@router.get("/{document_id}/sections")
async def get_sections(services: Wired, reading: Scoped, document_id: str) -> SectionListBody:
    """Return the parts of a document that have policies of their own, to those who manage it."""
    await managed(services, reading, document_id)
    return await _shown(services, reading, document_id)


@router.put("/{document_id}/sections")
async def put_sections(services: Wired, reading: ScopedManage, document_id: str, body: SectionsIn) -> SectionListBody:
    """Say which parts of a document have policies of their own; in force for every request after the answer.

    Where borders move, a job makes and publishes a version that is cut along them; until then a passage across a border
    is shown to those who may read both sides.
    """
    await managed(services, reading, document_id)
    wanted = await sections_wanted(services, reading.principal, document_id, body)
    done = await services.submissions.set_parts(document_id, wanted, reading.principal.user_id)
    await services.follow_policy(document_id)
    shown = await _shown(services, reading, document_id)
    if done is not None:
        shown.version_id, shown.job_id = done.version_id, done.job_id
    return shown


@router.get("/{document_id}/outline")
async def get_outline(services: Wired, reading: Scoped, document_id: str) -> OutlineBody:
    """Return the headings, sheets and tables of the version that answers, without those that the caller may not read.

    At most 3,000; raises ``NotFound`` where the caller may not read the document.
    """
    async with services.database.read() as tx:
        version = await current_version(reading.scope, tx, document_id)
        blocks = [one.block for one in await load_blocks(reading.scope, tx, document_id, version)]
    found = await asyncio.to_thread(outline_of, blocks)
    items = [OutlineEntryBody.model_validate(one, from_attributes=True) for one in found[:MAX_OUTLINE]]
    return OutlineBody(items=items, total=len(found))


@router.delete("/{document_id}/sections", status_code=204)
async def delete_sections(services: Wired, reading: ScopedManage, document_id: str) -> None:
    """Take the policies of all parts away: the document's counts for all of it from the answer on."""
    await managed(services, reading, document_id)
    await services.submissions.set_parts(document_id, [], reading.principal.user_id)
    await services.follow_policy(document_id)


async def sections_wanted(
    services: Services, caller: Principal, document_id: str, body: SectionsIn
) -> list[tuple[Selector, AccessPolicy]]:
    """Return what a body says of the parts of a document; raises ``InvalidRequest`` and ``UnknownName``."""
    async with services.database.read() as tx:
        known = {rule.id: rule for rule in await read_rules(tx, document_id)}
        naming = await may_name(tx, caller, *(rule.policy_id for rule in known.values()))
        policies = [await policy_named(tx, services.settings.access, one.policy, naming) for one in body.items]
        selectors = [_selector(known, one) for one in body.items]
        if len({one.unsealed.key for one in selectors}) < len(selectors):
            raise InvalidRequest(reason="items: one part twice / 同一部分重复")
        fresh = [number for number, one in enumerate(body.items) if one.selector is not None]
        document = await docs.get_document(tx, document_id)
        version = None if document is None else document.current_version_id
        for number, one in zip(fresh, await settle(tx, version, [selectors[at] for at in fresh]), strict=True):
            selectors[number] = one
    return list(zip(selectors, policies, strict=True))


def _selector(known: Mapping[str, Rule], one: SectionIn) -> Selector:
    if one.selector is not None:
        return one.selector.selector()
    rule = known.get(one.id or "")
    if rule is None:
        raise InvalidRequest(reason="id: no such part / 无此部分")
    return rule.selector


async def _shown(services: Wired, reading: Reading, document_id: str) -> SectionListBody:
    """Return the parts as the caller may see them: what they name, and how often, are words of the document."""
    items = []
    async with services.database.read() as tx:
        rules = await read_rules(tx, document_id)
        document = await docs.load_document(reading.scope, tx, document_id)
        version = None if document is None else document.current_version_id
        counts: dict[str, int] = {}
        if version is not None and await docs.reads_wholly(reading.scope, tx, document_id):
            counts = await count_named(tx, version, rules)
        readable = frozenset[str]() if document is None else await open_rules(reading.scope, tx, document_id)
        for rule in rules:
            policy = await policy_shown(tx, await read_policy(tx, rule.policy_id))
            selector = SelectorBody.of(rule.selector) if rule.id in readable else None
            items.append(SectionBody(id=rule.id, selector=selector, policy=policy, named=counts.get(rule.id)))
    return SectionListBody(items=items)
