"""Bodies of search, chat and citations."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asking import AskedPictureBody, FiltersBody, InterpretationBody
from api.schemas.common import Body, BoxBody
from api.schemas.figures import CitedFigureBody
from api.schemas.guard.labels import AigcBody
from wenyuan.answers import Citation, Evidence, Stated
from wenyuan.db.evidence import CitedPassage


class SearchBody(Body):
    """A question, which may name filters as well, and how many passages to return."""

    query: str
    filters: FiltersBody = Field(default_factory=FiltersBody)
    limit: int = Field(10, ge=1, le=50)


class PassageBody(BaseModel):
    """A passage the caller may read; ``rank`` is 1-based. Raw scores are not shown."""

    chunk_id: str
    document_id: str
    version_id: str
    title: str
    heading_path: list[str]
    page: int | None
    pages: list[int]
    anchor: str | None
    boxes: list[BoxBody]
    text: str
    rank: int

    @classmethod
    def of(cls, evidence: Evidence, rank: int) -> "PassageBody":
        """Return the body of a piece of evidence."""
        return cls(
            chunk_id=evidence.chunk_id,
            document_id=evidence.document_id,
            version_id=evidence.version_id,
            title=evidence.document_title,
            heading_path=list(evidence.heading_path),
            page=evidence.pages[0] if evidence.pages else None,
            pages=list(evidence.pages),
            anchor=evidence.anchor,
            boxes=[BoxBody.of(box) for part in evidence.ranges for box in part.boxes],
            text=evidence.text,
            rank=rank,
        )


class PassageListBody(BaseModel):
    """Passages, best first, and what was understood of the question."""

    items: list[PassageBody]
    interpretation: InterpretationBody


class MessageBody(BaseModel):
    """The message of an answer."""

    role: Literal["assistant"] = "assistant"
    content: str


class TextPartBody(BaseModel):
    """Words of a message."""

    type: Literal["text"]
    text: str


class ImageBody(BaseModel):
    """A picture as a data address; other addresses are refused, not fetched."""

    url: str


class ImagePartBody(BaseModel):
    """A picture of a message."""

    type: Literal["image_url"]
    image_url: ImageBody


class AskedMessageBody(BaseModel):
    """A turn of the conversation: words, or parts of which one may be a picture."""

    role: Literal["system", "user", "assistant"]
    content: str | Annotated[list[TextPartBody | ImagePartBody], Field(max_length=20)]

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if isinstance(part, TextPartBody))

    @property
    def images(self) -> list[str]:
        """The addresses of its pictures."""
        parts = () if isinstance(self.content, str) else self.content
        return [part.image_url.url for part in parts if isinstance(part, ImagePartBody)]


class ChatBody(BaseModel):
    """An OpenAI-compatible request; parameters of other services that have no meaning here are ignored."""

    model_config = ConfigDict(extra="ignore")

    messages: list[AskedMessageBody] = Field(min_length=1, max_length=200)
    #: What stands in the picture of the last message, as ``POST /v1/pictures`` read it and the asker corrected it;
    #: without it the picture is read. It joins the question without a picture too.
    picture_text: str | None = Field(None, max_length=20_000)
    filters: FiltersBody = Field(default_factory=FiltersBody)
    stream: bool = False
    #: One of ``GET /v1/models``; without it the service chooses.
    model: str | None = Field(None, max_length=128)
    #: A stored conversation of the caller's that the question goes on with; its earlier questions count then, and not
    #: those of ``messages``. ``replaces``: the turn that is asked anew, with all behind it.
    conversation_id: str | None = Field(None, max_length=64)
    replaces: str | None = Field(None, max_length=64)

    @property
    def asked(self) -> AskedMessageBody | None:
        """The message that is answered: the last one of the user."""
        return next((one for one in reversed(self.messages) if one.role == "user"), None)

    @property
    def earlier(self) -> list[str]:
        """The questions before it, as the caller sends them along."""
        return [one.text for one in self.messages if one.role == "user" and one is not self.asked]


class CitationBody(BaseModel):
    """A citation beside an answer; ``link`` opens it in the page, ``/v1/citations/{id}`` in the API."""

    id: str
    marker: int
    document_id: str
    version_id: str
    document_title: str
    page: int | None
    boxes: list[BoxBody]
    heading_path: list[str]
    anchor: str | None
    quote: str
    support: str
    link: str
    figures: list[CitedFigureBody]

    @classmethod
    def of(cls, citation: Citation, figures: Sequence[CitedFigureBody] = ()) -> "CitationBody":
        """Return the body of a stored citation, with the figures that belong to it as the reader may see them."""
        return cls(
            id=citation.id or "",
            marker=citation.marker,
            document_id=citation.document_id,
            version_id=citation.version_id,
            document_title=citation.document_title,
            page=citation.page,
            boxes=[BoxBody.of(box) for box in citation.boxes],
            heading_path=list(citation.heading_path),
            anchor=citation.anchor,
            quote=citation.quote,
            support=citation.support,
            link=citation.link or "",
            figures=list(figures),
        )


class SupportSpanBody(BaseModel):
    """Characters of the passage behind the citation ``marker``, and where they stand."""

    marker: int
    start: int
    end: int
    page: int | None
    boxes: list[BoxBody]


class ShortAnswerBody(BaseModel):
    """Characters ``[start, end)`` of a statement's ``text`` that answer the question by themselves."""

    start: int
    end: int


