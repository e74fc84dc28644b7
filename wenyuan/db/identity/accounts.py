"""Which accounts count now. Every way of signing in asks here, and asks again with each request."""

import time
from dataclasses import dataclass

import sqlalchemy as sa

from wenyuan.access import Role
from wenyuan.db import tables as t
from wenyuan.db.access.readable import in_force
from wenyuan.db.engine import Connection, ReadConnection

_NOW: sa.BindParameter[float] = sa.bindparam("now", type_=sa.Double(), callable_=time.time)

#: Whether a row of ``users`` may sign in at the moment the statement runs, by the same condition as reads.
MAY_SIGN_IN: sa.ColumnElement[bool] = in_force(t.users, _NOW)

PERSON, SERVICE = "person", "service"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that counts now."""

    user_id: str
    name: str
    roles: frozenset[Role]


def read_account(tx: ReadConnection, name: str) -> Account | None:
    """Return the account of that name if it counts now."""
    statement = sa.select(t.users.c.id, t.users.c.name, t.users.c.roles).where(t.users.c.name == name, MAY_SIGN_IN)
    row = tx.execute(statement).one_or_none()
    return None if row is None else Account(row.id, row.name, frozenset(Role(role) for role in row.roles))


async def set_kind(tx: Connection, user_id: str, kind: str) -> None:
    """Say whether an account is a person's or a program's."""
    await tx.execute(sa.update(t.users).where(t.users.c.id == user_id).values(kind=kind))


async def read_kinds(tx: Connection) -> dict[str, str]:
    """Return the kind of every account by its id."""
    return {row.id: row.kind for row in await tx.execute(sa.select(t.users.c.id, t.users.c.kind))}
