"""The engine in process after it was opened again with enough vectors to keep copies of one byte a dimension."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from retrieval.index import edge
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from tests.contract.index_kit import FINGERPRINT, chunk_id, mint, point, unit
from wenyuan.answers import Hit
from wenyuan.ports import IndexPoint

_DIMENSION = 64
_COUNT = 600
_TEXT = "差旅报销标准"

Open = Callable[..., Awaitable[EdgeIndex]]


def _point(number: int, policy: int, seed: int | None = None) -> IndexPoint:
    vector = unit(number if seed is None else seed, _DIMENSION)
    return point(number, policy=policy, text=_TEXT, vector=vector)


def _copies(folder: Path) -> list[Path]:
    return list(folder.rglob("quantized*"))


@pytest.fixture
async def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Fill an index whose points lie under ten policies, and open it again."""
    monkeypatch.setattr(edge, "PLAIN_KIB", 16)
    monkeypatch.setattr(edge, "EXACT_POINTS", 100)
    index = await EdgeIndex.open(tmp_path, FINGERPRINT, _DIMENSION)
    await index.upsert([_point(number, number % 10) for number in range(_COUNT)])
    await index.close()
    assert not _copies(tmp_path)
    held: list[EdgeIndex] = []

    async def open_again(*, exact: bool = False) -> EdgeIndex:
        for index in held:
            await index.close()
        held.append(await EdgeIndex.open(tmp_path, FINGERPRINT, _DIMENSION, exact=exact))
        assert _copies(tmp_path), "no copies were made"
        return held[-1]

    yield open_again
    for index in held:
        await index.close()


def _best(query: np.ndarray, numbers: list[int], limit: int) -> list[str]:
    scores = {number: float(unit(number, _DIMENSION) @ query) for number in numbers}
    return [chunk_id(number) for number in sorted(scores, key=lambda number: -scores[number])[:limit]]


def _order(hits: list[Hit]) -> list[str]:
    return [hit.chunk_id for hit in hits]


@pytest.mark.parametrize("exact", [False, True])
async def test_the_order_is_that_of_the_vectors_themselves(opened: Open, exact: bool) -> None:
    index = await opened(exact=exact)
    for policies in ((3,), (1, 2), tuple(range(5)), tuple(range(10))):
        scope = await mint(*policies)
        seen = [number for number in range(_COUNT) if number % 10 in policies]
        for seed in range(2000, 2010):
            query = unit(seed, _DIMENSION)
            hits = await index.search_dense(scope, query, 20)
            assert _order(hits) == _best(query, seen, 20)
            assert hits[0].score == pytest.approx(float(max(unit(n, _DIMENSION) @ query for n in seen)), abs=1e-5)


async def test_both_ways_give_the_same_scores(opened: Open) -> None:
    scope, query = await mint(*range(10)), unit(3000, _DIMENSION)
    near = await (await opened()).search_dense(scope, query, 30)
    assert await (await opened(exact=True)).search_dense(scope, query, 30) == near


async def test_what_has_copies_can_be_moved_removed_and_overwritten(opened: Open) -> None:
    index = await opened()
    await index.set_policy("doc_5", 11)
    await index.delete_document("doc_15")
    await index.upsert([_point(25, 5, seed=9999)])
    seen = [number for number in range(_COUNT) if number % 10 == 5 and number not in (5, 15, 25)]
    wide = await mint(*range(10))
    hits = await index.search_dense(wide, unit(9999, _DIMENSION), 5)
    assert hits[0].chunk_id == chunk_id(25)
    assert hits[0].score == pytest.approx(1.0, abs=1e-5)
    everything = await index.search_dense(await mint(5), unit(1, _DIMENSION), _COUNT)
    assert {hit.chunk_id for hit in everything} == {chunk_id(number) for number in (*seen, 25)}
    for hidden in (5, 15):
        assert chunk_id(hidden) not in _order(await index.search_dense(wide, unit(hidden, _DIMENSION), 20))
    assert _order(await index.search_dense(await mint(11), unit(5, _DIMENSION), 3)) == [chunk_id(5)]
    assert len(await index.search_sparse(await mint(11), query_vector(_TEXT), 3)) == 1
    assert len(await index.point_ids()) == _COUNT - 1
    await opened()
