"""Words of a question in the other language."""

import gzip
from pathlib import Path

import pytest

from retrieval.crossing import MAX_WORDS, crossing, read_table
from retrieval.lexical import document_vector, query_vector
from wenyuan.errors import SettingsError


def dot(question: str, passage: str, *, crossed: bool) -> float:
    asked = query_vector(question, crossing(question) if crossed else ())
    held = document_vector(passage)
    weights = dict(zip(held.indices, held.values, strict=True))
    return sum(value * weights.get(term, 0.0) for term, value in zip(asked.indices, asked.values, strict=True))


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("哪位总统参观了大学？", "The president visited the university."),
        ("法國的軍隊有多大？", "The army of France is large."),
        ("Who was the emperor?", "皇帝住在北京。"),
    ],
)
def test_a_passage_in_the_other_language_is_found_by_its_words(question: str, passage: str) -> None:
    assert dot(question, passage, crossed=False) == 0.0
    assert dot(question, passage, crossed=True) > 0.0


def test_a_passage_in_the_language_of_the_question_keeps_its_score() -> None:
    question, passage = "哪位总统参观了大学？", "总统参观了北京的大学。"
    assert dot(question, passage, crossed=True) == pytest.approx(dot(question, passage, crossed=False))


def test_what_the_table_does_not_hold_is_left_alone() -> None:
    assert crossing("KYN28A-12 0.4kV") == ()
    assert crossing("") == ()


def test_a_long_question_is_looked_up_so_far() -> None:
    assert len(crossing(" ".join(list(read_table())[:200]))) == MAX_WORDS


def test_a_word_counts_once() -> None:
    assert [related.asked for related in crossing("大学、大学、大学")] == ["大学"]


_PACKED = [gzip.compress(raw, mtime=0) for raw in ("大学".encode(), b"\xff\tx")]


@pytest.mark.parametrize("content", [b"no archive", *_PACKED])
def test_a_spoiled_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "crossing.tsv.gz"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        read_table(path)
