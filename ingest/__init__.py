"""Ingestion: bytes to blocks, chunks and index points."""
