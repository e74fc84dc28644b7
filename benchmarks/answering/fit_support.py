"""Learn the score of support and write ``configs/support.yaml``.

``python -m benchmarks.answering.fit_support --data FILE ... --parallel ZH EN [--models-dir DIR] [--count 200]``

True statements over their passages against the same statements over the passages that share most words with them, from
the written statements that are for mending, the facts in use and the first half of the paragraphs of each set; across
languages also from two translations of one set. Facts say the same of other things in the same words, which figures and
names tell apart and no score has to: they are learned from as true ones alone. A logistic with a small ridge, by
Newton's method.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from benchmarks.answering.declared import declared_cases
from benchmarks.answering.elsewhere import elsewhere
from benchmarks.answering.facts.cases import Case, frame_cases
from benchmarks.answering.facts.frames import FRAMES
from benchmarks.answering.facts.written import written_cases
from benchmarks.answering.planted import evidence_of
from benchmarks.answering.sentences import half, parallel_cases, real_cases
from benchmarks.extractive.squad import load
from generation.grounding.languages.across import features_across
from generation.grounding.reading import read
from generation.grounding.score import ACROSS, FILE, SAME, features
from generation.grounding.source import Passages, cover, nearest_units
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.store import resolve
from wenyuan.ports import Embedder

Matrix = NDArray[np.float64]
_RIDGE = 2.0
#: How often a written statement counts: there are few of them, and none are more like what models write.
_WRITTEN = 3
#: The least chances of the verdicts. Across languages nothing is compared word by word: of statements about something
#: else, one in nine had a chance of a half.
_SUPPORTED, _PARTIAL, _ACROSS = 0.5, 0.25, 0.8


def row(case: Case, passages: tuple[str, ...], embedder: Embedder) -> tuple[float, ...] | None:
    """Return the features of the statement of ``case`` over ``passages``, None where nothing can be compared."""
    evidence = evidence_of(Case(case.statement, passages, case.language, case.passage_language, "", ""))
    read_ones, said = Passages(evidence, embedder), read(case.statement)
    if case.language != case.passage_language:
        found = features_across(said, case.statement, read_ones, range(len(evidence)))
        return found[0] if found else None
    covered = cover(said, nearest_units(said, [u for i in range(len(evidence)) for u in read_ones.units(i)]))
    return features(said, case.statement, covered, read_ones) if covered.chosen else None


def rows(cases: Sequence[Case], embedder: Embedder, times: int = 1) -> tuple[Matrix, Matrix]:
    """Return features of true statements over their passages, and over those of the case that is most alike.

    Every row counts ``times``.
    """
    right = [row(case, case.passages, embedder) for case in cases]
    wrong = [row(case, case.passages, embedder) for case in elsewhere(cases)]
    return np.array([r for r in right if r] * times), np.array([r for r in wrong if r] * times)


def both(groups: Sequence[tuple[Matrix, Matrix]]) -> tuple[Matrix, Matrix]:
    """Return the rows of several groups together."""
    return np.vstack([right for right, _ in groups]), np.vstack([wrong for _, wrong in groups])


def fit(right: Matrix, wrong: Matrix) -> tuple[float, list[float]]:
    """Return bias and weights."""
    x = np.vstack([right, wrong])
    y = np.array([1.0] * len(right) + [0.0] * len(wrong))
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.hstack([(x - mean) / scale, np.ones((len(x), 1))])
    weights = np.zeros(z.shape[1])
    pull = np.append(np.full(x.shape[1], _RIDGE), 1e-6)
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(z @ weights, -30, 30)))
        weights += np.linalg.solve((z.T * (p * (1 - p))) @ z + np.diag(pull), z.T @ (y - p) - pull * weights)
    p = 1 / (1 + np.exp(-np.clip(z @ weights, -30, 30)))
    plain = weights[:-1] / scale
    print(
        "right above .5:",
        float((p[: len(right)] > 0.5).mean()),
        "wrong above .5:",
        float((p[len(right) :] > 0.5).mean()),
    )
    return float(weights[-1] - plain @ mean), plain.tolist()


def across_rows(args: argparse.Namespace, embedder: Embedder) -> list[tuple[Matrix, Matrix]]:
    """Return the rows of statements over passages of the other language."""
    rng = random.Random(args.seed)
    facts = [
        case
        for said, given in (("zh", "en"), ("en", "zh"))
        for case in frame_cases(rng, args.count // 2, said, given, kinds=FRAMES, false=False)
    ]
    right, _ = rows(facts, embedder)
    one, two = (half(load(path), first=True) for path in args.parallel)
    ways = ((one, two), (two, one))
    translated = [case for a, b in ways for case in parallel_cases(a, b, rng, args.count, false=False)]
    return [(right, right[:0]), rows(translated, embedder)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--parallel", type=Path, nargs=2, required=True)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--count", type=int, default=200)
    args = parser.parse_args()
    embedder = OnnxEmbedder(resolve("e5-small-offline", args.models_dir))
    rng = random.Random(args.seed)
    facts = [c for lang in ("zh", "en") for c in frame_cases(rng, args.count, lang, lang, kinds=FRAMES, false=False)]
    learned_from = [half(load(path), first=True) for path in args.data]
    same = [rows(facts, embedder)]
    same[0] = (same[0][0], same[0][1][:0])
    for language in ("zh", "en"):
        written = written_cases("mend", language, false=False)
        same.append(rows([replace(c, passages=c.passages[:1]) for c in written], embedder, _WRITTEN))
    for data in learned_from:
        same.append(rows(real_cases(data, rng, args.count, false=False), embedder))
        if asked := declared_cases(data, rng, args.count, false=False):
            same.append(rows(asked, embedder))
    content: dict[str, object] = {"supported": _SUPPORTED, "partial": _PARTIAL, "supported_across": _ACROSS}
    for name, groups, keys in (("same", same, SAME), ("across", across_rows(args, embedder), ACROSS)):
        bias, weights = fit(*both(groups))
        model = {"bias": round(bias, 3), "weights": {k: round(w, 3) for k, w in zip(keys, weights, strict=True)}}
        content[name] = model
    head = "# Weights of the score of support (generation/grounding/score.py), learned by\n"
    head += "# `python -m benchmarks.answering.fit_support`.\n"
    FILE.write_text(head + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    print(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
