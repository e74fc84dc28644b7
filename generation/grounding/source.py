"""The units of the passages as the checks read them, and which of them speak of a statement."""

import re
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Lock
from typing import Final

import numpy as np

from generation.grounding.naming.topics import continues, topic_of
from generation.grounding.reading import Kind, Reading, Token, read
from generation.grounding.rounding import carries
from generation.grounding.words import NEAR, likeness
from generation.units import Unit, UnitKind, row_as_text, units_of
from wenyuan.answers import Evidence
from wenyuan.ports import Embedder, Vectors

#: Units that are compared in full; the others share fewer words with the statement.
MOST_UNITS: Final = 14
#: How much less a word says that stands in the heading or in the unit before.
_AROUND: Final = 0.8
_BESIDE: Final = 0.5
_MOST_SPANS: Final = 4
#: How much the share of the whole statement that a unit holds counts beside what stands around the place itself.
_WHOLE: Final = 0.3
_LEAD: Final = 0.06
_NEARLY: Final = 0.12
#: How far behind in words a place may be that meaning brings to the front; what a cosine is worth in affinity.
_OPEN_GAP: Final = 0.25
#: From here on a place is left to words alone.
_FITS: Final = 0.7
_MEANING: Final = 3.0
_SEVERAL: Final = 2
_MANY: Final = 3
#: Answers whose passages are kept while their statements are checked.
_ANSWERS: Final = 16
_GAIN: Final = 0.07
_PART: Final = re.compile(r"[;；。！？\n]|\.\s")


@dataclass(frozen=True, slots=True)
class Read:
    """A unit with its reading; ``around`` is that of its headings, ``topic`` what it speaks of without naming it.

    ``keys`` are the words of all three; ``topic`` is text as in ``Reading.lowered``, without spaces.
    """

    unit: Unit
    text: Reading
    around: Reading
    keys: frozenset[str]
    topic: str = ""


def read_units(source: int, evidence: Evidence) -> tuple[Read, ...]:
    """Return the units of a passage, read; a table row is read with the names of its columns."""
    found = []
    around: dict[str, Reading] = {}
    opening: Reading | None = None
    subject: tuple[Token, ...] = ()
    for unit in units_of(source, evidence):
        row = unit.kind is UnitKind.ROW
        text = read(row_as_text(unit, evidence.language) if row else unit.text)
        context = around.get(unit.context) or around.setdefault(unit.context, read(unit.context))
        keys = frozenset(t.key for t in (*text.tokens, *context.tokens))
        topic = ""
        if opening is None:
            opening, subject = (text, topic_of(text)) if unit.kind is UnitKind.SENTENCE else (None, ())
        elif subject and continues(text, subject):
            topic = opening.lowered[: subject[-1].end].replace(" ", "")
            keys |= {t.key for t in subject}
        found.append(Read(unit, text, context, keys, topic))
    return tuple(found)


def nearest_units(statement: Reading, units: Sequence[Read], most: int = MOST_UNITS) -> list[Read]:
    """Return the units that share most with the statement, in the order of the passages."""
    if len(units) <= most:
        return list(units)
    weights = {t.key: t.weight for t in statement.tokens}
    rated = sorted(range(len(units)), key=lambda i: -sum(w for k, w in weights.items() if k in units[i].keys))
    return [units[i] for i in sorted(rated[:most])]


@dataclass(frozen=True, slots=True)
class Cover:
    """The units that carry the words of a statement, best first, and how far each of its tokens is carried (0–1)."""

    chosen: tuple[Read, ...]
    carried: tuple[float, ...]
    share: float


def cover(statement: Reading, units: Sequence[Read]) -> Cover:
    """Choose up to four units that together hold most of the statement's words, by what each adds."""
    words = [t for t in statement.tokens if t.kind is not Kind.QUANTITY]
    numbers = [t for t in statement.tokens if t.kind is Kind.QUANTITY]
    total = sum(t.weight for t in words) + 0.5 * len(numbers)
    if not total or not units:
        return Cover((), (), 0.0)
    table = [[_held(t, unit) for t in words] + [_holds_number(statement, t, unit) for t in numbers] for unit in units]
    weights = [t.weight for t in words] + [0.5] * len(numbers)
    best = [0.0] * len(weights)
    chosen: list[int] = []
    while len(chosen) < _MOST_SPANS:
        gains = [
            (
                sum(w * max(0.0, row[i] - best[i]) for i, w in enumerate(weights)) / total
                - 0.01 * _far(units, chosen, at),
                -at,
            )
            for at, row in enumerate(table)
            if at not in chosen and units[at].unit.kind is not UnitKind.HEADING
        ]
        if not gains:
            break
        gain, at = max(gains)
        if chosen and gain < _GAIN:
            break
        chosen.append(-at)
        best = [max(a, b) for a, b in zip(best, table[-at], strict=True)]
    share = sum(w * b for w, b in zip(weights, best, strict=True)) / total
    return Cover(tuple(units[i] for i in chosen), tuple(best[: len(words)]), share)


