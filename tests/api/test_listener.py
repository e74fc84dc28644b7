"""Clients that drip, flood and smuggle, over raw sockets: cut in time, in bounded memory, and others are served."""

import asyncio
import contextlib
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.app import create_app
from api.listener import HEAD_LIMIT, READ_SIZE, listener
from benchmarks.hostile.requests import attacks
from benchmarks.hostile.served import storm
from tests.site import Person, Site, site_settings
from wenyuan.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 0.6
FORM = "Content-Type: multipart/form-data; boundary=x\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Site, int]]:
    folder: Path = tmp_path_factory.mktemp("listener")
    settings = site_settings(folder, ocr=False, max_file_mb=2)
    settings = settings.model_copy(
        update={"server": settings.server.model_copy(update={"read_s": PATIENCE_S, "read_kib_s": 64})}
    )
    app = create_app(settings)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(listener(app, settings.server))
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:
            assert not running.done()
            await asyncio.sleep(0.02)
        async with contextlib.AsyncExitStack() as stack:
            site = Site(app, stack)
            await site.space("company", [])
            yield site, listening.getsockname()[1]
        server.should_exit = True
        await running


@pytest_asyncio.fixture(loop_scope="module")
async def admin(served: tuple[Site, int]) -> Person:
    return await served[0].administrator()


