"""The only module that talks to a chat endpoint: OpenAI-compatible, streamed, bounded in every phase."""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from generation.llm.breaker import CircuitBreaker
from generation.prompts import Message
from wenyuan.errors import EndpointError
from wenyuan.outbound import Guard, endpoint_name, guarded_async_client
from wenyuan.settings import GenerationSettings

if TYPE_CHECKING:
    import httpx
    from llama_index.llms.openai_like import OpenAILike


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds allowed for each phase of a call, and the number of retries before the first token."""

    connect_s: float = 2.0
    first_token_s: float = 15.0
    between_tokens_s: float = 10.0
    total_s: float = 120.0
    retries: int = 2
    backoff_s: float = 0.25


class ChatModel:
    """Streams the text of one chat completion at a time; concurrent calls are independent."""

    def __init__(
        self, settings: GenerationSettings, limits: Limits | None = None, breaker: CircuitBreaker | None = None
    ) -> None:
        """Take the endpoint from ``settings`` (``url`` and ``model`` are set); nothing is opened or imported yet."""
        self._settings = settings
        self._limits = limits or Limits(first_token_s=settings.first_token_s, total_s=settings.total_s)
        self._breaker = breaker or CircuitBreaker()
        self._tls: ssl.SSLContext | None = None

    @property
    def endpoint(self) -> str:
        """Where prompts go, and to which model, as the audit names it: without the secrets of an address."""
        return endpoint_name(self._settings.url or "", self._settings.model)

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """Yield text deltas. Closing the generator closes the connection.

        Raises ``EndpointError`` when the endpoint fails, stalls, answers nonsense or nothing, or the circuit is open.
        Before the first delta a failed try is repeated at most twice, within the retry budget.
        """
        if self._tls is None:  # reading certificates and importing the library takes a second: not in the event loop
            self._tls = await asyncio.to_thread(_prepare)
        deadline = time.monotonic() + self._limits.total_s
        tries = 0
        while True:
            if not self._breaker.allow():
                raise EndpointError(reason="circuit open")
            started = settled = False
            try:
                async with aclosing(self._attempt(messages, deadline)) as deltas:
                    async for delta in deltas:
                        started = True
                        yield delta
            except EndpointError:
                self._breaker.record(ok=False)
                settled = True
                tries += 1
                if started or tries > self._limits.retries or not self._breaker.take_retry():
                    raise
            else:
                self._breaker.record(ok=True)
                settled = True
                return
            finally:
                if not settled:
                    self._breaker.abandon()
            pause = self._limits.backoff_s * 2 ** (tries - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
            if time.monotonic() + pause >= deadline:
                raise EndpointError(reason="timeout (total)")
            await asyncio.sleep(pause)

    async def _attempt(self, messages: Sequence[Message], deadline: float) -> AsyncGenerator[str, None]:
        limits = self._limits
        async with self._client() as client:
            chunks: AsyncIterator[str] | None = None
            alive = seen = False
            while True:
                phase, allowed = (
                    ("inter-token", limits.between_tokens_s) if alive else ("first token", limits.first_token_s)
                )
                left = deadline - time.monotonic()
                try:
                    async with asyncio.timeout(min(allowed, left)):
                        chunks = chunks or await self._open(client, messages)
                        delta = await anext(chunks)
                except StopAsyncIteration:
                    break
                except TimeoutError as error:
                    raise EndpointError(reason=f"timeout ({phase if left > allowed else 'total'})") from error
                except asyncio.CancelledError:
                    raise
                except Exception as error:  # a client library raises many kinds; the reason carries only their name
                    raise EndpointError(reason=type(error).__name__) from error
                alive = True
                if delta:
                    seen = True
                    yield delta
            if not seen:
                raise EndpointError(reason="empty answer")

    async def _open(self, client: "httpx.AsyncClient", messages: Sequence[Message]) -> AsyncIterator[str]:
        from llama_index.core.base.llms.types import ChatMessage, MessageRole

        chat = [ChatMessage(role=MessageRole(m.role), content=m.content) for m in messages]
        responses = await self._model(client).astream_chat(chat)

        async def deltas() -> AsyncIterator[str]:
            finished = False
            async for response in responses:
                choices = getattr(response.raw, "choices", None) or []
                finished = finished or any(getattr(c, "finish_reason", None) for c in choices)
                # A model that thinks aloud is alive; its thoughts are no part of the answer and are dropped.
                if response.delta or response.additional_kwargs.get("thinking_delta"):
                    yield response.delta or ""
            if not finished:
                raise ConnectionError  # the stream broke off: a whole answer ends with a finish reason

        return deltas()

    def _client(self) -> "httpx.AsyncClient":
        """A client of this call alone: closing it closes the connection."""
        import httpx

        limits = self._limits
        timeout = httpx.Timeout(limits.total_s, connect=limits.connect_s)
        guard = Guard.for_endpoint(self._settings.url or "")
        return guarded_async_client(guard, timeout=timeout, verify=self._tls or True)

    def _model(self, client: "httpx.AsyncClient") -> "OpenAILike":
        from llama_index.llms.openai_like import OpenAILike

        settings = self._settings
        # A key is always passed: with None the library would take one from the environment and send it there.
        key = settings.api_key.get_secret_value() if settings.api_key else "none"
        return OpenAILike(
            model=settings.model or "",
            api_base=settings.url,
            api_key=key,
            is_chat_model=True,
            is_function_calling_model=False,
            context_window=settings.context_tokens + settings.max_tokens,
            max_tokens=settings.max_tokens,
            temperature=0.0,
            max_retries=0,
            timeout=self._limits.total_s,
            async_http_client=client,
        )


def _prepare() -> ssl.SSLContext:
    """Import the library and read the certificates of the machine."""
    for name in ("llama_index.llms.openai_like", "openai.resources", "h11"):
        import_module(name)
    return ssl.create_default_context()
