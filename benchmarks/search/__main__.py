"""Speed of the whole retriever under permissions, on a corpus of real passages and perturbed copies.

``python -m benchmarks.search --corpus FOLDER [--texts 100000] [--groups 100] [--member 50] [--workspace DIR]
[--vectors DIR]``, where FOLDER is a data set in the BEIR layout. Each request finds out what the reader may see now,
embeds the question, searches both arms, fuses, loads the passages through the check of the database, and where it says
so reranks. Bars on an idle machine with two cores: p50 ≤ 20 ms and p95 ≤ 50 ms without rerank, p95 ≤ 80 ms with the
offline reranker, 60 searches/s of eight clients without. ``--workspace`` keeps the corpus between runs, ``--vectors``
is a folder of cached passage vectors. CPU times are those of this process: they hold on a busy machine as well.
Exit code 1 when a bar fails.
"""

import argparse
import asyncio
import itertools
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.search.corpus import Perturbed, Size, opened
from eval.datasets import read_dataset
from ingest.chunking import open_chunker
from retrieval import lexical
from retrieval.index import open_index
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.access import Principal, resolve_scope
from wenyuan.db.access.directory import Directory
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.texts.terms import SqlTermBase
from wenyuan.machine import calibration_ms, machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import EmbeddingSettings, IndexSettings, IngestSettings, RetrievalSettings

P50_MS: Final = 20.0
P95_MS: Final = 50.0
RERANKED_P95_MS: Final = 80.0
PER_SECOND: Final = 60.0
CLIENTS: Final = 8
_WARM_UP: Final = 30


@dataclass
class Asking:
    """One way to ask, and what it took in milliseconds."""

    directory: Directory
    reader: Principal
    limit: int
    took: list[float] = field(default_factory=list)
    stages: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, stage: str, seconds: float) -> None:
        """Note how long a stage took."""
        self.stages[stage].append(1000 * seconds)

    async def ask(self, retriever: HybridRetriever, question: str) -> None:
        """Ask as a request would: the scope first, then the passages."""
        start = time.perf_counter()
        scope = await resolve_scope(self.directory, self.reader)
        self.note("scope", time.perf_counter() - start)
        if not await retriever.retrieve(scope, question, self.limit):
            raise SystemExit(f"nothing found: {question}")
        self.took.append(1000 * (time.perf_counter() - start))

    def clear(self) -> None:
        """Forget what was noted."""
        self.took.clear()
        self.stages.clear()

    def quantiles(self) -> tuple[float, float]:
        """Return the median and the 95th of 100."""
        ordered = sorted(self.took)
        return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]


async def alone(asking: Asking, retriever: HybridRetriever, questions: Sequence[str], name: str) -> tuple[float, float]:
    """Ask one question after another, print the figures, return p50 and p95 in milliseconds."""
    for question in questions[:_WARM_UP]:
        await asking.ask(retriever, question)
    asking.clear()
    cpu = time.process_time()
    for question in questions:
        await asking.ask(retriever, question)
    cpu = 1000 * (time.process_time() - cpu) / len(questions)
    middle, high = asking.quantiles()
    parts = ", ".join(f"{stage} {statistics.median(times):.1f}" for stage, times in asking.stages.items())
    print(f"{name}: p50 {middle:.1f} ms, p95 {high:.1f} ms, CPU {cpu:.1f} ms a search; stages (p50, ms): {parts}")
    return middle, high


async def together(asking: Asking, retriever: HybridRetriever, questions: Sequence[str], seconds: float) -> float:
    """Ask as ``CLIENTS`` at once, each the next question when it has the last answer; return searches a second."""
    asking.clear()
    feed = itertools.cycle(questions)
    end = time.perf_counter() + seconds
    cpu = time.process_time()

    async def client() -> None:
        while time.perf_counter() < end:
            await asking.ask(retriever, next(feed))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    count, cpu = len(asking.took), time.process_time() - cpu
    middle, high = asking.quantiles()
    print(
        f"{CLIENTS} clients: {count / seconds:.1f} searches/s, p50 {middle:.1f} ms, p95 {high:.1f} ms, "
        f"CPU {1000 * cpu / count:.1f} ms a search"
    )
    return count / seconds


async def measure(chosen: argparse.Namespace, folder: Path) -> list[str]:
    """Build or open the corpus, ask, and return the bars that fail."""
    settings = RetrievalSettings()
    dataset = await asyncio.to_thread(read_dataset, chosen.corpus, "beir")
    async with AsyncExitStack() as stack:
        embedder = open_embedder(EmbeddingSettings(), chosen.models_dir)
        stack.callback(embedder.close)
        cache = stack.enter_context(Perturbed(chosen.vectors or folder / "vectors", embedder))
        place = (IndexSettings(search=chosen.search), folder / "index", embedder.fingerprint, embedder.dimension)
        database = Database(sqlite_url(folder))
        stack.push_async_callback(database.close)
        index = await open_index(*place)
        chunker = open_chunker(IngestSettings(), embedder)
        size = Size(chosen.texts, chosen.groups, chosen.member)
        try:
            reader, fresh = await opened(folder, database, index, chunker, cache, dataset, size)
        except BaseException:
            await index.close()
            raise
        if fresh:  # opened again, so that it is as it is after a restart
            await index.close()
            index = await open_index(*place)
        stack.push_async_callback(index.close)
        lexical.warm_up()
        asking = Asking(Directory(database), reader, settings.evidence)
        scope = await resolve_scope(asking.directory, reader)
        print(f"{len(await index.point_ids())} chunks, scope of {len(scope.policy_ids)} groups of {size.groups}")
        parts = (index, SqlEvidenceStore(database), embedder, settings)
        terms = SqlTermBase(database)
        plain = HybridRetriever(*parts, on_stage=asking.note, terms=terms)
        reranked = HybridRetriever(
            *parts, on_stage=asking.note, terms=terms, reranker=open_reranker(RetrievalSettings(rerank="linear"))
        )
        questions = [question.text for question in dataset.questions][: chosen.questions]
        middle, high = await alone(asking, plain, questions, "without rerank")
        _, reranked_high = await alone(asking, reranked, questions, "with the offline reranker")
        rate = await together(asking, plain, questions, chosen.seconds)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
    bars = {
        f"p50 {middle:.1f} > {P50_MS:g} ms": middle > P50_MS,
        f"p95 {high:.1f} > {P95_MS:g} ms": high > P95_MS,
        f"reranked p95 {reranked_high:.1f} > {RERANKED_P95_MS:g} ms": reranked_high > RERANKED_P95_MS,
        f"{rate:.1f} < {PER_SECOND:g} searches/s": rate < PER_SECOND,
    }
    return [text for text, missed in bars.items() if missed]


def main() -> int:
    """Run the benchmark; return 0 when every bar holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--groups", type=int, default=100)
    parser.add_argument("--member", type=int, default=50)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--search", choices=("auto", "exact"), default="auto")
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    print(machine_line(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.workspace or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        failed = asyncio.run(measure(chosen, folder))
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    print("\n".join(failed) if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
