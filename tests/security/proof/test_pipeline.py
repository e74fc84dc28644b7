"""The whole retriever gives nobody what the oracle does not let them read, however far the index lags behind."""

import random
from pathlib import Path

import pytest

from benchmarks.access.pipeline import Pipeline

SEEDS = (1, 2, 3)
TRIALS = 250


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_given_what_is_not_theirs(tmp_path: Path, seed: int) -> None:
    pipeline = await Pipeline.open(tmp_path, random.Random(seed))
    try:
        counts = await pipeline.run(TRIALS)
    finally:
        await pipeline.close()
    assert counts.trials == TRIALS
    assert counts.shown > TRIALS // 20, "trials that show nothing prove nothing"
