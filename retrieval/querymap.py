"""A learned step of a question's vector towards the passages that answer such questions.

An embedder is trained on pairs of the web at large; what lay people ask and what a law says lie further apart.
``q' = unit(q + g(q) L R q)``, with two thin matrices learned by ``benchmarks.retrieval.fit`` on public questions, draws
them together at the price of two small products. The gate ``g``, a logistic, is how likely the question is of that
kind and not of another: other questions keep the vectors they have. Passages, and so the index, stay as they are.
"""

import base64
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from wenyuan.errors import SettingsError
from wenyuan.ports import Embedder, Vectors
from wenyuan.settings import CONFIGS

WEIGHTS: Final = CONFIGS / "query_map.yaml"


@dataclass(frozen=True, slots=True)
class Gate:
    """The chance that a question is of the kind the map was learned for: a logistic over its vector."""

    direction: Vectors
    bias: float

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return (n,), 0..1, of vectors of questions (n, dimension)."""
        return np.asarray(1 / (1 + np.exp(-np.clip(vectors @ self.direction + self.bias, -30, 30))), np.float32)


class QueryMap:
    """The step for the vectors of one embedder, see the module."""

    def __init__(self, left: Vectors, right: Vectors, gate: Gate, scale: float = 1.0, offset: float = 0.0) -> None:
        """Take ``left`` (dimension, rank), ``right`` (rank, dimension), and what makes scores cosines again."""
        self.left = left
        self.right = right
        self.gate = gate
        self.scale = scale
        self.offset = offset

    @classmethod
    def open(cls, embedder: Embedder, path: Path = WEIGHTS) -> "QueryMap | None":
        """Return the map of ``path`` if it was learned for this embedder, else None; raises ``SettingsError``."""
        model, made = _read(path)
        return made if model == embedder.fingerprint else None

    def __call__(self, vectors: Vectors, gates: Vectors | None = None) -> Vectors:
        """Return (n, dimension) float32, L2-normalised, of vectors of questions (n, dimension); ``gates`` if known."""
        shares = self.gate(vectors) if gates is None else gates
        moved = vectors + shares[:, None] * (vectors @ self.right.T @ self.left.T)
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)

    def cosine(self, score: float, share: float) -> float:
        """Return the cosine without the map that a score with it stands for on average; it keeps the order.

        ``share`` is the gate of the question. What asks whether there is an answer at all was set by cosines without
        the map.
        """
        return score + share * ((self.scale - 1) * score + self.offset)

    def record(self, model: str) -> dict[str, Any]:
        """Return what :meth:`open` reads; ``model`` is the fingerprint of the embedder."""
        return {
            "embedder": model,
            "rank": int(self.left.shape[1]),
            "dimension": int(self.left.shape[0]),
            "scale": self.scale,
            "offset": self.offset,
            "gate_bias": self.gate.bias,
            "gate": _packed(self.gate.direction),
            "left": _packed(self.left),
            "right": _packed(self.right),
        }


@cache
def _read(path: Path) -> tuple[str, QueryMap]:
    """Read the file once a process; its matrices are fp16 in base64, row by row."""
    content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        rank, dimension = int(content["rank"]), int(content["dimension"])
        left = _unpacked(content["left"]).reshape(dimension, rank)
        right = _unpacked(content["right"]).reshape(rank, dimension)
        gate = Gate(_unpacked(content["gate"]).reshape(dimension), float(content["gate_bias"]))
        scale, offset = float(content["scale"]), float(content["offset"])
        model = str(content["embedder"])
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(reason=f"{path.name}: no map of questions") from error
    finite = all(np.isfinite(part).all() for part in (left, right, gate.direction))
    if not (finite and 0 < scale < 2 and math.isfinite(scale + offset + gate.bias)):
        raise SettingsError(reason=f"{path.name}: numbers are finite and the scale lies between 0 and 2")
    return model, QueryMap(left, right, gate, scale, offset)


def _packed(matrix: Vectors) -> str:
    return base64.b64encode(matrix.astype("<f2").tobytes()).decode()


def _unpacked(text: str) -> Vectors:
    return np.frombuffer(base64.b64decode(text, validate=True), "<f2").astype(np.float32)
