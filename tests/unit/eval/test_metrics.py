import math

import pytest

from eval.metrics import (
    best_ranks,
    contains_answer,
    latency,
    percentile,
    ranking_metrics,
    refusal_scores,
    share,
)


def test_rankings_against_values_by_hand() -> None:
    # Found at rank 2 / not at all / both of two relevant ones, at 1 and 3.
    qrels = {"a": {"d1": 1}, "b": {"d2": 1}, "c": {"d3": 1, "d4": 1}}
    run = {
        "a": best_ranks(["x", "d1", "y"]),
        "b": best_ranks(["x", "y"]),
        "c": best_ranks(["d3", "x", "d4"]),
    }
    found = ranking_metrics(qrels, run, depth=10)
    gain = [1 / math.log2(1 + rank) for rank in (1, 2, 3)]
    assert found["nDCG@10"] == pytest.approx((gain[1] + 0 + (gain[0] + gain[2]) / (gain[0] + gain[1])) / 3, abs=1e-4)
    assert found["MRR@10"] == pytest.approx((0.5 + 0 + 1) / 3, abs=1e-4)
    assert found["R@1"] == pytest.approx((0 + 0 + 0.5) / 3, abs=1e-4)
    assert found["R@10"] == pytest.approx((1 + 0 + 1) / 3, abs=1e-4)
    assert "R@100" not in found


def test_graded_relevance_weighs_in_ndcg() -> None:
    qrels = {"q": {"good": 2, "fair": 1}}
    found = ranking_metrics(qrels, {"q": best_ranks(["fair", "good"])}, depth=10)
    ideal = 2 + 1 / math.log2(3)
    assert found["nDCG@10"] == pytest.approx((1 + 2 / math.log2(3)) / ideal, abs=1e-4)


def test_a_question_without_a_ranking_counts_zero() -> None:
    found = ranking_metrics({"a": {"d": 1}, "b": {"d": 1}}, {"a": best_ranks(["d"]), "b": {}}, depth=1)
    assert found == {"R@1": 0.5}


def test_mrr_stops_at_ten() -> None:
    eleventh = best_ranks([*map(str, range(10)), "d"])
    assert ranking_metrics({"q": {"d": 1}}, {"q": eleventh}, depth=20)["MRR@10"] == 0


def test_passages_collapse_to_the_best_rank_of_their_document() -> None:
    assert best_ranks(["a", "b", "a", "c"]) == {"a": 1, "b": 1 / 2, "c": 1 / 3}


@pytest.mark.parametrize(
    ("text", "answers", "held"),
    [
        ("奖励 3000 元，另计。[1]", ["3000元"], True),
        ("额定 ３０００ 元", ["3000 元"], True),
        ("At least 90\nDAYS before", ["90 days"], True),
        ("口令不少于十二位。[16]", ["16"], False),
        ("3,000 元", ["3000 元"], False),
        ("anything", [], False),
        ("anything", [""], False),
    ],
)
def test_containment_folds_width_case_and_space_and_ignores_markers(text: str, answers: list[str], held: bool) -> None:
    assert contains_answer(text, answers) is held


def test_refusals() -> None:
    # Due: 1, 2, 3; made: 2, 3, 4.
    scores = refusal_scores([True, True, True, False, False], [False, True, True, True, False])
    assert scores == {
        "refusal_precision": pytest.approx(2 / 3, abs=1e-4),
        "refusal_recall": pytest.approx(2 / 3, abs=1e-4),
    }
    assert refusal_scores([False], [False]) == {"refusal_precision": None, "refusal_recall": None}


def test_share_of_nothing_is_none() -> None:
    assert share([]) is None
    assert share([True, False, False]) == pytest.approx(0.3333)


def test_percentiles_are_values_that_occurred() -> None:
    seconds = [number / 1000 for number in range(1, 101)]
    assert [percentile(seconds, q) for q in (0, 50, 95, 99, 100)] == [0.001, 0.05, 0.095, 0.099, 0.1]
    assert latency([0.004, 0.001, 0.002]) == {"n": 3, "mean_ms": 2.33, "p50_ms": 2.0, "p95_ms": 4.0, "p99_ms": 4.0}
    assert latency([]) == {}
