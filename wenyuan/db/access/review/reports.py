"""Who can see a document, and what a person can see: set-based, for all at once, paged."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.access import AccessScope, Visibility
from wenyuan.db import tables as t
from wenyuan.db.access.ground import STORED
from wenyuan.db.access.parts import may_read_whole
from wenyuan.db.access.readable import (
    Chosen,
    read_visible,
    read_with,
    reads_as,
    stands_for,
    subjects,
    visible_policies,
)
from wenyuan.db.access.review.explain import Explanation, explain
from wenyuan.db.access.review.sections import closed_in
from wenyuan.db.engine import ReadConnection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.vault.sealing import DOCUMENT, sealer

_POLICY: Final = sa.bindparam("asked_policy", type_=sa.Integer())


def _readers() -> Chosen:
    everybody = sa.select(t.users.c.id)
    found = visible_policies(STORED, subjects(STORED, everybody), sa.select(_POLICY)).subquery("found")
    return sa.select(t.users.c.id, t.users.c.name).join(found, found.c.reader == t.users.c.id).order_by(t.users.c.name)


_READERS: Final = _readers()


def readers_of(tx: ReadConnection, policy_id: int, now: float) -> list[str]:
    """Return the ids of everybody who may read under a policy at ``now``, by name."""
    return list(tx.scalars(_READERS, {"asked_policy": policy_id} | stands_for("", now)))


def readers_explained(
    tx: ReadConnection, policy_id: int, now: float, offset: int, limit: int
) -> tuple[int, list[Explanation]]:
    """Return how many may read under a policy, and a part of them with what lets each."""
    everybody = readers_of(tx, policy_id, now)
    part = everybody[offset : offset + limit]
    told = explain(tx, part, policy_id, now)
    return len(everybody), [told[one] for one in part]


@dataclass(frozen=True, slots=True)
class SpaceCount:
    """A space, how many of its documents somebody may read, and how many of those not in all their parts."""

    id: str
    name: str
    title: str
    documents: int
    partly: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A document that somebody may read; ``title`` only where the one who asks may read it too.

    ``closed_parts``: how many rules of its parts refuse the reader.
    """

    id: str
    space: str
    folder_id: str | None
    title: str | None
    closed_parts: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """What a person may read: counted by space, and a part of the documents by id."""

    visibility: Visibility
    spaces: tuple[SpaceCount, ...]
    documents: tuple[Seen, ...]


def view_of(
    tx: ReadConnection, user_id: str, asker: AccessScope, now: float, space: str | None, after: str, limit: int
) -> View:
    """Return what a person may read at ``now``, of one space or all, from the document after ``after`` on.

    Titles are those that ``asker`` may read, decided in the same read: an administrator learns none by this.
    """
    seen = read_visible(tx, user_id, now)
    theirs = read_with(user_id, seen, now)
    document, of = t.documents, t.spaces
    live = may_be_shown()
    partly = sa.func.sum(sa.case((may_read_whole(document.c.id), 0), else_=1))
    counted = (
        sa.select(of.c.id, of.c.name, of.c.title, sa.func.count().label("documents"), partly.label("partly"))
        .join(document, document.c.space_id == of.c.id)
        .where(live)
        .group_by(of.c.id, of.c.name, of.c.title)
        .order_by(of.c.name)
    )
    spaces = tuple(
        SpaceCount(row.id, row.name, row.title, row.documents, row.partly) for row in tx.execute(counted, theirs)
    )
    part = (
        sa.select(document.c.id, document.c.folder_id, of.c.name.label("space"))
        .join(of, of.c.id == document.c.space_id)
        .where(live, document.c.id > after)
        .order_by(document.c.id)
        .limit(limit)
    )
    rows = tx.execute(part if space is None else part.where(of.c.name == space), theirs).all()
    ids = [row.id for row in rows]
    titles, closed = titles_of(tx, ids, asker), closed_in(tx, ids, theirs)
    found = tuple(Seen(row.id, row.space, row.folder_id, titles.get(row.id), closed.get(row.id, 0)) for row in rows)
    return View(seen, spaces, found)


def titles_of(tx: ReadConnection, document_ids: list[str], asker: AccessScope) -> dict[str, str]:
    """Return the titles of those documents that the scope may read now."""
    document = t.documents
    statement = sa.select(document.c.id, document.c.title, document.c.sealed).where(
        document.c.id.in_(document_ids), may_be_shown()
    )
    own = sealer(tx)
    own.ready(document_ids)
    return {
        row.id: own.texts(DOCUMENT, row.id, row.id, row.sealed, row.title)[0]
        for row in tx.execute(statement, reads_as(asker))
    }
