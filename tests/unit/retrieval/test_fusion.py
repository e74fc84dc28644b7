"""Fusion of two arms."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import LANGUAGES, FusionWeights, fuse, learned_weights, lexical_weight
from wenyuan.answers import Hit
from wenyuan.errors import SettingsError
from wenyuan.ports import SparseVector


def arm(**scores: float) -> list[Hit]:
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    return [Hit(chunk_id=name, score=score, rank=rank) for rank, (name, score) in enumerate(ordered, start=1)]


def order(hits: list[Hit]) -> str:
    return "".join(hit.chunk_id for hit in hits)


def test_scores_are_the_weighted_sum_of_z_scores() -> None:
    # dense: mean .7, deviation .1; sparse: mean 3, deviation 2
    hits = {hit.chunk_id: hit for hit in fuse(arm(a=0.8, b=0.6), arm(b=5.0, a=1.0), 0.25)}
    assert hits["a"].score == pytest.approx(0.75 * 1 + 0.25 * -1)
    assert hits["b"].score == pytest.approx(0.75 * -1 + 0.25 * 1)
    assert (hits["a"].dense, hits["a"].sparse, hits["a"].rank) == (0.8, 1.0, 1)
    assert hits["b"].rank == 2


def test_a_missing_score_is_the_lowest_of_that_arm() -> None:
    hits = {hit.chunk_id: hit for hit in fuse(arm(a=0.8, b=0.6), arm(c=5.0, a=1.0), 0.25)}
    assert hits["c"].score == pytest.approx(0.75 * -1 + 0.25 * 1)
    assert hits["b"].score == pytest.approx(0.75 * -1 + 0.25 * -1)
    assert (hits["b"].sparse, hits["c"].dense) == (None, None)


def test_a_hit_without_a_shared_term_scores_zero_when_that_is_known() -> None:
    hits = {h.chunk_id: h for h in fuse(arm(a=0.8, b=0.6), arm(c=5.0, a=1.0), 0.25, sparse_exhausted=True)}
    mean, deviation = (5 + 1 + 0) / 3, (14 / 3) ** 0.5
    assert hits["b"].score == pytest.approx(0.75 * -1 + 0.25 * (0 - mean) / deviation)


def test_a_term_that_one_passage_alone_holds_decides() -> None:
    dense = arm(**{f"p{number:02}": 0.9 - number / 1000 for number in range(40)}, x=0.88)
    assert fuse(dense, arm(x=12.0), 0.3, sparse_exhausted=True)[0].chunk_id == "x"


def test_the_weight_shifts_the_order() -> None:
    dense, sparse = arm(a=0.9, b=0.8, c=0.7), arm(c=9.0, b=5.0, a=1.0)
    assert order(fuse(dense, sparse, 0.0)) == "abc"
    assert order(fuse(dense, sparse, 1.0)) == "cba"


def test_one_arm_alone_keeps_its_order() -> None:
    assert order(fuse(arm(a=0.9, b=0.8, c=0.1), [], 0.3)) == "abc"
    assert order(fuse([], arm(a=9.0, b=3.0), 0.3)) == "ab"
    assert fuse([], [], 0.3) == []


def test_equals_are_ordered_by_chunk_id() -> None:
    same = [Hit(chunk_id=name, score=0.5, rank=1) for name in "dbca"]
    assert order(fuse(same, [], 0.3)) == "abcd"


scored = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 50, allow_subnormal=False), max_size=8)


@given(scored, scored, st.floats(0, 1), st.booleans())
def test_every_hit_of_either_arm_comes_out_once(
    dense: dict[str, float], sparse: dict[str, float], weight: float, exhausted: bool
) -> None:
    hits = fuse(arm(**dense), arm(**sparse), weight, sparse_exhausted=exhausted)
    assert sorted(order(hits)) == sorted(dense.keys() | sparse.keys())
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.dense == dense.get(hit.chunk_id) and hit.sparse == sparse.get(hit.chunk_id) for hit in hits)


def test_words_that_say_little_count_in_proportion() -> None:
    weights = FusionWeights({"zh": 0.4, "en": 0.2}, {"zh": 0.5, "en": 1.0})
    terms = SparseVector((1, 2), (6.0, 4.0))
    assert weights.of("住宿标准", terms, arm(a=5.0)) == pytest.approx(0.4)
    assert weights.of("住宿标准", terms, arm(a=8.0, b=1.0)) == pytest.approx(0.4)
    assert weights.of("住宿标准", terms, arm(a=2.5)) == pytest.approx(0.2)
    assert weights.of("which rate", terms, arm(a=5.0)) == pytest.approx(0.1)
    assert weights.of("住宿标准", terms, []) == 0.0
    assert weights.of("？", SparseVector((), ()), []) in {0.2, 0.4}


def test_a_setting_wins_over_what_was_learned() -> None:
    terms = SparseVector((1,), (1.0,))
    assert lexical_weight("住宿标准", terms, [], 0.7) == 0.7
    assert lexical_weight("住宿标准", terms, arm(a=9.0), None) == learned_weights().lexical["zh"]


def test_the_weights_that_ship_cover_both_languages() -> None:
    weights = learned_weights()
    assert set(weights.lexical) == set(weights.enough) == set(LANGUAGES)


@pytest.mark.parametrize(
    "spoil", ["[]", "lexical_weight: {zh: 0.3}", "lexical_weight: {zh: 2, en: 0}\nenough: {zh: 1, en: 1}"]
)
def test_spoiled_weights_are_refused(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "fusion.yaml"
    path.write_text(spoil, encoding="utf-8")
    with pytest.raises(SettingsError):
        learned_weights(path)
