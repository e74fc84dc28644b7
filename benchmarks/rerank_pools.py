"""Questions with the passages that the first stage ranks for them, for fitting and measuring rerankers.

A set is named ``NAME=KIND:PATH[:PATH]``: ``squad:FILE``; ``cross:QUESTIONS:PASSAGES``, two files in the SQuAD layout
with the same question ids, asked in the language of the first over the paragraphs of the second; ``beir:FOLDER``;
``rgb:FILE``, questions with positive and negative passages, all of them pooled; ``spans:FOLDER``, Markdown texts with
questions about character spans, the texts cut into pieces of about 800 characters. ``@0`` or ``@1`` behind it takes
the questions of one half of the passages, so that one half can be learned from and the other measured.
"""

import ast
import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.datasets import read_dataset
from eval.texts.vectors import VectorCache
from retrieval.fusion import fuse
from retrieval.lexical import document_vector, query_vector
from wenyuan.answers import Evidence, Hit
from wenyuan.ports import Embedder
from wenyuan.settings import RetrievalSettings
from wenyuan.text import detect_language

SEED: Final = 7
_PIECE: Final = 800


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a corpus."""

    id: str
    title: str
    text: str

    @property
    def whole(self) -> str:
        """Return title and text as both arms index them."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the ids of its relevant passages."""

    id: str
    text: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set: its passages, and the questions that have a relevant one among them."""

    name: str
    passages: tuple[Passage, ...]
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """What the first stage gives for a question, best first."""

    question: Asked
    evidence: tuple[Evidence, ...]


def read_set(spec: str) -> Corpus:
    """Read a set by its name (see the module); raises ``ValueError`` for an unknown kind."""
    name, _, rest = spec.partition("=")
    rest, _, which = rest.partition("@")
    kind, *paths = rest.split(":")
    readers: dict[str, Callable[..., Corpus]] = {
        "squad": _layout("squad"),
        "beir": _layout("beir"),
        "cross": _cross,
        "rgb": _rgb,
        "spans": _spans,
    }
    if kind not in readers:
        raise ValueError(f"{spec}: kinds are {', '.join(readers)}")
    corpus = readers[kind](name, *map(Path, paths))
    return half(corpus, int(which)) if which else corpus


def sample(corpus: Corpus, questions: int, passages: int) -> Corpus:
    """Return ``questions`` random questions over their passages and random others, ``passages`` in all."""
    chance = random.Random(SEED)
    chosen = chance.sample(corpus.questions, min(questions, len(corpus.questions)))
    gold = set().union(*(question.relevant for question in chosen))
    rest = [passage.id for passage in corpus.passages if passage.id not in gold]
    kept = gold | set(chance.sample(rest, min(len(rest), max(0, passages - len(gold)))))
    return Corpus(corpus.name, tuple(p for p in corpus.passages if p.id in kept), tuple(chosen))


def without(corpus: Corpus, others: Iterable[Corpus]) -> Corpus:
    """Return the set without questions whose id or relevant passage stands in one of ``others``."""
    ids = {question.id for other in others for question in other.questions}
    texts = {passage.text for other in others for passage in other.passages}
    dropped = {passage.id for passage in corpus.passages if passage.text in texts}
    kept = (q for q in corpus.questions if q.id not in ids and dropped.isdisjoint(q.relevant))
    return Corpus(corpus.name, corpus.passages, tuple(kept))


def half(corpus: Corpus, which: int) -> Corpus:
    """Return the questions of one half (0 or 1), parted by their first relevant passage, over all passages."""
    place = {passage.id: number for number, passage in enumerate(corpus.passages)}
    chosen = (q for q in corpus.questions if (min(place[p] for p in q.relevant) // 4) % 2 == which)
    return Corpus(corpus.name, corpus.passages, tuple(chosen))


def pools(corpus: Corpus, embedder: Embedder, cache: VectorCache, settings: RetrievalSettings) -> Iterator[Pool]:
    """Yield each question with the fused hits of both arms, searched exactly, as evidence."""
    matrix = cache.passages([passage.whole for passage in corpus.passages])
    postings: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, passage in enumerate(corpus.passages):
        vector = document_vector(passage.whole)
        for term, weight in zip(vector.indices, vector.values, strict=True):
            postings[term].append((number, weight))
    by_id = {passage.id: passage for passage in corpus.passages}
    for question in corpus.questions:
        bm25 = np.zeros(len(corpus.passages))
        terms = query_vector(question.text)
        for term, weight in zip(terms.indices, terms.values, strict=True):
            for number, held in postings.get(term, ()):
                bm25[number] += weight * held
        cosine = matrix @ embedder.embed_queries([question.text])[0]
        dense = _top(corpus.passages, cosine, settings.candidates)
        sparse = [hit for hit in _top(corpus.passages, bm25, settings.candidates) if hit.score > 0]
        exhausted = len(sparse) < settings.candidates
        hits = fuse(dense, sparse, settings.lexical_weight, sparse_exhausted=exhausted)
        yield Pool(question, tuple(_evidence(by_id[hit.chunk_id], hit) for hit in hits))


def _top(passages: Sequence[Passage], scores: NDArray[np.floating], limit: int) -> list[Hit]:
    order = np.argsort(-scores, kind="stable")[:limit]
    return [Hit(passages[i].id, float(scores[i]), rank) for rank, i in enumerate(order, start=1)]


def _evidence(passage: Passage, hit: Hit) -> Evidence:
    return Evidence(
        chunk_id=passage.id,
        document_id=passage.id,
        version_id=passage.id,
        document_title=passage.title,
        text=passage.text,
        context=passage.title,
        heading_path=(),
        pages=(1,),
        ranges=(),
        language=detect_language(passage.text),
        anchor=None,
        score=hit.score,
        dense=hit.dense,
        sparse=hit.sparse,
    )


def _layout(layout: str) -> Callable[[str, Path], Corpus]:
    def read(name: str, path: Path) -> Corpus:
        dataset = read_dataset(path, layout)
        passages = tuple(Passage(text.id, text.title, text.text) for text in dataset.texts())
        return Corpus(name, passages, tuple(Asked(q.id, q.text, q.relevant) for q in dataset.questions if q.relevant))

    return read


def _cross(name: str, asked: Path, read: Path) -> Corpus:
    words = {question.id: question.text for question in _layout("squad")(name, asked).questions}
    corpus = _layout("squad")(name, read)
    questions = (Asked(q.id, words[q.id], q.relevant) for q in corpus.questions if q.id in words)
    return Corpus(name, corpus.passages, tuple(questions))


def _rgb(name: str, path: Path) -> Corpus:
    ids: dict[str, str] = {}
    questions = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        gold = [ids.setdefault(text, f"p{len(ids):05d}") for text in row["positive"]]
        for text in row["negative"]:
            ids.setdefault(text, f"p{len(ids):05d}")
        questions.append(Asked(str(row["id"]), row["query"], dict.fromkeys(gold, 1)))
    return Corpus(name, tuple(Passage(number, "", text) for text, number in ids.items()), tuple(questions))


def _spans(name: str, folder: Path) -> Corpus:
    passages: list[Passage] = []
    places: dict[str, list[tuple[int, int, str]]] = {}
    for path in sorted((folder / "corpora").glob("*.md")):
        places[path.stem] = []
        for start, end, text in _pieces(path.read_text(encoding="utf-8")):
            passages.append(Passage(f"{path.stem}-{start}", "", text))
            places[path.stem].append((start, end, passages[-1].id))
    questions = []
    with (folder / "questions_df.csv").open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            spans = [(r["start_index"], r["end_index"]) for r in ast.literal_eval(row["references"])]
            middles = [(start + end) // 2 for start, end in spans]
            gold = [key for low, high, key in places[row["corpus_id"]] if any(low <= m < high for m in middles)]
            if gold:
                questions.append(Asked(f"q{number}", row["question"], dict.fromkeys(gold, 1)))
    return Corpus(name, tuple(passages), tuple(questions))


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
