"""Chunking: blocks in, passages out; a pure function of blocks, title and settings."""

from ingest.chunking.chunker import StructureChunker

__all__ = ["StructureChunker"]
