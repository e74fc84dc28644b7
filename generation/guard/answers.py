"""Answers as they leave: what the policy covers is covered, and what is not sent is left out."""

import dataclasses
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Final

from generation.guard.instructions import speaks_to_machine
from generation.guard.personal.policy import Shown
from generation.guard.service import Guard
from wenyuan.answers import Answer, AnswerEvent, Citation, Evidence, Packed, SeenTable, Stated, TableLoader
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail, item_of
from wenyuan.ports import AnswerService

PERSONAL: Final = "guard.personal"
WITHHELD: Final = "guard.withheld"
INSTRUCTIONS: Final = "guard.instructions"
WITHHELD_TEXT: Final = {
    "zh": "回答涉及不予提供的内容，已隐去。",
    "en": "The answer fell into a category that is not given and was left out.",
}
_MARKER: Final = re.compile(r"\[(\d+)\]")
Levels = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]


class GuardedAnswers:
    """Implements ``wenyuan.ports.AnswerService`` around another one.

    Notices beside those of the other: ``guard.personal id_card,mobile`` (what kinds of personal data the answer and its
    quotes hold), ``guard.withheld`` (statements that were not sent), ``guard.instructions`` (statements that speak to a
    machine, as planted in a document, and were not sent).
    """

    def __init__(self, inner: AnswerService, guard: Guard, levels: Levels) -> None:
        """``levels`` tells the level of classification of passages by the ids of their chunks."""
        self._inner = inner
        self._guard = guard
        self._levels = levels

    async def answer(
        self,
        question: str,
        packed: Packed,
        language: str,
        trail: Trail,
        model: str | None = None,
        load_tables: TableLoader | None = None,
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Yield the events of the other service as they may be shown; a citation still comes before its text."""
        ids = [piece.chunk_id for piece in packed.evidence]
        going = _Going(self._guard, packed.evidence, language, trail, await self._known(ids))

        async def load(evidence: Sequence[Evidence]) -> Sequence[SeenTable]:
            tables = await load_tables(evidence) if load_tables is not None else ()
            more = [passage for table in tables for passage in table.passages]
            going.rests_on(more, await self._known([one.chunk_id for one in more]))
            return tables

        loader = None if load_tables is None else load
        async with aclosing(self._inner.answer(question, packed, language, trail, model, loader)) as events:
            async for event in events:
                for shown in await going.take(event):
                    yield shown

    async def _known(self, chunk_ids: Sequence[str]) -> Mapping[str, int]:
        wanted = list(dict.fromkeys(chunk_ids))
        return await self._levels(wanted) if wanted and self._guard.personal.by_level else {}


class _Going:
    """One answer on its way: citations wait for the text that uses them."""

    def __init__(
        self, guard: Guard, evidence: Sequence[Evidence], language: str, trail: Trail, levels: Mapping[str, int]
    ) -> None:
        self._guard = guard
        self._passages = {piece.chunk_id: piece for piece in evidence}
        self._language = language
        self._trail = trail
        self._levels = dict(levels)
        self._waiting: list[AnswerEvent] = []
        self._cited: dict[int, Citation] = {}
        #: Citations of what was not sent, by number: another text may need them.
        self._held: dict[int, AnswerEvent] = {}
        self._told: list[AnswerEvent] = []
        self._kinds: set[str] = set()
        self._notes: dict[str, None] = {}
        self._drops = False
        #: What the last text was made of; a statement comes right behind the text that says it.
        self._made_of: Sequence[str] = ()

    def rests_on(self, passages: Sequence[Evidence], levels: Mapping[str, int]) -> None:
        """Take passages that the answer may be made of besides its evidence, with their levels."""
        self._passages.update((piece.chunk_id, piece) for piece in passages)
        self._levels.update(levels)

    async def take(self, event: AnswerEvent) -> list[AnswerEvent]:
        """Return what is shown once ``event`` has come."""
        if event.citation is not None:
            self._waiting.append(event)
            return []
        if event.kind == "token":
            return await self._text(event)
        if event.statement is not None:
            if self._drops:
                return []
            event = dataclasses.replace(event, statement=self._stated(event.statement))
            self._told.append(event)
            return [event]
        return self._done(event, event.answer) if event.answer is not None else [event]

    def _stated(self, stated: Stated) -> Stated:
        text = self._shown(stated.text, self._made_of).text
        return dataclasses.replace(stated, text=text, short=stated.short if text == stated.text else None)

    async def _text(self, event: AnswerEvent) -> list[AnswerEvent]:
        held = [self._held[one] for one in map(int, _MARKER.findall(event.text)) if one in self._held]
        waiting, self._waiting = [*dict.fromkeys(held), *self._waiting], []
        self._made_of = event.chunk_ids
        shown = self._shown(event.text, event.chunk_ids)
        # What the service says of itself is made of no chunk and passes.
        texts = [event.text, *(one.citation.quote for one in held if one.citation is not None)]
        planted = any(map(speaks_to_machine, texts))
        self._drops = bool(event.chunk_ids) and (planted or shown.blocked or await self._is_refused(event, texts))
        if self._drops:
            self._notes |= {INSTRUCTIONS: None} if planted else {WITHHELD: None}
            self._held |= {one.citation.marker: one for one in waiting if one.citation is not None}
            return []
        told = [self._citation(one) for one in waiting]
        self._held = {marker: one for marker, one in self._held.items() if marker not in self._cited}
        event = dataclasses.replace(event, text=shown.text)
        self._told.append(event)
        return [*told, event]

    async def _is_refused(self, event: AnswerEvent, texts: Sequence[str]) -> bool:
        """Whether a text, or a quote that comes with it and did not before, falls into a category."""
        if self._guard.endpoint is not None:
            pieces = [piece for chunk_id, piece in self._passages.items() if chunk_id in event.chunk_ids]
            self._trail.note(Action.MODEL, [item_of(piece) for piece in pieces], self._guard.endpoint)
            await self._trail.settle()
        for text in texts:
            if await self._guard.category(text) is not None:
                return True
        return False

    def _citation(self, event: AnswerEvent) -> AnswerEvent:
        citation = event.citation
        if citation is None:
            return event
        span = (citation.start, citation.end)
        # A quote is shown as the passage around it would be: what makes a number telling may stand there.
        piece = self._passages.get(citation.chunk_id)
        passage, span = (citation.quote, (0, len(citation.quote))) if piece is None else (piece.text, span)
        shown = dataclasses.replace(citation, quote=self._shown(passage, [citation.chunk_id], span).text)
        self._cited[shown.marker] = shown
        return dataclasses.replace(event, citation=shown)

    def _shown(self, text: str, chunk_ids: Sequence[str], span: tuple[int, int] | None = None) -> Shown:
        of = chunk_ids or list(self._levels)
        shown = self._guard.shown(text, [self._levels[one] for one in of if one in self._levels], span)
        self._kinds.update(shown.kinds)
        return shown

    def _done(self, event: AnswerEvent, answer: Answer) -> list[AnswerEvent]:
        events: list[AnswerEvent] = []
        if self._notes and not any(one.kind == "token" for one in self._told):
            said = AnswerEvent("token", text=WITHHELD_TEXT.get(self._language, WITHHELD_TEXT["en"]))
            self._told.append(said)
            events.append(said)
        notes = list(self._notes)
        notes += [f"{PERSONAL} {','.join(sorted(self._kinds))}"] if self._kinds else []
        events += [AnswerEvent("notice", text=note) for note in notes]
        last = dataclasses.replace(
            answer,
            text="".join(one.text for one in self._told if one.kind == "token"),
            citations=tuple(self._cited[one.marker] for one in answer.citations if one.marker in self._cited),
            statements=tuple(one.statement for one in self._told if one.statement is not None),
            notices=(*answer.notices, *notes),
        )
        return [*events, dataclasses.replace(event, answer=last)]
