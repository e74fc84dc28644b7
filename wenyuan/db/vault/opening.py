"""Opens the vault that the settings name, and sees that it is the one that the stored text was sealed by."""

import asyncio
import json
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from wenyuan.audit.keys import keys_beside
from wenyuan.db import tables as t
from wenyuan.db.engine import Database
from wenyuan.db.vault.store import VAULT_FILE, SqlKeyStore, sqlite_vault_url
from wenyuan.settings import Settings
from wenyuan.vault.errors import VaultLocked
from wenyuan.vault.keeper import Vault
from wenyuan.vault.master import KEY_FILE, MasterFile

#: The mark of a restore that is under way, in the folder of keys: nothing is served before it has ended.
RESTORING: Final = "restoring"
_COUNTER: Final = "vault"


def keys_folder(settings: Settings) -> Path:
    """Return the folder of keys, which lies apart from the data."""
    return settings.audit.keys_dir or keys_beside(settings.data_dir)


def open_vault(settings: Settings, *, may_make: bool = True) -> Vault:
    """Open the vault, made where there is none if it ``may_make`` one; blocking.

    Raises ``VaultLocked`` for a master key that is missing, or another one.
    """
    folder = keys_folder(settings)
    if restored_into(folder) == str(settings.data_dir.resolve()):
        raise VaultLocked(reason="a restore into this data folder did not end: run it again")
    url = settings.vault.url or settings.database.url
    solo = settings.profile == "solo" or url is None
    if solo and not may_make and not (folder / VAULT_FILE).is_file():
        raise VaultLocked(reason=f"there is no {VAULT_FILE} in {folder.name}")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise VaultLocked(reason=f"{folder.name} cannot be written ({type(error).__name__})") from None
    store = SqlKeyStore(sqlite_vault_url(folder) if solo or url is None else url.get_secret_value())
    try:
        return Vault(store, MasterFile(settings.vault.key_file or folder / KEY_FILE))
    except BaseException:
        store.close()
        raise


def restored_into(folder: Path) -> str | None:
    """Return the data folder that a restore has not ended for, by the mark in the folder of keys; None without one."""
    try:
        return str(json.loads((folder / RESTORING).read_text(encoding="utf-8"))["data"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise VaultLocked(reason=f"{RESTORING} in {folder.name} cannot be read") from None


async def tie(database: Database) -> None:
    """See that the database was sealed by its vault, and tie it to the vault if it was not sealed yet.

    Raises ``VaultLocked`` for another one: new keys would be made beside text that none of them opens.
    """
    if database.vault is None:
        return
    name = await asyncio.to_thread(lambda: database.vault and database.vault.name)
    async with database.write() as tx:
        known = await tx.scalar(sa.select(t.counters.c.value).where(t.counters.c.name == _COUNTER))
        if known is None:
            await tx.execute(sa.insert(t.counters).values(name=_COUNTER, value=name))
        elif known != name:
            raise VaultLocked(reason="the folder of keys is not the one that this database was sealed by")
