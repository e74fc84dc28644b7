"""The log in SQL: appends to the chain, reads it, shortens it from the front. Everything here blocks."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.audit.keys import Head
from wenyuan.audit.record import Action, Entry, Record, chain, read_items
from wenyuan.db.audit import tables as t
from wenyuan.db.engine import SideStore

_LOCK: Final = int.from_bytes(b"wenyaudi")
_RECORD: Final = tuple(t.entries.c[name] for name in Record.__slots__)
_HEAD: Final = sa.select(t.entries.c.sequence, t.entries.c.digest).order_by(t.entries.c.sequence.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: every condition that is given holds. ``since`` and ``before``: microseconds since 1970."""

    actor: str | None = None
    document: str | None = None
    action: str | None = None
    outcome: str | None = None
    request: str | None = None
    since: int | None = None
    before: int | None = None


def sqlite_audit_url(data_dir: Path) -> str:
    """Return the URL of the log of the solo profile: a file of its own, with a write lock of its own."""
    return f"sqlite:///{(data_dir / 'audit.sqlite3').resolve()}"


class AuditStore:
    """The log in one database. Safe for several threads, and for several processes."""

    def __init__(self, url: str) -> None:
        """Take the database; it is opened by the first call."""
        self._store = SideStore(url, t.SCHEMA, _LOCK)

    def create(self) -> None:
        """Create the tables where they are missing."""
        self._store.create(t.metadata)

    def append(self, key: bytes, entries: Sequence[Entry], known: Head) -> Head:
        """Chain ``entries`` to the end of the log and return its new head, durable.

        When the log does not hold ``known``, a head that was seen before, entries were taken out of it: that is
        recorded first, by an entry ``gap``, also where there are no ``entries``.
        """
        with self._store.write() as tx:
            head = _head(tx)
            told = list(entries)
            if head != known and not _holds(tx, known):
                at = told[0].at if told else int(time.time() * 1e6)
                told.insert(0, Entry(at, Action.GAP, target=json.dumps(asdict(known))))
            if not told:
                return head
            records = chain(key, head.sequence, head.digest, told)
            _insert(tx, records, told)
        last = records[-1]
        return Head(last.sequence, last.digest)

    def head(self) -> Head:
        """Return the head of the log."""
        with self._store.read() as tx:
            return _head(tx)

    def read(self, after: int, limit: int) -> list[tuple[Record, frozenset[str]]]:
        """Return the records behind sequence ``after`` in order, each with the documents that it is indexed under."""
        with self._store.read() as tx:
            rows = tx.execute(
                sa.select(*_RECORD).where(t.entries.c.sequence > after).order_by(t.entries.c.sequence).limit(limit)
            )
            records = [Record(*row) for row in rows]
            found: dict[int, set[str]] = {record.sequence: set() for record in records}
            if records:
                between = t.documents.c.sequence.between(records[0].sequence, records[-1].sequence)
                for document, sequence in tx.execute(sa.select(t.documents).where(between)):
                    found.setdefault(sequence, set()).add(document)
        return [(record, frozenset(found[record.sequence])) for record in records]

    def unowned(self) -> int | None:
        """Return the first sequence that documents are indexed under and no entry has."""
        statement = sa.select(sa.func.min(t.documents.c.sequence)).where(
            t.documents.c.sequence.not_in(sa.select(t.entries.c.sequence))
        )
        with self._store.read() as tx:
            return _whole(tx.scalar(statement))

    def find(self, wanted: Wanted, before: int | None, limit: int) -> list[Record]:
        """Return the newest ``limit`` records that fit, newest first, of those with a sequence below ``before``."""
        statement = sa.select(*_RECORD).where(*_conditions(wanted)).order_by(t.entries.c.sequence.desc()).limit(limit)
        if before is not None:
            statement = statement.where(t.entries.c.sequence < before)
        with self._store.read() as tx:
            return [Record(*row) for row in tx.execute(statement)]

    def prune(self, key: bytes, at: int, before: int) -> tuple[int, Head]:
        """Remove the entries from the front that are older than ``before``; return how many, and the head.

        What goes is named by an entry ``prune``, in the same transaction: how far it went, and the digest of the last
        one that went, which the first one that stays is chained to.
        """
        with self._store.write() as tx:
            head, stays = _head(tx), _first_since(tx, before)
            through = head.sequence if stays is None else stays - 1
            first = tx.scalar(sa.select(sa.func.min(t.entries.c.sequence)))
            if first is None or through < first:
                return 0, head
            digest = tx.scalar(sa.select(t.entries.c.digest).where(t.entries.c.sequence == through))
            count = through - first + 1
            target = json.dumps({"through": through, "digest": digest, "count": count})
            entry = Entry(at, Action.PRUNE, target=target)
            records = chain(key, head.sequence, head.digest, [entry])
            _insert(tx, records, [entry])
            tx.execute(sa.delete(t.documents).where(t.documents.c.sequence <= through))
            tx.execute(sa.delete(t.entries).where(t.entries.c.sequence <= through))
        return count, Head(records[-1].sequence, records[-1].digest)

    def close(self) -> None:
        """Close every connection."""
        self._store.close()


def _head(tx: sa.Connection) -> Head:
    row = tx.execute(_HEAD).one_or_none()
    return Head() if row is None else Head(row.sequence, row.digest)


def _holds(tx: sa.Connection, known: Head) -> bool:
    """Whether ``known`` is the head of the log or stands before it: an earlier one may have been pruned since."""
    if known.sequence == 0:
        return True
    digest = tx.scalar(sa.select(t.entries.c.digest).where(t.entries.c.sequence == known.sequence))
    if digest is not None:
        return bool(digest == known.digest)
    first = tx.scalar(sa.select(sa.func.min(t.entries.c.sequence)))
    return first is not None and known.sequence < first


def _first_since(tx: sa.Connection, at: int) -> int | None:
    return _whole(tx.scalar(sa.select(sa.func.min(t.entries.c.sequence)).where(t.entries.c.at >= at)))


def _whole(found: Any) -> int | None:
    return None if found is None else int(found)


def _insert(tx: sa.Connection, records: Sequence[Record], entries: Sequence[Entry]) -> None:
    tx.execute(sa.insert(t.entries), [asdict(record) for record in records])
    named: list[dict[str, Any]] = [
        {"document": document, "sequence": record.sequence}
        for record, entry in zip(records, entries, strict=True)
        for document in entry.documents
    ]
    if named:
        tx.execute(sa.insert(t.documents), named)


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    columns = t.entries.c
    found: list[sa.ColumnElement[bool]] = []
    for name in ("actor", "action", "outcome", "request"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(columns[name] == value)
    if wanted.document is not None:
        named = sa.select(t.documents.c.sequence).where(t.documents.c.document == wanted.document)
        found.append(columns.sequence.in_(named))
    if wanted.since is not None:
        found.append(columns.at >= wanted.since)
    if wanted.before is not None:
        found.append(columns.at < wanted.before)
    return found


def documents_of(record: Record) -> frozenset[str]:
    """Return the documents that a record is to be indexed under; raises ``ValueError`` for items that are none."""
    return frozenset(item.document for item in read_items(record.items))
