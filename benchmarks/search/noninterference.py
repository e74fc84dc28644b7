"""Documents that a reader may not see change neither which passages they get nor in which order nor with which scores.

``python -m benchmarks.search.noninterference --dataset PATH [--layout squad|beir] [--sets 1000]``. The texts of the
data set are the reader's. Then sets of hidden documents are written, one after another, at random: words of questions
and of passages that the reader sees, vectors on or near those of questions and passages; some of each set are removed
again. After each one some questions go through the whole retriever (both arms, fusion, database, reranker) and
are compared with what was answered before there was anything hidden. The search is exact (``index.search: exact``), and
nothing may differ. Exit code 1 when anything does.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.search.corpus import SEED, perturbed
from eval.datasets import TextDocument, read_dataset
from eval.texts.bulk import BulkLoader, document_id
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval.index import open_index
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.access import AccessPolicy, AccessScope, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.spaces import Space, create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.migrate import upgrade
from wenyuan.db.texts.terms import SqlTermBase
from wenyuan.machine import machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder, VectorIndex, Vectors
from wenyuan.settings import EmbeddingSettings, IndexSettings, IngestSettings, RetrievalSettings

LIMIT: Final = 8
#: Questions asked after each set, each with and without the reranker.
ASKED: Final = 4
_SMALLEST, _LARGEST = 1, 40
#: Documents of each set that are removed when the next one comes, and after how many sets there is a line.
_REMOVED, _TOLD = 3, 50
_NOISES: Final = (0.0, 0.05, 0.3, 1.0)

#: What a question brought: chunks in order with their scores, of the retriever and of both arms.
Answer = tuple[tuple[str, float, float | None, float | None], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many hidden documents there were, how many answers were compared, and how many of them differed."""

    hidden: int
    compared: int
    places: int
    scores: int


class Planted(VectorCache):
    """A cache that embeds nothing: its vectors lie on or near some that the reader knows."""

    def __init__(self, folder: Path, embedder: Embedder, known: Vectors) -> None:
        """Take what lies nearest to the reader: vectors of questions and passages (n, dimension)."""
        super().__init__(folder, embedder)
        self._known = known
        self._chance = np.random.default_rng(SEED)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        near = self._known[self._chance.integers(len(self._known), size=len(texts))]
        return perturbed(near, self._chance, float(self._chance.choice(_NOISES)))


