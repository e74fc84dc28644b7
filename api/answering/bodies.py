"""Bodies of stored conversations."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.schemas.chat import CitationBody, ShortAnswerBody, StatedBody, SupportSpanBody
from api.schemas.common import Body
from api.schemas.figures import CitedFigureBody
from api.schemas.guard.labels import AigcBody
from generation.guard.label import LABEL
from wenyuan.answers import Stated
from wenyuan.db.conversations.listing import Listed
from wenyuan.db.conversations.reading import Seen, SeenTurn
from wenyuan.errors import Language
from wenyuan.text import one_line

#: What stands in the place of what may not be read any more.
REDACTED: Final[dict[Language, str]] = {
    "zh": "【此处内容已隐去：其来源文档已删除或不再对您开放】",
    "en": "[Removed: its source was deleted or is no longer open to you]",
}
MAX_SHARES: Final = 100
Figures = Mapping[str, Sequence[CitedFigureBody]]
Title = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True), AfterValidator(one_line)]


class NewConversationBody(Body):
    """A conversation to begin; without a title it gets that of its first question."""

    title: Title = ""


class TitleBody(Body):
    """Another title."""

    title: Annotated[Title, Field(min_length=1)]


class ViewerBody(Body):
    """Somebody with whom a conversation is shared."""

    kind: Literal["user", "group"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class SharesBody(Body):
    """With whom a conversation is shared: they see of it what they may read themselves."""

    viewers: Annotated[list[ViewerBody], Field(max_length=MAX_SHARES)]


class ConversationBody(BaseModel):
    """A conversation in a list; ``link`` opens it in the page."""

    id: str
    title: str
    owner: str
    created_at: float
    updated_at: float
    link: str

    @classmethod
    def of(cls, listed: Listed) -> "ConversationBody":
        """Return the body of a conversation."""
        return cls(
            id=listed.id,
            title=listed.title,
            owner=listed.owner,
            created_at=listed.created_at,
            updated_at=listed.updated_at,
            link=f"/?conversation={listed.id}",
        )


class ConversationListBody(BaseModel):
    """Conversations, the last asked in first."""

    items: list[ConversationBody]


class StatementBody(BaseModel):
    """A part of an answer; ``text`` is null where what it was made of may not be read any more.

    ``support``, ``reasons``, ``spans`` and ``repaired`` say how it was checked when it was given; ``support`` is null
    for what the service said of itself and for what is left out. ``short_answer``: characters of ``text`` that answer
    by themselves.
    """

    text: str | None
    support: str | None
    reasons: list[str]
    spans: list[SupportSpanBody]
    repaired: bool
    short_answer: ShortAnswerBody | None

    @classmethod
    def of(cls, text: str | None, verdict: Stated | None) -> "StatementBody":
        """Return the body of a part."""
        if verdict is None:
            return cls(text=text, support=None, reasons=[], spans=[], repaired=False, short_answer=None)
        checked = StatedBody.of(verdict)
        body = cls(text=text, **checked.model_dump(exclude={"text"}))
        if body.short_answer is not None and text is not None:
            # A stored part has the gap to the part before it in front.
            gap = len(text) - len(text.lstrip())
            body.short_answer = ShortAnswerBody(start=body.short_answer.start + gap, end=body.short_answer.end + gap)
        return body


class TurnBody(BaseModel):
    """A question and its answer as the reader may see it now.

    ``answer`` has a mark in the place of what is left out, and ``redacted`` is true then. ``state``: answered, stopped,
    revoked, failed. ``model`` and ``prompt`` name the language model that wrote it, and what it was told.
    """

    id: str
    question: str
    answer: str
    statements: list[StatementBody]
    citations: list[CitationBody]
    answerer: str
    model: str | None
    prompt: str | None
    state: str
    refused: bool
    redacted: bool
    notices: list[str]
    created_at: float
    label: str
    aigc: AigcBody

    @classmethod
    def of(cls, turn: SeenTurn, language: Language, producer: str, figures: Figures) -> "TurnBody":
        """Return the body of a turn, with marks in ``language``; ``producer``: who the label of its answer names."""
        answer = answer_text(turn, REDACTED[language])
        return cls(
            id=turn.id,
            question=turn.question,
            answer=answer,
            statements=[StatementBody.of(*one) for one in zip(turn.parts, turn.verdicts, strict=True)],
            citations=[CitationBody.of(one, figures.get(one.id or "", ())) for one in turn.citations],
            answerer=turn.answerer,
            model=turn.model or None,
            prompt=turn.prompt or None,
            state=turn.state.value,
            refused=turn.refused,
            redacted=turn.redacted,
            notices=list(turn.notices),
            created_at=turn.created_at,
            label=LABEL[language],
            aigc=AigcBody.of(answer, turn.id, producer),
        )


class OpenedConversationBody(ConversationBody):
    """A conversation as the reader may see it now; ``mine``: they are its owner and may go on with it."""

    mine: bool
    turns: list[TurnBody]

    @classmethod
    def seen(cls, seen: Seen, language: Language, producer: str, figures: Figures) -> "OpenedConversationBody":
        """Return the body of a conversation; ``figures``: those of its citations, by their ids."""
        head = ConversationBody.of(seen.listed).model_dump()
        turns = [TurnBody.of(turn, language, producer, figures) for turn in seen.turns]
        return cls(**head, mine=seen.mine, turns=turns)


def answer_text(turn: SeenTurn, mark: str) -> str:
    """Return the answer with one ``mark`` for each run of parts that are left out."""
    said: list[str] = []
    for part in turn.parts:
        if part is not None:
            said.append(part)
        elif not said or said[-1] != mark:
            said.append(mark)
    return "".join(said)
