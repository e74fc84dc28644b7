"""Which documents somebody appointed stands behind: uploaded by an administrator, or by a manager of their space."""

from collections.abc import Sequence

import sqlalchemy as sa

from wenyuan.access import Role
from wenyuan.db import tables as t
from wenyuan.db.access.spaces import SpaceRole, roles_in_spaces
from wenyuan.db.engine import Connection, Database


class Vouching:
    """Implements ``wenyuan.ports.Vouching`` on the metadata database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def vouched(self, uploader: str, document_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the documents, which are the uploader's, that stand for more than one member's word."""
        async with self._database.read() as tx:
            return await _vouched(tx, uploader, document_ids)


async def _vouched(tx: Connection, uploader: str, document_ids: Sequence[str]) -> frozenset[str]:
    roles = await tx.scalar(sa.select(t.users.c.roles).where(t.users.c.id == uploader)) or []
    if Role.ADMINISTRATOR.value in roles:
        return frozenset(document_ids)
    held = await roles_in_spaces(tx, uploader)
    managed = [space for space, found in held.items() if SpaceRole.MANAGER in found]
    documents = t.documents.c
    statement = sa.select(documents.id).where(documents.id.in_(document_ids), documents.space_id.in_(managed))
    return frozenset(await tx.scalars(statement)) if managed else frozenset()
