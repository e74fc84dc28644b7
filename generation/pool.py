"""The candidates of one question: units of the passages in one language, with features and scores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from generation.reader.model import Reader, Reading
from generation.reader.windows import Window, windows
from generation.scoring import (
    Question,
    SupportFeatures,
    UnitFeatures,
    UnitTerms,
    asked_words,
    coverage,
    held_words,
    numbers_held,
    scaled,
    term_weights,
    typed,
    unit_features,
    unit_terms,
)
from generation.units import Unit, readable, units_of
from generation.weights import LinearModel
from wenyuan.answers import Evidence
from wenyuan.ports import Embedder
from wenyuan.text import content_terms

if TYPE_CHECKING:
    from retrieval.rerank.linear import LinearReranker

_NEUTRAL_COSINE = 0.85
#: By how much what was not read may stand above the best that was read, in the units of the feature.
_MOST_UNREAD = 0.5


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit with its features and linear score."""

    unit: Unit
    features: UnitFeatures
    score: float


@dataclass(frozen=True, slots=True)
class Pool:
    """Scored units, best first, the features of there being an answer, and what was read."""

    units: tuple[Scored, ...]
    support: SupportFeatures
    read: tuple[tuple[Window, Reading], ...] = ()


def build_pool(
    question: Question,
    evidence: Sequence[Evidence],
    sources: Sequence[int],
    embedder: Embedder | None,
    model: LinearModel,
    embedded_units: int,
) -> Pool | None:
    """Score the units of ``evidence[i]`` for ``i`` in ``sources``; None when there is nothing to quote.

    At most ``embedded_units`` units are embedded, the lexically best; the others take the lowest cosine seen.
    Without an embedder the cosines that came with the evidence are not used either: ``model`` does not know them.
    """
    passages = {i: set(content_terms(f"{evidence[i].context} {evidence[i].text}")) for i in sources}
    weights = term_weights(question, list(passages.values()))
    held = {i: coverage(weights, terms) for i, terms in passages.items()}
    units = [unit for i in sources for unit in units_of(i, evidence[i])]
    if not units:
        return None
    dense = _passage_cosines(evidence, sources) if embedder is not None else dict.fromkeys(sources, _NEUTRAL_COSINE)
    best_dense = max(dense.values())
    terms = unit_terms(units)
    # Within a passage its subject is everywhere: what tells its units apart are the terms that few of them hold.
    rare = term_weights(question, [t.own for t in terms])
    chosen = _shortlist(question, units, terms, rare, held, dense, embedded_units)
    cosines = _unit_cosines(question, units, chosen, embedder)
    best_cosine = max(cosines) if cosines else _NEUTRAL_COSINE
    places = {source: place for place, source in enumerate(sources)}
    scored = []
    for index, unit in enumerate(units):
        relative = (dense[unit.source] - best_dense, cosines[index] - best_cosine if cosines else 0.0)
        place, title = places[unit.source], evidence[unit.source].document_title
        features = unit_features(question, unit, terms[index], rare, held[unit.source], relative, place, title)
        scored.append(Scored(unit, features, model.score(features.values())))
    scored.sort(key=lambda s: -s.score)
    support = _support(question, evidence, scored, dense, best_cosine)
    if embedder is not None and len(sources) > 1:
        support = replace(support, lead=lead(question.text, [evidence[i] for i in sources]), only=0.0)
    return Pool(tuple(scored), support)


def read_pool(
    question: Question, pool: Pool, evidence: Sequence[Evidence], reader: Reader, model: LinearModel, most: int
) -> Pool:
    """Read at most ``most`` windows around the best units and score all units again, with what the reader says."""
    units = sorted((s.unit for s in pool.units), key=lambda u: (u.source, u.order))
    place = {id(unit): i for i, unit in enumerate(units)}
    chosen = windows(units, [place[id(s.unit)] for s in pool.units], most)
    readings = reader.read(question.text, [evidence[w.source].text[w.start : w.end] for w in chosen])
    read = [(window, reading) for window, reading in zip(chosen, readings, strict=True) if reading is not None]
    margins: dict[int, float] = {}
    for unit in units:
        for window, reading in read:
            if window.holds(unit):
                margins[id(unit)] = scaled(reading.margin(unit.start - window.start, unit.end - window.start))
    # Where nothing that was read answers, what was not read (rows, what stands far behind) does not pass for better.
    best_read = min(0.0, max(margins.values(), default=0.0))
    unread = min(best_read / 2, best_read + _MOST_UNREAD)
    scored = []
    for old in pool.units:
        margin = margins.get(id(old.unit))
        known = {"read": unread} if margin is None else {"read": margin, "unread": 0.0}
        features = replace(old.features, **known)
        scored.append(Scored(old.unit, features, model.score(features.values())))
    scored.sort(key=lambda s: -s.score)
    if not read:
        return Pool(tuple(scored), pool.support)
    answered = max(scaled(reading.answered) for _, reading in read)
    best = max(scaled(float(reading.margins.max())) for _, reading in read)
    away = scored[0].features.astray
    support = replace(pool.support, astray=away, answered=answered, margin_read=best, unread=0.0)
    return Pool(tuple(scored), support, tuple(read))


