"""What is over leaves nothing behind: people who leave a real server in the middle, an application that is closed."""

import asyncio
import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import uvicorn

from api.app import create_app
from tests.api.conftest import HANDBOOK
from tests.llm import parrot
from tests.site import EVERYONE, Site, open_site, site_settings, until
from wenyuan.chat.settings import GenerationSettings
from wenyuan.jobs.queue import NewJob

LEAVERS = 200
AT_ONCE = 20
OPENINGS = 3


@contextlib.asynccontextmanager
async def served(folder: Path, generation: GenerationSettings) -> AsyncIterator[tuple[Site, int]]:
    app = create_app(site_settings(folder, generation, ocr=False))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:
            assert not running.done()
            await asyncio.sleep(0.05)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(_end, server, running)
            yield Site(app, stack), listening.getsockname()[1]


async def _end(server: uvicorn.Server, running: asyncio.Task[None]) -> None:
    server.should_exit = True
    await running


async def leave(port: int, request: bytes, patience_s: float) -> bytes:
    """Send a request, read for a while, and cut the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    seen = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            writer.write(request)
            while data := await reader.read(4096):
                seen += data
    writer.transport.abort()
    return seen


def request(token: str, method: str, path: str, body: object = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


@pytest.mark.timeout(120)
async def test_readers_of_streams_who_leave_hold_nothing(tmp_path: Path) -> None:
    chance = random.Random(4)
    with parrot(pause_s=0.02) as model:
        generation = GenerationSettings(answerer="llm", url=model.url, model="m", api_key=None)
        async with served(tmp_path, generation) as (site, port):
            admin = await site.administrator()
            await site.space("company", [EVERYONE])
            await site.publish("a.md", "# 年假\n\n工作满一年的员工，年休假为五天。\n\n婚假为十五天。\n", "company")
            waiting = await idle_job(site)
            ask = {"messages": [{"role": "user", "content": "年休假有几天？"}], "stream": True}
            requests = [
                request(admin.token, "POST", "/v1/chat/completions", ask),
                request(admin.token, "POST", "/v1/chat/completions", ask | {"stream": False}),
                request(admin.token, "GET", f"/v1/jobs/{waiting}/events"),
                request(admin.token, "POST", "/v1/search", {"query": "年休假"}),
            ]
            seen = await leave(port, requests[0], 5)
            tasks = len(asyncio.all_tasks())
            for _ in range(LEAVERS // AT_ONCE):
                leaving = [leave(port, chance.choice(requests), chance.uniform(0.001, 0.6)) for _ in range(AT_ONCE)]
                seen += b"".join(await asyncio.gather(*leaving))
            assert b"chat.completion.chunk" in seen
            assert b'"state":"queued"' in seen
            limit = site.services.settings.server.max_concurrent_answers

            async def quiet() -> bool:
                return site.services.answer_slots._value == limit and len(asyncio.all_tasks()) <= tasks

            await until(quiet)
            # A thread of the driver's lives as long as its connection, and the pool keeps twice its size at most.
            held = [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]
            assert len(held) <= 2 * site.services.settings.database.pool_size
            assert (await admin.ask("年休假有几天？"))["citations"]


async def idle_job(site: Site) -> str:
    """Return a job of the administrator's that nobody takes up."""
    user_id = (await (await site.administrator()).http.get("/v1/me")).json()["user_id"]
    async with site.services.database.write() as tx:
        return await site.services.queue.enqueue(tx, NewJob("nobody.does", {}, owner_id=user_id))


def left() -> tuple[int, ...]:
    """Return how many threads, open files and child processes this process has, those apart that are just ending."""
    looks = []
    for _ in range(10):
        time.sleep(0.03)
        of_us = Path("/proc/self")
        children = [child for path in of_us.glob("task/*/children") for child in path.read_text().split()]
        looks.append((len(list(of_us.glob("task/*"))), len(list(of_us.glob("fd/*"))), len(children)))
    return tuple(map(min, *looks))


def test_threads_files_and_children_go_with_an_application(tmp_path: Path) -> None:
    """All openings but the first, which loads what is kept for the process, end with what they began with."""

    async def used(folder: Path) -> None:
        async with open_site(site_settings(folder, ocr=False)) as site:
            await site.space("company", [EVERYONE])
            await site.publish("handbook.md", HANDBOOK, "company")
            reader = await site.person("li")
            assert (await reader.ask("年假有几天？"))["citations"]

    counts = []
    for number in range(OPENINGS):
        with ThreadPoolExecutor(1) as beside:  # a loop of its own, with which the threads of the loop go
            beside.submit(asyncio.run, used(tmp_path / str(number))).result()
        counts.append(left())
    assert counts[1:] == [counts[0]] * (OPENINGS - 1)
