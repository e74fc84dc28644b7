"""Server-sent events: formatting, heartbeats, and the response that carries them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import anyio
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

HEARTBEAT_S: Final = 10.0
DONE: Final = "data: [DONE]\n\n"
HEADERS: Final = {"Cache-Control": "no-store, private", "X-Accel-Buffering": "no"}


def event(body: Mapping[str, Any]) -> str:
    """Return one event with a JSON body on one line."""
    return f"data: {json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n"


def event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    """Return the response; comments keep idle connections open, and a disconnect closes ``events``."""
    return _EventStream(_with_heartbeat(events), media_type="text/event-stream", headers=dict(HEADERS))


class _EventStream(StreamingResponse):
    """A response that closes its events however it ends.

    Who leaves while an event is being sent leaves the generator where it yields: nobody would close it, nor the call to
    a model below it, before the garbage collector comes by.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            close = getattr(self.body_iterator, "aclose", None)
            if close is not None:
                with anyio.CancelScope(shield=True):
                    await close()


async def _with_heartbeat(events: AsyncIterator[str]) -> AsyncIterator[str]:
    step: asyncio.Task[str] | None = None
    try:
        while True:
            step = step or asyncio.ensure_future(_next(events))
            done, _ = await asyncio.wait({step}, timeout=HEARTBEAT_S)
            if not done:
                yield ": keep-alive\n\n"
                continue
            try:
                item = step.result()
            except StopAsyncIteration:
                return
            step = None
            yield item
    finally:
        # A disconnect cancels again and again until the task ends. The step is to be cancelled once: the second would
        # hit it while it rolls back, and leave the connection of the database half closed.
        with anyio.CancelScope(shield=True):
            if step is not None:
                step.cancel()
                await asyncio.wait({step})
            close = getattr(events, "aclose", None)
            if close is not None:
                await close()


async def _next(events: AsyncIterator[str]) -> str:
    return await anext(events)
