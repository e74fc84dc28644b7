"""Carries out the plan of a sync."""

import time
from typing import Any

import sqlalchemy as sa

from wenyuan.access import Classification, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.provisioning.bulk import change_members, delete_where_in, new_ids, set_values, update_rows
from wenyuan.db.contents import insert_rows
from wenyuan.db.engine import Connection
from wenyuan.people.entries import Person, PersonGroup
from wenyuan.people.reconcile import Known, Plan

_NOBODY = PersonGroup("", "")
_SPARE = "\x1f"
"""What the name of something begins with that is about to get another one."""


async def write_plan(tx: Connection, directory: str, known: Known, plan: Plan) -> None:
    """Do what the plan says, with one new epoch; nothing is written for an empty plan."""
    if plan.empty:
        return
    departments = await _write_departments(tx, directory, known, plan)
    people = await _write_people(tx, directory, known, plan, departments)
    await _write_groups(tx, directory, known, plan, people)
    await bump_epoch(tx)


async def _write_departments(tx: Connection, directory: str, known: Known, plan: Plan) -> dict[str, str]:
    ids = {key: one[0] for key, one in known.departments.items()}
    ids |= dict(
        zip(
            (one.external_id for one, _ in plan.departments_new), new_ids("dep", len(plan.departments_new)), strict=True
        )
    )
    gone = [department_id for department_id, _ in plan.departments_gone]
    await delete_where_in(tx, t.department_members.c.department_id, gone)
    await delete_where_in(tx, t.departments.c.id, gone)
    # Names are unique: those about to change make room first, since two may have swapped theirs.
    await update_rows(
        tx, t.departments, [{"id": one, "name": f"{_SPARE}{one}"} for one, _, _ in plan.departments_changed]
    )
    changed = [
        {"id": one, "name": name, "title": told.title, "parent_id": ids.get(told.parent or "")}
        for one, told, name in plan.departments_changed
    ]
    await update_rows(tx, t.departments, changed)
    rows = [
        {
            "id": ids[told.external_id],
            "name": name,
            "title": told.title,
            "parent_id": ids.get(told.parent or ""),
            "directory": directory,
            "external_id": told.external_id,
        }
        for told, name in plan.departments_new
    ]
    await insert_rows(tx, t.departments, rows)
    return ids


async def _write_people(
    tx: Connection, directory: str, known: Known, plan: Plan, departments: dict[str, str]
) -> dict[str, str]:
    ids = {key: one[0] for key, one in known.people.items()}
    gone = [user_id for user_id, _ in plan.people_gone]
    await update_rows(tx, t.users, [{"id": user_id, "active": False} for user_id in gone])
    # Someone else has the name now, who gets nothing of what policies gave to this account: they name ids.
    replaced = {"active": False, "external_id": None, "removed_at": time.time()}
    rows = [{"id": one, "name": f"{one}@removed"} | replaced for one in plan.people_replaced]
    await update_rows(tx, t.users, rows)
    await delete_where_in(tx, t.department_members.c.user_id, gone)
    ended = [one for one, _, new in plan.people_changed if not new.active]
    await delete_where_in(tx, t.sessions.c.user_id, gone + ended)  # they do not come back with the account
    freed = [one for one, old, new in plan.people_changed if old.name != new.name]
    await update_rows(tx, t.users, [{"id": one, "name": f"{_SPARE}{one}"} for one in freed])
    changed = [(one, new) for one, _, new in plan.people_changed] + plan.people_adopted
    await update_rows(tx, t.users, [{"id": one} | _user_values(directory, person) for one, person in changed])
    created = list(zip(new_ids("usr", len(plan.people_new)), plan.people_new, strict=True))
    fresh = {"roles": [], "clearance": int(Classification.INTERNAL), "created_at": time.time()}
    await insert_rows(tx, t.users, [{"id": one} | fresh | _user_values(directory, person) for one, person in created])
    written = changed + created
    ids |= {person.external_id: one for one, person in written}
    belongs = {
        one: [departments[key] for key in told] for one, person in written if (told := person.departments) is not None
    }
    await _set_departments(tx, directory, belongs)
    roles = {one: person.roles for one, person in written if person.roles is not None}
    await set_values(tx, t.user_roles, "role", dict(roles))
    return ids


async def _set_departments(tx: Connection, directory: str, belongs: dict[str, list[str]]) -> None:
    """Replace in which departments of this directory people are; those of others stay."""
    member = t.department_members
    mine = sa.select(t.departments.c.id).where(t.departments.c.directory == directory)
    await delete_where_in(tx, member.c.user_id, belongs, member.c.department_id.in_(mine))
    rows = [{"department_id": one, "user_id": user} for user, those in belongs.items() for one in sorted(set(those))]
    await insert_rows(tx, member, rows)


async def _write_groups(tx: Connection, directory: str, known: Known, plan: Plan, people: dict[str, str]) -> None:
    ids = {key: one[0] for key, one in known.groups.items()}
    created = list(zip(new_ids("grp", len(plan.groups_new)), plan.groups_new, strict=True))
    ids |= {group.external_id: one for one, group in created}
    gone = [group_id for group_id, _ in plan.groups_gone]
    await delete_where_in(tx, t.group_members.c.group_id, gone)
    await delete_where_in(tx, t.group_members.c.member_id, gone, t.group_members.c.member_kind == SubjectKind.GROUP)
    await delete_where_in(tx, t.groups.c.id, gone)
    renamed = [(one, new.name) for one, old, new in plan.groups_changed if old.name != new.name]
    await update_rows(tx, t.groups, [{"id": one, "name": f"{_SPARE}{one}"} for one, _ in renamed])
    await update_rows(tx, t.groups, [{"id": one, "name": name} for one, name in renamed])
    rows = [
        {"id": one, "name": group.name, "directory": directory, "external_id": group.external_id}
        for one, group in created
    ]
    await insert_rows(tx, t.groups, rows)
    members: list[dict[str, Any]] = []
    for one, old, new in [(one, _NOBODY, group) for one, group in created] + plan.groups_changed:
        added, removed = _members(new, people, ids), _members(old, people, ids)
        await change_members(tx, one, (), removed - added)
        members += [{"group_id": one, "member_kind": kind, "member_id": key} for kind, key in added - removed]
    await insert_rows(tx, t.group_members, members)
    lost = [user_id for user_id, _ in plan.people_gone]
    mine = sa.select(t.groups.c.id).where(t.groups.c.directory == directory)
    member = t.group_members
    await delete_where_in(
        tx, member.c.member_id, lost, member.c.member_kind == SubjectKind.USER, member.c.group_id.in_(mine)
    )


def _members(group: PersonGroup, people: dict[str, str], groups: dict[str, str]) -> set[tuple[SubjectKind, str]]:
    """Return the members by our ids; one that stands for something foreign carries that id itself."""
    pairs = [(SubjectKind.USER, key, people.get(key)) for key in group.people]
    pairs += [(SubjectKind.GROUP, key, groups.get(key)) for key in group.groups]
    foreign = {(kind, key.removeprefix("\0")) for kind, key, _ in pairs if key.startswith("\0")}
    return foreign | {(kind, one) for kind, _, one in pairs if one is not None}


def _user_values(directory: str, person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "display_name": person.display_name,
        "active": person.active,
        "employment": person.employment,
        "profile": dict(person.profile),
        "directory": directory,
        "external_id": person.external_id,
    }
