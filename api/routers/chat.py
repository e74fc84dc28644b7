"""Chat: the OpenAI-compatible completion with citations beside the message."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from api import sse
from api.asking import read_asking
from api.deps import AcceptedLanguage, Scoped, Wired
from api.errors import error_body
from api.schemas.asking import InterpretationBody
from api.schemas.chat import ChatBody, ChoiceBody, CitationBody, CompletionBody, MessageBody, UsageBody
from retrieval.query.understanding import Query
from wenyuan.answers import Answer, AnswerEvent, Citation, Packed
from wenyuan.db.citations import store_citations
from wenyuan.errors import Language, RateLimited, WenyuanError
from wenyuan.ids import new_id
from wenyuan.obs import ANSWERS

router = APIRouter(prefix="/v1/chat", tags=["chat"])
log = structlog.get_logger(__name__)


async def answer_slot(services: Wired) -> AsyncIterator[None]:
    """Hold one of the bounded answer slots until the response has been sent; raises ``RateLimited``."""
    if services.answer_slots.locked():
        raise RateLimited
    async with services.answer_slots:
        yield


@router.post("/completions", response_model=CompletionBody)
async def complete(
    services: Wired,
    reading: Scoped,
    language: AcceptedLanguage,
    body: ChatBody,
    _slot: Annotated[None, Depends(answer_slot)],
) -> CompletionBody | StreamingResponse:
    """Answer the last user message from the documents the caller may read; every sentence is cited and checked."""
    *earlier, asked = [message.content for message in body.messages if message.role == "user"] or [""]
    asking = await read_asking(services, reading.scope, asked, body.filters, earlier)
    turn = Turn(services, asking.query, await services.packer.pack(asking.scope, asking.query.text))
    if body.stream:
        return sse.event_stream(turn.stream(language))
    return await turn.collect()


class Turn:
    """One answer on its way out: citations are stored before they are shown, and tokens follow the checks."""

    def __init__(self, services: Wired, query: Query, packed: Packed) -> None:
        self._services = services
        self._query = query
        self._packed = packed
        self._id = new_id("ans")
        self._created = int(time.time())
        self._stored: dict[int, Citation] = {}
        self._model = f"wenyuan-{services.settings.generation.answerer}"

    async def collect(self) -> CompletionBody:
        """Return the whole answer."""
        answer = None
        async for event in self._events():
            answer = event.answer or answer
        if answer is None:
            raise WenyuanError
        count = self._services.embedder.count_tokens
        prompt, completion = count(self._query.text), count(answer.text)
        return CompletionBody(
            id=self._id,
            created=self._created,
            model=self._model,
            choices=[ChoiceBody(message=MessageBody(role="assistant", content=answer.text))],
            usage=UsageBody(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion),
            citations=[CitationBody.of(self._stored[item.marker]) for item in answer.citations],
            answerer=answer.answerer,
            refused=answer.refused,
            notices=list(answer.notices),
            interpretation=InterpretationBody.of(self._query),
        )

    async def stream(self, language: Language) -> AsyncIterator[str]:
        """Yield the answer as OpenAI-compatible chunks; an error after the start goes in-band."""
        interpretation = InterpretationBody.of(self._query).model_dump(mode="json")
        yield self._chunk({"role": "assistant", "content": ""}, interpretation=interpretation)
        try:
            async for event in self._events():
                if event.kind == "token":
                    yield self._chunk({"content": event.text})
                elif event.kind == "citation" and event.citation is not None:
                    shown = CitationBody.of(self._stored[event.citation.marker]).model_dump()
                    yield self._chunk({}, citations=[shown])
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

    async def _events(self) -> AsyncIterator[AnswerEvent]:
        query = self._query
        async for event in self._services.answers.answer(query.text, self._packed, query.language):
            if event.citation is not None and event.citation.marker not in self._stored:
                async with self._services.database.write() as tx:
                    stored = await store_citations(tx, [event.citation])
                self._stored[event.citation.marker] = stored[0]
            if event.answer is not None:
                outcome = "refused" if event.answer.refused else "answered"
                ANSWERS.labels(event.answer.answerer, outcome).inc()
            yield event

    def _chunk(self, delta: dict[str, str], **more: object) -> str:
        return sse.event(self._body(delta, None) | more)

    def _last(self, answer: Answer) -> str:
        more = {"answerer": answer.answerer, "refused": answer.refused, "notices": list(answer.notices)}
        return sse.event(self._body({}, "stop") | more)

    def _body(self, delta: dict[str, str], finish: str | None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
            "choices": [choice],
        }
