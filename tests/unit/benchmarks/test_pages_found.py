"""Pages found: gold pages of questions, distinct pages in order, and places."""

import json
from pathlib import Path

from benchmarks.pages_found import Question, distinct_pages, place_of, read_questions, share_within
from eval.texts.bulk import document_id
from wenyuan.answers import Evidence


def evidence(file: str, *pages: int) -> Evidence:
    return Evidence("c", document_id(file), "v", file, "", "", (), pages, (), "en", None, 0.0)


def test_pages_of_questions_are_counted_from_one(tmp_path: Path) -> None:
    line = {"financebench_id": "1", "question": "?", "doc_name": "a", "evidence": [{"evidence_page_num": 37}]}
    (tmp_path / "q.jsonl").write_text(json.dumps(line), encoding="utf-8")
    assert read_questions(tmp_path / "q.jsonl") == [Question("1", "?", "a", frozenset({38}))]


def test_the_place_counts_distinct_pages_of_any_file() -> None:
    pages = distinct_pages([evidence("a", 1, 2), evidence("a", 2), evidence("b", 3), evidence("a", 3)])
    assert pages == [(document_id("a"), 1), (document_id("a"), 2), (document_id("b"), 3), (document_id("a"), 3)]
    assert place_of(pages, Question("1", "?", "a", frozenset({3, 9}))) == 4
    assert place_of(pages, Question("1", "?", "a", frozenset({9}))) is None


def test_only_the_first_five_places_count() -> None:
    assert share_within([1, 5, 6, None]) == 0.5
