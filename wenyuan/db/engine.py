"""The database: reads and writes as transactions, and reads in one go where a request waits for them.

An async connection to SQLite changes threads several times a statement. ``run_read`` changes once a transaction: the
reading is a plain function of a plain connection, of one that only reads on a thread of its own for SQLite, of the
async engine for PostgreSQL. Nothing is kept between two readings but the connection, so that each sees what was
committed before it.

SQLite runs in WAL with ``synchronous=FULL``: what a commit acknowledged survives a power loss. Its writes take the
write lock at BEGIN (no upgrade, so no deadlock) and queue on a fair lock within the process.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from wenyuan.errors import TransientError
from wenyuan.vault.keeper import Vault

Connection = AsyncConnection
#: What a reading of ``Database.run_read`` is given.
ReadConnection = sa.Connection
#: What a transaction raises that is no ``TransientError``: a statement that cannot be, a rule of the tables broken.
StoreError = SQLAlchemyError
_P = ParamSpec("_P")
_T = TypeVar("_T")
BUSY_TIMEOUT_MS: Final = 30_000


def sqlite_url(data_dir: Path) -> str:
    """Return the URL of the default database in ``data_dir``."""
    return f"sqlite+aiosqlite:///{(data_dir / 'wenyuan.sqlite3').resolve()}"


class Database:
    """Transactions on one database. Text never leaves it except through the scoped readers of this package."""

    def __init__(self, url: str, pool_size: int = 8, vault: Vault | None = None) -> None:
        """Take the database, and the keys that text is stored under; without any it is stored as it is."""
        self.url = url
        self.vault = vault
        self.is_sqlite = url.startswith("sqlite")
        # Parameters of statements are text of documents; an error that shows them would write them to the log.
        given: dict[str, Any] = {"hide_parameters": True, "execution_options": {"wenyuan_vault": vault}}
        self._engine = create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, **given)
        self._readers = _SqliteReaders(url, pool_size, given) if self.is_sqlite else None
        self._write_lock = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()
        if self.is_sqlite:
            sa.event.listen(self._engine.sync_engine, "connect", _configure_sqlite)
            sa.event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
            sa.event.listen(self._engine.sync_engine, "invalidate", self._roll_back_sqlite)
        else:
            sa.event.listen(self._engine.sync_engine, "connect", _configure_postgresql)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Yield a connection in a read transaction: one consistent snapshot on SQLite."""
        with _unavailable():
            async with self._engine.connect() as connection, connection.begin():
                yield connection

    async def run_read(
        self, reading: Callable[Concatenate[ReadConnection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Return what ``reading`` returns, called beside the event loop in a read transaction as ``read`` yields one.

        Rows are of use within it alone. One that is no longer waited for runs to its end, and nothing comes of it.
        """
        if self._readers is None:
            async with self.read() as tx:
                return await tx.run_sync(reading, *args, **kwargs)
        with _unavailable():
            return await self._readers.run(reading, *args, **kwargs)

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Yield a connection in a write transaction; commits on a clean exit, rolls back on an exception."""
        with _unavailable():
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
        """Close every connection, and the vault."""
        if self._readers is not None:
            await asyncio.to_thread(self._readers.close)
        await self._engine.dispose()
        if self.vault is not None:
            await asyncio.to_thread(self.vault.close)


class SideStore:
    """A small database beside the metadata, used from threads: a file in the solo profile, a schema on a server."""

    def __init__(self, url: str, schema: str, lock: int) -> None:
        """Take the database, opened by the first use; ``lock`` numbers the one that writers on a server take."""
        self.is_sqlite = url.startswith("sqlite")
        self._schema, self._lock = schema, lock
        checked = not self.is_sqlite  # a server may have closed a connection that was idle
        engine = sa.create_engine(url, pool_size=3, max_overflow=3, hide_parameters=True, pool_pre_ping=checked)
        if self.is_sqlite:
            engine = engine.execution_options(schema_translate_map={schema: None})
            sa.event.listen(engine, "connect", _configure_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
        self._engine = engine

    def create(self, metadata: sa.MetaData) -> None:
        """Create the tables where they are missing."""
        with self.write() as tx:
            if not self.is_sqlite:
                tx.execute(sa.schema.CreateSchema(self._schema, if_not_exists=True))
            metadata.create_all(tx)

    def read(self) -> contextlib.AbstractContextManager[sa.Connection]:
        """Yield a connection to read by."""
        return self._engine.connect()

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Yield a connection in a transaction that no other writer is beside, whatever process it is in."""
        with self._engine.connect() as opened:
            connection = opened.execution_options(wenyuan_begin="BEGIN IMMEDIATE") if self.is_sqlite else opened
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(self._lock)))
                yield connection

    def shred(self) -> None:
        """Remove from SQLite's log what was deleted or overwritten before this call."""
        if self.is_sqlite:
            with self._engine.connect() as opened:
                connection = opened.execution_options(wenyuan_begin=None)  # a checkpoint runs outside of transactions
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


class _SqliteReaders:
    """Threads with a connection each that cannot write."""

    def __init__(self, url: str, most: int, given: dict[str, Any]) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="sql-read")
        self._engine = sa.create_engine(
            sa.make_url(url).set(drivername="sqlite+pysqlite"),
            poolclass=sa.pool.SingletonThreadPool,
            pool_size=most,
            pool_reset_on_return=None,  # each reading ends its transaction
            connect_args={"check_same_thread": False},  # they are closed by another one
            **given,
        )
        sa.event.listen(self._engine, "connect", _configure_reader)
        sa.event.listen(self._engine, "begin", _begin_reading)

    async def run(
        self, reading: Callable[Concatenate[ReadConnection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Return what ``reading`` returns."""
        call = partial(self._run, reading, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        """Wait for what is being read and close the connections."""
        self._threads.shutdown()
        self._engine.dispose()

    def _run(self, reading: Callable[Concatenate[ReadConnection, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        with self._engine.connect() as connection, connection.begin():
            return reading(connection, *args, **kwargs)


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    """Turn errors of the store itself, not of what it was asked, into ``TransientError``: nothing is decided then."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, (OperationalError, InterfaceError)) or error.connection_invalidated:
            raise TransientError from error
        raise
    except PoolTimeout as error:
        raise TransientError from error


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


def _configure_postgresql(connection: Any, _record: Any) -> None:
    """Have no statement compiled: it takes seconds for the large ones here, which run in milliseconds."""
    cursor = connection.cursor()
    cursor.execute("SET jit = off")
    cursor.close()
    connection.commit()


def _configure_reader(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_reading
    for pragma in ("query_only=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_reading(connection: sa.Connection) -> None:
    connection.connection.execute("BEGIN")  # by the driver alone: it runs each time


def _begin_sqlite(connection: sa.Connection) -> None:
    statement = connection.get_execution_options().get("wenyuan_begin", "BEGIN")
    if statement is not None:
        connection.exec_driver_sql(statement)
