"""Parts of documents – sections, pages, sheets, rows – that are read under a policy of their own."""

from fastapi import APIRouter

from api.deps import Reading, Scoped, ScopedManage, Wired
from api.routers.documents import managed
from api.routers.names import policy_named, policy_shown
from api.schemas.policies.sections import SectionBody, SectionIn, SectionListBody, SectionsIn, SelectorBody
from api.services import Services
from wenyuan.access import AccessPolicy
from wenyuan.db import documents as docs
from wenyuan.db.access.parts import open_rules, read_rules
from wenyuan.db.access.policies import read_policy
from wenyuan.db.engine import Connection
from wenyuan.db.texts.parts import count_named
from wenyuan.errors import InvalidRequest
from wenyuan.parts.rules import Rule, Selector

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
    wanted = await sections_wanted(services, document_id, body)
    done = await services.submissions.set_parts(document_id, wanted, reading.principal.user_id)
    await services.follow_policy(document_id)
    shown = await _shown(services, reading, document_id)
    if done is not None:
        shown.version_id, shown.job_id = done.version_id, done.job_id
    return shown


@router.delete("/{document_id}/sections", status_code=204)
async def delete_sections(services: Wired, reading: ScopedManage, document_id: str) -> None:
    """Take the policies of all parts away: the document's counts for all of it from the answer on."""
    await managed(services, reading, document_id)
    await services.submissions.set_parts(document_id, [], reading.principal.user_id)
    await services.follow_policy(document_id)


async def sections_wanted(
    services: Services, document_id: str, body: SectionsIn
) -> list[tuple[Selector, AccessPolicy]]:
    """Return what a body says of the parts of a document; raises ``InvalidRequest`` and ``UnknownName``."""
    async with services.database.read() as tx:
        known = {rule.id: rule for rule in await read_rules(tx, document_id)}
        wanted = [await _wanted(services, tx, known, one) for one in body.items]
    if len({selector.key for selector, _ in wanted}) < len(wanted):
        raise InvalidRequest(reason="items: one part twice / 同一部分重复")
    return wanted


async def _wanted(
    services: Services, tx: Connection, known: dict[str, Rule], one: SectionIn
) -> tuple[Selector, AccessPolicy]:
    policy = await policy_named(tx, services.settings.access, one.policy)
    if one.selector is not None:
        return one.selector.selector(), policy
    rule = known.get(one.id or "")
    if rule is None:
        raise InvalidRequest(reason="id: no such part / 无此部分")
    return rule.selector, policy


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
