"""Learns the order of the offline reranker and its probabilities.

The weights maximise the probability of the relevant passages under a softmax over each pool (ListNet's top-one
probability, Cao et al., ICML 2007), with a quadratic pull to the order of the first stage alone; each set counts by its
weight. A logistic over the resulting score (Platt, 1999) then turns it into a probability of relevance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retrieval.rerank.features import NAMES, Found, features
from wenyuan.answers import Evidence

Matrix = NDArray[np.float64]

#: Cosines move by hundredths and shares by tenths: the pull is measured in these units.
SCALE: Final = np.array([{"dense_margin": 0.05, "fused": 1.0, "numbers": 1.0}.get(name, 0.3) for name in NAMES])
PULL: Final = 0.01
STEPS: Final = 600


@dataclass(frozen=True, slots=True)
class Group:
    """The features of a pool, (passages, features), which of them are relevant, and what the pool counts."""

    rows: Matrix
    relevant: NDArray[np.bool_]
    weight: float


def group(question: str, pool: Sequence[Evidence], relevant: Sequence[bool], weight: float) -> Group:
    """Return what a pool teaches."""
    found = [Found(item.text, item.context, item.dense, item.score, item.document_id, item.pages) for item in pool]
    return Group(np.array(features(question, found)), np.array(relevant), weight)


def fit_order(groups: Sequence[Group]) -> Matrix:
    """Return the weights of the features by projected gradient ascent; every group has a relevant passage."""
    depth = max(len(one.rows) for one in groups)
    scaled, there = np.zeros((len(groups), depth, len(SCALE))), np.zeros((len(groups), depth), bool)
    wanted = np.zeros_like(there)
    for place, one in enumerate(groups):
        count = len(one.rows)
        scaled[place, :count], there[place, :count], wanted[place, :count] = one.rows / SCALE, True, one.relevant
    counts = np.array([one.weight for one in groups])
    counts /= counts.sum()
    alone = np.array([float(name == "fused") for name in NAMES])
    weights = alone.copy()
    for _ in range(STEPS):
        score = scaled @ weights
        score -= score.max(axis=1, keepdims=True)
        shares = np.exp(score) * there
        shares /= shares.sum(axis=1, keepdims=True)
        best = shares * wanted
        best /= best.sum(axis=1, keepdims=True)
        gradient = np.einsum("g,gp,gpf->f", counts, best - shares, scaled) - PULL * (weights - alone)
        weights = np.maximum(0.0, weights + gradient)  # more of a feature never counts against a passage
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


def fit(groups: Sequence[Group]) -> tuple[float, dict[str, float]]:
    """Return bias and weights by name; pools without a relevant passage teach the bias alone."""
    weights = fit_order([one for one in groups if one.relevant.any()])
    scores = np.concatenate([one.rows @ weights for one in groups])
    relevant = np.concatenate([one.relevant for one in groups])
    counts = np.concatenate([np.full(len(one.rows), one.weight) for one in groups])
    bias, slope = fit_logistic(scores, relevant, counts)
    learned = dict(zip(NAMES, (round(float(value), 3) + 0.0 for value in slope * weights), strict=True))
    return round(bias, 3), learned
