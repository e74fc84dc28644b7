"""The answerer that needs no model: it quotes the units of the evidence that answer, or finds that none does."""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.markers import inert
from generation.pool import Pool, Scored, build_pool
from generation.scoring import LinearModel, Question, is_cross_lingual, read_question
from generation.units import Unit, UnitKind, row_as_text
from wenyuan.answers import Evidence
from wenyuan.ports import Embedder


@dataclass(frozen=True, slots=True)
class Gate:
    """The probability that the evidence answers, and the least one that is answered."""

    model: LinearModel
    threshold: float


_UNIT_SAME = LinearModel(0.0, (4.2, 2.5, 1.3, 1.0, 1.65, 2.1, 32.0, 32.0, -3.0, 0.6, 1.0))
_UNIT_CROSS = LinearModel(0.0, (4.0, 2.5, 1.0, 1.0, 1.3, 2.1, 34.0, 58.0, -3.0, 0.6, 0.5))
_SUPPORT_ZH = Gate(LinearModel(-45.7, (2.2, 2.2, 19.2, 28.9, 17.0, -2.1, 0.4)), 0.2)
_SUPPORT_EN = Gate(LinearModel(-36.5, (2.3, 2.4, 12.7, 26.9, 10.2, -2.0, 0.4)), 0.4)
_SUPPORT_CROSS = Gate(LinearModel(-42.8, (2.0, 1.9, 20.5, 33.4, 26.6, -2.0, 0.5)), 0.4)


@dataclass(frozen=True, slots=True)
class Tuning:
    """The models and limits of extraction.

    ``unit_*`` rank units, ``support_*`` give the probability that the evidence answers at all, both fitted by
    ``benchmarks/fit_extractive.py``; ``*_cross`` are for a question in another language than the passage.
    A further unit is quoted when its score is at most ``gap`` below
    the best; ``max_units`` bounds the answer, ``embedded_units`` the time spent on sentence vectors. ``all_units`` is
    the bound for a question that asks for everything there is.
    """

    unit_same: LinearModel = _UNIT_SAME
    unit_cross: LinearModel = _UNIT_CROSS
    support_zh: Gate = _SUPPORT_ZH
    support_en: Gate = _SUPPORT_EN
    support_cross: Gate = _SUPPORT_CROSS
    gap: float = 1.5
    max_units: int = 3
    list_units: int = 8
    all_units: int = 16
    embedded_units: int = 16
    max_quote_chars: int = 700


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage to quote: ``evidence[source].text[start:end]``, and how it is shown."""

    source: int
    start: int
    end: int
    shown: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found. ``probability`` says how likely the evidence answers; no quotes means a refusal."""

    quotes: tuple[Quote, ...]
    probability: float


