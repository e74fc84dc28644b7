"""Metrics: rankings by ir-measures (the reference implementations), and pure functions for answers and latencies."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import ir_measures
from ir_measures import RR, R, nDCG

Run = Mapping[str, Mapping[str, float]]
Qrels = Mapping[str, Mapping[str, int]]

#: Name in the report, and the measure behind it. MRR@10 is the mean of RR@10; the binary measures count grades >= 1.
RANKING: Final = {
    "nDCG@10": nDCG @ 10,
    "MRR@10": RR @ 10,
    "R@1": R @ 1,
    "R@5": R @ 5,
    "R@10": R @ 10,
    "R@20": R @ 20,
    "R@100": R @ 100,
}
_MARKER: Final = re.compile(r"\[\d+\]")


def ranking_metrics(qrels: Qrels, run: Run, depth: int) -> dict[str, float]:
    """Return each measure as the mean over the queries of ``qrels``; a query the run lacks counts 0.

    Measures that look deeper than ``depth``, the length of the rankings, are left out.
    """
    if not qrels:
        return {}
    wanted = {name: measure for name, measure in RANKING.items() if measure["cutoff"] <= depth}
    found = ir_measures.calc_aggregate(
        wanted.values(), {query: dict(grades) for query, grades in qrels.items()}, _with_all(qrels, run)
    )
    return {name: round(float(found[measure]), 4) for name, measure in wanted.items()}


def _with_all(qrels: Qrels, run: Run) -> dict[str, dict[str, float]]:
    """Return the run over the judged queries; an empty ranking becomes one of a document that nobody judged."""
    return {query: dict(run.get(query) or {"": 0.0}) for query in qrels}


def best_ranks(ranked: Iterable[str]) -> dict[str, float]:
    """Collapse a ranking of passages, given by their documents, to documents at their best rank: document to 1/rank."""
    order = dict.fromkeys(ranked)
    return {document: 1.0 / rank for rank, document in enumerate(order, start=1)}


def normalise(text: str) -> str:
    """Fold for comparison: NFKC, case folded, white space removed."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether the text, without citation markers, holds one of the answers (both normalised)."""
    plain = normalise(_MARKER.sub(" ", text))
    return any(wanted in plain for wanted in map(normalise, answers) if wanted)


def share(verdicts: Iterable[bool]) -> float | None:
    """Return the share of true verdicts, None without any."""
    counted = list(verdicts)
    return round(sum(counted) / len(counted), 4) if counted else None


def refusal_scores(expected: Sequence[bool], refused: Sequence[bool]) -> dict[str, float | None]:
    """Return precision (of the refusals, the share that was right) and recall (of those due, the share made).

    None where there is nothing to divide by.
    """
    pairs = list(zip(expected, refused, strict=True))
    return {
        "refusal_precision": share(due for due, made in pairs if made),
        "refusal_recall": share(made for due, made in pairs if due),
    }


def percentile(values: Sequence[float], q: float) -> float:
    """Return the ``q``-th percentile (0..100) by the nearest rank: the least value that q % do not exceed."""
    ordered = sorted(values)
    rank = max(1, -int(-len(ordered) * q // 100))
    return ordered[rank - 1]


def latency(seconds: Sequence[float]) -> dict[str, float]:
    """Return count, mean and percentiles in milliseconds; empty without values."""
    if not seconds:
        return {}
    figures: dict[str, float] = {"n": len(seconds), "mean_ms": round(1000 * sum(seconds) / len(seconds), 2)}
    for q in (50, 95, 99):
        figures[f"p{q}_ms"] = round(1000 * percentile(seconds, q), 2)
    return figures
