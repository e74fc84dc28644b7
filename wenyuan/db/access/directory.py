"""Users, groups and what they may read now."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from wenyuan.access import EVERYONE, Role, Subject, SubjectKind, Visibility
from wenyuan.db import tables as t
from wenyuan.db.access.policies import SUBJECTS, bump_epoch, read_visible, reads_as
from wenyuan.db.engine import Connection, Database
from wenyuan.errors import AlreadyExists, UnknownName
from wenyuan.ids import new_id


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``clearance`` is the highest classification it may read."""

    id: str
    name: str
    display_name: str
    roles: frozenset[Role]
    clearance: int
    active: bool


class Directory:
    """The live directory; implements ``wenyuan.access.VisibilityReader``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def visibility(self, user_id: str) -> Visibility:
        """Return the policies the user may read under, in one snapshot with the access epoch."""
        async with self._database.read() as tx:
            return await read_visible(tx, user_id)


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
) -> User:
    """Change what is given; raises ``UnknownName``."""
    user = await find_user(tx, name)
    values: dict[str, object] = {}
    if active is not None:
        values["active"] = active
    if clearance is not None:
        values["clearance"] = clearance
    if roles is not None:
        values["roles"] = sorted(roles)
    if values:
        await tx.execute(sa.update(t.users).where(t.users.c.id == user.id).values(**values))
        await bump_epoch(tx)
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
    return (await find_subject(tx, SubjectKind.GROUP, name)).id


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
    """Replace the direct members of a group; effective on the next request of everyone concerned."""
    await tx.execute(sa.delete(t.group_members).where(t.group_members.c.group_id == group_id))
    rows = [
        {"group_id": group_id, "member_kind": subject.kind, "member_id": subject.id}
        for subject in dict.fromkeys(members)
    ]
    if rows:
        await tx.execute(sa.insert(t.group_members), rows)
    await bump_epoch(tx)


async def groups_of(tx: Connection, user_id: str) -> list[str]:
    """Return the names of all groups the user belongs to, nested ones included."""
    statement = (
        sa.select(t.groups.c.name)
        .join(SUBJECTS, sa.and_(SUBJECTS.c.kind == SubjectKind.GROUP, SUBJECTS.c.id == t.groups.c.id))
        .order_by(t.groups.c.name)
    )
    return list(await tx.scalars(statement, reads_as(user_id)))


async def find_subject(tx: Connection, kind: SubjectKind, name: str) -> Subject:
    """Return the subject of that kind and name; raises ``UnknownName``."""
    if kind is SubjectKind.EVERYONE:
        return EVERYONE
    table = t.users if kind is SubjectKind.USER else t.groups
    found = await tx.scalar(sa.select(table.c.id).where(table.c.name == name))
    if found is None:
        raise UnknownName("user" if kind is SubjectKind.USER else "group", name)
    return Subject(kind, found)


async def subject_name(tx: Connection, subject: Subject) -> str:
    """Return the name of a subject ('' for everyone or one that is gone)."""
    if subject.kind is SubjectKind.EVERYONE:
        return ""
    table = t.users if subject.kind is SubjectKind.USER else t.groups
    return await tx.scalar(sa.select(table.c.name).where(table.c.id == subject.id)) or ""


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    return User(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=frozenset(Role(role) for role in row.roles),
        clearance=row.clearance,
        active=row.active,
    )
