"""Measure what each part of packing does to extractive answers, on question sets in the SQuAD layout.

``python -m benchmarks.packing --data FILE [FILE ...] --out FOLDER [--limit 200] [--passages 8]``

The paragraphs of a set are loaded into an index of their own, and its questions asked of the product's retriever with
the offline reranker. An article counts as the document of its paragraphs, and the paragraphs before and behind one as
its neighbours under the same heading. Every way of packing gets the same ranked passages; printed for each: how often
the gold paragraph is among what is packed, how often the answer contains the gold answer, how often the first citation
is of the gold paragraph, how often it is refused, and how often it is refused when the gold paragraph is withheld.
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.extractive.figures import holds_answer
from benchmarks.packing.ways import WAYS, Remembering
from eval.datasets import Dataset, Question, read_dataset
from eval.datasets.base import read_json
from eval.texts.bulk import document_id
from eval.texts.vectors import VectorCache
from eval.texts.workspace import READER, open_workspace
from generation.extract import Extractor
from retrieval.packing.selection import choose, cost, surround, within
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.answers import Beside, Evidence
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import PackingSettings, Settings
from wenyuan.text import estimate_tokens

_BUDGET: Final = 20_000


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the place of its gold paragraph, and the passages found for it, their articles as documents."""

    question: Question
    gold: int
    found: tuple[Evidence, ...]


class Articles:
    """The paragraphs of a set in order, and what stands beside which."""

    def __init__(self, path: Path, dataset: Dataset) -> None:
        """Read the set again by its articles."""
        self._article: dict[str, str] = {}
        for number, article in enumerate(read_json(path)["data"]):
            for paragraph in article["paragraphs"]:
                self._article.setdefault(paragraph["context"], str(number))
        self._texts = [text.text for text in dataset.texts()]
        self._places = {document_id(text.id): place for place, text in enumerate(dataset.texts())}
        self._names = {text.id: place for place, text in enumerate(dataset.texts())}
        self._chunks: dict[str, int] = {}

    def case(self, question: Question, found: Sequence[Evidence]) -> Case:
        """Return the passages as parts of their articles."""
        pieces = []
        for piece in found:
            place = self._chunks[piece.chunk_id] = self._places[piece.document_id]
            article = self._article[self._texts[place]]
            pieces.append(replace(piece, document_id=article, version_id=article))
        return Case(question, self._names[next(iter(question.relevant))], tuple(pieces))

    def place(self, piece: Evidence) -> int:
        """Return the place of the paragraph that ``piece`` is of."""
        return self._chunks[piece.chunk_id]

    def beside(self, chosen: Sequence[Evidence], settings: PackingSettings) -> list[Beside]:
        """Return the neighbours in the article, and its first paragraph."""
        found = []
        for piece in chosen:
            place = self._chunks[piece.chunk_id]
            steps = {step for step in range(-settings.neighbours, settings.neighbours + 1) if step}
            if settings.openings:
                steps.add(next(i for i in range(len(self._texts)) if self._of(i) == self._of(place)) - place)
            same = [step for step in sorted(steps - {0}) if self._of(place + step) == self._of(place)]
            found += [Beside(piece.chunk_id, step, self._evidence(place + step, piece)) for step in same]
        return found

    def _evidence(self, place: int, like: Evidence) -> Evidence:
        chunk = f"beside {place}"
        self._chunks[chunk] = place
        return replace(like, chunk_id=chunk, text=self._texts[place], score=0.0, dense=None, sparse=None)

    def _of(self, place: int) -> str | None:
        return self._article[self._texts[place]] if 0 <= place < len(self._texts) else None


async def gather(path: Path, out: Path, limit: int, settings: Settings) -> tuple[list[Case], Articles]:
    """Ask the retriever ``limit`` questions."""
    dataset = read_dataset(path, "squad")
    asked = [question for question in dataset.questions if question.answerable]
    asked = random.Random(7).sample(asked, min(limit, len(asked)))
    articles = Articles(path, dataset)
    async with open_workspace(out / dataset.name, dataset, settings, lambda _done, _total: None) as workspace:
        parts = (workspace.index, SqlEvidenceStore(workspace.database), workspace.embedder, settings.retrieval)
        retriever = HybridRetriever(*parts, reranker=open_reranker(settings.retrieval))
        scope = await workspace.scope_of(READER)
        pool = max(settings.retrieval.evidence, settings.retrieval.rerank_pool)
        cases = [articles.case(one, await retriever.retrieve(scope, one.text, pool)) for one in asked]
    return cases, articles


def pack(case: Case, articles: Articles, settings: PackingSettings, passages: int, *, gold: bool) -> list[Evidence]:
    """Return what one way packs; without ``gold`` the paragraph that answers is nowhere to be found."""
    ranked = [piece for piece in case.found if gold or articles.place(piece) != case.gold]
    chosen = within(choose(ranked, passages, settings), _BUDGET, estimate_tokens)
    beside = articles.beside(chosen, settings) if settings.neighbours or settings.openings else []
    beside = [near for near in beside if gold or articles.place(near.evidence) != case.gold]
    return surround(chosen, beside, _BUDGET, estimate_tokens, settings.duplicates)


def measure(
    cases: Sequence[Case], articles: Articles, settings: PackingSettings, extractor: Extractor, passages: int
) -> str:
    """Return a row of figures."""
    held = contained = first = refused = rightly = tokens = 0
    for case in cases:
        evidence = pack(case, articles, settings, passages, gold=True)
        found = extractor.extract(case.question.text, evidence)
        held += any(articles.place(piece) == case.gold for piece in evidence)
        tokens += sum(cost(piece, estimate_tokens) for piece in evidence)
        refused += not found.quotes
        if found.quotes:
            contained += holds_answer(" ".join(quote.shown for quote in found.quotes), case.question.answers)
            first += articles.place(evidence[found.quotes[0].source]) == case.gold
        rightly += not extractor.extract(
            case.question.text, pack(case, articles, settings, passages, gold=False)
        ).quotes
    shares = (held, contained, first, refused, rightly)
    return "".join(f"{value / len(cases):10.3f}" for value in shares) + f"{tokens / len(cases):10.0f}"


def main() -> None:
    """Print a row for each way of packing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for the loaded sets; kept for the next run")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--passages", type=int, default=8)
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    chosen = parser.parse_args()
    settings = Settings()
    embedder = open_embedder(settings.embedding, settings.models_dir)
    for path in chosen.data:
        cases, articles = asyncio.run(gather(path, chosen.out, chosen.limit, settings))
        heads = ("gold in", "contains", "first", "refused", "no gold:r", "tokens")
        print(f"== {path.name}, {len(cases)} questions\n{'':20}" + "".join(f"{head:>10}" for head in heads), flush=True)
        with VectorCache(chosen.out / "units", embedder) as vectors:
            extractor = Extractor(Remembering(embedder, vectors))
            for name in chosen.ways:
                row = measure(cases, articles, WAYS[name], extractor, chosen.passages)
                print(f"{name:20}{row}", flush=True)


if __name__ == "__main__":
    main()
