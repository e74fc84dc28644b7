"""The lexical arm alone, in memory: what each kind of term, the rarity and the constants of the formula are worth.

Every text of the data set is one passage (title and text). The terms are those of the product, and the product's
formula scores them, so that "all" is what the index gives; the other rows leave a kind out, take rarity from the
corpus instead of the fixed background, or change a constant. ``--numbered`` asks for titles that end in a numbered
part (第十二条) by the number in figures, with and without the terms that know what a number says.

Run: ``python -m benchmarks.retrieval.lexical --data PATH [--layout beir|squad] [--limit N] [--every N] [--numbered]``.
``--every N`` takes every N-th question: constants are chosen on some and confirmed on the others (``--from M``).
"""

import argparse
import math
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.datasets import Dataset, Question, read_dataset
from eval.metrics import ranking_metrics
from retrieval.lexical import K1, KIND_WEIGHT, MEAN_LENGTH, B
from wenyuan.machine import machine_line
from wenyuan.words.background import background
from wenyuan.words.quantities import chinese_number
from wenyuan.words.terms import terms

ALL: Final = "".join(KIND_WEIGHT)
DEPTH: Final = 100
_ASKED: Final = 300
_SEED: Final = 11
_NUMBERED: Final = re.compile(r"第([零一二三四五六七八九十百千]+)条$")

Weight = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Posting:
    """The passages that hold a term, ascending, and how often."""

    passages: NDArray[np.int32]
    counts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Formula:
    """Which kinds of term count, and the constants."""

    kinds: str = ALL
    k1: float = K1
    b: float = B
    mean: float = MEAN_LENGTH


class Passages:
    """Postings of a corpus in memory."""

    def __init__(self, dataset: Dataset) -> None:
        """Draw the terms of every text."""
        self.ids: list[str] = []
        places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        began = time.process_time()
        for number, text in enumerate(dataset.texts()):
            self.ids.append(text.id)
            counts = Counter(terms(f"{text.title}\n{text.text}".strip()))
            kinds: Counter[str] = Counter()
            for term, count in counts.items():
                places[term].append((number, count))
                kinds[term[0]] += count
            for kind, count in kinds.items():
                lengths[kind].append((number, count))
        self.seconds = (time.process_time() - began) / max(1, len(self.ids))
        self.postings = {term: _posting(found) for term, found in places.items()}
        self._lengths = {kind: self._dense(_posting(found)) for kind, found in lengths.items()}

    def rarity(self, term: str) -> float:
        """Return Robertson's IDF of a term in this corpus."""
        held = len(self.postings[term].passages) if term in self.postings else 0
        return math.log1p((len(self.ids) - held + 0.5) / (held + 0.5))

    def rank(self, asked: Sequence[frozenset[str]], weight: Weight, formula: Formula) -> list[dict[str, float]]:
        """Return the best passages of each question with their scores."""
        whole = sum(length.sum() for length in self._lengths.values())
        chosen = [length for kind, length in self._lengths.items() if kind in formula.kinds]
        length = np.sum(chosen, axis=0) if chosen else np.zeros(len(self.ids), np.float32)
        mean = formula.mean * float(length.sum() / whole) if whole else formula.mean
        norm = (formula.k1 * (1 - formula.b + formula.b * length / max(mean, 1e-9))).astype(np.float32)
        return [self._best(question, weight, formula, norm) for question in asked]

    def _best(
        self, question: frozenset[str], weight: Weight, formula: Formula, norm: NDArray[np.float32]
    ) -> dict[str, float]:
        scores = np.zeros(len(self.ids), np.float32)
        for term in sorted(question):
            posting = self.postings.get(term)
            if posting is None or term[0] not in formula.kinds:
                continue
            saturated = posting.counts * (formula.k1 + 1) / (posting.counts + norm[posting.passages])
            scores[posting.passages] += weight(term) * saturated
        order = np.argsort(-scores, kind="stable")[:DEPTH]
        return {self.ids[place]: float(scores[place]) for place in order if scores[place] > 0}

    def _dense(self, posting: Posting) -> NDArray[np.float32]:
        found = np.zeros(len(self.ids), np.float32)
        found[posting.passages] = posting.counts
        return found


