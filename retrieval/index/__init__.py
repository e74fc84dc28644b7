"""The index: adapters behind :class:`wenyuan.ports.VectorIndex`. They return ids and scores, never text."""

from retrieval.index.factory import open_index

__all__ = ["open_index"]
