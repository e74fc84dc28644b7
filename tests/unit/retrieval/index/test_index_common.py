"""The order that does not depend on the engine."""

import uuid
from collections.abc import Sequence

import pytest

from retrieval.index.common import Round, Scored, first_fetch, grouped, lacking, nearest, next_fetch, ranked
from wenyuan.ids import SLOTS, point_id


def chunk(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))


def found(scores: Sequence[float], each: int = 1) -> Round:
    """Return points by falling score, ``each`` of them one chunk's."""
    return grouped((point_id(chunk(place // each), place % each), score) for place, score in enumerate(scores))


def test_no_further_fetch_when_the_cut_is_clear_or_the_end_is_reached() -> None:
    asked = first_fetch(3)
    assert next_fetch(found(range(asked, 0, -1)), asked, 3) is None
    assert next_fetch(found([1.0] * (asked - 1)), asked, 3) is None
    assert next_fetch(found([]), asked, 3) is None


def test_a_tie_over_the_cut_fetches_more_up_to_a_bound() -> None:
    asked: int | None = first_fetch(3)
    sizes = []
    while asked is not None:
        sizes.append(asked)
        asked = next_fetch(found([1.0] * asked), asked, 3)
    assert sizes == sorted(set(sizes))
    assert len(sizes) > 2
    assert sizes[-1] <= 10_000


def test_points_of_one_chunk_take_one_place() -> None:
    points = [(point_id(chunk(1), 5), 0.9), (point_id(chunk(2), 0), 0.8), (chunk(1), 0.7)]
    assert grouped(points) == Round([Scored(chunk(1), 0.9, 0.7), Scored(chunk(2), 0.8, 0.8)], 3, 0.7)


def test_chunks_of_many_points_are_fetched_until_all_places_are_taken() -> None:
    asked: int | None = first_fetch(100)
    rounds = chunks = 0
    while asked is not None:
        got = found([1.0 - place / 1e6 for place in range(asked)], each=SLOTS)
        chunks, asked, rounds = len(got.chunks), next_fetch(got, asked, 100), rounds + 1
    assert chunks >= 100
    assert rounds <= 3


def test_ranks_and_raw_scores() -> None:
    best = [Scored("b", 0.5, 0.5), Scored("a", 0.5, 0.5), Scored("d", 0.1, 0.1), Scored("c", 0.9, 0.9)]
    hits = ranked(nearest(Round(best, 4, 0.1), 3), {}, "sparse")
    assert [(hit.chunk_id, hit.rank, hit.sparse, hit.dense) for hit in hits] == [
        ("c", 1, 0.9, None),
        ("a", 2, 0.5, None),
        ("b", 3, 0.5, None),
    ]


def test_the_score_is_the_mean_of_text_and_best_point() -> None:
    chunks = [Scored("asked", 0.9, None), Scored("both", 0.8, 0.75), Scored("plain", 0.7, 0.7)]
    assert lacking(chunks) == ["asked"]
    hits = ranked(chunks, {"asked": 0.2}, "dense")
    assert [(hit.chunk_id, hit.dense) for hit in hits] == [
        ("both", pytest.approx(0.775)),
        ("plain", 0.7),
        ("asked", pytest.approx(0.55)),
    ]
