"""Groups that a SCIM client provides, with members among what it provides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wenyuan.access import SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.provisioning.accounts import DIRECTORY
from wenyuan.db.access.provisioning.bulk import change_members, select_in
from wenyuan.db.engine import Connection
from wenyuan.errors import AlreadyExists
from wenyuan.ids import new_id

Member = tuple[SubjectKind, str]


@dataclass(frozen=True, slots=True)
class Circle:
    """A group without its members."""

    id: str
    name: str
    external_id: str | None


async def find_circles(
    tx: Connection, equal: Mapping[str, str], *, offset: int = 0, limit: int | None = None
) -> list[Circle]:
    """Return groups by name. ``equal``: id, externalId, displayName, or ``members``, the id of a direct one."""
    statement = _mine(sa.select(t.groups), equal).order_by(t.groups.c.name)
    if limit is not None:
        statement = statement.offset(offset).limit(limit)
    return [Circle(row.id, row.name, row.external_id) for row in await tx.execute(statement)]


async def count_circles(tx: Connection) -> int:
    """Return how many groups the client provides."""
    return int(await tx.scalar(_mine(sa.select(sa.func.count()).select_from(t.groups), {})) or 0)


async def get_circle(tx: Connection, group_id: str, *, lock: bool = False) -> Circle | None:
    """Return one group; with ``lock`` nobody else changes it until the transaction ends."""
    statement = _mine(sa.select(t.groups), {"id": group_id})
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else Circle(row.id, row.name, row.external_id)


async def create_circle(tx: Connection, name: str, external_id: str | None, members: Iterable[Member]) -> str:
    """Create a group and return its id; raises ``AlreadyExists``."""
    await _require_free(tx, name, "")
    group_id = new_id("grp")
    row = {"id": group_id, "name": name, "directory": DIRECTORY, "external_id": external_id}
    await tx.execute(sa.insert(t.groups).values(**row))
    await change_members(tx, group_id, sorted(set(members)), ())
    await bump_epoch(tx)
    return group_id


async def update_circle(
    tx: Connection, circle: Circle, name: str, external_id: str | None, add: Iterable[Member], remove: Iterable[Member]
) -> None:
    """Store name and members: ``add`` names none that it has; raises ``AlreadyExists``."""
    if (name, external_id) != (circle.name, circle.external_id):
        await _require_free(tx, name, circle.id)
        values = {"name": name, "external_id": external_id}
        await tx.execute(sa.update(t.groups).where(t.groups.c.id == circle.id).values(**values))
    await change_members(tx, circle.id, add, remove)
    await bump_epoch(tx)


async def remove_circle(tx: Connection, group_id: str) -> None:
    """Remove a group, also from groups that name it."""
    member = t.group_members
    inside = sa.and_(member.c.member_kind == SubjectKind.GROUP, member.c.member_id == group_id)
    await tx.execute(sa.delete(member).where(sa.or_(member.c.group_id == group_id, inside)))
    await tx.execute(sa.delete(t.groups).where(t.groups.c.id == group_id))
    await bump_epoch(tx)


async def known_members(tx: Connection, ids: Iterable[str]) -> dict[str, Member]:
    """Return which of these ids are accounts or groups of the client."""
    wanted = list(dict.fromkeys(ids))
    users = sa.select(t.users.c.id).where(t.users.c.directory == DIRECTORY, t.users.c.removed_at.is_(None))
    groups = sa.select(t.groups.c.id).where(t.groups.c.directory == DIRECTORY)
    found = {row.id: (SubjectKind.USER, row.id) for row in await select_in(tx, users, t.users.c.id, wanted)}
    return found | {row.id: (SubjectKind.GROUP, row.id) for row in await select_in(tx, groups, t.groups.c.id, wanted)}


async def members_of(tx: Connection, group_id: str, among: Iterable[str] | None = None) -> set[Member]:
    """Return the direct members of a group, all of them or those ``among`` some ids."""
    member = t.group_members
    statement = sa.select(member.c.member_kind, member.c.member_id).where(member.c.group_id == group_id)
    rows: Iterable[Any]
    if among is None:
        rows = await tx.execute(statement)
    else:
        rows = await select_in(tx, statement, member.c.member_id, among)
    return {(SubjectKind(row.member_kind), row.member_id) for row in rows}


async def named_members(tx: Connection, group_id: str) -> list[tuple[Member, str]]:
    """Return the direct members of a group with their names, by id."""
    member = t.group_members
    users = (
        sa.select(member.c.member_kind, member.c.member_id, t.users.c.display_name.label("name"))
        .join(t.users, t.users.c.id == member.c.member_id)
        .where(member.c.group_id == group_id, member.c.member_kind == SubjectKind.USER)
    )
    groups = (
        sa.select(member.c.member_kind, member.c.member_id, t.groups.c.name.label("name"))
        .join(t.groups, t.groups.c.id == member.c.member_id)
        .where(member.c.group_id == group_id, member.c.member_kind == SubjectKind.GROUP)
    )
    rows = await tx.execute(sa.union_all(users, groups))
    return sorted(((SubjectKind(row.member_kind), row.member_id), row.name) for row in rows)


async def _require_free(tx: Connection, name: str, but: str) -> None:
    named = sa.or_(t.groups.c.name == name, sa.func.lower(t.groups.c.name) == name.lower())
    if await tx.scalar(sa.select(t.groups.c.id).where(named, t.groups.c.id != but)):
        raise AlreadyExists(name=name)


def _mine(statement: sa.Select[Any], equal: Mapping[str, str]) -> sa.Select[Any]:
    groups = t.groups
    statement = statement.where(groups.c.directory == DIRECTORY)
    if "id" in equal:
        statement = statement.where(groups.c.id == equal["id"])
    if "externalId" in equal:
        statement = statement.where(groups.c.external_id == equal["externalId"])
    name = equal.get("displayName", "")
    if name and name.isascii():
        statement = statement.where(sa.func.lower(groups.c.name) == name.lower())
    if "members" in equal:
        holding = sa.select(t.group_members.c.group_id).where(t.group_members.c.member_id == equal["members"])
        statement = statement.where(groups.c.id.in_(holding))
    return statement
