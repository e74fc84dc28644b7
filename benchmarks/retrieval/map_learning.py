"""Learns the map of question vectors (:mod:`retrieval.querymap`) from questions and their passages.

The matrix maximises the probability of the relevant passages under a softmax over them and the passages nearest to the
question, each set counting by its weight; few and small steps (Adam, Kingma and Ba, 2015) keep it near zero, since
what it gains on one kind of text it can lose on others. The mean of the matrices of several seeds is cut to its first
singular vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval.exact import Searched
from retrieval.querymap import QueryMap
from wenyuan.ports import Embedder, Vectors

Places = NDArray[np.int64]

TEMPERATURE: Final = 0.02
STEPS: Final = 200
RATE: Final = 1e-5
NEGATIVES: Final = 60
BATCH: Final = 6
SEEDS: Final = (0,)
RANK: Final = 24
#: Part of the learned step that is taken: four fifths keep nearly all that law gains, and lose less on wiki text.
STRENGTH: Final = 0.8
#: Passages nearest to a question by which mapped scores are compared with cosines.
_COMPARED: Final = 20


@dataclass(frozen=True, slots=True)
class Lessons:
    """A set to learn from: questions (n, dimension), the places of their passages, and of the nearest others."""

    searched: Searched
    questions: Vectors
    relevant: tuple[tuple[int, ...], ...]
    others: tuple[tuple[int, ...], ...]
    weight: float = 1.0

    def step(self, matrix: Vectors, chosen: Places) -> Vectors:
        """Return the gradient of the mean log probability of the relevant passages of some questions."""
        gradient = np.zeros_like(matrix)
        for number in chosen.tolist():
            count, vector = len(self.relevant[number]), self.questions[number]
            passages = self.searched.matrix[[*self.relevant[number], *self.others[number]]]
            scores = passages @ (vector + matrix @ vector) / TEMPERATURE
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            pull = -shares
            pull[:count] += shares[:count] / shares[:count].sum()
            gradient += np.outer(pull @ passages, vector)
        return np.asarray(gradient / len(chosen))


def lessons(searched: Searched, embedder: Embedder, weight: float = 1.0) -> Lessons:
    """Return what a set teaches; of a text in several passages the one nearest to the question is the relevant one."""
    asked = searched.corpus.questions
    questions = np.concatenate([embedder.embed_queries([question.text]) for question in asked])
    places: dict[str, list[int]] = {}
    for place, passage in enumerate(searched.corpus.passages):
        for key in passage.keys:
            places.setdefault(key, []).append(place)
    relevant, others = [], []
    for question, vector in zip(asked, questions, strict=True):
        mine = [places[key] for key in question.relevant if key in places]
        relevant.append(tuple(max(found, key=lambda at: float(searched.matrix[at] @ vector)) for found in mine))
        near = (int(hit.chunk_id) for hit in searched.dense(vector, NEGATIVES + len(relevant[-1]) + 8))
        rest = [at for at in near if not question.relevant.keys() & searched.corpus.passages[at].keys]
        others.append(tuple(rest[:NEGATIVES]))
    return Lessons(searched, questions, tuple(relevant), tuple(others), weight)


def learn(sets: Sequence[Lessons], chosen: Sequence[Places]) -> QueryMap:
    """Return the map learned from the chosen questions of each set, its scores still those of mapped vectors."""
    matrix = STRENGTH * np.mean([_learn_once(sets, chosen, seed) for seed in SEEDS], axis=0)
    left, strength, right = np.linalg.svd(matrix)
    root = np.sqrt(strength[:RANK])
    half = np.float16  # as it is stored
    return QueryMap(
        (left[:, :RANK] * root).astype(half).astype(np.float32),
        (root[:, None] * right[:RANK]).astype(half).astype(np.float32),
    )


def _learn_once(sets: Sequence[Lessons], chosen: Sequence[Places], seed: int) -> Vectors:
    chance = np.random.default_rng(seed)
    size = sets[0].questions.shape[1]
    matrix = np.zeros((size, size), np.float32)
    mean, spread = np.zeros_like(matrix), np.zeros_like(matrix)
    total = sum(found.weight for found in sets)
    for number in range(1, STEPS + 1):
        gradient = np.zeros_like(matrix)
        for found, places in zip(sets, chosen, strict=True):
            drawn = chance.choice(places, min(len(places), max(1, round(BATCH * found.weight))), replace=False)
            gradient += found.step(matrix, drawn) * (found.weight / total)
        mean = 0.9 * mean + 0.1 * gradient
        spread = 0.99 * spread + 0.01 * gradient * gradient
        matrix += RATE * (mean / (1 - 0.9**number)) / (np.sqrt(spread / (1 - 0.99**number)) + 1e-9)
    return matrix


def calibrate(made: QueryMap, sets: Sequence[Lessons]) -> QueryMap:
    """Return the map with the line that turns its scores into cosines on average, each set counting alike."""
    plain, mapped = [], []
    for found in sets:
        moved = made(found.questions)
        one, other = [], []
        for vector, new in zip(found.questions[::20], moved[::20], strict=True):
            cosines = found.searched.matrix @ vector
            near = np.argsort(-cosines, kind="stable")[:_COMPARED]
            one.append(cosines[near])
            other.append(found.searched.matrix[near] @ new)
        plain.append(np.concatenate(one))
        mapped.append(np.concatenate(other))
    least = min(map(len, plain))
    scale, offset = np.polyfit(
        np.concatenate([part[:least] for part in mapped]), np.concatenate([part[:least] for part in plain]), 1
    )
    return QueryMap(made.left, made.right, round(float(scale), 4), round(float(offset), 4))
