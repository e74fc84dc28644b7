"""Who the caller is and what they may do."""

from fastapi import APIRouter

from api.deps import Scoped, Wired
from api.schemas.admin import LevelBody, MeBody, SpaceRef
from wenyuan.access import Role
from wenyuan.db.access.directory import groups_of
from wenyuan.db.access.spaces import SpaceRole, list_spaces, roles_in_spaces

router = APIRouter(prefix="/v1/me", tags=["me"])


@router.get("")
async def me(services: Wired, reading: Scoped) -> MeBody:
    """Return the caller with their groups and the spaces they may read, upload into or manage."""
    caller, readable = reading.principal, set(reading.scope.policy_ids)
    administrator = Role.ADMINISTRATOR in caller.roles
    async with services.database.read() as tx:
        roles = await roles_in_spaces(tx, caller.user_id)
        spaces = [
            SpaceRef(
                name=space.name,
                title=space.title,
                can_upload=administrator or space.id in roles,
                can_manage=administrator or SpaceRole.MANAGER in roles.get(space.id, frozenset()),
            )
            for space in await list_spaces(tx)
            if administrator or space.id in roles or space.policy_id in readable
        ]
        groups = await groups_of(tx, caller.user_id)
    levels = enumerate(services.settings.access.lattice)
    return MeBody(
        user_id=caller.user_id,
        name=caller.name,
        roles=sorted(caller.roles),
        groups=groups,
        spaces=spaces,
        levels=[LevelBody(value=value, key=one.key, zh=one.zh, en=one.en) for value, one in levels],
    )
