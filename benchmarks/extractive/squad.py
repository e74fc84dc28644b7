"""Question sets in the SQuAD layout: paragraphs and the questions about them."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its gold paragraph (index) and answers; no answers: it cannot be answered."""

    id: str
    question: str
    gold: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Paragraphs and the questions about them."""

    name: str
    paragraphs: tuple[str, ...]
    cases: tuple[Case, ...]


def load(path: Path) -> QuestionSet:
    """Read a SQuAD-layout file, gzipped or not; an unanswerable question has no answers."""
    data = path.read_bytes()
    raw = gzip.decompress(data) if path.suffix == ".gz" else data
    paragraphs: list[str] = []
    cases: list[Case] = []
    for article in json.loads(raw)["data"]:
        for paragraph in article["paragraphs"]:
            paragraphs.append(paragraph["context"])
            for qa in paragraph["qas"]:
                answers = () if qa.get("is_impossible") else tuple(dict.fromkeys(a["text"] for a in qa["answers"]))
                cases.append(Case(str(qa["id"]), qa["question"], len(paragraphs) - 1, answers))
    return QuestionSet(path.name, tuple(paragraphs), tuple(cases))
