"""Searches over HTTP on loopback: the server as a process of its own, its clients in this one."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from benchmarks.server import Server

WARM_UP: Final = 30
_CALM: Final = {"INGEST__WORKERS": "0", "RETRIEVAL__RERANK": "none"}


@dataclass(frozen=True, slots=True)
class Answered:
    """What searches took: milliseconds each, seconds in all, and CPU milliseconds of server and clients for each."""

    took: list[float]
    seconds: float
    server_ms: float
    client_ms: float

    @property
    def per_second(self) -> float:
        """Searches a second."""
        return len(self.took) / self.seconds

    def line(self) -> str:
        """Return the figures as they are printed."""
        ordered = sorted(self.took)
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        return (
            f"{self.per_second:.1f} searches/s, p50 {middle:.1f} ms, p95 {high:.1f} ms, CPU a search: "
            f"server {self.server_ms:.1f} ms, clients {self.client_ms:.2f} ms"
        )


class Client:
    """A connection that is kept; it does no more than it must, since clients share the machine with the server."""

    def __init__(self, url: str, secret: str, limit: int) -> None:
        self._host, _, port = url.removeprefix("http://").rpartition(":")
        self._port = int(port)
        self._limit = limit
        self._head = (
            f"POST /v1/search HTTP/1.1\r\nHost: {self._host}:{port}\r\nAuthorization: Bearer {secret}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, question: str) -> float:
        """Ask and read the answer to its end; returns milliseconds. Raises ``SystemExit`` for any other answer."""
        body = json.dumps({"query": question, "limit": self._limit}).encode()
        start = time.perf_counter()
        self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer = await self._reader.readexactly(size)
        took = 1000 * (time.perf_counter() - start)
        if not head.startswith(b"http/1.1 200 ") or b'"chunk_id"' not in answer:
            raise SystemExit(f"no answer to {question}: {answer[:400]!r}")
        return took


@asynccontextmanager
async def serving(workspace: Path, scratch: Path, models: Path) -> AsyncIterator[Server]:
    """Yield a server of its own over ``workspace``, without rerank and without workers.

    Paths are absolute; ``scratch`` is empty.
    """
    server = Server(scratch / "server", models, variables=_CALM)
    server.data = workspace
    await server.start()
    try:
        print(f"server ready after {await server.ready():.1f} s", flush=True)
        yield server
        await server.stop()
    finally:
        await server.close()


async def ask_in_turn(server: Server, secret: str, limit: int, questions: Sequence[str]) -> Answered:
    """Ask each question once, one after another, on one connection that has been used before."""
    async with Client(server.url, secret, limit) as client:
        for question in questions[:WARM_UP]:
            await client.ask(question)
        return await _measured(server, [client], iter(questions), float("inf"))


async def ask_at_once(
    server: Server, secret: str, limit: int, questions: Sequence[str], clients: int, seconds: float
) -> Answered:
    """Ask as so many clients, each the next question when it has the last answer, over and over."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(Client(server.url, secret, limit)) for _ in range(clients)]
        return await _measured(server, opened, itertools.cycle(questions), seconds)


async def _measured(server: Server, clients: Sequence[Client], feed: Iterator[str], seconds: float) -> Answered:
    """Feed the clients until the time is over or the questions are."""
    took: list[float] = []
    used, mine, start = server.cpu_s(), time.process_time(), time.perf_counter()

    async def ask(client: Client) -> None:
        for question in feed:
            took.append(await client.ask(question))
            if time.perf_counter() - start > seconds:
                return

    await asyncio.gather(*map(ask, clients))
    elapsed, used, mine = time.perf_counter() - start, server.cpu_s() - used, time.process_time() - mine
    return Answered(took, elapsed, 1000 * used / len(took), 1000 * mine / len(took))
