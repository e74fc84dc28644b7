"""Planted errors: the cases are what they say, and the check tells them apart."""

import random

import pytest

from benchmarks.answering.cases import CHANGES, frame_cases, two_facts
from benchmarks.answering.planted import evidence_of
from benchmarks.answering.sentences import reworded
from benchmarks.answering.values import chinese, english
from generation.grounding import Grounder
from wenyuan.answers import Support
from wenyuan.words.written.spelled import in_figures


@pytest.mark.parametrize("language", ["zh", "en"])
def test_true_ones_stand_and_changed_ones_fall(language: str) -> None:
    grounder = Grounder(None)
    judged: dict[bool, list[bool]] = {}
    for false in (False, True):
        cases = frame_cases(random.Random(5), 40, language, language, held_out=False, false=false)
        verdicts = [grounder.check(c.statement, evidence_of(c), range(len(c.passages))) for c in cases]
        judged[false] = [v.support is Support.UNSUPPORTED for v in verdicts]
    assert sum(judged[False]) <= 2
    assert sum(judged[True]) >= 38


def test_every_kind_of_change_is_made_and_no_case_is_both() -> None:
    false = frame_cases(random.Random(3), 120, "zh", "zh", held_out=False, false=True)
    assert {case.change for case in false} == set(CHANGES)
    true = frame_cases(random.Random(3), 120, "zh", "zh", held_out=False, false=False)
    assert {case.change for case in true} == {""}
    assert all(len(case.passages) == 2 for case in two_facts(random.Random(1), 5, "en", held_out=False, false=True))


def test_the_same_seed_makes_the_same_cases() -> None:
    one, two = (frame_cases(random.Random(9), 30, "en", "zh", held_out=True, false=True) for _ in range(2))
    assert one == two


def test_numbers_are_written_in_words_that_are_read_back() -> None:
    for number in (11, 20, 45, 105, 350, 1200, 35_000, 60_000):
        assert in_figures(chinese(number)) == str(number)
        assert in_figures(english(number)) == str(number)


def test_a_reworded_sentence_keeps_its_dates() -> None:
    said = {reworded("公司于2021年3月5日成立，位于上海，共有1200人。", "zh", random.Random(seed)) for seed in range(20)}
    assert len(said) > 5
    assert all("2021" in sentence for sentence in said)
