"""The questions, the directory and the committed documents agree with each other."""

from collections import Counter
from typing import Any

import openpyxl
import pytest

from scripts.demo_corpus.build import TARGETS
from tests.unit.demo_corpus.reading import CORPUS, directory, groups_of, may_read, normalise, pages, questions

ANSWERS = [q for q in questions() if q["expect"] == "answer"]
RESTRICTED = [q for q in questions() if q["category"] == "restricted"]
ABSENT = [q for q in questions() if q["category"] == "absent"]


def by_id(question: dict[str, Any]) -> str:
    return str(question["id"])


def test_counts() -> None:
    assert len(questions()) == 40
    assert len({q["id"] for q in questions()}) == 40
    assert Counter(q["language"] for q in questions()) == {"zh": 30, "en": 10}
    assert len(RESTRICTED) >= 8
    assert len(ABSENT) >= 3
    assert len(ANSWERS) + len(RESTRICTED) + len(ABSENT) == 40
    assert sum(q["category"] == "cross-lingual" for q in ANSWERS) >= 2
    assert {q["document"] for q in ANSWERS} == {target.file for target in TARGETS}


def test_every_file_has_a_place_in_the_directory() -> None:
    files = {entry["file"] for entry in directory()["documents"]}
    assert files == {path.name for path in CORPUS.iterdir()} == {target.file for target in TARGETS}


def test_the_directory_refers_to_what_it_defines() -> None:
    users = {entry["id"] for entry in directory()["users"]}
    groups = {entry["id"] for entry in directory()["groups"]}
    spaces = {entry["id"] for entry in directory()["spaces"]}
    known = {"user": users, "group": groups}
    subjects = [s for entry in directory()["documents"] for key in ("allow", "deny") for s in entry["policy"][key]]
    subjects += [s for entry in directory()["spaces"] for key in ("readers", "managers") for s in entry[key]]
    assert all(s["kind"] == "everyone" or s["name"] in known[s["kind"]] for s in subjects)
    assert {entry["space"] for entry in directory()["documents"]} <= spaces
    for group in directory()["groups"]:
        assert set(group["members"].get("users", [])) <= users
        assert set(group["members"].get("groups", [])) <= groups
    assert {q["user"] for q in questions()} <= users
    assert len(users) >= 6


def test_groups_are_nested_and_deny_wins() -> None:
    assert groups_of("zhaogong") == {"switchgear-rd", "technology", "staff"}
    assert may_read("zhaogong", "temperature-rise-bulletin.txt")
    assert "hr" in groups_of("chenxiao")
    assert may_read("hanmei", "salary-scheme.pdf")
    assert not may_read("chenxiao", "salary-scheme.pdf")


@pytest.mark.parametrize("question", ANSWERS, ids=by_id)
def test_the_support_is_in_the_document(question: dict[str, Any]) -> None:
    cells = [normalise(cell) for cell in question["gold_quote"].split(" | ")]
    found = [n for n, page in enumerate(pages(question["document"]), 1) if all(cell in page for cell in cells)]
    paged = question["document"].endswith(".pdf")
    assert found == [question["page"] if paged else 1]
    assert paged or question["page"] is None
    assert any(normalise(answer) in "".join(cells) for answer in question["answers"]) or (
        question["category"] == "cross-lingual"
    )
    assert any(normalise(answer) in pages(question["document"])[found[0] - 1] for answer in question["answers"])


@pytest.mark.parametrize("question", ANSWERS, ids=by_id)
def test_answers_are_not_given_away_by_the_question(question: dict[str, Any]) -> None:
    assert not any(normalise(answer) in normalise(question["question"]) for answer in question["answers"])


@pytest.mark.parametrize("question", [q for q in ANSWERS if q["document"].endswith(".xlsx")], ids=by_id)
def test_the_cells_stand_in_one_row_of_the_named_sheet(question: dict[str, Any]) -> None:
    sheet = openpyxl.load_workbook(CORPUS / question["document"])[question["sheet"]]
    rows = [{str(value) for value in row} for row in sheet.iter_rows(values_only=True)]
    assert sum(set(question["gold_quote"].split(" | ")) <= row for row in rows) == 1


@pytest.mark.parametrize(
    "question", [q for q in ANSWERS if q["page"] is None and not q["document"].endswith(".xlsx")], ids=by_id
)
def test_the_section_exists(question: dict[str, Any]) -> None:
    assert normalise(question["section"]) in pages(question["document"])[0]


def test_who_asks_may_read_the_answer() -> None:
    assert [q["id"] for q in ANSWERS if not may_read(q["user"], q["document"])] == []


@pytest.mark.parametrize("question", RESTRICTED, ids=by_id)
def test_a_restricted_fact_is_hidden_from_who_asks(question: dict[str, Any]) -> None:
    (twin,) = (q for q in ANSWERS if q["id"] == question["pair"])
    assert not may_read(question["user"], twin["document"])
    visible = [entry["file"] for entry in directory()["documents"] if may_read(question["user"], entry["file"])]
    text = "".join("".join(pages(file)) for file in visible)
    assert visible
    for secret in question["forbidden"]:
        assert normalise(secret) not in text
    # The first form of the secret is how the document that hides it puts it.
    assert normalise(question["forbidden"][0]) in "".join(pages(twin["document"]))
