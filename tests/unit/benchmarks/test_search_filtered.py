"""Recall of the dense arm under filters, on a small index whose vectors have copies."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.search.filtered import LAYOUTS, POLICIES, RECALL, SEEN, measure
from retrieval.index import edge
from wenyuan.ports import Vectors
from wenyuan.settings import IndexSettings

_DIMENSION = 32


def _clustered(count: int, seed: int) -> Vectors:
    """Return unit vectors around a few centres, as passages lie around their subjects."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((12, _DIMENSION), np.float32)
    vectors = centres[chance.integers(12, size=count)] + 0.6 * chance.standard_normal((count, _DIMENSION), np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_policies_are_of_equal_size_and_meaning_keeps_neighbours_together(layout: str) -> None:
    vectors = _clustered(2 * POLICIES, 1)
    policies = LAYOUTS[layout](vectors, np.random.default_rng(3))
    assert set(np.bincount(policies, minlength=POLICIES)) == {2}
    first, second = (vectors[np.argsort(policies, kind="stable")[place::2]] for place in (0, 1))
    together = float(np.mean(np.sum(first * second, axis=1)))
    assert together > 0.5 if layout == "by meaning" else together < 0.3


@pytest.mark.parametrize("layout", list(LAYOUTS))
async def test_recall_holds_at_every_visibility(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    monkeypatch.setattr(edge, "EXACT_POINTS", 100)
    rows = await measure(_clustered(4000, 1), _clustered(20, 2), "small", tmp_path, layout, IndexSettings())
    assert [row.policies for row in rows] == list(SEEN)
    assert [row.points for row in rows] == [2 * seen for seen in SEEN]
    assert min(row.recall for row in rows) >= RECALL
