"""The whole tables behind pieces of evidence, with every passage that shows rows of them, for one reader."""

from collections.abc import Sequence
from typing import Final

from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, SeenTable, TableLoader
from wenyuan.db.engine import Database
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.texts.tables import TablePlace, load_tables

#: Tables of one answer: those of its best evidence.
MOST: Final = 12
#: Passages of a table are looked for so far before and behind the one that was found.
_REACH: Final = 40


def table_loader(scope: AccessScope, database: Database) -> TableLoader:
    """Return what loads tables for the reader: both its reads are judged by the policies of their moment."""
    store = SqlEvidenceStore(database)

    async def load(evidence: Sequence[Evidence]) -> Sequence[SeenTable]:
        shown: dict[TablePlace, list[Evidence]] = {}
        for piece in evidence:
            for place in _places(piece):
                shown.setdefault(place, []).append(piece)
        places = list(shown)[:MOST]
        if not places:
            return []
        found = await load_tables(scope, database, places)
        anchors = list(dict.fromkeys(pieces[0].chunk_id for place, pieces in shown.items() if place in places))
        beside = await store.beside(scope, anchors, _REACH)
        near = {one.evidence.chunk_id: one.evidence for one in beside}
        for piece in near.values():
            for place in _places(piece):
                if place in shown and all(known.chunk_id != piece.chunk_id for known in shown[place]):
                    shown[place].append(piece)
        return [SeenTable(one.place.ordinal, one.block, one.rows, one.hidden, tuple(shown[one.place])) for one in found]

    return load


def _places(piece: Evidence) -> list[TablePlace]:
    """Return the tables of which a piece shows rows."""
    ordinals = dict.fromkeys(one.ordinal for one in piece.ranges if one.rows)
    return [TablePlace(piece.document_id, piece.version_id, ordinal) for ordinal in ordinals]
