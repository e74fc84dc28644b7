"""Features of the offline reranker, its weights, and what the retriever does with a reranker."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from retrieval.querymap import Gate, QueryMap
from retrieval.rerank.factory import open_reranker
from retrieval.rerank.features import NAMES, Found, features
from retrieval.rerank.linear import WEIGHTS, LinearReranker
from retrieval.service import HybridRetriever, in_order
from tests.contract.index_kit import chunk_id, mint
from tests.unit.retrieval.test_service import BagEmbedder, Store
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, Hit
from wenyuan.errors import EndpointError, SettingsError
from wenyuan.ports import MakeVector, Vectors
from wenyuan.settings import RetrievalSettings


def one(question: str, text: str, context: str = "") -> dict[str, float]:
    return features(question, [Found(text, context)])[0]._asdict()


def test_coverage_is_the_weighted_share_of_the_question() -> None:
    assert one("住宿标准", "住宿标准")["coverage"] == pytest.approx(1.0)
    assert one("住宿标准", "无关内容")["coverage"] == 0.0
    rare, common = one("变压器的", "变压器")["coverage"], one("变压器的", "器的")["coverage"]
    assert rare > common > 0


def test_coverage_reads_the_context_but_a_phrase_does_not() -> None:
    found = one("住宿标准", "每晚五百元。", "住宿标准")
    assert found["coverage"] == pytest.approx(1.0)
    assert found["phrase"] == 0.0


def test_neighbours_of_the_question_count_where_they_are_neighbours() -> None:
    assert one("red apples", "ripe red apples")["phrase"] == 1.0
    assert one("red apples", "apples that are red")["phrase"] == 0.0
    assert one("变压器油", "变压器油温")["phrase"] == 1.0
    assert one("变压器油", "变压器的油")["phrase"] == 0.5


def test_passages_of_one_page_speak_for_each_other() -> None:
    pool = [
        Found("a", document="d", pages=(1,)),
        Found("b", document="e", pages=(1,)),
        Found("c", document="d", pages=(1, 2)),
        Found("d", document="d", pages=(2,)),
        Found("e", document="d"),
    ]
    found = [feature.company for feature in features("问", pool)]
    assert found == pytest.approx([1 / 4, 0.0, 1 / 2 + 1 / 5, 1 / 4, 0.0])


def test_traditional_and_wide_characters_match() -> None:
    assert one("变压器 KYN28", "變壓器ＫＹＮ２８")["coverage"] == pytest.approx(1.0)


def test_english_words_match_whole_and_stemmed() -> None:
    assert one("policy", "two policies")["coverage"] == pytest.approx(1.0)
    assert one("art", "a start")["coverage"] == 0.0


def test_numbers_of_the_question_are_looked_for() -> None:
    assert one("2019 年 500 元", "2019 年")["numbers"] == -1.0
    assert one("2019 年 500 元", "500 元，2019 年")["numbers"] == 0.0
    assert one("哪一年", "2019 年")["numbers"] == 0.0


def test_words_are_said_where_their_letters_stand() -> None:
    assert one("住宿标准", "住宿的标准")["said"] == pytest.approx(1.0)
    assert one("住宿", "住在宿舍")["said"] == 0.0
    assert one("标准", "每晚", "标准")["said"] == pytest.approx(1.0)


def test_scores_count_as_they_lie_below_the_best() -> None:
    pool = [Found("a", dense=0.9, fused=1.5), Found("b", dense=0.8, fused=1.0), Found("c", fused=-0.5)]
    found = features("问", pool)
    assert [f.fused for f in found] == pytest.approx([0.0, -0.5, -2.0])
    assert [f.dense_margin for f in found] == pytest.approx([0.0, -0.1, -0.1])


def test_the_weights_that_ship_say_where_they_come_from() -> None:
    content = yaml.safe_load(WEIGHTS.read_text(encoding="utf-8"))
    assert set(content["weights"]) == set(NAMES)
    assert content["provenance"]["learned_from"]


@pytest.mark.parametrize("spoil", ["bias: 1", "bias: x\nweights: {}", "[]", "bias: .nan\nweights: &w {}"])
def test_spoiled_weights_are_refused(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "rerank.yaml"
    path.write_text(spoil, encoding="utf-8")
    with pytest.raises(SettingsError):
        LinearReranker.open(path)


def test_a_weight_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rerank.yaml"
    weights = dict.fromkeys(NAMES, 1.0) | {NAMES[0]: float("nan")}
    path.write_text(yaml.safe_dump({"bias": 0.0, "weights": weights}), encoding="utf-8")
    with pytest.raises(SettingsError):
        LinearReranker.open(path)


def test_the_factory_opens_what_is_configured() -> None:
    assert open_reranker(RetrievalSettings(rerank="none")) is None
    linear = open_reranker(RetrievalSettings(rerank="linear"))
    served = open_reranker(RetrievalSettings(rerank="tei", rerank_url="http://127.0.0.1:9"))
    assert linear is not None
    assert served is not None
    assert (linear.name, served.name) == ("linear", "tei")
    served.close()


@pytest.mark.parametrize("wrong", [{"rerank": "tei"}, {"rerank": "jina", "rerank_url": "http://h"}])
def test_an_endpoint_needs_its_address_and_model(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"retrieval\.rerank"):
        RetrievalSettings.model_validate(wrong)


def test_the_library_is_not_imported_before_a_reranker_is_opened() -> None:
    program = """
