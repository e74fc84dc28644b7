"""What is shown of documents with parts, on random graphs, is what generator and oracle say of each word."""

import asyncio
import random

from benchmarks.access.made.papers import Paper
from benchmarks.access.made.written import Difference, Written, fresh
from tests.oracle.worlds import draw_world


async def compared(seed: int, *, wrong: bool = False) -> int:
    """Write a world and a document, compare, change something, compare with the sets of before and anew."""
    draw = random.Random(seed)
    with fresh() as tx:
        written = await Written.write(tx, draw_world(draw))
        paper = await Paper.write(written, draw)
        if wrong:
            written.world.rules[paper.parts[0]].level = 9
        count = await paper.compare() + written.compare()
        held = written.hold()
        await written.change(draw)
        return count + await paper.compare(held) + await paper.compare()


def test_words_are_shown_as_the_oracle_says_for_given_seeds() -> None:
    for seed in range(24):
        assert asyncio.run(compared(seed)) > 0


def test_a_comparison_finds_what_is_different() -> None:
    found = 0
    for seed in range(8):
        try:
            asyncio.run(compared(seed, wrong=True))
        except Difference:
            found += 1
    assert found > 2
