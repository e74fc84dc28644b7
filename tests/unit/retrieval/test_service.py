"""The retriever on the real engine, with a small embedder and an evidence store that has its own opinion."""

import hashlib
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from retrieval.service import HybridRetriever
from tests.contract.index_kit import chunk_id, mint
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, Hit
from wenyuan.models.endpoint import EndpointEmbedder
from wenyuan.ports import IndexPoint, SparseVector, Vectors
from wenyuan.settings import RetrievalSettings


class BagEmbedder:
    """A deterministic embedder: the sum of a random vector per character."""

    name = "bag"
    fingerprint = "bag-1"
    dimension = 64

    def _one(self, text: str) -> Vectors:
        total = np.full(self.dimension, 1e-3, dtype=np.float32)
        for letter in text:
            seed = int.from_bytes(hashlib.sha256(letter.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._one(text) for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self.embed_queries(texts)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        """Nothing to free."""


class Store:
    """Texts with their current policy, which may differ from what the index was told."""

    def __init__(self) -> None:
        self.texts: dict[str, tuple[int, str]] = {}
        self.asked: list[str] = []

    async def load(self, scope: AccessScope, hits: Sequence[Hit]) -> list[Evidence]:
        self.asked += [hit.chunk_id for hit in hits]
        found = []
        for hit in hits:
            policy, text = self.texts.get(hit.chunk_id, (-1, ""))
            if policy in scope.policy_ids:
                found.append(
                    Evidence(hit.chunk_id, "doc", "ver", "title", text, text, (), (1,), (), "zh", None, hit.score)
                )
        return found


class Bench:
    """A retriever and what stands behind it."""

    def __init__(self, index: EdgeIndex, settings: RetrievalSettings) -> None:
        self.index, self.store, self.embedder = index, Store(), BagEmbedder()
        self.stages: list[str] = []
        self.retriever = HybridRetriever(
            index, self.store, self.embedder, settings, on_stage=lambda stage, _seconds: self.stages.append(stage)
        )

    async def add(self, texts: Sequence[str], policy: int = 1) -> None:
        start = len(self.store.texts)
        points = [
            IndexPoint(chunk_id(start + n), f"doc_{start + n}", f"ver_{start + n}", policy, text, vector)
            for n, (text, vector) in enumerate(zip(texts, self.embedder.embed_passages(texts), strict=True))
        ]
        await self.index.upsert(points)
        self.store.texts.update({p.chunk_id: (policy, p.text) for p in points})


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    index = await EdgeIndex.open(tmp_path, BagEmbedder.fingerprint, BagEmbedder.dimension)
    yield Bench(index, RetrievalSettings(candidates=4))
    await index.close()


async def test_the_best_passage_comes_first_with_its_scores(bench: Bench) -> None:
    await bench.add(["差旅住宿标准为每晚五百元", "开关柜的额定电压为十二千伏", "食堂开放时间"])
    found = await bench.retriever.retrieve(await mint(1), "住宿标准是多少", 2)
    assert found[0].text == "差旅住宿标准为每晚五百元"
    assert found[0].dense is not None
    assert found[0].sparse is not None
    assert found[0].sparse > 0
    assert [e.score for e in found] == sorted((e.score for e in found), reverse=True)
    assert bench.stages == ["encode", "search", "load"]


async def test_search_hits_agrees_with_retrieve(bench: Bench) -> None:
    await bench.add([f"第{n}条 采购审批权限为{n}万元" for n in range(20)])
    scope = await mint(1)
    hits = await bench.retriever.search_hits(scope, "采购审批权限 7 万元", 4)
    found = await bench.retriever.retrieve(scope, "采购审批权限 7 万元", 4)
    assert [(h.chunk_id, h.score) for h in hits] == [(e.chunk_id, e.score) for e in found]
    assert [h.rank for h in hits] == [1, 2, 3, 4]
    assert hits == await bench.retriever.search_hits(scope, "采购审批权限 7 万元", 4)


async def test_it_refills_past_what_was_revoked_since(bench: Bench) -> None:
    """The index still shows 40 passages whose policy has changed: the readable ones behind them must come."""
    await bench.add([f"采购审批权限 {n}" for n in range(40)])
    for key in list(bench.store.texts):
        bench.store.texts[key] = (2, "revoked")
    await bench.add(["采购审批流程说明文字甲", "采购部门通讯录", "食堂菜单"])
    found = await bench.retriever.retrieve(await mint(1), "采购审批权限", 3)
    assert {e.text for e in found} == {"采购审批流程说明文字甲", "采购部门通讯录", "食堂菜单"}
    assert len(bench.store.asked) == len(set(bench.store.asked)), "no hit is loaded twice"
    assert [e.score for e in found] == sorted((e.score for e in found), reverse=True)


async def test_it_ends_when_both_arms_have_no_more(bench: Bench) -> None:
    await bench.add([f"采购审批权限 {n}" for n in range(30)])
    bench.store.texts = dict.fromkeys(bench.store.texts, (2, ""))
    assert await bench.retriever.retrieve(await mint(1), "采购审批权限", 3) == []
    assert len(bench.store.asked) == 30


async def test_loads_no_more_than_it_needs(bench: Bench) -> None:
    await bench.add([f"采购审批权限 {n}" for n in range(30)])
    assert len(await bench.retriever.retrieve(await mint(1), "采购审批权限", 3)) == 3
    assert len(bench.store.asked) == 3


@pytest.mark.parametrize(
    ("policies", "question", "limit"), [((), "采购", 3), ((9,), "采购", 3), ((1,), " ", 3), ((1,), "采购", 0)]
)
async def test_nothing_to_find(bench: Bench, policies: tuple[int, ...], question: str, limit: int) -> None:
    await bench.add(["采购审批权限"])
    scope = await mint(*policies)
    assert await bench.retriever.retrieve(scope, question, limit) == []
    assert await bench.retriever.search_hits(scope, question, limit) == []
    assert bench.store.asked == []


async def test_a_question_without_terms_still_searches_by_meaning(bench: Bench) -> None:
    await bench.add(["采购审批权限"])
    found = await bench.retriever.retrieve(await mint(1), "？！", 3)
    assert [e.sparse for e in found] == [None]


async def test_words_are_searched_while_the_vector_is_made(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vector comes only after the lexical arm has answered: arms that waited for each other would never end."""
    await bench.add(["采购审批权限", "食堂菜单"])
    answered = threading.Event()
    embed, search = bench.embedder.embed_queries, bench.index.search_sparse

    def late(texts: Sequence[str]) -> Vectors:
        assert answered.wait(20)
        return embed(texts)

    async def told(scope: AccessScope, query: SparseVector, limit: int) -> list[Hit]:
        hits = await search(scope, query, limit)
        answered.set()
        return hits

    monkeypatch.setattr(bench.embedder, "embed_queries", late)
    monkeypatch.setattr(bench.index, "search_sparse", told)
    found = await bench.retriever.retrieve(await mint(1), "采购审批", 1)
    assert [e.text for e in found] == ["采购审批权限"]
    assert None not in (found[0].dense, found[0].sparse)
    assert bench.stages == ["encode", "search", "load"]


async def test_a_refill_makes_neither_vector_nor_words_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.add([f"采购审批权限 {n}" for n in range(40)])
    bench.store.texts = dict.fromkeys(bench.store.texts, (2, ""))
    made: list[str] = []
    embed = bench.embedder.embed_queries

    def embedded(texts: Sequence[str]) -> Vectors:
        made.append("vector")
        return embed(texts)

    def cut(*given: Any, **options: Any) -> SparseVector:
        made.append("words")
        return query_vector(*given, **options)

    monkeypatch.setattr(bench.embedder, "embed_queries", embedded)
    monkeypatch.setattr("retrieval.service.query_vector", cut)
    assert await bench.retriever.retrieve(await mint(1), "采购审批权限", 3) == []
    assert bench.stages.count("search") > 1
    assert sorted(made) == ["vector", "words"]


async def test_the_vector_is_made_on_the_thread_that_searches_and_not_for_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.add(["采购审批权限"])
    threads: list[str] = []
    embed = bench.embedder.embed_queries

    def embedded(texts: Sequence[str]) -> Vectors:
        threads.append(threading.current_thread().name)
        return embed(texts)

    monkeypatch.setattr(bench.embedder, "embed_queries", embedded)
    assert await bench.retriever.retrieve(await mint(), "采购审批", 1) == []
    assert threads == []
    assert len(await bench.retriever.retrieve(await mint(1), "采购审批", 1)) == 1
    assert [name.startswith("index-read") for name in threads] == [True]


async def test_a_long_question_does_not_hold_the_event_loop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.add(["采购审批权限"])
    cut: list[bool] = []

    def weighed(*given: Any, **options: Any) -> SparseVector:
        cut.append(threading.current_thread() is threading.main_thread())
        return query_vector(*given, **options)

    monkeypatch.setattr("retrieval.service.query_vector", weighed)
    for question in ("采购审批", "采购审批" * 100):
        await bench.retriever.retrieve(await mint(1), question, 1)
    assert cut == [True, False]


class Far(BagEmbedder, EndpointEmbedder):
    """As if its vectors came from an endpoint."""

    def __init__(self) -> None:
        self.threads: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.threads.append(threading.current_thread().name)
        return super().embed_queries(texts)


async def test_who_waits_for_an_endpoint_holds_no_thread_of_the_index(bench: Bench) -> None:
    await bench.add(["采购审批权限"])
    far = Far()
    retriever = HybridRetriever(bench.index, bench.store, far, RetrievalSettings())
    assert len(await retriever.retrieve(await mint(1), "采购审批", 1)) == 1
    assert [name.startswith("index-read") for name in far.threads] == [False]
