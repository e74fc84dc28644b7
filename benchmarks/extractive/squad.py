"""Question sets in the SQuAD layout: paragraphs and the questions about them."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

Part = TypeVar("Part")
#: Questions that people made so that their passage does not answer them, beside others that it answers.
SILENT: Final = "chinese_squad/dev-v2.0-zh.json"


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


@dataclass(frozen=True, slots=True)
class Shares(Generic[Part]):
    """Articles that the reader is ``trained`` on, those that the gate is ``fitted`` to, and those that are judged."""

    trained: Sequence[Part]
    fitted: Sequence[Part]
    judged: Sequence[Part]


def articles(path: Path) -> list[dict[str, Any]]:
    """Return the articles of a SQuAD-layout file, gzipped or not."""
    data = path.read_bytes()
    loaded = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    return list(loaded["data"] if isinstance(loaded, dict) else loaded)


def shared(found: Sequence[Part]) -> Shares[Part]:
    """Part the articles of a set, in their order: three eighths, an eighth, and the second half."""
    half = len(found) // 2
    cut = half * 3 // 4
    return Shares(found[:cut], found[cut:half], found[half:])


def seen(data: Path, path: str) -> frozenset[str]:
    """Return the ids of a set's questions about articles that the reader was trained on.

    Several sets are made of the same articles; where they are, they share the ids of questions.
    """
    known = ids_of(shared(articles(data / SILENT)).trained)
    return frozenset(one for article in articles(data / path) if known & (ids := ids_of([article])) for one in ids)


def ids_of(found: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Return the ids of the questions about articles."""
    return frozenset(
        str(qa["id"]) for article in found for paragraph in article["paragraphs"] for qa in paragraph["qas"]
    )


def load(path: Path) -> QuestionSet:
    """Read a SQuAD-layout file, gzipped or not; an unanswerable question has no answers."""
    return question_set(path.name, articles(path))


def question_set(name: str, found: Sequence[Mapping[str, Any]]) -> QuestionSet:
    """Return paragraphs and questions of articles."""
    paragraphs: list[str] = []
    cases: list[Case] = []
    for article in found:
        for paragraph in article["paragraphs"]:
            paragraphs.append(paragraph["context"])
            for qa in paragraph["qas"]:
                answers = () if qa.get("is_impossible") else tuple(dict.fromkeys(a["text"] for a in qa["answers"]))
                cases.append(Case(str(qa["id"]), qa["question"], len(paragraphs) - 1, answers))
    return QuestionSet(name, tuple(paragraphs), tuple(cases))
