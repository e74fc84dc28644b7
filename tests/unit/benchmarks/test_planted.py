"""Planted errors: the cases are what they say, and the check tells them apart."""

import random

import pytest

from benchmarks.answering.declared import declare, declared_cases
from benchmarks.answering.elsewhere import elsewhere
from benchmarks.answering.facts.cases import CHANGES, frame_cases, two_facts
from benchmarks.answering.facts.cases import Case as Planted
from benchmarks.answering.facts.frames import FRAMES
from benchmarks.answering.facts.later_frames import LATER
from benchmarks.answering.facts.values import chinese, english
from benchmarks.answering.planted import evidence_of
from benchmarks.answering.sentences import reworded
from benchmarks.extractive.squad import Case, QuestionSet
from generation.grounding import Grounder
from wenyuan.answers import Support
from wenyuan.words.written.spelled import in_figures


@pytest.mark.parametrize("language", ["zh", "en"])
def test_true_ones_stand_and_changed_ones_fall(language: str) -> None:
    grounder = Grounder(None)
    judged: dict[bool, list[bool]] = {}
    for false in (False, True):
        cases = frame_cases(random.Random(5), 40, language, language, kinds=FRAMES, false=false)
        verdicts = [grounder.check(c.statement, evidence_of(c), range(len(c.passages))) for c in cases]
        judged[false] = [v.support is not Support.SUPPORTED for v in verdicts]
    assert sum(judged[False]) <= 2
    assert sum(judged[True]) >= 38


def test_every_kind_of_change_is_made_and_no_case_is_both() -> None:
    false = frame_cases(random.Random(3), 120, "zh", "zh", kinds=FRAMES, false=True)
    assert {case.change for case in false} == set(CHANGES)
    true = frame_cases(random.Random(3), 120, "zh", "zh", kinds=FRAMES, false=False)
    assert {case.change for case in true} == {""}
    assert all(len(case.passages) == 2 for case in two_facts(random.Random(1), 5, "en", kinds=FRAMES, false=True))


def test_the_same_seed_makes_the_same_cases() -> None:
    one, two = (frame_cases(random.Random(9), 30, "en", "zh", kinds=LATER, false=True) for _ in range(2))
    assert one == two


def test_numbers_are_written_in_words_that_are_read_back() -> None:
    for number in (11, 20, 45, 105, 350, 1200, 35_000, 60_000):
        assert in_figures(chinese(number)) == str(number)
        assert in_figures(english(number)) == str(number)


def test_a_reworded_sentence_keeps_its_dates() -> None:
    said = {reworded("公司于2021年3月5日成立，位于上海，共有1200人。", "zh", random.Random(seed)) for seed in range(20)}
    assert len(said) > 5
    assert all("2021" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("《红楼梦》是谁写的？", "曹雪芹", "《红楼梦》是曹雪芹写的。"),
        ("该厂是何时投产的？", "1961年7月", "该厂是在1961年7月投产的。"),
        ("全县共有多少个镇？", "12个", "全县共有12个镇。"),
        ("为什么停产？", "缺电", None),
        ("他和谁去了哪里？", "张伟", None),
    ],
)
def test_a_question_becomes_what_its_answer_says(question: str, answer: str, said: str | None) -> None:
    found = declare(question, answer)
    assert (found[1] if found else None) == said


def test_a_wrong_answer_is_of_another_question() -> None:
    asked = [("甲书是谁写的？", "曹雪芹"), ("乙书是谁写的？", "吴承恩"), ("丙书是谁写的？", "施耐庵")]
    cases = tuple(Case(str(i), q, i, (a,)) for i, (q, a) in enumerate(asked))
    data = QuestionSet("set", tuple(f"{q[:2]}是{a}写的。" for q, a in asked), cases)
    true = declared_cases(data, random.Random(1), 9, false=False)
    false = declared_cases(data, random.Random(1), 9, false=True)
    assert {c.statement for c in true} == set(data.paragraphs)
    assert false
    assert not {c.statement for c in false} & set(data.paragraphs)
    assert {c.change for c in false} == {"person"}


def test_elsewhere_is_the_nearest_passage_about_something_else_in_the_language_of_its_own() -> None:
    texts = ("甲厂生产电机。", "乙厂也生产电机。", "丙会审议电机预算，也生产。", "甲厂 motors")
    made = zip(texts, ("zh", "zh", "zh", "en"), "1234", strict=True)
    cases = [Planted(f"说法{text}", (text,), "zh", given, "", origin) for text, given, origin in made]
    shared = Planted("又一说法。", (texts[0], texts[2]), "zh", "zh", "", "5")
    found = elsewhere([*cases, shared])
    assert [(c.statement, c.passages) for c in found[:2]] == [
        (cases[0].statement, (texts[1],)),
        (cases[1].statement, (texts[0],)),
    ]
    assert (found[-1].statement, found[-1].passages) == (shared.statement, (texts[1],))
    assert {c.statement for c in found} == {c.statement for c in (*cases[:3], shared)}
    assert {c.change for c in found} == {"elsewhere"}
