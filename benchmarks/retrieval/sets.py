"""Question sets: passages as the product cuts them, questions, and what counts as relevant.

A set is named ``KIND:PATH[:PATH]``, paths from the folder of the data: ``squad:FILE``; ``cross:QUESTIONS:PASSAGES``,
two files in the SQuAD layout with the same question ids, asked in the language of the first over the paragraphs of the
second; ``beir:FOLDER``; ``rgb:FILE``, questions with positive and negative passages, all of them pooled;
``spans:FOLDER``, Markdown texts with questions about character spans, cut into pieces of about 800 characters;
``tatqa:FILE``, tables and paragraphs of reports; ``pages:FOLDER``, PDF files and ``questions.jsonl`` with gold pages.
"""

import ast
import asyncio
import csv
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.pages_found import parse_all, read_questions
from eval.datasets import TextDocument, read_dataset
from wenyuan.db.contents import embedded_text
from wenyuan.documents import Block, BlockKind, ParsedDocument
from wenyuan.ports import Chunker

SEED: Final = 7
_PIECE: Final = 800


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage; ``keys`` are what it counts as when found: its text, or each of its pages."""

    document: str
    context: str
    text: str
    keys: tuple[str, ...]
    pages: tuple[int, ...] = ()

    @property
    def whole(self) -> str:
        """Return what both arms index of it."""
        return embedded_text(self.context, self.text)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the grades of the keys that are relevant."""

    id: str
    text: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set: its passages and its questions."""

    name: str
    passages: tuple[Passage, ...]
    questions: tuple[Asked, ...]


def read_set(name: str, spec: str, data: Path, chunker: Chunker, cache: Path) -> Corpus:
    """Read a set (see the module); ``cache`` keeps parses. Raises ``ValueError`` for an unknown kind."""
    kind, *paths = spec.split(":")
    found = [data / path for path in paths]
    if kind == "pages":
        return _pages(name, found[0], chunker, cache)
    if kind not in _READERS:
        raise ValueError(f"{spec}: kinds are pages, {', '.join(_READERS)}")
    texts, questions = _READERS[kind](found)
    passages = tuple(passage for text in texts for passage in _cut(text, chunker))
    if kind == "tatqa":  # a table and the paragraphs around it are one page of a report
        passages = tuple(replace(p, document=p.document.partition("-")[0], pages=(1,)) for p in passages)
    return Corpus(name, passages, tuple(questions))


def few(corpus: Corpus, passages: int, questions: int) -> Corpus:
    """Return random ``passages`` of a set, and at most ``questions`` of the questions whose answers stand in them."""
    chance = random.Random(SEED)
    asked = sorted(set().union(*(question.relevant for question in corpus.questions)))
    kept = set(chance.sample(asked, min(passages, len(asked))))
    left = [question for question in corpus.questions if kept.issuperset(question.relevant)]
    chosen = chance.sample(left, min(questions, len(left)))
    return replace(
        corpus, passages=tuple(p for p in corpus.passages if kept.issuperset(p.keys)), questions=tuple(chosen)
    )


def without(corpus: Corpus, others: Sequence[Corpus]) -> Corpus:
    """Return the set without questions whose id or relevant passage stands in one of ``others``."""
    ids = {question.id for other in others for question in other.questions}
    texts = {passage.text for other in others for passage in other.passages}
    dropped = {key for passage in corpus.passages if passage.text in texts for key in passage.keys}
    kept = tuple(q for q in corpus.questions if q.id not in ids and dropped.isdisjoint(q.relevant))
    return replace(corpus, questions=kept)


def _cut(text: TextDocument, chunker: Chunker) -> Iterator[Passage]:
    parsed = ParsedDocument(pages=(), blocks=(Block(BlockKind.PARAGRAPH, text.text),))
    for chunk in chunker.chunk(text.title, parsed):
        yield Passage(text.id, chunk.context, chunk.text, (text.id,))


_Read = tuple[list[TextDocument], list[Asked]]


def _layout(layout: str) -> Callable[[list[Path]], _Read]:
    def read(paths: list[Path]) -> _Read:
        dataset = read_dataset(paths[0], layout)
        return list(dataset.texts()), [Asked(q.id, q.text, q.relevant) for q in dataset.questions if q.relevant]

    return read


def _cross(paths: list[Path]) -> _Read:
    asked, read = paths
    words = {question.id: question.text for question in read_dataset(asked, "squad").questions}
    texts, questions = _layout("squad")([read])
    return texts, [replace(q, text=words[q.id]) for q in questions if q.id in words]


def _rgb(paths: list[Path]) -> _Read:
    ids: dict[str, str] = {}
    questions = []
    for line in paths[0].read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        gold = [ids.setdefault(text, f"p{len(ids):05d}") for text in row["positive"]]
        for text in row["negative"]:
            ids.setdefault(text, f"p{len(ids):05d}")
        questions.append(Asked(str(row["id"]), row["query"], dict.fromkeys(gold, 1)))
    return [TextDocument(number, "", text) for text, number in ids.items()], questions


def _tatqa(paths: list[Path]) -> _Read:
    texts, questions = [], []
    for number, page in enumerate(json.loads(paths[0].read_text(encoding="utf-8"))):
        rows = "\n".join(" | ".join(row) for row in page["table"]["table"])
        texts.append(TextDocument(f"{number}-t", "", rows))
        texts += [TextDocument(f"{number}-{p['order']}", "", p["text"]) for p in page["paragraphs"]]
        for question in page["questions"]:
            places = [str(order) for order in question["rel_paragraphs"]]
            places += ["t"] if "table" in question["answer_from"] else []
            if places:
                gold = {f"{number}-{place}": 1 for place in places}
                questions.append(Asked(question["uid"], question["question"], gold))
    return texts, questions


def _spans(paths: list[Path]) -> _Read:
    texts: list[TextDocument] = []
    places: dict[str, list[tuple[int, int, str]]] = {}
    for path in sorted((paths[0] / "corpora").glob("*.md")):
        places[path.stem] = []
        for start, end, text in _pieces(path.read_text(encoding="utf-8")):
            texts.append(TextDocument(f"{path.stem}-{start}", "", text))
            places[path.stem].append((start, end, texts[-1].id))
    questions = []
    with (paths[0] / "questions_df.csv").open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            spans = [(r["start_index"], r["end_index"]) for r in ast.literal_eval(row["references"])]
            middles = [(start + end) // 2 for start, end in spans]
            gold = [key for low, high, key in places[row["corpus_id"]] if any(low <= m < high for m in middles)]
            if gold:
                questions.append(Asked(f"q{number}", row["question"], dict.fromkeys(gold, 1)))
    return texts, questions


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, piece), cut at the last line break or blank before ``_PIECE`` characters."""
    start = 0
    while start < len(text):
        end = min(start + _PIECE, len(text))
        if end < len(text):
            cut = max(text.rfind("\n", start + _PIECE // 2, end), text.rfind(". ", start + _PIECE // 2, end))
            end = cut + 1 if cut > 0 else end
        if text[start:end].strip():
            yield start, end, text[start:end].strip()
        start = end


def _pages(name: str, folder: Path, chunker: Chunker, cache: Path) -> Corpus:
    """Return the files of a folder through the sandboxed parser; the answers to its questions are pages."""
    cache.mkdir(parents=True, exist_ok=True)
    parsed = asyncio.run(parse_all(sorted(folder.glob("*.pdf")), cache))
    passages = tuple(
        Passage(file, chunk.context, chunk.text, tuple(f"{file}:{page}" for page in chunk.pages), chunk.pages)
        for file, document in parsed.items()
        for chunk in chunker.chunk(file, document)
    )
    questions = (
        Asked(q.id, q.text, {f"{q.file}:{page}": 1 for page in q.pages})
        for q in read_questions(folder / "questions.jsonl")
    )
    return Corpus(name, passages, tuple(questions))


_READERS: Final[Mapping[str, Callable[[list[Path]], _Read]]] = {
    "squad": _layout("squad"),
    "beir": _layout("beir"),
    "cross": _cross,
    "rgb": _rgb,
    "spans": _spans,
    "tatqa": _tatqa,
}
