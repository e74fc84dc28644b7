"""What a directory provides now, read for comparison."""

from collections import defaultdict

import sqlalchemy as sa

from wenyuan.access import SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.engine import Connection
from wenyuan.people.entries import Department, Person, PersonGroup
from wenyuan.people.reconcile import Known


async def load_known(tx: Connection, directory: str, *, adopt: bool) -> Known:
    """Return what ``directory`` provides, and which names belong to others. It is all of it: thousands of rows.

    With ``adopt`` local accounts may be taken over by name, those with a role of this service excepted.
    """
    names = await _external_ids(tx, directory)
    return Known(
        people=await _people(tx, directory, names[t.departments.name]),
        groups=await _groups(tx, directory, names),
        departments=await _departments(tx, directory, names[t.departments.name]),
        taken_accounts=await _taken_accounts(tx, directory, adopt=adopt),
        taken_groups=await _taken(tx, t.groups, directory),
        taken_departments=await _taken(tx, t.departments, directory),
    )


async def _external_ids(tx: Connection, directory: str) -> dict[str, dict[str, str]]:
    """Return external id by our id, by table."""
    found: dict[str, dict[str, str]] = {}
    for table in (t.users, t.groups, t.departments):
        rows = await tx.execute(sa.select(table.c.id, table.c.external_id).where(table.c.directory == directory))
        found[table.name] = {row.id: row.external_id for row in rows if row.external_id is not None}
    return found


async def _people(tx: Connection, directory: str, departments: dict[str, str]) -> dict[str, tuple[str, Person]]:
    mine = sa.select(t.users.c.id).where(t.users.c.directory == directory)
    belongs: defaultdict[str, list[str]] = defaultdict(list)
    member = t.department_members
    for row in await tx.execute(sa.select(member).where(member.c.user_id.in_(mine))):
        if row.department_id in departments:
            belongs[row.user_id].append(departments[row.department_id])
    roles: defaultdict[str, list[str]] = defaultdict(list)
    for row in await tx.execute(sa.select(t.user_roles).where(t.user_roles.c.user_id.in_(mine))):
        roles[row.user_id].append(row.role)
    users = await tx.execute(sa.select(t.users).where(t.users.c.directory == directory, t.users.c.removed_at.is_(None)))
    return {
        row.external_id: (
            row.id,
            Person(
                external_id=row.external_id,
                name=row.name,
                display_name=row.display_name,
                active=row.active,
                employment=row.employment,
                profile=row.profile or {},
                departments=tuple(sorted(belongs[row.id])),
                roles=tuple(sorted(roles[row.id])),
            ),
        )
        for row in users
        if row.external_id is not None
    }


async def _groups(
    tx: Connection, directory: str, names: dict[str, dict[str, str]]
) -> dict[str, tuple[str, PersonGroup]]:
    mine = sa.select(t.groups.c.id).where(t.groups.c.directory == directory)
    people: defaultdict[str, set[str]] = defaultdict(set)
    nested: defaultdict[str, set[str]] = defaultdict(set)
    member = t.group_members
    for row in await tx.execute(sa.select(member).where(member.c.group_id.in_(mine))):
        kind = SubjectKind(row.member_kind)
        external = names[t.users.name if kind is SubjectKind.USER else t.groups.name].get(row.member_id)
        # One that the directory did not name stands out by an id that none of its own can have, and is removed.
        (people if kind is SubjectKind.USER else nested)[row.group_id].add(external or f"\0{row.member_id}")
    rows = await tx.execute(sa.select(t.groups).where(t.groups.c.directory == directory))
    return {
        row.external_id: (
            row.id,
            PersonGroup(row.external_id, row.name, frozenset(people[row.id]), frozenset(nested[row.id])),
        )
        for row in rows
        if row.external_id is not None
    }


async def _departments(tx: Connection, directory: str, names: dict[str, str]) -> dict[str, tuple[str, Department, str]]:
    rows = await tx.execute(sa.select(t.departments).where(t.departments.c.directory == directory))
    return {
        row.external_id: (row.id, Department(row.external_id, row.title, names.get(row.parent_id or "")), row.name)
        for row in rows
        if row.external_id is not None
    }


async def _taken_accounts(tx: Connection, directory: str, *, adopt: bool) -> dict[str, str | None]:
    users = t.users
    other = sa.or_(users.c.directory.is_(None), users.c.directory != directory, users.c.removed_at.is_not(None))
    rows = await tx.execute(sa.select(users.c.id, users.c.name, users.c.roles, users.c.directory).where(other))
    return {row.name.lower(): row.id if adopt and row.directory is None and not row.roles else None for row in rows}


async def _taken(tx: Connection, table: sa.Table, directory: str) -> set[str]:
    other = sa.or_(table.c.directory.is_(None), table.c.directory != directory)
    return {name.lower() for name in await tx.scalars(sa.select(table.c.name).where(other))}
