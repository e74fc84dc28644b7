"""People who leave while a model writes: how soon the first event comes, how soon the call ends, and what stays behind.

    python -m benchmarks.writing.streams --streams 1000

Over a real server on loopback, one stream after another; the model writes without end. The first event is awaited from
the moment the request is sent; the model takes no part in it.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from benchmarks.writing.browser import served
from benchmarks.writing.place import QUESTIONS, Place, open_place
from tests.integration.chat_endpoint import Endpoint, running_endpoint
from wenyuan.chat.settings import GenerationSettings

_PATIENCE_S = 60.0


@dataclass
class Times:
    """Seconds to the first event, and from a cut connection to the end of the call; tasks before and after."""

    first: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    tasks: tuple[int, int] = (0, 0)
    stopped: int = 0

    @property
    def leaked(self) -> int:
        """Tasks that stayed."""
        return max(0, self.tasks[1] - self.tasks[0])


async def leave(place: Place, endpoint: Endpoint, address: str, question: str, rest_s: float, times: Times) -> None:
    """Ask, read on for ``rest_s`` seconds once the model has been asked, and cut the connection."""
    host = urlsplit(address)
    body = json.dumps({"messages": [{"role": "user", "content": question}], "stream": True}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host.netloc}\r\nAuthorization: Bearer {place.clerk.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    endpoint.asked.clear()
    ended = endpoint.closed_early
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    begun = time.monotonic()
    writer.write(head.encode() + body)
    async with asyncio.timeout(_PATIENCE_S):
        await reader.readuntil(b"data: ")
        times.first.append(time.monotonic() - begun)
        ended_early = asyncio.ensure_future(reader.read())
        asked = asyncio.ensure_future(endpoint.asked.wait())
        await asyncio.wait({ended_early, asked}, return_when=asyncio.FIRST_COMPLETED)
    ended_early.cancel()
    if not asked.done():  # the service stopped the answer before it asked the model: it could not look on in time
        asked.cancel()
        times.stopped += 1
        writer.close()
        return
    await asyncio.sleep(rest_s)
    cut = time.monotonic()
    writer.transport.abort()
    await _until(lambda: endpoint.closed_early > ended)
    times.closed.append(time.monotonic() - cut)


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not holds() and time.monotonic() < deadline:  # noqa: ASYNC110 - what is looked at tells nobody
        await asyncio.sleep(0.005)


async def run(streams: int, seed: int, folder: Path) -> Times:
    """Leave ``streams`` streams."""
    times, draw = Times(), random.Random(seed)
    async with running_endpoint() as endpoint:
        endpoint.mode = "endless"
        endpoint.deltas = ["年休假为 5 天[1]。"]
        generation = GenerationSettings(answerer="llm", url=endpoint.url, model="endless")
        async with open_place(folder, generation) as place, served(place.site.app) as address:
            for warm in QUESTIONS[:2]:
                await leave(place, endpoint, address, warm, 0.1, Times())
            await asyncio.sleep(1)
            before = len(asyncio.all_tasks())
            for number in range(streams):
                asked = QUESTIONS[number % len(QUESTIONS)]
                await leave(place, endpoint, address, asked, draw.choice((0, 0.02, 0.1)), times)
            await _until(lambda: len(asyncio.all_tasks()) <= before)
            times.tasks = before, len(asyncio.all_tasks())
    return times


def main() -> int:
    """Print the figures; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = asyncio.run(run(given.streams, given.seed, Path(folder)))
    first, closed = np.percentile(times.first, [50, 95]) * 1000, np.percentile(times.closed, [50, 95, 100]) * 1000
    print(f"first event: p50 {first[0]:.0f} ms, p95 {first[1]:.0f} ms (bar 200)")
    print(
        f"call ended after leaving: p50 {closed[0]:.0f} ms, p95 {closed[1]:.0f} ms, most {closed[2]:.0f} ms (bar 1000)"
    )
    print(f"tasks left behind by {given.streams} streams: {times.leaked}; stopped by the service: {times.stopped}")
    return bool(first[1] > 200 or closed[2] > 1000 or times.leaked)


if __name__ == "__main__":
    sys.exit(main())
