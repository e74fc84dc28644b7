"""What every adapter of :class:`wenyuan.ports.Reranker` must do. A test module per adapter subclasses the kit."""

from dataclasses import replace

import pytest

from wenyuan.answers import Evidence
from wenyuan.ports import Reranker

QUESTION = "差旅住宿费的报销上限是 500 元吗？"
ANSWER = "员工出差的住宿费按每晚 500 元的上限报销，超出部分自理。"
NEAR = "差旅申请须提前三天提交，由部门负责人审批。"
FAR = "食堂周五供应面条。"


def passage(number: int, text: str, dense: float | None = 0.85, sparse: float | None = None) -> Evidence:
    """Return evidence with the scores of both arms."""
    return Evidence(
        chunk_id=f"chunk_{number}",
        document_id=f"doc_{number}",
        version_id=f"ver_{number}",
        document_title="员工手册",
        text=text,
        context="员工手册 / 费用",
        heading_path=("费用",),
        pages=(number,),
        ranges=(),
        language="zh",
        anchor=None,
        score=-float(number),
        dense=dense,
        sparse=sparse,
    )


def found() -> list[Evidence]:
    """Return a pool in which the answer stands last."""
    return [passage(1, FAR), passage(2, NEAR, sparse=4.0), passage(3, ANSWER, sparse=9.0)]


class RerankContract:
    """The contract. Subclasses give ``reranker``; what it ranks by must put the answer of ``found`` first."""

    async def test_the_relevant_passage_comes_first(self, reranker: Reranker) -> None:
        ranked = await reranker.rerank(QUESTION, found())
        assert ranked[0].text == ANSWER

    async def test_scores_fall_and_nothing_else_changes(self, reranker: Reranker) -> None:
        given = found()
        ranked = await reranker.rerank(QUESTION, given)
        scores = [item.score for item in ranked]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] > scores[-1]
        before = {item.chunk_id: item for item in given}
        assert sorted(item.chunk_id for item in ranked) == sorted(before)
        assert all(replace(item, score=before[item.chunk_id].score) == before[item.chunk_id] for item in ranked)

    async def test_equals_keep_their_order(self, reranker: Reranker) -> None:
        twins = [passage(number, ANSWER) for number in range(5)]
        ranked = await reranker.rerank(QUESTION, twins)
        assert [item.chunk_id for item in ranked] == [item.chunk_id for item in twins]

    async def test_the_same_pool_gives_the_same_scores(self, reranker: Reranker) -> None:
        assert await reranker.rerank(QUESTION, found()) == await reranker.rerank(QUESTION, found())

    async def test_nothing_found_stays_nothing(self, reranker: Reranker) -> None:
        assert await reranker.rerank(QUESTION, []) == []

    @pytest.mark.parametrize("question", ["?!", "？", "Ω", "500", "\n", "x" * 4000])
    async def test_odd_questions_lose_no_passage(self, reranker: Reranker, question: str) -> None:
        ranked = await reranker.rerank(question, [*found(), passage(4, "", dense=None)])
        assert {item.chunk_id for item in ranked} == {f"chunk_{number}" for number in range(1, 5)}
