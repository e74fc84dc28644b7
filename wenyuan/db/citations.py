"""Citations as stored: ids and offsets. The text behind one is read again through ``wenyuan.db.evidence``."""

import dataclasses
import time
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from wenyuan.answers import Citation, FigureRef
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail, item_of
from wenyuan.db import tables as t
from wenyuan.db.engine import Connection
from wenyuan.ids import new_id

_FIGURES: Final = TypeAdapter(tuple[FigureRef, ...])


def stored_figures(column: Any) -> tuple[FigureRef, ...]:
    """Return the figures of a citation from their column, which is empty where nobody looked for any."""
    return _FIGURES.validate_python(column or ())


async def store_citations(trail: Trail, tx: Connection, citations: Sequence[Citation]) -> list[Citation]:
    """Store citations and return them with their unguessable ids and links; they are noted on ``trail``."""
    now = time.time()
    named = []
    for citation in citations:
        citation_id = new_id("cit")
        named.append(dataclasses.replace(citation, id=citation_id, link=f"/?citation={citation_id}"))
    rows = [
        {
            "id": citation.id,
            "chunk_id": citation.chunk_id,
            "marker": citation.marker,
            "start": citation.start,
            "end": citation.end,
            "page": citation.page,
            "boxes": [dataclasses.asdict(box) for box in citation.boxes],
            "figures": [dataclasses.asdict(one) for one in citation.figures] or None,
            "created_at": now,
        }
        for citation in named
    ]
    if rows:
        await tx.execute(sa.insert(t.citations), rows)
    for citation in named:
        trail.note(Action.CITE, [item_of(citation)], citation.id or "")
    return named
