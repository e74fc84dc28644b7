"""An answer on its way out: what has been said so far, with which citations, and the events that say it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from generation.citations import CitationBook, span_boxes, with_markers
from generation.prompts import load_prompt, refusal_text
from generation.tables.answerer import TableStatement
from wenyuan.answers import Answer, Answerer, AnswerEvent, Evidence, Packed, Stated, Support, SupportSpan

EVIDENCE_LIMITED = "evidence.limited"
_STRUCK = "~"


@dataclass(frozen=True, slots=True)
class Carried:
    """Characters of a passage that carry a statement."""

    evidence: Evidence
    start: int
    end: int


@dataclass(slots=True)
class Draft:
    """What has been sent so far. ``made_of``: the chunks behind any word of a model, which was shown all of them.

    ``pictured``: a model was shown the picture of the question, whoever answered in the end.
    """

    language: str
    answerer: Answerer
    made_of: tuple[str, ...] = ()
    model: str = ""
    prompt: str = ""
    tokens: int = 0
    pictured: bool = False
    book: CitationBook = field(default_factory=CitationBook)
    parts: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    statements: list[Stated] = field(default_factory=list)

    def say(
        self,
        text: str,
        carried: Sequence[Carried],
        support: Support,
        *,
        reasons: tuple[str, ...] = (),
        new_line: bool = False,
        repaired: bool = False,
        named: Sequence[str] = (),
        short: tuple[int, int] | None = None,
    ) -> list[AnswerEvent]:
        """Return the events that send ``text``: each new citation first, then the text, then how it was checked.

        ``named``: chunks of documents that the text names besides those that carry it; it is made of them too.
        ``short``: the characters of ``text``, which has no outer spaces, that answer by themselves.
        """
        events, spans = [], []
        for one in carried:
            marker, citation = self.book.cite(one.evidence, one.start, one.end, support)
            boxes = span_boxes(one.evidence, one.start, one.end)
            page = boxes[0].page if boxes else next(iter(one.evidence.pages), None)
            spans.append(SupportSpan(marker, one.start, one.end, page, boxes))
            if citation:
                events.append(AnswerEvent("citation", citation=citation))
        said = with_markers(text, [span.marker for span in spans])
        made_of = tuple(dict.fromkeys((*self.made_of, *(one.evidence.chunk_id for one in carried), *named)))
        stated = Stated(text.strip(), support, tuple(spans), reasons, repaired, short)
        return [*events, *self._send(said, stated, made_of, new_line=new_line)]

    def say_cells(self, statement: TableStatement, made_of: tuple[str, ...]) -> list[AnswerEvent]:
        """Return the events that send what cells of a table carry, each cited for itself, in the order of the text.

        What no cell carries is of the service's own, as a line that leads to several readings, and no statement.
        """
        events, spans = [], []
        for cell in statement.cells:
            marker, citation = self.book.cite_cell(cell.evidence, cell.start, cell.end, cell.boxes, cell.anchor)
            boxes = cell.boxes or span_boxes(cell.evidence, cell.start, cell.end)
            page = boxes[0].page if boxes else next(iter(cell.evidence.pages), None)
            spans.append(SupportSpan(marker, cell.start, cell.end, page, boxes))
            if citation:
                events.append(AnswerEvent("citation", citation=citation))
        said = with_markers(statement.text, [span.marker for span in spans])
        stated = Stated(statement.text, Support.SUPPORTED, tuple(spans)) if spans else None
        return [*events, *self._send(said, stated, made_of, new_line=True)]

    def mark(self, text: str, reasons: tuple[str, ...], *, new_line: bool = False) -> list[AnswerEvent]:
        """Return the events that send a statement without support as what it is: struck through, never cited."""
        plain = " ".join(text.replace(_STRUCK, " ").split())
        said = f"{_STRUCK * 2}{plain}{_STRUCK * 2}{load_prompt(self.language).unsupported}"
        stated = Stated(plain, Support.UNSUPPORTED, (), reasons)
        return self._send(said, stated, self.made_of, new_line=new_line)

    def _send(self, said: str, stated: Stated | None, made_of: tuple[str, ...], *, new_line: bool) -> list[AnswerEvent]:
        # ``[1](`` and ``[1]:`` would make a link of the marker before.
        tight = self.language == "zh" and not said.startswith(("(", "[", ":"))
        gap = "" if not self.parts else "\n" if new_line else "" if tight else " "
        self.parts.append(gap + said)
        sent = AnswerEvent("token", text=gap + said, chunk_ids=made_of)
        if stated is None:
            return [sent]
        self.statements.append(stated)
        return [sent, AnswerEvent("statement", statement=stated)]

    def took(self, tokens: int) -> None:
        """Count what a model was sent or wrote, weighed."""
        self.tokens += tokens

    def note(self, code: str) -> AnswerEvent:
        """Return the event of a notice and keep it for the whole answer."""
        self.notices.append(code)
        return AnswerEvent("notice", text=code)

    def limited(self, packed: Packed, shown: int) -> list[AnswerEvent]:
        """Return the notice that the answer rests on ``shown`` pieces of evidence where more belong to it, if so."""
        if not packed.exhaustive or shown >= packed.matched:
            return []
        return [self.note(f"{EVIDENCE_LIMITED} {shown}/{packed.matched}")]

    def quoting(self) -> None:
        """Go on without the model: what it took counts, what it was shown does not."""
        self.answerer, self.made_of, self.model, self.prompt = Answerer.EXTRACTIVE, (), "", ""

    def refuse(self) -> list[AnswerEvent]:
        """Return the events of a refusal, in words of the service."""
        text = refusal_text(self.language)
        self.parts.append(text)
        return [AnswerEvent("token", text=text), self.done(refused=True)]

    def done(self, *, refused: bool = False) -> AnswerEvent:
        """Return the last event."""
        answer = Answer(
            text="".join(self.parts),
            citations=tuple(self.book.citations),
            answerer=self.answerer,
            refused=refused,
            language=self.language,
            notices=tuple(self.notices),
            statements=tuple(self.statements),
            model=self.model,
            prompt=self.prompt,
            tokens=self.tokens,
            pictured=self.pictured,
        )
        return AnswerEvent("done", answer=answer, answerer=self.answerer)
