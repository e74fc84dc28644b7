"""Tables of documents as a reader may see them, for answers that look into cells and reckon with them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.audit.record import Action, Item
from wenyuan.db import tables as t
from wenyuan.db.access.parts import CLOSED, WHOLE
from wenyuan.db.access.readable import reads_as
from wenyuan.db.engine import Database, ReadConnection
from wenyuan.db.guard.quarantine import in_use
from wenyuan.db.texts.blocks import CLOSED_ALL, READABLE_VERSION, opened
from wenyuan.db.texts.rows import BODIES, block_pair
from wenyuan.db.vault.sealing import sealer
from wenyuan.documents import Block, BlockKind
from wenyuan.parts.marks import sheet_of
from wenyuan.parts.rules import comparable

#: Tables of one reading.
MAX_TABLES: Final = 500


class TablePlace(NamedTuple):
    """Where a table stands: the block of that ordinal in a version of a document."""

    document_id: str
    version_id: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class OpenTable:
    """What a reader may see of a table.

    ``block`` is a table without the rows and headings that are closed to the reader: its cells number the rows that are
    left from 0, and ``rows`` says for each of them which row of the stored table it is, as ``BlockRange.rows`` numbers
    them. ``hidden``: something of the table is closed to the reader, rows of it or a piece of the same sheet or run of
    tables; what sums, counts or ranks its rows does not speak of all of them, and has to say so.
    """

    place: TablePlace
    block: Block
    rows: tuple[int, ...]
    hidden: bool


async def load_tables(scope: AccessScope, database: Database, places: Sequence[TablePlace]) -> list[OpenTable]:
    """Return those of the tables that the scope may read now, in the order of ``places``.

    Left out are those of other documents, of versions that are not the current one, of documents in quarantine, of
    parts that are closed as a whole, and blocks that are no tables with cells. Raises ``ValueError`` for more than
    ``MAX_TABLES``.
    """
    if len(places) > MAX_TABLES:
        raise ValueError("too many tables")
    wanted = [one for one in places if scope.documents is None or one.document_id in scope.documents]
    found = await database.run_read(_read, scope, wanted) if wanted else {}
    scope.trail.note(
        Action.RETRIEVE, [Item(one.document_id, one.version_id, (f"blocks:{one.ordinal}",)) for one in found]
    )
    return [found[one] for one in dict.fromkeys(wanted) if one in found]


_FOUND: Final = READABLE_VERSION.where(t.documents.c.current_version_id == t.versions.c.id, in_use(t.documents.c.id))
_BODIES: Final[sa.Select[Any]] = BODIES.where(
    t.blocks.c.version_id.in_(_FOUND),
    t.blocks.c.ordinal.in_(sa.bindparam("ordinals", expanding=True)),
    t.blocks.c.ordinal.not_in(CLOSED_ALL),
)
_CLOSED_BODIES: Final[sa.Select[Any]] = BODIES.where(
    t.blocks.c.version_id.in_(READABLE_VERSION), t.blocks.c.ordinal.in_(sa.select(CLOSED.subquery().c.ordinal))
)


def _read(tx: ReadConnection, scope: AccessScope, places: Sequence[TablePlace]) -> dict[TablePlace, OpenTable]:
    found: dict[TablePlace, OpenTable] = {}
    for (document, version), group in groupby(sorted(set(places)), key=lambda one: (one.document_id, one.version_id)):
        given = {"document": document, "version": version} | reads_as(scope)
        rows = tx.execute(_BODIES, given | {"ordinals": [one.ordinal for one in group]}).all()
        gone: dict[int, set[int]] = defaultdict(set)
        for ordinal, row in tx.execute(CLOSED, given) if rows else ():
            gone[ordinal].add(row)
        bodies = tx.execute(_CLOSED_BODIES, given).all() if gone else []
        own = sealer(tx)
        closed = {row.ordinal: block_pair(own, document, version, row)[0] for row in bodies}
        headings = {comparable(one.text) for at, one in closed.items() if WHOLE in gone[at] and _is_title(one)}
        for row in rows:
            block = block_pair(own, document, version, row)[0]
            if block.table is None:
                continue
            left = tuple(number for number in range(block.table.rows) if number not in gone[row.ordinal])
            place = TablePlace(document, version, row.ordinal)
            hidden = any(at == row.ordinal or _are_one(block, one) for at, one in closed.items())
            found[place] = OpenTable(place, opened(block, gone[row.ordinal], headings), left, hidden)
    return found


def _is_title(block: Block) -> bool:
    return block.kind is BlockKind.TITLE


def _are_one(block: Block, other: Block) -> bool:
    """Whether two tables may be pieces of one: of one sheet, or under the same headings where there are no sheets."""
    if other.kind is not BlockKind.TABLE or sheet_of(block) != sheet_of(other):
        return False
    return sheet_of(block) is not None or block.heading_path == other.heading_path
