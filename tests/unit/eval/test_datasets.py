import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import DatasetError, read_dataset
from eval.run import main


def beir(folder: Path, *, corpus: str | None = None, queries: str | None = None, qrels: str | None = None) -> Path:
    (folder / "corpus.jsonl").write_text(corpus or '{"_id": "d1", "title": "T", "text": "正文"}\n', encoding="utf-8")
    (folder / "queries.jsonl").write_text(queries or '{"_id": "q1", "text": "问题"}\n', encoding="utf-8")
    (folder / "qrels.tsv").write_text(qrels or "query-id\tcorpus-id\tscore\nq1\td1\t1\n", encoding="utf-8")
    return folder


def squad(path: Path, paragraphs: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"data": [{"title": "slug", "paragraphs": paragraphs}]}), encoding="utf-8")
    return path


def asked(number: str, *answers: str, impossible: bool = False) -> dict[str, Any]:
    found = [{"text": answer, "answer_start": 0} for answer in answers]
    return {"id": number, "question": f"Q{number}?", "answers": found, "is_impossible": impossible}


def test_beir(tmp_path: Path) -> None:
    beir(
        tmp_path,
        queries='{"_id": "q1", "text": "one"}\n\n{"_id": 2, "text": "two"}\n{"_id": "q3", "text": "unjudged"}\n',
        qrels="q1\td1\t2\nq1\td2\t0\n2\td1\t1\n",
    )
    dataset = read_dataset(tmp_path, "beir")
    assert [(question.id, dict(question.relevant)) for question in dataset.questions] == [
        ("q1", {"d1": 2}),
        ("2", {"d1": 1}),
    ]
    assert [(text.id, text.title, text.text) for text in dataset.texts()] == [("d1", "T", "正文")]


def test_beir_takes_packed_files_and_the_test_split(tmp_path: Path) -> None:
    beir(tmp_path)
    for name in ("corpus.jsonl", "queries.jsonl"):
        plain = tmp_path / name
        with gzip.open(tmp_path / f"{name}.gz", "wb") as packed:
            packed.write(plain.read_bytes())
        plain.unlink()
    (tmp_path / "qrels.tsv").unlink()
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "dev.tsv").write_text("q1\tother\t1\n")
    (tmp_path / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    dataset = read_dataset(tmp_path, "beir")
    assert dict(dataset.questions[0].relevant) == {"d1": 1}
    assert [text.id for text in dataset.texts()] == ["d1"]


def test_the_digest_follows_the_corpus(tmp_path: Path) -> None:
    dataset = read_dataset(beir(tmp_path), "beir")
    before = dataset.corpus_digest()
    assert before == dataset.corpus_digest()
    beir(tmp_path, corpus='{"_id": "d1", "title": "T", "text": "别的正文"}\n')
    assert dataset.corpus_digest()[0] != before[0]
    assert before[1] == 1


def test_squad(tmp_path: Path) -> None:
    path = squad(
        tmp_path / "set.json",
        [
            {"context": "One.", "qas": [asked("1", "One", "One"), asked("2", impossible=True)]},
            {"context": "Two.", "qas": [asked("3", "Two")]},
            {"context": "One.", "qas": [asked("4", "One", impossible=True), asked("1", "again")]},
        ],
    )
    dataset = read_dataset(path, "squad")
    assert [(text.id, text.title, text.text) for text in dataset.texts()] == [
        ("p00000", "", "One."),
        ("p00001", "", "Two."),
    ]
    assert [(item.id, item.answerable, list(item.relevant), item.answers) for item in dataset.questions] == [
        ("1", True, ["p00000"], ("One",)),
        ("2", False, [], ()),
        ("3", True, ["p00001"], ("Two",)),
        ("4", False, [], ()),
    ]


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"corpus": "{\n"}, "corpus.jsonl:1"),
        ({"corpus": '{"_id": "d", "text": "x"}\n["d2"]\n'}, "corpus.jsonl:2"),
        ({"corpus": '{"_id": "d"}\n'}, "no field text"),
        ({"queries": '{"text": "x"}\n'}, "queries.jsonl:1"),
        ({"qrels": "q1 d1 1\n"}, "qrels.tsv:1"),
        ({"qrels": "q1\td1\tyes\n"}, "qrels.tsv:1"),
        ({"qrels": "q9\td1\t1\n"}, "no query has a relevant document"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, broken: dict[str, str], place: str) -> None:
    beir(tmp_path, **broken)
    with pytest.raises(DatasetError, match=place):
        list(read_dataset(tmp_path, "beir").texts())


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (beir(tmp_path) / name).unlink()
    with pytest.raises(DatasetError, match=name):
        read_dataset(tmp_path, "beir")


@pytest.mark.parametrize("content", ["[]", "{", '{"data": [{}]}', '{"data": [{"paragraphs": [{"context": "x"}]}]}'])
def test_what_is_not_squad_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match=r"set\.json"):
        read_dataset(path, "squad")


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    beir(tmp_path)
    (tmp_path / "corpus.jsonl").unlink()
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(b'{"_id": "d1", "text": "x"}\n')[:-9])
    with pytest.raises(DatasetError, match=r"corpus\.jsonl\.gz"):
        list(read_dataset(tmp_path, "beir").texts())


@pytest.mark.parametrize("layout", ["beir", "squad", "demo"])
def test_a_wrong_path_ends_with_two_and_one_sentence(
    tmp_path: Path, layout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--dataset", str(tmp_path / "nowhere"), "--layout", layout, "--out", str(tmp_path / "out")])
    said = capsys.readouterr().err
    assert code == 2
    assert "dataset.invalid" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("extra", [["--layout", "other"], ["--layout", "beir", "--limit", "0"]])
def test_a_wrong_option_ends_with_two(tmp_path: Path, extra: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--dataset", str(tmp_path), "--out", str(tmp_path / "out"), *extra])
    assert ended.value.code == 2
