"""Hits, evidence, citations and answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from wenyuan.documents import Block, BlockRange, Box


class Hit(NamedTuple):
    """A search result of the index: ids and scores, never text. ``rank`` is 1-based.

    A tuple, since a search makes hundreds of them.
    """

    chunk_id: str
    score: float
    rank: int
    dense: float | None = None
    sparse: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The text of a hit, loaded through a scope; the only source of text for reranking and generation."""

    chunk_id: str
    document_id: str
    version_id: str
    document_title: str
    text: str
    context: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    ranges: tuple[BlockRange, ...]
    language: str
    anchor: str | None
    score: float
    dense: float | None = None
    sparse: float | None = None
    #: The id of the document's owner.
    uploader: str = ""
    #: From when the document holds, or when it was issued, as far as it says so; the day on which it was stored.
    dated: str = ""
    stored: str = ""
    #: The name of the document's space.
    space: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A passage of the same section as the passage ``anchor``, ``distance`` passages behind it (before: negative)."""

    anchor: str
    distance: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Packed:
    """What an answerer is given for one question, in the order of its numbers.

    ``exhaustive``: the question asks for everything on a matter, or about a whole document. Then ``matched`` counts the
    passages that belong to the answer, more than there are pieces of evidence where a limit left some out.
    ``document``: the evidence is a whole document that the question is about, in its order. ``picture``: what the
    question brings to see, as PNG, for a model that sees.
    """

    evidence: tuple[Evidence, ...]
    exhaustive: bool = False
    matched: int = 0
    document: bool = False
    picture: bytes | None = None


class SeenRow(NamedTuple):
    """Where a row of a table is stored: ``row`` of the block ``ordinal``, as ``BlockRange.rows`` numbers them.

    ``anchor`` is that of the block; ``line`` the row of the sheet, None where it stands in none or is not certain.
    """

    ordinal: int
    row: int
    anchor: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class SeenTable:
    """A whole table of which a piece of evidence shows rows, as far as the reader may see it.

    ``ordinal`` is that of its first block, ``rows`` says of each of its rows where it is stored. ``hidden``: something
    of the table is closed to the reader. ``passages`` are the pieces that show rows of it. ``cut``: further rows of it
    may stand elsewhere, so that nothing can be said of all of them.
    """

    ordinal: int
    block: Block
    rows: tuple[SeenRow, ...]
    hidden: bool
    passages: tuple[Evidence, ...]
    cut: bool = False


#: Loads the whole tables behind pieces of evidence, for the reader that the evidence was loaded for.
TableLoader = Callable[[Sequence[Evidence]], Awaitable[Sequence[SeenTable]]]


class Support(StrEnum):
    """How far the cited passage carries the statement."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"


class Relation(StrEnum):
    """Why a figure belongs to a citation: it is what is cited, the cited text names it, or it stands right beside."""

    CITED = "cited"
    NAMED = "named"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class FigureRef:
    """A figure that belongs to a citation: ordinals of its block and of its captions in the cited version."""

    ordinal: int
    captions: tuple[int, ...]
    relation: Relation


@dataclass(frozen=True, slots=True)
class Citation:
    """A reference to evidence the answerer was given.

    ``start`` and ``end`` are the quoted span in the chunk's text, ``quote`` is that span, ``boxes`` mark it on pages.
    ``id`` and ``link`` are given by the API when the citation is stored, and so are its ``figures``.
    """

    marker: int
    chunk_id: str
    document_id: str
    version_id: str
    document_title: str
    page: int | None
    boxes: tuple[Box, ...]
    heading_path: tuple[str, ...]
    anchor: str | None
    quote: str
    start: int
    end: int
    support: Support
    id: str | None = None
    link: str | None = None
    figures: tuple[FigureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class SupportSpan:
    """What carries a statement: characters of the passage that the citation ``marker`` quotes, and where it stands."""

    marker: int
    start: int
    end: int
    page: int | None
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement of an answer as it was checked.

    ``reasons``: why it is not supported in full (``number``, ``negation`` ...). ``repaired``: it is the second wording
    of a model whose first one was not supported. ``short``: the characters ``[start, end)`` of ``text`` that answer the
    question by themselves, where they were found.
    """

    text: str
    support: Support
    spans: tuple[SupportSpan, ...] = ()
    reasons: tuple[str, ...] = ()
    repaired: bool = False
    short: tuple[int, int] | None = None


class Answerer(StrEnum):
    """Which answerer wrote the text."""

    EXTRACTIVE = "extractive"
    LLM = "llm"


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer; ``text`` carries markers ``[1]``. A refusal has no citations and ``refused`` set.

    ``model`` and ``prompt`` name the model that wrote it and the version of what it was told, empty without one;
    ``tokens`` were taken by models for it, weighed, also where what they said was of no use. ``pictured``: one of them
    was shown the picture of the question.
    """

    text: str
    citations: tuple[Citation, ...]
    answerer: Answerer
    refused: bool
    language: str
    notices: tuple[str, ...] = ()
    statements: tuple[Stated, ...] = ()
    model: str = ""
    prompt: str = ""
    tokens: int = 0
    pictured: bool = False


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """One step of a streamed answer; the same schema for SSE and for the collected answer.

    ``meta`` names the answerer and the language, ``token`` carries text that was checked, ``citation`` one citation,
    ``statement`` how the text before it was checked, ``notice`` a code (``llm.fallback`` ...), ``done`` the whole
    answer. ``chunk_ids``: what the text of a token was made of, of a model's everything that it was shown; none for
    what the service says of itself.
    """

    kind: Literal["meta", "token", "citation", "statement", "notice", "done"]
    text: str = ""
    citation: Citation | None = None
    statement: Stated | None = None
    answer: Answer | None = None
    answerer: Answerer | None = None
    chunk_ids: tuple[str, ...] = ()
