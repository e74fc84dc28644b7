"""Which conversations somebody may open: their own, and those that others share with them. No text of documents."""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.access.readable import SUBJECTS, stands_for
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.vault.sealing import CONVERSATION, Sealer, sealer


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list; ``owner`` is the name of whose it is."""

    id: str
    title: str
    owner: str
    created_at: float
    updated_at: float


#: Who looks: a parameter beside those of ``SUBJECTS``.
VIEWER: Final = sa.bindparam("viewer", type_=sa.String())
#: Whether a conversation is shared with whom ``SUBJECTS`` names.
SHARED: Final = sa.exists().where(
    t.conversation_shares.c.conversation_id == t.conversations.c.id,
    SUBJECTS.c.kind == t.conversation_shares.c.subject_kind,
    SUBJECTS.c.id == t.conversation_shares.c.subject_id,
)
LISTED: Final = sa.select(t.conversations, t.users.c.name.label("owner")).join(
    t.users, t.users.c.id == t.conversations.c.user_id
)
_PAGE: Final = (
    LISTED.order_by(t.conversations.c.updated_at.desc(), t.conversations.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer()))
    .offset(sa.bindparam("skipped", type_=sa.Integer()))
)
_MINE: Final = _PAGE.where(t.conversations.c.user_id == VIEWER)
_WITH_ME: Final = _PAGE.where(t.conversations.c.user_id != VIEWER, SHARED)


def list_conversations(tx: ReadConnection, user_id: str, *, shared: bool, most: int, skipped: int) -> list[Listed]:
    """Return the conversations of the user, or those that others share with them; the last asked in first."""
    given = {"viewer": user_id, "most": most, "skipped": skipped} | stands_for(user_id)
    rows = tx.execute(_WITH_ME if shared else _MINE, given).all()
    own = sealer(tx)
    own.ready([row.id for row in rows])
    return [listed(own, row) for row in rows]


def list_ids(tx: ReadConnection, user_id: str) -> list[str]:
    """Return the ids of all conversations of the user, the oldest first."""
    own = t.conversations
    statement = sa.select(own.c.id).where(own.c.user_id == user_id).order_by(own.c.created_at, own.c.id)
    return list(tx.scalars(statement))


async def count_conversations(tx: Connection, user_id: str) -> int:
    """Return how many conversations the user has."""
    mine = sa.select(sa.func.count()).where(t.conversations.c.user_id == user_id)
    return int(await tx.scalar(mine) or 0)


def listed(own: Sealer, row: sa.Row[Any]) -> Listed:
    """Return a row of ``LISTED``."""
    (title,) = own.texts(CONVERSATION, row.id, row.id, row.sealed, row.title)
    return Listed(row.id, title, row.owner, row.created_at, row.updated_at)
