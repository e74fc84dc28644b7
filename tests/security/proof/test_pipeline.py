"""The whole retriever gives nobody what the oracle does not let them read, however far the index lags behind."""

import random
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from benchmarks.proof.pipeline import Pipeline
from tests.oracle.worlds import MOMENTS
from wenyuan.access import Principal, resolve_scope
from wenyuan.answers import Hit
from wenyuan.db import tables as t
from wenyuan.errors import Unauthenticated

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


async def test_a_document_is_not_read_once_it_is_marked_deleted(tmp_path: Path) -> None:
    """Even if nothing else of it was taken away: the mark alone decides."""
    pipeline = await Pipeline.open(tmp_path, random.Random(4))
    try:
        with time_machine.travel(MOMENTS[0], tick=False):
            assert await _loaded(pipeline) > 0
            async with pipeline.database.write() as tx:
                await tx.execute(sa.update(t.documents).values(deleted=True))
            assert await _loaded(pipeline) == 0
    finally:
        await pipeline.close()


async def _loaded(pipeline: Pipeline) -> int:
    """Return how many passages everybody together is given who names every chunk."""
    hits = [Hit(one, 1.0, 0) for chunks in pipeline.corpus.chunks.values() for one in chunks]
    count = 0
    for name in pipeline.written.world.people:
        user = pipeline.written.ids["user", name]
        try:
            scope = await resolve_scope(pipeline.directory, Principal(user, name))
        except Unauthenticated:
            continue
        count += len(await pipeline.store.load(scope, hits))
    return count
