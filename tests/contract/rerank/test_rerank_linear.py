"""The offline reranker with the weights that ship."""

import pytest

from retrieval.rerank.linear import LinearReranker
from tests.contract.rerank.kit import ANSWER, FAR, NEAR, QUESTION, RerankContract, found, passage


class TestLinearReranker(RerankContract):
    @pytest.fixture
    def reranker(self) -> LinearReranker:
        return LinearReranker.open()

    async def test_the_score_is_a_probability(self, reranker: LinearReranker) -> None:
        ranked = await reranker.rerank(QUESTION, found())
        assert all(0 < item.score < 1 for item in ranked)

    def test_it_ranks_plain_texts_as_the_library_does(self, reranker: LinearReranker) -> None:
        ranked = reranker.rank(QUESTION, [FAR, ANSWER, NEAR], doc_ids=["far", "answer", "near"])
        assert [result.document.doc_id for result in ranked] == ["answer", "near", "far"]
        assert ranked.top_k(1)[0].rank == 1
        assert reranker.score(QUESTION, ANSWER) > reranker.score(QUESTION, FAR)
        assert list(reranker.rank(QUESTION, [])) == []

    async def test_a_better_cosine_never_counts_against_a_passage(self, reranker: LinearReranker) -> None:
        ranked = await reranker.rerank(QUESTION, [passage(1, NEAR, dense=0.80), passage(2, NEAR, dense=0.88)])
        assert [item.chunk_id for item in ranked] == ["chunk_2", "chunk_1"]
