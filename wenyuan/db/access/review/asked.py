"""Who may ask about whose access, and what they may name; everything else is not there."""

from dataclasses import dataclass

import sqlalchemy as sa

from wenyuan.access import AccessScope, Principal, Role
from wenyuan.db import tables as t
from wenyuan.db.access.readable import SUBJECTS, stands_for
from wenyuan.db.access.review.reports import titles_of
from wenyuan.db.access.spaces import SpaceRole
from wenyuan.db.engine import ReadConnection
from wenyuan.errors import NotFound, UnknownName


@dataclass(frozen=True, slots=True)
class Asked:
    """A live document that somebody asks about. ``title``: only if they may read it; ``manages``: its space."""

    id: str
    policy_id: int
    space_id: str
    space: str
    folder_id: str | None
    title: str | None
    manages: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Of whom somebody asks."""

    id: str
    name: str
    display_name: str


def person_named(tx: ReadConnection, name: str) -> Person:
    """Return the account of that name, in force or not; raises ``UnknownName``."""
    user = t.users.c
    row = tx.execute(sa.select(user.id, user.name, user.display_name).where(user.name == name)).one_or_none()
    if row is None:
        raise UnknownName("user", name)
    return Person(row.id, row.name, row.display_name)


def managed_spaces(tx: ReadConnection, caller: Principal) -> frozenset[str] | None:
    """Return the ids of the spaces that the caller manages; None for all."""
    grant = t.space_grants
    rows = tx.scalars(
        sa.select(grant.c.space_id)
        .join(SUBJECTS, sa.and_(SUBJECTS.c.kind == grant.c.subject_kind, SUBJECTS.c.id == grant.c.subject_id))
        .where(grant.c.role == SpaceRole.MANAGER.value),
        stands_for(caller.user_id),
    )
    found = frozenset(rows)
    return None if Role.ADMINISTRATOR in caller.roles else found


def asked_document(
    tx: ReadConnection, caller: Principal, scope: AccessScope, document_id: str, *, about_self: bool = False
) -> Asked:
    """Return a document that the caller may ask about.

    That is one of a space that they manage; about themself also one that they read. Raises ``NotFound`` for all others.
    """
    manages = managed_spaces(tx, caller)  # first: a refusal takes as long as an unknown id
    titles = titles_of(tx, [document_id], scope)
    document, of = t.documents, t.spaces
    statement = (
        sa.select(
            document.c.id,
            document.c.policy_id,
            document.c.folder_id,
            document.c.space_id,
            of.c.name.label("space"),
        )
        .join(of, of.c.id == document.c.space_id)
        .where(document.c.id == document_id, document.c.deleted.is_(False))
    )
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    manager = manages is None or row.space_id in manages
    if not manager and not (about_self and document_id in titles):
        raise NotFound
    return Asked(row.id, row.policy_id, row.space_id, row.space, row.folder_id, titles.get(row.id), manager)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose policy one is; ``name`` only where it may be known."""

    kind: str
    id: str
    name: str | None


def places_of(tx: ReadConnection, document: Asked, policy_ids: list[int], scope: AccessScope) -> dict[int, Place]:
    """Return to what the policies of a document's chain belong: its folders, its space, itself."""
    readable = set(scope.policy_ids)
    found = {document.policy_id: Place("document", document.id, document.title)}
    for kind, table in (("folder", t.folders), ("space", t.spaces)):
        for row in tx.execute(
            sa.select(table.c.id, table.c.name, table.c.policy_id).where(table.c.policy_id.in_(policy_ids))
        ):
            known = document.manages or row.policy_id in readable
            found[row.policy_id] = Place(kind, row.id, row.name if known else None)
    return found
