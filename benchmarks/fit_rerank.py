"""Learn the weights of the offline reranker and write them with their provenance.

``python -m benchmarks.fit_rerank --train SET [SET …] [--without SET …] [--out configs/rerank.yaml]``

A SET is named as in ``benchmarks.rerank_pools``. ``--without`` names sets to be measured later: a question is left out
if it, or a paragraph that answers it, stands there. The weights maximise the probability of the relevant passages under
a softmax over each pool (ListNet's top-one probability, Cao et al., ICML 2007), with a quadratic pull to zero; each set
counts alike. A logistic over the resulting score (Platt, 1999) then turns it into a probability of relevance.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray

from benchmarks.rerank_pools import Pool, pools, read_set, sample, without
from eval.texts.vectors import VectorCache
from retrieval.rerank.features import NAMES, Found, features
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import EmbeddingSettings, RetrievalSettings

Matrix = NDArray[np.float64]
Group = tuple[Matrix, NDArray[np.bool_]]

#: Cosines move by hundredths and shares by tenths: the pull is measured in these units.
SCALE: Final = np.array([0.05, 1.0, 1.0, 0.3, 0.3, 1.0])
#: What each feature may do: more of it never counts against a passage (1), or never for it (-1).
SIGN: Final = np.array([1.0, -1.0, -1.0, 1.0, 1.0, 1.0])
PULL: Final = 0.0001
STEPS: Final = 3000


def group(pool: Pool, depth: int) -> Group:
    """Return the features of the first ``depth`` passages, (depth, 6), and which of them are relevant."""
    head = pool.evidence[:depth]
    found = [Found(item.text, item.context, item.dense, item.sparse) for item in head]
    relevant = [item.chunk_id in pool.question.relevant for item in head]
    return np.array(features(pool.question.text, found)), np.array(relevant)


def fit_order(sets: Sequence[Sequence[Group]]) -> Matrix:
    """Return the weights (6) that give the relevant passages most of the softmax, by projected gradient ascent."""
    groups = [(rows, relevant, 1 / len(found) / len(sets)) for found in sets for rows, relevant in found]
    depth = max(len(rows) for rows, _, _ in groups)
    scaled, there = np.zeros((len(groups), depth, len(SCALE))), np.zeros((len(groups), depth), bool)
    wanted = np.zeros_like(there)
    for place, (rows, relevant, _) in enumerate(groups):
        scaled[place, : len(rows)], there[place, : len(rows)] = rows / SCALE, True
        wanted[place, : len(rows)] = relevant
    counts = np.array([count for _, _, count in groups])
    weights = np.zeros(len(SCALE))
    for _ in range(STEPS):
        score = scaled @ weights
        shares = np.exp(score - score.max(axis=1, keepdims=True)) * there
        shares /= shares.sum(axis=1, keepdims=True)
        best = shares * wanted
        best /= best.sum(axis=1, keepdims=True)
        gradient = np.einsum("g,gp,gpf->f", counts, best - shares, scaled) - PULL * weights
        weights = SIGN * np.maximum(0.0, SIGN * (weights + gradient))
    return np.asarray(weights / SCALE)


def fit_logistic(scores: Matrix, relevant: NDArray[np.bool_], counts: Matrix) -> tuple[float, float]:
    """Return (bias, slope) of the likeliest logistic over ``scores``, each row counted ``counts`` times, by Newton."""
    rows, parameters = np.stack([np.ones_like(scores), scores], axis=1), np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-rows @ parameters))
        gradient = rows.T @ (counts * (relevant - chance))
        hessian = (rows.T * (counts * chance * (1 - chance))) @ rows + 1e-9 * np.eye(2)
        parameters += np.linalg.solve(hessian, gradient)
    return float(parameters[0]), float(parameters[1])


def fit(sets: Sequence[Sequence[Group]]) -> tuple[float, dict[str, float]]:
    """Return bias and weights by name; pools without a relevant passage teach the bias alone."""
    weights = fit_order([[(rows, relevant) for rows, relevant in groups if relevant.any()] for groups in sets])
    scores = np.concatenate([rows @ weights for groups in sets for rows, _ in groups])
    relevant = np.concatenate([relevant for groups in sets for _, relevant in groups])
    counts = np.concatenate([np.full(len(rows), 1 / len(groups)) for groups in sets for rows, _ in groups])
    bias, slope = fit_logistic(scores, relevant, counts)
    learned = dict(zip(NAMES, (round(float(value), 3) + 0.0 for value in slope * weights), strict=True))
    return round(bias, 3), learned


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", nargs="+", required=True)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--passages", type=int, default=900)
    parser.add_argument("--vectors", type=Path, default=Path("var/bench"))
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--out", type=Path, default=Path("configs/rerank.yaml"))
    args = parser.parse_args()
    kept_out = [read_set(spec) for spec in args.without]
    settings = RetrievalSettings()
    embedder = open_embedder(EmbeddingSettings(), args.models_dir)
    sets, provenance = [], []
    with VectorCache(args.vectors, embedder) as cache:
        for spec in args.train:
            corpus = sample(without(read_set(spec), kept_out), args.questions, args.passages)
            found = pools(corpus, embedder, cache, settings)
            sets.append([group(pool, settings.rerank_pool) for pool in found])
            provenance.append(
                {"set": corpus.name, "questions": len(corpus.questions), "passages": len(corpus.passages)}
            )
    embedder.close()
    bias, weights = fit(sets)
    header = (
        "# Weights of the offline reranker over the features of retrieval/rerank/features.py, learned by\n"
        "# `python -m benchmarks.fit_rerank`. Provenance: what they were learned from.\n"
    )
    content = {
        "bias": bias,
        "weights": weights,
        "provenance": {
            "learned_from": provenance,
            "left_out": [spec.partition("=")[0] for spec in args.without],
            "embedder": embedder.name,
            "pool": settings.rerank_pool,
            "lexical_weight": settings.lexical_weight,
        },
    }
    text = header + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    args.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