import sys, api.app
from retrieval.rerank.factory import open_reranker
from wenyuan.settings import RetrievalSettings
early = "rerankers" in sys.modules
open_reranker(RetrievalSettings(rerank="linear"))
sys.exit(early or bool({"torch", "transformers"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class Backwards:
    """A reranker with an opinion of its own, which keeps what it was given."""

    name = "backwards"
    endpoint: str | None = None

    def __init__(self, *, fails: bool = False, seconds: float = 0.0) -> None:
        self.fails, self.seconds, self.seen = fails, seconds, list[list[Evidence]]()

    async def rerank(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        self.seen.append(list(evidence))
        if self.fails:
            raise EndpointError(reason="rerank: gone")
        await asyncio.sleep(self.seconds)
        return list(reversed(evidence))

    def close(self) -> None:
        """Nothing to free."""


class Hits:
    """An index of ten passages in a fixed order, of which a scope sees those of its policies."""

    def __init__(self) -> None:
        self.policies = dict.fromkeys(range(10), 1)

    async def search_dense(self, scope: AccessScope, vector: Vectors | MakeVector, limit: int) -> list[Hit]:
        if callable(vector):
            vector()
        seen = [n for n, policy in self.policies.items() if policy in scope.policy_ids][:limit]
        return [Hit(chunk_id(n), 1 - n / 10, rank) for rank, n in enumerate(seen, start=1)]

    async def search_sparse(self, scope: AccessScope, query: object, limit: int) -> list[Hit]:
        return []


def retriever(reranker: Backwards | None, pool: int = 6, **settings: float) -> tuple[HybridRetriever, Store, list[str]]:
    store, stages = Store(), list[str]()
    for number in range(10):
        store.texts[chunk_id(number)] = (1, f"第{number}条")
    index = Hits()
    made = HybridRetriever(
        index,  # type: ignore[arg-type]  # the searching half of the port is all that is used
        store,
        BagEmbedder(),
        RetrievalSettings.model_validate({"rerank_pool": pool, **settings}),
        on_stage=lambda stage, _: stages.append(stage),
        reranker=reranker,
    )
    return made, store, stages


async def test_the_best_of_the_whole_pool_are_returned() -> None:
    reranker = Backwards()
    made, _, stages = retriever(reranker)
    found = await made.retrieve(await mint(1), "问", 2)
    assert [item.text for item in found] == ["第5条", "第4条"]
    assert len(reranker.seen[0]) == 6
    assert stages[-1] == "rerank"


async def test_a_limit_above_the_pool_reranks_them_all() -> None:
    reranker = Backwards()
    made, _, _ = retriever(reranker)
    found = await made.retrieve(await mint(1), "问", 8)
    assert [item.text for item in found] == [f"第{number}条" for number in range(7, -1, -1)]


async def test_without_a_reranker_no_more_than_asked_for_is_loaded() -> None:
    made, store, stages = retriever(None)
    found = await made.retrieve(await mint(1), "问", 2)
    assert [item.text for item in found] == ["第0条", "第1条"]
    assert len(store.asked) == 2
    assert "rerank" not in stages


async def test_a_reranker_that_fails_leaves_the_fused_order() -> None:
    made, _, _ = retriever(Backwards(fails=True))
    found = await made.retrieve(await mint(1), "问", 2)
    assert [item.text for item in found] == ["第0条", "第1条"]


async def test_a_reranker_that_is_slow_leaves_the_fused_order() -> None:
    made, _, _ = retriever(Backwards(seconds=5), rerank_s=0.01)
    found = await made.retrieve(await mint(1), "问", 2)
    assert [item.text for item in found] == ["第0条", "第1条"]


async def test_a_first_passage_that_leads_far_enough_is_not_questioned() -> None:
    reranker = Backwards()
    lead = (await retriever(None)[0].retrieve(await mint(1), "问", 2))[0].score
    lead -= (await retriever(None)[0].retrieve(await mint(1), "问", 2))[1].score
    made, _, _ = retriever(reranker, rerank_certain=lead * 0.9)
    assert [item.text for item in await made.retrieve(await mint(1), "问", 2)] == ["第0条", "第1条"]
    assert reranker.seen == []
    made, _, _ = retriever(reranker, rerank_certain=lead * 1.1)
    assert [item.text for item in await made.retrieve(await mint(1), "问", 2)] == ["第5条", "第4条"]


@pytest.mark.parametrize(("bias", "first"), [(30.0, "第0条"), (-30.0, "第5条")])
async def test_where_it_does_not_pay_the_offline_reranker_keeps_the_order(
    monkeypatch: pytest.MonkeyPatch, bias: float, first: str
) -> None:
    size = BagEmbedder.dimension
    still = QueryMap(
        np.zeros((size, 1), np.float32), np.zeros((1, size), np.float32), Gate(np.zeros(size, np.float32), bias)
    )
    monkeypatch.setattr(QueryMap, "open", lambda _embedder: still)
    made, _, _ = retriever(Backwards())
    found = await made.retrieve(await mint(1), "问", 6)
    assert found[0].text == first
    assert len({item.text for item in found}) == 6


def test_a_kept_order_takes_the_relevances_from_the_highest_down() -> None:
    def item(name: str, score: float) -> Evidence:
        return Evidence(name, "d", "v", "t", name, name, (), (1,), (), "zh", None, score)

    kept = in_order([item("a", 2.0), item("b", 1.0)], [item("b", 0.9), item("a", 0.1)])
    assert [(one.chunk_id, one.score) for one in kept] == [("a", 0.9), ("b", 0.1)]


async def test_the_reranker_sees_only_what_the_scope_may_read_now() -> None:
    reranker = Backwards()
    made, store, _ = retriever(reranker)
    store.texts[chunk_id(0)] = (2, "已收回")
    found = await made.retrieve(await mint(1), "问", 3)
    assert "已收回" not in {item.text for item in (*reranker.seen[0], *found)}
    assert len(found) == 3


async def test_nothing_visible_is_not_reranked() -> None:
    reranker = Backwards()
    made, _, _ = retriever(reranker)
    assert await made.retrieve(await mint(9), "问", 3) == []
    assert reranker.seen == []
