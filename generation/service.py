"""The answer service: evidence in, checked events out, by quoting or by a model whose every statement is checked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from generation.answering.draft import Draft
from generation.answering.quoting import Quoting
from generation.answering.writing import Writing
from generation.extract import Extractor, Tuning
from generation.grounding import Grounder
from generation.llm.chat import ChatModel, Limits
from generation.reader.model import Reader
from generation.tables.answerer import TableAnswer, TableAnswerer
from generation.tables.proposing import Proposer
from wenyuan.answers import Answerer, AnswerEvent, Packed, TableLoader
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import EXTRACTIVE, GenerationSettings
from wenyuan.ports import Embedder


class Answers:
    """Implements ``wenyuan.ports.AnswerService``.

    ``meta`` carries the language as its text and names the answerer that was asked; ``done`` names the one that
    answered. Notices: ``llm.fallback`` (the endpoint failed; the text is quoted instead), ``llm.unsupported`` (nothing
    the model said was carried by the evidence; quoted instead), ``llm.withheld`` (some statements were not sent),
    ``llm.marked`` (some were sent as unsupported), ``llm.interrupted`` (the endpoint failed after the first statement;
    the answer ends there), ``evidence.limited n/m`` (the question asks for all there is: ``n`` of the ``m`` passages
    that belong to it were within the limits), ``table.partial`` (reckoned over those rows of a table that are open to
    the reader), ``table.readings`` (several cells fit the question; each is told).
    """

    def __init__(
        self,
        settings: GenerationSettings,
        embedder: Embedder | None,
        *,
        judge: Embedder | None = None,
        limits: Limits | None = None,
        reader: Reader | None = None,
    ) -> None:
        """``embedder`` is the one that passages were found with; ``judge`` checks statements where it cannot."""
        self._settings = settings
        tuning = Tuning(refuse_below=settings.refuse_below, refuse_below_in=settings.refuse_below_in)
        self._extractor = Extractor(embedder, tuning, reader)
        self._tables = TableAnswerer()
        self._grounder = Grounder(judge or embedder)
        self._chats = {one.name: ChatModel(one, limits or Limits.of(settings)) for one in settings.endpoints}

    async def answer(
        self,
        question: str,
        packed: Packed,
        language: str,
        trail: Trail,
        model: str | None = None,
        load_tables: TableLoader | None = None,
    ) -> AsyncGenerator[AnswerEvent, None]:
        """Yield ``meta``, then ``token``/``citation``/``statement``/``notice`` events, then exactly one ``done``.

        ``language`` is the asker's (``zh`` or ``en``); it words the refusal. ``model`` names one of the settings, or
        ``extractive`` for none. A citation comes before the text that uses it. Closing the iterator closes the call to
        the endpoint. Raises ``KeyError`` for a model that there is not. A table of the evidence that ``load_tables``
        loads is tried before a model is asked or passages are quoted: numbers are reckoned, not written.
        """
        chat = self._chat(model) if packed.evidence else None
        draft = Draft(language, Answerer.EXTRACTIVE if chat is None else Answerer.LLM)
        yield AnswerEvent("meta", text=language, answerer=draft.answerer)
        found = None
        if load_tables is not None:
            proposer = self._proposer(chat, draft, trail)
            found = await self._tables.answer(question, packed, language, load_tables, proposer)
        if found is None and chat is not None:
            writing = Writing(chat, self._grounder, self._settings, packed, draft)
            async with aclosing(writing.events(question, trail)) as events:
                async for event in events:
                    yield event
                    if event.kind == "done":
                        return
        if found is None or not found.model:
            draft.quoting()
        quoting = Quoting(question, packed, draft, self._extractor)
        said = _from_table(found, draft) if found else await asyncio.to_thread(quoting.events)
        for event in said:
            yield event

    def _chat(self, model: str | None) -> ChatModel | None:
        if model == EXTRACTIVE or (model is None and self._settings.answerer == EXTRACTIVE):
            return None
        return self._chats[model] if model is not None else next(iter(self._chats.values()), None)

    def _proposer(self, chat: ChatModel | None, draft: Draft, trail: Trail) -> Proposer | None:
        if chat is None or not self._settings.plan_s:
            return None
        return Proposer(chat, self._settings, trail, draft.took)


def _from_table(found: TableAnswer, draft: Draft) -> list[AnswerEvent]:
    draft.model, draft.prompt = found.model, found.prompt
    events = [event for one in found.statements for event in draft.say_cells(one, found.made_of)]
    return [*events, *(draft.note(code) for code in found.notices), draft.done()]
