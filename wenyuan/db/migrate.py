"""Schema migrations, run by Alembic on the configured database. Alembic is loaded when it is used: once, at start."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from wenyuan.db.engine import Database
from wenyuan.db.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = int.from_bytes(b"wenyuan")


async def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision; safe to repeat, and for several processes at once."""
    async with database.write() as tx:
        if not database.is_sqlite:  # there the write transaction itself lets one in at a time
            await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        await tx.run_sync(_upgrade)


async def differences(database: Database) -> list[object]:
    """Return how the schema differs from the tables of the code; empty when they agree."""
    async with database.read() as tx:
        return await tx.run_sync(_differences)


def knows(revision: str) -> bool:
    """Whether a schema of that revision can be brought to the newest one: not one of a later version of the code."""
    from alembic.script import ScriptDirectory

    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def newest() -> str:
    """Return the revision of the schema that the tables of the code are."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config(connection: sa.Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), "head")


def _differences(connection: sa.Connection) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    return list(compare_metadata(MigrationContext.configure(connection), metadata))
