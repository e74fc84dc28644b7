"""Documents in quarantine: found by no question, read into no answer, shown to nobody, until they are released.

Those who manage such a document still open it, if they may read it: what is wrong with it has to be looked at. That it
is in quarantine is a condition of every read, in the statement that reads, so that it holds from the next request on
whatever the index says, and whatever was answered and cited before.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import sqlalchemy as sa

from wenyuan.access import AccessScope, Role, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.readable import SUBJECTS, may_read, reads_as
from wenyuan.db.access.spaces import SpaceRole
from wenyuan.db.engine import Connection

Reason = Literal["poisoned", "instructions", "hub", "jamming", "other"]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document in quarantine; ``since``: seconds since 1970."""

    document_id: str
    space: str
    reason: str
    by: str
    since: float


_LISTED: Final = (
    sa.select(t.quarantined, t.spaces.c.name.label("space"), t.users.c.name.label("by"))
    .join(t.documents, t.documents.c.id == t.quarantined.c.document_id)
    .join(t.spaces, t.spaces.c.id == t.documents.c.space_id)
    .join(t.users, t.users.c.id == t.quarantined.c.by_id)
    .where(t.documents.c.deleted.is_(False))
    .order_by(t.quarantined.c.since.desc(), t.quarantined.c.document_id)
)


def in_use(document_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a document is not in quarantine: what search, answers and what they leave go by."""
    return ~sa.exists().where(t.quarantined.c.document_id == document_id)


def may_be_shown() -> sa.ColumnElement[bool]:
    """Return the condition on ``documents`` that the reader may be shown one now.

    It is there, its policy lets them read, and it is not in quarantine unless they manage it. See
    ``wenyuan.db.access.readable.reads_as`` for its parameters.
    """
    document, held = t.documents.c, t.quarantined.c.document_id
    kept_out = sa.exists().where(held == document.id, ~_manages()).correlate(t.documents)
    return sa.and_(document.deleted.is_(False), may_read(document.policy_id), ~kept_out)


def _manages() -> sa.ColumnElement[bool]:
    """Whether the reader manages a document: as administrator, manager of its space, or owner with a role there."""
    grant, looker = t.space_grants, t.users.alias("looker")
    itself = sa.select(SUBJECTS.c.id).where(SUBJECTS.c.kind == SubjectKind.USER.value)
    # A list of a few known words in JSON: both databases hold it as they were written.
    runs_all = sa.cast(looker.c.roles, sa.String()).contains(f'"{Role.ADMINISTRATOR.value}"')
    role = sa.or_(grant.c.role == SpaceRole.MANAGER.value, t.documents.c.owner_id.in_(itself))
    named = sa.and_(SUBJECTS.c.kind == grant.c.subject_kind, SUBJECTS.c.id == grant.c.subject_id)
    runs_space = sa.exists().where(grant.c.space_id == t.documents.c.space_id, named, role).correlate(t.documents)
    return sa.or_(sa.exists().where(looker.c.id.in_(itself), runs_all), runs_space)


async def put_in_quarantine(
    tx: Connection, document_id: str, user_id: str, reason: Reason, only_of: str | None = None
) -> bool:
    """Keep a document from everybody but those who manage it; again: with this reason. Answers that rest on it stop.

    ``only_of``: unless somebody else than that user keeps it, who would take it over to release it otherwise. Returns
    whether ``user_id`` keeps it now.
    """
    if not await release(tx, document_id, only_of):
        return False
    row = {"document_id": document_id, "reason": reason, "by_id": user_id, "since": time.time()}
    await tx.execute(sa.insert(t.quarantined).values(**row))
    return True


async def release(tx: Connection, document_id: str, only_of: str | None = None) -> bool:
    """Let a document be found again; ``only_of``: if that user has put it in quarantine. Returns whether it is out."""
    await bump_epoch(tx)
    held = t.quarantined.c
    mine = sa.true() if only_of is None else held.by_id == only_of
    await tx.execute(sa.delete(t.quarantined).where(held.document_id == document_id, mine))
    return bool(await tx.scalar(sa.select(in_use(sa.literal(document_id)))))


async def list_quarantined(tx: Connection, document_ids: Sequence[str] | None = None) -> list[Quarantined]:
    """Return the documents in quarantine, the last first; ``document_ids``: of these."""
    statement = _LISTED if document_ids is None else _LISTED.where(t.quarantined.c.document_id.in_(document_ids))
    rows = await tx.execute(statement)
    return [Quarantined(row.document_id, row.space, row.reason, row.by, row.since) for row in rows]


async def count_found(scope: AccessScope, tx: Connection) -> int:
    """Return how many documents the scope's questions may find now."""
    document = t.documents.c
    live = sa.and_(document.deleted.is_(False), document.current_version_id.is_not(None), in_use(document.id))
    statement = sa.select(sa.func.count()).select_from(t.documents).where(live, may_read(document.policy_id))
    return await tx.scalar(statement, reads_as(scope)) or 0