def lead(question: str, evidence: Sequence[Evidence]) -> float:
    """Return how far the best passage stands out: the highest relevance minus the mean of the others, 0..1.

    Closeness as such says little where all passages speak of one matter in the same words, as the articles of a statute
    do: there the passage that answers is known by its lead. The relevance is that of the offline reranker, whatever
    ordered the passages, of which there are at least two.
    """
    from retrieval.rerank.features import Found

    found = [Found(e.text, e.context, e.dense, 0.0, e.document_id, e.pages) for e in evidence]
    best, *others = sorted(_ranker().relevances(question, found), reverse=True)
    return best - sum(others) / len(others)


@cache
def _ranker() -> "LinearReranker":
    from retrieval.rerank.linear import LinearReranker  # imports a library that tries every backend it knows

    return LinearReranker.open()


def _passage_cosines(evidence: Sequence[Evidence], sources: Sequence[int]) -> dict[int, float]:
    known = {i: d for i in sources if (d := evidence[i].dense) is not None}
    lowest = min(known.values(), default=_NEUTRAL_COSINE)
    return {i: known.get(i, lowest) for i in sources}


def _shortlist(
    question: Question,
    units: Sequence[Unit],
    terms: Sequence[UnitTerms],
    weights: dict[str, float],
    held: dict[int, float],
    dense: dict[int, float],
    limit: int,
) -> list[int]:
    """Return the indices of the units worth embedding, by words and by the closeness of their passage."""
    best = max(dense.values())

    def rough(index: int) -> float:
        unit = units[index]
        words = coverage(weights, terms[index].about)
        return (
            words
            + 0.3 * held[unit.source]
            + 8 * (dense[unit.source] - best)
            + 0.1 * typed(question, unit.text, unit.context)
        )

    return sorted(range(len(units)), key=rough, reverse=True)[:limit]


def _unit_cosines(
    question: Question, units: Sequence[Unit], chosen: Sequence[int], embedder: Embedder | None
) -> list[float]:
    if embedder is None or not chosen:
        return []
    query = embedder.embed_queries([question.text])[0]
    vectors = embedder.embed_passages([readable(units[i]) for i in chosen])
    near = np.asarray(vectors @ query, dtype=np.float32)
    cosines = [float(near.min())] * len(units)
    for place, index in enumerate(chosen):
        cosines[index] = float(near[place])
    return cosines


def _support(
    question: Question,
    evidence: Sequence[Evidence],
    scored: Sequence[Scored],
    dense: dict[int, float],
    best_cosine: float,
) -> SupportFeatures:
    top = scored[0]
    cosines = sorted(dense.values(), reverse=True)
    rest = cosines[1:] or [_NEUTRAL_COSINE]
    source = evidence[top.unit.source]
    passage = f"{source.context} {source.text}"
    asked = asked_words(question.text)
    held, lacking = held_words(asked, passage)
    return SupportFeatures(
        around=held_words(asked, _around(top.unit, scored))[0],
        passage=held,
        lacking=lacking,
        dense_passage=dense[top.unit.source],
        dense_unit=best_cosine,
        margin=max(0.0, dense[top.unit.source] - sum(rest) / len(rest)),
        missing=1.0 - numbers_held(question, passage),
        typed=top.features.typed,
        astray=top.features.astray,
    )


def _around(unit: Unit, scored: Sequence[Scored]) -> str:
    """Return the unit with its context, those beside it, and what its passage begins with."""
    beside = sorted((s.unit for s in scored if s.unit.source == unit.source), key=lambda u: u.order)
    place = beside.index(unit)
    near = beside[max(0, place - 1) : place + 2]
    return " ".join([unit.context, beside[0].text, *(u.text for u in near)])
