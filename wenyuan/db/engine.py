"""The database: one async engine, reads and writes as transactions.

SQLite runs in WAL with ``synchronous=FULL``: what a commit acknowledged survives a power loss. Its writes take the
write lock at BEGIN (no upgrade, so no deadlock) and queue on a fair lock within the process.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from wenyuan.errors import TransientError

Connection = AsyncConnection
BUSY_TIMEOUT_MS: Final = 30_000


def sqlite_url(data_dir: Path) -> str:
    """Return the URL of the default database in ``data_dir``."""
    return f"sqlite+aiosqlite:///{(data_dir / 'wenyuan.sqlite3').resolve()}"


class Database:
    """Transactions on one database. Text never leaves it except through the scoped readers of this package."""

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        # Parameters of statements are text of documents; an error that shows them would write them to the log.
        self._engine = create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True)
        self._write_lock = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()
        if self.is_sqlite:
            sa.event.listen(self._engine.sync_engine, "connect", _configure_sqlite)
            sa.event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
            sa.event.listen(self._engine.sync_engine, "invalidate", self._roll_back_sqlite)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Yield a connection in a read transaction: one consistent snapshot on SQLite."""
        async with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Yield a connection in a write transaction; commits on a clean exit, rolls back on an exception."""
        if not self.is_sqlite:
            async with self._engine.begin() as connection:
                yield connection
            return
        async with self._write_lock, self._engine.connect() as connection:
            await connection.execution_options(wenyuan_begin="BEGIN IMMEDIATE")
            async with connection.begin():
                yield connection

    async def shred(self) -> None:
        """Remove from SQLite's log what was deleted before this call; the pages themselves are zeroed at the deletion.

        PostgreSQL does the like in its own time (vacuum, recycling of its log).
        """
        if self.is_sqlite:
            async with self._write_lock, self._engine.connect() as connection:
                await connection.execution_options(wenyuan_begin=None)  # a checkpoint runs outside of transactions
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _roll_back_sqlite(self, connection: Any, _record: Any, _error: BaseException | None) -> None:
        """End the transaction of a connection that is thrown away because its task was cancelled within a statement.

        Closing alone does not: with a cursor of the cancelled statement still alive SQLite defers the close, and the
        write lock stays taken until the garbage collector comes by. Queued here, the rollback runs before the close.
        """
        with contextlib.suppress(RuntimeError):  # no loop: then the collector is at work already
            task = asyncio.get_running_loop().create_task(_roll_back(connection.driver_connection))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def ping(self) -> None:
        """Raise ``TransientError`` when the database does not answer."""
        try:
            async with self.read() as tx:
                await tx.execute(sa.text("SELECT 1"))
        except (DBAPIError, OSError) as error:
            raise TransientError from error

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


async def _roll_back(driver: Any) -> None:
    with contextlib.suppress(Exception):  # closed already
        await driver.rollback()


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    statement = connection.get_execution_options().get("wenyuan_begin", "BEGIN")
    if statement is not None:
        connection.exec_driver_sql(statement)
