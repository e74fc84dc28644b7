"""Trials of the permission rules at three levels; the oracle says what each reader may be shown.

``python -m benchmarks.proof.trials [--long] [--engine N] [--pipeline N] [--http N] [--seed N] [--processes 2]``.
Engine: a search in the index under the filter of a reader's scope, over random policies, beside what SQL decides of the
same. Pipeline: the retriever with index and database over a corpus that changes (``pipeline``). HTTP: the application
with a model that repeats what it is given; answers, headers, prompts are searched for canaries. Short by default, the
numbers of the promise with ``--long``. Exit code 1 at the first leak, whose seed is printed.
"""

import argparse
import asyncio
import multiprocessing
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.access.made.written import Written, fresh
from benchmarks.proof.pipeline import Leak, Pipeline
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from tests.oracle.worlds import MOMENTS, draw_world
from wenyuan.access import AccessScope, Principal, Visibility, resolve_scope
from wenyuan.errors import Unauthenticated
from wenyuan.machine import machine_line
from wenyuan.ports import IndexPoint, VectorIndex, Vectors

SHORT: Final = {"engine": 20_000, "pipeline": 1_500, "http": 300}
LONG: Final = {"engine": 1_000_000, "pipeline": 100_000, "http": 10_000}
#: Trials of one portion, which has a seed of its own.
PORTION: Final = {"engine": 10_000, "pipeline": 1_000, "http": 1_000}
_DIMENSION: Final = 16
_POLICIES: Final = 45
_POINTS: Final = 180
_ASKED: Final = 40
_WORDS: Final = ("薪酬", "董事会", "采购", "安全", "合同", "审计", "差旅", "保密")


@dataclass
class Tally:
    """Trials, those in which something was shown, and wrong ones."""

    trials: int = 0
    shown: int = 0
    leaks: int = 0


class _Seen:
    def __init__(self, seen: Visibility) -> None:
        self._seen = seen

    async def visibility(self, user_id: str) -> Visibility:
        """Return what the database said."""
        return self._seen


async def _filled(folder: Path, chance: random.Random) -> tuple[EdgeIndex, dict[str, int], Vectors]:
    """Return an index, the policy of each of its points by id, and the vectors (n, dimension)."""
    index = await EdgeIndex.open(folder, "trials", _DIMENSION)
    vectors = np.random.default_rng(chance.getrandbits(32)).standard_normal((_POINTS, _DIMENSION), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    points = [
        IndexPoint(
            str(uuid.UUID(int=chance.getrandbits(128), version=5)),
            f"doc_{number}",
            f"ver_{number}",
            number % _POLICIES + 1,
            f"{chance.choice(_WORDS)} {chance.choice(_WORDS)}",
            vector,
        )
        for number, vector in enumerate(vectors)
    ]
    await index.upsert(points)
    return index, {point.chunk_id: point.policy_id for point in points}, vectors


async def engine(trials: int, seed: int) -> Tally:
    """Search under the scopes of random people; the filter and SQL must both say what the oracle says."""
    chance, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory() as folder:
        index, policies, vectors = await _filled(Path(folder), chance)
        while tally.trials < trials:
            with fresh() as tx:
                written = await Written.write(tx, draw_world(chance))
                for name in written.world.people:
                    for moment in MOMENTS:
                        await _asked(index, policies, vectors, written, name, moment, chance, tally)
        await index.close()
    return tally


async def _asked(
    index: VectorIndex,
    policies: dict[str, int],
    vectors: Vectors,
    written: Written,
    name: str,
    moment: float,
    chance: random.Random,
    tally: Tally,
) -> None:
    told, seen = written.told(name, moment), written.seen(name, moment)
    read = written.read(name, seen, moment)
    if set(seen.policy_ids) != told or read != told:
        raise Leak(f"{name} at {moment}: decided {seen.policy_ids} and {read}, oracle {told}")
    try:
        scope = await resolve_scope(_Seen(seen), Principal(name, name))
    except Unauthenticated:
        tally.trials += 1
        return
    count = sum(policy in told for policy in policies.values())
    for _ in range(_ASKED):
        found = await _searched(index, scope, vectors, chance)
        tally.trials += 1
        tally.shown += bool(found)
        if not {policies[one] for one in found} <= told:
            raise Leak(f"{name} at {moment}: {sorted(policies[one] for one in found)}, oracle {told}")
        if len(found) > count:
            raise Leak(f"{name} at {moment}: {len(found)} of {count}")


async def _searched(index: VectorIndex, scope: AccessScope, vectors: Vectors, chance: random.Random) -> list[str]:
    limit = chance.choice((5, 20, _POINTS))
    if chance.random() < 0.5:
        hits = await index.search_dense(scope, vectors[chance.randrange(_POINTS)], limit)
    else:
        words = f"{chance.choice(_WORDS)} {chance.choice(_WORDS)}"
        hits = await index.search_sparse(scope, query_vector(words), limit)
    return [hit.chunk_id for hit in hits]


async def pipeline(trials: int, seed: int) -> Tally:
    """Ask the whole retriever, over a world of its own."""
    with tempfile.TemporaryDirectory() as folder:
        opened = await Pipeline.open(Path(folder), random.Random(seed))
        try:
            counts = await opened.run(trials)
        finally:
            await opened.close()
    return Tally(counts.trials, counts.shown)


async def http(trials: int, seed: int) -> Tally:
    """Ask the application."""
    from tests.security.test_canaries import run_trials  # the site comes with the tests

    with tempfile.TemporaryDirectory() as folder:
        return Tally(trials, await run_trials(Path(folder), trials, seed))


LEVELS: Final = {"engine": engine, "pipeline": pipeline, "http": http}


def _portion(level: str, given: tuple[int, int]) -> Tally:
    trials, seed = given
    run: Callable[..., object] = LEVELS[level]
    try:
        return asyncio.run(run(trials, seed))  # type: ignore[arg-type]
    except AssertionError as error:
        print(f"{level}, seed {seed}: {error}", flush=True)
        return Tally(trials, 0, 1)


def prove(level: str, trials: int, seed: int, processes: int) -> Tally:
    """Run trials of a level in portions, tell them, and return what they came to."""
    started, total = time.perf_counter(), Tally()
    size = PORTION[level]
    portions = [(min(size, trials - start), seed + start // size) for start in range(0, trials, size)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for number, one in enumerate(pool.imap_unordered(partial(_portion, level), portions), start=1):
            total = Tally(total.trials + one.trials, total.shown + one.shown, total.leaks + one.leaks)
            if total.leaks:
                break
            if number % 20 == 0:
                print(f"  {level}: {total.trials:,} so far", flush=True)
    bound = 3 / total.trials if total.trials and not total.leaks else 1.0
    print(
        f"{level:9} n {total.trials:>9,}  leaks {total.leaks}  95 % upper bound {bound:.2e}  "
        f"shown something {total.shown:,}  in {time.perf_counter() - started:.0f} s",
        flush=True,
    )
    return total


def main() -> int:
    """Run the trials; return 0 when nothing leaked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    for level in LEVELS:
        parser.add_argument(f"--{level}", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    print(machine_line(), flush=True)
    wanted = {level: getattr(given, level) for level in LEVELS}
    if all(number is None for number in wanted.values()):
        wanted = dict(LONG if given.long else SHORT)
    tallies = [prove(level, number, given.seed, given.processes) for level, number in wanted.items() if number]
    silent = any(tally.shown == 0 for tally in tallies)
    return 1 if silent or any(tally.leaks for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
