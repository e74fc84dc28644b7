"""A set as every engine gets it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from benchmarks.retrieval.sets import SEED, Corpus
from eval.texts.vectors import VectorCache
from wenyuan.ports import Embedder, Vectors

POLICIES: Final = 2000
#: Policies that the readers see: 0.05, 0.5 and 5 percent.
SEEN: Final = (1, 10, 100)
FETCHED: Final = 100
#: Questions asked in each scope, and the fewest passages of a set for scopes to mean anything.
SCOPED: Final = 10
ENOUGH: Final = 2_000
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Task:
    """A set as every engine gets it; ``policies`` (passages,), ``scopes`` lists of policies that are seen."""

    corpus: Corpus
    vectors: Vectors
    asked: Vectors
    policies: Sequence[int]
    scopes: Sequence[Sequence[int]]

    def write(self, folder: Path) -> None:
        """Write what the runner reads."""
        passages = [
            {"id": str(place), "text": passage.whole, "policy": policy}
            for place, (passage, policy) in enumerate(zip(self.corpus.passages, self.policies, strict=True))
        ]
        questions = [{"id": question.id, "text": question.text} for question in self.corpus.questions]
        for name, rows in (("passages", passages), ("questions", questions)):
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        np.save(folder / "passages.npy", self.vectors)
        np.save(folder / "questions.npy", self.asked)
        task = {"k": FETCHED, "scopes": self.scopes, "scoped": SCOPED}
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")


def task_of(corpus: Corpus, embedder: Embedder, cache: VectorCache, limit: int) -> Task:
    """Return a set with ``limit`` of its questions, and for a large one with scopes."""
    chance = Random(SEED)
    questions = tuple(chance.sample(corpus.questions, min(limit, len(corpus.questions))))
    corpus = replace(corpus, questions=questions)
    policies = [chance.randrange(POLICIES) for _ in corpus.passages]
    large = len(corpus.passages) >= ENOUGH
    scopes = [sorted(chance.sample(range(POLICIES), seen)) for seen in SEEN] if large else []
    asked = embedder.embed_queries([question.text for question in questions])
    wholes = [passage.whole for passage in corpus.passages]
    vectors = [cache.passages(wholes[start : start + _BATCH]) for start in range(0, len(wholes), _BATCH)]
    return Task(corpus, np.concatenate(vectors), asked, policies, scopes)
