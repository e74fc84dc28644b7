"""What the check adds to a statement: seconds for the first statement of an answer, and for the ones that follow.

``python -m benchmarks.answering.speed --data SQUAD.json [--models-dir DIR] [--answers 40] [--parallel OTHER.json]``

Answers of three statements over eight passages each, sentences of the set said otherwise among paragraphs of the set;
with ``--parallel`` the passages are in the other language. Wall-clock seconds, one statement at a time.
"""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.answering.facts.cases import Case
from benchmarks.answering.planted import evidence_of
from benchmarks.answering.sentences import real_cases
from benchmarks.extractive.squad import QuestionSet, load
from generation.grounding import Grounder
from wenyuan.machine import machine_line
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.store import resolve
from wenyuan.text import detect_language

PASSAGES = 8
STATEMENTS = 3
#: The bar: milliseconds that a statement may wait for its check, in nineteen of twenty.
BAR_MS = 150


def answers(
    said: QuestionSet, given: QuestionSet, rng: random.Random, count: int
) -> list[tuple[list[str], tuple[str, ...]]]:
    """Return ``count`` answers: their statements, and the passages that they rest on among others."""
    cases = real_cases(said, rng, count * STATEMENTS, false=False)
    found = []
    for start in range(0, len(cases) - STATEMENTS + 1, STATEMENTS):
        group = cases[start : start + STATEMENTS]
        mine = dict.fromkeys(int(case.origin.rsplit(":", 1)[1]) for case in group)
        others = rng.sample([i for i in range(len(given.paragraphs)) if i not in mine], PASSAGES - len(mine))
        places = [*mine, *others]
        rng.shuffle(places)
        found.append(([case.statement for case in group], tuple(given.paragraphs[i] for i in places)))
    return found


def measure(name: str, made: Sequence[tuple[list[str], tuple[str, ...]]], grounder: Grounder) -> None:
    """Check every statement and print the figures."""
    first: list[float] = []
    further: list[float] = []
    for statements, passages in made:
        language = detect_language(passages[0])
        evidence = evidence_of(Case("", passages, language, language, "", ""))
        for number, statement in enumerate(statements):
            begun = time.perf_counter()
            grounder.check(statement, evidence, range(len(evidence)))
            (further if number else first).append(time.perf_counter() - begun)
    for kind, seconds in (("first", first), ("further", further), ("all", first + further)):
        ordered = sorted(seconds)
        p50, p95 = (1000 * ordered[int(len(ordered) * share)] for share in (0.5, 0.95))
        print(f"{name}, {kind}: p50 {p50:.0f} ms, p95 {p95:.0f} ms ({len(ordered)} statements, bar {BAR_MS} ms)")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--parallel", type=Path, help="the same paragraphs in the other language")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--answers", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    embedder = OnnxEmbedder(resolve("e5-small-offline", args.models_dir)) if args.models_dir else None
    grounder = Grounder(embedder)
    data = load(args.data)
    measure("warm-up", answers(data, data, random.Random(0), 2), grounder)
    measure(data.name, answers(data, data, random.Random(args.seed), args.answers), grounder)
    if args.parallel:
        other = load(args.parallel)
        made = answers(data, other, random.Random(args.seed), args.answers)
        measure(f"{data.name} over {other.name}", made, grounder)
    print(machine_line())


if __name__ == "__main__":
    main()
