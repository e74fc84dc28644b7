"""Rankings of a data set's questions through the product's retriever, and through each of its arms alone."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from eval.datasets import Question
from eval.metrics import best_ranks
from eval.texts.workspace import Workspace
from retrieval.lexical import query_vector
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.access import AccessScope
from wenyuan.answers import Hit
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.ports import Reranker

HYBRID: Final = "hybrid"
#: Questions and passages of the timed searches: what a caller of /v1/search asks for by default.
TIMED_QUESTIONS: Final = 200
TIMED_LIMIT: Final = 10
_WARM_UP: Final = 3


@dataclass(slots=True)
class Rankings:
    """Runs by arm (question id to document id to score), and seconds of the timed searches and of their stages."""

    runs: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    searches: list[float] = field(default_factory=list)
    stages: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


class Ranker:
    """Ranks documents of a workspace for questions under one scope."""

    def __init__(self, workspace: Workspace, scope: AccessScope, names: dict[str, str]) -> None:
        """Rank under ``scope``; ``names`` turns ids of documents into those of the data set."""
        self._workspace = workspace
        self._scope = scope
        self._names = names
        self._evidence = SqlEvidenceStore(workspace.database)
        self._retriever = HybridRetriever(
            workspace.index, self._evidence, workspace.embedder, workspace.settings.retrieval
        )

    async def rank(
        self, questions: Sequence[Question], depth: int, *, arms: bool, progress: Callable[[int, int], None]
    ) -> Rankings:
        """Rank every question ``depth`` passages deep by the fused arms, before reranking.

        With ``arms`` also by the lexical and the dense arm alone, and by the reranker over its pool if one is set.
        """
        found = Rankings()
        ways: dict[str, Callable[[str], Awaitable[list[str]]]] = {HYBRID: lambda text: self._hybrid(text, depth)}
        if arms:
            ways |= {"lexical": lambda text: self._lexical(text, depth), "dense": lambda text: self._dense(text, depth)}
            if (reranker := open_reranker(self._workspace.settings.retrieval)) is not None:
                ways["reranked"] = self._reranked(reranker)
        for number, question in enumerate(questions, start=1):
            for arm, way in ways.items():
                found.runs.setdefault(arm, {})[question.id] = best_ranks(await way(question.text))
            progress(number, len(questions))
        await self._time(questions, found)
        return found

    async def visible(self, questions: Sequence[Question], depth: int) -> int:
        """Return how many passages the scope is shown for the questions, hits of the index and evidence alike."""
        count = 0
        for question in questions:
            count += len(await self._retriever.search_hits(self._scope, question.text, depth))
            count += len(await self._retriever.retrieve(self._scope, question.text, depth))
        return count

    async def _time(self, questions: Sequence[Question], found: Rankings) -> None:
        """Time the searches a caller makes, the embedding of the question included, one after another."""
        timed = HybridRetriever(
            self._workspace.index,
            self._evidence,
            self._workspace.embedder,
            self._workspace.settings.retrieval,
            on_stage=lambda stage, seconds: found.stages[stage].append(seconds),
        )
        for question in questions[:_WARM_UP]:
            await self._retriever.retrieve(self._scope, question.text, TIMED_LIMIT)
        for question in questions[:TIMED_QUESTIONS]:
            start = time.perf_counter()
            await timed.retrieve(self._scope, question.text, TIMED_LIMIT)
            found.searches.append(time.perf_counter() - start)

    async def _hybrid(self, text: str, depth: int) -> list[str]:
        evidence = await self._retriever.retrieve(self._scope, text, depth)
        return [self._names[item.document_id] for item in evidence]

    def _reranked(self, reranker: Reranker) -> Callable[[str], Awaitable[list[str]]]:
        settings = self._workspace.settings.retrieval
        retriever = HybridRetriever(
            self._workspace.index, self._evidence, self._workspace.embedder, settings, reranker=reranker
        )

        async def rank(text: str) -> list[str]:
            evidence = await retriever.retrieve(self._scope, text, settings.rerank_pool)
            return [self._names[item.document_id] for item in evidence]

        return rank

    async def _lexical(self, text: str, depth: int) -> list[str]:
        terms = await asyncio.to_thread(query_vector, text, idf=self._workspace.settings.retrieval.idf == "background")
        return await self._documents(await self._workspace.index.search_sparse(self._scope, terms, depth))

    async def _dense(self, text: str, depth: int) -> list[str]:
        vectors = await asyncio.to_thread(self._workspace.embedder.embed_queries, [text])
        return await self._documents(await self._workspace.index.search_dense(self._scope, vectors[0], depth))

    async def _documents(self, hits: list[Hit]) -> list[str]:
        return [self._names[item.document_id] for item in await self._evidence.load(self._scope, hits)]
