"""The answerer that needs no model: it quotes the units of the evidence that answer, or finds that none does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from generation.answering.listing import Bounds, Places, asks_for_items, whole_list, with_items
from generation.composing import one_of_each, openings, pieces, sides, with_neighbours, without_holes
from generation.markers import inert
from generation.pool import Pool, Scored, build_pool, read_pool
from generation.reader.model import Reader
from generation.reader.short import placed, short_answer
from generation.scoring import SUPPORT_NAMES, UNIT_NAMES, Question, is_cross_lingual, read_question
from generation.units import Unit, UnitKind, is_named, row_as_text, units_of
from generation.weights import Gate, learned, learned_with
from wenyuan.answers import Evidence
from wenyuan.ports import Embedder

_NAMELESS = 0.5


@dataclass(frozen=True, slots=True)
class Tuning:
    """The limits of extraction.

    Sentences beside the best one are quoted with it when each adds at least ``worth`` to the probability that the
    answer is among them. A further unit is quoted when its score is at most ``gap`` below the best; ``max_units``
    bounds the answer, ``embedded_units`` and ``windows`` the time spent on sentence vectors and on reading.
    ``all_units`` is the bound for a question that asks for everything there is. ``refuse_below``: the least probability
    that is answered, in place of the learned ones, and ``refuse_below_in`` where the best passage is of that space.
    """

    gap: float = 2.0
    worth: float = 0.01
    max_units: int = 3
    list_units: int = 12
    all_units: int = 16
    embedded_units: int = 16
    windows: int = 3
    max_quote_chars: int = 700
    refuse_below: float | None = None
    refuse_below_in: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage to quote: ``evidence[source].text[start:end]``, and how it is shown.

    ``short``: the characters of ``shown`` that answer by themselves, where the reader finds them.
    """

    source: int
    start: int
    end: int
    shown: str
    short: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found. ``probability`` says how likely the evidence answers; no quotes means a refusal."""

    quotes: tuple[Quote, ...]
    probability: float


class Extractor:
    """Selects, orders and words the quotes of an extractive answer. Safe to use from several threads."""

    def __init__(self, embedder: Embedder | None, tuning: Tuning | None = None, reader: Reader | None = None) -> None:
        """Take what is at hand. The cosines of another embedder than the weights were learned with are not used."""
        self._embedder = embedder if embedder is not None and embedder.fingerprint == learned_with() else None
        self._tuning = tuning or Tuning()
        self._reader = reader
        known = self._embedder is not None
        self._unread = learned(UNIT_NAMES, SUPPORT_NAMES, cosines=known, reader=False)
        self._learned = learned(UNIT_NAMES, SUPPORT_NAMES, cosines=known, reader=reader is not None)

    def extract(
        self, question: str, evidence: Sequence[Evidence], *, exhaustive: bool = False, document: bool = False
    ) -> Extraction:
        """Return the quotes that answer ``question``, best first, or none when the evidence does not carry one.

        ``exhaustive``: the question asks for everything there is; the quotes come in the order of the evidence.
        ``document``: it is about a whole document, which is the evidence; what its sections begin with is quoted.
        """
        if document and evidence:
            return Extraction(tuple(self._openings(evidence)), 1.0)
        read = read_question(question)
        rated = []
        for cross, pool in self.pools(read, evidence).items():
            gate = self.gate(read, pool, cross=cross)
            probability = gate.model.probability(pool.support.values())
            # A passage that lacks what the question names does not come before one in the other language that has it.
            named = pool.support.missing < _NAMELESS
            least = self._least(gate, evidence[pool.units[0].unit.source].space)
            rated.append((probability >= least, named, not cross, probability, pool))
        if not rated:
            return Extraction((), 0.0)
        answered, _, _, probability, pool = max(rated, key=lambda r: r[:4])
        if not answered:
            return Extraction((), probability)
        return Extraction(tuple(self._quotes(read, pool, evidence, exhaustive=exhaustive)), probability)

    def best(self, question: str, evidence: Sequence[Evidence]) -> list[Quote]:
        """Return the quotes that come nearest to an answer, without the question whether they do."""
        read = read_question(question)
        pools = self.pools(read, evidence)
        if not pools:
            return []
        rated = {c: self.gate(read, p, cross=c).model.probability(p.support.values()) for c, p in pools.items()}
        return self._quotes(read, pools[max(rated, key=lambda c: rated[c])], evidence, exhaustive=False)

    def _openings(self, evidence: Sequence[Evidence]) -> list[Quote]:
        units = [unit for i, piece in enumerate(evidence) for unit in units_of(i, piece)]
        chosen = openings(units, [piece.heading_path for piece in evidence], self._tuning.all_units)
        return [self._quote(run, evidence[run[0].source]) for run in chosen]

    def pools(self, question: Question, evidence: Sequence[Evidence]) -> dict[bool, Pool]:
        """Return the candidates in the question's language (key False) and in the other one (key True), if any."""
        found: dict[bool, Pool] = {}
        if not question.terms and not question.numbers and not question.names:
            return found
        # Across languages there are no words to compare: without vectors and without a reader nothing can be said.
        for cross in (False, True) if self._embedder or self._reader else (False,):
            sources = [i for i, e in enumerate(evidence) if is_cross_lingual(question, e) is cross]
            case = _case(question, cross=cross)
            model, limit = self._unread.units[case], self._tuning.embedded_units
            pool = build_pool(question, evidence, sources, self._embedder, model, limit) if sources else None
            if pool is not None and self._reader is not None:
                reading, most = self._learned.units[case], self._tuning.windows
                pool = read_pool(question, pool, evidence, self._reader, reading, most)
            if pool is not None:
                found[cross] = pool
        return found

    def gate(self, question: Question, pool: Pool, *, cross: bool) -> Gate:
        """Return model and threshold for this question over passages in its language, or in the other (``cross``).

        The reader reads no rows: where the best unit is the row of what the question names, and no code, number or unit
        that it names is lacking there, it says nothing that the reader finds no answer in the text around.
        """
        held = pool.support.missing == 0 and is_named(pool.units[0].unit, question.text)
        known = self._unread if held else self._learned
        return known.gates[_case(question, cross=cross)]

    def _least(self, gate: Gate, space: str) -> float:
        tuning = self._tuning
        own = tuning.refuse_below_in.get(space, tuning.refuse_below)
        return gate.threshold if own is None else own

    def _quotes(self, question: Question, pool: Pool, evidence: Sequence[Evidence], *, exhaustive: bool) -> list[Quote]:
        chosen = self._choose(question, pool, evidence, exhaustive=exhaustive)
        if exhaustive:
            chosen.sort(key=lambda scored: (scored.unit.source, scored.unit.order))
        best = None if exhaustive or sides(question.text) else max(chosen, key=lambda scored: scored.score).unit
        short = None if best is None else short_answer(question, best, pool.read)
        quotes = []
        for run in pieces([s.unit for s in chosen]):
            piece = evidence[run[0].source]
            quotes.append(self._quote(run, piece, short if best in run else None))
        return quotes

    def _choose(
        self, question: Question, pool: Pool, evidence: Sequence[Evidence], *, exhaustive: bool
    ) -> list[Scored]:
        tuning = self._tuning
        most = tuning.all_units if exhaustive else tuning.max_units
        usable = [s for s in pool.units if s.unit.kind is not UnitKind.HEADING] or list(pool.units)
        compared = sides(question.text)
        if compared and (pair := one_of_each(compared, usable)):
            return pair
        best = usable[0]
        places, bounds = Places(usable, evidence), Bounds(tuning.gap, tuning.list_units, tuning.max_quote_chars)
        if listed := whole_list(question, usable, places, bounds):
            return listed
        chosen, several = [best], exhaustive or asks_for_items(question)
        named = not several and is_named(best.unit, question.text)
        for candidate in usable[1 : most * 4]:
            if len(chosen) >= most or best.score - candidate.score > tuning.gap:
                break
            repeated = any(candidate.unit.text in c.unit.text or c.unit.text in candidate.unit.text for c in chosen)
            astray = not is_named(candidate.unit, question.text) if named else _other_row(candidate, best)
            if not repeated and (several or not astray):
                chosen.append(candidate)
        if exhaustive:
            return chosen
        beside = with_neighbours(chosen, usable, most, tuning.worth)
        return with_items(without_holes(beside, usable), places, bounds)

    def _quote(self, run: Sequence[Unit], evidence: Evidence, short: tuple[int, int] | None = None) -> Quote:
        start, end = run[0].start, run[-1].end
        if any(u.kind is UnitKind.ROW for u in run):
            captions = ["", *(u.caption for u in run)]
            parts = [_told(u, evidence.language, above) for u, above in zip(run, captions, strict=False)]
            return Quote(run[0].source, start, end, inert("\n".join(parts)).strip())
        quoted = evidence.text[start:end]
        shown = inert(quoted).strip()
        place = None if short is None else placed(shown, quoted, short[0] - start, short[1] - start)
        return Quote(run[0].source, start, end, shown, place)


def _told(unit: Unit, language: str, above: str) -> str:
    """Return a unit as it is quoted; the caption ``above`` it stands there already."""
    if unit.kind is not UnitKind.ROW:
        return unit.text
    return row_as_text(replace(unit, caption="") if unit.caption == above else unit, language)


def _other_row(candidate: Scored, best: Scored) -> bool:
    """Say whether a row is of something else than the best row of its table: it holds less of what was asked."""
    rows = candidate.unit.kind is best.unit.kind is UnitKind.ROW and candidate.unit.source == best.unit.source
    return rows and candidate.features.covered < best.features.covered


def _case(question: Question, *, cross: bool) -> str:
    return "cross" if cross else question.language
