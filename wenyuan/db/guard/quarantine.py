"""Documents in quarantine: found by no question, read into no answer, until they are released.

Those who may read such a document still open it and manage it: what is wrong with it has to be looked at. That it is in
quarantine is a condition of every read of text for search and for answers, in the statement that reads, so that it
holds from the next request on whatever the index says.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.readable import may_read, reads_as
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
    """Return the condition that a document is not in quarantine."""
    return ~sa.exists().where(t.quarantined.c.document_id == document_id)


async def put_in_quarantine(tx: Connection, document_id: str, user_id: str, reason: Reason) -> None:
    """Keep a document out of search and answers; again: with this reason. Running answers that rest on it stop."""
    await bump_epoch(tx)
    await tx.execute(sa.delete(t.quarantined).where(t.quarantined.c.document_id == document_id))
    row = {"document_id": document_id, "reason": reason, "by_id": user_id, "since": time.time()}
    await tx.execute(sa.insert(t.quarantined).values(**row))


async def release(tx: Connection, document_id: str) -> None:
    """Let a document be found again; one that is not in quarantine stays as it is."""
    await bump_epoch(tx)
    await tx.execute(sa.delete(t.quarantined).where(t.quarantined.c.document_id == document_id))


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
