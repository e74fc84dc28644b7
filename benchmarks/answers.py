"""Measure extractive answers on question sets in the SQuAD layout.

``python -m benchmarks.answers --data FILE [FILE …] [--limit N] [--passages 8] [--questions-from FILE] --model FOLDER``

Every question is asked over its gold paragraph among the paragraphs of the set that share the most words with the
question, then again with the gold paragraph removed. Printed: how often the answer contains the gold answer, how often
the first citation's span does and is of the right paragraph, how often it was refused with and without the gold
paragraph, the AUROC of the answer probability, and times.
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generation.extract import Extraction, Extractor
from wenyuan.answers import Evidence
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.store import resolve
from wenyuan.ports import Embedder, Vectors
from wenyuan.text import content_terms, detect_language, fold


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


class Bench:
    """Builds the evidence of a case: the gold paragraph among lexical neighbours, with cosines as retrieval gives."""

    def __init__(self, paragraphs: Sequence[str], embedder: Embedder, passages: int) -> None:
        self._paragraphs = paragraphs
        self._terms = [set(content_terms(p)) for p in paragraphs]
        self._embedder = embedder
        self._passages = passages
        self._vectors: dict[int, Vectors] = {}

    def evidence(self, question: str, gold: int, *, with_gold: bool) -> list[Evidence]:
        """Return the passages, best cosine first."""
        terms = set(content_terms(question, bare=True))
        near = sorted(range(len(self._paragraphs)), key=lambda i: -len(terms & self._terms[i]))
        others = [i for i in near[: self._passages + 1] if i != gold]
        chosen = [gold, *others[: self._passages - 1]] if with_gold else others[: self._passages]
        query = self._embedder.embed_queries([question])[0]
        scored = sorted(((float(self._vector(i) @ query), i) for i in chosen), reverse=True)
        return [self._passage(i, cosine) for cosine, i in scored]

    def _vector(self, index: int) -> Vectors:
        if index not in self._vectors:
            self._vectors[index] = self._embedder.embed_passages([self._paragraphs[index]])[0]
        return self._vectors[index]

    def _passage(self, index: int, cosine: float) -> Evidence:
        text = self._paragraphs[index]
        return Evidence(
            str(index),
            str(index),
            str(index),
            "",
            text,
            "",
            (),
            (1,),
            (),
            detect_language(text),
            None,
            cosine,
            dense=cosine,
        )


def sample(cases: Sequence[Case], limit: int) -> list[Case]:
    """Return ``limit`` answerable cases, the same on every run."""
    answerable = [c for c in cases if c.answers]
    return random.Random(7).sample(answerable, min(limit, len(answerable)))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative, ties half (Mann-Whitney)."""
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def holds_answer(text: str, answers: Sequence[str]) -> bool:
    """Say whether ``text`` contains one of ``answers``, up to white space, width and case."""
    plain = "".join(fold(text).split())
    return any("".join(fold(a).split()) in plain for a in answers)


def measure(
    data: QuestionSet, cases: Sequence[Case], extractor: Extractor, bench: Bench
) -> Iterator[tuple[str, float]]:
    """Yield the figures of one set."""
    full: list[Extraction] = []
    empty: list[Extraction] = []
    seconds: list[float] = []
    contained = first = right = wrong_answers = chars = 0
    for case in cases:
        evidence = bench.evidence(case.question, case.gold, with_gold=True)
        begun = time.perf_counter()
        found = extractor.extract(case.question, evidence)
        seconds.append(time.perf_counter() - begun)
        full.append(found)
        if found.quotes:
            top = found.quotes[0]
            contained += holds_answer(" ".join(q.shown for q in found.quotes), case.answers)
            first += holds_answer(evidence[top.source].text[top.start : top.end], case.answers)
            right += evidence[top.source].chunk_id == str(case.gold)
            chars += sum(len(q.shown) for q in found.quotes)
        empty.append(extractor.extract(case.question, bench.evidence(case.question, case.gold, with_gold=False)))
        wrong_answers += bool(empty[-1].quotes)
    answered = sum(bool(e.quotes) for e in full)
    yield "questions", len(cases)
    yield "answer contains gold", contained / len(cases)
    yield "first citation contains gold", first / len(cases)
    yield "first citation of the right paragraph", right / len(cases)
    yield "contains gold, of those answered", contained / max(1, answered)
    yield "refused with the gold paragraph", 1 - answered / len(cases)
    yield "refused without the gold paragraph", 1 - wrong_answers / len(cases)
    yield "AUROC answerable", auroc([e.probability for e in full], [e.probability for e in empty])
    yield "characters per answer", chars / max(1, answered)
    yield "ms per answer p50", 1000 * float(np.percentile(seconds, 50))
    yield "ms per answer p95", 1000 * float(np.percentile(seconds, 95))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument(
        "--questions-from",
        type=Path,
        help="ask these questions (same ids) over the paragraphs of --data: cross-lingual",
    )
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--passages", type=int, default=8)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--model", default="e5-small-offline")
    args = parser.parse_args()
    embedder = OnnxEmbedder(resolve(args.model, args.models_dir))
    for path in args.data:
        data = load(path)
        cases = sample(data.cases, args.limit)
        if args.questions_from:
            asked = {c.id: c.question for c in load(args.questions_from).cases}
            cases = [Case(c.id, asked[c.id], c.gold, c.answers) for c in cases if c.id in asked]
        bench = Bench(data.paragraphs, embedder, args.passages)
        print(f"== {data.name}")
        for name, value in measure(data, cases, Extractor(embedder), bench):
            print(f"{name:40s} {value:.3f}")


if __name__ == "__main__":
    main()
