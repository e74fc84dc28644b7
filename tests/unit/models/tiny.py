"""A weights file in the wheel's format with a very small random model, and its forward pass in numpy."""

import math
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁年", "假", "年", "a", "b", "▁a", ":", "?", "▁query", "▁passage", "～"]


@dataclass
class TinyModel:
    """Two layers of 64, two heads; `tensors` holds the dequantised values by the file's names."""

    hidden: int = 64
    layers: int = 2
    heads: int = 2
    ffn: int = 128
    vocab: int = 24
    positions: int = 32
    types: int = 2
    eps: float = 1e-12
    seed: int = 0
    tensors: dict[str, Array] = field(default_factory=dict)

    def write(self, path: Path, *, version: int = 1, drop: str = "", magic: bytes = b"E5S1") -> None:
        """Write the file; `drop` leaves a tensor out."""
        random = np.random.default_rng(self.seed)
        encoded: list[tuple[str, bytes]] = []
        for name, shape in self._layout().items():
            quantised = name == "emb.word" or (name.endswith(".w") and len(shape) == 2)
            values = random.normal(0, 1 / math.sqrt(shape[-1]), shape).astype(np.float32)
            if "ln" in name and name.endswith(".w"):
                values = values + 1
            raw, kept = _q4(values) if quantised else (values.astype("<f4").tobytes(), values)
            self.tensors[name] = kept
            if name != drop:
                encoded.append((name, raw))
        sizes = (self.hidden, self.layers, self.heads, self.ffn, self.vocab, self.positions, self.types)
        head = magic + struct.pack("<I7ifi", version, *sizes, self.eps, 32) + _vocabulary()
        directory_size = 4 + sum(2 + len(name) + 21 for name, _ in encoded)
        offset = len(head) + directory_size
        directory, body = struct.pack("<i", len(encoded)), b""
        for name, raw in encoded:
            at = offset + len(body)
            directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, at, len(raw))
            body += raw
        path.write_bytes(head + directory + body)

    def forward(self, ids: list[int]) -> Array:
        """The unit vector of `ids`, computed in float32 straight from the definition of the encoder."""
        t = self.tensors
        x = t["emb.word"][ids] + t["emb.pos"][: len(ids)] + t["emb.type"][0]
        x = self._norm(x, "emb.ln")
        width = self.hidden // self.heads
        for layer in range(self.layers):
            p = f"l{layer}."
            q, k, v = (self._dense(x, p + part).reshape(len(ids), self.heads, width) for part in "qkv")
            scores = np.einsum("qhd,khd->hqk", q, k) / math.sqrt(width)
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            context = np.einsum("hqk,khd->qhd", scores, v).reshape(len(ids), self.hidden)
            x = self._norm(x + self._dense(context, p + "ao"), p + "aln")
            inner = self._dense(x, p + "fi")
            inner = 0.5 * inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
            x = self._norm(x + self._dense(inner, p + "fo"), p + "oln")
        pooled = x.mean(axis=0)
        return np.asarray(pooled / np.linalg.norm(pooled), np.float32)

    def _layout(self) -> dict[str, tuple[int, ...]]:
        h, f = self.hidden, self.ffn
        layout: dict[str, tuple[int, ...]] = {
            "emb.word": (self.vocab, h), "emb.pos": (self.positions, h), "emb.type": (self.types, h),
            "emb.ln.w": (h,), "emb.ln.b": (h,),
        }  # fmt: skip
        for layer in range(self.layers):
            for name, rows, columns in (
                ("q", h, h),
                ("k", h, h),
                ("v", h, h),
                ("ao", h, h),
                ("fi", f, h),
                ("fo", h, f),
            ):
                layout[f"l{layer}.{name}.w"] = (rows, columns)
                layout[f"l{layer}.{name}.b"] = (rows,)
            for name in ("aln", "oln"):
                layout[f"l{layer}.{name}.w"] = layout[f"l{layer}.{name}.b"] = (h,)
        return layout

    def _dense(self, x: Array, name: str) -> Array:
        return np.asarray(x @ self.tensors[f"{name}.w"].T + self.tensors[f"{name}.b"])

    def _norm(self, x: Array, name: str) -> Array:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + self.eps)
        return np.asarray(x * self.tensors[f"{name}.w"] + self.tensors[f"{name}.b"])


def _q4(values: Array) -> tuple[bytes, Array]:
    """Q4_0 encoding of (rows, columns) and the values it stands for."""
    blocks = values.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype(np.float16)
    codes = np.clip(np.rint(blocks / scales.astype(np.float32)), -8, 7).astype(np.int8)
    nibbles = (codes + 8).astype(np.uint8)
    raw = b"".join(
        scale.tobytes() + (row[:16] | (row[16:] << 4)).tobytes() for scale, row in zip(scales, nibbles, strict=True)
    )
    return raw, (codes * scales.astype(np.float32)).reshape(values.shape).astype(np.float32)


def _vocabulary() -> bytes:
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    scores = np.array([0, 0, 0, 0, *range(-1, 3 - len(PIECES), -1)], "<f4")
    blob = b"".join(encoded)
    table = struct.pack("<IBI", ord("Ａ"), 1, ord("A")) + struct.pack("<IB", 0x07, 0)
    head = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + offsets.tobytes() + scores.tobytes() + blob
    return head + struct.pack("<iI", 2, len(table)) + table
