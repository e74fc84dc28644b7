"""The copies of one byte a dimension beside the engine in process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.index import copies, edge, rows
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from tests.contract.index_kit import FINGERPRINT, chunk_id, mint, point, unit
from wenyuan.access import narrow
from wenyuan.answers import Hit
from wenyuan.ports import IndexPoint

_DIMENSION = 64
_COUNT = 600
_TEXT = "差旅报销标准"

Open = Callable[..., Awaitable[EdgeIndex]]


def _point(number: int, policy: int, seed: int | None = None) -> IndexPoint:
    vector = unit(number if seed is None else seed, _DIMENSION)
    return point(number, policy=policy, text=_TEXT, vector=vector)


@pytest.fixture
async def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Fill an index whose points lie under ten policies; opens it again and again, in ways that a test names."""
    monkeypatch.setattr(edge, "EXACT_POINTS", 100)
    monkeypatch.setattr(copies, "_BLOCK", 64)
    held = [await EdgeIndex.open(tmp_path, FINGERPRINT, _DIMENSION)]
    await held[0].upsert([_point(number, number % 10) for number in range(_COUNT)])

    async def open_again(*, exact: bool = False, without: Sequence[str] = ()) -> EdgeIndex:
        await held[-1].close()
        for name in without:
            (tmp_path / "copies" / name).unlink()
        held.append(await EdgeIndex.open(tmp_path, FINGERPRINT, _DIMENSION, exact=exact))
        return held[-1]

    yield open_again
    await held[-1].close()


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


@pytest.mark.parametrize("without", [["codes", "rows"], ["rows"], ["codes"]])
async def test_copies_that_are_lost_are_made_again(opened: Open, without: list[str]) -> None:
    index = await opened(without=without)
    query = unit(4000, _DIMENSION)
    assert _order(await index.search_dense(await mint(*range(10)), query, 20)) == _best(query, list(range(_COUNT)), 20)


async def test_what_a_crash_left_half_written_is_cut_off(opened: Open, tmp_path: Path) -> None:
    await opened()
    for name, size in (("codes", 3 * _DIMENSION + 5), ("rows", 17)):
        with (tmp_path / "copies" / name).open("ab") as file:
            file.write(b"\x07" * size)
    index = await opened()
    await index.upsert([_point(_COUNT, 3)])
    index = await opened()
    query = unit(_COUNT, _DIMENSION)
    hits = await index.search_dense(await mint(*range(10)), query, 20)
    assert _order(hits) == _best(query, list(range(_COUNT + 1)), 20)


async def test_copies_of_what_the_engine_never_had_are_dropped(opened: Open, tmp_path: Path) -> None:
    index = await opened()
    beside = copies.Copies(tmp_path / "copies", _DIMENSION)
    ghost = unit(5000, _DIMENSION)
    beside.put([copies.Point(chunk_id(9999), "doc_9999", "ver_9999", 3, False, ghost)])
    beside.close()
    index = await opened()
    hits = await index.search_dense(await mint(*range(10)), ghost, 20)
    assert _order(hits) == _best(ghost, list(range(_COUNT)), 20)
    assert chunk_id(9999) not in copies.Copies(tmp_path / "copies", _DIMENSION).points()


async def test_a_scope_narrowed_to_documents_sees_no_others(opened: Open) -> None:
    index = await opened()
    named = range(0, _COUNT, 2)
    scope = narrow(await mint(*range(10)), [f"doc_{number}" for number in named])
    query = unit(6000, _DIMENSION)
    assert _order(await index.search_dense(scope, query, 20)) == _best(query, list(named), 20)


async def test_hidden_points_have_no_part_in_what_is_compared(opened: Open, tmp_path: Path) -> None:
    index = await opened()
    scope, query = await mint(*range(5)), unit(7000, _DIMENSION)
    before = await index.search_dense(scope, query, 50)
    crowd = [_point(number, 99, seed=7000) for number in range(_COUNT, _COUNT + 300)]
    loud = [replace(point, vector=point.vector * 50) for point in crowd]
    await index.upsert(loud)
    assert await index.search_dense(scope, query, 50) == before


async def test_rows_that_came_apart_are_laid_together(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = await opened()
    await index.delete_document("doc_7")
    await index.set_policy("doc_8", 3)
    monkeypatch.setattr(rows, "_MANY", 100)
    monkeypatch.setattr(rows, "_PORTION", 64)
    index = await opened()
    files = rows.RowFiles(tmp_path / "copies", _DIMENSION)
    laid = files.read()
    files.close()
    assert laid["policy"].tolist() == sorted(laid["policy"].tolist())
    assert len(laid) == _COUNT - 1
    assert not (tmp_path / "copies.partial").exists()
    assert not (tmp_path / "copies.old").exists()
    query = unit(8000, _DIMENSION)
    left = [number for number in range(_COUNT) if number != 7]
    assert _order(await index.search_dense(await mint(*range(10)), query, 20)) == _best(query, left, 20)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97, 1.0])
def test_long_runs_and_scattered_rows_are_scored_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(copies, "_BLOCK", 256)
    chance = np.random.default_rng(5)
    count, dimension = 2_000, 16
    kept = copies.Copies(tmp_path, dimension)
    vectors = chance.normal(size=(count, dimension)).astype(np.float32)
    kept.put([copies.Point(chunk_id(n), "doc", "ver", 1, False, vectors[n]) for n in range(count)])
    view = kept._view
    asked = view.codes[:1].copy()
    edges = np.repeat(chance.random(count // 100) < share, 100)
    scattered = chance.random(count) < share
    for chosen in (edges, scattered, edges | scattered):
        places = np.flatnonzero(chosen)
        if len(places):
            whole = view.codes[places].astype(np.int32) @ asked[0].astype(np.int32)
            assert np.array_equal(copies._scores(view, places, asked), whole.astype(np.float32) * view.scales[places])
    kept.close()
