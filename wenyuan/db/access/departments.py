"""Departments, a tree, and who belongs to them."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.provisioning.bulk import delete_where_in
from wenyuan.db.contents import insert_rows
from wenyuan.db.engine import Connection
from wenyuan.errors import AlreadyExists, InvalidRequest, UnknownName
from wenyuan.ids import new_id


@dataclass(frozen=True, slots=True)
class Department:
    """A department; without ``parent_id`` it stands at the top."""

    id: str
    name: str
    title: str
    parent_id: str | None


async def create_department(tx: Connection, name: str, title: str = "", parent_id: str | None = None) -> Department:
    """Create a department without members; raises ``AlreadyExists``."""
    await bump_epoch(tx)
    if await tx.scalar(sa.select(t.departments.c.id).where(t.departments.c.name == name)):
        raise AlreadyExists(name=name)
    created = Department(new_id("dep"), name, title or name, parent_id)
    await tx.execute(
        sa.insert(t.departments).values(id=created.id, name=name, title=created.title, parent_id=parent_id)
    )
    return created


async def find_department(tx: Connection, name: str) -> Department:
    """Return the department of that name; raises ``UnknownName``."""
    row = (await tx.execute(sa.select(t.departments).where(t.departments.c.name == name))).one_or_none()
    if row is None:
        raise UnknownName("department", name)
    return Department(row.id, row.name, row.title, row.parent_id)


async def list_departments(tx: Connection) -> list[Department]:
    """Return every department by name."""
    rows = await tx.execute(sa.select(t.departments).order_by(t.departments.c.name))
    return [Department(row.id, row.name, row.title, row.parent_id) for row in rows]


async def update_department(tx: Connection, name: str, *, title: str | None, parent_id: str | None) -> Department:
    """Move a department below another (None: to the top), and give it a title if there is one.

    In force for every request that starts afterwards. Raises ``InvalidRequest`` for a department below itself.
    """
    await bump_epoch(tx)
    found = await find_department(tx, name)
    above = {one.id: one.parent_id for one in await list_departments(tx)}
    step, passed = parent_id, {found.id}
    while step is not None:
        if step in passed:
            raise InvalidRequest(reason="parent: below itself / 上级部门成环")
        passed.add(step)
        step = above.get(step)
    values = {"parent_id": parent_id, "title": found.title if title is None else title}
    await tx.execute(sa.update(t.departments).where(t.departments.c.id == found.id).values(**values))
    return await find_department(tx, name)


async def delete_department(tx: Connection, name: str) -> None:
    """Remove a department; those below it stand at the top then, and policies that name it name nobody."""
    await bump_epoch(tx)
    found = await find_department(tx, name)
    seat = t.department_members
    await tx.execute(sa.delete(seat).where(seat.c.department_id == found.id))
    await tx.execute(sa.update(t.departments).where(t.departments.c.parent_id == found.id).values(parent_id=None))
    await tx.execute(sa.delete(t.departments).where(t.departments.c.id == found.id))


async def read_department_members(tx: Connection, department_id: str) -> list[str]:
    """Return the ids of the users who belong to the department itself, not to those below."""
    seat = t.department_members
    statement = sa.select(seat.c.user_id).where(seat.c.department_id == department_id).order_by(seat.c.user_id)
    return list(await tx.scalars(statement))


async def set_department_members(tx: Connection, department_id: str, user_ids: Iterable[str]) -> None:
    """Replace who belongs to a department; in force for every request that starts afterwards."""
    await bump_epoch(tx)
    wanted, present = set(user_ids), set(await read_department_members(tx, department_id))
    seat = t.department_members
    await delete_where_in(tx, seat.c.user_id, sorted(present - wanted), seat.c.department_id == department_id)
    rows = [{"department_id": department_id, "user_id": one} for one in sorted(wanted - present)]
    await insert_rows(tx, seat, rows)
