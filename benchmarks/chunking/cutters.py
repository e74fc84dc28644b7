"""The chunkers that are compared: this product's, and llama-index's fixed-size and recursive splitters."""

import asyncio
import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from benchmarks.chunking.spans import Locator, Span
from ingest.chunking import StructureChunker
from ingest.intake.sniff import sniff
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from wenyuan.db.contents import embedded_text
from wenyuan.documents import ParsedDocument, SourceFile
from wenyuan.ports import Embedder
from wenyuan.settings import IngestSettings, TopicBreaks


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as it is embedded, its size in tokens, and the spans of the source it covers."""

    text: str
    tokens: int
    spans: tuple[Span, ...]


class Cutter(Protocol):
    """Cuts a file into passages."""

    name: str

    def cut(self, path: Path, source: str) -> list[Passage]:
        """Return the passages of the text file at ``path``, whose characters are ``source``."""
        ...


class OwnCutter:
    """The product's way: intake's media type, the sandboxed parser, the chunker; the file's name is the title."""

    def __init__(self, embedder: Embedder, tokens: int, topics: TopicBreaks) -> None:
        self.name = f"wenyuan {tokens} {topics}"
        self._chunker = StructureChunker(embedder.count_tokens, tokens, topics, embedder.embed_passages)

    def cut(self, path: Path, source: str) -> list[Passage]:
        """Parse, cut, and find every part of every chunk again in the source."""
        parsed = parse(path)
        locator = Locator(source)
        passages = []
        for chunk in self._chunker.chunk(path.stem, parsed):
            parts = [chunk.text[part.start : part.end] for part in chunk.ranges]
            spans = tuple(span for part in parts if (span := locator.find(part)) is not None)
            if len(spans) < sum(any(char.isalnum() for char in part) for part in parts):
                raise ValueError(f"{path.name}: chunk {chunk.ordinal} is not in the source")
            passages.append(Passage(embedded_text(chunk.context, chunk.text), chunk.tokens, _covered(spans)))
        return passages


class LlamaCutter:
    """A splitter of llama-index on the raw text, without overlap, measured in the embedder's tokens."""

    def __init__(self, embedder: Embedder, kind: str, tokens: int) -> None:
        _lend_word_lists()
        from llama_index.core.node_parser import SentenceSplitter, TokenTextSplitter

        self.name = f"llama-index {kind} {tokens}"
        self._count = cache(embedder.count_tokens)
        splitter = {"fixed-size": TokenTextSplitter, "recursive": SentenceSplitter}[kind]
        self._splitter = splitter(chunk_size=tokens, chunk_overlap=0, tokenizer=self._tokens)

    def _tokens(self, text: str) -> list[int]:
        """The splitters ask for tokens and count them."""
        return [0] * self._count(text)

    def cut(self, path: Path, source: str) -> list[Passage]:
        """Split the raw text, and find every chunk again in it."""
        locator = Locator(source)
        passages = []
        for text in self._splitter.split_text(source):
            span = locator.find_exactly(text)
            if span is None:
                raise ValueError(f"{path.name}: a chunk is not in the source")
            passages.append(Passage(text, self._count(text), (span,)))
        return passages


@cache
def _lend_word_lists() -> None:
    """Let the library read copies of its word lists: it refuses them where an installer has linked its files."""
    found = find_spec("llama_index.core")
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError("llama_index.core")
    folder = tempfile.mkdtemp(prefix="nltk-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    lists = Path(found.submodule_search_locations[0]) / "_static" / "nltk_cache"
    shutil.copytree(lists, folder, dirs_exist_ok=True)
    os.environ["NLTK_DATA"] = folder


@cache
def parse(path: Path) -> ParsedDocument:
    """Parse a file as an upload would be."""
    settings = IngestSettings(ocr=False)
    source = SourceFile(str(path), path.name, "", path.stat().st_size, sniff(path, path.name))
    return asyncio.run(FileParser(Sandbox(settings), None, settings).parse(source))


def _covered(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Close the gaps between spans in order: white space and marks of the format belong to the chunk."""
    return ((spans[0][0], spans[-1][1]),) if spans else ()
