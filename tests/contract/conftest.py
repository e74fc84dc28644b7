"""Every database contract runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.databases import MIGRATED, copy_schema, own_database
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.vault.store import SqlKeyStore, sqlite_vault_url
from wenyuan.vault.keeper import Vault
from wenyuan.vault.master import MasterFile

BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a schema."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
    else:
        with own_database(request.getfixturevalue("postgres")) as url:
            yield url


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the newest schema."""
    if request.param == "sqlite":
        yield copy_schema(request.getfixturevalue("migrated_sqlite"), tmp_path)
    else:
        with own_database(request.getfixturevalue("migrated_postgres"), MIGRATED) as url:
            yield url


@pytest.fixture
def vault(database_url: str, tmp_path: Path) -> Iterator[Vault]:
    """The keys of the database: in a folder of their own, or in a schema on the server."""
    keys = tmp_path / "keys"
    keys.mkdir()
    url = sqlite_vault_url(keys) if database_url.startswith("sqlite") else database_url
    opened = Vault(SqlKeyStore(url), MasterFile(keys / "vault.key"))
    yield opened
    opened.close()


@pytest.fixture
async def database(database_url: str, vault: Vault) -> AsyncIterator[Database]:
    opened = Database(database_url, vault=vault)
    yield opened
    await opened.close()
