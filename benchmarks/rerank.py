"""Rankings with and without the reranker, and its milliseconds, over question sets it was not fitted on.

``python -m benchmarks.rerank --data SET [SET …] [--rerank linear] [--limit 300]``

A SET is named as in ``benchmarks.rerank_pools``. Bars: no set loses more than 0.003 of MRR@10 or nDCG@10 against the
fused order, and p50 stays within 15 ms for a pool of the default size. Exit code 1 when a bar fails. ``top`` is the
mean score of the first passage and ``right`` the share of questions where it is relevant: near each other when the
score is a probability of relevance.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.rerank_pools import Corpus, Pool, pools, read_set, sample
from eval.metrics import percentile, ranking_metrics
from eval.texts.vectors import VectorCache
from retrieval import lexical
from retrieval.rerank.factory import open_reranker
from wenyuan.answers import Evidence
from wenyuan.machine import machine_facts
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Reranker
from wenyuan.settings import EmbeddingSettings, RetrievalSettings

LOSS_BAR: Final = 0.003
P50_BAR_MS: Final = 15.0
MEASURES: Final = ("MRR@10", "nDCG@10")
DEPTH: Final = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one set: measures without and with the reranker, milliseconds, calibration of the first score."""

    name: str
    questions: int
    passages: int
    before: dict[str, float]
    after: dict[str, float]
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    top: float
    right: float

    def failed(self) -> list[str]:
        """Return the bars that do not hold."""
        lost = [
            f"{self.name}: {measure} {self.before[measure]:.4f} -> {self.after[measure]:.4f}"
            for measure in MEASURES
            if self.after[measure] < self.before[measure] - LOSS_BAR
        ]
        return lost + ([f"{self.name}: p50 {self.p50_ms} ms"] if self.p50_ms > P50_BAR_MS else [])

    def row(self) -> str:
        """Return the line of the table."""
        pairs = [
            f"{self.before[m]:.4f} | {self.after[m]:.4f} | {self.after[m] - self.before[m]:+.4f}" for m in MEASURES
        ]
        times = f"{self.p50_ms} | {self.p95_ms} | {self.cpu_ms}"
        return f"| {self.name} | {self.questions} | {' | '.join(pairs)} | {times} | {self.top:.2f} | {self.right:.2f} |"


HEADER: Final = (
    "| set | questions | MRR@10 off | on | gain | nDCG@10 off | on | gain | p50 ms | p95 ms | CPU ms | top | right |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


async def measure(corpus: Corpus, found: Sequence[Pool], reranker: Reranker, depth: int) -> Figures:
    """Rerank the first ``depth`` passages of every pool."""
    before, after, seconds, tops, right = {}, {}, [], [], []
    cpu = time.process_time()
    for pool in found:
        head = pool.evidence[:depth]
        start = time.perf_counter()
        ranked = await reranker.rerank(pool.question.text, head)
        seconds.append(time.perf_counter() - start)
        before[pool.question.id], after[pool.question.id] = _run(head), _run(ranked)
        tops.append(ranked[0].score)
        right.append(ranked[0].chunk_id in pool.question.relevant)
    cpu = time.process_time() - cpu
    qrels = {pool.question.id: pool.question.relevant for pool in found}
    return Figures(
        name=corpus.name,
        questions=len(found),
        passages=len(corpus.passages),
        before=ranking_metrics(qrels, before, depth),
        after=ranking_metrics(qrels, after, depth),
        p50_ms=round(1000 * percentile(seconds, 50), 1),
        p95_ms=round(1000 * percentile(seconds, 95), 1),
        cpu_ms=round(1000 * cpu / len(found), 1),
        top=statistics.fmean(tops),
        right=statistics.fmean(right),
    )


def _run(evidence: Sequence[Evidence]) -> dict[str, float]:
    return {item.chunk_id: 1 / rank for rank, item in enumerate(evidence, start=1)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0 when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--rerank", default="linear", help="none is the product's default")
    parser.add_argument("--url")
    parser.add_argument("--model")
    parser.add_argument("--depth", type=int, default=RetrievalSettings().rerank_pool)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--passages", type=int, default=2500)
    parser.add_argument("--vectors", type=Path, default=Path("var/bench"))
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    settings = RetrievalSettings(rerank=args.rerank, rerank_url=args.url, rerank_model=args.model)
    reranker = open_reranker(settings)
    if reranker is None:
        parser.error("--rerank none reranks nothing")
    lexical.warm_up()
    print(json.dumps(machine_facts(), ensure_ascii=False))
    print(HEADER)
    embedder = open_embedder(EmbeddingSettings(), args.models_dir)
    figures = []
    with VectorCache(args.vectors, embedder) as cache:
        for spec in args.data:
            corpus = sample(read_set(spec), args.limit, args.passages)
            found = list(pools(corpus, embedder, cache, settings))
            figures.append(asyncio.run(measure(corpus, found, reranker, max(args.depth, DEPTH))))
            print(figures[-1].row(), flush=True)
    embedder.close()
    reranker.close()
    if args.json:
        print(json.dumps([asdict(item) for item in figures], ensure_ascii=False))
    failed = [line for item in figures for line in item.failed()]
    print("\n".join(failed) if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
