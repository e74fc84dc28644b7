"""The learned weights of extraction: ``configs/extraction.yaml``, made by ``benchmarks.extractive.fit``.

There is a set of them for each of what may be at hand: the cosines of the embedder they were learned with, and the
reader. With another embedder its cosines say nothing to these weights, so a set that does not use them is taken.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from wenyuan.errors import SettingsError
from wenyuan.settings import CONFIGS

WEIGHTS: Final = CONFIGS / "extraction.yaml"
#: A question over passages in its own language (of Chinese, of English), or over those in the other.
CASES: Final = ("zh", "en", "cross")


@dataclass(frozen=True, slots=True)
class LinearModel:
    """``bias + weights · features``; ``probability`` is its logistic."""

    bias: float
    weights: tuple[float, ...]

    def score(self, values: Sequence[float]) -> float:
        """Return the linear score."""
        return self.bias + sum(w * v for w, v in zip(self.weights, values, strict=True))

    def probability(self, values: Sequence[float]) -> float:
        """Return the logistic of the score, 0..1."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.score(values)))))


@dataclass(frozen=True, slots=True)
class Gate:
    """The probability that the evidence answers, and the least one that is answered."""

    model: LinearModel
    threshold: float


@dataclass(frozen=True, slots=True)
class Learned:
    """Models by case: ``units`` order the units of the evidence, ``gates`` say whether there is an answer."""

    units: Mapping[str, LinearModel]
    gates: Mapping[str, Gate]


def learned(unit_names: Sequence[str], gate_names: Sequence[str], *, cosines: bool, reader: bool) -> Learned:
    """Return the models for what is at hand, with weights in the order of the names of the features."""
    content = _content(WEIGHTS)
    kind = KINDS[cosines, reader]
    try:
        return Learned(
            {case: _model(content[kind]["units"][case], unit_names) for case in CASES},
            {
                case: Gate(_model(content[kind]["gates"][case], gate_names), float(content[kind]["thresholds"][case]))
                for case in CASES
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(reason=f"{WEIGHTS.name}: {kind}: {error}") from error


def learned_with() -> str:
    """Return the fingerprint of the embedder whose cosines the weights know."""
    return str(_content(WEIGHTS)["embedder"])


KINDS: Final = {
    (True, True): "cosines_and_reader",
    (True, False): "cosines",
    (False, True): "reader",
    (False, False): "words",
}


@cache
def _content(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise SettingsError(reason=f"{path.name}: not a mapping")
    return content


def _model(content: Mapping[str, float], names: Sequence[str]) -> LinearModel:
    values = [float(content["bias"]), *(float(content[name]) for name in names)]
    if not all(map(math.isfinite, values)):
        raise ValueError("weights are finite numbers")
    return LinearModel(values[0], tuple(values[1:]))
