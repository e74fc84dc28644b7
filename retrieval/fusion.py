"""One order out of two arms: a weighted sum of z-scores."""

import math
from collections.abc import Sequence
from dataclasses import replace

from wenyuan.answers import Hit


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
    merged: dict[str, Hit] = {hit.chunk_id: replace(hit, dense=hit.score, sparse=None) for hit in dense}
    lacking = len(merged.keys() - {hit.chunk_id for hit in sparse}) if sparse_exhausted else 0
    dense_z = _Standard([hit.score for hit in dense])
    sparse_z = _Standard([hit.score for hit in sparse] + [0.0] * lacking)
    for hit in sparse:
        known = merged.get(hit.chunk_id)
        merged[hit.chunk_id] = replace(hit, dense=known.dense if known else None, sparse=hit.score)
    scored = [
        replace(hit, score=(1 - weight) * dense_z(hit.dense) + weight * sparse_z(hit.sparse)) for hit in merged.values()
    ]
    scored.sort(key=lambda hit: (-hit.score, hit.chunk_id))
    return [replace(hit, rank=rank) for rank, hit in enumerate(scored, start=1)]


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
