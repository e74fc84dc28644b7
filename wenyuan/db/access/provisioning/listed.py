"""The directory read whole for export, and what an import changes of it written back."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from wenyuan.access import SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.provisioning.bulk import delete_where_in, new_ids, set_values, update_rows
from wenyuan.db.contents import insert_rows
from wenyuan.db.engine import Connection
from wenyuan.people.listing import ListedDepartment, ListedGroup, ListedUser, Listing


@dataclass(slots=True)
class Changes:
    """What an import creates and changes; records are whole, as they are to be."""

    departments_new: list[ListedDepartment] = field(default_factory=list)
    departments_changed: list[ListedDepartment] = field(default_factory=list)
    users_new: list[ListedUser] = field(default_factory=list)
    users_changed: list[ListedUser] = field(default_factory=list)
    groups_new: list[ListedGroup] = field(default_factory=list)
    groups_changed: list[ListedGroup] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(getattr(self, name) for name in self.__slots__)


async def read_listing(tx: Connection) -> Listing:
    """Return the directory; accounts that a provider removed are history and left out."""
    departments = list(await tx.execute(sa.select(t.departments).order_by(t.departments.c.name)))
    titles = {row.id: row.name for row in departments}
    rows = await tx.execute(sa.select(t.users).where(t.users.c.removed_at.is_(None)).order_by(t.users.c.name))
    users = list(rows)
    held = {
        "company_roles": await _values(tx, t.user_roles, "role"),
        "compartments": await _values(tx, t.user_compartments, "compartment"),
        "departments": await _values(tx, t.department_members, "department_id"),
    }
    groups = list(await tx.execute(sa.select(t.groups).order_by(t.groups.c.name)))
    members = await _members(tx, {row.id: row.name for row in users}, {row.id: row.name for row in groups})
    return Listing(
        tuple(
            ListedDepartment(row.name, row.title, titles.get(row.parent_id or ""), row.directory, row.external_id)
            for row in departments
        ),
        tuple(_user(row, held, titles) for row in users),
        tuple(ListedGroup(row.name, *members[row.id], row.directory, row.external_id) for row in groups),
    )


async def write_changes(tx: Connection, changes: Changes) -> None:
    """Write what an import comes to, with one new epoch; nothing for an empty one."""
    if changes.empty:
        return
    departments = await _write_departments(tx, changes)
    users = await _write_users(tx, changes, departments)
    await _write_groups(tx, changes, users)
    await bump_epoch(tx)


async def _write_departments(tx: Connection, changes: Changes) -> dict[str, str]:
    ids = {row.name: row.id for row in await tx.execute(sa.select(t.departments.c.name, t.departments.c.id))}
    new = changes.departments_new
    ids |= dict(zip((one.name for one in new), new_ids("dep", len(new)), strict=True))
    rows = [
        {
            "id": ids[one.name],
            "name": one.name,
            "title": one.title,
            "parent_id": None if one.parent is None else ids[one.parent],
            "directory": one.directory,
            "external_id": one.external_id,
        }
        for one in new
    ]
    await insert_rows(tx, t.departments, rows)
    changed = [
        {"id": ids[one.name], "title": one.title, "parent_id": None if one.parent is None else ids[one.parent]}
        for one in changes.departments_changed
    ]
    await update_rows(tx, t.departments, changed)
    return ids


async def _write_users(tx: Connection, changes: Changes, departments: dict[str, str]) -> dict[str, str]:
    ids = {row.name: row.id for row in await tx.execute(sa.select(t.users.c.name, t.users.c.id))}
    new = changes.users_new
    ids |= dict(zip((one.name for one in new), new_ids("usr", len(new)), strict=True))
    now = time.time()
    created = [{"id": ids[one.name], "name": one.name, "created_at": now} | _columns(one) for one in new]
    await insert_rows(tx, t.users, created)
    await update_rows(tx, t.users, [{"id": ids[one.name]} | _columns(one) for one in changes.users_changed])
    ended = [ids[one.name] for one in changes.users_changed if not one.active]
    await delete_where_in(tx, t.sessions.c.user_id, ended)
    written = [*new, *changes.users_changed]
    await set_values(tx, t.user_roles, "role", {ids[one.name]: one.company_roles for one in written})
    await set_values(tx, t.user_compartments, "compartment", {ids[one.name]: one.compartments for one in written})
    belongs = {ids[one.name]: [departments[name] for name in one.departments] for one in written}
    await set_values(tx, t.department_members, "department_id", dict(belongs))
    return ids


async def _write_groups(tx: Connection, changes: Changes, users: dict[str, str]) -> None:
    ids = {row.name: row.id for row in await tx.execute(sa.select(t.groups.c.name, t.groups.c.id))}
    new = changes.groups_new
    ids |= dict(zip((one.name for one in new), new_ids("grp", len(new)), strict=True))
    rows = [
        {"id": ids[one.name], "name": one.name, "directory": one.directory, "external_id": one.external_id}
        for one in new
    ]
    await insert_rows(tx, t.groups, rows)
    await delete_where_in(tx, t.group_members.c.group_id, [ids[one.name] for one in changes.groups_changed])
    members: list[dict[str, Any]] = []
    for one in [*new, *changes.groups_changed]:
        pairs = [(SubjectKind.USER, users[name]) for name in one.users]
        pairs += [(SubjectKind.GROUP, ids[name]) for name in one.groups]
        members += [{"group_id": ids[one.name], "member_kind": kind, "member_id": key} for kind, key in pairs]
    await insert_rows(tx, t.group_members, members)


async def _values(tx: Connection, table: sa.Table, column: str) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in await tx.execute(sa.select(table.c.user_id, table.c[column].label("value"))):
        found[row.user_id].append(row.value)
    return found


async def _members(
    tx: Connection, users: dict[str, str], groups: dict[str, str]
) -> defaultdict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    found: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for row in await tx.execute(sa.select(t.group_members)):
        kind = SubjectKind(row.member_kind)
        name = (users if kind is SubjectKind.USER else groups).get(row.member_id)
        if name is not None:
            found[row.group_id][kind is not SubjectKind.USER].append(name)
    sorted_ones = {key: (tuple(sorted(both[0])), tuple(sorted(both[1]))) for key, both in found.items()}
    return defaultdict(lambda: ((), ()), sorted_ones)


def _user(row: sa.Row[Any], held: dict[str, defaultdict[str, list[str]]], titles: dict[str, str]) -> ListedUser:
    return ListedUser(
        name=row.name,
        display_name=row.display_name,
        active=row.active,
        employment=row.employment,
        clearance=row.clearance,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        roles=tuple(sorted(row.roles)),
        company_roles=tuple(sorted(held["company_roles"][row.id])),
        compartments=tuple(sorted(held["compartments"][row.id])),
        departments=tuple(sorted(titles[key] for key in held["departments"][row.id] if key in titles)),
        directory=row.directory,
        external_id=row.external_id,
        profile=row.profile or {},
    )


def _columns(user: ListedUser) -> dict[str, Any]:
    return {
        "display_name": user.display_name,
        "active": user.active,
        "employment": user.employment,
        "clearance": user.clearance,
        "valid_from": user.valid_from,
        "valid_until": user.valid_until,
        "roles": sorted(user.roles),
        "directory": user.directory,
        "external_id": user.external_id,
        "profile": dict(user.profile) or None,
    }
