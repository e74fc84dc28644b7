"""Users, groups, spaces, tokens and upkeep, for administrators."""

from fastapi import APIRouter

from api.auth.errors import TokenScopeMissing
from api.auth.identity import granted_days, require
from api.deps import Administrator, Managing, Wired
from api.routers.names import check_level, conditioned, conditions_shown, entries_shown, subjects_named, subjects_shown
from api.schemas import admin as bodies
from api.schemas.sources import StartedBody
from api.services import Services
from ingest.rebuild import rebuild_job
from ingest.retention import prune_job
from wenyuan.access import AccessPolicy, Window
from wenyuan.db.access import directory, spaces
from wenyuan.db.access.policies import read_policy, replace_policy
from wenyuan.db.access.provisioning.accounts import DIRECTORY as SCIM
from wenyuan.db.access.provisioning.managed import require_local
from wenyuan.db.access.subjects import ANYBODY
from wenyuan.db.access.tokens import ALL_SCOPES, TokenScope, issue_token, list_tokens, revoke_token
from wenyuan.db.engine import Connection
from wenyuan.db.identity.accounts import set_kind
from wenyuan.db.identity.sessions import end_sessions
from wenyuan.db.index.rows import IndexRow, list_indexes
from wenyuan.errors import InvalidRequest, NotFound

router = APIRouter(prefix="/v1", tags=["administration"])


@router.get("/users")
async def get_users(services: Wired, _caller: Administrator) -> bodies.UserListBody:
    """List accounts."""
    async with services.database.read() as tx:
        return bodies.UserListBody(items=[_user(user) for user in await directory.list_users(tx)])


@router.post("/users", status_code=201)
async def post_user(services: Wired, _caller: Administrator, body: bodies.NewUserBody) -> bodies.UserBody:
    """Create an account. It can read nothing until a policy names it, a group of its, or everyone."""
    async with services.database.write() as tx:
        check_level(services.settings.access, body.clearance)
        shown_name = body.display_name or body.name
        user = await directory.create_user(tx, body.name, shown_name, frozenset(body.roles), body.clearance)
        await set_kind(tx, user.id, body.kind)
    return _user(user)


@router.patch("/users/{name}")
async def patch_user(
    services: Wired, _caller: Administrator, name: str, body: bodies.UserChangeBody
) -> bodies.UserBody:
    """Change an account; in force for every request that starts after the answer."""
    roles = None if body.roles is None else frozenset(body.roles)
    async with services.database.write() as tx:
        check_level(services.settings.access, body.clearance)
        if body.active is not None or body.employment is not None:
            await require_local(tx, "user", name)
        if body.company_roles is not None:
            await require_local(tx, "user", name, among={SCIM})  # the others tell none
        window = None if body.valid is None else Window(body.valid.not_before, body.valid.not_after)
        user = await directory.update_user(
            tx,
            name,
            active=body.active,
            clearance=body.clearance,
            roles=roles,
            employment=body.employment,
            window=window,
        )
        if body.company_roles is not None:
            await directory.set_company_roles(tx, user.id, body.company_roles)
        if body.compartments is not None:
            await directory.set_compartments(tx, user.id, body.compartments)
        if not await directory.has_administrator(tx):
            raise InvalidRequest(reason="the last administrator / 最后一名管理员")
        if not user.active:
            await end_sessions(tx, user.id)  # they do not come back with the account
    return _user(user)


@router.get("/groups")
async def get_groups(services: Wired, _caller: Administrator) -> bodies.GroupListBody:
    """List groups with their direct members."""
    async with services.database.read() as tx:
        found = await directory.list_groups(tx)
        return bodies.GroupListBody(items=[await _group(tx, group_id, name) for group_id, name in found])


@router.post("/groups", status_code=201)
async def post_group(services: Wired, _caller: Administrator, body: bodies.NewGroupBody) -> bodies.GroupBody:
    """Create an empty group."""
    async with services.database.write() as tx:
        return await _group(tx, await directory.create_group(tx, body.name), body.name)


@router.put("/groups/{name}/members")
async def put_members(services: Wired, _caller: Administrator, name: str, body: bodies.MembersBody) -> bodies.GroupBody:
    """Replace the direct members of a group; in force for every request that starts after the answer."""
    if any(member.kind not in {"user", "group"} for member in body.members):
        raise InvalidRequest(reason="members: user or group")
    async with services.database.write() as tx:
        group = await directory.find_group(tx, name)
        await require_local(tx, "group", name)
        await directory.set_members(tx, group, await subjects_named(tx, body.members, ANYBODY))
        return await _group(tx, group, name)


@router.get("/spaces")
async def get_spaces(services: Wired, _caller: Administrator) -> bodies.SpaceListBody:
    """List spaces with their readers, contributors and managers."""
    async with services.database.read() as tx:
        return bodies.SpaceListBody(items=[await _space(tx, space) for space in await spaces.list_spaces(tx)])


@router.post("/spaces", status_code=201)
async def post_space(services: Wired, _caller: Administrator, body: bodies.NewSpaceBody) -> bodies.SpaceBody:
    """Create a space. Without readers nobody reads it."""
    async with services.database.write() as tx:
        readers = await _readers(tx, services, body)
        space = await spaces.create_space(tx, body.name, body.title or body.name, readers)
        await _grant(tx, space.id, body)
        return await _space(tx, space)


