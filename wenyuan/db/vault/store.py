"""Wrapped keys in SQL: a file in the folder of keys, or a schema on a server. Everything here blocks."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from wenyuan.db.engine import SideStore
from wenyuan.vault.keeper import Destroyed, Rewrap, StoredKey

SCHEMA: Final = "wenyuan_vault"
VAULT_FILE: Final = "vault.sqlite3"
_LOCK: Final = int.from_bytes(b"wenyvalt")
_BATCH: Final = 500
metadata: Final = sa.MetaData(schema=SCHEMA)

# The row of a key that was destroyed stays: it says so, and keeps another from being made.
KEYS: Final = sa.Table(
    "vault_keys",
    metadata,
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary(), nullable=True),
    sa.Column("made_at", sa.Double(), nullable=False),
    sa.Column("destroyed_at", sa.Double(), nullable=True),
    sa.Column("fingerprint", sa.String(32), nullable=True),
)
# ``master``: the fingerprint of the master key; ``store``: what names this store.
_facts: Final = sa.Table(
    "vault_facts",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)
_FIND: Final = sa.select(KEYS.c.subject, KEYS.c.wrapped, KEYS.c.destroyed_at).where(
    KEYS.c.subject.in_(sa.bindparam("subjects", expanding=True))
)


def sqlite_vault_url(keys: Path) -> str:
    """Return the URL of the store of the solo profile: a file in the folder of keys."""
    return f"sqlite:///{(keys / VAULT_FILE).resolve()}"


class SqlKeyStore:
    """Implements ``wenyuan.vault.keeper.KeyStore``."""

    def __init__(self, url: str) -> None:
        """Take the database and create the tables where they are missing."""
        self._store = SideStore(url, SCHEMA, _LOCK)
        self._store.create(metadata)

    def name(self) -> int:
        """Return the number that names this store."""
        with self._store.read() as tx:
            return int(_fact(tx, "store") or 0)

    def master(self) -> str | None:
        """Return the fingerprint of the master key, None in a store without one."""
        with self._store.read() as tx:
            return _fact(tx, "master")

    def begin(self, master: str) -> str:
        """Name the master key of a store that has none, and the store."""
        with self._store.write() as tx:
            found = _fact(tx, "master")
            if found is None:
                given = {"master": master, "store": str(secrets.randbelow(2**62) + 1)}
                tx.execute(sa.insert(_facts), [{"name": name, "value": value} for name, value in given.items()])
        return found or master

    def find(self, subjects: Sequence[str]) -> dict[str, StoredKey]:
        """Return those of the subjects that have, or had, a key."""
        found: dict[str, StoredKey] = {}
        with self._store.read() as tx:
            for start in range(0, len(subjects), _BATCH):
                for row in tx.execute(_FIND, {"subjects": list(subjects[start : start + _BATCH])}):
                    found[row.subject] = StoredKey(row.wrapped, row.destroyed_at)
        return found

    def add(self, master: str, wrapped: Mapping[str, bytes]) -> bool:
        """Store keys of subjects that have none; False under another master key."""
        names = sorted(wrapped)
        with self._store.write() as tx:
            if _fact(tx, "master") != master:
                return False
            known: set[str] = set()
            for start in range(0, len(names), _BATCH):
                wanted = KEYS.c.subject.in_(names[start : start + _BATCH])
                known.update(tx.scalars(sa.select(KEYS.c.subject).where(wanted)))
            now = time.time()
            rows = [{"subject": one, "wrapped": wrapped[one], "made_at": now} for one in names if one not in known]
            if rows:
                tx.execute(sa.insert(KEYS), rows)
        return True

    def destroy(self, subject: str, name: str) -> Destroyed:
        """Overwrite a key, then forget it, and remove both from the log of the database."""
        mine = KEYS.c.subject == subject
        with self._store.write() as tx:
            held = tx.scalar(sa.select(KEYS.c.wrapped).where(mine))
            if held is not None:
                tx.execute(sa.update(KEYS).where(mine).values(wrapped=bytes(len(held))))
                gone = {"wrapped": None, "destroyed_at": time.time(), "fingerprint": name}
                tx.execute(sa.update(KEYS).where(mine).values(**gone))
        self._store.shred()
        found = self.proof(subject)
        if found is None:
            raise KeyError(subject)
        return found

    def proof(self, subject: str) -> Destroyed | None:
        """Return when a subject's key was destroyed, None if it was not."""
        with self._store.read() as tx:
            row = tx.execute(sa.select(KEYS).where(KEYS.c.subject == subject)).one_or_none()
        return None if row is None or row.destroyed_at is None else Destroyed(row.fingerprint, row.destroyed_at)

    def rewrap(self, before: str, after: str, change: Rewrap) -> int:
        """Wrap every key anew in one transaction; raises ``ValueError`` if another one did so meanwhile."""
        with self._store.write() as tx:
            if _fact(tx, "master") != before:
                raise ValueError("the master key was replaced meanwhile")
            live = sa.select(KEYS.c.subject, KEYS.c.wrapped).where(KEYS.c.wrapped.is_not(None))
            rows = [{"of": row.subject, "to": change(row.subject, row.wrapped)} for row in tx.execute(live)]
            if rows:
                renewed = sa.update(KEYS).where(KEYS.c.subject == sa.bindparam("of"))
                tx.execute(renewed.values(wrapped=sa.bindparam("to")), rows)
            tx.execute(sa.update(_facts).where(_facts.c.name == "master").values(value=after))
        self._store.shred()
        return len(rows)

    def every(self) -> Iterator[tuple[str, StoredKey]]:
        """Yield every subject that has, or had, a key."""
        with self._store.read() as tx:
            for row in tx.execute(sa.select(KEYS).order_by(KEYS.c.subject)):
                yield row.subject, StoredKey(row.wrapped, row.destroyed_at)

    def aged(self, before: float) -> list[str]:
        """Return the subjects whose keys were made before that moment (Unix seconds) and stand."""
        stands = KEYS.c.wrapped.is_not(None), KEYS.c.made_at < before
        with self._store.read() as tx:
            return list(tx.scalars(sa.select(KEYS.c.subject).where(*stands).order_by(KEYS.c.subject)))

    def close(self) -> None:
        """Close every connection."""
        self._store.close()


def _fact(tx: sa.Connection, name: str) -> str | None:
    found = tx.scalar(sa.select(_facts.c.value).where(_facts.c.name == name))
    return None if found is None else str(found)
