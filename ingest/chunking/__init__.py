"""Chunking: blocks in, passages out; a pure function of blocks, title and settings."""

from ingest.chunking.chunker import StructureChunker
from wenyuan.ports import Embedder
from wenyuan.settings import IngestSettings

__all__ = ["StructureChunker", "open_chunker"]


def open_chunker(settings: IngestSettings, embedder: Embedder) -> StructureChunker:
    """Return the chunker that the settings name; sizes are counted in tokens of ``embedder``."""
    return StructureChunker(
        embedder.count_tokens, settings.chunk_tokens, settings.topic_breaks, embedder.embed_passages
    )
