"""Speed of the whole retriever under permissions, on a corpus of real passages and perturbed copies.

``python -m benchmarks.search --corpus FOLDER [--texts 100000] [--groups 100] [--member 50] [--workspace DIR]
[--vectors DIR]``, where FOLDER is a data set in the BEIR layout. Each request finds out what the reader may see now,
embeds the question, searches both arms, fuses, loads the passages through the check of the database, and where it says
so reranks: first in this process, by stage, then over HTTP with a server as a process of its own, which signs in,
records what it shows and answers as it always does, rerank aside. The words of a question are found and searched
while its vector is made (``encode``); ``search`` is what is waited for beyond that.

Bars on an idle machine with two cores: p50 ≤ 20 ms and p95 ≤ 50 ms without rerank, p95 ≤ 80 ms with the offline
reranker, 60 searches/s of eight clients over HTTP without. ``--workspace`` keeps the corpus between runs, ``--vectors``
is a folder of cached passage vectors. On a busy machine CPU times say more than those of the clock. Exit code 1 when a
bar fails.
"""

import argparse
import asyncio
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

from api.bootstrap import open_database
from benchmarks.search.corpus import Perturbed, Size, opened
from benchmarks.search.served import WARM_UP, ask_at_once, ask_in_turn, serving
from eval.datasets import Dataset, read_dataset
from ingest.chunking import open_chunker
from retrieval import lexical
from retrieval.index.factory import FIRST, Places
from retrieval.lexical import FINGERPRINT
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.access import Principal, resolve_scope
from wenyuan.db.access.tokens import issue_token
from wenyuan.db.access.visibility import Directory
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.migrate import upgrade
from wenyuan.db.texts.terms import SqlTermBase
from wenyuan.db.vault.backlog import seal_backlog
from wenyuan.machine import calibration_ms, machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import EmbeddingSettings, IndexSettings, IngestSettings, RetrievalSettings, Settings

P50_MS: Final = 20.0
P95_MS: Final = 50.0
RERANKED_P95_MS: Final = 80.0
PER_SECOND: Final = 60.0
CLIENTS: Final = 8


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
    for question in questions[:WARM_UP]:
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


async def measure_retriever(chosen: argparse.Namespace, folder: Path, dataset: Dataset) -> tuple[list[str], str]:
    """Build or open the corpus and ask the retriever in this process; return the bars that fail, and a token."""
    settings = RetrievalSettings()
    async with AsyncExitStack() as stack:
        embedder = open_embedder(EmbeddingSettings(), chosen.models_dir)
        stack.callback(embedder.close)
        cache = stack.enter_context(Perturbed(chosen.vectors or folder / "vectors", embedder))
        places = Places(IndexSettings(search=chosen.search), folder / "index")
        stack.callback(places.close)
        database = open_database(Settings(data_dir=folder))
        stack.push_async_callback(database.close)
        await upgrade(database)
        await seal_backlog(database, lambda: 0)  # a workspace of before: the server would do it while it is measured
        place = (FIRST, embedder.fingerprint, embedder.dimension, FINGERPRINT)
        index = await places.open(*place)
        chunker = open_chunker(IngestSettings(), embedder)
        size = Size(chosen.texts, chosen.groups, chosen.member)
        try:
            reader, fresh = await opened(folder, database, index, chunker, cache, dataset, size)
        except BaseException:
            await index.close()
            raise
        if fresh:  # opened again, so that it is as it is after a restart
            await index.close()
            index = await places.open(*place)
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
        async with database.write() as tx:
            _, secret = await issue_token(tx, reader.user_id, "benchmark", 1)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
    bars = {
        f"p50 {middle:.1f} > {P50_MS:g} ms": middle > P50_MS,
        f"p95 {high:.1f} > {P95_MS:g} ms": high > P95_MS,
        f"reranked p95 {reranked_high:.1f} > {RERANKED_P95_MS:g} ms": reranked_high > RERANKED_P95_MS,
    }
    return [text for text, missed in bars.items() if missed], secret


async def measure_server(chosen: argparse.Namespace, folder: Path, dataset: Dataset, secret: str) -> list[str]:
    """Ask a server over HTTP; return the bar if it fails."""
    questions = [question.text for question in dataset.questions][: chosen.questions]
    limit = RetrievalSettings().evidence
    with tempfile.TemporaryDirectory() as scratch:
        async with serving(folder, Path(scratch), chosen.models_dir) as server:
            single = await ask_in_turn(server, secret, limit, questions)
            print(f"one client over HTTP: {single.line()}", flush=True)
            several = await ask_at_once(server, secret, limit, questions, CLIENTS, chosen.seconds)
            print(f"{CLIENTS} clients over HTTP: {several.line()}; memory {server.memory_mb('VmHWM'):.0f} MB at most")
    rate = several.per_second
    return [f"{rate:.1f} < {PER_SECOND:g} searches/s"] if rate < PER_SECOND else []


async def measure(chosen: argparse.Namespace, folder: Path) -> list[str]:
    """Measure the retriever, then a server over the same corpus; return the bars that fail."""
    dataset = await asyncio.to_thread(read_dataset, chosen.corpus, "beir")
    failed, secret = await measure_retriever(chosen, folder, dataset)
    return failed + await measure_server(chosen, folder, dataset, secret)


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
    chosen.models_dir = chosen.models_dir.resolve()  # the server runs in another folder
    print(machine_line(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = (chosen.workspace or Path(scratch) / "workspace").resolve()  # the log's keys stand beside it
        folder.mkdir(parents=True, exist_ok=True)
        failed = asyncio.run(measure(chosen, folder))
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    print("\n".join(failed) if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
