"""The answer service: evidence in, checked events out, by quoting or by a model whose every statement is checked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from generation.answering.draft import Carried, Draft
from generation.answering.writing import Writing
from generation.extract import Extractor, Tuning
from generation.grounding import Grounder
from generation.llm.chat import ChatModel, Limits
from generation.reader.model import Reader
from generation.tables.answerer import TableAnswer, TableAnswerer
from wenyuan.answers import Answerer, AnswerEvent, Packed, Support, TableLoader
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
    the reader).
    """

    def __init__(
        self,
        settings: GenerationSettings,
        embedder: Embedder | None,
        *,
        tuning: Tuning | None = None,
        limits: Limits | None = None,
        reader: Reader | None = None,
    ) -> None:
        self._settings = settings
        self._extractor = Extractor(embedder, tuning, reader)
        self._tables = TableAnswerer()
        self._grounder = Grounder(embedder)
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
        found = None if load_tables is None else await self._tables.answer(question, packed, language, load_tables)
        if found is None and chat is not None:
            writing = Writing(chat, self._grounder, self._settings, packed, draft)
            async with aclosing(writing.events(question, trail)) as events:
                async for event in events:
                    yield event
                    if event.kind == "done":
                        return
        draft.quoting()
        said = _from_table(found, draft) if found else await self._extractive(question, packed, draft)
        for event in said:
            yield event

    def _chat(self, model: str | None) -> ChatModel | None:
        if model == EXTRACTIVE or (model is None and self._settings.answerer == EXTRACTIVE):
            return None
        return self._chats[model] if model is not None else next(iter(self._chats.values()), None)

    async def _extractive(self, question: str, packed: Packed, draft: Draft) -> list[AnswerEvent]:
        found = await asyncio.to_thread(
            self._extractor.extract,
            question,
            packed.evidence,
            exhaustive=packed.exhaustive,
            document=packed.document,
        )
        if not found.quotes:
            return draft.refuse()
        events = draft.limited(packed, len(packed.evidence))
        for quote in found.quotes:
            carried = Carried(packed.evidence[quote.source], quote.start, quote.end)
            events += draft.say(quote.shown, [carried], Support.SUPPORTED, new_line=True)
        return [*events, draft.done()]


def _from_table(found: TableAnswer, draft: Draft) -> list[AnswerEvent]:
    events = [event for one in found.statements for event in draft.say_cells(one, found.made_of)]
    return [*events, *(draft.note(code) for code in found.notices), draft.done()]
