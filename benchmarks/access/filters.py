"""What the filter of a reader with thousands of groups costs a search in the index.

``python -m benchmarks.access.filters [--chunks 100000] [--searches 200] [--seed 1]``. Chunks get one of 20,000
policies; a reader in 5,000 groups reads under 14,272 of them. Both arms, vectors and words, are searched under that
reader's scope, and, in a second index of the same chunks, under the scope of a reader who may read exactly the same
chunks by a single policy: the difference is what the many policies cost. Bar: 15 ms at p95 for each arm. Both must find
the same, and nothing that is not theirs. Exit code 1 when one of these fails.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.access.__main__ import quantile
from benchmarks.search.filtered import scope_of
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from wenyuan.access import AccessScope
from wenyuan.answers import Hit
from wenyuan.machine import calibration_ms, machine_line
from wenyuan.ports import IndexPoint, Vectors

BAR_MS: Final = 15.0
POLICIES: Final = 20_000
READ: Final = 14_272
DEPTH: Final = 50
_DIMENSION: Final = 384
_BATCH: Final = 2_000
_WORDS: Final = 4_000
_SYLLABLES: Final = tuple("审批合同采购安全薪酬差旅保密项目验收口令设备维护质量检验仓储物流客户服务研发测试")
OPEN, CLOSED = 1, 2


@dataclass(frozen=True, slots=True)
class Corpus:
    """Chunks: an id, a text, a vector (n, dimension) and a policy each."""

    ids: list[str]
    texts: list[str]
    vectors: Vectors
    policies: list[int]


def drawn(chunks: int, seed: int) -> tuple[Corpus, frozenset[int], list[str]]:
    """Return chunks, the policies that are read, and the words that texts are made of, common ones first."""
    draw, chance = random.Random(seed), np.random.default_rng(seed)
    words = ["".join(draw.choices(_SYLLABLES, k=2)) + str(number) for number in range(_WORDS)]
    weights = [1 / (1 + number) for number in range(_WORDS)]
    vectors = chance.standard_normal((chunks, _DIMENSION), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    corpus = Corpus(
        [str(uuid.UUID(int=draw.getrandbits(128), version=5)) for _ in range(chunks)],
        [" ".join(draw.choices(words, weights, k=12)) for _ in range(chunks)],
        vectors,
        [draw.randint(1, POLICIES) for _ in range(chunks)],
    )
    return corpus, frozenset(draw.sample(range(1, POLICIES + 1), READ)), words


async def filled(folder: Path, corpus: Corpus, policies: Sequence[int]) -> EdgeIndex:
    """Return an index of the chunks under these policies, opened again as after a restart."""
    index = await EdgeIndex.open(folder, "filters", _DIMENSION)
    for start in range(0, len(corpus.ids), _BATCH):
        some = range(start, min(start + _BATCH, len(corpus.ids)))
        await index.upsert(
            [
                IndexPoint(corpus.ids[n], f"doc_{n}", f"ver_{n}", policies[n], corpus.texts[n], corpus.vectors[n])
                for n in some
            ]
        )
    await index.close()
    return await EdgeIndex.open(folder, "filters", _DIMENSION)


async def timed(search: Callable[[], Awaitable[list[Hit]]], took: list[float]) -> list[Hit]:
    """Search once and keep what it took in milliseconds."""
    started = time.perf_counter()
    hits = await search()
    took.append((time.perf_counter() - started) * 1000)
    return hits


async def run(chunks: int, searches: int, seed: int, folder: Path) -> bool:
    """Measure and print; returns whether everything holds."""
    corpus, read, words = drawn(chunks, seed)
    few = [OPEN if policy in read else CLOSED for policy in corpus.policies]
    many_index = await filled(folder / "many", corpus, corpus.policies)
    few_index = await filled(folder / "few", corpus, few)
    many, single = await scope_of(sorted(read)), await scope_of([OPEN])
    theirs = {one for one, policy in zip(corpus.ids, corpus.policies, strict=True) if policy in read}
    draw, good = random.Random(seed), True

    def dense(index: EdgeIndex, scope: AccessScope, place: int) -> Callable[[], Awaitable[list[Hit]]]:
        return lambda: index.search_dense(scope, corpus.vectors[place], DEPTH)

    def sparse(index: EdgeIndex, scope: AccessScope, place: int) -> Callable[[], Awaitable[list[Hit]]]:
        asked = query_vector(" ".join([words[place % 40], words[40 + place % (_WORDS - 40)]]))
        return lambda: index.search_sparse(scope, asked, DEPTH)

    for name, search in (("vectors", dense), ("words", sparse)):
        places = [draw.randrange(chunks) for _ in range(searches)]
        took: dict[str, list[float]] = {"many": [], "one": []}
        for place in (places[0], *places):
            hits = await timed(search(many_index, many, place), took["many"])
            same = await timed(search(few_index, single, place), took["one"])
            found = [hit.chunk_id for hit in hits]
            good &= set(found) <= theirs and len(found) == len(same)
        costs = quantile(took["many"][1:], 0.95) - quantile(took["one"][1:], 0.95)
        halves = quantile(took["many"][1:], 0.5) - quantile(took["one"][1:], 0.5)
        good &= costs <= BAR_MS
        print(
            f"{name:8} {len(read)} policies p50 {quantile(took['many'][1:], 0.5):6.2f} "
            f"p95 {quantile(took['many'][1:], 0.95):6.2f} ms, one policy p50 {quantile(took['one'][1:], 0.5):6.2f} "
            f"p95 {quantile(took['one'][1:], 0.95):6.2f} ms: the filter costs {halves:6.2f} ms at p50, {costs:6.2f} ms "
            f"at p95, bar {BAR_MS:.0f} ms",
            flush=True,
        )
    for index in (many_index, few_index):
        await index.close()
    print("the same number found, and nothing of others" if good else "FAILS")
    return good


def main() -> int:
    """Run; return 0 when the bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(machine_line(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("many", "few"):
            (Path(folder) / name).mkdir()
        good = asyncio.run(run(given.chunks, given.searches, given.seed, Path(folder)))
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
