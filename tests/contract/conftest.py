"""Every database contract runs on SQLite and on PostgreSQL."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import empty_database
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.migrate import upgrade


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    return empty_database(request.getfixturevalue("postgres"), f"test_{secrets.token_hex(6)}")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await upgrade(opened)
    yield opened
    await opened.close()
