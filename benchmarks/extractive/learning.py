"""Learns weights: which unit of a pool answers, and whether any does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.scoring import SUPPORT_NAMES, UNIT_NAMES
from generation.weights import Gate, LinearModel

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Where the weights are pulled to: features that the sets do not exercise (headings, tables) keep these.
_UNIT_PRIOR: Final = {
    "covered": 4.2, "context": 2.5, "passage": 1.3, "novelty": 1.0, "typed": 1.6, "numbers": 2.1, "dense_passage": 32.0,
    "dense_unit": 32.0, "heading": -3.0, "length": 0.6, "nearness": 1.0, "topic": 2.0,
    "opening": 0.0, "rank": 1.0, "astray": -4.0, "read": 0.8, "unread": -0.5,
}  # fmt: skip
_GATE_PRIOR: Final = {
    "around": 0.7, "passage": 0.7, "lacking": -0.6, "dense_passage": 6.0, "dense_unit": 8.0, "margin": 5.0,
    "missing": -0.6, "typed": 0.1, "lead": 0.0, "only": 0.0, "astray": -1.0, "answered": 0.2, "margin_read": 0.2,
    "unread": 0.0,
}  # fmt: skip
#: Cosines move by hundredths, shares by tenths: the pull is measured in these units.
_COSINE: Final = 0.05
#: A refusal of what is there cannot be checked by whoever reads it: so much of it is answered. Across languages the
#: gate tells less, and would refuse hardly anything so.
ANSWERED: Final = {"zh": 0.97, "en": 0.97, "cross": 0.85}
_STILL: Final = 1e-9
_COSINES: Final = frozenset({"dense_passage", "dense_unit", "margin"})
#: What there is with the cosines only.
_WITH_COSINES: Final = _COSINES | {"lead", "only"}
_READ: Final = frozenset({"read", "unread", "answered", "margin_read"})


@dataclass(frozen=True, slots=True)
class Example:
    """What one question gives to learn from.

    ``units`` (units, features) with ``mask`` of those that answer, None where none does; ``support`` (features,) and
    whether the evidence ``answered``. ``weight``: how much the gate heeds it.
    """

    units: Matrix | None
    mask: Mask | None
    support: Matrix
    answered: bool
    weight: float = 1.0


def alike(sets: Sequence[Sequence[Example]]) -> list[Example]:
    """Return the examples of several sets, weighed so that the gate heeds each set as much as the largest."""
    most = max((len(part) for part in sets), default=0)
    return [replace(one, weight=one.weight * most / len(part)) for part in sets for one in part]


def usable(names: Sequence[str], *, cosines: bool, reader: bool) -> Mask:
    """Return which features there are with what is at hand."""
    return np.array([(cosines or n not in _WITH_COSINES) and (reader or n not in _READ) for n in names])


def learn_units(examples: Sequence[Example], *, cosines: bool, reader: bool, pull: float = 6.0) -> LinearModel:
    """Maximise the mean log probability of the answering units under a softmax over each pool, by gradient ascent."""
    scale, prior, kept = _scales(UNIT_NAMES, _UNIT_PRIOR, cosines=cosines, reader=reader)
    weights = prior.copy()
    groups = [(e.units * kept / scale, e.mask) for e in examples if e.units is not None and e.mask is not None]
    for step in range(300):
        gradient = np.zeros_like(weights)
        for features, mask in groups:
            s = features @ weights
            p = np.exp(s - s.max())
            p /= p.sum()
            gradient += (p[mask] / p[mask].sum()) @ features[mask] - p @ features
        rate = 1.0 if step < 150 else 0.3
        weights += rate * kept * (gradient - pull * (weights - prior)) / (len(groups) + pull)
    return LinearModel(0.0, tuple(float(w) for w in np.round(weights / scale, 3)))


def learn_gate(examples: Sequence[Example], *, cosines: bool, reader: bool, answered: float, pull: float = 2.0) -> Gate:
    """Maximise the penalised likelihood of a logistic by damped Newton steps; the bias is free.

    The threshold is the highest one that answers a share of ``answered`` of what can be answered.
    """
    scale, prior, kept = _scales(SUPPORT_NAMES, _GATE_PRIOR, cosines=cosines, reader=reader)
    x = np.array([e.support for e in examples]) * kept / scale
    y, w = np.array([float(e.answered) for e in examples]), np.array([e.weight for e in examples])
    full = np.hstack([x, np.ones((len(x), 1))])
    centre = np.append(prior, 0.0)
    strength = np.append(np.where(kept, pull, 1e6), 1e-6)
    weights = np.append(prior, -float(np.median(x @ prior)))

    def loss(at: Matrix) -> float:
        logits = full @ at
        return float(w @ (np.logaddexp(0, logits) - y * logits) + strength @ (at - centre) ** 2 / 2)

    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(full @ weights, -30, 30)))
        gradient = full.T @ (w * (y - p)) - strength * (weights - centre)
        hessian = (full.T * (w * p * (1 - p))) @ full + np.diag(strength)
        step = np.linalg.solve(hessian, gradient)
        while np.abs(step).max() > _STILL and loss(weights + step) > loss(weights):
            step /= 2
        weights += step
    p = 1 / (1 + np.exp(-np.clip(full @ weights, -30, 30)))
    choices = np.arange(0.05, 0.91, 0.05)
    told = [np.average(p >= c, weights=w * y) for c in choices]
    model = LinearModel(round(float(weights[-1]), 3), tuple(float(v) for v in np.round(weights[:-1] / scale, 3)))
    good = np.flatnonzero(np.array(told) >= answered)
    return Gate(model, round(float(choices[good[-1] if len(good) else 0]), 2))


def _scales(
    names: Sequence[str], prior: dict[str, float], *, cosines: bool, reader: bool
) -> tuple[Matrix, Matrix, Matrix]:
    kept = usable(names, cosines=cosines, reader=reader).astype(float)
    scale = np.array([_COSINE if n in _COSINES else 1.0 for n in names])
    return scale, np.array([prior[n] for n in names]) * scale * kept, kept
