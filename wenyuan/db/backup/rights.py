"""Rights beside a backup of the keys, so that a restore brings back no right that was taken away after the data.

People and what they belong to stand there as they were; of policies and of what lies under which there are digests.
A restore takes people from there. A policy that has changed since lets nobody read until it is saved anew, and a
document that has got others, or other parts, is in quarantine until it is released: a newer policy may have been
written for a newer text, so that neither the old nor the new one is sure to be right.
"""

import contextlib
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from wenyuan.access import Role
from wenyuan.db import tables as t
from wenyuan.db.backup.rows import copy_rows, file_at, snapshot_of
from wenyuan.db.backup.stores import metadata_store
from wenyuan.db.migrate import newest
from wenyuan.settings import Settings

_Key = TypeVar("_Key", int, str)
RIGHTS: Final = "rights.sqlite3"
#: Taken as they stand: who there is, what they belong to, and how they sign in. Sessions end with a restore.
PEOPLE: Final = (
    *(t.users, t.user_compartments, t.user_roles, t.departments, t.department_members, t.groups, t.group_members),
    *(t.tokens, t.passwords, t.identities, t.space_grants),
)
_SEEN: Final = sa.MetaData()
_POLICIES: Final = sa.Table(
    "seen_policies", _SEEN, sa.Column("id", sa.Integer(), primary_key=True), sa.Column("digest", sa.String(64))
)
_DOCUMENTS: Final = sa.Table(
    "seen_documents", _SEEN, sa.Column("id", sa.String(64), primary_key=True), sa.Column("digest", sa.String(64))
)
_SHARES: Final = sa.Table(
    "seen_shares", _SEEN, *(sa.Column(one.name, sa.String(64), primary_key=True) for one in t.conversation_shares.c)
)
_HELD: Final = sa.Table("seen_quarantined", _SEEN, sa.Column("id", sa.String(64), primary_key=True))
#: Policies that something is read under, and those above them.
_IN_USE: Final = sa.select(t.policy_ancestors.c.ancestor_id).where(
    t.policy_ancestors.c.policy_id.in_(
        sa.union_all(
            sa.select(t.spaces.c.policy_id),
            sa.select(t.folders.c.policy_id),
            sa.select(t.documents.c.policy_id).where(t.documents.c.deleted.is_(False)),
            sa.select(t.part_rules.c.policy_id),
        )
    )
)
_REVISION: Final = sa.Table("seen_schema", _SEEN, sa.Column("revision", sa.String(32), primary_key=True))


@dataclass(frozen=True, slots=True)
class Closed:
    """What a restore has closed until somebody confirms it: policies by number, documents by id."""

    policies: tuple[int, ...] = ()
    documents: tuple[str, ...] = ()


def copy_rights(settings: Settings, target: Path) -> None:
    """Write the rights of a running installation, as of one moment, to a new file; blocking."""
    stored = metadata_store(settings)
    target.touch(mode=0o600)
    with (
        snapshot_of(stored.url.get_secret_value()) if stored.url is not None else _moment_of(stored.path) as source,
        file_at(target, None) as copy,
    ):
        for table in PEOPLE:
            table.create(copy)
        _SEEN.create_all(copy)
        copy_rows(source, copy, PEOPLE)
        _put(copy, _REVISION, [{"revision": newest()}])
        _put(copy, _POLICIES, [{"id": one, "digest": told} for one, told in _policies(source).items()])
        _put(copy, _DOCUMENTS, [{"id": one, "digest": told} for one, told in _documents(source).items()])
        _put(copy, _SHARES, [dict(row._mapping) for row in source.execute(sa.select(t.conversation_shares))])  # noqa: SLF001  # sqlalchemy's name
        _put(copy, _HELD, [{"id": one} for one in source.scalars(sa.select(t.quarantined.c.document_id))])


def fits(rights: Path) -> bool:
    """Whether the file was written by the schema of this version."""
    with file_at(rights, None) as known:
        return known.scalar(sa.select(_REVISION.c.revision)) == newest()


