"""Bearer tokens: random, shown once, stored as a hash."""

import hashlib
import secrets
import time
from dataclasses import dataclass

import sqlalchemy as sa

from wenyuan.access import Role
from wenyuan.db import tables as t
from wenyuan.db.engine import Connection
from wenyuan.ids import new_id

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """Whom a valid token stands for."""

    token_id: str
    user_id: str
    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token as listed: never its secret."""

    id: str
    user: str
    name: str
    created_at: float
    expires_at: float | None


async def issue_token(tx: Connection, user_id: str, name: str, days: float | None) -> tuple[str, str]:
    """Create a token and return (id, secret). The secret is not stored and cannot be shown again."""
    token_id, secret = new_id("tok"), f"wy_{secrets.token_urlsafe(32)}"
    now = time.time()
    await tx.execute(
        sa.insert(t.tokens).values(
            id=token_id,
            user_id=user_id,
            name=name,
            secret_sha256=_digest(secret),
            created_at=now,
            expires_at=None if days is None else now + days * DAY_S,
        )
    )
    return token_id, secret


async def token_owner(tx: Connection, secret: str) -> TokenOwner | None:
    """Return the active user behind a valid token, or None."""
    statement = (
        sa.select(t.tokens.c.id, t.tokens.c.user_id, t.users.c.name, t.users.c.roles)
        .join(t.users, t.users.c.id == t.tokens.c.user_id)
        .where(
            t.tokens.c.secret_sha256 == _digest(secret),
            sa.or_(t.tokens.c.expires_at.is_(None), t.tokens.c.expires_at > time.time()),
            t.users.c.active.is_(True),
        )
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        return None
    return TokenOwner(row.id, row.user_id, row.name, frozenset(Role(role) for role in row.roles))


async def list_tokens(tx: Connection) -> list[TokenInfo]:
    """Return every token, newest first."""
    statement = (
        sa.select(t.tokens, t.users.c.name.label("user"))
        .join(t.users, t.users.c.id == t.tokens.c.user_id)
        .order_by(t.tokens.c.created_at.desc(), t.tokens.c.id)
    )
    return [
        TokenInfo(row.id, row.user, row.name, row.created_at, row.expires_at) for row in await tx.execute(statement)
    ]


async def revoke_token(tx: Connection, token_id: str) -> bool:
    """Remove a token; returns whether it existed."""
    result = await tx.execute(sa.delete(t.tokens).where(t.tokens.c.id == token_id))
    return result.rowcount > 0


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
