"""Bearer tokens: random, shown once, stored as a hash. Their scopes take away from what the user may do."""

import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from wenyuan.access import Role
from wenyuan.db import tables as t
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.identity.accounts import MAY_SIGN_IN
from wenyuan.ids import new_id

DAY_S: Final = 86_400.0
#: Characters of a secret that are kept readable, so that a person can tell one token from another.
PREFIX_CHARS: Final = 7


class TokenScope(StrEnum):
    """What a token may be good for. ``account``: passwords, sessions and tokens of its own user."""

    ASK = "ask"
    READ = "read"
    UPLOAD = "upload"
    MANAGE = "manage"
    EVALUATE = "evaluate"
    AUDIT = "audit"
    PROVISION = "provision"
    ACCOUNT = "account"
    ACT_AS = "act_as"


#: What a token carries that was made without scopes, and a session: whatever its user may do.
ALL_SCOPES: Final = frozenset(TokenScope)


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """Whom a valid token stands for, and for what."""

    token_id: str
    user_id: str
    name: str
    roles: frozenset[Role]
    scopes: frozenset[TokenScope]
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token as listed: never its secret. ``scopes`` is None for one without limits."""

    id: str
    user: str
    name: str
    prefix: str
    scopes: frozenset[TokenScope] | None
    created_at: float
    expires_at: float | None
    last_used_at: float | None


async def issue_token(
    tx: Connection, user_id: str, name: str, days: float | None, scopes: Iterable[TokenScope] | None = None
) -> tuple[str, str]:
    """Create a token and return (id, secret). The secret is not stored and cannot be shown again."""
    token_id, secret = new_id("tok"), f"wy_{secrets.token_urlsafe(32)}"
    now = time.time()
    await tx.execute(
        sa.insert(t.tokens).values(
            id=token_id,
            user_id=user_id,
            name=name,
            secret_sha256=digest(secret),
            created_at=now,
            expires_at=None if days is None else now + days * DAY_S,
            scopes=None if scopes is None else sorted(set(scopes)),
            prefix=secret[:PREFIX_CHARS],
        )
    )
    return token_id, secret


_OWNER: Final = (
    sa.select(
        t.tokens.c.id, t.tokens.c.user_id, t.tokens.c.scopes, t.tokens.c.expires_at, t.users.c.name, t.users.c.roles
    )
    .join(t.users, t.users.c.id == t.tokens.c.user_id)
    .where(
        t.tokens.c.secret_sha256 == sa.bindparam("digest"),
        sa.or_(t.tokens.c.expires_at.is_(None), t.tokens.c.expires_at > sa.bindparam("at", type_=sa.Double())),
        MAY_SIGN_IN,
    )
)


def token_owner(tx: ReadConnection, secret: str) -> TokenOwner | None:
    """Return the user behind a valid token who may sign in now, or None."""
    row = tx.execute(_OWNER, {"digest": digest(secret), "at": time.time()}).one_or_none()
    if row is None:
        return None
    roles = frozenset(Role(role) for role in row.roles)
    limited = _scopes(row.scopes)
    scopes = ALL_SCOPES if limited is None else limited
    return TokenOwner(row.id, row.user_id, row.name, roles, scopes, row.expires_at)


async def list_tokens(tx: Connection, user_id: str | None = None) -> list[TokenInfo]:
    """Return every token, or those of one user, newest first."""
    statement = (
        sa.select(t.tokens, t.users.c.name.label("user"))
        .join(t.users, t.users.c.id == t.tokens.c.user_id)
        .order_by(t.tokens.c.created_at.desc(), t.tokens.c.id)
    )
    if user_id is not None:
        statement = statement.where(t.tokens.c.user_id == user_id)
    return [
        TokenInfo(
            row.id,
            row.user,
            row.name,
            row.prefix or "",
            _scopes(row.scopes),
            row.created_at,
            row.expires_at,
            row.last_used_at,
        )
        for row in await tx.execute(statement)
    ]


async def revoke_token(tx: Connection, token_id: str, user_id: str | None = None) -> bool:
    """Remove a token, if ``user_id`` is given only one of theirs; returns whether there was one."""
    statement = sa.delete(t.tokens).where(t.tokens.c.id == token_id)
    if user_id is not None:
        statement = statement.where(t.tokens.c.user_id == user_id)
    return (await tx.execute(statement)).rowcount > 0


async def note_token_use(tx: Connection, used: Mapping[str, float]) -> None:
    """Store when tokens, by id, were last used."""
    statement = (
        sa.update(t.tokens)
        .where(t.tokens.c.id == sa.bindparam("token"))
        .values(last_used_at=sa.bindparam("used_at", type_=sa.Double()))
    )
    await tx.execute(statement, [{"token": token, "used_at": at} for token, at in used.items()])


def digest(secret: str) -> str:
    """Return what is stored of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _scopes(stored: list[str] | None) -> frozenset[TokenScope] | None:
    # A name that this version does not know grants nothing; a token of nothing else is good for nothing.
    return None if stored is None else frozenset(TokenScope(one) for one in stored if one in ALL_SCOPES)
