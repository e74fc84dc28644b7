"""What engines answered, as rows of a table."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from benchmarks.peers.task import Task
from benchmarks.retrieval.sets import Corpus
from eval.metrics import percentile

MEASURES: Final = {"nDCG@10": nDCG @ 10, "R@10": R @ 10, "MRR@10": RR @ 10}
DEPTH: Final = 20


@dataclass(slots=True)
class Answers:
    """The answers of one engine, by scope (None: no filter) and question: places of passages, best first.

    ``nearest`` holds those of its vectors alone, for an engine that says them; ``took`` milliseconds by scope.
    """

    engine: str
    built: float = 0.0
    mb: int = 0
    found: dict[int | None, dict[str, list[int]]] = field(default_factory=dict)
    nearest: dict[int | None, dict[str, list[int]]] = field(default_factory=dict)
    took: dict[int | None, list[float]] = field(default_factory=dict)

    @classmethod
    def read(cls, engine: str, rows: Iterable[Mapping[str, Any]]) -> Self:
        """Read the lines that a runner printed."""
        answers = cls(engine)
        for row in rows:
            if "built" in row:
                answers.built, answers.mb = row["built"], row["mb"]
                continue
            scope, question = row["scope"], row["answer"]
            answers.found.setdefault(scope, {})[question] = [int(place) for place in row["ids"]]
            answers.nearest.setdefault(scope, {})[question] = [int(place) for place in row.get("dense", row["ids"])]
            answers.took.setdefault(scope, []).append(row["ms"])
        return answers


def header() -> str:
    """Return the head of the table."""
    return (
        f"| set | questions | engine | {' | '.join(MEASURES)} | p50 ms | p95 ms | built s | MB |\n"
        f"|{'---|' * (7 + len(MEASURES))}"
    )


def line(corpus: Corpus, answers: Answers) -> str:
    """Return the row of an engine: quality, milliseconds a question, seconds to build, memory of its process."""
    qrels = {question.id: dict(question.relevant) for question in corpus.questions}
    run = {}
    for question in corpus.questions:
        keys = dict.fromkeys(key for place in answers.found[None][question.id] for key in corpus.passages[place].keys)
        run[question.id] = {key: 1 / rank for rank, key in enumerate(keys, start=1)} or {"": 0.0}
    measured = ir_measures.calc_aggregate(list(MEASURES.values()), qrels, run)
    figures = " | ".join(f"{measured[measure]:.3f}" for measure in MEASURES.values())
    took = answers.took[None]
    times = f"{statistics.median(took):.1f} | {percentile(took, 95):.1f} | {answers.built:.1f} | {answers.mb}"
    return f"| {corpus.name} | {len(qrels)} | {answers.engine} | {figures} | {times} |"


def filtered(task: Task, answers: Answers) -> list[str]:
    """Return a line a scope: recall@20 of the engine's own filter, and of filtering what it finds without one."""
    rows = []
    for number, seen in enumerate(task.scopes):
        places = np.flatnonzero(np.isin(task.policies, seen))
        visible, ids = set(places.tolist()), [question.id for question in task.corpus.questions]
        inside, behind, short = [], [], []
        for question, own in answers.nearest[number].items():
            exact = places[np.argsort(-(task.vectors[places] @ task.asked[ids.index(question)]), kind="stable")]
            vectors = answers.engine != "bm25s" and not answers.engine.endswith("bm25")
            gold = set(exact[:DEPTH].tolist() if vectors else own[:DEPTH])
            after = [place for place in answers.nearest[None][question] if place in visible][:DEPTH]
            if gold:
                inside.append(len(gold & set(own[:DEPTH])) / len(gold))
                behind.append(len(gold & set(after)) / len(gold))
                short.append(1 - len(after) / len(gold))
        rows.append(
            f"{task.corpus.name}, {answers.engine}, {len(places)} of {len(task.policies)} passages seen: in index "
            f"recall@{DEPTH} {np.mean(inside):.3f}, {statistics.median(answers.took[number]):.1f} ms; behind "
            f"{np.mean(behind):.3f}, places left empty {np.mean(short):.3f}"
        )
    return rows
