"""Canaries at the level of the engine: readers who look for what they may not see, judged by an oracle of our own."""

import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from retrieval.index.client import LOCAL, ClientIndex
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import document_vector, query_vector
from tests.contract.index_kit import mint
from wenyuan.access import AccessScope
from wenyuan.answers import Hit
from wenyuan.ports import IndexPoint, SparseVector, VectorIndex, Vectors

pytestmark = pytest.mark.filterwarnings("ignore:Local mode performs exact")

_DIMENSION = 32
_POLICIES = 60
_DOCUMENTS = 120
_CHUNKS = 3
_SUBJECTS = ("薪酬", "董事会", "采购", "安全", "travel", "switchgear", "保密", "审计", "board", "合同")


@dataclass
class World:
    """Everything that is in the index, as plain Python: the oracle asks nothing of the product but term weights."""

    points: dict[str, IndexPoint] = field(default_factory=dict)

    def allowed(self, policies: frozenset[int]) -> list[IndexPoint]:
        return [point for point in self.points.values() if point.policy_id in policies]


def _canary(number: int) -> str:
    return f"CANARY-{number:05d}-X"


def _vector(chance: np.random.Generator) -> Vectors:
    vector = chance.normal(size=_DIMENSION).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _document(number: int, chance: random.Random, vectors: np.random.Generator, version: int = 0) -> list[IndexPoint]:
    policy = chance.randrange(_POLICIES)
    return [
        IndexPoint(
            chunk_id=str(uuid.UUID(int=chance.getrandbits(128), version=5)),
            document_id=f"doc_{number}",
            version_id=f"ver_{number}_{version}",
            policy_id=policy,
            text=f"{chance.choice(_SUBJECTS)} {chance.choice(_SUBJECTS)} 规定 {_canary(number)} 第{part}条",
            vector=_vector(vectors),
        )
        for part in range(_CHUNKS)
    ]


def _reader(chance: random.Random) -> frozenset[int]:
    """Return the policies of a reader: nobody, one, few, many, or everything; and ids that no document has."""
    size = chance.choice((0, 1, 1, 2, 5, _POLICIES // 2, _POLICIES))
    return frozenset(chance.sample(range(_POLICIES), size)) | frozenset(chance.sample(range(1000, 1010), size % 3))


async def _change(world: World, index: VectorIndex, chance: random.Random, vectors: np.random.Generator) -> None:
    """Move, delete, or replace one document, in the index and in the oracle."""
    number = chance.randrange(_DOCUMENTS)
    document = f"doc_{number}"
    old = {key: point for key, point in world.points.items() if point.document_id == document}
    kind = chance.choice(("policy", "delete", "replace"))
    if kind == "policy":
        policy = chance.randrange(_POLICIES)
        await index.set_policy(document, policy)
        world.points.update({key: replace(point, policy_id=policy) for key, point in old.items()})
        return
    if kind == "delete":
        await index.delete_document(document)
    else:
        for version in {point.version_id for point in old.values()}:
            await index.delete_version(version)
        fresh = _document(number, chance, vectors, chance.randrange(1, 10**6))
        await index.upsert(fresh)
        world.points.update({point.chunk_id: point for point in fresh})
    for key in old:
        del world.points[key]


@cache
def _weights(text: str) -> dict[int, float]:
    passage = document_vector(text)
    return dict(zip(passage.indices, passage.values, strict=True))


def _dot(query: SparseVector, text: str) -> float:
    weights = _weights(text)
    return sum(value * weights.get(term, 0.0) for term, value in zip(query.indices, query.values, strict=True))


def _judge(hits: list[Hit], expected: dict[str, float], limit: int) -> None:
    """Check hits against the oracle's scores of everything the reader may see."""
    forbidden = [hit.chunk_id for hit in hits if hit.chunk_id not in expected]
    assert not forbidden, f"leaked {forbidden}"
    best = sorted(expected.values(), reverse=True)[:limit]
    assert len(hits) == len(best), "recall under the filter"
    assert np.allclose([hit.score for hit in hits], best, rtol=1e-4, atol=1e-5)
    assert np.allclose([hit.score for hit in hits], [expected[hit.chunk_id] for hit in hits], rtol=1e-4, atol=1e-5)


async def _dense_trial(index: VectorIndex, world: World, scope: AccessScope, target: IndexPoint) -> None:
    limit = 10
    hits = await index.search_dense(scope, target.vector, limit)
    allowed = world.allowed(frozenset(scope.policy_ids))
    _judge(hits, {point.chunk_id: float(point.vector @ target.vector) for point in allowed}, limit)


async def _sparse_trial(index: VectorIndex, world: World, scope: AccessScope, target: IndexPoint) -> None:
    limit = 10
    query = query_vector(target.text)
    hits = await index.search_sparse(scope, query, limit)
    allowed = world.allowed(frozenset(scope.policy_ids))
    scores = {point.chunk_id: _dot(query, point.text) for point in allowed}
    _judge(hits, {key: score for key, score in scores.items() if score > 0}, limit)


async def _campaign(index: VectorIndex, trials: int, seed: int) -> int:
    """Run trials of random readers who ask with the vector or the text of a random chunk; return the checks made."""
    chance, vectors = random.Random(seed), np.random.default_rng(seed)
    world = World()
    for number in range(_DOCUMENTS):
        world.points.update({point.chunk_id: point for point in _document(number, chance, vectors)})
    await index.upsert(list(world.points.values()))
    checks = 0
    while checks < trials:
        if checks % 100 == 0:
            await _change(world, index, chance, vectors)
        scope = await mint(*_reader(chance))
        target = chance.choice(list(world.points.values()))
        trial = _dense_trial if checks % 2 else _sparse_trial
        await trial(index, world, scope, target)
        checks += 1
    assert await index.point_ids() == set(world.points)
    return checks


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[VectorIndex]:
    index = await EdgeIndex.open(tmp_path, "canary", _DIMENSION)
    yield index
    await index.close()


@pytest.fixture
async def local() -> AsyncIterator[VectorIndex]:
    index = await ClientIndex.open(LOCAL, "canary", "canary", _DIMENSION)
    yield index
    await index.close()


async def test_no_forbidden_hit_in_two_thousand_trials(edge: VectorIndex) -> None:
    assert await _campaign(edge, trials=2000, seed=20_240_601) == 2000


async def test_no_forbidden_hit_through_the_client(local: VectorIndex) -> None:
    assert await _campaign(local, trials=100, seed=7) == 100


async def test_hidden_documents_do_not_move_the_scores_of_visible_ones(edge: VectorIndex) -> None:
    """What is hidden must not be read off the scores of what is not: no statistics of the corpus enter them."""
    chance, vectors = random.Random(3), np.random.default_rng(3)
    visible = [replace(point, policy_id=1) for number in range(20) for point in _document(number, chance, vectors)]
    hidden = [replace(point, policy_id=2) for number in range(20, 200) for point in _document(number, chance, vectors)]
    scope, target = await mint(1), visible[4]
    await edge.upsert(visible)
    query = query_vector("薪酬 规定 " + _canary(1))
    before = (await edge.search_dense(scope, target.vector, 20), await edge.search_sparse(scope, query, 20))
    await edge.upsert(hidden)
    after = (await edge.search_dense(scope, target.vector, 20), await edge.search_sparse(scope, query, 20))
    assert after == before
