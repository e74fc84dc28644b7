"""Chat: the OpenAI-compatible completion with citations beside the message."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from api import sse
from api.answering.asked import earlier_question, read_asked
from api.answering.labelling import label_in, labels
from api.answering.models import answerer_of, chosen_model, may_be_seen, sees_pictures, shown_name
from api.answering.pictures import FigureFinder, shown_figures
from api.answering.recording import Recording, take_up
from api.answering.watch import Watched
from api.asking import read_asking
from api.auth.budget import Spending, spend
from api.deps import AcceptedLanguage, CallerAsk, ScopedAsk, Wired
from api.errors import error_body
from api.routers.uploads import KnownRoute
from api.schemas.asking import AskedPictureBody, InterpretationBody
from api.schemas.chat import ChatBody, ChoiceBody, CitationBody, CompletionBody, MessageBody, StatedBody, UsageBody
from retrieval.query.understanding import Query
from wenyuan.access import AccessScope
from wenyuan.answers import Answer, AnswerEvent, Citation, Evidence, Packed, SeenTable
from wenyuan.chat.settings import EXTRACTIVE
from wenyuan.db.citations import store_citations
from wenyuan.db.conversations.store import TurnState
from wenyuan.db.texts.seen_tables import table_loader
from wenyuan.errors import ActionForbidden, Language, RateLimited, WenyuanError
from wenyuan.ids import new_id
from wenyuan.obs import ANSWERS
from wenyuan.text import estimate_tokens

router = APIRouter(prefix="/v1/chat", tags=["chat"], route_class=KnownRoute)
log = structlog.get_logger(__name__)


async def answer_slot(services: Wired) -> AsyncIterator[None]:
    """Hold one of the bounded answer slots until the response has been sent; raises ``RateLimited``."""
    if services.answer_slots.locked():
        raise RateLimited
    async with services.answer_slots:
        yield


async def answer_budget(services: Wired, caller: CallerAsk) -> AsyncIterator[Spending]:
    """Set aside what an answer may take of its user's budget until the response has been sent."""
    async for spending in spend(services.database, services.settings, caller):
        yield spending


@router.post("/completions", response_model=CompletionBody)
async def complete(
    services: Wired,
    reading: ScopedAsk,
    language: AcceptedLanguage,
    body: ChatBody,
    spending: Annotated[Spending, Depends(answer_budget)],
    _slot: Annotated[None, Depends(answer_slot)],
) -> CompletionBody | StreamingResponse:
    """Answer the last user message from the documents the caller may read; every sentence is cited and checked."""
    earlier, recording = body.earlier, None
    if body.conversation_id is not None:
        if reading.scope.trail.behalf:  # conversations are private
            raise ActionForbidden
        user_id = reading.principal.user_id
        recording, earlier = await take_up(services, user_id, body.conversation_id, body.replaces)
    sees = await may_be_seen(services, reading.principal, body.model)
    asked = await read_asked(services, body, reading.scope.trail, sees=sees)
    earlier = [earlier_question(one) for one in earlier]
    asking = asked.join(await read_asking(services, reading.scope, asked.question, body.filters, earlier))
    model = await chosen_model(services, reading.principal, body.model, asking.query.conditions)
    await services.guard.check_question(asking.asked)
    packed = await services.packer.pack(asking.scope, asking.query.text)
    query = await asyncio.to_thread(asked.answered, asking.query, packed.evidence)
    may_see = sees_pictures(services, model) and asked.png is not None and bool(packed.evidence)
    packed = dataclasses.replace(packed, picture=asked.png if may_see else None)
    if recording is not None:
        recording.begin(asking.asked, query.language, answerer_of(model))
    picture = AskedPictureBody(text=asked.words, read=asked.read, shown=False) if asked.brought else None
    turn = Turn(services, asking.scope, spending, query, packed, recording, model, picture)
    if body.stream:
        return sse.event_stream(turn.stream(language))
    return await turn.collect()


