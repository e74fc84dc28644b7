"""The chance that passages say what a statement says, from words and meaning; weights in ``configs/support.yaml``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from generation.grounding.reading import Kind, Reading
from generation.grounding.source import Cover, Passages, Read, nearest_units
from wenyuan.errors import SettingsError
from wenyuan.settings import CONFIGS
from wenyuan.text import detect_language

FILE: Final = CONFIGS / "support.yaml"
#: What the score is made of, in order.
SAME: Final = ("covered", "missing", "order", "latin", "meaning")
ACROSS: Final = ("meaning", "latin", "shared")
#: Without cosines most of the words have to be there: no unrelated text comes nearer than this.
_NO_MEANING: Final = {"zh": 0.86, "en": 0.81}
#: Of statements and the most similar wrong passage 96 in 100 have no sentence that is nearer than this.
_NEAR_MEANING: Final = {"zh": 0.905, "en": 0.85}
_ASKED: Final = 6
#: Texts that share most of their words have cosines of more than this.
_LEAST_MEANING: Final = 0.85


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model over named features."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, values: Sequence[float]) -> float:
        """Return the probability for one row of features."""
        return 1 / (
            1
            + math.exp(
                -max(-60.0, min(60.0, self.bias + sum(w * v for w, v in zip(self.weights, values, strict=True))))
            )
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """The learned models, within a language and across, and the least scores of the verdicts.

    ``told`` is that of a statement supported over passages of the other language.
    """

    same: Logistic
    across: Logistic
    supported: float
    partial: float
    told: float


@cache
def weights(path: Path = FILE) -> Weights:
    """Return the learned weights; raises ``SettingsError`` for a file that holds none."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        models = [
            Logistic(float(content[name]["bias"]), tuple(float(content[name]["weights"][key]) for key in keys))
            for name, keys in (("same", SAME), ("across", ACROSS))
        ]
        limits = (float(content[key]) for key in ("supported", "partial", "supported_across"))
        return Weights(models[0], models[1], *limits)
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(reason=f"{path.name}: no weights of support") from error


def chance(learned: Weights, said: Reading, statement: str, covered: Cover, passages: Passages, ease: float) -> float:
    """Return the chance that the units say the statement, its limits times ``ease``.

    The embedder is asked only where its cosine can change the verdict: a score from words alone is one that no cosine
    would lift over, or push under, the limit.
    """
    words = _of_words(said, covered)
    low, high = sorted(learned.same.probability((*words, meaning)) for meaning in (_LEAST_MEANING, 1.0))
    if low >= ease * learned.supported:
        return low
    if high < ease * learned.partial:
        return high
    return learned.same.probability((*words, _meaning(statement, covered, passages)))


def means_near(statement: str, said: Reading, units: Sequence[Read], passages: Passages) -> bool:
    """Say whether a unit is as near in meaning as hardly any of another passage is, however few words it shares.

    False without an embedder. Only the units that share most words are asked about.
    """
    near = nearest_units(said, units, _ASKED)
    cosines = passages.cosines(statement, [unit.unit.text for unit in near])
    return cosines is not None and max(cosines, default=0.0) >= _NEAR_MEANING[said.language]


def features(said: Reading, statement: str, covered: Cover, passages: Passages) -> tuple[float, ...]:
    """Return what ``SAME`` names: the share of words covered, the heaviest words that are not, order, writing, cosine.

    Cosines of texts in Latin letters are lower.
    """
    return (*_of_words(said, covered), _meaning(statement, covered, passages))


def _of_words(said: Reading, covered: Cover) -> tuple[float, float, float, float]:
    words = [t for t in said.tokens if t.kind is not Kind.QUANTITY]
    missing = sorted((t.weight * (1 - c) for t, c in zip(words, covered.carried, strict=True)), reverse=True)[:3]
    return (covered.share, sum(missing), _order(said, covered), float(said.language == "en"))


def _order(said: Reading, covered: Cover) -> float:
    """Return the share of neighbouring words that are neighbours, in either order, in the units as well."""
    keys = [t.key for t in said.tokens]
    pairs = {frozenset(p) for p in pairwise(keys)}
    near = {
        frozenset((a, b))
        for unit in covered.chosen
        for tokens in ([t.key for t in unit.text.tokens],)
        for i, a in enumerate(tokens)
        for b in tokens[i + 1 : i + 3]
    }
    return len(pairs & near) / len(pairs) if pairs else 1.0


def _meaning(statement: str, covered: Cover, passages: Passages) -> float:
    cosines = passages.cosines(statement, [" ".join(u.unit.text for u in covered.chosen)])
    return cosines[0] if cosines else _NO_MEANING[detect_language(statement)]
