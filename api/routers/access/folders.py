"""Folders of spaces: a place, a name and a policy that inherits unless it overrides."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import CallerManage, Scoped, Wired
from api.routers.names import policy_named, policy_shown
from api.schemas.admin import FolderBody, FolderChangeBody, FolderListBody, NewFolderBody
from api.schemas.common import PolicyBody, ShownPolicyBody
from wenyuan.access import Principal
from wenyuan.db.access import folders as db
from wenyuan.db.access.policies import read_policy, replace_policy
from wenyuan.db.access.review.asked import managed_spaces
from wenyuan.db.access.spaces import Space, find_space, get_space
from wenyuan.db.access.subjects import ANYBODY
from wenyuan.db.engine import Connection
from wenyuan.errors import InvalidRequest, NotFound, UnknownName

router = APIRouter(prefix="/v1/folders", tags=["folders"])


@router.get("")
async def list_folders(
    services: Wired, reading: Scoped, space: Annotated[str, Query(max_length=128)]
) -> FolderListBody:
    """List the folders of a space whose policy lets the caller read, all of them for those who manage the space."""
    readable = set(reading.scope.policy_ids)
    async with services.database.read() as tx:
        manages = await tx.run_sync(managed_spaces, reading.principal)
        found = await find_space(tx, space)
        folders = await db.list_folders(tx, found.id)
    everything = manages is None or found.id in manages
    shown = [one for one in folders if everything or one.policy_id in readable]
    if not shown and not everything and found.policy_id not in readable:
        raise UnknownName("space", space)
    return FolderListBody(items=[_shown(one, found) for one in shown])


@router.post("", status_code=201)
async def create_folder(services: Wired, caller: CallerManage, body: NewFolderBody) -> FolderBody:
    """Create a folder in a space that the caller manages; it inherits from where it lies."""
    async with services.database.write() as tx:
        manages = await tx.run_sync(managed_spaces, caller)
        space = await find_space(tx, body.space)
        if manages is not None and space.id not in manages:
            raise UnknownName("space", body.space)
        return _shown(await db.create_folder(tx, space, body.parent_id, body.name), space)


@router.patch("/{folder_id}")
async def change_folder(services: Wired, caller: CallerManage, folder_id: str, body: FolderChangeBody) -> FolderBody:
    """Rename or move a folder; what it lets read follows from its new place with the answer."""
    given = body.model_fields_set
    if "name" in given and body.name is None:
        raise InvalidRequest(reason="name")
    async with services.database.write() as tx:
        folder, space = await _managed(tx, caller, folder_id)
        if "parent_id" in given and body.parent_id != folder.parent_id:
            await db.move_folder(tx, folder, body.parent_id)
            folder, space = await _managed(tx, caller, folder_id)
        if body.name is not None:
            await db.rename_folder(tx, folder, body.name)
        return _shown((await _managed(tx, caller, folder_id))[0], space)


@router.delete("/{folder_id}", status_code=204)
async def delete_folder(services: Wired, caller: CallerManage, folder_id: str) -> None:
    """Delete an empty folder."""
    async with services.database.write() as tx:
        folder, _ = await _managed(tx, caller, folder_id)
        await db.delete_folder(tx, folder)


@router.get("/{folder_id}/policy")
async def get_policy(services: Wired, reading: Scoped, folder_id: str) -> ShownPolicyBody:
    """Return what the folder itself says of who may read, to those who manage its space."""
    async with services.database.read() as tx:
        folder, _ = await _managed(tx, reading.principal, folder_id)
        return await policy_shown(tx, await read_policy(tx, folder.policy_id))


@router.put("/{folder_id}/policy")
async def put_policy(services: Wired, caller: CallerManage, folder_id: str, body: PolicyBody) -> PolicyBody:
    """Say who may read what lies in the folder; in force for every request that starts after the answer.

    With ``inherits`` this adds to what stands above; without it stands instead of that.
    """
    async with services.database.write() as tx:
        folder, _ = await _managed(tx, caller, folder_id)
        await replace_policy(tx, folder.policy_id, await policy_named(tx, services.settings.access, body, ANYBODY))
    return body


async def _managed(tx: Connection, caller: Principal, folder_id: str) -> tuple[db.Folder, Space]:
    """Return a folder of a space that the caller manages; for others there is none."""
    manages = await tx.run_sync(managed_spaces, caller)  # first: a refusal takes as long as an unknown id
    folder = await db.get_folder(tx, folder_id)
    space = None if folder is None else await get_space(tx, folder.space_id)
    if folder is None or space is None or (manages is not None and space.id not in manages):
        raise NotFound
    return folder, space


def _shown(folder: db.Folder, space: Space) -> FolderBody:
    return FolderBody(id=folder.id, space=space.name, name=folder.name, parent_id=folder.parent_id)
