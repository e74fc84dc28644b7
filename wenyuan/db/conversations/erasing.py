"""What goes out of stored answers with the text of a version."""

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.engine import Connection
from wenyuan.db.schema.conversations import WHOLE


async def erase_answers(tx: Connection, version_id: str) -> None:
    """Remove what stored answers say that was made of the version, and what they cite of it."""
    mine = sa.select(t.chunks.c.id).where(t.chunks.c.version_id == version_id)
    source, part = t.turn_sources, t.turn_parts
    made_of_it = sa.exists().where(
        source.c.turn_id == part.c.turn_id,
        sa.or_(source.c.part == part.c.ordinal, source.c.part == WHOLE),
        source.c.chunk_id.in_(mine),
    )
    turns = sa.select(source.c.turn_id).where(source.c.chunk_id.in_(mine))
    await tx.execute(
        sa.update(part)
        .where(part.c.turn_id.in_(turns), made_of_it)
        .values(text="", verdict=None, sealed=None, erased=True)
    )
    await tx.execute(sa.delete(source).where(source.c.chunk_id.in_(mine)))
    cited = sa.select(t.citations.c.id).where(t.citations.c.chunk_id.in_(mine))
    await tx.execute(sa.delete(t.turn_citations).where(t.turn_citations.c.citation_id.in_(cited)))
