from pathlib import Path

import pytest

from eval.datasets import DatasetError
from eval.demo.company import Company, read_company

DEMO = Path(__file__).parents[3] / "eval" / "demo"
DIRECTORY = """
company: {zh: 甲, en: A}
groups:
  - {id: all, name: all, members: {groups: [inner]}}
  - {id: inner, name: inner, members: {users: [an], groups: [all]}}
users:
  - {id: an, name: An, title: t, language: zh, roles: [], clearance: internal}
  - {id: bo, name: Bo, title: t, language: en, roles: [administrator], clearance: confidential}
spaces: [{id: s, name: S}]
documents:
  - {file: a.md, space: s, title: A, language: zh, policy: {allow: [{kind: group, name: all}], classification: LEVEL}}
"""
QUESTION = (
    '{"id": "q1", "question": "?", "language": "zh", "user": "an", "expect": "answer", "category": "text",'
    ' "answers": ["x"], "document": "a.md", "page": null, "gold_quote": "x"}\n'
)


def company(folder: Path, *, directory: str = DIRECTORY, questions: str = QUESTION, level: str = "internal") -> Company:
    (folder / "corpus").mkdir()
    (folder / "corpus" / "a.md").write_text("x")
    (folder / "directory.yaml").write_text(directory.replace("LEVEL", level), encoding="utf-8")
    (folder / "questions.jsonl").write_text(questions, encoding="utf-8")
    return read_company(folder)


def readers(read: Company, file: str) -> set[str]:
    item = next(item for item in read.documents if item.file == file)
    return {user.id for user in read.users if read.may_read(user, item)}


def test_groups_nest_and_may_be_circular(tmp_path: Path) -> None:
    assert readers(company(tmp_path), "a.md") == {"an"}


def test_a_classification_above_the_clearance_hides(tmp_path: Path) -> None:
    assert readers(company(tmp_path, level="secret"), "a.md") == set()


def test_who_reads_what_in_the_demo() -> None:
    read = read_company(DEMO)
    everyone = {user.id for user in read.users}
    staff = {"lilei", "emma", "hanmei", "chenxiao", "zhaogong", "wangzong"}
    assert readers(read, "security-policy.md") == everyone
    assert readers(read, "employee-handbook.docx") == staff
    assert readers(read, "temperature-rise-bulletin.txt") == {"zhaogong"}
    assert readers(read, "salary-scheme.pdf") == {"hanmei"}
    assert readers(read, "board-minutes-scan.pdf") == {"wangzong"}


def test_the_questions_of_the_demo_agree_with_its_policies() -> None:
    read = read_company(DEMO)
    for question in read.questions:
        gold = question.document or (read.question(question.pair).document if question.pair else None)
        item = next((item for item in read.documents if item.file == gold), None)
        if item is not None:
            assert read.may_read(read.user(question.user), item) is (question.expect == "answer"), question.id


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"directory": "- a list"}, "directory.yaml"),
        ({"directory": "a: [1"}, "directory.yaml"),
        ({"directory": DIRECTORY.replace("title: A,", "")}, "documents.0.title"),
        ({"directory": DIRECTORY.replace("a.md", "b.md")}, "b.md"),
        ({"directory": DIRECTORY + "\nsurprise: 1\n"}, "surprise"),
        ({"questions": QUESTION + "{}\n"}, "questions.jsonl:2"),
        ({"questions": QUESTION.replace('"an"', '"nobody"')}, "nobody"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: dict[str, str], place: str) -> None:
    with pytest.raises(DatasetError, match=place):
        company(tmp_path, **change)
