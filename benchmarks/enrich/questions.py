"""What vectors of questions are worth: people's questions in place of written ones.

A set in the ``squad`` layout has several questions about each paragraph. Every other one is given to the index as if a
language model had written it, the rest are asked. Nothing is trained; the rows are the dense arm and the fusion, with
and without those vectors, in the product's index. People's questions are better than a model's: the gain is a bound.

Run: ``python -m benchmarks.enrich.questions --data FILE [--cache FOLDER]``.
"""

import argparse
import asyncio
import math
import statistics
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from eval.datasets.base import Question
from eval.datasets.squad import read_squad
from eval.texts.vectors import VectorCache
from retrieval.fusion import fuse
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from wenyuan.access import AccessScope, Principal, Visibility, resolve_scope
from wenyuan.answers import Hit
from wenyuan.machine import machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder, IndexPoint, VectorField
from wenyuan.settings import Settings

DEPTH = 10
#: Share of the lexical arm: fixed, so that rows of two versions of the product can be compared.
WEIGHT = 0.3
_BATCH = 64


class Everything:
    """A directory that shows the one policy there is."""

    async def visibility(self, user_id: str) -> Visibility:
        """Return the same for everybody."""
        return Visibility(active=True, policy_ids=(1,), epoch=1)


def chunk_of(document_id: str) -> str:
    """Return the chunk id of a paragraph."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, document_id))


def halves(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """Return those that are asked and those that are written, alternating within each paragraph."""
    asked: list[Question] = []
    written: list[Question] = []
    seen: dict[str, int] = {}
    for question in questions:
        if question.answerable:
            (gold,) = question.relevant
            (written if seen.get(gold, 0) % 2 else asked).append(question)
            seen[gold] = seen.get(gold, 0) + 1
    return asked, written


async def fill(index: EdgeIndex, vectors: VectorCache, texts: Sequence[tuple[str, str, VectorField, int]]) -> None:
    """Embed and write texts, given as (document, text, field, ordinal)."""
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        found = vectors.passages([text for _, text, _, _ in batch])
        await index.upsert(
            [
                IndexPoint(chunk_of(document), document, document, 1, text, vector, field, ordinal)
                for (document, text, field, ordinal), vector in zip(batch, found, strict=True)
            ]
        )


async def ask(index: EdgeIndex, scope: AccessScope, embedder: Embedder, asked: Sequence[Question], name: str) -> None:
    """Print the figures of both arms' fusion and of the dense arm."""
    settings = Settings().retrieval
    dense_places, fused_places = [], []
    for question in asked:
        (gold,) = question.relevant
        vector = embedder.embed_queries([question.text])[0]
        dense = await index.search_dense(scope, vector, settings.candidates)
        sparse = await index.search_sparse(scope, query_vector(question.text), settings.candidates)
        dense_places.append(_place(dense, gold))
        fused = fuse(dense, sparse, WEIGHT, sparse_exhausted=len(sparse) < settings.candidates)
        fused_places.append(_place(fused, gold))
    for arm, places in (("dense", dense_places), ("fused", fused_places)):
        print(f"{name:24} {arm}  {_figures(places)}", flush=True)


def _place(hits: Sequence[Hit], gold: str) -> int | None:
    chunk = chunk_of(gold)
    return next((place for place, hit in enumerate(hits[:DEPTH], start=1) if hit.chunk_id == chunk), None)


def _figures(places: Sequence[int | None]) -> str:
    first = statistics.fmean(place == 1 for place in places)
    gain = statistics.fmean(1 / math.log2(place + 1) if place else 0.0 for place in places)
    recall = statistics.fmean(place is not None for place in places)
    return f"R@1 {first:.4f}  R@10 {recall:.4f}  nDCG@10 {gain:.4f}"


async def measure(data: Path, cache: Path) -> None:
    """Index the paragraphs, ask; add the questions, ask again."""
    settings = Settings()
    embedder = open_embedder(settings.embedding, settings.models_dir)
    dataset = read_squad(data)
    asked, written = halves(dataset.questions)
    scope = await resolve_scope(Everything(), Principal("reader", "reader"))
    with tempfile.TemporaryDirectory() as folder, VectorCache(cache, embedder) as vectors:
        index = await EdgeIndex.open(Path(folder), embedder.fingerprint, embedder.dimension)
        try:
            texts = [(text.id, text.text, VectorField.TEXT, 0) for text in dataset.texts()]
            await fill(index, vectors, texts)
            print(f"{dataset.name}: {len(texts)} paragraphs, {len(asked)} asked, {len(written)} written", flush=True)
            await ask(index, scope, embedder, asked, "texts")
            counts: dict[str, int] = {}
            questions = []
            for question in written:
                (gold,) = question.relevant
                questions.append((gold, question.text, VectorField.QUESTION, counts.get(gold, 0)))
                counts[gold] = counts.get(gold, 0) + 1
            await fill(index, vectors, questions)
            await ask(index, scope, embedder, asked, "texts and questions")
        finally:
            await index.close()
            embedder.close()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors from run to run")
    options = parser.parse_args()
    print(machine_line())
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(measure(options.data, options.cache or Path(scratch)))


if __name__ == "__main__":
    main()
