"""Random graphs of people and policies: what the database decides is what the oracle says, for all of them.

``python -m benchmarks.access.graphs [--graphs 100000] [--seed 1] [--processes 2]``. Each graph is written by the
product's own functions, then compared for everybody in it at three moments a second apart: what the directory says,
what a read says that trusts the directory's set, and what a read says that finds the set overtaken. Then something is
changed and the reads are compared again with the sets of before. With every tenth graph stands a document with rules
for its parts, whose blocks and passages are compared word by word (``papers``). Exit code 1 at the first difference,
whose seed is printed.
"""

import argparse
import asyncio
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from functools import partial

from benchmarks.access.made.papers import Paper
from benchmarks.access.made.written import Difference, Written, fresh
from tests.oracle.worlds import draw_world

BATCH = 25
PAPERS = 10


def check(seeds: range) -> int:
    """Compare the graphs of those seeds; returns how many decisions were compared."""
    return asyncio.run(_check(seeds))


async def _check(seeds: range) -> int:
    count = 0
    for start in range(seeds.start, seeds.stop, BATCH):
        with fresh() as tx:
            for seed in range(start, min(start + BATCH, seeds.stop)):
                draw = random.Random(seed)
                written = await Written.write(tx, draw_world(draw, f"-{seed}"))
                try:
                    paper = await Paper.write(written, draw) if seed % PAPERS == 0 else None
                    count += written.compare() + (0 if paper is None else await paper.compare())
                    held = written.hold()
                    await written.change(draw)
                    count += written.compare_held(held) + written.compare()
                    count += 0 if paper is None else await paper.compare(held) + await paper.compare()
                except Difference as difference:
                    raise SystemExit(f"seed {seed}: {difference}") from difference
    return count


def _shares(first: int, graphs: int) -> Iterator[range]:
    for start in range(first, first + graphs, 1000):
        yield range(start, min(start + 1000, first + graphs))


def main(graphs: int, seed: int, processes: int) -> None:
    """Compare and print."""
    started, done, decisions = time.perf_counter(), 0, 0
    shares = list(_shares(seed * 10_000_000, graphs))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for share, compared in zip(shares, pool.imap(partial(check), shares), strict=True):
            done, decisions = done + len(share), decisions + compared
            print(f"{done} graphs, {decisions} decisions, all equal, {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    main(given.graphs, given.seed, given.processes)
    sys.exit(0)
