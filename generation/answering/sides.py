"""What else the evidence says where a statement stands: other documents that differ, editions that were replaced."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from generation.answering.draft import Carried
from generation.conflicts.attribution import saying
from generation.conflicts.differing import Disagreement
from generation.conflicts.rivals import Rivals
from generation.conflicts.versions import replaced
from generation.grounding.reading import Reading, read
from generation.markers import inert
from generation.units import Unit, UnitKind, row_as_text
from wenyuan.answers import Evidence

CONFLICT: Final = "answer.conflict"
SUPERSEDED: Final = "answer.superseded"
PREMISE: Final = "answer.premise"
#: Statements of other documents in one answer.
_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Side:
    """A statement of another document, worded as such; ``code`` is the notice that comes with it."""

    carried: Carried
    text: str
    code: str


@dataclass(slots=True)
class Sides:
    """The other sides of one answer; each is told once. For one thread at a time."""

    question: str
    evidence: Sequence[Evidence]
    language: str
    #: By the id of a document of the evidence that was replaced, the piece that speaks for its replacement.
    newer: dict[str, Evidence] = field(init=False)
    #: What is quoted anyway, with its words: where it holds a side, the side is told by it.
    quoted: Sequence[tuple[Carried, str]] = ()
    _rivals: Rivals = field(init=False)
    _told: list[Carried] = field(default_factory=list)
    _left: int = _MOST

    def __post_init__(self) -> None:
        """Look which documents have been replaced."""
        first = {piece.document_id: piece for piece in reversed(self.evidence)}
        self.newer = {old: first[new] for old, new in replaced(self.evidence).items()}
        self._rivals = Rivals(self.question, self.evidence)

    def tell(self, carried: Carried) -> None:
        """Take note that a passage was quoted: no side of another statement needs to quote it again."""
        self._told.append(carried)

    def told(self, carried: Carried) -> bool:
        """Say whether a passage, or one that holds it, was quoted."""
        return any(_holds(one, carried) for one in self._told)

    def contested(self, carried: Carried) -> bool:
        """Say whether another document in force says something else than what carries a statement."""
        return any(other.evidence.document_id not in self.newer for other, _ in self._against(carried))

    def opposes(self, carried: Carried) -> bool:
        """Say whether what carries a statement says something else than what a document in force was quoted with."""
        return any(
            self.told(other) and other.evidence.document_id not in self.newer for other, _ in self._against(carried)
        )

    def of(self, carried: Carried, statement: str = "") -> list[Side]:
        """Return what other documents say instead, each to be told after the statement.

        With ``statement``, which the passage carries in part of its words, only what differs from that.
        """
        found = []
        for other, text in self._against(carried, statement):
            if self.told(other) or not self._left:
                continue
            self._left -= 1
            wider = ((one, words) for one, words in self.quoted if _holds(one, other))
            whole, words = next(wider, (other, text))
            self.tell(whole)
            found.append(self.side(whole, words))
        return found

    def beside(self, quoted: Sequence[Carried]) -> list[Side]:
        """Return both sides of a dispute on what was asked, if there is one and no quoted passage is part of any."""
        found = self._rivals.disputed()
        if found is None or any(map(self.contested, quoted)):
            return []
        unit, rival = found
        pair = [self.evidence[unit.source], self.evidence[rival.source]]
        if any(piece.document_id in self.newer for piece in pair):
            return []
        one = Carried(pair[0], unit.start, unit.end)
        first = Side(one, saying("says", self.language, pair[0], shown(unit, pair[0])), CONFLICT)
        second = self.side(Carried(pair[1], rival.start, rival.end), shown(rival.unit, pair[1]))
        return [first, second]

    def around(self, carried: Sequence[Carried], statement: str) -> tuple[Side | None, list[Side]]:
        """Return a statement worded as that of its document where that is called for, and what others say instead.

        Called for: another document in force differs, or the document was replaced. Nothing is where the statement
        itself rests on the documents of both sides.
        """
        if not carried:
            return None, []
        first, documents = carried[0], {one.evidence.document_id for one in carried}
        if first.evidence.document_id in self.newer and len(documents) == 1:
            return self.side(first, statement), []
        others = [side for side in self.of(first, statement) if side.carried.evidence.document_id not in documents]
        if not others:
            return None, []
        return Side(first, self.says(first, statement), others[0].code), others

    def side(self, other: Carried, text: str) -> Side:
        """Return ``text`` as what a document says that differs, or that was replaced."""
        newer = self.newer.get(other.evidence.document_id)
        if newer is None:
            return Side(other, saying("otherwise", self.language, other.evidence, text), CONFLICT)
        return Side(other, saying("replaced", self.language, other.evidence, text, newer), SUPERSEDED)

    def named(self, carried: Carried) -> list[str]:
        """Return the chunk that speaks for what has replaced the document, which is named wherever that is."""
        newer = self.newer.get(carried.evidence.document_id)
        return [] if newer is None else [newer.chunk_id]

    def says(self, carried: Carried, text: str) -> str:
        """Return ``text`` as what the document says that carries it."""
        piece = carried.evidence
        newer = self.newer.get(piece.document_id)
        return saying("says" if newer is None else "outdated", self.language, piece, text, newer)

    def _against(self, carried: Carried, statement: str = "") -> list[tuple[Carried, str]]:
        source = next((i for i, piece in enumerate(self.evidence) if piece is carried.evidence), None)
        if source is None:
            return []
        rivals = self._rivals.against(source, carried.start, carried.end)
        said = read(statement) if statement and rivals else None
        pieces = [(self.evidence[r.source], r) for r in rivals if said is None or _touches(said, r.difference)]
        return [(Carried(piece, rival.start, rival.end), shown(rival.unit, piece)) for piece, rival in pieces]


def _touches(said: Reading, difference: Disagreement) -> bool:
    """Say whether a statement says what a passage that carries it says differently from another one, and only that."""
    if difference.kind == "negation":
        return True
    return difference.one.lower() in said.lowered and difference.other.lower() not in said.lowered


def _holds(one: Carried, other: Carried) -> bool:
    same = one.evidence.chunk_id == other.evidence.chunk_id
    return same and one.start <= other.start and other.end <= one.end


def shown(unit: Unit, evidence: Evidence) -> str:
    """Return a unit as it is shown: a row of a table with its heads."""
    return inert(row_as_text(unit, evidence.language) if unit.kind is UnitKind.ROW else unit.text).strip()
