"""Users, groups and what they may read now."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from wenyuan.access import ALWAYS, Employment, Role, Subject, SubjectKind, Window
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.provisioning.bulk import change_members, set_values
from wenyuan.db.access.readable import SUBJECTS, stands_for
from wenyuan.db.access.subjects import ANYBODY, find_subjects
from wenyuan.db.engine import Connection
from wenyuan.errors import AlreadyExists, UnknownName
from wenyuan.ids import new_id


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``clearance`` is the highest classification it may read, ``window`` the time in which it counts."""

    id: str
    name: str
    display_name: str
    roles: frozenset[Role]
    clearance: int
    active: bool
    employment: Employment = Employment.STAFF
    window: Window = ALWAYS


async def create_user(
    tx: Connection, name: str, display_name: str, roles: frozenset[Role] = frozenset(), clearance: int = 1
) -> User:
    """Create an account; raises ``AlreadyExists``."""
    if await tx.scalar(sa.select(t.users.c.id).where(t.users.c.name == name)):
        raise AlreadyExists(name=name)
    user = User(new_id("usr"), name, display_name, roles, clearance, active=True)
    await tx.execute(
        sa.insert(t.users).values(
            id=user.id,
            name=name,
            display_name=display_name,
            roles=sorted(roles),
            clearance=clearance,
            active=True,
            created_at=time.time(),
        )
    )
    await bump_epoch(tx)
    return user


async def update_user(
    tx: Connection,
    name: str,
    *,
    active: bool | None = None,
    clearance: int | None = None,
    roles: frozenset[Role] | None = None,
    employment: Employment | None = None,
    window: Window | None = None,
) -> User:
    """Change what is given; raises ``UnknownName``. In force for every request that starts afterwards."""
    user = await find_user(tx, name)
    values: dict[str, object] = {}
    if active is not None:
        values["active"] = active
    if clearance is not None:
        values["clearance"] = clearance
    if roles is not None:
        values["roles"] = sorted(roles)
    if employment is not None:
        values["employment"] = employment
    if window is not None:
        values |= {"valid_from": window.start, "valid_until": window.end}
    if values:
        await bump_epoch(tx)
        await tx.execute(sa.update(t.users).where(t.users.c.id == user.id).values(**values))
    return await find_user(tx, name)


async def find_user(tx: Connection, name: str) -> User:
    """Return the account of that name; raises ``UnknownName``."""
    row = (await tx.execute(sa.select(t.users).where(t.users.c.name == name))).one_or_none()
    if row is None:
        raise UnknownName("user", name)
    return _user(row)


async def get_user(tx: Connection, user_id: str) -> User | None:
    """Return the account of that id, if there is one."""
    row = (await tx.execute(sa.select(t.users).where(t.users.c.id == user_id))).one_or_none()
    return None if row is None else _user(row)


async def list_users(tx: Connection) -> list[User]:
    """Return every account by name."""
    return [_user(row) for row in await tx.execute(sa.select(t.users).order_by(t.users.c.name))]


async def has_administrator(tx: Connection) -> bool:
    """Return whether an active administrator exists."""
    return any(user.active and Role.ADMINISTRATOR in user.roles for user in await list_users(tx))


async def create_group(tx: Connection, name: str) -> str:
    """Create an empty group and return its id; raises ``AlreadyExists``."""
    if await tx.scalar(sa.select(t.groups.c.id).where(t.groups.c.name == name)):
        raise AlreadyExists(name=name)
    group_id = new_id("grp")
    await tx.execute(sa.insert(t.groups).values(id=group_id, name=name))
    return group_id


async def find_group(tx: Connection, name: str) -> str:
    """Return the id of the group of that name; raises ``UnknownName``."""
    return (await find_subjects(tx, [(SubjectKind.GROUP, name)], ANYBODY))[0].id


async def list_groups(tx: Connection) -> list[tuple[str, str]]:
    """Return (id, name) of every group by name."""
    return [(row.id, row.name) for row in await tx.execute(sa.select(t.groups).order_by(t.groups.c.name))]


async def read_members(tx: Connection, group_id: str) -> list[Subject]:
    """Return the direct members of a group."""
    member = t.group_members
    rows = await tx.execute(
        sa.select(member).where(member.c.group_id == group_id).order_by(member.c.member_kind, member.c.member_id)
    )
    return [Subject(SubjectKind(row.member_kind), row.member_id) for row in rows]


async def set_members(tx: Connection, group_id: str, members: Sequence[Subject]) -> None:
    """Replace the direct members of a group; effective on the next request of everyone concerned.

    What stays is not written: the cost follows the change, not the group.
    """
    wanted = {(one.kind, one.id) for one in members}
    present = {(one.kind, one.id) for one in await read_members(tx, group_id)}
    await alter_members(tx, group_id, wanted - present, present - wanted)


async def alter_members(
    tx: Connection, group_id: str, add: Iterable[tuple[SubjectKind, str]], remove: Iterable[tuple[SubjectKind, str]]
) -> None:
    """Add direct members that a group does not have and remove others that it has; effective on the next request."""
    await bump_epoch(tx)
    await change_members(tx, group_id, add, remove)


async def groups_of(tx: Connection, user_id: str) -> list[str]:
    """Return the names of all groups the user belongs to, nested ones included."""
    statement = (
        sa.select(t.groups.c.name)
        .join(SUBJECTS, sa.and_(SUBJECTS.c.kind == SubjectKind.GROUP, SUBJECTS.c.id == t.groups.c.id))
        .order_by(t.groups.c.name)
    )
    return list(await tx.scalars(statement, stands_for(user_id)))


async def read_company_roles(tx: Connection, user_id: str) -> list[str]:
    """Return the roles that the user has in the company."""
    role = t.user_roles
    return list(await tx.scalars(sa.select(role.c.role).where(role.c.user_id == user_id).order_by(role.c.role)))


async def set_company_roles(tx: Connection, user_id: str, roles: Iterable[str]) -> None:
    """Replace the roles that the user has in the company; policies may name them, actions they grant none."""
    await bump_epoch(tx)
    await set_values(tx, t.user_roles, "role", {user_id: roles})


async def read_compartments(tx: Connection, user_id: str) -> list[str]:
    """Return the compartments that the user holds."""
    held = t.user_compartments
    statement = sa.select(held.c.compartment).where(held.c.user_id == user_id).order_by(held.c.compartment)
    return list(await tx.scalars(statement))


async def set_compartments(tx: Connection, user_id: str, compartments: Iterable[str]) -> None:
    """Replace the compartments that the user holds; in force for every request that starts afterwards."""
    await bump_epoch(tx)
    await set_values(tx, t.user_compartments, "compartment", {user_id: compartments})


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    return User(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=frozenset(Role(role) for role in row.roles),
        clearance=row.clearance,
        active=row.active,
        employment=Employment(row.employment),
        window=Window(row.valid_from, row.valid_until),
    )
