"""Figures and learning of the extractive answerer, on made-up numbers."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.extractive.figures import auroc, calibration_error, precision_recall, token_f1
from benchmarks.extractive.learning import Example, alike, learn_gate, learn_units, usable
from generation.scoring import SUPPORT_NAMES, UNIT_NAMES


def test_auroc_counts_pairs_and_ties_half() -> None:
    assert auroc([3, 2], [1, 0]) == 1.0
    assert auroc([1, 2], [1, 2]) == pytest.approx(0.5)
    assert auroc([0, 5], [2, 2, 2]) == pytest.approx(0.5)


def test_calibration_error_is_the_gap_within_bins() -> None:
    assert calibration_error([0.05] * 20 + [0.95] * 20, [False] * 19 + [True] + [True] * 19 + [False]) < 1e-9
    assert calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)


def test_precision_and_recall_of_refusals() -> None:
    assert precision_recall([True, True, False, False], [True, False, True, False]) == (0.5, 0.5)


def test_token_f1() -> None:
    assert token_f1("the red fox", "the red dog") == pytest.approx(2 / 3)
    assert token_f1("a", "b") == 0.0


def examples(count: int = 200) -> list[Example]:
    """Pools of four units of which the one that is read best answers; answered where the reader says so."""
    chance = np.random.default_rng(1)
    read, answered = UNIT_NAMES.index("read"), SUPPORT_NAMES.index("answered")
    made = []
    for _ in range(count):
        units = chance.normal(scale=0.1, size=(4, len(UNIT_NAMES)))
        units[:, read] = chance.normal(size=4)
        mask = units[:, read] == units[:, read].max()
        support = chance.normal(scale=0.05, size=len(SUPPORT_NAMES))
        support[answered] = chance.normal()
        made.append(Example(units, mask, support, bool(support[answered] + chance.normal(scale=0.3) > 0)))
    return made


def test_what_tells_the_units_apart_is_learned_and_what_is_not_there_is_not() -> None:
    found = dict(zip(UNIT_NAMES, learn_units(examples(), cosines=True, reader=True).weights, strict=True))
    assert found["read"] > 2.0
    without = dict(zip(UNIT_NAMES, learn_units(examples(), cosines=False, reader=False).weights, strict=True))
    assert without["read"] == without["dense_unit"] == without["dense_passage"] == 0.0
    assert without["covered"] > 0


def test_the_gate_is_a_probability_with_a_threshold_between() -> None:
    rows = examples(400)
    gate = learn_gate(rows, cosines=False, reader=True, answered=0.97)
    said = [gate.model.probability(tuple(r.support)) for r in rows]
    assert auroc([p for p, r in zip(said, rows, strict=True) if r.answered],
                 [p for p, r in zip(said, rows, strict=True) if not r.answered]) > 0.9  # fmt: skip
    assert calibration_error(said, [r.answered for r in rows]) < 0.1
    stricter = learn_gate(rows, cosines=False, reader=True, answered=0.5)
    assert stricter.model == gate.model
    assert stricter.threshold > gate.threshold
    right = np.mean([(p >= gate.threshold) == r.answered for p, r in zip(said, rows, strict=True)])
    assert right > 0.8


def test_the_gate_is_found_where_plain_newton_steps_run_away() -> None:
    chance = np.random.default_rng(2)
    lead, rows = SUPPORT_NAMES.index("lead"), []
    for _ in range(300):
        support = chance.normal(scale=0.01, size=len(SUPPORT_NAMES))
        support[lead] = chance.choice([0.0, 60.0])
        rows.append(Example(None, None, support, bool(support[lead])))
    model = learn_gate(rows, cosines=True, reader=True, answered=0.97, pull=1e-3).model
    assert all((model.probability(tuple(r.support)) > 0.5) == r.answered for r in rows)


def test_each_set_weighs_as_much_as_the_largest() -> None:
    large, small = examples(30), [replace(one, weight=0.5) for one in examples(10)]
    weights = [one.weight for one in alike([large, small, []])]
    assert weights == [1.0] * 30 + [1.5] * 10


def test_usable_features() -> None:
    assert usable(["covered", "margin", "read"], cosines=False, reader=True).tolist() == [True, False, True]
