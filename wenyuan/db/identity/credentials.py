"""Stored password hashes, and the failures of signing in that make the next attempt wait."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.identity.accounts import MAY_SIGN_IN

#: A failure is forgotten after this time without another one.
FORGET_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """The hash of an account that may sign in with a password now."""

    user_id: str
    hash: str
    must_change: bool


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed attempts under one key, and when the last was."""

    count: int = 0
    last_at: float = 0.0


def read_password(tx: ReadConnection, name: str) -> StoredPassword | None:
    """Return the password of the person of that name who may sign in now, or None."""
    statement = (
        sa.select(t.users.c.id, t.passwords.c.hash, t.passwords.c.must_change)
        .join(t.passwords, t.passwords.c.user_id == t.users.c.id)
        .where(t.users.c.name == name, t.users.c.kind == "person", MAY_SIGN_IN)
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else StoredPassword(row.id, row.hash, row.must_change)


async def set_password(tx: Connection, user_id: str, hashed: str, *, must_change: bool) -> None:
    """Store the hash of a new password in the place of the old one."""
    await tx.execute(sa.delete(t.passwords).where(t.passwords.c.user_id == user_id))
    await tx.execute(
        sa.insert(t.passwords).values(user_id=user_id, hash=hashed, must_change=must_change, changed_at=time.time())
    )


async def renew_hash(tx: Connection, user_id: str, old: str, new: str) -> None:
    """Store the same password under newer parameters, unless it was changed meanwhile."""
    await tx.execute(
        sa.update(t.passwords).where(t.passwords.c.user_id == user_id, t.passwords.c.hash == old).values(hash=new)
    )


async def demand_change(tx: Connection, user_id: str) -> bool:
    """Make the next sign-in give a new password; returns whether the account has one."""
    statement = sa.update(t.passwords).where(t.passwords.c.user_id == user_id).values(must_change=True)
    return (await tx.execute(statement)).rowcount > 0


async def drop_password(tx: Connection, user_id: str) -> bool:
    """Take the password of an account away; returns whether it had one."""
    return (await tx.execute(sa.delete(t.passwords).where(t.passwords.c.user_id == user_id))).rowcount > 0


async def read_failures(tx: Connection, keys: Sequence[str]) -> list[Failures]:
    """Return the failures under each key, which nobody else can change before this transaction has ended."""
    seen = t.login_failures
    recent = sa.and_(seen.c.key.in_(keys), seen.c.last_at > time.time() - FORGET_S)
    rows = await tx.execute(sa.select(seen).where(recent).order_by(seen.c.key).with_for_update())
    found = {row.key: Failures(row.failures, row.last_at) for row in rows}
    return [found.get(key, Failures()) for key in keys]


_FAILED: Final = sa.text(
    "INSERT INTO login_failures (key, failures, last_at) VALUES (:key, 1, :now)"
    " ON CONFLICT (key) DO UPDATE SET last_at = :now,"
    " failures = CASE WHEN login_failures.last_at > :recent THEN login_failures.failures + 1 ELSE 1 END"
)


async def note_failure(tx: Connection, keys: Sequence[str]) -> None:
    """Count one more failure under each key; those that are forgotten are removed."""
    now = time.time()
    for key in sorted(keys):  # in one order, so that two transactions cannot wait for each other
        await tx.execute(_FAILED, {"key": key, "now": now, "recent": now - FORGET_S})
    await tx.execute(sa.delete(t.login_failures).where(t.login_failures.c.last_at <= now - FORGET_S))


async def take_back(tx: Connection, forgiven: str, others: Sequence[str]) -> None:
    """Forget the failures under one key, and take one back from each of the others."""
    seen = t.login_failures
    await tx.execute(sa.delete(seen).where(seen.c.key == forgiven))
    for key in sorted(others):
        await tx.execute(sa.update(seen).where(seen.c.key == key).values(failures=seen.c.failures - 1))
