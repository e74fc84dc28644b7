"""Ports: what the rooms offer each other. Adapters are chosen in ``api.bootstrap`` only."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wenyuan.access import AccessScope
from wenyuan.answers import AnswerEvent, Beside, Evidence, Hit, Packed, TableLoader
from wenyuan.audit.record import Entry
from wenyuan.audit.trail import Trail
from wenyuan.documents import Block, Chunk, ParsedDocument, SourceFile
from wenyuan.ids import point_id, question_id
from wenyuan.parts.rules import Rule
from wenyuan.people.entries import DirectoryState

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


class VectorField(StrEnum):
    """What a vector of a chunk stands for: its text, or a question that it answers."""

    TEXT = "text"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """What the index is given of a chunk: one point of its text, and any number of questions beside it.

    ``text`` is tokenised by the index writer and not stored; that of a question is not used, so that only texts are
    found by their words. ``ordinal`` numbers the questions of a chunk from 0.
    """

    chunk_id: str
    document_id: str
    version_id: str
    policy_id: int
    text: str
    vector: Vectors
    field: VectorField = VectorField.TEXT
    ordinal: int = 0

    @property
    def id(self) -> str:
        """The id of the point; that of a text is the id of its chunk."""
        if self.field is VectorField.QUESTION:
            return question_id(self.chunk_id, self.ordinal)
        return point_id(self.chunk_id, 0)


class IndexWriter(Protocol):
    """The writing side of the index, as ingestion sees it. Every call is idempotent and durable on return."""

    async def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write or overwrite points; raises ``ValueError`` for a chunk id that is no UUID of version 5."""
        ...

    async def delete_questions(self, version_id: str) -> None:
        """Remove the points of a version that are questions."""
        ...

    async def delete_version(self, version_id: str) -> None:
        """Remove every point of a version."""
        ...

    async def delete_document(self, document_id: str) -> None:
        """Remove every point of a document."""
        ...

    async def set_policy(self, document_id: str, policy_id: int, parts: Mapping[str, int] | None = None) -> None:
        """Point every chunk of a document to another policy, those in ``parts`` to the policy given there by chunk."""
        ...

    async def count_version(self, version_id: str) -> int:
        """Return how many chunks of a version there are: questions are not counted."""
        ...


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (unsigned 32 bit, unique) and weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


#: Makes the vector of a question (dimension,); blocking.
MakeVector = Callable[[], Vectors]


class VectorIndex(IndexWriter, Protocol):
    """The index. Searches take the scope first; they return ids and scores of chunks, never text."""

    async def search_dense(self, scope: AccessScope, vector: Vectors | MakeVector, limit: int) -> list[Hit]:
        """Return the ``limit`` chunks the scope may see whose vectors are nearest, best first.

        A function that makes the vector is called beside the event loop, and where nothing can be seen not at all.
        A chunk's score is the mean of the cosine of its text and that of its nearest vector; equals by chunk id.
        """
        ...

    async def search_sparse(self, scope: AccessScope, query: SparseVector, limit: int) -> list[Hit]:
        """Return the ``limit`` best chunks the scope may see, by dot product, best first."""
        ...

    async def point_ids(self) -> set[str]:
        """Return the id of every point (for the doctor and for tests; no text, no scope)."""
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


class DocumentDates(NamedTuple):
    """From when a document holds, or when it was issued, as precise as it says (``2026-11``); when it was stored."""

    dated: str
    stored: str


class SurroundingsStore(Protocol):
    """Text around evidence, and of whole documents: scoped reads that join the current version and policy as well."""

    async def beside(
        self, scope: AccessScope, chunk_ids: Sequence[str], reach: int, *, openings: bool = False
    ) -> list[Beside]:
        """Return what stands at most ``reach`` chunks before or behind each chunk in its section, in reading order.

        With ``openings`` the first chunk of each section too. A chunk itself is never among its surroundings.
        """
        ...

    async def whole(self, scope: AccessScope, document_id: str, most: int) -> tuple[list[Evidence], int]:
        """Return the first ``most`` chunks of the document in reading order, and how many there are in all."""
        ...

    async def dates(self, scope: AccessScope, document_ids: Sequence[str]) -> dict[str, DocumentDates]:
        """Return the dates of those of the documents that the scope may read now, by id."""
        ...

    async def only_document(self, scope: AccessScope) -> str | None:
        """Return the id of the one published document that the scope may read, None if there are none or several."""
        ...


