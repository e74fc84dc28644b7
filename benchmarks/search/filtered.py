"""Recall and speed of the dense arm under filters, against the exact search of the same filter in memory.

``python -m benchmarks.search.filtered --vectors FILE --questions FILE [--search auto|exact]``, where the vectors are
those of a cache (:mod:`eval.texts.vectors`) of the built-in embedder, and the questions a JSONL file with ``text``.
Points get one of 2,000 policies, at random and by meaning (neighbours share a policy), and scopes see random policies.
Bar: recall@20 ≥ 0.98 at each share that is visible. Exit code 1 when one fails.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.corpus import SEED, in_batches, read_vectors
from retrieval.index import open_index
from wenyuan.access import AccessScope, Principal, Visibility, resolve_scope
from wenyuan.machine import calibration_ms, machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import IndexPoint, VectorIndex, Vectors
from wenyuan.settings import EmbeddingSettings, IndexSettings

POLICIES: Final = 2000
#: Policies that a scope sees: 0.05, 0.5, 5, 50 and 100 percent.
SEEN: Final = (1, 10, 100, 1000, 2000)
DEPTH: Final = 20
RECALL: Final = 0.98
_ANCHORS: Final = 256
_BATCH: Final = 2048


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured at one visibility; times are milliseconds a search."""

    layout: str
    policies: int
    points: int
    recall: float
    p50: float
    p95: float
    cpu: float

    def __str__(self) -> str:
        """Return the row as a person reads it."""
        return (
            f"{self.layout:10s} {100 * self.policies / POLICIES:6.2f} % {self.points:8d} points  "
            f"recall@{DEPTH} {self.recall:.4f}  p50 {self.p50:6.2f} ms  p95 {self.p95:6.2f} ms  CPU {self.cpu:6.2f} ms"
        )


class Policies:
    """A directory that shows some policies to everybody."""

    def __init__(self, seen: Sequence[int]) -> None:
        self._seen = tuple(seen)

    async def visibility(self, user_id: str) -> Visibility:
        """Return the same policies for everybody."""
        return Visibility(active=True, policy_ids=self._seen, epoch=1)


async def scope_of(policies: Sequence[int]) -> AccessScope:
    """Return a scope that sees these policies."""
    return await resolve_scope(Policies(policies), Principal("usr_reader", "reader"))


def at_random(vectors: Vectors, chance: np.random.Generator) -> NDArray[np.int64]:
    """Return a policy for each vector, whatever it means."""
    return chance.permutation(len(vectors)) % POLICIES


def by_meaning(vectors: Vectors, chance: np.random.Generator) -> NDArray[np.int64]:
    """Return policies of equal size whose vectors lie near each other: runs of the nearest of some random ones."""
    anchors = vectors[chance.choice(len(vectors), _ANCHORS, replace=False)]
    nearest = np.concatenate([np.argmax(part @ anchors.T, axis=1) for _, part in in_batches(vectors, _BATCH)])
    near = np.concatenate(
        [
            (part * anchors[nearest[start : start + len(part)]]).sum(axis=1)
            for start, part in in_batches(vectors, _BATCH)
        ]
    )
    policies = np.empty(len(vectors), np.int64)
    policies[np.lexsort((near, nearest))] = np.arange(len(vectors)) * POLICIES // len(vectors)
    return policies


LAYOUTS: Final = {"random": at_random, "by meaning": by_meaning}


def chunk_of(place: int) -> str:
    """Return the chunk id of a vector."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(place)))


async def fill(index: VectorIndex, vectors: Vectors, policies: NDArray[np.int64]) -> None:
    """Write the vectors, each a chunk without words under its policy."""
    for start, part in in_batches(vectors, _BATCH):
        await index.upsert(
            [
                IndexPoint(chunk_of(place), f"doc_{place}", f"ver_{place}", int(policies[place]), "", vector)
                for place, vector in enumerate(part, start=start)
            ]
        )


async def row(
    layout: str, index: VectorIndex, scope: AccessScope, questions: Vectors, gold: Sequence[frozenset[str]], points: int
) -> Row:
    """Search every question under a scope; ``gold`` holds what an exact search finds."""
    took, found = [], 0.0
    await index.search_dense(scope, questions[0], DEPTH)
    cpu = time.process_time()
    for question, expected in zip(questions, gold, strict=True):
        start = time.perf_counter()
        hits = await index.search_dense(scope, question, DEPTH)
        took.append(1000 * (time.perf_counter() - start))
        found += len(expected & {hit.chunk_id for hit in hits}) / len(expected)
    cpu = 1000 * (time.process_time() - cpu) / len(took)
    took.sort()
    quantiles = (took[len(took) // 2], took[int(len(took) * 0.95)])
    return Row(layout, len(scope.policy_ids), points, found / len(took), *quantiles, cpu)


async def measure(
    vectors: Vectors, questions: Vectors, model: str, folder: Path, layout: str, settings: IndexSettings
) -> list[Row]:
    """Fill an index in ``folder``, open it again as after a restart, and search it at every visibility."""
    chance = np.random.default_rng(SEED)
    policies = LAYOUTS[layout](vectors, chance)
    index = await open_index(settings, folder, model, vectors.shape[1])
    try:
        await fill(index, vectors, policies)
    finally:
        await index.close()
    index = await open_index(settings, folder, model, vectors.shape[1])
    try:
        rows = []
        for seen in SEEN:
            shown = chance.choice(POLICIES, seen, replace=False)
            places = np.flatnonzero(np.isin(policies, shown))
            scores = vectors[places] @ questions.T
            best = np.argsort(-scores, axis=0, kind="stable")[:DEPTH]
            gold = [frozenset(chunk_of(int(places[place])) for place in column) for column in best.T]
            scope = await scope_of([int(policy) for policy in shown])
            rows.append(await row(layout, index, scope, questions, gold, len(places)))
            print(rows[-1], flush=True)
        return rows
    finally:
        await index.close()


def main() -> int:
    """Run the benchmark; return 0 when recall holds everywhere."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search.filtered", description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=200, help="questions")
    parser.add_argument("--search", choices=("auto", "exact"), default="auto")
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    print(machine_line(), flush=True)
    embedder = open_embedder(EmbeddingSettings(), chosen.models_dir)
    lines = chosen.questions.read_text(encoding="utf-8").splitlines()[: chosen.limit]
    questions = embedder.embed_queries([json.loads(line)["text"] for line in lines])
    vectors = read_vectors(chosen.vectors, embedder.dimension)
    rows = []
    for layout in LAYOUTS:
        with tempfile.TemporaryDirectory() as folder:
            given = (Path(folder), layout, IndexSettings(search=chosen.search))
            rows += asyncio.run(measure(vectors, questions, embedder.fingerprint, *given))
    embedder.close()
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    failed = [row for row in rows if row.recall < RECALL]
    print("\n".join(f"FAILED {row}" for row in failed) if failed else f"recall@{DEPTH} >= {RECALL} everywhere")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