def apply_rights(database: Path, rights: Path) -> Closed:
    """Have no right in a restored database that was taken away by the moment of ``rights``; blocking."""
    with file_at(database, None) as restored, file_at(rights, None) as known:
        copy_rows(known, restored, PEOPLE)
        grants, shares = t.space_grants.c, t.conversation_shares.c
        restored.execute(sa.delete(t.space_grants).where(grants.space_id.not_in(sa.select(t.spaces.c.id))))
        kept = {tuple(row) for row in known.execute(sa.select(_SHARES))}
        for row in list(restored.execute(sa.select(t.conversation_shares))):
            if tuple(row) not in kept:
                same = (column == value for column, value in zip(shares, row, strict=True))
                restored.execute(sa.delete(t.conversation_shares).where(*same))
        in_use = set(restored.scalars(_IN_USE))
        policies = [one for one in _differing(_policies(restored), known, _POLICIES) if one in in_use]
        documents = _differing(_documents(restored), known, _DOCUMENTS)
        _close_restored(restored, policies)
        _hold(restored, [*documents, *known.scalars(sa.select(_HELD.c.id))])
    return Closed(tuple(policies), tuple(documents))


def end_sessions_in(database: Path) -> None:
    """End every session of a restored database: some of them may have been ended since; blocking."""
    with file_at(database, None) as restored:
        restored.execute(sa.delete(t.sessions))


@contextlib.contextmanager
def _moment_of(path: Path) -> Iterator[sa.Connection]:
    """Yield a connection to a SQLite file on which everything is as of one moment, also beside who writes to it."""
    with file_at(path, None) as connection:
        connection.exec_driver_sql("BEGIN")
        yield connection


def _put(copy: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        copy.execute(sa.insert(table), rows)


def _policies(source: sa.Connection) -> dict[int, str]:
    """Return a digest of what each policy says by itself, and of what it lies under."""
    said: defaultdict[int, list[list[Any]]] = defaultdict(list)
    for table in (t.policies, t.policy_compartments, t.policy_entries):
        for row in source.execute(sa.select(table)):
            said[row.id if table is t.policies else row.policy_id].append([table.name, *row])
    return {policy: _digest(rows) for policy, rows in said.items()}


def _documents(source: sa.Connection) -> dict[str, str]:
    """Return a digest, for each document, of where its policy and those of its parts stand, and which parts they are.

    Selectors count as they are stored, sealed: nothing is opened for it.
    """
    document, rule = t.documents.c, t.part_rules
    said: dict[str, list[list[Any]]] = {
        row.id: [["place", row.policy_id, row.space_id]]
        for row in source.execute(
            sa.select(document.id, document.policy_id, document.space_id).where(document.deleted.is_(False))
        )
    }
    for row in source.execute(sa.select(rule)):
        if row.document_id in said:
            sealed = "" if row.sealed is None else bytes(row.sealed).hex()
            said[row.document_id].append(["part", row.id, row.policy_id, sealed or row.selector])
    return {one: _digest(rows) for one, rows in said.items()}


def _digest(said: Sequence[Sequence[Any]]) -> str:
    """Return a digest of rows in whatever order an engine reads them."""
    return hashlib.sha256("\n".join(sorted(json.dumps(row, sort_keys=True) for row in said)).encode()).hexdigest()


def _differing(restored: dict[_Key, str], known: sa.Connection, seen: sa.Table) -> list[_Key]:
    told = {row.id: row.digest for row in known.execute(sa.select(seen))}
    return sorted(one for one, digest in restored.items() if told.get(one) != digest)


def _close_restored(restored: sa.Connection, policies: list[int]) -> None:
    """Let the time of policies end now, unless it has ended."""
    now, end = time.time(), t.policies.c.not_after
    statement = (
        sa.update(t.policies)
        .where(t.policies.c.id == sa.bindparam("closed"), sa.or_(end.is_(None), end > now))
        .values(not_after=now)
    )
    if policies:
        restored.execute(statement, [{"closed": one} for one in policies])


def _hold(restored: sa.Connection, documents: Sequence[str]) -> None:
    """Put documents in quarantine that are not, in the name of an administrator, or of their owners without one."""
    roles = restored.execute(sa.select(t.users.c.id, t.users.c.roles).order_by(t.users.c.created_at, t.users.c.id))
    keeper = next((row.id for row in roles if Role.ADMINISTRATOR in row.roles), None)
    held = set(restored.scalars(sa.select(t.quarantined.c.document_id)))
    owned = sa.select(t.documents.c.id, t.documents.c.owner_id).where(t.documents.c.deleted.is_(False))
    owners = {row.id: row.owner_id for row in restored.execute(owned)}
    rows = [
        {"document_id": one, "reason": "other", "by_id": keeper or owners[one], "since": time.time()}
        for one in dict.fromkeys(documents)
        if one in owners and one not in held
    ]
    _put(restored, t.quarantined, rows)
