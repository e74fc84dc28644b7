"""Other retrieval engines beside this one, over the same passages, questions and vectors of the built-in embedder.

``python -m benchmarks.peers --data FOLDER --python PYTHON [--sets NAME …] [--limit N] [--cache DIR] [--out DIR]``

PYTHON has the engines of :mod:`benchmarks.peers.runner` (``make bench-peers`` makes it); each runs in a process of its
own. Sets are those of ``benchmarks.retrieval.known`` and DRCD; of each ``--limit`` random questions are asked. Ours is
the index in process and the fusion, without the learned map of questions and without a reranker; questions are embedded
beforehand for all. Then readers see 0.05, 0.5 and 5 percent of 2,000 policies, on sets of enough passages:
``in index`` is an engine's own filter, ``behind`` filters the 100 it finds without one, recall@20 is against the exact
ranking of what is seen (of an engine without vectors: its own), and ``short`` says how many of the places that could
be filled were empty. Nothing here has a bar.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.peers import runner
from benchmarks.peers.report import Answers, filtered, header, line
from benchmarks.peers.task import POLICIES, Task, task_of
from benchmarks.retrieval.known import JUDGED, Sources
from benchmarks.search.filtered import chunk_of, scope_of
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval.fusion import fuse, lexical_weight
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector, warm_up
from wenyuan.machine import calibration_ms, machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import IndexPoint
from wenyuan.settings import EmbeddingSettings, IngestSettings, RetrievalSettings

SETS: Final = {name: JUDGED[name] for name in ("law", "xquad-zh", "xquad-en", "xquad-zh-en", "rgb-refine")} | {
    "drcd": "squad:drcd/DRCD_dev.json"
}
OURS: Final = "wenyuan"


def peer(engine: str, python: Path, folder: Path) -> Answers:
    """Run one other engine in a process of its own."""
    command = [str(python), str(runner.__file__), engine, str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{engine} failed:\n{done.stderr[-2000:]}")
    return Answers.read(engine, (json.loads(row) for row in done.stdout.splitlines() if row.startswith("{")))


def ours(folder: Path) -> Answers:
    """Run our engine in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.peers", "--ours", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Answers.read(OURS, (json.loads(row) for row in done.stdout.splitlines() if row.startswith("{")))


async def answer(folder: Path) -> None:
    """Fill an index with the passages of ``folder`` and print answers as the runner does."""
    task: dict[str, Any] = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    rows = {
        name: [json.loads(row) for row in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        for name in ("passages", "questions")
    }
    vectors, asked = np.load(folder / "passages.npy"), np.load(folder / "questions.npy")
    warm_up()
    start, settings = time.perf_counter(), RetrievalSettings()
    names = {chunk_of(place): str(place) for place in range(len(vectors))}
    index = await EdgeIndex.open(folder / "index", "peers", vectors.shape[1])
    try:
        points = [
            IndexPoint(name, f"d{name}", "v", row["policy"], row["text"], vector)
            for name, row, vector in zip(names, rows["passages"], vectors, strict=True)
        ]
        await index.upsert(points)
        mb = runner.peak_mb()
        print(json.dumps({"built": round(time.perf_counter() - start, 2), "mb": mb}))
        for place, seen in enumerate([None, *task["scopes"]]):
            scope = await scope_of(range(POLICIES) if seen is None else seen)
            portion = rows["questions"] if seen is None else rows["questions"][: task["scoped"]]
            for question, vector in zip(portion, asked, strict=False):
                start = time.perf_counter()
                terms = query_vector(question["text"])
                dense, sparse = await asyncio.gather(
                    index.search_dense(scope, vector, task["k"]), index.search_sparse(scope, terms, task["k"])
                )
                weight = lexical_weight(question["text"], terms, sparse, settings.lexical_weight)
                hits = fuse(dense, sparse, weight, sparse_exhausted=len(sparse) < task["k"])[: task["k"]]
                took = 1000 * (time.perf_counter() - start)
                found = {"ids": [names[hit.chunk_id] for hit in hits], "dense": [names[hit.chunk_id] for hit in dense]}
                scoped = place - 1 if place else None
                print(json.dumps({"answer": question["id"], "scope": scoped, "ms": round(took, 3), **found}))
    finally:
        await index.close()


def measure(task: Task, python: Path, engines: Sequence[str]) -> list[str]:
    """Run every engine over a set and return its rows of the report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task.write(folder)
        found = []
        scoped = []
        for engine in (OURS, *engines):
            answers = ours(folder) if engine == OURS else peer(engine, python, folder)
            found.append(line(task.corpus, answers))
            print(found[-1], flush=True)
            scoped += filtered(task, answers)
        print("\n".join(scoped), flush=True)
        return found + scoped


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--sets", nargs="*", choices=sorted(SETS), default=list(SETS))
    parser.add_argument("--engines", nargs="*", choices=sorted(runner.ENGINES), default=list(runner.ENGINES))
    parser.add_argument("--limit", type=int, default=100, help="questions of a set")
    parser.add_argument("--cache", type=Path, default=Path("var/bench"))
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.ours is not None:
        asyncio.run(answer(args.ours))
        return 0
    if args.data is None or args.python is None:
        parser.error("--data and --python are needed")
    print(f"{machine_line()}\n\n{header()}", flush=True)
    embedder = open_embedder(EmbeddingSettings(), args.models_dir)
    found = [machine_line(), "", header()]
    with VectorCache(args.cache, embedder) as vectors:
        sources = Sources(args.data, args.cache, open_chunker(IngestSettings(), embedder), embedder, vectors)
        for name in args.sets:
            if sources.there(SETS[name]):
                task = task_of(sources.read(name, SETS[name]), embedder, vectors, args.limit)
                found += measure(task, args.python, args.engines)
    embedder.close()
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "peers.md").write_text("\n".join(found) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