@dataclass(frozen=True, slots=True)
class Related:
    """A term that stands in a question, as it is asked, and other words that its space uses for the same thing."""

    asked: str
    others: tuple[str, ...]


class Vouching(Protocol):
    """Who stands behind documents."""

    async def vouched(self, uploader: str, document_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the uploader's documents that an administrator or a manager of their space uploaded."""
        ...


class TermBase(Protocol):
    """What the spaces of a reader call things."""

    async def related(self, scope: AccessScope, question: str) -> tuple[Related, ...]:
        """Return the terms found in the question, of spaces that the scope may read now and of no others."""
        ...


class AuditLog(Protocol):
    """Where accesses are recorded: append-only, chained, and durable on return."""

    async def append(self, entries: Sequence[Entry]) -> None:
        """Record ``entries``, in order, durable on return; raises ``AuditUnavailable`` and records none of them."""
        ...


class Retriever(Protocol):
    """Question in, evidence out."""

    async def retrieve(self, scope: AccessScope, question: str, limit: int) -> list[Evidence]:
        """Return up to ``limit`` passages the scope may read, best first."""
        ...


class Packing(Protocol):
    """Question in, what the answerer is given out."""

    async def pack(self, scope: AccessScope, question: str) -> Packed:
        """Return what the scope may read now that answers ``question``."""
        ...


class Reranker(Protocol):
    """Puts evidence that a scope was allowed to load in a better order. It sees no other text.

    ``endpoint``: where the text is sent for that, None when it stays in this process.
    """

    name: str
    endpoint: str | None

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

    def answer(
        self,
        question: str,
        packed: Packed,
        language: str,
        trail: Trail,
        model: str | None = None,
        load_tables: TableLoader | None = None,
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Yield ``meta``, then ``token``/``citation``/``statement``/``notice`` events, then exactly one ``done``.

        ``model``: the name of the one that is asked, ``extractive`` for none, None for what the settings say.
        ``load_tables`` loads the whole tables of the evidence for the reader; without it none is reckoned with.
        What a model is given is recorded on ``trail`` before it is sent.
        """
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What recognition found on one part of a file, kept until the whole file is parsed.

    ``number`` is that of a page (1-based), or minus one minus the ordinal of a block: a figure whose picture was read,
    a table that was looked at again. ``stands`` says that what the parser found was compared with what is seen, and is
    kept.
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


class Questioner(Protocol):
    """Writes questions that a passage answers. It sees that passage alone; what it writes is shown with it alone."""

    @property
    def fingerprint(self) -> str:
        """The name of model and prompt, at most 64 characters."""
        ...

    async def ask(self, text: str, language: str, most: int) -> tuple[str, ...]:
        """Return up to ``most`` questions in ``language``; raises ``EndpointError`` when the model fails."""
        ...


class Chunker(Protocol):
    """Blocks in, chunks out; a pure function of its input and its settings."""

    fingerprint: str

    def chunk(self, title: str, parsed: ParsedDocument, rules: Sequence[Rule] = ()) -> list[Chunk]:
        """Return the chunks in reading order, none across a border that ``rules`` draw."""
        ...


class DirectorySource(Protocol):
    """A directory of people outside. It is only read."""

    async def read(self, since: str) -> DirectoryState:
        """Return all there is, or with the cursor of an earlier reading what changed since, where that is known.

        Raises ``DirectoryUnreachable`` when it may work later, ``DirectoryRefused``, ``DirectoryMalformed``,
        ``DirectoryMisconfigured`` and ``DirectoryTooLarge`` when not. A reading is whole or an error, never a part.
        """
        ...

    async def close(self) -> None:
        """Close connections; also after an error."""
        ...
