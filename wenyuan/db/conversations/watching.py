"""What running answers are asked about while they run: who still counts, and what may still be read. Ids only."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_chunk
from wenyuan.db.access.readable import EPOCH, may_read, reads_as
from wenyuan.db.engine import ReadConnection
from wenyuan.db.guard.quarantine import in_use
from wenyuan.db.identity.accounts import MAY_SIGN_IN


@dataclass(frozen=True, slots=True)
class Standing:
    """The number of access changes, and those of the users, and of the tokens and sessions, that count now."""

    epoch: int
    users: frozenset[str]
    tokens: frozenset[str]


_IDS: Final[sa.BindParameter[str]] = sa.bindparam("ids", expanding=True)
_AT: Final[sa.BindParameter[float]] = sa.bindparam("at", type_=sa.Double())
_USERS: Final = sa.select(t.users.c.id).where(t.users.c.id.in_(_IDS), MAY_SIGN_IN)
_TOKENS: Final = sa.select(t.tokens.c.id).where(
    t.tokens.c.id.in_(_IDS), sa.or_(t.tokens.c.expires_at.is_(None), t.tokens.c.expires_at > _AT)
)
_SESSIONS: Final = sa.select(t.sessions.c.id).where(t.sessions.c.id.in_(_IDS), t.sessions.c.expires_at > _AT)
_EPOCH: Final = sa.select(EPOCH)
_READABLE: Final = (
    sa.select(sa.func.count())
    .select_from(t.chunks)
    .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
    .where(
        t.chunks.c.id.in_(_IDS),
        t.documents.c.deleted.is_(False),
        may_read(t.documents.c.policy_id),
        may_read_chunk(),
        in_use(t.documents.c.id),
    )
)


def read_standing(tx: ReadConnection, users: Collection[str], tokens: Collection[str]) -> Standing:
    """Return the access epoch, and who and what of those still counts."""
    at = time.time()
    known = set(tx.scalars(_TOKENS, {"ids": list(tokens), "at": at}))
    known |= set(tx.scalars(_SESSIONS, {"ids": list(tokens), "at": at}))
    counting = frozenset(tx.scalars(_USERS, {"ids": list(users)}))
    return Standing(int(tx.scalar(_EPOCH) or 0), counting, frozenset(known))


def still_readable(tx: ReadConnection, scope: AccessScope, chunk_ids: Sequence[str]) -> bool:
    """Whether all of those chunks may be read under the policies of the moment."""
    found = tx.scalar(_READABLE, {"ids": list(chunk_ids)} | reads_as(scope))
    return found == len(set(chunk_ids))
