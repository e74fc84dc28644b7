"""Latency and quality of scoped hybrid search over a BEIR folder, embedding of the question included, no rerank.

Bars: p50 <= 25 ms and p95 <= 60 ms on an idle machine with two cores; with relevance labels also R@10 and MRR@10 of the
hybrid above those of its lexical arm alone. The reader sees half of 1,000 policies; the labelled passages are in
that half. Exit code 1 when a bar fails.

Run: ``python -m benchmarks.search --corpus FOLDER [--limit-docs N] [--limit-queries N] [--cache FOLDER]``, where FOLDER
holds ``corpus.jsonl[.gz]``, ``queries.jsonl`` and, if there are labels, ``qrels.tsv``. ``--cache`` keeps the vectors of
the passages between runs.
"""

import argparse
import asyncio
import gzip
import hashlib
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.index import open_index
from retrieval.lexical import query_vector
from retrieval.service import HybridRetriever
from wenyuan.access import AccessScope, Principal, Visibility, resolve_scope
from wenyuan.answers import Evidence, Hit
from wenyuan.machine import machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder, IndexPoint, VectorIndex, Vectors
from wenyuan.settings import EmbeddingSettings, IndexSettings, RetrievalSettings

P50_BAR_MS = 25.0
P95_BAR_MS = 60.0
POLICIES = 1000
DEPTH = 10
WARM_UP = 20
_SEED = 17


@dataclass(frozen=True)
class Corpus:
    """A BEIR folder in memory: texts by id, questions by id, relevant ids by question id."""

    passages: dict[str, str]
    questions: dict[str, str]
    relevant: dict[str, set[str]]


class HalfOfAll:
    """A directory that shows the even half of the policies."""

    async def visibility(self, user_id: str) -> Visibility:
        """Return the same policies for everybody."""
        return Visibility(active=True, policy_ids=tuple(range(0, POLICIES, 2)), epoch=1)


class NoEvidence:
    """The measured path ends at hits."""

    async def load(self, scope: AccessScope, hits: Sequence[Hit]) -> list[Evidence]:
        """Return nothing."""
        return []


def read_corpus(folder: Path, limit_docs: int | None, limit_queries: int | None) -> Corpus:
    """Read the folder; with ``limit_docs`` keep the relevant passages of the questions and a random rest."""
    packed = folder / "corpus.jsonl.gz"
    rows = _lines(packed if packed.exists() else folder / "corpus.jsonl")
    passages = {row["_id"]: f"{row.get('title', '')} {row['text']}".strip() for row in rows}
    relevant: dict[str, set[str]] = {}
    labels = folder / "qrels.tsv"
    if labels.exists():
        for line in labels.read_text(encoding="utf-8").splitlines()[1:]:
            question, passage, grade = line.split("\t")
            if float(grade) > 0 and passage in passages:
                relevant.setdefault(question, set()).add(passage)
    questions = {row["_id"]: row["text"] for row in _lines(folder / "queries.jsonl")}
    if relevant:
        questions = {key: text for key, text in questions.items() if key in relevant}
    questions = dict(list(questions.items())[:limit_queries])
    if limit_docs is not None and limit_docs < len(passages):
        kept = set().union(*(relevant.get(key, set()) for key in questions))
        rest = sorted(passages.keys() - kept)
        random.Random(_SEED).shuffle(rest)
        kept.update(rest[: max(limit_docs - len(kept), 0)])
        passages = {key: text for key, text in passages.items() if key in kept}
    return Corpus(passages, questions, {key: relevant.get(key, set()) for key in questions})


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    yield from (json.loads(line) for line in text.split("\n") if line)


def embed(embedder: Embedder, texts: Sequence[str], cache: Path | None) -> Vectors:
    """Return the vectors of the passages, from ``cache`` when it has them."""
    digest = hashlib.sha256("\0".join((embedder.fingerprint, *texts)).encode()).hexdigest()[:16]
    kept = cache / f"passages-{digest}.npy" if cache else None
    if kept and kept.exists():
        return np.asarray(np.load(kept), dtype=np.float32)
    start = time.perf_counter()
    vectors = embedder.embed_passages(texts)
    print(f"embedded {len(texts)} passages in {time.perf_counter() - start:.0f} s", flush=True)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors)
    return vectors


def points(corpus: Corpus, vectors: Vectors) -> Iterator[IndexPoint]:
    """Yield index points; labelled passages get a policy of the visible half, the others any."""
    chance = random.Random(_SEED)
    labelled = set().union(*corpus.relevant.values())
    for (key, text), vector in zip(corpus.passages.items(), vectors, strict=True):
        policy = chance.randrange(POLICIES)
        if key in labelled:
            policy -= policy % 2
        yield IndexPoint(chunk_of(key), f"doc_{policy}", f"ver_{policy}", policy, text, vector)


