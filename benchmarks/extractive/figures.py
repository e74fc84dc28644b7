"""Figures of answers and refusals."""

from collections.abc import Iterable, Sequence

import numpy as np

from wenyuan.text import fold

_BINS = 10


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative, ties half (Mann-Whitney)."""
    low, high = np.sort(np.asarray(negative)), np.asarray(positive)
    wins = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return float(wins.sum()) / (2 * len(low) * len(high))


def calibration_error(probabilities: Sequence[float], truth: Sequence[bool]) -> float:
    """Return the mean gap between probability and share of truth over ten equal bins, weighted by their size (ECE)."""
    p, t = np.asarray(probabilities), np.asarray(truth, float)
    bins = np.minimum((p * _BINS).astype(int), _BINS - 1)
    groups = [(p[bins == b], t[bins == b]) for b in range(_BINS) if (bins == b).any()]
    return float(sum(len(said) * abs(said.mean() - true.mean()) for said, true in groups)) / len(p)


def precision_recall(refused: Sequence[bool], due: Sequence[bool]) -> tuple[float, float]:
    """Return precision and recall of refusals."""
    hits = sum(r and d for r, d in zip(refused, due, strict=True))
    return hits / max(1, sum(refused)), hits / max(1, sum(due))


def holds_answer(text: str, answers: Sequence[str]) -> bool:
    """Say whether ``text`` contains one of ``answers``, up to white space, width and case."""
    plain = "".join(fold(text).split())
    return any("".join(fold(a).split()) in plain for a in answers)


def token_f1(said: str, gold: str) -> float:
    """Return the F1 of the words (with repeats) of two English texts."""
    mine, theirs = said.lower().split(), gold.lower().split()
    common = sum(min(mine.count(w), theirs.count(w)) for w in set(mine))
    return 2 * common / (len(mine) + len(theirs)) if common else 0.0


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 for none."""
    found = [float(value) for value in values]
    return sum(found) / len(found) if found else 0.0
