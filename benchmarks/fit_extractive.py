"""Fit the four linear models of ``generation.extract.Tuning`` and print them.

``python -m benchmarks.fit_extractive --same FILE [FILE …] --pairs FILE FILE [--limit N]``

``--same`` are SQuAD-layout sets, one a language, ``--pairs`` two translations of one set (same question
ids) for questions in the other language; of each set the first half of the paragraphs is used. Units are fitted as a
conditional logit (which unit of the pool holds the answer), support as a logistic (gold paragraph there or not), both
with a quadratic pull to a prior, so that features these sets do not exercise (headings, tables) keep it.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.answers import Bench, Case, QuestionSet, holds_answer, load, sample
from generation.extract import Extractor, Tuning
from generation.pool import Pool
from generation.scoring import LinearModel, read_question
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.store import resolve
from wenyuan.ports import Embedder

Matrix = NDArray[np.float64]
UNIT_PRIOR = np.array([4.0, 2.5, 1.0, 1.0, 1.5, 2.0, 20.0, 25.0, -3.0, 0.5, 0.5])
SUPPORT_PRIOR = np.array([2.0, 2.0, 10.0, 20.0, 5.0, -2.0, 0.5])
# Cosines move by hundredths, shares by tenths: the pull is measured in these units.
UNIT_SCALE = np.array([1, 1, 1, 1, 1, 1, 0.05, 0.05, 1, 1, 1])
SUPPORT_SCALE = np.array([1, 1, 0.05, 0.05, 0.05, 1, 1])


def half(data: QuestionSet) -> list[Case]:
    """Return the answerable cases of the first half of the paragraphs."""
    return [c for c in data.cases if c.gold < len(data.paragraphs) // 2]


def collect(
    data: QuestionSet, cases: Sequence[Case], embedder: Embedder, cross: bool
) -> tuple[list[tuple[Matrix, NDArray[np.bool_]]], list[tuple[Matrix, float]]]:
    """Return unit matrices with the mask of answering units, and support rows with 1 (gold there) or 0."""
    bench, extractor = Bench(data.paragraphs, embedder, 8), Extractor(embedder)
    units, support = [], []
    for case in cases:
        question = read_question(case.question)
        for with_gold in (True, False):
            evidence = bench.evidence(case.question, case.gold, with_gold=with_gold)
            pool: Pool | None = extractor.pools(question, evidence).get(cross)
            if pool is None:
                continue
            support.append((np.array(pool.support.values()), float(with_gold)))
            mask = np.array(
                [
                    evidence[s.unit.source].chunk_id == str(case.gold) and holds_answer(s.unit.text, case.answers)
                    for s in pool.units
                ]
            )
            if with_gold and mask.any():
                units.append((np.array([s.features.values() for s in pool.units]), mask))
    return units, support


def fit_units(groups: Sequence[tuple[Matrix, NDArray[np.bool_]]], pull: float = 10.0) -> LinearModel:
    """Maximise the mean log probability of the answering units under a softmax over each pool, by gradient ascent."""
    prior = UNIT_PRIOR * UNIT_SCALE
    weights = prior.copy()
    for _ in range(400):
        gradient = np.zeros_like(weights)
        for features, mask in groups:
            scaled = features / UNIT_SCALE
            p = np.exp((s := scaled @ weights) - s.max())
            p /= p.sum()
            gradient += (p[mask] / p[mask].sum()) @ scaled[mask] - p @ scaled
        weights += 0.5 * (gradient - pull * (weights - prior)) / len(groups)
    return LinearModel(0.0, tuple(np.round(weights / UNIT_SCALE, 2)))


def fit_support(rows: Sequence[tuple[Matrix, float]], pull: float = 10.0) -> LinearModel:
    """Maximise the penalised likelihood of a logistic by Newton's method; the bias is free."""
    x = np.array([r for r, _ in rows]) / SUPPORT_SCALE
    y = np.array([t for _, t in rows])
    x = np.hstack([x, np.ones((len(x), 1))])
    prior = np.append(SUPPORT_PRIOR * SUPPORT_SCALE, 0.0)
    strength = np.append(np.full(x.shape[1] - 1, pull), 0.0)
    weights = np.append(prior[:-1], -float(np.median(x[:, :-1] @ prior[:-1])))
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (y - p) - strength * (weights - prior)
        hessian = (x.T * (p * (1 - p))) @ x + np.diag(strength + 1e-6)
        weights += np.linalg.solve(hessian, gradient)
    return LinearModel(round(float(weights[-1]), 2), tuple(np.round(weights[:-1] / SUPPORT_SCALE, 2)))


def crossed(asked: QuestionSet, read: QuestionSet, limit: int) -> list[Case]:
    """Return the questions of ``asked`` over the paragraphs of ``read``."""
    words = {c.id: c.question for c in asked.cases}
    return [Case(c.id, words[c.id], c.gold, c.answers) for c in sample(half(read), limit)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--same", type=Path, nargs="+", required=True)
    parser.add_argument("--pairs", type=Path, nargs=2, required=True)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    args = parser.parse_args()
    embedder = OnnxEmbedder(resolve("e5-small-offline", args.models_dir))
    sets = [load(p) for p in args.same]
    first, second = (load(p) for p in args.pairs)
    same = [collect(s, sample(half(s), args.limit), embedder, False) for s in sets]
    cross = [collect(b, crossed(a, b, args.limit), embedder, True) for a, b in ((first, second), (second, first))]
    for name, parts in (("same", same), ("cross", cross)):
        print(f"unit_{name}", fit_units([group for units, _ in parts for group in units]))
    for path, (_, rows) in zip(args.same, same, strict=True):
        print(f"support {path.name}", fit_support(rows))
    print("support_cross", fit_support([row for _, rows in cross for row in rows]))
    print("in use:", Tuning())


if __name__ == "__main__":
    main()
