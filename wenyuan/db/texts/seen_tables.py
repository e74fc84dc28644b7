"""The whole tables behind pieces of evidence, with every passage that shows rows of them, for one reader."""

from collections.abc import Iterable, Sequence
from typing import Final

from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, SeenTable, TableLoader
from wenyuan.db.engine import Database
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.texts.runs import Run, run_of
from wenyuan.db.texts.tables import TablePlace, load_tables

#: Tables of one answer: those of its best evidence.
MOST: Final = 12
#: Passages of a table are looked for so far before and behind the one that was found.
_REACH: Final = 40
#: So far for the first tables that are longer.
_FAR: Final = 400
_LONG: Final = 3
#: Sheets whose pieces are put together again, and how many pieces are looked for before and behind one.
_SHEETS: Final = 4
_PIECES: Final = 60


def table_loader(scope: AccessScope, database: Database) -> TableLoader:
    """Return what loads tables for the reader: both its reads are judged by the policies of their moment.

    An answer from a table may rest on any row of it, also on one that it does not name. So a table is left out unless
    every row of it that says something stands in a passage which the reader may read: by its passages the answer is
    watched while it runs, recorded, and shown again later.
    """
    store = SqlEvidenceStore(database)

    async def load(evidence: Sequence[Evidence]) -> Sequence[SeenTable]:
        found = list(dict.fromkeys(place for piece in evidence for place in _places(piece)))[:MOST]
        seen = [_Seen(run, place) for place, run in await runs(found)]
        for one in seen:
            one.add(evidence)
        await look(seen, _REACH)
        await look([one for one in seen if not one.whole][:_LONG], _FAR)
        return [one.table() for one in seen if one.whole]

    async def runs(places: Sequence[TablePlace]) -> list[tuple[TablePlace, Run]]:
        """Return each table once, with those of its pieces that stand near the one that was found."""
        open_tables = {one.place: one for one in await load_tables(scope, database, places)} if places else {}
        looked = set(places)
        centres: list[TablePlace] = []
        for place, one in open_tables.items():
            if (
                one.block.anchor is not None
                and len(centres) < _SHEETS
                and not any(_is_near(place, at) for at in centres)
            ):
                centres.append(place)
                looked.update(_around(place))
        if more := sorted(looked - set(places)):
            open_tables |= {one.place: one for one in await load_tables(scope, database, more)}
        made: list[tuple[TablePlace, Run]] = []
        for place in places:
            known = any(place.ordinal in run.ordinals and place.version_id == other.version_id for other, run in made)
            if place in open_tables and not known:
                of_version = {at.ordinal: one for at, one in open_tables.items() if at.version_id == place.version_id}
                ordinals = {at.ordinal for at in looked if at.version_id == place.version_id}
                made.append((place, run_of(open_tables[place], of_version, ordinals)))
        return made

    async def look(seen: Sequence[_Seen], reach: int) -> None:
        """Add the passages that show rows of those tables."""
        anchors = list(dict.fromkeys(next(iter(one.passages)) for one in seen))
        near = await store.beside(scope, anchors, reach)
        for one in seen:
            one.add([each.evidence for each in near])

    return load


class _Seen:
    """A table while its passages are gathered."""

    def __init__(self, run: Run, place: TablePlace) -> None:
        self.run = run
        self.passages: dict[str, Evidence] = {}
        self._version = place.version_id

    def add(self, pieces: Iterable[Evidence]) -> None:
        """Take those passages that show rows of it, and are not known yet."""
        for piece in pieces:
            if any(
                place.ordinal in self.run.ordinals and place.version_id == self._version for place in _places(piece)
            ):
                self.passages.setdefault(piece.chunk_id, piece)

    @property
    def whole(self) -> bool:
        """Whether its passages show every row in which a cell holds text."""
        grid = self.run.block.table
        if grid is None:
            return False
        shown = {(part.ordinal, row) for one in self.passages.values() for part in one.ranges for row in part.rows}
        said = (cell for cell in grid.cells if cell.text.strip())
        held = {row[:2] for cell in said for row in self.run.rows[cell.row : cell.row + cell.row_span]}
        return held <= shown

    def table(self) -> SeenTable:
        """Return it with its passages."""
        run = self.run
        return SeenTable(run.ordinals[0], run.block, run.rows, run.hidden, tuple(self.passages.values()), run.cut)


def _places(piece: Evidence) -> list[TablePlace]:
    """Return the tables of which a piece shows rows."""
    ordinals = dict.fromkeys(one.ordinal for one in piece.ranges if one.rows)
    return [TablePlace(piece.document_id, piece.version_id, ordinal) for ordinal in ordinals]


def _around(place: TablePlace) -> list[TablePlace]:
    first = max(0, place.ordinal - _PIECES)
    return [place._replace(ordinal=ordinal) for ordinal in range(first, place.ordinal + _PIECES + 1)]


def _is_near(place: TablePlace, other: TablePlace) -> bool:
    return place.version_id == other.version_id and abs(place.ordinal - other.ordinal) < _PIECES