class Turn:
    """One answer on its way out: citations are stored before they are shown, and tokens follow the checks.

    It ends when the documents behind it, or whoever asked, are no longer let.
    """

    def __init__(
        self,
        services: Wired,
        scope: AccessScope,
        spending: Spending,
        query: Query,
        packed: Packed,
        recording: Recording | None,
        model: str,
        picture: AskedPictureBody | None = None,
    ) -> None:
        self._services = services
        self._spending = spending
        self._scope = scope
        self._trail = scope.trail
        self._query = query
        self._picture = picture
        self._packed = packed
        self._recording = recording
        self._id = new_id("ans")
        self._created = int(time.time())
        self._figures = FigureFinder(services.database, scope)
        self._ranges = {piece.chunk_id: piece.ranges for piece in packed.evidence}
        self._shown: dict[int, CitationBody] = {}
        self._asked = model
        self._model = shown_name(model)

    async def collect(self) -> CompletionBody:
        """Return the whole answer."""
        answer = None
        async with aclosing(self._events()) as events:
            async for event in events:
                answer = event.answer or answer
        if answer is None:
            raise WenyuanError
        count = self._services.embedder.count_tokens
        prompt, completion = count(self._query.text), count(answer.text)
        return CompletionBody(
            id=self._id,
            created=self._created,
            model=shown_name(answer.model or EXTRACTIVE),
            choices=[ChoiceBody(message=MessageBody(role="assistant", content=answer.text))],
            usage=UsageBody(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion),
            citations=[self._shown[item.marker] for item in answer.citations],
            statements=[StatedBody.of(stated) for stated in answer.statements],
            answerer=answer.answerer,
            prompt=answer.prompt or None,
            refused=answer.refused,
            notices=list(answer.notices),
            interpretation=InterpretationBody.of(self._query),
            picture=self._pictured(answer),
            **labels(self._services, answer.text, self._id, self._query.language),
            **self._place(),
        )

    async def stream(self, language: Language) -> AsyncIterator[str]:
        """Yield the answer as OpenAI-compatible chunks; an error after the start goes in-band."""
        interpretation = InterpretationBody.of(self._query).model_dump(mode="json")
        label = label_in(self._query.language)
        more = self._place() if self._picture is None else self._place() | {"picture": self._picture.model_dump()}
        yield self._chunk({"role": "assistant", "content": ""}, interpretation=interpretation, label=label, **more)
        try:
            async with aclosing(self._events()) as events:
                async for event in events:
                    if event.kind == "token":
                        yield self._chunk({"content": event.text})
                    elif event.kind == "citation" and event.citation is not None:
                        yield self._chunk({}, citations=[self._shown[event.citation.marker].model_dump()])
                    elif event.kind == "statement" and event.statement is not None:
                        yield self._chunk({}, statements=[StatedBody.of(event.statement).model_dump()])
                    elif event.kind == "notice":
                        yield self._chunk({}, notices=[event.text])
                    elif event.answer is not None:
                        yield self._last(event.answer)
        except WenyuanError as error:
            yield sse.event({"error": error_body(error, language)})
        except Exception as error:
            log.exception("answer.crashed", error=type(error).__name__)
            yield sse.event({"error": error_body(WenyuanError(), language)})
        yield sse.DONE

    async def _events(self) -> AsyncGenerator[AnswerEvent, None]:
        """Yield what may be shown; however it ends, the turn is stored with what was said until then."""
        state = TurnState.STOPPED
        chunks = [piece.chunk_id for piece in self._packed.evidence]
        with self._services.watch.over(self._scope, chunks) as watched:
            try:
                async with aclosing(watched.guard(self._answered(watched))) as events:
                    async for event in events:
                        if event.answer is not None or not watched.looked:
                            await self._services.watch.check(watched)
                        if event.answer is not None:
                            await self._end(TurnState.ANSWERED)
                        yield event
            except Exception:
                state = TurnState.FAILED if watched.error is None else TurnState.REVOKED
                raise
            finally:
                await self._end(state)

    async def _answered(self, watched: Watched) -> AsyncGenerator[AnswerEvent, None]:
        query = self._query
        self._spending.begin()
        load = table_loader(self._scope, self._services.database)

        async def load_tables(evidence: Sequence[Evidence]) -> Sequence[SeenTable]:
            tables = await load(evidence)
            self._ranges |= {one.chunk_id: one.ranges for table in tables for one in table.passages}
            watched.more(passage.chunk_id for table in tables for passage in table.passages)
            return tables

        question = query.mended([piece.text for piece in self._packed.evidence])
        answering = self._services.answers.answer(
            question, self._packed, query.language, self._trail, self._asked, load_tables
        )
        async with aclosing(answering) as events:
            async for event in events:
                cited = None if event.citation is None else await self._cited(event.citation)
                if self._recording is not None:
                    self._recording.note(event, cited)
                if event.answer is not None:
                    self._spending.took(self._tokens(event.answer))
                    outcome = "refused" if event.answer.refused else "answered"
                    ANSWERS.labels(event.answer.answerer, outcome).inc()
                yield event

    async def _cited(self, citation: Citation) -> Citation:
        """Return a citation as it is stored, with the figures that belong to it. Each comes once."""
        found = await self._figures.find(citation, self._ranges.get(citation.chunk_id, ()))
        async with self._services.database.write() as tx:
            [stored] = await store_citations(self._trail, tx, [found])
        [figures] = await shown_figures(self._services, self._scope, [stored])
        self._shown[stored.marker] = CitationBody.of(stored, figures)
        return stored

    async def _end(self, state: TurnState) -> None:
        if self._recording is not None:
            await self._recording.end(state)

    def _place(self) -> dict[str, Any]:
        """Return where the turn is stored."""
        if self._recording is None:
            return {}
        return {"conversation_id": self._recording.conversation_id, "turn_id": self._recording.turn_id}

    def _tokens(self, answer: Answer) -> int:
        """Return what models took, or the question, what was packed for it and the answer, whichever is more."""
        texts = (self._query.text, *(evidence.text for evidence in self._packed.evidence), answer.text)
        return max(answer.tokens, sum(estimate_tokens(text) for text in texts))

    def _chunk(self, delta: dict[str, str], **more: object) -> str:
        return sse.event(self._body(delta, None) | more)

    def _last(self, answer: Answer) -> str:
        self._model = shown_name(answer.model or EXTRACTIVE)
        more = {"answerer": answer.answerer, "refused": answer.refused, "notices": list(answer.notices)}
        more |= labels(self._services, answer.text, self._id, self._query.language)
        if picture := self._pictured(answer):
            more["picture"] = picture.model_dump()
        return sse.event(self._body({}, "stop") | more | {"prompt": answer.prompt or None} | self._place())

    def _pictured(self, answer: Answer) -> AskedPictureBody | None:
        """Return what is told of the question's picture: a table may have answered before any model was shown it."""
        return self._picture and self._picture.model_copy(update={"shown": answer.pictured})

    def _body(self, delta: dict[str, str], finish: str | None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
            "choices": [choice],
        }
