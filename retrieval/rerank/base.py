"""What every reranker shares: evidence to ``rerankers``' documents and back."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rerankers import Document
from rerankers.models.ranker import BaseRanker
from rerankers.results import RankedResults, Result
from rerankers.utils import prep_docs

from wenyuan.answers import Evidence


class EvidenceRanker(BaseRanker):  # type: ignore[misc]  # the library has no types
    """:class:`wenyuan.ports.Reranker` over a ranker of ``rerankers``; subclasses give :meth:`scores`.

    Usable as either: :meth:`rerank` takes evidence, :meth:`rank` and :meth:`score` the plain texts or documents of that
    library. A document's metadata may hold ``context``, ``dense``, ``score`` and ``pages`` as :class:`Evidence` does,
    and its ``document`` id.
    """

    endpoint: str | None = None

    def __init__(self, model_name_or_path: str, verbose: int = 0) -> None:
        """Name the ranker; ``verbose`` is part of the library's signature and unused."""
        self.name = model_name_or_path
        self.verbose = verbose

    @abstractmethod
    def scores(self, query: str, documents: Sequence[Document]) -> list[float]:
        """Return the relevance of each document, higher for more, in their order; ``documents`` is not empty."""

    def rank(
        self,
        query: str,
        docs: str | list[str] | Document | list[Document],
        doc_ids: list[str] | list[int] | None = None,
    ) -> RankedResults:
        """Return the documents, most relevant first, equals in the order given."""
        documents = prep_docs(docs, doc_ids) if docs else []
        scores = self.scores(query, documents) if documents else []
        order = sorted(range(len(documents)), key=lambda place: -scores[place])
        results = [Result(documents[place], scores[place], rank) for rank, place in enumerate(order, start=1)]
        return RankedResults(results, query, has_scores=True)

    def score(self, query: str, doc: str) -> float:
        """Return the relevance of one text, as if it had been found alone."""
        return self.scores(query, [Document(doc, doc_id=0)])[0]

    async def rerank(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Return the evidence, most relevant first, with the relevance as its score; works beside the event loop."""
        documents = [Document(item.text, place, metadata=_metadata(item)) for place, item in enumerate(evidence)]
        ranked = await self.rank_async(question, documents)
        return [replace(evidence[result.document.doc_id], score=result.score) for result in ranked]

    def close(self) -> None:
        """Free what the ranker holds."""


def _metadata(item: Evidence) -> dict[str, Any]:
    return {
        "context": item.context,
        "dense": item.dense,
        "score": item.score,
        "document": item.document_id,
        "pages": item.pages,
    }
