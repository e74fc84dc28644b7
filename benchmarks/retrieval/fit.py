"""Learns what retrieval learns: the map of questions, the weights of the fusion, the offline reranker.

``python -m benchmarks.retrieval.fit --data FOLDER [--cache DIR] [--configs configs]``

The sets learned from are those of ``benchmarks.retrieval.known``; of the judged sets only the law set is among them,
whose questions the benchmark judges by folds. Weights of the fusion and the reranker are learned on pools that a map
gave which did not see their questions, as it will be for the questions of users.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from benchmarks.retrieval.known import Sources
from benchmarks.retrieval.map_learning import Lessons, Places, calibrate, learn
from benchmarks.retrieval.order_learning import Group, fit, group
from benchmarks.retrieval.sets import Asked
from benchmarks.retrieval.stages import Arms, Stages
from eval.metrics import ranking_metrics
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval.fusion import LANGUAGES, FusionWeights
from retrieval.querymap import QueryMap
from retrieval.rerank.factory import open_reranker
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import EmbeddingSettings, IngestSettings, RetrievalSettings
from wenyuan.text import detect_language

WEIGHTS: Final = (0.3, 0.4, 0.5)
#: See :class:`retrieval.fusion.FusionWeights`.
ENOUGH: Final = (0.05, 0.1, 0.2, 0.4, 0.7)
#: Questions of a set by which the fusion and the reranker are learned.
ASKED: Final = 400
_HALVES: Final = 2
_DEPTH: Final = 30


def folds(count: int, parts: int, part: int) -> tuple[Places, Places]:
    """Return the places that are learned from, and those that are left out with this part."""
    places = np.arange(count)
    return places[places % parts != part], places[places % parts == part]


def fold_maps(sets: Sequence[Lessons], parts: int, *, first_only: bool) -> list[QueryMap]:
    """Return a map for each part, learned without the questions of that part of the first set, or of every set."""
    made = []
    for part in range(parts):
        chosen = [
            folds(len(found.questions), parts, part)[0] if number == 0 or not first_only else everything(found)
            for number, found in enumerate(sets)
        ]
        made.append(calibrate(learn(sets, chosen), sets))
    return made


def everything(found: Lessons) -> Places:
    """Return the places of all questions of a set."""
    return np.arange(len(found.questions))


@dataclass(frozen=True)
class Learner:
    """What is learned from, and the maps that did not see one half of it each."""

    sets: Sequence[Lessons]
    halves: Sequence[QueryMap]
    stages: Callable[[Lessons], Stages]

    @cached_property
    def found(self) -> list[list[tuple[Asked, Arms]]]:
        """For each set what both arms find for the questions that the later stages learn from."""
        return [list(self._found(found)) for found in self.sets]

    def _found(self, found: Lessons) -> Iterator[tuple[Asked, Arms]]:
        stages, step = self.stages(found), max(1, len(found.questions) // ASKED)
        for number in range(0, len(found.questions), step | 1):  # odd, so that both halves come
            question = found.searched.corpus.questions[number]
            yield question, stages.arms(question, found.questions[number], self.halves[number % _HALVES])

    def fusion(self) -> FusionWeights:
        """Return the weights with the best mean nDCG@10 over the sets of each language of questions."""
        options = list(product(WEIGHTS, ENOUGH))
        figures: dict[str, list[list[float]]] = {language: [] for language in LANGUAGES}
        for found, arms in zip(self.sets, self.found, strict=True):
            language = detect_language(" ".join(question.text for question in found.searched.corpus.questions[:20]))
            line = self._ndcg(found, arms, options)
            print(f"{found.searched.corpus.name:16} {language} " + " ".join(map("{:.4f}".format, line)), flush=True)
            figures[language].append(line)
        best = {language: options[int(np.argmax(np.mean(lines, axis=0)))] for language, lines in figures.items()}
        return FusionWeights(
            {language: weight for language, (weight, _) in best.items()},
            {language: enough for language, (_, enough) in best.items()},
        )

    def _ndcg(
        self, found: Lessons, asked: Sequence[tuple[Asked, Arms]], options: Sequence[tuple[float, float]]
    ) -> list[float]:
        """Return the nDCG@10 of the fused order of a set for each weight and share, taken for every language."""
        stages, corpus = self.stages(found), found.searched.corpus
        runs: list[dict[str, dict[str, float]]] = [{} for _ in options]
        for question, arms in asked:
            for (weight, enough), run in zip(options, runs, strict=True):
                weights = FusionWeights(dict.fromkeys(LANGUAGES, weight), dict.fromkeys(LANGUAGES, enough))
                hits = stages.fused(question, arms, weights)[:_DEPTH]
                keys = dict.fromkeys(key for hit in hits for key in corpus.passages[int(hit.chunk_id)].keys)
                run[question.id] = {key: 1 / rank for rank, key in enumerate(keys, start=1)}
        qrels = {question.id: question.relevant for question, _ in asked}
        return [ranking_metrics(qrels, run, 10)["nDCG@10"] for run in runs]

    def groups(self, weights: FusionWeights) -> Iterator[Group]:
        """Yield the pools that the reranker learns from."""
        for found, asked in zip(self.sets, self.found, strict=True):
            stages, corpus = self.stages(found), found.searched.corpus
            for question, arms in asked:
                pool = stages.pool(stages.fused(question, arms, weights))
                relevant = [bool(question.relevant.keys() & corpus.passages[int(item.chunk_id)].keys) for item in pool]
                if pool:
                    yield group(question.text, pool, relevant, found.weight / len(asked))


def write(path: Path, head: str, content: Mapping[str, Any]) -> None:
    """Write learned numbers with a comment that says where they come from."""
    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=10**6)
    path.write_text(f"# {head}\n# `python -m benchmarks.retrieval.fit`.\n{text}", encoding="utf-8")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/bench"))
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--configs", type=Path, default=Path("configs"))
    args = parser.parse_args()
    embedder, settings = open_embedder(EmbeddingSettings(), args.models_dir), RetrievalSettings()
    reranker = open_reranker(RetrievalSettings(rerank="linear"))
    assert reranker is not None
    chunker = open_chunker(IngestSettings(), embedder)
    with VectorCache(args.cache, embedder) as vectors:
        sets = Sources(args.data, args.cache, chunker, embedder, vectors).taught()
    if not any(found.home for found in sets):
        raise SystemExit("no set that the step is learned for is in the folder")
    provenance = [
        {"set": s.searched.corpus.name, "questions": len(s.questions), "passages": len(s.searched.corpus.passages)}
        for s in sets
    ]
    made = calibrate(learn(sets, [everything(found) for found in sets]), sets)
    write(
        args.configs / "query_map.yaml",
        "A learned step of questions' vectors (retrieval/querymap.py), learned by",
        made.record(embedder.fingerprint) | {"learned_from": provenance},
    )
    halves = fold_maps(sets, _HALVES, first_only=False)
    learner = Learner(sets, halves, lambda found: Stages(found.searched, embedder, settings, reranker))
    fusion = learner.fusion()
    write(
        args.configs / "fusion.yaml",
        "Share of the lexical arm in the fusion by language of the question, learned by",
        {
            "lexical_weight": dict(fusion.lexical),
            "enough": dict(fusion.enough),
            "learned_from": [entry["set"] for entry in provenance],
        },
    )
    bias, weights = fit(list(learner.groups(fusion)))
    content = {
        "bias": bias,
        "weights": weights,
        "provenance": {"learned_from": provenance, "embedder": embedder.name, "pool": settings.rerank_pool},
    }
    write(
        args.configs / "rerank.yaml",
        "Weights of the offline reranker over the features of retrieval/rerank/features.py, learned by",
        content,
    )
    embedder.close()
    print(
        yaml.safe_dump(
            {"fusion": dict(fusion.lexical), "enough": dict(fusion.enough), "bias": bias, "weights": weights},
            sort_keys=False,
        )
    )


if __name__ == "__main__":
    main()
