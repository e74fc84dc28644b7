"""The log on SQLite and on PostgreSQL, with its key and its anchor."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import own_database
from wenyuan.audit.keys import Anchor, Head, open_key
from wenyuan.audit.record import Action, Item
from wenyuan.audit.trail import Trail
from wenyuan.db.audit.log import SqlAuditLog
from wenyuan.db.audit.store import AuditStore, sqlite_audit_url
from wenyuan.db.audit.verify import Verdict, examine


@dataclass
class Place:
    """Where a log stands; ``open`` may be called again, as another process would."""

    url: str
    keys: Path
    opened: list[SqlAuditLog]

    def open(self) -> SqlAuditLog:
        store = AuditStore(self.url)
        store.create()
        key = open_key(self.keys, None, may_make=True)
        self.opened.append(SqlAuditLog(store, key, Anchor(self.keys, key)))
        return self.opened[-1]

    def examine(self) -> Verdict:
        store, key = AuditStore(self.url), open_key(self.keys, None, may_make=False)
        anchor = Anchor(self.keys, key)
        try:
            return examine(store, key, anchor.read())
        finally:
            anchor.close()
            store.close()

    def change(self, statement: str) -> None:
        """Do to the tables what only somebody with the database's password can."""
        import sqlalchemy as sa

        engine = sa.create_engine(self.url)
        with engine.begin() as tx:
            if engine.dialect.name == "postgresql":
                tx.execute(sa.text("SET search_path TO wenyuan_audit"))
            tx.execute(sa.text(statement))
        engine.dispose()

    def anchored(self) -> Head | None:
        key = open_key(self.keys, None, may_make=False)
        anchor = Anchor(self.keys, key)
        try:
            return anchor.read()
        finally:
            anchor.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            url = sqlite_audit_url(tmp_path)
        else:
            url = stack.enter_context(own_database(request.getfixturevalue("postgres")))
        made = Place(url, tmp_path / "keys", [])
        yield made
        for log in made.opened:
            await log.close()


def noted(log: SqlAuditLog, request: str, *documents: str, action: Action = Action.RETRIEVE, actor: str = "u") -> Trail:
    """Return a trail with one note, not settled yet."""
    trail = Trail(log, request, actor)
    trail.note(action, [Item(document, "ver", (f"chunk-of-{document}",)) for document in documents])
    return trail