def _far(units: Sequence[Read], chosen: Sequence[int], at: int) -> int:
    if not chosen:
        return 0
    return min(4, *(abs(at - i) if units[i].unit.source == units[at].unit.source else 4 for i in chosen))


def _holds_number(statement: Reading, token: Token, unit: Read) -> float:
    return float(any(t.quantity and carries(statement, token, t.quantity) for t in unit.text.tokens))


def _held(token: Token, unit: Read) -> float:
    if token.key in unit.keys:
        inside = any(t.key == token.key for t in unit.text.tokens)
        return 1.0 if inside else _AROUND
    if token.kind is not Kind.WORD and token.key in unit.text.lowered.replace(" ", ""):
        return 1.0
    if token.key in unit.topic:
        return _AROUND
    near = max((likeness(token.key, t.key) for t in unit.text.tokens if t.kind is not Kind.QUANTITY), default=0.0)
    if near < NEAR and not token.key.isascii() and token.key in unit.text.lowered:
        return 0.9
    return near


def _named(token: Token, held: float) -> bool:
    """Say whether a name or figure is held: names are not each other's for sharing a character."""
    return held >= (_AROUND if token.kind in (Kind.NAME, Kind.CODE) else NEAR)


def _parts(statement: Reading) -> list[list[Token]]:
    """Return the tokens of a statement by the parts between its semicolons and full stops."""
    parts: list[list[Token]] = [[]]
    for before, token in pairwise((None, *statement.tokens)):
        if before is not None and token is not None and _PART.search(statement.lowered[before.end : token.start]):
            parts.append([])
        if token is not None:
            parts[-1].append(token)
    return parts


class Places:
    """Where words stand in the units: the tokens by key, and the likeness of a statement's words to them."""

    def __init__(self, statement: Reading, units: Sequence[Read], passages: "Passages | None" = None) -> None:
        self.units = tuple(units)
        self._passages = passages
        self._statement = statement.plain
        parts = _parts(statement)
        self._part = {t.place: number for number, part in enumerate(parts) for t in part}
        held = [
            [[_holds_number(statement, t, u) if t.quantity else _held(t, u) for t in part] for u in units]
            for part in parts
        ]
        #: By part of the statement and unit: the share of the part that the unit holds, and the places of the names and
        #: figures that it does not hold.
        self._shares = [
            [
                sum(t.weight * h for t, h in zip(part, row, strict=True)) / (sum(t.weight for t in part) or 1.0)
                for row in rows
            ]
            for part, rows in zip(parts, held, strict=True)
        ]
        self._lacking = [
            [
                {t.place for t, h in zip(part, row, strict=True) if t.kind is not Kind.WORD and not _named(t, h)}
                for row in rows
            ]
            for part, rows in zip(parts, held, strict=True)
        ]
        self._several = [sum(t.kind is not Kind.WORD for t in part) >= _SEVERAL for part in parts]
        self._by_key: defaultdict[str, list[tuple[int, Token]]] = defaultdict(list)
        for number, unit in enumerate(units):
            for token in unit.text.tokens:
                self._by_key[token.key].append((number, token))
        self._known: dict[str, list[tuple[float, int, Token]]] = {}

    def find(self, key: str) -> list[tuple[float, int, Token]]:
        """Return (likeness, unit, token) of the tokens that are ``key`` or may stand for it."""
        if key not in self._known:
            exact = [(1.0, unit, token) for unit, token in self._by_key.get(key, ())]
            others = [
                (near, unit, token)
                for other, places in self._by_key.items()
                if other != key and (near := likeness(key, other)) >= 0.7
                for unit, token in places
            ]
            self._known[key] = exact + others
        return self._known[key]

    def of_kind(self, *kinds: Kind) -> list[tuple[int, Token]]:
        """Return the tokens of some kinds with the number of their unit."""
        return [(n, t) for n, unit in enumerate(self.units) for t in unit.text.tokens if t.kind in kinds]

    def affinity(self, statement: Reading, token: Token, unit: int, at: Token) -> float:
        """Return how far what stands around ``token`` in the statement stands around ``at`` in its unit, 0 to 1."""
        total = got = 0.0
        for other in statement.tokens:
            if other.place == token.place or other.kind is Kind.QUANTITY:
                continue
            pull = other.weight * _pull(token, other)
            total += pull
            near = 0.0
            for like, number, word in self.find(other.key):
                if word is at:
                    continue
                near = max(near, like * (_pull(at, word) if number == unit else self._across(unit, number)))
            if other.key in self.units[unit].topic:
                near = max(near, *(_pull(at, begin) for begin in self.beginnings(unit)))
            if near < _BESIDE and other.key in self.units[unit].keys:
                near = max(near, _BESIDE)
            got += pull * near
        return (got / total if total else 0.0) * (1 - _WHOLE) + _WHOLE * self.share(token, unit)

    def beginnings(self, unit: int) -> list[Token]:
        """Return where the topic of a passage would stand in a unit that does not name it: before each clause."""
        firsts = {token.clause: token for token in reversed(self.units[unit].text.tokens)}
        return [replace(t, end=t.start, place=t.place - 1, quantity=None) for t in firsts.values()]

    def share(self, token: Token, unit: int) -> float:
        """Return how much of the part of the statement that ``token`` is in a unit holds."""
        return self._shares[self._part[token.place]][unit]

    def best(self, token: Token) -> float:
        """Return the most that one unit holds of the part that ``token`` is in."""
        return max(self._shares[self._part[token.place]])

    def whole(self, token: Token, unit: int) -> bool:
        """Say whether a unit holds every name and figure, two at least, of the part of the statement with ``token``."""
        part = self._part[token.place]
        return self._several[part] and not self._lacking[part][unit]

    def all_but(self, token: Token, unit: int) -> bool:
        """Say whether a unit holds every other name and figure, one at least, of the part with ``token``."""
        part = self._part[token.place]
        return self._several[part] and self._lacking[part][unit] <= {token.place}

    def held_together(self, statement: Reading) -> bool:
        """Say whether every part has a unit with all its names and figures, and they are three or more in all."""
        critical = [t for t in statement.tokens if t.kind is not Kind.WORD]
        return len(critical) >= _MANY and all(not all(units) for units in self._lacking)

    def nearer(self, unit: int, other: int) -> float:
        """Return by how much the statement means what a unit says rather than what another one does, 0 without vectors.

        In the measure of affinities.
        """
        if self._passages is None:
            return 0.0
        cosines = self._passages.cosines(self._statement, [self.units[n].unit.text for n in (unit, other)])
        return _MEANING * (cosines[0] - cosines[1]) if cosines else 0.0

    def _across(self, unit: int, number: int) -> float:
        one, other = self.units[unit].unit, self.units[number].unit
        return 0.12 if one.source == other.source and abs(one.order - other.order) == 1 else 0.04


