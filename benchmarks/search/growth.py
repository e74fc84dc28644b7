"""Time, memory and disk of the index in process as it grows, on real passages and copies of them.

``python -m benchmarks.search.growth --corpus FOLDER --vectors FILE [--sizes 10000,100000,300000,1000000]``. FOLDER is a
data set in the BEIR layout, FILE a cache (:mod:`eval.texts.vectors`) of the built-in embedder; copies have perturbed
vectors and the words of their passages. Documents have 20 points and one of 500 policies at random. One index grows:
each size is written in one process, opened in a second, where the engine puts in order what was written, and served by
a third, whose memory is measured. Both arms are searched at once, as the retriever does, under scopes that see a tenth
of the policies (50), half of them and all; the question is embedded beforehand. Then one document is written, found,
and removed again.
Bar at a million points: p95 ≤ 100 ms for 50 policies. Exit code 1 when it fails.
"""

import argparse
import asyncio
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
#: Policies that the scopes see; the bar is for the first.
SCOPES: Final = (50, 250, 500)
_DOCUMENT: Final = 20
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


#: Copies share the words of their passage: these are cut once.
_words = cache(document_vector)


def fill(folder: Path, corpus: Path, file: Path, dimension: int, grown: tuple[int, int]) -> None:
    """Add points to the index in ``folder``, from a number to a number; runs in a process of its own."""
    edge.document_vector = _words  # type: ignore[attr-defined]
    had, size = grown
    texts = [f"{text.title}\n{text.text}" for text in read_dataset(corpus, "beir").texts()]
    vectors = read_vectors(file, dimension)[: len(texts)]
    chance = np.random.default_rng(SEED + had)
    policies = np.random.default_rng(SEED).integers(0, POLICIES, 2 * LARGE // _DOCUMENT)

    async def run() -> None:
        index = await EdgeIndex.open(folder, _MODEL, dimension)
        try:
            for start in range(had, size, _BATCH):
                places = range(start, min(start + _BATCH, size))
                near = vectors[np.array(places) % len(vectors)]
                moved = perturbed(near, chance) if start >= len(vectors) else near
                await index.upsert(
                    [
                        _point(place, int(policies[place // _DOCUMENT]), text, vector)
                        for place, vector, text in zip(
                            places, moved, (texts[place % len(texts)] for place in places), strict=True
                        )
                    ]
                )
        finally:
            await index.close()

    asyncio.run(run())


def _point(place: int, policy: int, text: str, vector: Vectors) -> IndexPoint:
    document = place // _DOCUMENT
    return IndexPoint(chunk_of(place), f"d{document}", f"v{document}", policy, text, vector)


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


async def change(index: EdgeIndex, size: int, asked: Asked, text: str) -> tuple[float, float]:
    """Write a document, find it, remove it, miss it; return the milliseconds of writing and of removing."""
    scope, near = await scope_of(range(POLICIES)), asked.vectors[0]
    places = range(size, size + _DOCUMENT)
    number = size // _DOCUMENT
    points = [replace(_point(place, 0, text, near), document_id=f"new{number}") for place in places]
    warm_up()
    start = time.perf_counter()
    await index.upsert(points)
    written = time.perf_counter()
    found = {hit.chunk_id for hit in await index.search_dense(scope, near, CANDIDATES)}
    between = time.perf_counter()
    await index.delete_document(f"new{number}")
    removed = time.perf_counter()
    left = {hit.chunk_id for hit in await index.search_dense(scope, near, CANDIDATES)}
    if not {point.chunk_id for point in points} <= found - left:
        raise SystemExit("what was written was not found, or what was removed was")
    return 1000 * (written - start), 1000 * (removed - between)


def serve(folder: Path, dimension: int, size: int, asked: Asked, text: str) -> float:
    """Open the index and search it, print the figures, return p95 of the first scope; runs in a process of its own."""

    async def run() -> float:
        before, start = _memory_mb("RssAnon"), time.perf_counter()
        index = await EdgeIndex.open(folder, _MODEL, dimension)
        opened = time.perf_counter() - start
        try:
            highs = []
            for seen in SCOPES:
                scope = await scope_of(random.Random(SEED).sample(range(POLICIES), seen))
                middle, high, cpu = await ask(index, scope, asked)
                highs.append(high)
                print(
                    f"{size:9d} points, {seen} policies: p50 {middle:.1f}, p95 {high:.1f}, CPU {cpu:.1f} ms", flush=True
                )
            own, mapped = _memory_mb("RssAnon") - before, _memory_mb("RssFile")
            written, removed = await change(index, size, asked, text)
        finally:
            await index.close()
        disk = _disk_mb(folder)
        print(
            f"{size:9d} points: opened in {opened:.1f} s; a document of {_DOCUMENT} written in {written:.0f} ms, "
            f"removed in {removed:.0f} ms; memory {own:.0f} MB and {mapped:.0f} MB of files, disk {disk:.0f} MB",
            flush=True,
        )
        return highs[0]

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


def _disk_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


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
    parser.add_argument("--scratch", type=Path, help="where the indexes are made; a million points need 8 GB")
    chosen = parser.parse_args()
    print(machine_line(), flush=True)
    text = next(read_dataset(chosen.corpus, "beir").texts()).text
    asked = questions(chosen.corpus, chosen.models_dir, chosen.questions)
    dimension = asked.vectors.shape[1]
    failed = False
    spawn = multiprocessing.get_context("spawn")
    had = 0
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as folder, spawn.Pool(1) as filler:
        place = Path(folder)
        for size in map(int, chosen.sizes.split(",")):
            start = time.perf_counter()
            filler.apply(fill, (place, chosen.corpus, chosen.vectors, dimension, (had, size)))
            filled = time.perf_counter() - start
            with spawn.Pool(1) as pool:
                first = pool.apply(compact, (place, dimension))
            print(f"{size:9d} points: {size - had} written in {filled:.0f} s, then opened in {first:.1f} s", flush=True)
            with spawn.Pool(1) as pool:
                high = pool.apply(serve, (place, dimension, size, asked, text))
            had = size
            failed |= size >= LARGE and high > P95_MS
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    print(f"FAILED: p95 above {P95_MS:g} ms" if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
