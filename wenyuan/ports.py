"""Ports: what the rooms offer each other. Adapters are chosen in ``api.bootstrap`` only."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wenyuan.access import AccessScope
from wenyuan.answers import AnswerEvent, Evidence, Hit
from wenyuan.documents import Block, Chunk, ParsedDocument, SourceFile

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into unit vectors. ``fingerprint`` names weights, pooling and prefixes: two never mix in one index."""

    name: str
    fingerprint: str
    dimension: int

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the number of model tokens in ``text``, without prefix and special tokens."""
        ...

    def close(self) -> None:
        """Free the model."""
        ...


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """What the index is given of a chunk. ``text`` is tokenised by the index writer and not stored."""

    chunk_id: str
    document_id: str
    version_id: str
    policy_id: int
    text: str
    vector: Vectors


class IndexWriter(Protocol):
    """The writing side of the index, as ingestion sees it. Every call is idempotent and durable on return."""

    async def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write or overwrite points."""
        ...

    async def delete_version(self, version_id: str) -> None:
        """Remove every point of a version."""
        ...

    async def delete_document(self, document_id: str) -> None:
        """Remove every point of a document."""
        ...

    async def set_policy(self, document_id: str, policy_id: int) -> None:
        """Point every chunk of a document to another policy."""
        ...

    async def count_version(self, version_id: str) -> int:
        """Return how many points of a version there are."""
        ...


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (unsigned 32 bit, unique) and weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


class VectorIndex(IndexWriter, Protocol):
    """The index. Searches take the scope first; they return ids and scores, never text."""

    async def search_dense(self, scope: AccessScope, vector: Vectors, limit: int) -> list[Hit]:
        """Return the ``limit`` nearest points the scope may see, by cosine, best first."""
        ...

    async def search_sparse(self, scope: AccessScope, query: SparseVector, limit: int) -> list[Hit]:
        """Return the ``limit`` best points the scope may see, by dot product, best first."""
        ...

    async def point_ids(self) -> set[str]:
        """Return every chunk id in the index (for the doctor and for tests; no text, no scope)."""
        ...

    async def ping(self) -> None:
        """Raise ``TransientError`` when the index does not answer."""
        ...

    async def close(self) -> None:
        """Flush and release the index."""
        ...


class EvidenceStore(Protocol):
    """The only source of chunk text: a scoped read that joins the current version and the current policy."""

    async def load(self, scope: AccessScope, hits: Sequence[Hit]) -> list[Evidence]:
        """Return the evidence of those hits that the scope may read now, in the order of the hits."""
        ...


class Retriever(Protocol):
    """Question in, evidence out."""

    async def retrieve(self, scope: AccessScope, question: str, limit: int) -> list[Evidence]:
        """Return up to ``limit`` passages the scope may read, best first."""
        ...


class Reranker(Protocol):
    """Puts evidence that a scope was allowed to load in a better order. It sees no other text."""

    name: str

    async def rerank(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Return the same evidence, most relevant first, ``score`` replaced by the relevance and nothing else.

        The relevance is comparable within one answer, not between questions: the offline reranker's lies in 0..1, an
        endpoint's is what its model gives. Raises ``TransientError`` when an endpoint fails.
        """
        ...

    def close(self) -> None:
        """Free what the reranker holds."""
        ...


class AnswerService(Protocol):
    """Evidence in, checked answer out."""

    def answer(self, question: str, evidence: Sequence[Evidence], language: str) -> AsyncGenerator[AnswerEvent, None]:
        """Yield ``meta``, then ``token``/``citation``/``notice`` events, then exactly one ``done``."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What recognition found on one part of a file, kept until the whole file is parsed.

    ``number`` is that of a page (1-based), or minus one minus the ordinal of the figure block whose picture was read.
    ``stands`` says of a page that its own text was compared with what is seen, and is kept.
    """

    number: int
    blocks: tuple[Block, ...]
    stands: bool = False


class Drafts(Protocol):
    """Recognised parts of one version, so that a job that dies in mid-file goes on where it stopped."""

    async def kept(self) -> Mapping[int, Draft]:
        """Return what was kept before, by number."""
        ...

    async def keep(self, draft: Draft) -> None:
        """Keep ``draft``, durable on return."""
        ...


class Parser(Protocol):
    """Bytes in, blocks out; runs in a child process with limits. ``fingerprint`` changes when its results would."""

    fingerprint: str

    async def parse(
        self,
        source: SourceFile,
        on_progress: Callable[[int, int], None] | None = None,
        drafts: Drafts | None = None,
    ) -> ParsedDocument:
        """Parse ``source``, telling (pages done, pages in all); raises a ``FileError`` that says what is wrong.

        What ``drafts`` holds is not recognised again, and what is recognised is kept there at once.
        """
        ...


@dataclass(frozen=True, slots=True)
class Digest:
    """What a language model wrote about one document: sentences and keywords, cleaned and bounded."""

    summary: tuple[str, ...]
    keywords: tuple[str, ...]


class Digester(Protocol):
    """Sums up one document. It sees the text of that document alone, and what it writes is shown with it alone."""

    async def digest(self, text: str, language: str) -> Digest:
        """Return summary and keywords in ``language``; raises ``EndpointError`` when the model fails."""
        ...


class Chunker(Protocol):
    """Blocks in, chunks out; a pure function of its input and its settings."""

    fingerprint: str

    def chunk(self, title: str, parsed: ParsedDocument) -> list[Chunk]:
        """Return the chunks in reading order."""
        ...