class Remembered:
    """An embedder that embeds each question once: the same ones are asked again and again."""

    def __init__(self, embedder: Embedder, questions: Sequence[str]) -> None:
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension
        self.embed_passages = embedder.embed_passages
        self.count_tokens = embedder.count_tokens
        self.close = embedder.close
        self.vectors = embedder.embed_queries(questions)
        self._known = dict(zip(questions, self.vectors, strict=True))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader with the two retrievers that answer them."""

    scope: AccessScope
    retrievers: Sequence[HybridRetriever]

    async def ask(self, question: str) -> list[Answer]:
        """Return what each retriever answers."""
        found = [await retriever.retrieve(self.scope, question, LIMIT) for retriever in self.retrievers]
        return [tuple((item.chunk_id, item.score, item.dense, item.sparse) for item in items) for items in found]


async def spaces(database: Database) -> tuple[Principal, Space, Space]:
    """Return the reader, a space of theirs and one that nobody may read."""
    await upgrade(database)
    async with database.write() as tx:
        user = await create_user(tx, "reader", "reader")
        mine = AccessPolicy(allow=(Subject(SubjectKind.USER, user.id),))
        seen = await create_space(tx, "seen", "seen", mine)
        hidden = await create_space(tx, "hidden", "hidden", AccessPolicy())
    return Principal(user.id, user.name), seen, hidden


def hidden_set(
    number: int, texts: Sequence[TextDocument], questions: Sequence[str], chance: random.Random
) -> list[TextDocument]:
    """Return a random set of documents made of words that the reader asks and reads."""

    def words() -> str:
        whole = chance.choice(texts).text
        start = chance.randrange(max(len(whole) - 100, 1))
        part = whole[start : start + chance.randint(20, 400)]
        return chance.choice((whole, part, chance.choice(questions), f"{chance.choice(questions)} {part}"))

    count = chance.randint(_SMALLEST, _LARGEST)
    return [
        TextDocument(f"hidden-{number}-{place}", chance.choice(texts).title, words() or "?") for place in range(count)
    ]


async def compare(
    texts: Sequence[TextDocument], questions: Sequence[str], embedder: Embedder, folder: Path, sets: int
) -> Outcome:
    """Ask with nothing hidden, then after each of ``sets`` sets of hidden documents, and count what differs."""
    chance = random.Random(SEED)
    async with AsyncExitStack() as stack:
        database = Database(sqlite_url(folder))
        stack.push_async_callback(database.close)
        given = (IndexSettings(search="exact"), folder / "index", embedder.fingerprint, embedder.dimension)
        index: VectorIndex = await open_index(*given)
        stack.push_async_callback(index.close)
        user, seen, hidden = await spaces(database)
        asked = Remembered(embedder, questions)
        chunker = open_chunker(IngestSettings(), embedder)
        known = stack.enter_context(VectorCache(folder / "vectors", embedder))
        loader = BulkLoader(database, index, chunker, known, user.user_id)
        await loader.load(seen, iter(texts), len(texts), _quiet, resume=False)
        near = np.concatenate([asked.vectors, known.passages([text.text for text in texts[:200]])])
        planted = stack.enter_context(Planted(folder / "planted", embedder, near))
        intruder = BulkLoader(database, index, chunker, planted, user.user_id)
        parts = (index, SqlEvidenceStore(database), asked, RetrievalSettings())
        rerankers = (None, open_reranker(RetrievalSettings(rerank="linear")))
        terms = SqlTermBase(database)
        reader = Reader(
            await resolve_scope(Directory(database), user),
            [HybridRetriever(*parts, reranker=reranker, terms=terms) for reranker in rerankers],
        )
        before = {question: await reader.ask(question) for question in questions}
        count, compared, places, scores, last = 0, 0, 0, 0, list[TextDocument]()
        for number in range(sets):
            fresh = hidden_set(number, texts, questions, chance)
            count += len(fresh)
            await intruder.load(hidden, iter(fresh), len(fresh), _quiet, resume=False)
            for gone in last[:_REMOVED]:
                await index.delete_document(document_id(gone.id))
            last = fresh
            for question in chance.sample(list(questions), min(ASKED, len(questions))):
                for now, then in zip(await reader.ask(question), before[question], strict=True):
                    compared += 1
                    places += [item[0] for item in now] != [item[0] for item in then]
                    scores += now != then
            if (number + 1) % _TOLD == 0:
                print(
                    f"{number + 1} sets: {compared} answers, {places} other orders, {scores} other scores", flush=True
                )
    return Outcome(count, compared, places, scores)


def _quiet(done: int, total: int) -> None:
    """Say nothing."""


def main() -> int:
    """Run the benchmark; return 0 when nothing differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search.noninterference", description=__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--layout", choices=("squad", "beir"), default="squad")
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--scratch", type=Path, help="a folder in memory spares the disk some 10,000 flushes")
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    print(machine_line(), flush=True)
    dataset = read_dataset(chosen.dataset, chosen.layout)
    texts = [text for text, _ in zip(dataset.texts(), range(chosen.texts), strict=False)]
    questions = random.Random(SEED).sample([question.text for question in dataset.questions], chosen.questions)
    embedder = open_embedder(EmbeddingSettings(), chosen.models_dir)
    with tempfile.TemporaryDirectory(dir=chosen.scratch) as folder:
        outcome = asyncio.run(compare(texts, questions, embedder, Path(folder), chosen.sets))
    embedder.close()
    print(
        f"{chosen.sets} sets, {outcome.hidden} hidden documents beside {len(texts)}; "
        f"{outcome.compared} answers compared, {outcome.places} with other passages or order, "
        f"{outcome.scores} with other scores"
    )
    return 1 if outcome.places or outcome.scores else 0


if __name__ == "__main__":
    sys.exit(main())
