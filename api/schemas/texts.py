"""Bodies of profiles, blocks, differences and corrections."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, model_validator

from api.schemas.common import Body, BoxBody
from ingest.revision.diff import Change, Span
from wenyuan.db.texts.blocks import ChunkTexts, ShownBlock
from wenyuan.db.texts.profiles import Similar
from wenyuan.db.texts.questions import ChunkQuestions
from wenyuan.documents import Block, Correction, Profile
from wenyuan.text import strip_invisible

MAX_TEXT = 20_000
Ordinal = Annotated[int, Field(ge=0, le=2**31 - 1)]


class SentenceBody(BaseModel):
    """A sentence of the summary and the ordinals of the blocks it stands in."""

    text: str
    blocks: list[int]


class DateBody(BaseModel):
    """A date of validity: role, ISO 8601 as precise as written, the words, and the ordinal of their block."""

    role: str
    date: str
    text: str
    block: int


class TermBody(BaseModel):
    """A defined term or an abbreviation with its meaning."""

    term: str
    meaning: str
    block: int


class EntityBody(BaseModel):
    """A name and how often it stands in the document."""

    name: str
    kind: str
    count: int
    block: int


class ProfileBody(BaseModel):
    """What was found out about the current version. ``described`` is false for one that was not looked at."""

    described: bool
    language: str | None = None
    kind: str = "unknown"
    confidence: float = 0.0
    summary: list[SentenceBody] = Field(default_factory=list)
    summary_by: str | None = None
    keywords: list[str] = Field(default_factory=list)
    keywords_by: str | None = None
    dates: list[DateBody] = Field(default_factory=list)
    terms: list[TermBody] = Field(default_factory=list)
    entities: list[EntityBody] = Field(default_factory=list)

    @classmethod
    def of(cls, profile: Profile | None) -> "ProfileBody":
        """Return the body of a profile, or of none."""
        if profile is None:
            return cls(described=False)
        return cls(
            described=True,
            language=profile.language,
            kind=profile.kind,
            confidence=profile.confidence,
            summary=[SentenceBody(text=one.text, blocks=list(one.blocks)) for one in profile.summary],
            summary_by=profile.summary_by,
            keywords=list(profile.keywords),
            keywords_by=profile.keywords_by,
            dates=[DateBody(role=one.role, date=one.date, text=one.text, block=one.block) for one in profile.dates],
            terms=[TermBody(term=one.term, meaning=one.meaning, block=one.block) for one in profile.terms],
            entities=[
                EntityBody(name=one.name, kind=one.kind, count=one.count, block=one.block) for one in profile.entities
            ],
        )


class SimilarDocumentBody(BaseModel):
    """A document that the caller may read and that says nearly the same; ``same_file`` byte for byte."""

    document_id: str
    title: str
    space: str
    similarity: float
    same_file: bool


class SimilarBody(BaseModel):
    """Near-duplicates, most similar first. ``compared`` is false for a document without a fingerprint."""

    compared: bool
    items: list[SimilarDocumentBody]

    @classmethod
    def of(cls, found: list[Similar] | None) -> "SimilarBody":
        """Return the body of what was found."""
        items = [
            SimilarDocumentBody(
                document_id=one.document_id,
                title=one.title,
                space=one.space,
                similarity=one.similarity,
                same_file=one.same_file,
            )
            for one in found or []
        ]
        return cls(compared=found is not None, items=items)


class ChunkQuestionsBody(BaseModel):
    """What was written about one chunk, by its 0-based place in the version."""

    chunk: int
    questions: list[str]


class QuestionsBody(BaseModel):
    """Questions about the chunks of a version, in order; chunks without any are left out."""

    items: list[ChunkQuestionsBody]

    @classmethod
    def of(cls, found: list[ChunkQuestions]) -> "QuestionsBody":
        """Return the body of questions as stored."""
        return cls(items=[ChunkQuestionsBody(chunk=one.ordinal, questions=list(one.questions)) for one in found])


class CellBody(BaseModel):
    """A table cell by its 0-based row and column; spans are at least 1."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str


