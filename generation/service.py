"""The answer service: evidence in, checked events out, by quoting or by a model whose every statement is checked."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from generation.citations import CitationBook, with_markers
from generation.extract import Extractor, Tuning
from generation.grounding import Grounder, Verdict
from generation.llm.chat import ChatModel, Limits
from generation.prompts import NO_ANSWER, Message, prompt_messages, refusal_text
from generation.statements import Statement, StatementStream
from wenyuan.answers import Answer, Answerer, AnswerEvent, Evidence, Packed, Support
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail, item_of
from wenyuan.errors import EndpointError
from wenyuan.ports import Embedder
from wenyuan.settings import GenerationSettings

LLM_FALLBACK = "llm.fallback"
LLM_UNSUPPORTED = "llm.unsupported"
LLM_WITHHELD = "llm.withheld"
LLM_INTERRUPTED = "llm.interrupted"
EVIDENCE_LIMITED = "evidence.limited"


@dataclass(slots=True)
class _Draft:
    """What has been sent so far."""

    language: str
    answerer: Answerer
    book: CitationBook = field(default_factory=CitationBook)
    parts: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    #: The chunks that a model was shown: any of them may be behind any of its words.
    shown: tuple[str, ...] = ()

    def say(
        self, text: str, spans: Sequence[tuple[Evidence, int, int, Support]], *, new_line: bool = False
    ) -> list[AnswerEvent]:
        """Return the events that send ``text`` with its citations: each new citation first, then the text."""
        events = []
        markers = []
        for evidence, start, end, support in spans:
            marker, citation = self.book.cite(evidence, start, end, support)
            markers.append(marker)
            if citation:
                events.append(AnswerEvent("citation", citation=citation))
        # ``[1](`` and ``[1]:`` would make a link of the marker before.
        tight = self.language == "zh" and not text.startswith(("(", "[", ":"))
        gap = "" if not self.parts else "\n" if new_line else "" if tight else " "
        token = gap + with_markers(text, markers)
        self.parts.append(token)
        made_of = self.shown or tuple(dict.fromkeys(evidence.chunk_id for evidence, *_ in spans))
        return [*events, AnswerEvent("token", text=token, chunk_ids=made_of)]

    def note(self, code: str) -> AnswerEvent:
        """Return the event of a notice and keep it for the whole answer."""
        self.notices.append(code)
        return AnswerEvent("notice", text=code)

    def limited(self, packed: Packed, shown: int) -> list[AnswerEvent]:
        """Return the notice that the answer rests on ``shown`` pieces of evidence where more belong to it, if so."""
        if not packed.exhaustive or shown >= packed.matched:
            return []
        return [self.note(f"{EVIDENCE_LIMITED} {shown}/{packed.matched}")]

    def done(self, *, refused: bool = False) -> AnswerEvent:
        """Return the last event."""
        answer = Answer(
            text="".join(self.parts),
            citations=tuple(self.book.citations),
            answerer=self.answerer,
            refused=refused,
            language=self.language,
            notices=tuple(self.notices),
        )
        return AnswerEvent("done", answer=answer, answerer=self.answerer)


class Answers:
    """Implements ``wenyuan.ports.AnswerService``.

    ``meta`` carries the language as its text and names the answerer that was asked; ``done`` names the one that
    answered. Notices: ``llm.fallback`` (the endpoint failed; the text is quoted instead), ``llm.unsupported`` (nothing
    the model said was carried by the evidence; quoted instead), ``llm.withheld`` (some statements were not sent),
    ``llm.interrupted`` (the endpoint failed after the first statement; the answer ends there),
    ``evidence.limited n/m`` (the question asks for all there is: ``n`` of the ``m`` passages that belong to it were
    within the limits).
    """

    def __init__(
        self,
        settings: GenerationSettings,
        embedder: Embedder | None,
        *,
        tuning: Tuning | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._settings = settings
        self._extractor = Extractor(embedder, tuning)
        self._grounder = Grounder(embedder)
        self._chat = ChatModel(settings, limits) if settings.answerer == "llm" else None

    async def answer(
        self, question: str, packed: Packed, language: str, trail: Trail
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Yield ``meta``, then ``token``/``citation``/``notice`` events, then exactly one ``done``.

        ``language`` is the asker's (``zh`` or ``en``); it words the refusal. A citation comes before the text that uses
        it. Closing the iterator closes the call to the endpoint.
        """
        draft = _Draft(language, Answerer.EXTRACTIVE if self._chat is None or not packed.evidence else Answerer.LLM)
        yield AnswerEvent("meta", text=language, answerer=draft.answerer)
        if draft.answerer is Answerer.LLM and self._chat is not None:
            async with aclosing(self._from_model(self._chat, question, packed, draft, trail)) as events:
                async for event in events:
                    yield event
                    if event.kind == "done":
                        return
            draft.answerer, draft.shown = Answerer.EXTRACTIVE, ()
        for event in await self._extractive(question, packed, draft):
            yield event

    async def _extractive(self, question: str, packed: Packed, draft: _Draft) -> list[AnswerEvent]:
        found = await asyncio.to_thread(
            self._extractor.extract, question, packed.evidence, exhaustive=packed.exhaustive
        )
        if not found.quotes:
            return _refuse(draft)
        events = draft.limited(packed, len(packed.evidence))
        for quote in found.quotes:
            span = (packed.evidence[quote.source], quote.start, quote.end, Support.SUPPORTED)
            events += draft.say(quote.shown, [span], new_line=True)
        return [*events, draft.done()]

    async def _from_model(
        self, chat: ChatModel, question: str, packed: Packed, draft: _Draft, trail: Trail
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Yield the checked statements of the model and ``done``; no ``done`` means that quoting has to take over."""
        evidence, budget = packed.evidence, self._settings.context_tokens
        messages, shown = prompt_messages(question, evidence, draft.language, context_tokens=budget)
        # The piece behind those that are whole may be there in part.
        trail.note(Action.MODEL, [item_of(piece) for piece in evidence[: shown + 1]], chat.endpoint)
        await trail.settle()
        draft.shown = tuple(piece.chunk_id for piece in evidence[: shown + 1])
        withheld = failed = False
        try:
            async with aclosing(_statements(chat, messages)) as statements:
                async for statement in statements:
                    if not draft.parts and NO_ANSWER in statement.text:
                        for event in _refuse(draft):
                            yield event
                        return
                    verdict = await self._check(statement, evidence)
                    if verdict.support is Support.UNSUPPORTED:
                        withheld = True
                        continue
                    span = (evidence[verdict.source], verdict.start, verdict.end, verdict.support)
                    for event in draft.say(statement.text, [span], new_line=statement.break_before):
                        yield event
        except EndpointError:
            failed = True
        if not draft.parts:
            yield draft.note(LLM_FALLBACK if failed else LLM_UNSUPPORTED)
            return
        for event in draft.limited(packed, shown):
            yield event
        if failed:
            yield draft.note(LLM_INTERRUPTED)
        if withheld:
            yield draft.note(LLM_WITHHELD)
        yield draft.done()

    async def _check(self, statement: Statement, evidence: Sequence[Evidence]) -> Verdict:
        cited = [n - 1 for n in statement.numbers if 1 <= n <= len(evidence)]
        return await asyncio.to_thread(self._grounder.check, statement.text, evidence, cited)


async def _statements(chat: ChatModel, messages: Sequence[Message]) -> AsyncGenerator[Statement, None]:
    """Yield whole statements while the model writes; closing it closes the call."""
    stream = StatementStream()
    async with aclosing(chat.stream(messages)) as deltas:
        async for delta in deltas:
            for statement in stream.feed(delta):
                yield statement
    for statement in stream.close():
        yield statement


def _refuse(draft: _Draft) -> list[AnswerEvent]:
    text = refusal_text(draft.language)
    draft.parts.append(text)
    return [AnswerEvent("token", text=text), draft.done(refused=True)]