def _posting(found: Sequence[tuple[int, int]]) -> Posting:
    passages, counts = zip(*found, strict=True)
    return Posting(np.array(passages, np.int32), np.array(counts, np.float32))


def weigher(passages: Passages | None) -> Weight:
    """Return the weight of a question's term: rarity in the background, or in ``passages``, times that of its kind."""
    rarity = background().idf if passages is None else passages.rarity
    known: dict[str, float] = {}

    def weight(term: str) -> float:
        if term not in known:
            known[term] = rarity(term) * KIND_WEIGHT[term[0]]
        return known[term]

    return weight


def numbered(dataset: Dataset) -> list[Question]:
    """Return questions that name the numbered part in a title by its figure, some hundred of them at random."""
    found = []
    for text in dataset.texts():
        match = _NUMBERED.search(text.title)
        if match:
            title = f"{text.title[: match.start()]}第{chinese_number(match[1]):g}条"
            found.append(Question(f"n{text.id}", title, {text.id: 1}))
    return random.Random(_SEED).sample(found, min(_ASKED, len(found)))


def rows(passages: Passages) -> list[tuple[str, Weight, Formula]]:
    """Return what is measured: a name, the weight of terms, the formula."""
    fixed, corpus = weigher(None), weigher(passages)
    return [
        ("all", fixed, Formula()),
        ("words alone", fixed, Formula("w")),
        ("bigrams alone", fixed, Formula("b")),
        ("words and bigrams", fixed, Formula("wb")),
        ("without roots", fixed, Formula(ALL.replace("s", ""))),
        ("without measures", fixed, Formula(ALL.replace("q", "").replace("p", ""))),
        ("without codes", fixed, Formula(ALL.replace("c", ""))),
        ("rarity from corpus", corpus, Formula()),
        ("k1 1.0, b 0.6", fixed, Formula(k1=1.0, b=0.6)),
        ("k1 0.5", fixed, Formula(k1=0.5)),
        ("mean length 180", fixed, Formula(mean=180.0)),
        ("mean length 350", fixed, Formula(mean=350.0)),
    ]


def show(name: str, metrics: dict[str, float]) -> None:
    """Print one row."""
    print(f"{name:22}" + "  ".join(f"{measure} {value:.4f}" for measure, value in metrics.items()), flush=True)


def measure(questions: Sequence[Question], passages: Passages, table: Sequence[tuple[str, Weight, Formula]]) -> None:
    """Print the metrics of each row."""
    began = time.process_time()
    asked = [frozenset(terms(question.text)) for question in questions]
    each = (time.process_time() - began) / max(1, len(questions))
    print(f"terms of a passage {passages.seconds * 1e3:.3f} ms, of a question {each * 1e3:.3f} ms")
    qrels = {question.id: question.relevant for question in questions}
    for name, weight, formula in table:
        ranked = passages.rank(asked, weight, formula)
        run = {question.id: found for question, found in zip(questions, ranked, strict=True)}
        show(name, ranking_metrics(qrels, run, DEPTH))


def main() -> None:
    """Read the data set and print a table."""
    parser = argparse.ArgumentParser(description="The lexical arm, kind by kind.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--layout", default="beir")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--numbered", action="store_true")
    given = parser.parse_args()
    dataset = read_dataset(given.data, given.layout)
    background()
    passages = Passages(dataset)
    questions = [question for question in dataset.questions if question.relevant]
    if given.numbered:
        questions = numbered(dataset)
    chosen = questions[given.first :: given.every][: given.limit]
    print(machine_line())
    print(f"{dataset.name}: {len(passages.ids)} passages, {len(chosen)} questions")
    table = rows(passages)
    measure(
        chosen, passages, [row for row in table if row[0] in {"all", "without measures"}] if given.numbered else table
    )


if __name__ == "__main__":
    main()
