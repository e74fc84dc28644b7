"""What each stage of retrieval adds, on every set of the folder, and what it costs.

``python -m benchmarks.retrieval --data FOLDER [--sets NAME …] [--cache DIR] [--out DIR] [--verify]``

Stages: words, bigrams and both (the lexical arm), the embedder alone, the embedder with the learned map of questions,
their fusion, the offline reranker over its pool. Sets: ``benchmarks.retrieval.known``. Everything is the product's own
code but the search, which runs in memory; ``--verify`` compares that with the index in process on each set of at most
5,000 passages. The map and the reranker have seen other questions of the law set, so its questions are judged in five
folds by a map learned without theirs. ``--out`` takes ``stages.md`` and ``stages.json``. Exit code 1 when a bar fails.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.retrieval.exact import Searched, load
from benchmarks.retrieval.fit import fold_maps
from benchmarks.retrieval.known import FOLDED, FOLDS, JUDGED, Sources
from benchmarks.retrieval.report import HEADER, Row, rows, text
from benchmarks.retrieval.stages import Stages
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval import lexical
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from retrieval.querymap import QueryMap
from retrieval.rerank.factory import open_reranker
from wenyuan.access import Principal, Visibility, resolve_scope
from wenyuan.machine import machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder, IndexPoint
from wenyuan.settings import EmbeddingSettings, IngestSettings, RetrievalSettings

#: (set, stage, measure): the least it must reach.
BARS: Final = {
    (FOLDED, "fusion", "R@10"): 0.60,
    (FOLDED, "fusion", "MRR@10"): 0.50,
    (FOLDED, "rerank", "R@10"): 0.62,
    (FOLDED, "rerank", "MRR@10"): 0.53,
    ("xquad-zh", "rerank", "nDCG@10"): 0.983,
    ("xquad-en", "rerank", "nDCG@10"): 0.987,
    ("xquad-zh-en", "rerank", "R@10"): 0.95,
    ("rgb-refine", "rerank", "hit@5"): 0.95,
    ("financebench", "rerank", "hit@5"): 0.70,
}
_VERIFIED_PASSAGES: Final = 5000
_VERIFIED_QUESTIONS: Final = 25


class _Everything:
    """A directory that shows the one policy of the verified index."""

    async def visibility(self, user_id: str) -> Visibility:
        """Return the same policy for everybody."""
        return Visibility(active=True, policy_ids=(1,), epoch=1)


async def differences(searched: Searched, embedder: Embedder, limit: int) -> int:
    """Return for how many questions the index in process gives other passages than the search in memory.

    Equals stand in another order there, and vectors are normalised once more, so sets are compared down to scores that
    differ by more than 1e-4.
    """
    names = {str(uuid.uuid5(uuid.NAMESPACE_OID, str(place))): place for place in range(len(searched.matrix))}
    scope = await resolve_scope(_Everything(), Principal("usr_reader", "reader"))
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        index = await EdgeIndex.open(Path(folder), embedder.fingerprint, embedder.dimension)
        try:
            points = [
                IndexPoint(name, "doc", "ver", 1, searched.corpus.passages[place].whole, searched.matrix[place])
                for name, place in names.items()
            ]
            await index.upsert(points)
            for question in searched.corpus.questions[:_VERIFIED_QUESTIONS]:
                vector, terms = embedder.embed_queries([question.text])[0], query_vector(question.text)
                for ours, theirs in (
                    (searched.dense(vector, limit), await index.search_dense(scope, vector, limit)),
                    (searched.sparse(terms, limit), await index.search_sparse(scope, terms, limit)),
                ):
                    floor = ours[-1].score + 1e-4 if ours else 0.0
                    mine = {int(hit.chunk_id) for hit in ours if hit.score > floor}
                    wrong += not mine <= {names[hit.chunk_id] for hit in theirs}
        finally:
            await index.close()
    return wrong


def chooser(searched: Searched, sources: Sources) -> Callable[[int], QueryMap | None]:
    """Return which map judges the n-th question: the one that ships, or for the folded set that of its fold."""
    if searched.corpus.name != FOLDED:
        shipped = QueryMap.open(sources.embedder)
        return lambda _number: shipped
    made = fold_maps(sources.taught(searched), FOLDS, first_only=True)
    return lambda number: made[number % FOLDS]


def measure(sources: Sources, names: Sequence[str], limit: int | None, *, verify: bool) -> list[Row]:
    """Measure sets one after another and print their rows."""
    settings = RetrievalSettings()
    reranker = open_reranker(settings)
    if reranker is None:
        raise SystemExit("retrieval.rerank is none: nothing to measure")
    found: list[Row] = []
    for corpus in sources.judged(names):
        searched = load(corpus, sources.vectors)
        if verify and len(corpus.passages) <= _VERIFIED_PASSAGES:
            wrong = asyncio.run(differences(searched, sources.embedder, settings.candidates))
            print(f"{corpus.name}: {wrong} searches differ from the index", flush=True)
        questions = corpus.questions[:limit]
        stages = Stages(searched, sources.embedder, settings, reranker)
        runs = stages.run(questions, chooser(searched, sources))
        new = rows(corpus.name, {question.id: question.relevant for question in questions}, runs)
        print("\n".join(row.line() for row in new), flush=True)
        found += new
    reranker.close()
    return found


def misses(found: Sequence[Row]) -> list[str]:
    """Return the bars that do not hold, of the sets that were measured."""
    return [
        f"{row.name} {row.stage} {measure} {row.measures[measure]:.4f} < {bar}"
        for row in found
        for (name, stage, measure), bar in BARS.items()
        if (name, stage) == (row.name, row.stage) and row.measures[measure] < bar
    ]


def main() -> int:
    """Run from the command line; return 0 when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", choices=sorted(JUDGED), default=[])
    parser.add_argument("--limit", type=int, help="only the first N questions of a set")
    parser.add_argument("--cache", type=Path, default=Path("var/bench"))
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--verify", action="store_true")
    args = parser.parse_args()
    print(machine_line())
    lexical.warm_up()
    embedder = open_embedder(EmbeddingSettings(), args.models_dir)
    print(HEADER, flush=True)
    with VectorCache(args.cache, embedder) as vectors:
        sources = Sources(args.data, args.cache, open_chunker(IngestSettings(), embedder), embedder, vectors)
        found = measure(sources, args.sets, args.limit, verify=args.verify)
    embedder.close()
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "stages.md").write_text(f"{machine_line()}\n\n{text(found)}\n", encoding="utf-8")
        records = json.dumps([row.record() for row in found], ensure_ascii=False, indent=1)
        (args.out / "stages.json").write_text(records + "\n", encoding="utf-8")
    failed = misses(found)
    print("\n".join(failed) if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
