"""The stores that a backup is of: metadata, audit log and keys, in files or on a server, as one file each.

In a backup each is a SQLite file, whatever engine it was on: what was taken in one profile comes back in the other. Of
files the engine's own copies are taken, of a server every row within one read-only transaction.
"""

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import sqlalchemy as sa
from pydantic import SecretStr

from wenyuan.db import tables as t
from wenyuan.db.audit import tables as audit
from wenyuan.db.backup.errors import BackupRefused
from wenyuan.db.backup.rows import copy_rows, file_at, snapshot_of, writing_to
from wenyuan.db.migrate import newest
from wenyuan.db.vault import store as vault
from wenyuan.db.vault.opening import keys_folder
from wenyuan.settings import Settings

DATABASE: Final = "wenyuan.sqlite3"
AUDIT: Final = "audit.sqlite3"
_REVISION: Final = sa.table("alembic_version", sa.column("version_num"))


@dataclass(frozen=True, slots=True)
class Store:
    """A database. ``file``: its name in a backup. Where it is: at ``path``, or at ``url`` on a server, in ``schema``.

    ``held``: the tables whose rows make it one that is in use. ``versioned``: its schema has a revision.
    """

    file: str
    path: Path
    url: SecretStr | None
    tables: sa.MetaData
    held: Sequence[sa.Table]
    schema: str | None = None
    versioned: bool = False

    def exists(self) -> bool:
        """Whether there is one; a server is there."""
        return self.url is not None or self.path.is_file()

    def copy_to(self, target: Path) -> None:
        """Copy it as of one moment; raises ``BackupRefused`` for a server's with another schema than the code's."""
        if self.url is None:
            _copy_file(self.path, target)
        else:
            target.touch(mode=0o600)
            with snapshot_of(self.url.get_secret_value()) as source, file_at(target, self.schema) as copy:
                self._copy(source, copy)

    def pour(self, source: Path) -> None:
        """Put the rows of a file into the server's database, in one transaction; what stands there goes."""
        with file_at(source, self.schema) as rows, self._server() as target:
            if not self.versioned:
                if self.schema is not None:
                    target.execute(sa.schema.CreateSchema(self.schema, if_not_exists=True))
                self.tables.create_all(target)
            copy_rows(rows, target, self.tables.sorted_tables)

    def in_use(self) -> bool:
        """Whether the server's database holds something already."""
        with self._server() as connection:
            known = set(sa.inspect(connection).get_table_names(schema=self.schema))
            return any(
                connection.scalar(sa.select(sa.exists(sa.select(sa.literal(1)).select_from(table))))
                for table in self.held
                if table.name in known
            )

    def clear(self) -> None:
        """Take every row out of the server's database."""
        with self._server() as connection:
            known = set(sa.inspect(connection).get_table_names(schema=self.schema))
            for table in reversed(self.tables.sorted_tables):
                if table.name in known:
                    connection.execute(sa.delete(table))

    def _server(self) -> contextlib.AbstractContextManager[sa.Connection]:
        if self.url is None:
            raise ValueError(self.file)
        return writing_to(self.url.get_secret_value())

    def _copy(self, source: sa.Connection, copy: sa.Connection) -> None:
        known = sa.inspect(source).get_table_names(schema=self.schema)
        if self.versioned:
            revision = source.scalar(sa.select(_REVISION.c.version_num)) if _REVISION.name in known else None
            if revision != newest():
                raise BackupRefused(reason=f"the schema {revision} is not that of this version: run `wenyuan migrate`")
            copy.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            copy.execute(sa.insert(_REVISION).values(version_num=revision))
        self.tables.create_all(copy)
        copy_rows(source, copy, [one for one in self.tables.sorted_tables if one.name in known])


def metadata_store(settings: Settings) -> Store:
    """Return the database of documents."""
    held = (t.users, t.spaces, t.documents, t.conversations)
    path = settings.data_dir.resolve() / DATABASE
    return Store(DATABASE, path, _on_server(settings, None), t.metadata, held, versioned=True)


def audit_store(settings: Settings) -> Store:
    """Return the audit log."""
    url, path = _on_server(settings, settings.audit.url), settings.data_dir.resolve() / AUDIT
    return Store(AUDIT, path, url, audit.metadata, (audit.entries,), audit.SCHEMA)


def keys_store(settings: Settings) -> Store:
    """Return the wrapped keys."""
    url, path = _on_server(settings, settings.vault.url), keys_folder(settings) / vault.VAULT_FILE
    return Store(vault.VAULT_FILE, path, url, vault.metadata, (vault.KEYS,), vault.SCHEMA)


def _on_server(settings: Settings, own: SecretStr | None) -> SecretStr | None:
    return None if settings.profile == "solo" else own or settings.database.url


def _copy_file(source: Path, target: Path) -> None:
    """Copy a database as of one moment. In one step, so that writers go on and the copy does not begin anew."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True)) as original,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        original.execute("PRAGMA busy_timeout = 30000")
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    target.chmod(0o600)
