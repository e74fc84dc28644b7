"""A vector cache: text to vector, kept in a file that survives a kill, so that no text is embedded twice."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from wenyuan.ports import Embedder, Vectors

_KEY_BYTES: Final = 32


class VectorCache:
    """Passage vectors of one embedder under the SHA-256 of their text.

    The file is a row of records of one size (32 bytes of key, then float32 values); a record cut short by a kill is
    dropped when the file is opened. One process uses a cache at a time: the workspace's index lock sees to that.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        """Open or create the cache of ``embedder`` in ``folder``; its name follows from the fingerprint."""
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(embedder.fingerprint.encode()).hexdigest()[:16]
        self.model = embedder.fingerprint
        self._embedder = embedder
        self._record = np.dtype([("key", f"V{_KEY_BYTES}"), ("vector", np.float32, (embedder.dimension,))])
        self._file = (folder / f"{name}.vectors").open("a+b")
        whole = self._file.seek(0, 2) // self._record.itemsize
        self._file.truncate(whole * self._record.itemsize)
        self._places = self._read_keys(whole)
        self.embedded = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised; texts that are new are embedded and kept."""
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._places}
        if missing:
            self._append(list(missing), self._embedder.embed_passages(list(missing.values())))
        if not keys:
            return np.empty((0, self._embedder.dimension), np.float32)
        return np.stack([self._vector(key) for key in keys])

    def _append(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        records = np.zeros(len(keys), self._record)
        records["key"] = np.array([np.void(key) for key in keys])
        records["vector"] = vectors
        place = self._file.seek(0, 2) // self._record.itemsize
        self._file.write(records.tobytes())
        self._file.flush()
        self._places.update((key, place + offset) for offset, key in enumerate(keys))
        self.embedded += len(keys)

    def _vector(self, key: bytes) -> Vectors:
        self._file.seek(self._places[key] * self._record.itemsize + _KEY_BYTES)
        return np.frombuffer(self._file.read(self._record.itemsize - _KEY_BYTES), np.float32)

    def _read_keys(self, whole: int) -> dict[bytes, int]:
        places: dict[bytes, int] = {}
        for place in range(whole):
            self._file.seek(place * self._record.itemsize)
            places[self._file.read(_KEY_BYTES)] = place
        return places
