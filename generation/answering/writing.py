"""An answer that a model writes: asked once, read statement by statement, and none leaves before it is checked."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from generation.answering.checking import Checked, StatementCheck
from generation.answering.draft import Draft
from generation.answering.leaks import LeakWatch
from generation.answering.sides import Sides
from generation.grounding import Grounder
from generation.llm.chat import ChatModel
from generation.llm.structured import SCHEMA, AnswerStream
from generation.llm.ways import Shaped
from generation.prompts import NO_ANSWER, Message, load_prompt, prompt_messages, repair_messages, with_picture
from generation.statements import Statement
from wenyuan.answers import AnswerEvent, Packed, Support
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail, item_of
from wenyuan.chat.settings import GenerationSettings
from wenyuan.errors import EndpointError
from wenyuan.text import estimate_tokens

LLM_FALLBACK: Final = "llm.fallback"
LLM_UNSUPPORTED: Final = "llm.unsupported"
LLM_WITHHELD: Final = "llm.withheld"
LLM_INTERRUPTED: Final = "llm.interrupted"
LLM_MARKED: Final = "llm.marked"

#: Tokens that are counted for a picture: endpoints differ, and tell only afterwards.
PICTURE_TOKENS: Final = 1000
#: Tokens that a mended statement may take.
_SENTENCE: Final = 200
#: Characters a token has at most, to end an endpoint that does not stop.
_CHARS: Final = 12


class Writing:
    """One question put to one model. Its events end with ``done``, or without it where quoting has to take over."""

    def __init__(
        self, chat: ChatModel, grounder: Grounder, settings: GenerationSettings, packed: Packed, draft: Draft
    ) -> None:
        self._chat = chat
        self._settings = settings
        self._packed = packed
        self._draft = draft
        self._check = StatementCheck(grounder, packed.evidence, _watch(draft.language))
        self._shown = 0
        self._whole = 0
        self._held: list[tuple[Statement, Checked]] = []
        self._withheld = self._marked = False
        self._sides = Sides("", (), draft.language)
        self._noted: dict[str, None] = {}
        self._repair_s = settings.repair_s
        self._repair_tokens = settings.repair_tokens

    async def events(self, question: str, trail: Trail) -> AsyncGenerator[AnswerEvent, None]:
        """Ask, and yield what was checked; what the model is given is recorded on ``trail`` before it is sent."""
        draft, given = self._draft, self._chat.given
        self._check.question = question
        self._sides = await asyncio.to_thread(Sides, question, self._packed.evidence, draft.language)
        prompted = prompt_messages(question, self._packed.evidence, draft.language, context_tokens=given.context_tokens)
        text, shaped = prompted.text, prompted.shaped
        if given.vision and self._packed.picture is not None:
            text, shaped = with_picture(text, self._packed.picture), with_picture(shaped, self._packed.picture)
            self._took(PICTURE_TOKENS)
            draft.pictured = True
        self._whole = prompted.whole
        # The piece behind those that are whole may be there in part.
        self._shown = min(self._whole + 1, len(self._packed.evidence))
        draft.model, draft.prompt = given.name, load_prompt(draft.language).version
        draft.made_of = tuple(piece.chunk_id for piece in self._packed.evidence[: self._shown])
        await self._record(trail, range(1, self._shown + 1))
        failed = False
        try:
            async with aclosing(self._statements(text, Shaped(shaped, SCHEMA))) as statements:
                async for statement in statements:
                    if NO_ANSWER in statement.text:
                        if draft.parts or self._held:
                            continue
                        for event in draft.refuse():
                            yield event
                        return
                    for event in await self._passed(statement, trail):
                        yield event
        except EndpointError:
            failed = True
        for event in self._end(failed=failed):
            yield event

    async def _passed(self, statement: Statement, trail: Trail) -> list[AnswerEvent]:
        """Return the events of a statement as far as it may be shown now."""
        checked, repaired = await self._check.check(statement), False
        if checked.support is Support.UNSUPPORTED and not checked.forbidden and self._settings.unsupported == "repair":
            mended = await self._mend(statement, trail)
            if mended is not None:
                statement, checked, repaired = *mended, True
        if checked.support is Support.UNSUPPORTED:
            if checked.forbidden or self._settings.unsupported != "mark":
                self._withheld = True
                return []
            self._held.append((statement, checked))
            return self._release() if self._draft.parts else []  # nothing but such statements is no answer
        line = statement.break_before
        earlier = self._release() if self._held else []
        own, others = await asyncio.to_thread(self._sides.around, checked.carried, statement.text)
        said = self._draft.say(
            own.text if own else statement.text,
            checked.carried,
            checked.support,
            reasons=checked.reasons,
            new_line=line or own is not None,
            repaired=repaired,
            named=[] if own is None else self._sides.named(own.carried),
        )
        for side in others:
            named = self._sides.named(side.carried)
            said += self._draft.say(side.text, [side.carried], Support.SUPPORTED, new_line=True, named=named)
        self._noted |= dict.fromkeys(side.code for side in (own, *others) if side is not None)
        return [*earlier, *said]

    def _release(self) -> list[AnswerEvent]:
        events = []
        for statement, checked in self._held:
            self._marked = True
            events += self._draft.mark(statement.text, checked.reasons, new_line=statement.break_before)
        self._held.clear()
        return events

    def _end(self, *, failed: bool) -> list[AnswerEvent]:
        draft = self._draft
        if not draft.parts:
            return [draft.note(LLM_FALLBACK if failed else LLM_UNSUPPORTED)]
        events = draft.limited(self._packed, self._whole)
        told = ((failed, LLM_INTERRUPTED), (self._withheld, LLM_WITHHELD), (self._marked, LLM_MARKED))
        events += [draft.note(code) for code in self._noted]
        events += [draft.note(code) for holds, code in told if holds]
        return [*events, draft.done()]

    async def _mend(self, statement: Statement, trail: Trail) -> tuple[Statement, Checked] | None:
        """Give a statement back to the model once, with its evidence; None when nothing better comes of it in time."""
        evidence = self._packed.evidence[: self._shown]
        named = [n for n in statement.numbers if 1 <= n <= len(evidence)] or list(range(1, min(3, len(evidence)) + 1))
        context = min(self._chat.given.context_tokens, self._repair_tokens - _SENTENCE)
        pieces = [(n, evidence[n - 1]) for n in named]
        messages = repair_messages(statement.text, pieces, self._draft.language, context_tokens=context)
        needed = sum(estimate_tokens(message.content) for message in messages) + _SENTENCE
        if needed > self._repair_tokens or self._repair_s <= 0:
            return None
        self._repair_tokens -= needed
        await self._record(trail, named)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._repair_s):
                found = await self._first(messages)
        except (EndpointError, TimeoutError):
            return None
        finally:
            self._repair_s -= time.monotonic() - begun
        if found is None or NO_ANSWER in found.text:
            return None
        better = Statement(found.text, found.numbers or statement.numbers, statement.break_before)
        checked = await self._check.check(better)
        return None if checked.support is Support.UNSUPPORTED else (better, checked)

    async def _first(self, messages: Sequence[Message]) -> Statement | None:
        async with aclosing(self._statements(messages, None, _SENTENCE)) as statements:
            async for statement in statements:
                return statement
        return None

    async def _statements(
        self, messages: Sequence[Message], shaped: Shaped | None, most_tokens: int | None = None
    ) -> AsyncGenerator[Statement, None]:
        """Yield whole statements while the model writes; closing it closes the call."""
        given, stream = self._chat.given, AnswerStream()
        room = (most_tokens or given.max_tokens) * _CHARS
        self._took(sum(estimate_tokens(message.content) for message in messages))
        async with aclosing(self._chat.stream(messages, shaped, most_tokens)) as deltas:
            async for delta in deltas:
                self._took(estimate_tokens(delta))
                room -= len(delta)
                for statement in stream.feed(delta):
                    yield statement
                if room < 0:
                    break
        for statement in stream.close():
            yield statement

    def _took(self, tokens: int) -> None:
        self._draft.tokens += round(tokens * self._chat.given.weight)

    async def _record(self, trail: Trail, numbers: Sequence[int]) -> None:
        evidence = self._packed.evidence
        trail.note(Action.MODEL, [item_of(evidence[number - 1]) for number in numbers], self._chat.endpoint)
        await trail.settle()


def _watch(language: str) -> LeakWatch:
    prompt = load_prompt(language)
    return LeakWatch(f"{prompt.instructions()}\n{prompt.instructions(shaped=True)}", prompt.canary)
