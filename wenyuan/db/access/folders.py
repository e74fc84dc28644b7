"""Folders of a space, a tree. Each has a policy of its own, which inherits from what it lies in unless it overrides."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.access import AccessPolicy
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch, create_policy, move_policy, replace_policy
from wenyuan.db.access.spaces import Space, get_space
from wenyuan.db.engine import Connection
from wenyuan.errors import AlreadyExists, InvalidRequest, NotFound, UnknownName
from wenyuan.ids import new_id
from wenyuan.people.errors import FolderNotEmpty

MAX_DEPTH: Final = 32


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; without ``parent_id`` it lies in the space itself."""

    id: str
    space_id: str
    parent_id: str | None
    name: str
    policy_id: int


async def create_folder(tx: Connection, space: Space, parent_id: str | None, name: str) -> Folder:
    """Create an empty folder that inherits; raises ``AlreadyExists``, ``UnknownName``, ``InvalidRequest``."""
    await bump_epoch(tx)
    above = await _place(tx, space, parent_id)
    await _check_name(tx, space.id, parent_id, name)
    policy_id = await create_policy(tx, AccessPolicy(inherits=True), above)
    folder = Folder(new_id("fld"), space.id, parent_id, name, policy_id)
    await tx.execute(
        sa.insert(t.folders).values(
            id=folder.id, space_id=space.id, parent_id=parent_id, name=name, policy_id=policy_id
        )
    )
    return folder


async def get_folder(tx: Connection, folder_id: str) -> Folder | None:
    """Return the folder of that id, if there is one."""
    row = (await tx.execute(sa.select(t.folders).where(t.folders.c.id == folder_id))).one_or_none()
    return None if row is None else Folder(row.id, row.space_id, row.parent_id, row.name, row.policy_id)


async def list_folders(tx: Connection, space_id: str) -> list[Folder]:
    """Return every folder of a space by name."""
    folder = t.folders
    rows = await tx.execute(sa.select(folder).where(folder.c.space_id == space_id).order_by(folder.c.name, folder.c.id))
    return [Folder(row.id, row.space_id, row.parent_id, row.name, row.policy_id) for row in rows]


async def rename_folder(tx: Connection, folder: Folder, name: str) -> None:
    """Give a folder another name; raises ``AlreadyExists``."""
    if name != folder.name:
        await _check_name(tx, folder.space_id, folder.parent_id, name)
        await tx.execute(sa.update(t.folders).where(t.folders.c.id == folder.id).values(name=name))


async def move_folder(tx: Connection, folder: Folder, parent_id: str | None) -> None:
    """Put a folder with all that lies in it into another folder of its space (None: the space itself).

    In force for every request that starts afterwards. Raises ``InvalidRequest`` for a folder within itself.
    """
    await bump_epoch(tx)
    space = await get_space(tx, folder.space_id)
    if space is None:
        raise NotFound
    above = await _place(tx, space, parent_id, moved=folder.id)
    await _check_name(tx, folder.space_id, parent_id, folder.name)
    await tx.execute(sa.update(t.folders).where(t.folders.c.id == folder.id).values(parent_id=parent_id))
    await move_policy(tx, folder.policy_id, above)


async def delete_folder(tx: Connection, folder: Folder) -> None:
    """Remove an empty folder; raises ``FolderNotEmpty``."""
    document = t.documents
    inner = sa.exists().where(t.folders.c.parent_id == folder.id)
    filed = sa.exists().where(document.c.folder_id == folder.id, document.c.deleted.is_(False))
    if await tx.scalar(sa.select(sa.or_(inner, filed))):
        raise FolderNotEmpty
    await replace_policy(tx, folder.policy_id, AccessPolicy())  # what was deleted in it may still refer to it
    await tx.execute(sa.update(document).where(document.c.folder_id == folder.id).values(folder_id=None))
    await tx.execute(sa.delete(t.folders).where(t.folders.c.id == folder.id))


async def policy_above(tx: Connection, space: Space, folder_id: str | None) -> int:
    """Return the policy of the folder of that space, of the space itself for None; raises ``UnknownName``."""
    if folder_id is None:
        return space.policy_id
    folder = await get_folder(tx, folder_id)
    if folder is None or folder.space_id != space.id:
        raise UnknownName("folder", folder_id)
    return folder.policy_id


async def _place(tx: Connection, space: Space, parent_id: str | None, moved: str | None = None) -> int:
    """Return the policy that a folder below ``parent_id`` inherits from; raises ``InvalidRequest`` for a bad place."""
    above = await policy_above(tx, space, parent_id)
    parents = {one.id: one.parent_id for one in await list_folders(tx, space.id)}
    step, depth = parent_id, 1
    while step is not None:
        if step == moved or depth >= MAX_DEPTH:
            raise InvalidRequest(reason=f"parent: within itself or deeper than {MAX_DEPTH} / 上级文件夹成环或过深")
        step, depth = parents.get(step), depth + 1
    return above


async def _check_name(tx: Connection, space_id: str, parent_id: str | None, name: str) -> None:
    folder = t.folders
    beside = folder.c.parent_id.is_(None) if parent_id is None else folder.c.parent_id == parent_id
    if await tx.scalar(sa.select(folder.c.id).where(folder.c.space_id == space_id, beside, folder.c.name == name)):
        raise AlreadyExists(name=name)
