"""Which passages of the evidence say something else than one of them does, about what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from generation.conflicts.differing import Disagreement, differ
from generation.grounding.reading import Kind, Reading, Token, read
from generation.grounding.words import likeness, same_amount
from generation.scoring import read_question
from generation.units import Unit, UnitKind, row_as_text, units_of
from wenyuan.answers import Evidence
from wenyuan.text import fold
from wenyuan.words.quantities import quantities

#: Units that share fewer signs with a claim, of the shorter one's, are not read.
_NEAR: Final = 0.3
#: Shorter English words say little of what a sentence is about.
_LONG_WORD: Final = 4
_SAME_WORD: Final = 0.85
#: The share of what was asked and the claim has, by weight, that another passage may lack.
_LACKING: Final = 0.2
_CONTENT: Final = 0.3
#: Units of a claim that are compared, and documents that are shown to say something else.
_MOST_UNITS: Final = 8
_MOST_RIVALS: Final = 2
#: Passages that are searched for disputes which the answer does not touch; how much of the question these speak of.
_MOST_PASSAGES: Final = 12
_ON_MATTER: Final = 0.4


@dataclass(frozen=True, slots=True)
class Rival:
    """``evidence[source].text[start:end]`` says something else than the claim; ``unit`` is that sentence or row."""

    source: int
    start: int
    end: int
    unit: Unit
    difference: Disagreement


class Rivals:
    """The passages of one answer, read as far as they come near to what is claimed. Not for several threads at once."""

    def __init__(self, question: str, evidence: Sequence[Evidence]) -> None:
        self._asked = read_question(question)
        self._question = read(question)
        self._evidence = evidence
        self._units: dict[int, list[Unit]] = {}
        self._signs: dict[Unit, frozenset[str]] = {}
        self._readings: dict[Unit, Reading] = {}
        self._passages: dict[int, str] = {}
        self._found: dict[tuple[int, int, int], list[Rival]] = {}

    def against(self, source: int, start: int, end: int) -> list[Rival]:
        """Return what other documents say instead of ``evidence[source].text[start:end]``, at most one of each."""
        key = (source, start, end)
        if key not in self._found:
            self._found[key] = self._search(source, start, end)
        return self._found[key]

    def disputed(self) -> tuple[Unit, Rival] | None:
        """Return the first unit on what was asked that has a twin elsewhere which differs.

        Both speak of it themselves, or in their passages where they are the same nearly word for word.
        """
        for source in range(min(len(self._evidence), _MOST_PASSAGES)):
            for unit in self._of(source):
                if unit.kind is UnitKind.HEADING or not self._on_matter(unit, around=True):
                    continue
                for rival in self.against(source, unit.start, unit.end):
                    verbatim = rival.difference.verbatim
                    pair = (unit, rival.unit)
                    if rival.difference.rewritten and all(self._on_matter(u, around=verbatim) for u in pair):
                        return unit, rival
        return None

    def _on_matter(self, unit: Unit, *, around: bool) -> bool:
        text, tokens = self._read(unit), self._question.tokens
        held = sum(t.weight for t in tokens if (self._has(unit, t) if around else _holds(text, t)))
        return held >= _ON_MATTER * sum(t.weight for t in tokens)

    def _search(self, source: int, start: int, end: int) -> list[Rival]:
        claim = self._evidence[source]
        said = [u for u in self._of(source) if start <= u.start < end and u.kind is not UnitKind.HEADING]
        found: dict[str, Rival] = {}
        for unit in said[:_MOST_UNITS]:
            for number, piece in enumerate(self._evidence):
                if piece.document_id == claim.document_id or piece.language != claim.language:
                    continue
                if piece.document_id in found:
                    continue
                rival = self._in(number, unit)
                if rival is not None:
                    found[piece.document_id] = rival
        return list(found.values())[:_MOST_RIVALS]

    def _of(self, source: int) -> list[Unit]:
        if source not in self._units:
            self._units[source] = units_of(source, self._evidence[source])
        return self._units[source]

    def _in(self, number: int, claim: Unit) -> Rival | None:
        near = [(share, u) for u in self._of(number) if (share := self._share(claim, u)) >= _NEAR]
        for _, unit in sorted(near, key=lambda one: -one[0])[:3]:
            difference = differ(self._read(claim), self._read(unit))
            if difference is not None and self._answers(difference) and self._same_matter(claim, unit):
                return Rival(number, unit.start, unit.end, unit, difference)
        return None

    def _share(self, claim: Unit, unit: Unit) -> float:
        if unit.kind is UnitKind.HEADING:
            return 0.0
        one, other = self._signs_of(claim), self._signs_of(unit)
        return len(one & other) / min(len(one), len(other)) if one and other else 0.0

    def _signs_of(self, unit: Unit) -> frozenset[str]:
        if unit not in self._signs:
            folded = fold(unit.text)
            words = folded.split()
            by_sign = len(words) * 3 < len(folded) // 2
            long = (word for word in words if len(word) >= _LONG_WORD)
            self._signs[unit] = frozenset(map("".join, pairwise(folded)) if by_sign else long)
        return self._signs[unit]

    def _read(self, unit: Unit) -> Reading:
        if unit not in self._readings:
            row = unit.kind is UnitKind.ROW
            language = self._evidence[unit.source].language
            self._readings[unit] = read(row_as_text(unit, language) if row else unit.text)
        return self._readings[unit]

    def _answers(self, difference: Disagreement) -> bool:
        """Say whether two sentences of different wording differ in what was asked for."""
        if difference.rewritten or difference.kind not in ("number", "date"):
            return True
        if difference.kind == "date":
            return self._asked.asks_time
        measured = next((q.dimension for q in quantities(difference.one)), None)
        return self._asked.dimension == measured if self._asked.dimension else self._asked.asks_amount

    def _same_matter(self, claim: Unit, unit: Unit) -> bool:
        """Say whether ``unit`` speaks of what was asked as far as the claim does, both with their passages around them.

        A name, a code or a figure of the question that the claim has, the other has as well; of the words a fifth of
        the weight may be missing.
        """
        total = missing = 0.0
        for token in self._question.tokens:
            if token.weight < _CONTENT or not self._has(claim, token):
                continue
            total += token.weight
            if self._has(unit, token):
                continue
            if token.kind is not Kind.WORD:
                return False
            missing += token.weight
        return missing <= _LACKING * total

    def _has(self, unit: Unit, token: Token) -> bool:
        return _holds(self._read(unit), token) or _written(token) in self._around(unit.source)

    def _around(self, source: int) -> str:
        if source not in self._passages:
            piece = self._evidence[source]
            text = " ".join((piece.document_title, *piece.heading_path, piece.context, piece.text))
            self._passages[source] = read(text).lowered
        return self._passages[source]


def _holds(text: Reading, token: Token) -> bool:
    if token.quantity is not None:
        return any(t.quantity and same_amount(token.quantity, t.quantity) for t in text.tokens)
    if any(likeness(token.key, t.key) >= _SAME_WORD for t in text.tokens):
        return True
    return not token.key.isascii() and token.key in text.lowered


def _written(token: Token) -> str:
    return token.key.lower()
