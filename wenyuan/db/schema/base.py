"""What all tables share: their registry, and columns of the kinds that occur everywhere."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key(name: str = "id") -> sa.Column[str]:
    """Return a primary key."""
    return sa.Column(name, sa.String(64), primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    """Return a reference to a column like ``users.id``."""
    return sa.Column(name, sa.String(64), sa.ForeignKey(target), nullable=nullable, primary_key=key)


def time(name: str, *, nullable: bool = False) -> sa.Column[float]:
    """Return a time: seconds since 1970, UTC."""
    return sa.Column(name, sa.Double(), nullable=nullable)


def sealed() -> sa.Column[bytes]:
    """Return the column of a row's texts as ``wenyuan.db.vault`` seals them; without it they stand in the others."""
    return sa.Column("sealed", sa.LargeBinary(), nullable=True)


def boundary(name: str) -> sa.Index:
    """Return an index of a time that most rows do not have."""
    given = sa.text(f"{name} IS NOT NULL")
    return sa.Index(None, name, sqlite_where=given, postgresql_where=given)
