"""Accounts that a SCIM client provides. It sees those and no others."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import Classification, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.provisioning.bulk import select_in, set_values
from wenyuan.db.engine import Connection
from wenyuan.db.identity.sessions import end_sessions
from wenyuan.errors import AlreadyExists
from wenyuan.ids import new_id

DIRECTORY: Final = "scim"


@dataclass(frozen=True, slots=True)
class AccountValues:
    """What the client says of an account."""

    name: str
    display_name: str
    active: bool
    employment: str
    external_id: str | None
    profile: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account(AccountValues):
    """An account as stored; ``groups`` are (id, name) of the client's groups that name it."""

    id: str = ""
    created_at: float = 0.0
    groups: tuple[tuple[str, str], ...] = ()


async def find_accounts(
    tx: Connection, equal: Mapping[str, str], *, offset: int = 0, limit: int | None = None
) -> list[Account]:
    """Return accounts in the order of their creation. ``equal``: id, externalId, userName or displayName."""
    statement = _mine(sa.select(t.users), equal).order_by(t.users.c.created_at, t.users.c.id)
    if limit is not None:
        statement = statement.offset(offset).limit(limit)
    rows = list(await tx.execute(statement))
    return await _accounts(tx, rows)


async def count_accounts(tx: Connection) -> int:
    """Return how many accounts the client provides."""
    return int(await tx.scalar(_mine(sa.select(sa.func.count()).select_from(t.users), {})) or 0)


async def get_account(tx: Connection, user_id: str, *, lock: bool = False) -> Account | None:
    """Return one account; with ``lock`` nobody else changes it until the transaction ends."""
    statement = _mine(sa.select(t.users), {"id": user_id})
    found = await _accounts(tx, list(await tx.execute(statement.with_for_update() if lock else statement)))
    return found[0] if found else None


async def create_account(tx: Connection, values: AccountValues, *, adopt: bool) -> str:
    """Create an account and return its id; raises ``AlreadyExists``.

    With ``adopt`` a local account of that name without a role of this service is taken over.
    """
    users = t.users
    named = sa.func.lower(users.c.name) == values.name.lower()
    row = (await tx.execute(sa.select(users).where(sa.or_(users.c.name == values.name, named)))).first()
    if row is None:
        user_id = new_id("usr")
        fresh = {"id": user_id, "roles": [], "clearance": int(Classification.INTERNAL), "created_at": time.time()}
        await tx.execute(sa.insert(users).values(**fresh, **_columns(values)))
    elif adopt and row.directory is None and not row.roles and row.removed_at is None:
        user_id = row.id
        await tx.execute(sa.update(users).where(users.c.id == user_id).values(**_columns(values)))
    else:
        raise AlreadyExists(name=values.name)
    await _belong(tx, user_id, values)
    await bump_epoch(tx)
    return user_id


async def update_account(tx: Connection, user_id: str, values: AccountValues) -> None:
    """Store what the client says of an account now; raises ``AlreadyExists`` for another one's name."""
    users = t.users
    named = sa.or_(users.c.name == values.name, sa.func.lower(users.c.name) == values.name.lower())
    if await tx.scalar(sa.select(users.c.id).where(named, users.c.id != user_id)):
        raise AlreadyExists(name=values.name)
    await tx.execute(sa.update(users).where(users.c.id == user_id).values(**_columns(values)))
    if not values.active:
        await end_sessions(tx, user_id)  # they do not come back with the account
    await _belong(tx, user_id, values)
    await bump_epoch(tx)


async def remove_account(tx: Connection, user_id: str) -> None:
    """Disable an account for good and take it out of every group; what it owned stays.

    Its name becomes free, for someone who gets nothing of what policies gave to this one: they name ids.
    """
    member = t.group_members
    await tx.execute(sa.delete(member).where(member.c.member_kind == SubjectKind.USER, member.c.member_id == user_id))
    for table in (t.department_members, t.user_roles, t.user_compartments, t.tokens, t.sessions, t.passwords):
        await tx.execute(sa.delete(table).where(table.c.user_id == user_id))
    gone = {
        "name": f"{user_id}@removed",
        "active": False,
        "roles": [],
        "employment": "left",
        "external_id": None,
        "profile": None,
        "removed_at": time.time(),
    }
    await tx.execute(sa.update(t.users).where(t.users.c.id == user_id).values(**gone))
    await bump_epoch(tx)


async def _belong(tx: Connection, user_id: str, values: AccountValues) -> None:
    """Store company roles, and the department of that title among the client's, made if there is none."""
    await set_values(tx, t.user_roles, "role", {user_id: values.roles})
    member, department = t.department_members, t.departments
    mine = sa.select(department.c.id).where(department.c.directory == DIRECTORY)
    await tx.execute(sa.delete(member).where(member.c.user_id == user_id, member.c.department_id.in_(mine)))
    title = values.profile.get("department")
    if not title:
        return
    known = sa.select(department.c.id).where(department.c.directory == DIRECTORY, department.c.title == title)
    department_id = await tx.scalar(known)
    if department_id is None:
        department_id = new_id("dep")
        name = title[:128].replace("/", "／")  # names stand in addresses
        if await tx.scalar(sa.select(department.c.id).where(department.c.name == name)):
            name = f"{title[:90]}~{department_id[-12:]}"
        row = {"id": department_id, "name": name, "title": title, "directory": DIRECTORY, "external_id": title}
        await tx.execute(sa.insert(department).values(**row))
    await tx.execute(sa.insert(member).values(department_id=department_id, user_id=user_id))


def _columns(values: AccountValues) -> dict[str, Any]:
    return {
        "name": values.name,
        "display_name": values.display_name,
        "active": values.active,
        "employment": values.employment,
        "directory": DIRECTORY,
        "external_id": values.external_id,
        "profile": dict(values.profile),
    }


def _mine(statement: sa.Select[Any], equal: Mapping[str, str]) -> sa.Select[Any]:
    users = t.users
    statement = statement.where(users.c.directory == DIRECTORY, users.c.removed_at.is_(None))
    if "id" in equal:
        statement = statement.where(users.c.id == equal["id"])
    if "externalId" in equal:
        statement = statement.where(users.c.external_id == equal["externalId"])
    for key, column in (("userName", users.c.name), ("displayName", users.c.display_name)):
        value = equal.get(key, "")
        # SQLite folds the case of ASCII alone; another text is compared once the rows are here.
        if value and value.isascii():
            statement = statement.where(sa.func.lower(column) == value.lower())
    return statement


async def _accounts(tx: Connection, rows: Sequence[Any]) -> list[Account]:
    ids = [row.id for row in rows]
    roles: defaultdict[str, list[str]] = defaultdict(list)
    for row in await select_in(tx, sa.select(t.user_roles), t.user_roles.c.user_id, ids):
        roles[row.user_id].append(row.role)
    member = t.group_members
    groups: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    named = (
        sa.select(member.c.member_id, t.groups.c.id, t.groups.c.name)
        .join(t.groups, t.groups.c.id == member.c.group_id)
        .where(member.c.member_kind == SubjectKind.USER, t.groups.c.directory == DIRECTORY)
    )
    for row in await select_in(tx, named, member.c.member_id, ids):
        groups[row.member_id].append((row.id, row.name))
    return [
        Account(
            id=row.id,
            name=row.name,
            display_name=row.display_name,
            active=row.active,
            employment=row.employment,
            external_id=row.external_id,
            profile=row.profile or {},
            roles=tuple(sorted(roles[row.id])),
            created_at=row.created_at,
            groups=tuple(sorted(groups[row.id])),
        )
        for row in rows
    ]