def chunk_of(key: str) -> str:
    """Return the chunk id of a passage."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, key))


async def fill(index: VectorIndex, everything: Iterable[IndexPoint]) -> None:
    """Write all points, some thousand at a time."""
    batch: list[IndexPoint] = []
    for point in everything:
        batch.append(point)
        if len(batch) == 2048:
            await index.upsert(batch)
            batch = []
    await index.upsert(batch)


def quality(found: dict[str, list[Hit]], relevant: dict[str, set[str]]) -> tuple[float, float]:
    """Return R@10 and MRR@10 as means over the questions."""
    recalls, reciprocals = [], []
    for key, hits in found.items():
        gold = {chunk_of(passage) for passage in relevant[key]}
        top = [hit.chunk_id for hit in hits[:DEPTH]]
        recalls.append(len(gold & set(top)) / len(gold))
        reciprocals.append(next((1 / rank for rank, chunk in enumerate(top, start=1) if chunk in gold), 0.0))
    return statistics.fmean(recalls), statistics.fmean(reciprocals)


async def measure(corpus: Corpus, embedder: Embedder, vectors: Vectors, folder: Path) -> dict[str, Any]:
    """Fill an index in ``folder``, ask every question, and return the figures."""
    stages: dict[str, list[float]] = {}
    index = await open_index(IndexSettings(), folder, embedder.fingerprint, embedder.dimension)
    try:
        start = time.perf_counter()
        await fill(index, points(corpus, vectors))
        filled = time.perf_counter() - start
        retriever = HybridRetriever(
            index,
            NoEvidence(),
            embedder,
            RetrievalSettings(),
            on_stage=lambda stage, seconds: stages.setdefault(stage, []).append(seconds * 1000),
        )
        scope = await resolve_scope(HalfOfAll(), Principal("usr_reader", "reader"))
        start = time.perf_counter()
        await retriever.search_hits(scope, "预热 warm-up", DEPTH)
        first = time.perf_counter() - start
        for question in list(corpus.questions.values())[:WARM_UP]:
            await retriever.search_hits(scope, question, DEPTH)
        stages.clear()
        took, found, lexical = [], {}, {}
        for key, question in corpus.questions.items():
            start = time.perf_counter()
            found[key] = await retriever.search_hits(scope, question, DEPTH)
            took.append((time.perf_counter() - start) * 1000)
        for key, question in corpus.questions.items():
            lexical[key] = await index.search_sparse(scope, query_vector(question), DEPTH)
    finally:
        await index.close()
    took.sort()
    report: dict[str, Any] = {
        "passages": len(corpus.passages),
        "questions": len(took),
        "p50_ms": round(took[len(took) // 2], 2),
        "p95_ms": round(took[int(len(took) * 0.95)], 2),
        "stages_p50_ms": {stage: round(statistics.median(times), 2) for stage, times in stages.items()},
        "first_question_ms": round(first * 1000),
        "fill_s": round(filled, 1),
    }
    if all(corpus.relevant.values()):
        for arm, hits in (("hybrid", found), ("lexical", lexical)):
            recall, reciprocal = quality(hits, corpus.relevant)
            report[arm] = {"R@10": round(recall, 4), "MRR@10": round(reciprocal, 4)}
    return report


def misses(report: dict[str, Any]) -> list[str]:
    """Return the bars that a report fails."""
    failed = [
        f"{name} {report[name]} ms > {bar:g} ms"
        for name, bar in (("p50_ms", P50_BAR_MS), ("p95_ms", P95_BAR_MS))
        if report[name] > bar
    ]
    if "hybrid" in report:
        failed += [
            f"hybrid {name} {report['hybrid'][name]} <= lexical {report['lexical'][name]}"
            for name in ("R@10", "MRR@10")
            if report["hybrid"][name] <= report["lexical"][name]
        ]
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0 when every bar holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--limit-docs", type=int)
    parser.add_argument("--limit-queries", type=int, default=300)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    chosen = parser.parse_args(arguments)
    print(machine_line())
    corpus = read_corpus(chosen.corpus, chosen.limit_docs, chosen.limit_queries)
    embedder = open_embedder(EmbeddingSettings(), chosen.models_dir)
    vectors = embed(embedder, list(corpus.passages.values()), chosen.cache)
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(measure(corpus, embedder, vectors, Path(folder)))
    embedder.close()
    print(json.dumps(report, ensure_ascii=False, indent=2))
    failed = misses(report)
    print("\n".join(failed) if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
