"""``python -m benchmarks.hostile.served``: what is hostile, against the running server.

Two parts. ``requests``: a thousand hostile upload requests over raw sockets; the server must answer none with a 5xx and
not grow by more than 64 MiB. ``files``: every file of the corpus is uploaded and followed to its end; each must be
refused, fail with a code of ours, or be read. In both, the server must stay up and ``/healthz`` answer all the while.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

import httpx

from benchmarks.hostile.__main__ import corpus
from benchmarks.hostile.requests import Attack, attacks
from benchmarks.ingest_folder import Watch, ended, watch
from benchmarks.server import Server
from ingest.parsing.pages import FAILED
from wenyuan.errors import ParserFailed
from wenyuan.machine import machine_line

GROWTH_MB: Final = 64.0
LIMIT_MB: Final = 4
_AT_ONCE: Final = 8
_WARM: Final = 64
_PATIENCE_S: Final = 60.0


async def attack(port: int, request: Attack) -> str:
    """Write a request and return the status of the answer, or ``cut`` when the connection ended without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(_status(reader))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                for piece in request.pieces:
                    writer.write(piece)
                    await writer.drain()
            return "left" if request.stops else await answer
    except TimeoutError:
        return "held"
    finally:
        answer.cancel()
        writer.transport.abort()


async def _status(reader: asyncio.StreamReader) -> str:
    with contextlib.suppress(ConnectionError, ValueError):
        line = await reader.readline()
        if line.startswith(b"HTTP/1.1 "):
            return line.split(b" ")[1].decode()
    return "cut"


async def storm(port: int, requests: Iterable[Attack]) -> dict[str, Counter[str]]:
    """Make the requests, some at once; returns how they ended by kind."""
    outcomes: dict[str, Counter[str]] = {}
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(request: Attack) -> None:
        try:
            outcomes.setdefault(request.kind, Counter())[await attack(port, request)] += 1
        finally:
            gate.release()

    async with asyncio.TaskGroup() as group:
        for request in requests:
            await gate.acquire()
            group.create_task(one(request))
    return outcomes


async def flood(server: Server, http: httpx.AsyncClient, count: int, seed: int) -> int:
    """Run the part ``requests``; returns the number of faults."""
    port, token = httpx.URL(server.url).port or 0, http.headers["authorization"].removeprefix("Bearer ")
    limit = (LIMIT_MB + 1) << 20
    await storm(port, attacks(_WARM, seed + 1, token, limit))
    before = server.memory_mb("VmRSS")
    server.forget_peak()
    outcomes = await storm(port, attacks(count, seed, token, limit))
    grown, kept = server.memory_mb("VmHWM") - before, server.memory_mb("VmRSS") - before
    for kind, found in outcomes.items():
        print(f"  {kind:24}{', '.join(f'{status} {number}' for status, number in found.most_common())}")
    wrong = sum(
        number
        for found in outcomes.values()
        for status, number in found.items()
        if status == "held" or status.startswith("5")
    )
    print(f"{count} requests: {wrong} answered with 5xx or held; grew {grown:.0f} MiB at the peak, {kept:.0f} kept")
    return wrong + (grown > GROWTH_MB)


async def send_files(http: httpx.AsyncClient, only: str) -> int:
    """Run the part ``files``; returns the number of faults."""
    outcomes: Counter[str] = Counter()
    for number, case in enumerate(corpus()):
        if only not in case.kind:
            continue
        began = time.monotonic()
        sent = await http.post(
            "/v1/documents", data={"space": "all"}, files={"file": (case.filename, case.data)}, timeout=120
        )
        state, why = await ended(http, sent)
        # That no page could be drawn is a finding, too; any other failure of that code is an exception of none of ours.
        crashed = why.startswith(ParserFailed.code) and FAILED not in why
        wrong = state == "lost" or crashed or (case.refused and state == "published")
        outcomes["FAULT" if wrong else state] += 1
        shown = f"{state} {why}"[:100]
        print(
            f"{'FAULT ' if wrong else ''}{number} {case.kind}: {shown} ({time.monotonic() - began:.1f} s)", flush=True
        )
    print(f"{sum(outcomes.values())} files: {', '.join(f'{count} {state}' for state, count in outcomes.most_common())}")
    return outcomes["FAULT"]


@contextlib.asynccontextmanager
async def opened(models: Path, variables: dict[str, str]) -> AsyncIterator[tuple[Server, httpx.AsyncClient]]:
    """A running server with an administrator and a space that everyone reads."""
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(Path(scratch) / "site", models, variables=variables)
        token = (await server.command("init"))[1].splitlines()[-1]
        await server.start()
        try:
            await server.ready()
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=60) as http:
                space = {"name": "all", "readers": [{"kind": "everyone"}]}
                (await http.post("/v1/spaces", json=space)).raise_for_status()
                yield server, http
        finally:
            await server.close()


async def measure(arguments: argparse.Namespace) -> int:
    """Run the parts; returns the exit code."""
    print(machine_line())
    faults = 0
    for part in arguments.parts:
        # Requests are tried at a server that works on nothing: what grows must be the requests' doing.
        flooding = part == "requests"
        variables = {"INGEST__MAX_FILE_MB": str(LIMIT_MB), "INGEST__WORKERS": "0"} if flooding else {}
        seen = Watch()
        async with opened(arguments.models, variables) as (server, http):
            watcher = asyncio.create_task(watch(http, seen))
            if flooding:
                faults += await flood(server, http, arguments.count, arguments.seed)
            else:
                faults += await send_files(http, arguments.only)
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher
            up = server.running
        print(f"health: {seen.checks} checks, {seen.failures} failed, slowest {seen.slowest_s:.2f} s; server up: {up}")
        faults += seen.failures + (not up)
    return 1 if faults else 0


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile.served", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["requests", "files"], default=["requests", "files"])
    parser.add_argument("--count", type=int, default=1000, help="requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="files whose kind holds this word")
    parser.add_argument("--models", type=Path, default=Path("var/models").absolute())
    return asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
