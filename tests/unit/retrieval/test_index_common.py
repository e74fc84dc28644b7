"""The order that does not depend on the engine."""

from retrieval.index.common import Scored, first_fetch, next_fetch, ranked


def scored(*scores: float) -> list[Scored]:
    return [Scored(f"c{number:05d}", score) for number, score in enumerate(scores)]


def test_no_further_fetch_when_the_cut_is_clear_or_the_end_is_reached() -> None:
    asked = first_fetch(3)
    assert next_fetch(scored(*range(asked, 0, -1)), asked, 3) is None
    assert next_fetch(scored(*[1.0] * (asked - 1)), asked, 3) is None
    assert next_fetch([], asked, 3) is None


def test_a_tie_over_the_cut_fetches_more_up_to_a_bound() -> None:
    asked: int | None = first_fetch(3)
    sizes = []
    while asked is not None:
        sizes.append(asked)
        asked = next_fetch(scored(*[1.0] * asked), asked, 3)
    assert sizes == sorted(set(sizes))
    assert len(sizes) > 2
    assert sizes[-1] <= 10_000


def test_ranks_and_raw_scores() -> None:
    hits = ranked([Scored("b", 0.5), Scored("a", 0.5), Scored("c", 0.9)], 2, "sparse")
    assert [(hit.chunk_id, hit.rank, hit.sparse, hit.dense) for hit in hits] == [
        ("c", 1, 0.9, None),
        ("a", 2, 0.5, None),
    ]
