"""Who would gain and who would lose by a change, before it is made."""

import time

from fastapi import APIRouter

from api.deps import Reading, ScopedManage, Wired
from api.routers.access import bodies
from api.routers.access.sections import sections_wanted
from api.routers.access.shown import changes_shown
from api.routers.documents import managed
from api.routers.names import may_name, policy_named, subjects_named
from api.services import Services
from wenyuan.access import Principal, Role
from wenyuan.db.access import directory
from wenyuan.db.access.folders import get_folder, policy_above
from wenyuan.db.access.policies import is_own_policy
from wenyuan.db.access.provisioning.managed import require_local
from wenyuan.db.access.review.asked import managed_spaces
from wenyuan.db.access.review.gains import change_of_document, change_of_members, change_of_parts, change_of_policy
from wenyuan.db.access.review.weighing import Change
from wenyuan.db.access.spaces import find_space, get_space
from wenyuan.db.access.subjects import ANYBODY
from wenyuan.db.documents import Document
from wenyuan.errors import ActionForbidden, InvalidRequest, NotFound

router = APIRouter(prefix="/v1/access", tags=["access"])


@router.post("/preview")
async def post_preview(services: Wired, reading: ScopedManage, body: bodies.ProposalBody) -> bodies.PreviewBody:
    """Return who would gain and who would lose how many documents by a change; nothing is changed.

    Allowed and refused as the change itself is. Parts with policies of their own are counted besides the documents.
    Who may not list the readers is told that the change may be made, and neither who nor how many: by policies of their
    own making they could ask of anybody which group, level or compartment is theirs, one count at a time.
    """
    change, told = body.change, True
    if isinstance(change, bodies.DocumentChangeBody | bodies.SectionsChangeBody):
        document = await managed(services, reading, change.id)
        manages = await services.database.run_read(managed_spaces, reading.principal)
        told = manages is None or document.space_id in manages
        found = await _document(services, reading.principal, document, change)
    elif isinstance(change, bodies.FolderPolicyBody):
        found = await _folder(services, reading, change)
    elif isinstance(change, bodies.SpacePolicyBody):
        found = await _space(services, reading, change)
    else:
        found = await _group(services, reading, change)
    return changes_shown(found, body.limit) if told else bodies.PreviewBody()


async def _document(
    services: Services,
    caller: Principal,
    document: Document,
    change: bodies.DocumentChangeBody | bodies.SectionsChangeBody,
) -> list[Change]:
    run, now = services.database.run_read, time.time()
    if isinstance(change, bodies.SectionsChangeBody):
        wanted = await sections_wanted(services, caller, document.id, change)
        return await run(change_of_parts, document.id, document.policy_id, wanted, now)
    async with services.database.read() as tx:
        above = await policy_above(tx, await find_space(tx, document.space), document.folder_id)
        own = await is_own_policy(tx, document.policy_id)
        naming = await may_name(tx, caller, document.policy_id)
        policy = None
        if change.policy is not None:
            policy = await policy_named(tx, services.settings.access, change.policy, naming)
    if policy is not None and own:
        return await run(change_of_policy, document.policy_id, policy, above, now)
    return await run(change_of_document, document.id, document.policy_id, policy, above, now)


async def _folder(services: Services, reading: Reading, change: bodies.FolderPolicyBody) -> list[Change]:
    manages = await services.database.run_read(managed_spaces, reading.principal)
    async with services.database.read() as tx:
        folder = await get_folder(tx, change.id)
        space = None if folder is None else await get_space(tx, folder.space_id)
        if folder is None or space is None or (manages is not None and space.id not in manages):
            raise NotFound
        above = await policy_above(tx, space, folder.parent_id)
        policy = await policy_named(tx, services.settings.access, change.policy, ANYBODY)
    return await services.database.run_read(change_of_policy, folder.policy_id, policy, above, time.time())


async def _space(services: Services, reading: Reading, change: bodies.SpacePolicyBody) -> list[Change]:
    if Role.ADMINISTRATOR not in reading.principal.roles:
        raise ActionForbidden
    if change.policy.inherits:
        raise InvalidRequest(reason="inherits")
    async with services.database.read() as tx:
        space = await find_space(tx, change.name)
        policy = await policy_named(tx, services.settings.access, change.policy, ANYBODY)
    return await services.database.run_read(change_of_policy, space.policy_id, policy, None, time.time())


async def _group(services: Services, reading: Reading, change: bodies.GroupMembersBody) -> list[Change]:
    if Role.ADMINISTRATOR not in reading.principal.roles:
        raise ActionForbidden
    if any(member.kind not in {"user", "group"} for member in change.members):
        raise InvalidRequest(reason="members: user or group")
    async with services.database.read() as tx:
        group_id = await directory.find_group(tx, change.name)
        await require_local(tx, "group", change.name)
        members = await subjects_named(tx, change.members, ANYBODY)
    return await services.database.run_read(change_of_members, group_id, members, time.time())