class StatedBody(BaseModel):
    """A statement of an answer as it was checked; ``support`` is supported, partial or unsupported."""

    text: str
    support: str
    spans: list[SupportSpanBody]
    reasons: list[str]
    repaired: bool
    short_answer: ShortAnswerBody | None

    @classmethod
    def of(cls, stated: Stated) -> "StatedBody":
        """Return the body of a statement."""
        spans = [
            SupportSpanBody(
                marker=span.marker,
                start=span.start,
                end=span.end,
                page=span.page,
                boxes=[BoxBody.of(box) for box in span.boxes],
            )
            for span in stated.spans
        ]
        return cls(
            text=stated.text,
            support=stated.support,
            spans=spans,
            reasons=list(stated.reasons),
            repaired=stated.repaired,
            short_answer=None if stated.short is None else ShortAnswerBody(start=stated.short[0], end=stated.short[1]),
        )


class ChoiceBody(BaseModel):
    """The answer."""

    index: int = 0
    message: MessageBody
    finish_reason: Literal["stop"] = "stop"


class UsageBody(BaseModel):
    """Tokens, counted by the embedder's tokenizer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionBody(BaseModel):
    """An OpenAI-compatible completion with citations beside the message."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChoiceBody]
    usage: UsageBody
    citations: list[CitationBody]
    statements: list[StatedBody]
    answerer: str
    prompt: str | None
    refused: bool
    notices: list[str]
    interpretation: InterpretationBody
    picture: AskedPictureBody | None = None
    label: str
    aigc: AigcBody
    conversation_id: str | None = None
    turn_id: str | None = None


class PageSizeBody(BaseModel):
    """Size of a page in page units, the units of boxes."""

    width: float
    height: float


class OpenedCitationBody(BaseModel):
    """A citation opened by a reader who may read the document now."""

    id: str
    marker: int
    document_id: str
    document_title: str
    version_id: str
    superseded: bool
    page: int | None
    boxes: list[BoxBody]
    heading_path: list[str]
    anchor: str | None
    quote: str
    passage: str
    start: int
    end: int
    page_image: str | None
    page_size: PageSizeBody | None
    figures: list[CitedFigureBody]

    @classmethod
    def of(
        cls, cited: CitedPassage, page_size: tuple[float, float] | None, figures: Sequence[CitedFigureBody]
    ) -> "OpenedCitationBody":
        """Return the body of an opened citation."""
        image = None
        if cited.page is not None:
            image = f"/v1/documents/{cited.document_id}/pages/{cited.page}?citation={cited.id}"
        return cls(
            id=cited.id,
            marker=cited.marker,
            document_id=cited.document_id,
            document_title=cited.document_title,
            version_id=cited.version_id,
            superseded=cited.superseded,
            page=cited.page,
            boxes=[BoxBody.of(box) for box in cited.boxes],
            heading_path=list(cited.heading_path),
            anchor=cited.anchor,
            quote=cited.passage[cited.start : cited.end],
            passage=cited.passage,
            start=cited.start,
            end=cited.end,
            page_image=image,
            page_size=None if page_size is None else PageSizeBody(width=page_size[0], height=page_size[1]),
            figures=list(figures),
        )


class ModelBody(BaseModel):
    """A model by the name that requests use; no limits where nothing is written but quoted."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["wenyuan"] = "wenyuan"
    default: bool
    vision: bool = False
    context_tokens: int | None = None
    max_tokens: int | None = None


class ModelListBody(BaseModel):
    """The models that the caller may name, the default first."""

    object: Literal["list"] = "list"
    data: list[ModelBody]
