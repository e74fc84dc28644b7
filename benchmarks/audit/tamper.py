"""Ways to tamper with a log for whoever may write its database but has not its key, and where each must be found."""

import contextlib
import hashlib
import hmac
import random
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from wenyuan.audit.record import FIELDS, ORIGIN, Record, read_items, seal

_COLUMNS: Final = Record.__slots__
_ALL: Final = ", ".join(_COLUMNS)
_MARKS: Final = ", ".join("?" for _ in _COLUMNS)


@dataclass(frozen=True, slots=True)
class Attack:
    """What was done, and the sequence of the first entry that is not as it was."""

    what: str
    first: int


def _records(sql: sqlite3.Connection) -> list[Record]:
    return [Record(*row) for row in sql.execute(f"SELECT {_ALL} FROM audit_entries ORDER BY sequence")]


def _pick(sql: sqlite3.Connection, draw: random.Random) -> Record:
    return draw.choice(_records(sql))


def _put(sql: sqlite3.Connection, record: Record) -> None:
    values = [getattr(record, name) for name in _COLUMNS]
    sql.execute(f"INSERT OR REPLACE INTO audit_entries ({_ALL}) VALUES ({_MARKS})", values)


def _index_anew(sql: sqlite3.Connection) -> None:
    """Make the index of documents agree with the entries, as a careful attacker would."""
    sql.execute("DELETE FROM audit_documents")
    for sequence, items in sql.execute("SELECT sequence, items FROM audit_entries").fetchall():
        with contextlib.suppress(ValueError):
            rows = {(item.document, sequence) for item in read_items(items)}
            sql.executemany("INSERT INTO audit_documents VALUES (?, ?)", rows)


def edit(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Change one field of one entry."""
    record = _pick(sql, draw)
    name = draw.choice([name for name in _COLUMNS if name != "sequence"])
    old = getattr(record, name)
    forged: Any = old + draw.choice([-1, 1, 10**6]) if isinstance(old, int) else _another(old, draw)
    _put(sql, replace(record, **{name: forged}))
    if name == "items":
        _index_anew(sql)
    return Attack(f"edit {name}", record.sequence)


def _another(text: str, draw: random.Random) -> str:
    if text == "[]":
        return '[["doc_x","ver_x",[]]]'
    if not text:
        return "x"
    place = draw.randrange(len(text))
    letter = draw.choice([one for one in "0123456789abcdef" if one != text[place]])
    return draw.choice([text[:place] + letter + text[place + 1 :], text[:place] + text[place + 1 :], text + letter])


def reseal(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Change an entry and seal it and all behind it with another key, or with no key."""
    records = _records(sql)
    place = draw.randrange(len(records))
    previous = records[place].previous
    key = draw.randbytes(32)
    sealed: Callable[[Record], str] = draw.choice([lambda one: seal(key, one), _plain])
    for number, record in enumerate(records[place:]):
        forged = replace(record, previous=previous, actor=record.actor if number else "usr_forged")
        previous = sealed(forged)
        _put(sql, replace(forged, digest=previous))
    return Attack("reseal", records[place].sequence)


def _plain(record: Record) -> str:
    return hashlib.sha256("\0".join(str(getattr(record, name)) for name in FIELDS).encode()).hexdigest()


def delete(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Delete one entry or a run of them, from anywhere but the end."""
    records = _records(sql)
    start = draw.randrange(len(records) - 1)
    end = min(start + draw.choice([1, 1, 2, 10]), len(records) - 1)
    gone = [record.sequence for record in records[start:end]]
    sql.execute("DELETE FROM audit_entries WHERE sequence BETWEEN ? AND ?", (gone[0], gone[-1]))
    _index_anew(sql)
    return Attack("delete", gone[0])


def close_up(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Delete an entry and number those behind it anew, so that there is no gap."""
    records = _records(sql)
    place = draw.randrange(len(records) - 1)
    sql.execute("DELETE FROM audit_entries WHERE sequence >= ?", (records[place].sequence,))
    for record in records[place + 1 :]:
        _put(sql, replace(record, sequence=record.sequence - 1))
    _index_anew(sql)
    return Attack("delete and renumber", records[place].sequence)


def swap(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Let two entries change places."""
    one, other = sorted(draw.sample(_records(sql), 2), key=lambda record: record.sequence)
    _put(sql, replace(one, sequence=other.sequence))
    _put(sql, replace(other, sequence=one.sequence))
    _index_anew(sql)
    return Attack("swap", one.sequence)


def insert(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Put in an entry, a copy or a made-up one, and move those behind it."""
    records = _records(sql)
    place = draw.randrange(len(records) + 1)
    model = draw.choice(records)
    previous = records[place - 1].digest if place else ORIGIN
    number = records[place - 1].sequence + 1 if place else records[0].sequence
    forged = replace(model, sequence=number, previous=previous)
    forged = draw.choice([forged, replace(forged, digest=draw.randbytes(32).hex())])
    for record in reversed(records[place:]):
        _put(sql, replace(record, sequence=record.sequence + 1))
    _put(sql, forged)
    _index_anew(sql)
    return Attack("insert", number)


def truncate(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Cut off the end, as an attacker does who removes the last traces."""
    records = _records(sql)
    kept = len(records) - draw.choice([1, 1, 2, 5, len(records)])
    first = records[0].sequence + max(kept, 0)
    sql.execute("DELETE FROM audit_entries WHERE sequence >= ?", (first,))
    _index_anew(sql)
    return Attack("truncate", first if kept > 0 else 1)


def behead(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Cut off the beginning, as if it had been pruned."""
    records = _records(sql)
    gone = draw.choice([1, 2, len(records) // 2])
    sql.execute("DELETE FROM audit_entries WHERE sequence < ?", (records[gone].sequence,))
    _index_anew(sql)
    return Attack("behead", records[0].sequence)


def unindex(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Have an entry not found, or wrongly found, by a document."""
    rows = list(sql.execute("SELECT document, sequence FROM audit_documents"))
    document, sequence = draw.choice(rows)
    if draw.random() < 0.5:
        sql.execute("DELETE FROM audit_documents WHERE document = ? AND sequence = ?", (document, sequence))
    else:
        sequence = _pick(sql, draw).sequence
        sql.execute("INSERT INTO audit_documents VALUES ('doc_forged', ?)", (sequence,))
    return Attack("unindex", sequence)


def graft(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Put an older entry, seal and all, over another one."""
    one, other = draw.sample(_records(sql), 2)
    values: Mapping[str, Any] = {name: getattr(one, name) for name in _COLUMNS if name != "sequence"}
    _put(sql, replace(other, **values))
    _index_anew(sql)
    return Attack("graft", other.sequence)


def extend(sql: sqlite3.Connection, draw: random.Random) -> Attack:
    """Put an entry behind the last one, sealed by a key that is not ours."""
    last = _records(sql)[-1]
    forged = replace(last, sequence=last.sequence + 1, previous=last.digest)
    digest = hmac.new(draw.randbytes(32), forged.items.encode(), hashlib.sha256).hexdigest()
    _put(sql, replace(forged, digest=digest))
    _index_anew(sql)
    return Attack("extend", forged.sequence)


ATTACKS: Final = (edit, edit, edit, reseal, delete, close_up, swap, insert, truncate, behead, unindex, graft, extend)
