"""Many rows in few statements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.contents import insert_rows
from wenyuan.db.engine import Connection
from wenyuan.ids import new_id

BATCH: Final = 400
"""Values in one IN list; a statement takes a limited number of parameters."""


async def update_rows(tx: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Store rows of equal keys, ``id`` among them, over those of that id."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    values = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    statement = sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(values)
    given = [{"row_id": row["id"]} | {f"new_{name}": row[name] for name in names} for row in rows]
    for start in range(0, len(given), BATCH):
        await tx.execute(statement, given[start : start + BATCH])


async def delete_where_in(tx: Connection, column: sa.Column[Any], values: Iterable[str], *also: Any) -> None:
    """Delete the rows whose ``column`` holds one of ``values`` and that meet what stands in ``also``."""
    wanted = list(values)
    for start in range(0, len(wanted), BATCH):
        await tx.execute(sa.delete(column.table).where(column.in_(wanted[start : start + BATCH]), *also))


async def select_in(
    tx: Connection,
    statement: sa.Select[Any],
    column: Any,
    values: Iterable[str],
    params: Mapping[str, Any] | None = None,
) -> list[Any]:
    """Return the rows of ``statement``, with its parameters, whose ``column`` holds one of ``values``."""
    wanted, found = list(values), []
    for start in range(0, len(wanted), BATCH):
        found += list(await tx.execute(statement.where(column.in_(wanted[start : start + BATCH])), params))
    return found


async def change_members(
    tx: Connection, group_id: str, add: Iterable[tuple[SubjectKind, str]], remove: Iterable[tuple[SubjectKind, str]]
) -> None:
    """Add direct members that a group does not have, and remove others that it has."""
    member = t.group_members
    gone = [{"gone_kind": kind, "gone_id": member_id} for kind, member_id in remove]
    # Key by key: a long list of ids makes PostgreSQL compare each row with all of them until it has statistics.
    one = sa.delete(member).where(
        member.c.group_id == group_id,
        member.c.member_kind == sa.bindparam("gone_kind"),
        member.c.member_id == sa.bindparam("gone_id"),
    )
    for start in range(0, len(gone), BATCH):
        await tx.execute(one, gone[start : start + BATCH])
    rows = [{"group_id": group_id, "member_kind": kind, "member_id": member_id} for kind, member_id in add]
    await insert_rows(tx, member, rows)


async def set_values(tx: Connection, table: sa.Table, column: str, wanted: dict[str, Iterable[str]]) -> None:
    """Make the values beside each user those that are wanted: roles, compartments or departments."""
    await delete_where_in(tx, table.c.user_id, wanted)
    rows = [{"user_id": owner, column: value} for owner, values in wanted.items() for value in sorted(set(values))]
    await insert_rows(tx, table, rows)


def new_ids(prefix: str, count: int) -> list[str]:
    """Return ``count`` ids."""
    return [new_id(prefix) for _ in range(count)]