@router.put("/spaces/{name}")
async def put_space(
    services: Wired, _caller: Administrator, name: str, body: bodies.SpaceChangeBody
) -> bodies.SpaceBody:
    """Replace who may read, upload into and manage a space; in force for every request that starts afterwards."""
    async with services.database.write() as tx:
        space = await spaces.find_space(tx, name)
        await replace_policy(tx, space.policy_id, await _readers(tx, services, body))
        if body.title:
            space = await spaces.set_title(tx, space, body.title)
        await _grant(tx, space.id, body)
        return await _space(tx, space)


@router.get("/tokens")
async def get_tokens(services: Wired, _caller: Administrator) -> bodies.TokenListBody:
    """List tokens, never their secrets."""
    async with services.database.read() as tx:
        found = await list_tokens(tx)
    return bodies.TokenListBody(items=[bodies.TokenBody.model_validate(token) for token in found])


@router.post("/tokens", status_code=201)
async def post_token(
    services: Wired, _caller: Administrator, caller: Managing, body: bodies.NewTokenBody
) -> bodies.IssuedTokenBody:
    """Issue a token for an account; it is shown this once. One made with a token has its scopes, and ends no later."""
    wanted = ALL_SCOPES if body.scopes is None else frozenset(body.scopes)
    if beyond := wanted - caller.scopes:
        raise TokenScopeMissing(scope=min(beyond).value)
    days = granted_days(caller, body.expires_in_days, asked="expires_in_days" in body.model_fields_set)
    async with services.database.write() as tx:
        user = await directory.find_user(tx, body.user)
        if caller.actor is not None or user.id != caller.principal.user_id:
            require(caller, TokenScope.ACCOUNT)  # it reads what that account may, as a password set for it would
        token_id, secret = await issue_token(tx, user.id, body.name, days, body.scopes)
    return bodies.IssuedTokenBody(id=token_id, token=secret, expires_in_days=days)


@router.delete("/tokens/{token_id}", status_code=204)
async def delete_token(services: Wired, _caller: Administrator, token_id: str) -> None:
    """Revoke a token; refused from the next request on."""
    async with services.database.write() as tx:
        if not await revoke_token(tx, token_id):
            raise NotFound


def _user(user: directory.User) -> bodies.UserBody:
    return bodies.UserBody(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        roles=sorted(user.roles),
        clearance=user.clearance,
        active=user.active,
        employment=user.employment,
        valid_from=user.window.start,
        valid_until=user.window.end,
    )


@router.get("/indexes")
async def get_indexes(services: Wired, _caller: Administrator) -> bodies.IndexListBody:
    """List the index that answers and those beside it, with the progress of one under construction."""
    async with services.database.read() as tx:
        items = [await _index(tx, services, row) for row in await list_indexes(tx)]
    return bodies.IndexListBody(answers=services.index.answers, items=items)


@router.post("/maintenance/rebuild", status_code=202)
async def rebuild(services: Wired, caller: Administrator) -> StartedBody:
    """Build the index anew beside the one that answers, from stored chunks and vectors, and switch to it."""
    job_id = await services.reconstruction.rebuild(caller.user_id)
    services.wake_workers()
    return StartedBody(job_id=job_id)


async def _index(tx: Connection, services: Services, row: IndexRow) -> bodies.IndexBody:
    job = await services.queue.live(tx, rebuild_job(row.number).dedupe_key or "")
    shown = bodies.IndexBody(
        number=row.number,
        state=row.state,
        embedder=row.embedder,
        lexical=row.lexical,
        open=services.index.has_open(row.number),
        created_at=row.created_at,
    )
    if job is not None:
        shown.job_id, shown.error = job.id, job.error_code
        shown.progress_done, shown.progress_total = job.progress_done, job.progress_total
    return shown


async def _group(tx: Connection, group_id: str, name: str) -> bodies.GroupBody:
    members = await subjects_shown(tx, await directory.read_members(tx, group_id))
    return bodies.GroupBody(id=group_id, name=name, members=members)


async def _readers(tx: Connection, services: Services, body: bodies.SpaceChangeBody) -> AccessPolicy:
    return await conditioned(tx, services.settings.access, body, body.readers, body.denied, ANYBODY)


async def _grant(tx: Connection, space_id: str, body: bodies.SpaceChangeBody) -> None:
    contributors = await subjects_named(tx, body.contributors, ANYBODY)
    await spaces.set_grants(tx, space_id, spaces.SpaceRole.CONTRIBUTOR, contributors)
    await spaces.set_grants(tx, space_id, spaces.SpaceRole.MANAGER, await subjects_named(tx, body.managers, ANYBODY))


async def _space(tx: Connection, space: spaces.Space) -> bodies.SpaceBody:
    policy = await read_policy(tx, space.policy_id)
    readers, denied = await entries_shown(tx, policy)
    contributors = await spaces.read_grants(tx, space.id, spaces.SpaceRole.CONTRIBUTOR)
    managers = await spaces.read_grants(tx, space.id, spaces.SpaceRole.MANAGER)
    return bodies.SpaceBody(
        id=space.id,
        name=space.name,
        title=space.title,
        readers=readers,
        denied=denied,
        **conditions_shown(policy).model_dump(),
        contributors=await subjects_shown(tx, contributors),
        managers=await subjects_shown(tx, managers),
    )


@router.post("/maintenance/prune", status_code=202)
async def prune(services: Wired, caller: Administrator) -> StartedBody:
    """Remove the versions that are older than the settings keep them; without such a setting nothing is removed."""
    async with services.database.write() as tx:
        job_id = await services.queue.enqueue(tx, prune_job(caller.user_id))
    services.wake_workers()
    return StartedBody(job_id=job_id)