class BlockBody(BaseModel):
    """A block of a version. ``original`` is its text as it was parsed, where a correction changed it."""

    ordinal: int
    kind: str
    level: int
    text: str
    heading_path: list[str]
    anchor: str | None
    confidence: float | None
    boxes: list[BoxBody]
    cells: list[CellBody] | None
    hidden: str | None
    corrected: bool
    original: str | None

    @classmethod
    def of(cls, shown: ShownBlock) -> "BlockBody":
        """Return the body of a block."""
        block, before = shown.block, shown.original
        corrected = before is not None and before.text != block.text
        cells = None if block.table is None else block.table.cells
        return cls(
            ordinal=shown.ordinal,
            kind=block.kind,
            level=block.level,
            text=block.text,
            heading_path=list(block.heading_path),
            anchor=block.anchor,
            confidence=block.confidence,
            boxes=[BoxBody.of(box) for box in block.boxes],
            cells=None
            if cells is None
            else [
                CellBody(row=c.row, column=c.column, row_span=c.row_span, column_span=c.column_span, text=c.text)
                for c in cells
            ],
            hidden=block.hidden,
            corrected=corrected,
            original=before.text if before is not None and corrected else None,
        )


class BlockListBody(BaseModel):
    """Blocks in reading order; ``next_offset`` asks for the next ones."""

    items: list[BlockBody]
    next_offset: int | None


class SpanBody(BaseModel):
    """A piece of text that is in both versions, or came, or went."""

    change: Change
    text: str


class SideBody(BaseModel):
    """Where a block stands in one of the versions."""

    ordinal: int
    kind: str
    page: int | None
    heading_path: list[str]

    @classmethod
    def of(cls, ordinal: int, block: Block) -> "SideBody":
        """Return where a block stands."""
        page = block.boxes[0].page if block.boxes else None
        return cls(ordinal=ordinal, kind=block.kind, page=page, heading_path=list(block.heading_path))


class StepBody(BaseModel):
    """A block that is in both versions, was changed, came or went, with its text in pieces."""

    change: Change
    old: SideBody | None
    new: SideBody | None
    spans: list[SpanBody]


class ChunkCountsBody(BaseModel):
    """Passages that both versions have, and that one of them has alone."""

    same: int
    added: int
    removed: int

    @classmethod
    def of(cls, texts: ChunkTexts) -> "ChunkCountsBody":
        """Return the body of the counts."""
        return cls(same=texts.same, added=texts.added, removed=texts.removed)


class DiffBody(BaseModel):
    """How ``against`` became ``version_id``; ``counts`` are blocks by change, of the whole comparison."""

    version_id: str
    against: str
    counts: dict[Change, int]
    chunks: ChunkCountsBody
    items: list[StepBody]
    next_offset: int | None


class CorrectionIn(Body):
    """What a block, a table cell (``row`` and ``column`` of a block) or a chunk of a version is to read."""

    version_id: Annotated[str, Field(max_length=64)]
    block: Ordinal | None = None
    chunk: Ordinal | None = None
    row: Ordinal | None = None
    column: Ordinal | None = None
    text: Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(strip_invisible)]

    @model_validator(mode="after")
    def _one_place(self) -> "CorrectionIn":
        if (self.block is None) == (self.chunk is None):
            raise ValueError("name a block or a chunk")
        if (self.row is None) != (self.column is None) or (self.row is not None and self.block is None):
            raise ValueError("a cell is named by block, row and column")
        return self


class CorrectionBody(BaseModel):
    """A stored correction. ``applied``: the text it corrects stands in the current version."""

    id: str
    original: str
    text: str
    cell: bool
    author: str
    created_at: float
    applied: bool

    @classmethod
    def of(cls, one: Correction, *, applied: bool) -> "CorrectionBody":
        """Return the body of a correction."""
        return cls(
            id=one.id,
            original=one.place.text,
            text=one.text,
            cell=one.place.cell,
            author=one.author,
            created_at=one.created_at,
            applied=applied,
        )


class CorrectionListBody(BaseModel):
    """The corrections of a document, oldest first."""

    items: list[CorrectionBody]


def span_bodies(spans: list[Span]) -> list[SpanBody]:
    """Return the bodies of spans."""
    return [SpanBody(change=one.change, text=one.text) for one in spans]
