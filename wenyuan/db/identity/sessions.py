"""Sessions of the page: a random secret in a cookie, its hash here. Idle ones end, and all end after a fixed time."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.access import Role
from wenyuan.db import tables as t
from wenyuan.db.access.tokens import digest
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.identity.accounts import MAY_SIGN_IN
from wenyuan.ids import new_id

#: Of one user at a time; the one not seen for longest makes room.
MAX_SESSIONS: Final = 50


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Seconds that a session lasts unused, and at most."""

    idle_s: float
    absolute_s: float


@dataclass(frozen=True, slots=True)
class SessionOwner:
    """Whom a session stands for. ``must_change``: it is good for giving a new password and nothing else."""

    session_id: str
    user_id: str
    name: str
    roles: frozenset[Role]
    must_change: bool


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session as listed; ``method``: ``password`` or the issuer's name."""

    id: str
    method: str
    agent: str
    address: str
    created_at: float
    seen_at: float
    expires_at: float


async def open_session(
    tx: Connection, user_id: str, method: str, agent: str, address: str, lifetime: Lifetime
) -> tuple[str, str]:
    """Create a session and return (id, secret); sessions that have ended are forgotten on the way."""
    now = time.time()
    session_id, secret = new_id("ses"), secrets.token_urlsafe(32)
    ended = sa.or_(t.sessions.c.expires_at <= now, t.sessions.c.seen_at <= now - lifetime.idle_s)
    await tx.execute(sa.delete(t.sessions).where(ended))
    mine = sa.select(t.sessions.c.id).where(t.sessions.c.user_id == user_id)
    surplus = mine.order_by(t.sessions.c.seen_at.desc()).offset(MAX_SESSIONS - 1)
    for row in list(await tx.execute(surplus)):
        await tx.execute(sa.delete(t.sessions).where(t.sessions.c.id == row.id))
    await tx.execute(
        sa.insert(t.sessions).values(
            id=session_id,
            user_id=user_id,
            secret_sha256=digest(secret),
            method=method,
            agent=agent[:256],
            address=address[:64],
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime.absolute_s,
        )
    )
    return session_id, secret


_OWNER: Final = (
    sa.select(
        t.sessions.c.id,
        t.sessions.c.user_id,
        t.sessions.c.method,
        t.users.c.name,
        t.users.c.roles,
        t.passwords.c.must_change,
    )
    .join(t.users, t.users.c.id == t.sessions.c.user_id)
    .outerjoin(t.passwords, t.passwords.c.user_id == t.users.c.id)
    .where(
        t.sessions.c.secret_sha256 == sa.bindparam("digest"),
        t.sessions.c.expires_at > sa.bindparam("at", type_=sa.Double()),
        t.sessions.c.seen_at > sa.bindparam("seen_after", type_=sa.Double()),
        MAY_SIGN_IN,
    )
)
PASSWORD: Final = "password"  # noqa: S105  # the name of a way to sign in


def session_owner(tx: ReadConnection, secret: str, idle_s: float) -> SessionOwner | None:
    """Return the user behind a session that has not ended, who may sign in now, or None."""
    now = time.time()
    row = tx.execute(_OWNER, {"digest": digest(secret), "at": now, "seen_after": now - idle_s}).one_or_none()
    if row is None:
        return None
    roles = frozenset(Role(role) for role in row.roles)
    must_change = row.method == PASSWORD and bool(row.must_change)
    return SessionOwner(row.id, row.user_id, row.name, roles, must_change)


async def list_sessions(tx: Connection, user_id: str, idle_s: float) -> list[SessionInfo]:
    """Return the sessions of a user that have not ended, the last seen first."""
    now = time.time()
    rows = await tx.execute(
        sa.select(t.sessions)
        .where(t.sessions.c.user_id == user_id, t.sessions.c.expires_at > now, t.sessions.c.seen_at > now - idle_s)
        .order_by(t.sessions.c.seen_at.desc(), t.sessions.c.id)
    )
    return [
        SessionInfo(row.id, row.method, row.agent, row.address, row.created_at, row.seen_at, row.expires_at)
        for row in rows
    ]


async def end_session(tx: Connection, user_id: str, session_id: str) -> bool:
    """End a session of the user's; returns whether there was one."""
    statement = sa.delete(t.sessions).where(t.sessions.c.id == session_id, t.sessions.c.user_id == user_id)
    return (await tx.execute(statement)).rowcount > 0


async def end_sessions(tx: Connection, user_id: str, keep: str = "") -> None:
    """End every session of a user but ``keep``."""
    await tx.execute(sa.delete(t.sessions).where(t.sessions.c.user_id == user_id, t.sessions.c.id != keep))


async def note_session_use(tx: Connection, seen: Mapping[str, float]) -> None:
    """Store when sessions, by id, were last seen."""
    statement = (
        sa.update(t.sessions)
        .where(t.sessions.c.id == sa.bindparam("session"))
        .values(seen_at=sa.bindparam("at", type_=sa.Double()))
    )
    await tx.execute(statement, [{"session": session, "at": at} for session, at in seen.items()])
