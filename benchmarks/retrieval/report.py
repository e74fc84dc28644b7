"""Figures of the stages as a table: measures, gains with bootstrap intervals, milliseconds."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import ir_measures
import numpy as np
from ir_measures import RR, R, Success, nDCG

from benchmarks.retrieval.stages import BUILDS_ON, STAGES, Runs
from eval.metrics import percentile

MEASURES: Final = {"nDCG@10": nDCG @ 10, "R@10": R @ 10, "MRR@10": RR @ 10, "hit@5": Success @ 5}
GAIN_OF: Final = "nDCG@10"
_SAMPLES: Final = 2000
_SEED: Final = 11


@dataclass(frozen=True, slots=True)
class Row:
    """A stage of a set; ``gain`` is that of nDCG@10 over the stage it builds on, with its 95 % interval."""

    name: str
    questions: int
    stage: str
    measures: Mapping[str, float]
    gain: tuple[float, float, float] | None
    p50_ms: float | None
    p95_ms: float | None

    def line(self) -> str:
        """Return the row in Markdown."""
        figures = " | ".join(f"{self.measures[name]:.4f}" for name in MEASURES)
        gain = "–" if self.gain is None else "{:+.4f} [{:+.4f}, {:+.4f}]".format(*self.gain)
        times = "– | –" if self.p50_ms is None else f"{self.p50_ms:.2f} | {self.p95_ms:.2f}"
        return f"| {self.name} | {self.questions} | {self.stage} | {figures} | {gain} | {times} |"

    def record(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return asdict(self)


HEADER: Final = (
    f"| set | questions | stage | {' | '.join(MEASURES)} | gain of {GAIN_OF} [95 %] | p50 ms | p95 ms |\n"
    f"|{'---|' * (6 + len(MEASURES))}"
)


def rows(name: str, relevant: Mapping[str, Mapping[str, int]], runs: Runs) -> list[Row]:
    """Return a row for each stage of a set."""
    each = {stage: _measured(relevant, runs.rankings[stage]) for stage in STAGES}
    found = []
    for stage in STAGES:
        base, times = BUILDS_ON.get(stage), runs.milliseconds.get(stage)
        gain = None if base is None else interval(each[stage][GAIN_OF], each[base][GAIN_OF])
        means = {measure: float(values.mean()) for measure, values in each[stage].items()}
        spent = (None, None) if not times else (statistics.median(times), percentile(times, 95))
        found.append(Row(name, len(relevant), stage, means, gain, *spent))
    return found


def interval(after: "np.ndarray[Any, Any]", before: "np.ndarray[Any, Any]") -> tuple[float, float, float]:
    """Return the mean gain of paired values and its 95 % interval by the bootstrap (Efron, 1979), seeded."""
    gains = after - before
    draws = np.random.default_rng(_SEED).integers(0, len(gains), (_SAMPLES, len(gains)))
    low, high = np.quantile(gains[draws].mean(axis=1), [0.025, 0.975])
    return float(gains.mean()), float(low), float(high)


def _measured(
    relevant: Mapping[str, Mapping[str, int]], ranking: Mapping[str, Mapping[str, float]]
) -> dict[str, "np.ndarray[Any, Any]"]:
    """Return the value of each measure for each question, in the order of ``relevant``."""
    qrels = {question: dict(grades) for question, grades in relevant.items()}
    run = {question: dict(ranking.get(question) or {"": 0.0}) for question in relevant}
    names = {measure: name for name, measure in MEASURES.items()}
    values: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    for metric in ir_measures.iter_calc(list(names), qrels, run):
        values[names[metric.measure]][metric.query_id] = metric.value
    return {name: np.array([found.get(question, 0.0) for question in relevant]) for name, found in values.items()}


def text(found: Sequence[Row]) -> str:
    """Return the table in Markdown."""
    return "\n".join([HEADER, *(row.line() for row in found)])
