"""Whom an issuer means: accounts by (issuer, subject), the groups it keeps, and sign-ins that are under way there.

An issuer says who belongs to the groups that bear its mark, and to no others: a claim that has the name of a group
set up here, or kept by another issuer, gives nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.access import SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_group
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.tokens import digest
from wenyuan.db.engine import Connection
from wenyuan.db.identity.accounts import MAY_SIGN_IN
from wenyuan.errors import AlreadyExists

#: A sign-in at an issuer that takes longer has to begin again.
PENDING_S: Final = 600.0
#: Sign-ins under way at one time; beyond it new ones are refused until older ones end.
MAX_PENDING: Final = 10_000


@dataclass(frozen=True, slots=True)
class Linked:
    """An account by its identity at an issuer. ``active``: it may sign in now."""

    user_id: str
    name: str
    active: bool
    groups_at: float | None
    groups_sha256: str | None


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """What a sign-in under way has to be completed with."""

    issuer: str
    nonce: str
    verifier: str


async def find_linked(tx: Connection, issuer: str, subject: str) -> Linked | None:
    """Return the account of an identity, also one that may not sign in."""
    known = t.identities
    statement = (
        sa.select(
            known.c.user_id, known.c.groups_at, known.c.groups_sha256, t.users.c.name, MAY_SIGN_IN.label("active")
        )
        .join(t.users, t.users.c.id == known.c.user_id)
        .where(known.c.issuer == issuer, known.c.subject == subject)
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        return None
    return Linked(row.user_id, row.name, bool(row.active), row.groups_at, row.groups_sha256)


async def link(tx: Connection, issuer: str, subject: str, user_id: str) -> None:
    """Let an identity stand for an account; raises ``AlreadyExists`` if it stands for one."""
    if await find_linked(tx, issuer, subject) is not None:
        raise AlreadyExists(name=subject)
    await tx.execute(
        sa.insert(t.identities).values(issuer=issuer, subject=subject, user_id=user_id, created_at=time.time())
    )


async def unlink(tx: Connection, user_id: str, issuer: str) -> bool:
    """Take the identities at an issuer from an account; returns whether it had one."""
    statement = sa.delete(t.identities).where(t.identities.c.user_id == user_id, t.identities.c.issuer == issuer)
    return (await tx.execute(statement)).rowcount > 0


async def identities_of(tx: Connection, user_id: str) -> list[tuple[str, str]]:
    """Return (issuer, subject) of an account's identities."""
    statement = sa.select(t.identities).where(t.identities.c.user_id == user_id)
    rows = await tx.execute(statement.order_by(t.identities.c.issuer, t.identities.c.subject))
    return [(row.issuer, row.subject) for row in rows]


async def follow_groups(
    tx: Connection, mark: str, issuer: str, subject: str, names: Sequence[str], said_at: float
) -> None:
    """Make an account a member of just those groups under ``mark`` that its issuer named at ``said_at``.

    A statement older than the last one that was followed changes nothing, so that a token issued before a removal
    cannot undo it. Groups that are missing are created; one that stands under another mark or none is passed over.
    """
    stated = digest("\0".join(sorted(set(names))))
    linked = await find_linked(tx, issuer, subject)
    if linked is None or (linked.groups_at is not None and said_at < linked.groups_at):
        return
    if linked.groups_sha256 != stated:
        await _set_groups(tx, mark, linked.user_id, names)
        await bump_epoch(tx)
    await tx.execute(
        sa.update(t.identities)
        .where(t.identities.c.issuer == issuer, t.identities.c.subject == subject)
        .values(groups_at=said_at, groups_sha256=stated)
    )


async def begin_login(tx: Connection, state: str, browser: str, login: PendingLogin) -> bool:
    """Keep a sign-in under way; returns whether there was room. Those that took too long are forgotten on the way."""
    pending = t.pending_logins
    await tx.execute(sa.delete(pending).where(pending.c.created_at <= time.time() - PENDING_S))
    if (await tx.scalar(sa.select(sa.func.count()).select_from(pending)) or 0) >= MAX_PENDING:
        return False
    await tx.execute(
        sa.insert(pending).values(
            state_sha256=digest(state),
            browser_sha256=digest(browser),
            issuer=login.issuer,
            nonce=login.nonce,
            verifier=login.verifier,
            created_at=time.time(),
        )
    )
    return True


async def take_login(tx: Connection, state: str, browser: str, issuer: str) -> PendingLogin | None:
    """Return the sign-in that this browser began at this issuer, once; it is gone afterwards."""
    pending = t.pending_logins
    taken = await tx.execute(
        sa.delete(pending)
        .where(
            pending.c.state_sha256 == digest(state),
            pending.c.browser_sha256 == digest(browser),
            pending.c.issuer == issuer,
            pending.c.created_at > time.time() - PENDING_S,
        )
        .returning(pending.c.issuer, pending.c.nonce, pending.c.verifier)
    )
    row = taken.one_or_none()
    return None if row is None else PendingLogin(row.issuer, row.nonce, row.verifier)


async def _set_groups(tx: Connection, mark: str, user_id: str, names: Sequence[str]) -> None:
    member = t.group_members
    kept = sa.select(t.groups.c.id).where(t.groups.c.directory == mark)
    mine = sa.and_(member.c.member_kind == SubjectKind.USER, member.c.member_id == user_id)
    await tx.execute(sa.delete(member).where(mine, member.c.group_id.in_(kept)))
    rows = []
    for name in sorted(set(names)):
        found = (await tx.execute(sa.select(t.groups).where(t.groups.c.name == name))).one_or_none()
        if found is None:
            group_id = await create_group(tx, name)
            await tx.execute(sa.update(t.groups).where(t.groups.c.id == group_id).values(directory=mark))
        elif found.directory == mark:
            group_id = found.id
        else:
            continue
        rows.append({"group_id": group_id, "member_kind": SubjectKind.USER, "member_id": user_id})
    if rows:
        await tx.execute(sa.insert(member), rows)
