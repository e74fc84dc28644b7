"""A chat endpoint on loopback that speaks the OpenAI streaming protocol, well or badly, for tests of the model path."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Endpoint:
    """What the endpoint does next, and what it was asked."""

    deltas: Sequence[str] = ()
    mode: str = "ok"
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    closed_early: int = 0
    failures_left: int = 0
    url: str = ""
    #: What the next answers are instead of ``deltas``, and options of a request that are refused with 400.
    script: list[Sequence[str]] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.closed_early += 1
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.headers.append(head)
        length = next(
            int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")
        )
        self.requests.append(json.loads(await reader.readexactly(length)))
        self.asked.set()
        if self.unknown & self.requests[-1].keys():
            await _send(writer, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            return
        if self.mode == "silent":
            await self._wait_for_close(reader)
            return
        if self.mode == "500" or self.failures_left > 0:
            self.failures_left -= 1
            await _send(
                writer, b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
            )
            return
        if self.mode == "redirect":
            await _send(writer, b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
            return
        if self.mode == "html":
            body = b"<html>login please</html>"
            await _send(
                writer,
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body),
            )
            return
        await _send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        deltas = self.script.pop(0) if self.script else self.deltas
        for number, delta in enumerate(deltas):
            if self.mode == "garbage" and number == 1:
                await _send(writer, b"data: {not json\n\n")
                return
            if self.mode == "stall" and number == 2:
                await self._wait_for_close(reader)
                return
            if self.mode == "cut" and number == len(deltas) - 1:
                return
            name = "reasoning_content" if self.mode == "thinking" and number == 0 else "content"
            await _send(writer, _event({name: delta}, None))
            if self.mode == "endless":
                await asyncio.sleep(0.01)
        while self.mode == "endless":
            await _send(writer, _event({"content": "过路费凭票另行报销。"}, None))
            await asyncio.sleep(0.01)
        await _send(writer, _event({}, "stop") + b"data: [DONE]\n\n")

    async def _wait_for_close(self, reader: asyncio.StreamReader) -> None:
        if await reader.read(1) == b"":
            self.closed_early += 1


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    chunk = {
        "id": "chat-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "test",
        "choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


@asynccontextmanager
async def running_endpoint() -> AsyncIterator[Endpoint]:
    """Run an endpoint until the end of the block."""
    endpoint = Endpoint()
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield endpoint
    finally:
        server.close()