class Line:
    """A connection whose bytes we write ourselves while we read; ``sent`` counts them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.sent = 0
        self._said = asyncio.create_task(_all_of(reader))

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
        self.sent += len(data)

    async def drip(self, data: bytes, every_s: float) -> float:
        """Send byte after byte until the other side hangs up; returns seconds."""
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in data:
                if self._said.done():
                    break
                await self.send(bytes([byte]))
                await asyncio.sleep(every_s)
        return time.monotonic() - began

    async def answer(self) -> bytes:
        """Everything the server says until it hangs up."""
        return await asyncio.wait_for(self._said, 10)


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            said += data
    return said


@contextlib.asynccontextmanager
async def line(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


def head(person: Person | None, path: str, more: str, method: str = "POST") -> bytes:
    token = "" if person is None else f"Authorization: Bearer {person.token}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n{token}{more}\r\n".encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.mark.parametrize("begun", [b"", b"GET /", b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nX-Name: "], ids=len)
async def test_a_head_that_drips_is_cut(served: tuple[Site, int], begun: bytes) -> None:
    async with line(served[1]) as client:
        await client.send(begun)
        dripped = client.drip(b"a" * 1000, 0.05) if begun else client.answer()
        began = time.monotonic()
        await dripped
        assert PATIENCE_S * 0.5 < time.monotonic() - began < PATIENCE_S + 2


async def test_a_second_request_that_drips_is_cut_as_well(served: tuple[Site, int]) -> None:
    async with line(served[1]) as client:
        await client.send(head(None, "/healthz", "", "GET") + b"GET /heal")
        assert await client.drip(b"t" * 1000, 0.05) < PATIENCE_S + 2
        assert (await client.answer()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/search"])
@pytest.mark.parametrize("framing", ["Content-Length: 9000\r\n", "Transfer-Encoding: chunked\r\n"])
async def test_a_body_that_drips_is_cut_and_told_why(
    served: tuple[Site, int], admin: Person, path: str, framing: str
) -> None:
    kind = FORM if path == "/v1/documents" else "Content-Type: application/json\r\n"
    began = time.monotonic()
    async with line(served[1]) as client:
        # Of a chunked body, the drops are a chunk extension: no byte of the body ever comes.
        await client.send(head(admin, path, kind + framing) + (b"1;" if "chunked" in framing else PART))
        await client.drip(b"a" * 1000, 0.05)
        answer = await client.answer()
    assert time.monotonic() - began < PATIENCE_S + 2
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"request.too_slow" in answer
    assert b"connection: close" in answer.lower()


async def test_a_slow_body_that_keeps_its_pace_is_taken(served: tuple[Site, int], admin: Person) -> None:
    body = (
        PART
        + b"word " * 20_000
        + b'\r\n--x\r\nContent-Disposition: form-data; name="space"\r\n\r\ncompany\r\n--x--\r\n'
    )
    began = time.monotonic()
    async with line(served[1]) as client:
        await client.send(head(admin, "/v1/documents", f"{FORM}Content-Length: {len(body)}\r\nConnection: close\r\n"))
        for at in range(0, len(body), 10_000):
            await client.send(body[at : at + 10_000])
            await asyncio.sleep(0.1)
        answer = await client.answer()
    assert time.monotonic() - began > PATIENCE_S
    assert answer.startswith(b"HTTP/1.1 202"), answer


async def test_a_body_that_says_it_is_too_large_is_not_read(served: tuple[Site, int], admin: Person) -> None:
    async with line(served[1]) as client:
        await client.send(head(admin, "/v1/documents", f"{FORM}Expect: 100-continue\r\nContent-Length: {10**15}\r\n"))
        answer = await client.answer()
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"100 Continue" not in answer


async def test_an_endless_body_is_cut_soon_after_the_limit(
    served: tuple[Site, int], admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    plain = HttpToolsProtocol.data_received

    def counted(self: HttpToolsProtocol, data: bytes) -> None:
        nonlocal read
        read += len(data)
        plain(self, data)

    monkeypatch.setattr(HttpToolsProtocol, "data_received", counted)
    async with line(served[1]) as client:
        request = head(admin, "/v1/documents", FORM + "Transfer-Encoding: chunked\r\n")
        await client.send(request + chunk(PART))
        with contextlib.suppress(ConnectionError):
            for _ in range(400):
                await client.send(chunk(b"y" * 2**16))
        answer = await client.answer()
    assert answer.startswith(b"HTTP/1.1 413")
    assert 4 * READ_SIZE == 2**16
    assert 3 * 2**20 < read <= 3 * 2**20 + 4 * READ_SIZE + len(request)


@pytest.mark.parametrize("where", ["target", "header", "headers", "trailers", "extension"])
async def test_what_is_no_body_is_bounded_too(served: tuple[Site, int], admin: Person, where: str) -> None:
    opening, filler = {
        "target": (b"GET /", b"a" * 4096),
        "header": (b"GET / HTTP/1.1\r\nX: ", b"a" * 4096),
        "headers": (b"GET / HTTP/1.1\r\n", b"X: aaa\r\n" * 512),
        "trailers": (head(admin, "/v1/search", "Transfer-Encoding: chunked\r\n") + b"0\r\n", b"X: aaa\r\n" * 512),
        "extension": (head(admin, "/v1/search", "Transfer-Encoding: chunked\r\n") + b"1;", b"a" * 4096),
    }[where]
    async with line(served[1]) as client:
        with contextlib.suppress(ConnectionError):
            await client.send(opening)
            for _ in range(64 * 2**20 // 4096):
                await client.send(filler)
                await asyncio.sleep(0)
        await client.answer()
        # The kernel's buffers take some megabytes that nobody reads.
        assert client.sent < 32 * 2**20
    assert HEAD_LIMIT < 2**20


async def test_others_are_served_while_two_hundred_drip(served: tuple[Site, int], admin: Person) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for number in range(200):
            client = await stack.enter_async_context(line(served[1]))
            await client.send(b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Le"[: 10 + number % 30])
        async with line(served[1]) as other:
            await other.send(head(None, "/healthz", "Connection: close\r\n", "GET"))
            assert (await other.answer()).startswith(b"HTTP/1.1 200")


async def test_the_rest_of_a_refused_body_ends_the_connection(served: tuple[Site, int]) -> None:
    async with line(served[1]) as client:
        await client.send(head(None, "/v1/documents", FORM + "Content-Length: 100000\r\n") + b"y" * 1000)
        answer = await client.answer()
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer.lower()


async def test_hostile_forms_are_answered_with_a_refusal(served: tuple[Site, int], admin: Person) -> None:
    outcomes = await storm(served[1], attacks(48, 5, admin.token, 3 * 2**20))
    statuses = Counter(status for found in outcomes.values() for status in found.elements())
    assert statuses.total() == 48
    assert not {status for status in statuses if status == "held" or status.startswith("5")}, outcomes
    assert statuses["413"], outcomes
    async with line(served[1]) as other:
        await other.send(head(None, "/healthz", "Connection: close\r\n", "GET"))
        assert (await other.answer()).startswith(b"HTTP/1.1 200")


async def test_an_idle_connection_is_kept_longer_than_proxies_keep_theirs() -> None:
    settings = Settings().server
    assert listener(FastAPI(), settings).timeout_keep_alive > 60
