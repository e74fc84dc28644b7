"""Time and memory of the index in process as it grows, on real passages and copies of them.

``python -m benchmarks.search.growth --corpus FOLDER --vectors FILE [--sizes 10000,100000,300000,1000000]``. FOLDER is a
data set in the BEIR layout, FILE a cache (:mod:`eval.texts.vectors`) of the built-in embedder; copies have perturbed
vectors and the words of their passages. Each size is filled in one process, opened in a second, which makes the copies
of one byte a dimension, and served by a third, whose memory is measured. Both arms are searched at once, as the
retriever does, under a scope that sees a tenth of the points in 50 of 500 policies, and under one that sees them all;
the question is embedded beforehand. Bar at a million points: p95 ≤ 100 ms for the tenth. Exit code 1 when it fails.
"""

import argparse
import asyncio
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.search.corpus import SEED, perturbed, read_vectors
from benchmarks.search.filtered import chunk_of, scope_of
from eval.datasets import read_dataset
from retrieval.index import edge
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import document_vector, query_vector, warm_up
from wenyuan.access import AccessScope
from wenyuan.machine import calibration_ms, machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import IndexPoint, SparseVector, Vectors
from wenyuan.settings import EmbeddingSettings

POLICIES: Final = 500
MEMBER: Final = 50
CANDIDATES: Final = 100
P95_MS: Final = 100.0
LARGE: Final = 1_000_000
_MODEL: Final = "growth"
_BATCH: Final = 2048


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a run: their vectors (n, dimension) and their terms."""

    vectors: Vectors
    terms: Sequence[SparseVector]


def fill(folder: Path, corpus: Path, file: Path, dimension: int, size: int) -> None:
    """Fill an index in ``folder`` with ``size`` points; runs in a process of its own."""
    # Copies share the words of their passage: these are cut once.
    edge.document_vector = cache(document_vector)  # type: ignore[attr-defined]
    texts = [f"{text.title}\n{text.text}" for text in read_dataset(corpus, "beir").texts()][:size]
    vectors = read_vectors(file, dimension)
    chance = np.random.default_rng(SEED)
    policies = chance.integers(0, POLICIES, size)

    async def run() -> None:
        index = await EdgeIndex.open(folder, _MODEL, dimension)
        try:
            for start in range(0, size, _BATCH):
                places = range(start, min(start + _BATCH, size))
                near = vectors[np.array(places) % len(vectors)]
                moved = perturbed(near, chance) if start >= len(vectors) else near
                await index.upsert(
                    [
                        IndexPoint(chunk_of(place), f"d{place}", f"v{place}", int(policies[place]), text, vector)
                        for place, vector, text in zip(
                            places, moved, (texts[place % len(texts)] for place in places), strict=True
                        )
                    ]
                )
        finally:
            await index.close()

    asyncio.run(run())


async def ask(index: EdgeIndex, scope: AccessScope, asked: Asked) -> tuple[float, float, float]:
    """Return p50, p95 and CPU of a search by both arms, in milliseconds."""
    took = []
    pairs = list(zip(asked.vectors, asked.terms, strict=True))
    for vector, terms in pairs[:5]:
        await index.search_dense(scope, vector, CANDIDATES)
        await index.search_sparse(scope, terms, CANDIDATES)
    cpu = time.process_time()
    for vector, terms in pairs:
        start = time.perf_counter()
        await asyncio.gather(
            index.search_dense(scope, vector, CANDIDATES), index.search_sparse(scope, terms, CANDIDATES)
        )
        took.append(1000 * (time.perf_counter() - start))
    cpu = 1000 * (time.process_time() - cpu) / len(took)
    took.sort()
    return took[len(took) // 2], took[int(len(took) * 0.95)], cpu


def serve(folder: Path, dimension: int, size: int, asked: Asked) -> float:
    """Open the index and search it, print the figures, return p95 of the tenth; runs in a process of its own."""

    async def run() -> float:
        before, start = _memory_mb("RssAnon"), time.perf_counter()
        index = await EdgeIndex.open(folder, _MODEL, dimension)
        opened = time.perf_counter() - start
        try:
            some = random.Random(SEED).sample(range(POLICIES), MEMBER)
            tenth = await ask(index, await scope_of(some), asked)
            everything = await ask(index, await scope_of(range(POLICIES)), asked)
        finally:
            own, mapped = _memory_mb("RssAnon") - before, _memory_mb("RssFile")
            await index.close()
        print(
            f"{size:9d} points: tenth p50 {tenth[0]:.1f}, p95 {tenth[1]:.1f}, CPU {tenth[2]:.1f} ms; "
            f"all p50 {everything[0]:.1f}, p95 {everything[1]:.1f}, CPU {everything[2]:.1f} ms; "
            f"opened in {opened:.1f} s; memory {own:.0f} MB and {mapped:.0f} MB of files",
            flush=True,
        )
        return tenth[1]

    return asyncio.run(run())


def compact(folder: Path, dimension: int) -> float:
    """Open a filled index for the first time, return the seconds; runs in a process of its own."""

    async def run() -> float:
        start = time.perf_counter()
        index = await EdgeIndex.open(folder, _MODEL, dimension)
        seconds = time.perf_counter() - start
        await index.close()
        return seconds

    return asyncio.run(run())


def _memory_mb(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


def questions(corpus: Path, models: Path, count: int) -> Asked:
    """Return questions of the data set as both arms are asked."""
    warm_up()
    texts = [question.text for question in read_dataset(corpus, "beir").questions][:count]
    embedder = open_embedder(EmbeddingSettings(), models)
    vectors = embedder.embed_queries(texts)
    embedder.close()
    return Asked(vectors, [query_vector(text) for text in texts])


def main() -> int:
    """Run the benchmark; return 0 when the bar holds or was not asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search.growth", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--sizes", default="10000,100000,300000,1000000")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--scratch", type=Path, help="where the indexes are made; a million points need 5 GB")
    chosen = parser.parse_args()
    print(machine_line(), flush=True)
    asked = questions(chosen.corpus, chosen.models_dir, chosen.questions)
    dimension = asked.vectors.shape[1]
    failed = False
    spawn = multiprocessing.get_context("spawn")
    for size in map(int, chosen.sizes.split(",")):
        with tempfile.TemporaryDirectory(dir=chosen.scratch) as folder:
            start = time.perf_counter()
            with spawn.Pool(1) as pool:
                pool.apply(fill, (Path(folder), chosen.corpus, chosen.vectors, dimension, size))
            filled = time.perf_counter() - start
            with spawn.Pool(1) as pool:
                first = pool.apply(compact, (Path(folder), dimension))
            print(f"{size:9d} points filled in {filled:.0f} s, first opened in {first:.1f} s", flush=True)
            with spawn.Pool(1) as pool:
                high = pool.apply(serve, (Path(folder), dimension, size, asked))
        failed |= size >= LARGE and high > P95_MS
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    print(f"FAILED: p95 above {P95_MS:g} ms" if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
