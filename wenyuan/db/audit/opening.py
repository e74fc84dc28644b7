"""Opens the log that the settings name, with its key and its anchor."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wenyuan.audit.keys import ANCHOR_FILE, Anchor, keys_beside, open_key
from wenyuan.db.audit.log import SqlAuditLog
from wenyuan.db.audit.store import AuditStore, sqlite_audit_url
from wenyuan.db.audit.verify import Verdict, examine
from wenyuan.errors import SettingsError
from wenyuan.settings import Settings


@dataclass(frozen=True, slots=True)
class _Place:
    url: str
    keys: Path
    given: str | None


def open_audit(settings: Settings) -> SqlAuditLog:
    """Open the log for writing; blocking. Raises ``SettingsError`` for a key that is missing or does not fit."""
    place = _place(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = AuditStore(place.url)
    try:
        store.create()
        key = open_key(place.keys, place.given, may_make=store.head().sequence == 0)
        return SqlAuditLog(store, key, Anchor(place.keys, key))
    except BaseException:
        store.close()
        raise


def verify_audit(settings: Settings) -> Verdict:
    """Examine the log, also beside a server that writes it; blocking. Nothing is made or changed."""
    place = _place(settings)
    if settings.profile == "solo" and not (settings.data_dir / "audit.sqlite3").is_file():
        raise SettingsError(reason=f"no audit log in {settings.data_dir.name} / 数据目录中没有审计日志")
    store = AuditStore(place.url)
    try:
        key = open_key(place.keys, place.given, may_make=False)
        head = None
        if (place.keys / ANCHOR_FILE).is_file():
            with _anchor(place.keys, key) as anchor:
                head = anchor.read()
        return examine(store, key, head)
    finally:
        store.close()


@contextlib.contextmanager
def _anchor(keys: Path, key: bytes) -> Iterator[Anchor]:
    anchor = Anchor(keys, key)
    try:
        yield anchor
    finally:
        anchor.close()


def _place(settings: Settings) -> _Place:
    keys = settings.audit.keys_dir or keys_beside(settings.data_dir)
    given = None if settings.audit.key is None else settings.audit.key.get_secret_value()
    url = settings.audit.url or settings.database.url
    if settings.profile == "solo" or url is None:
        return _Place(sqlite_audit_url(settings.data_dir), keys, given)
    return _Place(url.get_secret_value(), keys, given)
