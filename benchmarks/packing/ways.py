"""The settings that are compared, and an embedder that embeds nothing twice."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from eval.texts.vectors import VectorCache
from wenyuan.ports import Embedder, Vectors
from wenyuan.settings import PackingSettings

_PLAIN: Final = PackingSettings(duplicates=None)

#: Each part of packing alone, beside the ranking as it is.
WAYS: Final = {
    "as ranked": _PLAIN,
    "near-duplicates": _PLAIN.model_copy(update={"duplicates": 0.9}),
    "two of a document": _PLAIN.model_copy(update={"per_document": 2}),
    "diversity .1": _PLAIN.model_copy(update={"diversity": 0.1}),
    "diversity .3": _PLAIN.model_copy(update={"diversity": 0.3}),
    "neighbours": _PLAIN.model_copy(update={"neighbours": 1}),
    "openings": _PLAIN.model_copy(update={"openings": True}),
}


class Remembering:
    """An embedder over a cache of vectors: the units of a passage are the same whatever it is packed with."""

    def __init__(self, embedder: Embedder, vectors: VectorCache) -> None:
        """Embed by ``embedder`` what ``vectors`` does not hold."""
        self.name, self.fingerprint, self.dimension = embedder.name, embedder.fingerprint, embedder.dimension
        self._embedder = embedder
        self._vectors = vectors
        self._query = cache(lambda text: embedder.embed_queries([text]))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return what the embedder does."""
        return self._query(texts[0]) if len(texts) == 1 else self._embedder.embed_queries(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return what the embedder does, from the cache where it can."""
        return self._vectors.passages(texts)

    def count_tokens(self, text: str) -> int:
        """Return what the embedder does."""
        return self._embedder.count_tokens(text)

    def close(self) -> None:
        """Free the embedder."""
        self._embedder.close()
