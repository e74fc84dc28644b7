"""Learns the map of question vectors (:mod:`retrieval.querymap`) from questions and their passages.

The matrix maximises the probability of the relevant passages under a softmax over them and the passages nearest to the
question, each set counting by its weight; few and small steps (Adam, Kingma and Ba, 2015) keep it near zero, since
what it gains on one kind of text it can lose on others. It is cut to its first singular vectors. The gate, learned
first, tells questions of the sets that are at home from those of the others by their vectors alone; every question
then teaches the matrix as far as the gate lets it.

``PULL`` was chosen on halves of the sets learned from, without the first fold of the folded set; ``STEPS`` among 100,
150 and 200 by whole searches for the questions of two folds that the map had not learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval.exact import Searched
from retrieval.querymap import Gate, QueryMap
from wenyuan.ports import Embedder, Vectors

Places = NDArray[np.int64]

TEMPERATURE: Final = 0.02
STEPS: Final = 100
RATE: Final = 1e-5
NEGATIVES: Final = 60
BATCH: Final = 6
RANK: Final = 24
#: Quadratic pull of the gate's direction to zero.
PULL: Final = 1e-4
_NEWTON: Final = 12
_SEED: Final = 0
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
    home: bool = False

    def step(self, matrix: Vectors, chosen: Places, gate: Gate) -> Vectors:
        """Return the gradient of the mean log probability of the relevant passages of some questions."""
        gradient = np.zeros_like(matrix)
        shares_taken = gate(self.questions[chosen])
        for number, taken in zip(chosen.tolist(), shares_taken.tolist(), strict=True):
            count, vector = len(self.relevant[number]), self.questions[number]
            passages = self.searched.matrix[[*self.relevant[number], *self.others[number]]]
            scores = passages @ (vector + taken * (matrix @ vector)) / TEMPERATURE
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            pull = -shares
            pull[:count] += shares[:count] / shares[:count].sum()
            gradient += np.outer(taken * (pull @ passages), vector)
        return np.asarray(gradient / len(chosen))


def lessons(searched: Searched, embedder: Embedder, weight: float = 1.0, *, home: bool = False) -> Lessons:
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
    return Lessons(searched, questions, tuple(relevant), tuple(others), weight, home)


def learn(sets: Sequence[Lessons], chosen: Sequence[Places]) -> QueryMap:
    """Return the map learned from the chosen questions of each set, its scores still those of mapped vectors."""
    gate = learn_gate(sets, chosen)
    left, strength, right = np.linalg.svd(_learn_matrix(sets, chosen, gate))
    root = np.sqrt(strength[:RANK])
    half = np.float16  # as it is stored
    return QueryMap(
        (left[:, :RANK] * root).astype(half).astype(np.float32),
        (root[:, None] * right[:RANK]).astype(half).astype(np.float32),
        gate,
    )


def learn_gate(sets: Sequence[Lessons], chosen: Sequence[Places]) -> Gate:
    """Return the likeliest logistic (by Newton) for home or not; both count alike, and so does each set on a side."""
    rows = np.concatenate([found.questions[places] for found, places in zip(sets, chosen, strict=True)])
    sides = [sum(found.home == home for found in sets) for home in (False, True)]
    counts = np.concatenate(
        [
            np.full(len(places), 0.5 / sides[found.home] / len(places))
            for found, places in zip(sets, chosen, strict=True)
        ]
    )
    wanted = np.concatenate(
        [np.full(len(places), float(found.home)) for found, places in zip(sets, chosen, strict=True)]
    )
    middle = rows.mean(axis=0, dtype=np.float64)
    centred = np.column_stack([rows - middle, np.ones(len(rows))])
    pull = np.append(np.full(rows.shape[1], PULL), 1e-9)
    weights = np.zeros(centred.shape[1])
    for _ in range(_NEWTON):
        likely = 1 / (1 + np.exp(-np.clip(centred @ weights, -30, 30)))
        gradient = centred.T @ (counts * (wanted - likely)) - pull * weights
        hessian = (centred.T * (counts * likely * (1 - likely))) @ centred + np.diag(pull)
        weights += np.linalg.solve(hessian, gradient)
    direction = weights[:-1].astype(np.float16).astype(np.float32)  # as it is stored
    return Gate(direction, round(float(weights[-1] - middle @ direction), 4))


def _learn_matrix(sets: Sequence[Lessons], chosen: Sequence[Places], gate: Gate) -> Vectors:
    chance = np.random.default_rng(_SEED)
    size = sets[0].questions.shape[1]
    matrix = np.zeros((size, size), np.float32)
    mean, spread = np.zeros_like(matrix), np.zeros_like(matrix)
    total = sum(found.weight for found in sets)
    for number in range(1, STEPS + 1):
        gradient = np.zeros_like(matrix)
        for found, places in zip(sets, chosen, strict=True):
            drawn = chance.choice(places, min(len(places), max(1, round(BATCH * found.weight))), replace=False)
            gradient += found.step(matrix, drawn, gate) * (found.weight / total)
        mean = 0.9 * mean + 0.1 * gradient
        spread = 0.99 * spread + 0.01 * gradient * gradient
        matrix += RATE * (mean / (1 - 0.9**number)) / (np.sqrt(spread / (1 - 0.99**number)) + 1e-9)
    return matrix


def calibrate(made: QueryMap, sets: Sequence[Lessons]) -> QueryMap:
    """Return the map with the line that turns its scores into cosines on average, over questions at home."""
    plain, mapped = [], []
    for found in sets:
        if not found.home:
            continue
        moved = made(found.questions)
        one, other = [], []
        for vector, new in zip(found.questions[::20], moved[::20], strict=True):
            cosines = found.searched.matrix @ vector
            near = np.argsort(-cosines, kind="stable")[:_COMPARED]
            one.append(cosines[near])
            other.append(found.searched.matrix[near] @ new)
        plain.append(np.concatenate(one))
        mapped.append(np.concatenate(other))
    scale, offset = np.polyfit(np.concatenate(mapped), np.concatenate(plain), 1)
    return QueryMap(made.left, made.right, made.gate, round(float(scale), 4), round(float(offset), 4))
