"""Rows of a whole database, from one engine into another: every table as of one moment, value for value."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

#: Rows that are read and written at once.
_TOGETHER: Final = 1000
#: Names of parameters: those of columns alone are taken by the engine.
_VALUE: Final = "value_of_"


@contextlib.contextmanager
def snapshot_of(url: str) -> Iterator[sa.Connection]:
    """Yield a connection to a server on which everything that is read is as of one moment, and nothing is written."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with engine.connect() as opened:
            connection = opened.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def writing_to(url: str) -> Iterator[sa.Connection]:
    """Yield a connection to a server in a transaction."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def file_at(path: Path, schema: str | None) -> Iterator[sa.Connection]:
    """Yield a connection to a SQLite file in a transaction; tables of ``schema`` stand in it without one."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    if schema is not None:
        engine = engine.execution_options(schema_translate_map={schema: None})
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_rows(source: sa.Connection, target: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Copy every row of the tables, which come in an order that references allow; the target's are emptied before."""
    for table in reversed(tables):
        target.execute(sa.delete(table))
    for table in tables:
        columns = [_plain(column).label(column.name) for column in table.c]
        read = source.execution_options(stream_results=True, max_row_buffer=_TOGETHER).execute(sa.select(*columns))
        write = sa.insert(table).values({one.name: _given(one, target) for one in table.c})
        for rows in read.partitions(_TOGETHER):
            names = [_VALUE + column.name for column in table.c]
            target.execute(write, [dict(zip(names, row, strict=True)) for row in rows])
        _count_on(target, table)


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return what is read of a column: JSON as it is written, so that its ``null`` is not taken for no value."""
    return sa.cast(column, sa.Text()) if isinstance(column.type, sa.JSON) else column


def _given(column: sa.Column[Any], target: sa.Connection) -> sa.ColumnElement[Any]:
    """Return what is written into a column."""
    name = _VALUE + column.name
    if not isinstance(column.type, sa.JSON):
        return sa.bindparam(name, type_=column.type)
    text = sa.bindparam(name, type_=sa.Text())
    return text if target.dialect.name == "sqlite" else sa.cast(text, column.type)


def _count_on(target: sa.Connection, table: sa.Table) -> None:
    """Have a server number new rows behind those that were copied; SQLite does so by itself."""
    column = table.autoincrement_column
    if column is None or target.dialect.name == "sqlite":
        return
    sequence = target.scalar(sa.select(sa.func.pg_get_serial_sequence(table.fullname, column.name)))
    last = target.scalar(sa.select(sa.func.max(column)))
    if sequence is not None and last is not None:
        target.execute(sa.select(sa.func.setval(sequence, last)))