class Extractor:
    """Selects, orders and words the quotes of an extractive answer. Safe to use from several threads."""

    def __init__(self, embedder: Embedder | None, tuning: Tuning | None = None) -> None:
        self._embedder = embedder
        self._tuning = tuning or Tuning()

    def extract(self, question: str, evidence: Sequence[Evidence], *, exhaustive: bool = False) -> Extraction:
        """Return the quotes that answer ``question``, best first, or none when the evidence does not carry one.

        ``exhaustive``: the question asks for everything there is; the quotes come in the order of the evidence.
        """
        read = read_question(question)
        rated = []
        for cross, pool in self.pools(read, evidence).items():
            gate = self.gate(read, cross=cross)
            probability = gate.model.probability(pool.support.values())
            rated.append((probability >= gate.threshold, not cross, probability, pool))
        if not rated:
            return Extraction((), 0.0)
        answered, _, probability, pool = max(rated, key=lambda r: r[:3])
        if not answered:
            return Extraction((), probability)
        return Extraction(tuple(self._quotes(read, pool, evidence, exhaustive=exhaustive)), probability)

    def pools(self, question: Question, evidence: Sequence[Evidence]) -> dict[bool, Pool]:
        """Return the candidates in the question's language (key False) and in the other one (key True), if any."""
        found: dict[bool, Pool] = {}
        if not question.terms and not question.numbers and not question.names:
            return found
        # Across languages there are no words to compare: without vectors nothing can be said.
        for cross in (False, True) if self._embedder else (False,):
            sources = [i for i, e in enumerate(evidence) if is_cross_lingual(question, e) is cross]
            model = self._tuning.unit_cross if cross else self._tuning.unit_same
            pool = (
                build_pool(question, evidence, sources, self._embedder, model, self._tuning.embedded_units)
                if sources
                else None
            )
            if pool is not None:
                found[cross] = pool
        return found

    def gate(self, question: Question, *, cross: bool) -> Gate:
        """Return model and threshold for this question over passages in its language, or in the other (``cross``)."""
        if cross:
            return self._tuning.support_cross
        return self._tuning.support_zh if question.language == "zh" else self._tuning.support_en

    def _quotes(self, question: Question, pool: Pool, evidence: Sequence[Evidence], *, exhaustive: bool) -> list[Quote]:
        chosen = self._choose(question, pool, exhaustive=exhaustive)
        if exhaustive:
            chosen.sort(key=lambda scored: (scored.unit.source, scored.unit.order))
        language = {i: evidence[i].language for i in {s.unit.source for s in chosen}}
        return [
            self._quote(run, evidence[run[0].source], language[run[0].source])
            for run in _runs([s.unit for s in chosen])
        ]

    def _choose(self, question: Question, pool: Pool, *, exhaustive: bool) -> list[Scored]:
        tuning = self._tuning
        most = tuning.all_units if exhaustive else tuning.max_units
        usable = [s for s in pool.units if s.unit.kind is not UnitKind.HEADING] or list(pool.units)
        best = usable[0]
        listed = self._whole_list(question, best, usable)
        if listed:
            return listed
        chosen = [best]
        for candidate in usable[1 : most * 4]:
            if len(chosen) >= most or best.score - candidate.score > tuning.gap:
                break
            if not any(candidate.unit.text in c.unit.text or c.unit.text in candidate.unit.text for c in chosen):
                chosen.append(candidate)
        return chosen

    def _whole_list(self, question: Question, best: Scored, usable: Sequence[Scored]) -> list[Scored]:
        """Return the line that opens a list together with its items when the answer is the list."""
        opens = best.unit.kind is UnitKind.SENTENCE and best.unit.text[-1] in "：:"
        inside = best.unit.kind is UnitKind.ITEM and question.asks_list
        if not opens and not inside:
            return []
        by_order = {s.unit.order: s for s in usable if s.unit.source == best.unit.source}
        first = best.unit.order
        while inside and first - 1 in by_order and by_order[first].unit.kind is UnitKind.ITEM:
            first -= 1
        taken = [by_order[first]]
        order = first + 1
        while (
            order in by_order and by_order[order].unit.kind is UnitKind.ITEM and len(taken) <= self._tuning.list_units
        ):
            if by_order[order].unit.end - taken[0].unit.start > self._tuning.max_quote_chars:
                break
            taken.append(by_order[order])
            order += 1
        if len(taken) == 1 and opens and order in by_order:
            taken.append(by_order[order])
        return taken

    def _quote(self, run: Sequence[Unit], evidence: Evidence, language: str) -> Quote:
        start, end = run[0].start, run[-1].end
        if any(u.kind is UnitKind.ROW for u in run):
            parts = [row_as_text(u, language) if u.kind is UnitKind.ROW else u.text for u in run]
            shown = "\n".join(parts)
        else:
            shown = evidence.text[start:end]
        return Quote(run[0].source, start, end, inert(shown).strip())


def _runs(units: Sequence[Unit]) -> list[list[Unit]]:
    """Join units that follow each other in one passage into one quote; quotes stay in the order of their best unit."""
    runs: list[list[Unit]] = []
    for unit in units:
        for run in runs:
            if run[0].source == unit.source and unit.order in (run[0].order - 1, run[-1].order + 1):
                run.insert(0, unit) if unit.order < run[0].order else run.append(unit)
                break
        else:
            runs.append([unit])
    return runs
