"""What retrieval finds of marked spans: this chunker beside llama-index's splitters, in one run.

The data is a folder with ``questions_df.csv`` (question, references with character offsets, corpus) and
``corpora/NAME.md``, as published with the report named in ``benchmarks.chunking.spans``. All corpora are cut, embedded
and put into one index; a question retrieves its 5 nearest chunks by cosine. Bars: token recall >= 0.85, and an IoU
above that of both splitters under the same limit of tokens. Exit code 1 when one fails. Beside them stand the splitters
with chunks of the same mean length: IoU falls as chunks grow, so that row shows what the cuts alone are worth.

Run: `python -m benchmarks.chunking.recall --data FOLDER [--tokens 310] [--corpora NAME ...] [--cache FOLDER]`.
"""

import argparse
import csv
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.chunking.cutters import Cutter, LlamaCutter, OwnCutter, Passage
from benchmarks.chunking.spans import Found, Span, measure
from eval.texts.vectors import VectorCache
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder, Vectors
from wenyuan.settings import Settings, TopicBreaks

CHUNKS: Final = 5
RECALL_BAR: Final = 0.85
KINDS: Final = ("fixed-size", "recursive")


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the spans of its corpus that answer it."""

    text: str
    corpus: str
    references: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one chunker."""

    name: str
    chunks: int
    tokens: float
    characters: float
    recall: float
    precision: float
    iou: float
    by_corpus: dict[str, tuple[float, float]]


def read_questions(folder: Path, corpora: Sequence[str]) -> list[Question]:
    """Return the questions about ``corpora``."""
    with (folder / "questions_df.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["corpus_id"] in corpora]
    return [
        Question(
            row["question"],
            row["corpus_id"],
            tuple((part["start_index"], part["end_index"]) for part in json.loads(row["references"])),
        )
        for row in rows
    ]


def run(cutter: Cutter, questions: Sequence[Question], asked: Vectors, folder: Path, vectors: VectorCache) -> Row:
    """Cut, embed, retrieve and measure."""
    passages = cut(cutter, folder, sorted({question.corpus for question in questions}))
    near = asked @ vectors.passages([passage.text for _, passage in passages]).T
    order = np.argsort(-near, axis=1, kind="stable")[:, :CHUNKS]
    found = [
        _found(question, [passages[place] for place in top]) for question, top in zip(questions, order, strict=True)
    ]
    return Row(
        cutter.name,
        len(passages),
        statistics.mean(passage.tokens for _, passage in passages),
        statistics.mean(sum(end - start for start, end in passage.spans) for _, passage in passages),
        statistics.mean(one.recall for one in found),
        statistics.mean(one.precision for one in found),
        statistics.mean(one.iou for one in found),
        _by_corpus(questions, found),
    )


def _found(question: Question, retrieved: Sequence[tuple[str, Passage]]) -> Found:
    """Measure one question; chunks of other corpora count as retrieved characters that hold nothing."""
    own = [passage.spans for name, passage in retrieved if name == question.corpus]
    far = 1 << 40
    others = [
        [(start + far, end + far) for start, end in passage.spans]
        for name, passage in retrieved
        if name != question.corpus
    ]
    return measure(question.references, [*own, *others])


def _by_corpus(questions: Sequence[Question], found: Sequence[Found]) -> dict[str, tuple[float, float]]:
    figures: dict[str, tuple[float, float]] = {}
    for name in sorted({question.corpus for question in questions}):
        mine = [one for question, one in zip(questions, found, strict=True) if question.corpus == name]
        figures[name] = (statistics.mean(one.recall for one in mine), statistics.mean(one.iou for one in mine))
    return figures


def others(
    embedder: Embedder, own: Row, size: int, folder: Path, corpora: Sequence[str]
) -> Iterator[tuple[Cutter, bool]]:
    """Yield both splitters at our limit (True), and at limits that make their chunks as long as ours on average."""
    for kind in KINDS:
        limited = LlamaCutter(embedder, kind, size)
        yield limited, True
        mean = statistics.mean(passage.tokens for _, passage in cut(limited, folder, corpora))
        yield LlamaCutter(embedder, kind, round(size * own.tokens / mean)), False


def cut(cutter: Cutter, folder: Path, corpora: Sequence[str]) -> list[tuple[str, Passage]]:
    """Return the passages of every corpus."""
    paths = [folder / "corpora" / f"{name}.md" for name in corpora]
    return [(path.stem, passage) for path in paths for passage in cutter.cut(path, path.read_text(encoding="utf-8"))]


def main() -> int:
    """Print a row per chunker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    settings = Settings()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tokens", type=int, nargs="+", default=[settings.ingest.chunk_tokens])
    parser.add_argument("--topics", nargs="+", choices=get_args(TopicBreaks), default=[settings.ingest.topic_breaks])
    parser.add_argument("--corpora", nargs="+")
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors from run to run")
    parser.add_argument("--own", action="store_true", help="leave the other splitters out")
    chosen = parser.parse_args()
    corpora = chosen.corpora or sorted(path.stem for path in (chosen.data / "corpora").glob("*.md"))
    questions = read_questions(chosen.data, corpora)
    embedder = open_embedder(settings.embedding, settings.models_dir)
    with tempfile.TemporaryDirectory() as scratch, VectorCache(chosen.cache or Path(scratch), embedder) as vectors:
        asked = embedder.embed_queries([question.text for question in questions])
        print(f"{len(questions)} questions over {', '.join(corpora)}; {CHUNKS} chunks each", flush=True)
        passed = True
        for size, topics in product(chosen.tokens, chosen.topics):
            own = run(OwnCutter(embedder, size, topics), questions, asked, chosen.data, vectors)
            _print(own)
            passed = passed and own.recall >= RECALL_BAR
            for other, limited in () if chosen.own else others(embedder, own, size, chosen.data, corpora):
                row = run(other, questions, asked, chosen.data, vectors)
                _print(row)
                passed = passed and (own.iou > row.iou or not limited)
    print(f"{'passed' if passed else 'FAILED'}: recall >= {RECALL_BAR}, IoU above the others' under the same limit")
    return 0 if passed else 1


def _print(row: Row) -> None:
    parts = "  ".join(f"{name[:8]} {recall:.3f}/{iou:.4f}" for name, (recall, iou) in row.by_corpus.items())
    print(
        f"{row.name:30} {row.chunks:5} chunks {row.tokens:5.0f} tokens {row.characters:5.0f} chars  "
        f"recall {row.recall:.4f}  precision {row.precision:.4f}  IoU {row.iou:.4f}  ({parts})",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
