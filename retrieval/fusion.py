"""One order out of two arms: a weighted sum of z-scores, with weights learned for each language of questions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from wenyuan.answers import Hit
from wenyuan.errors import SettingsError
from wenyuan.ports import SparseVector
from wenyuan.settings import CONFIGS
from wenyuan.text import detect_language

WEIGHTS: Final = CONFIGS / "fusion.yaml"
LANGUAGES: Final = ("zh", "en")


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """What is learned for the fusion, by language of the question.

    ``lexical``: the share of the lexical arm, 0..1. ``enough``: the best passage's share of what the question's terms
    weigh together from which that arm counts in full, below it in proportion: a question in another language than its
    passages shares no words but names with them, and what happens to share one would be pulled up.
    """

    lexical: Mapping[str, float]
    enough: Mapping[str, float]

    def of(self, question: str, terms: SparseVector, sparse: Sequence[Hit]) -> float:
        """Return the share of the lexical arm for a question, its sparse side and what that found, best first."""
        language = detect_language(question)
        weight, enough = self.lexical[language], self.enough[language]
        said, asked = (sparse[0].score if sparse else 0.0), math.fsum(terms.values)
        return weight * min(1.0, said / (enough * asked)) if asked > 0 else weight


@cache
def learned_weights(path: Path = WEIGHTS) -> FusionWeights:
    """Return the weights that ``benchmarks.retrieval.fit`` learned; raises ``SettingsError`` for anything else."""
    content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        weights, enough = (
            {language: float(content[name][language]) for language in LANGUAGES}
            for name in ("lexical_weight", "enough")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(reason=f"{path.name}: no lexical_weight or no enough for a language") from error
    if not (
        all(0 <= weight <= 1 for weight in weights.values()) and all(0 < share < math.inf for share in enough.values())
    ):
        raise SettingsError(reason=f"{path.name}: a lexical_weight lies in 0..1, enough above 0")
    return FusionWeights(weights, enough)


def lexical_weight(question: str, terms: SparseVector, sparse: Sequence[Hit], chosen: float | None) -> float:
    """Return the weight that a setting names, or without one the learned one for this question."""
    return learned_weights().of(question, terms, sparse) if chosen is None else chosen


def fuse(dense: Sequence[Hit], sparse: Sequence[Hit], weight: float, *, sparse_exhausted: bool = False) -> list[Hit]:
    """Return every hit of either arm, best first, equals by chunk id, ranks counted anew.

    ``score = (1 - weight) * z(dense) + weight * z(sparse)``, where ``z(s) = (s - mean) / deviation`` over the hits of
    that arm (Montague and Croft, CIKM 2001: standard norm). ``weight`` is the share of the lexical arm, 0..1.

    A hit that one arm did not return lies below everything that arm did: it gets that arm's lowest score. Only if
    the sparse arm had no more to give (``sparse_exhausted``) is its score known: it shares no term, so it is 0, and
    these zeros count in mean and deviation: a code that a single passage holds stands out from all that lack it.
    An arm whose scores are all equal says nothing and adds 0. ``dense`` and ``sparse`` of a hit keep the raw scores
    and stay None where an arm did not return it.
    """
    near = {hit.chunk_id: hit.score for hit in dense}
    said = {hit.chunk_id: hit.score for hit in sparse}
    lacking = len(near.keys() - said.keys()) if sparse_exhausted else 0
    dense_z = _Standard(list(near.values()))
    sparse_z = _Standard([*said.values(), *[0.0] * lacking])
    scored = [
        ((1 - weight) * dense_z(near.get(chunk)) + weight * sparse_z(said.get(chunk)), chunk) for chunk in near | said
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    return [
        Hit(chunk, score, rank, dense=near.get(chunk), sparse=said.get(chunk))
        for rank, (score, chunk) in enumerate(scored, start=1)
    ]


class _Standard:
    """Maps raw scores of one arm to z-scores."""

    def __init__(self, scores: Sequence[float]) -> None:
        count = max(len(scores), 1)
        self._mean = math.fsum(scores) / count
        self._deviation = math.sqrt(math.fsum((score - self._mean) ** 2 for score in scores) / count)
        self._floor = min(scores, default=0.0)

    def __call__(self, score: float | None) -> float:
        if self._deviation < 1e-9:  # less than float32 scores can tell apart
            return 0.0
        return ((self._floor if score is None else score) - self._mean) / self._deviation
