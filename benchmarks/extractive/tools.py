"""The parts of the product that the measurements use, opened from the command line."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.extractive.examples import Tools
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval import lexical
from retrieval.rerank.factory import open_reranker
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import EmbeddingSettings, IngestSettings, RetrievalSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what :func:`open_tools` reads."""
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/bench"))
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    parser.add_argument("--limit", type=int, default=300, help="questions of a set")


@contextlib.contextmanager
def open_tools(args: argparse.Namespace) -> Iterator[Tools]:
    """Open embedder, chunker, reranker and the cache of vectors."""
    lexical.warm_up()
    embedder = open_embedder(EmbeddingSettings(), args.models_dir)
    reranker = open_reranker(RetrievalSettings())
    if reranker is None:
        raise SystemExit("retrieval.rerank is none: nothing to measure")
    with VectorCache(args.cache, embedder) as vectors:
        chunker = open_chunker(IngestSettings(), embedder)
        yield Tools(args.data, args.cache, chunker, embedder, vectors, reranker)
    reranker.close()
    embedder.close()
