"""What a directory provides is changed there alone."""

from collections.abc import Collection
from typing import Literal

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.engine import Connection
from wenyuan.people.errors import DirectoryManaged

_TABLES = {"user": t.users, "group": t.groups, "department": t.departments}


async def require_local(
    tx: Connection, kind: Literal["user", "group", "department"], name: str, among: Collection[str] | None = None
) -> None:
    """Raise ``DirectoryManaged`` when a directory, one ``among`` some, provides what has that name."""
    table = _TABLES[kind]
    directory = await tx.scalar(sa.select(table.c.directory).where(table.c.name == name))
    if directory is not None and (among is None or directory in among):
        raise DirectoryManaged(name=name, directory=directory)