def _pull(one: Token, other: Token) -> float:
    distance = abs(one.place - other.place)
    return (1.0 if one.clause == other.clause else 0.55) / (1.0 + 0.12 * max(0, distance - 1))


def outdone(
    token: Token, places: Places, right: tuple[float, int], rivals: Sequence[tuple[float, int]], margin: float
) -> float:
    """Return by how much one of ``rivals`` is rather what the statement should have said in the place of ``token``.

    0 where none is.
    ``right`` and ``rivals`` are (affinity, unit). A unit that holds all names and figures of the statement's part and
    about as much of it as any other can only be outdone from within. Where the unit that holds most of the part has a
    rival and not the token, the rival need not fit better than the token does in its own place. What the units mean
    counts beside their words where two are near each other.
    """
    best, lead = places.best(token), 0.0
    for fit, unit in rivals:
        if unit == right[1]:
            lead = max(lead, fit - right[0] if fit > right[0] + margin else 0.0)
            continue
        if fit < right[0] - _OPEN_GAP or (
            places.whole(token, right[1]) and places.share(token, right[1]) >= best - _NEARLY
        ):
            continue
        leads = places.share(token, unit) >= best - 0.02
        ahead = fit - right[0]
        if right[0] < _FITS:
            ahead += places.nearer(unit, right[1])
        if ahead > (-_LEAD if leads else margin):
            lead = max(lead, ahead, 0.01)
    return lead


class Passages:
    """The units of one answer's evidence and their vectors, made when they are first asked for."""

    def __init__(self, evidence: Sequence[Evidence], embedder: Embedder | None) -> None:
        self.evidence = evidence
        self._embedder = embedder
        self._units: dict[int, tuple[Read, ...]] = {}
        self._vectors: dict[str, Vectors] = {}
        self._said: dict[str, Vectors] = {}

    def units(self, source: int) -> tuple[Read, ...]:
        """Return the units of a passage."""
        if source not in self._units:
            self._units[source] = read_units(source, self.evidence[source])
        return self._units[source]

    def cosines(self, statement: str, texts: Sequence[str]) -> list[float] | None:
        """Return the cosines of a statement to texts of the passages; None without an embedder."""
        if self._embedder is None:
            return None
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._embedder.embed_passages([text])[0]
        if statement not in self._said:
            self._said = {statement: self._embedder.embed_queries([statement])[0]}
        said = self._said[statement]
        return [float(np.dot(self._vectors[text], said)) for text in texts]


class Answers:
    """The passages of the answers that are being checked.

    Known again by the very object, never by what it holds: nothing that one answer read makes another one faster.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._open: OrderedDict[int, Passages] = OrderedDict()
        self._lock = Lock()

    def of(self, evidence: Sequence[Evidence]) -> Passages:
        """Return the passages of ``evidence``, the same for the same object while few other answers are made."""
        with self._lock:
            known = self._open.get(id(evidence))
            if known is None or known.evidence is not evidence:
                known = self._open[id(evidence)] = Passages(evidence, self._embedder)
            self._open.move_to_end(id(evidence))
            while len(self._open) > _ANSWERS:
                self._open.popitem(last=False)
            return known
