"""The only module that talks to a chat endpoint: OpenAI-compatible, streamed, bounded in every phase."""

import asyncio
import base64
import random
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from generation.llm.breaker import CircuitBreaker
from generation.llm.thoughts import Thoughts
from generation.llm.ways import REFUSALS, Shaped, Way, Ways
from generation.prompts import Message
from wenyuan.chat.settings import ChatEndpoint, GenerationSettings
from wenyuan.errors import EndpointError
from wenyuan.outbound import Guard, endpoint_name, guarded_async_client

if TYPE_CHECKING:
    import httpx
    from llama_index.core.base.llms.types import ChatMessage
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

    @classmethod
    def of(cls, settings: GenerationSettings) -> "Limits":
        """Return the limits that the settings name."""
        return cls(first_token_s=settings.first_token_s, total_s=settings.total_s)


class _OptionRefusedError(Exception):
    """The endpoint does not take what it was asked for beyond text."""


class ChatModel:
    """Streams the text of one chat completion at a time; concurrent calls are independent."""

    def __init__(self, given: ChatEndpoint | None, limits: Limits) -> None:
        """Take the endpoint; nothing is opened or imported yet. Without one every call fails."""
        self.given = given or ChatEndpoint("", "", "")
        self._limits = limits
        self._breaker = CircuitBreaker()
        self._ways = Ways(self.given)
        self._tls: ssl.SSLContext | None = None

    @property
    def endpoint(self) -> str:
        """Where prompts go, and to which model, as the audit names it: without the secrets of an address."""
        return endpoint_name(self.given.url, self.given.model)

    async def prepare(self) -> None:
        """Import the library and read the certificates, once: it takes a second and is no part of a call's time."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(_prepare)

    async def stream(
        self, messages: Sequence[Message], shaped: Shaped | None = None, most_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield text deltas. Closing the generator closes the connection.

        With ``shaped`` the endpoint is asked for JSON where it takes that, else with ``messages``; ``most_tokens``
        bounds this answer further. Raises ``EndpointError`` when the endpoint fails, stalls, answers nonsense or
        nothing, or the circuit is open. Before the first delta a failed try is repeated within the retry budget, and an
        option that the endpoint refuses is left out.
        """
        await self.prepare()
        deadline = time.monotonic() + self._limits.total_s
        ways = self._ways.open(shaped=shaped is not None)
        tries = place = 0
        while True:
            if not self._breaker.allow():
                raise EndpointError(reason="circuit open")
            way = ways[place]
            asked = shaped.messages if way.shaped and shaped is not None else messages
            options = self._options(way, shaped, most_tokens)
            started = settled = False
            try:
                async with aclosing(self._attempt(asked, options, deadline, last=way == ways[-1])) as deltas:
                    async for delta in deltas:
                        if not started:
                            self._ways.learn(ways[:place], way)
                        started = True
                        yield delta
            except _OptionRefusedError:
                place += 1
                continue
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

    def _options(self, way: Way, shaped: Shaped | None, most_tokens: int | None) -> dict[str, Any]:
        """Return what the request says beside its messages."""
        given = self.given
        options: dict[str, Any] = {"max_tokens": min(most_tokens or given.max_tokens, given.max_tokens)}
        if way.seeded:
            options["seed"] = given.seed
        if way.shaped and shaped is not None:
            options["response_format"] = shaped.response_format
        return options

    async def _attempt(
        self, messages: Sequence[Message], options: Mapping[str, Any], deadline: float, *, last: bool
    ) -> AsyncGenerator[str, None]:
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
                        chunks = chunks or await self._open(client, messages, options)
                        delta = await anext(chunks)
                except StopAsyncIteration:
                    break
                except TimeoutError as error:
                    raise EndpointError(reason=f"timeout ({phase if left > allowed else 'total'})") from error
                except asyncio.CancelledError:
                    raise
                except Exception as error:  # a client library raises many kinds; the reason carries only their name
                    if not alive and not last and getattr(error, "status_code", None) in REFUSALS:
                        raise _OptionRefusedError from None
                    raise EndpointError(reason=type(error).__name__) from error
                alive = True
                if delta:
                    seen = True
                    yield delta
            if not seen:
                raise EndpointError(reason="empty answer")

    async def _open(
        self, client: "httpx.AsyncClient", messages: Sequence[Message], options: Mapping[str, Any]
    ) -> AsyncIterator[str]:
        chat = [_chat_message(message) for message in messages]
        responses = await self._model(client, options).astream_chat(chat)

        async def deltas() -> AsyncIterator[str]:
            finished, thoughts = False, Thoughts()
            async for response in responses:
                choices = getattr(response.raw, "choices", None) or []
                finished = finished or any(getattr(c, "finish_reason", None) for c in choices)
                # A model that thinks aloud is alive; its thoughts are no part of the answer and are dropped.
                if response.delta or response.additional_kwargs.get("thinking_delta"):
                    yield thoughts.feed(response.delta or "")
            if not finished:
                raise ConnectionError  # the stream broke off: a whole answer ends with a finish reason
            yield thoughts.close()

        return deltas()

    def _client(self) -> "httpx.AsyncClient":
        """A client of this call alone: closing it closes the connection."""
        import httpx

        limits = self._limits
        timeout = httpx.Timeout(limits.total_s, connect=limits.connect_s)
        guard = Guard.for_endpoint(self.given.url)
        return guarded_async_client(guard, timeout=timeout, verify=self._tls or True)

    def _model(self, client: "httpx.AsyncClient", options: Mapping[str, Any]) -> "OpenAILike":
        from llama_index.llms.openai_like import OpenAILike

        given = self.given
        more = {name: value for name, value in options.items() if name != "max_tokens"}
        # A key is always passed: with None the library would take one from the environment and send it there.
        key = given.api_key.get_secret_value() if given.api_key else "none"
        return OpenAILike(
            model=given.model,
            api_base=given.url,
            api_key=key,
            is_chat_model=True,
            is_function_calling_model=False,
            context_window=given.context_tokens + given.max_tokens,
            max_tokens=options["max_tokens"],
            temperature=0.0,
            additional_kwargs=more,
            max_retries=0,
            timeout=self._limits.total_s,
            async_http_client=client,
        )


def _chat_message(message: Message) -> "ChatMessage":
    from llama_index.core.base.llms.types import ChatMessage, ImageBlock, MessageRole, TextBlock

    if message.picture is None:
        return ChatMessage(role=MessageRole(message.role), content=message.content)
    picture = ImageBlock(image=base64.b64encode(message.picture), image_mimetype="image/png")
    return ChatMessage(role=MessageRole(message.role), blocks=[picture, TextBlock(text=message.content)])


def _prepare() -> ssl.SSLContext:
    """Import the library and read the certificates of the machine."""
    for name in ("llama_index.llms.openai_like", "openai.resources", "h11"):
        import_module(name)
    return ssl.create_default_context()
