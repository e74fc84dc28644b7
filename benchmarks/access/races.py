"""``python -m benchmarks.access.races [--races 10000] [--streams 200] [--clients 8] [--seed 1]``: exit code 1 if stale.

Eight clients over HTTP on loopback, each with a person and a document of its own: the document is taken from the person
in one of fourteen ways, and whatever is read after the server said that it is done must show nothing of it; then it is
given back, and the time until it is seen again counts. Reads that were under way when it was taken may show either.
Streams: an answer that a slow model writes must stop within a second of the change, with an event that says so.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.access.live.lanes import READS, Lane, Way, ways
from benchmarks.access.live.slow_model import slow_model
from benchmarks.server import ROOT, Server
from wenyuan.machine import calibration_ms, machine_line

GRANT_P99_S: Final = 1.0
STREAM_S: Final = 1.0
GRANT_PATIENCE_S: Final = 20.0
_TOLD_EVERY: Final = 500
_STOPS: Final = ('"code":"answer.revoked"', '"code":"auth.unauthenticated"')
_IN_STREAMS: Final = (
    "policy",
    "deny",
    "level",
    "expiry",
    "group",
    "nested group",
    "disabled",
    "token",
    "space",
    "folder",
)


@dataclass
class Outcome:
    """What a run found; times in seconds."""

    races: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    stale: list[str] = field(default_factory=list)
    grants: list[float] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    streams: int = 0
    stops: list[float] = field(default_factory=list)
    unstopped: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether every bar holds."""
        late = self.grants and p99(self.grants) > GRANT_P99_S
        slow = self.stops and max(self.stops) > STREAM_S
        return not (self.stale or self.unstopped or self.unseen or late or slow)


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


async def run(
    races: int, streams: int, clients: int, seed: int, folder: Path, models: Path, only: str | None = None
) -> Outcome:
    """Race on a fresh data folder in ``folder``."""
    outcome, began = Outcome(), time.monotonic()
    with slow_model() as model:
        server = Server(folder, models)
        code, administrator = await server.command("init")
        if code != 0:
            raise RuntimeError(f"init failed:\n{server.log_end()}")
        # Limits of what one person may do at a time are not what is measured here.
        server.change({"BUDGET__ANSWERS": "100", "SERVER__MAX_CONCURRENT_ANSWERS": "100"})
        try:
            await server.start()
            await server.ready()
            lanes = [_lane(server.url, administrator, number, seed) for number in range(clients)]
            for lane in lanes:
                await lane.open()
            await _each(lanes, races, lambda lane, count: _race_on(lane, count, outcome, only))
            await server.stop()
            told = {"ANSWERER": "llm", "URL": model.url, "MODEL": "slow", "FIRST_TOKEN_S": "60"}
            server.change({f"GENERATION__{name}": value for name, value in told.items()})
            await server.start()
            await server.ready()
            await _each(lanes, streams, lambda lane, count: _stream_on(lane, count, outcome))
            for lane in lanes:
                await lane.close()
            await server.stop()
        finally:
            await server.close()
    outcome.seconds = time.monotonic() - began
    return outcome


def _lane(url: str, administrator: str, number: int, seed: int) -> Lane:
    headers = {"Authorization": f"Bearer {administrator}"}
    admin = httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False)
    return Lane(number, url, admin, random.Random(seed * 1000 + number))


async def _each(lanes: list[Lane], total: int, work: Callable[[Lane, int], Coroutine[Any, Any, None]]) -> None:
    shares = [total // len(lanes) + (number < total % len(lanes)) for number in range(len(lanes))]
    async with asyncio.TaskGroup() as group:
        for lane, share in zip(lanes, shares, strict=True):
            group.create_task(work(lane, share))


async def _race_on(lane: Lane, count: int, outcome: Outcome, only: str | None) -> None:
    """Race a lane ``count`` times, through all ways by turns; a way stays for a few races once it is prepared."""
    every = [way for way in ways() if only in {None, way.name}]
    done = 0
    turn = lane.number
    while done < count:
        way = every[turn % len(every)]
        turn += 1
        await way.prepare(lane)
        for _ in range(min(4, count - done)):
            await _race(lane, way, outcome)
            done += 1
            if outcome.races.total() % _TOLD_EVERY == 0:
                print(f"{outcome.races.total()} races, {len(outcome.stale)} stale", flush=True)


async def _race(lane: Lane, way: Way, outcome: Outcome) -> None:
    early = asyncio.create_task(_quietly(lane.read(lane.draw.choice(list(READS)))))
    await asyncio.sleep(lane.draw.uniform(0, 0.02))
    await way.revoke(lane)
    kinds = ["ask", lane.draw.choice(list(READS))]
    seen = await asyncio.gather(*(lane.read(kind) for kind in kinds))
    await early
    outcome.races[way.name] += 1
    outcome.reads.update(kinds)
    outcome.stale += [
        f"{way.name}: {kind} of lane {lane.number}" for kind, shown in zip(kinds, seen, strict=True) if shown
    ]
    await way.grant(lane)
    granted = time.monotonic()
    while not await lane.read("search"):
        if time.monotonic() - granted > GRANT_PATIENCE_S:
            outcome.unseen.append(f"{way.name} of lane {lane.number}")
            break
    outcome.grants.append(time.monotonic() - granted)


async def _quietly(reading: Coroutine[Any, Any, bool]) -> None:
    """Read while things change: what is shown, and whether the connection lasts, is not judged."""
    with contextlib.suppress(httpx.HTTPError, RuntimeError):
        await reading


async def _stream_on(lane: Lane, count: int, outcome: Outcome) -> None:
    every = [way for way in ways() if way.name in _IN_STREAMS]
    for number in range(count):
        way = every[(lane.number + number) % len(every)]
        await way.prepare(lane)
        if not await lane.read("search"):
            raise RuntimeError(f"{way.name}: nothing to stream")
        await _stream(lane, way, outcome)
        await way.grant(lane)


async def _stream(lane: Lane, way: Way, outcome: Outcome) -> None:
    """Start an answer, take the document away when it is first spoken of, and see when and how the answer ends."""
    body = {"stream": True, "messages": [{"role": "user", "content": lane.question}]}
    revoked_at = 0.0

    async def revoke() -> None:
        nonlocal revoked_at
        await way.revoke(lane)
        revoked_at = time.monotonic()

    taking: asyncio.Task[None] | None = None
    notice_at, after = 0.0, ""
    async with lane.reader.stream("POST", "/v1/chat/completions", json=body) as stream:
        async for line in stream.aiter_lines():
            if notice_at:
                after += line
            elif any(code in line for code in _STOPS):
                notice_at = time.monotonic()
            elif taking is None and lane.canary in line and '"content"' in line:
                taking = asyncio.create_task(revoke())
    outcome.streams += 1
    if taking is None:
        raise RuntimeError(f"{way.name}: the answer did not speak of the document")
    await taking
    if not notice_at or lane.canary in after:
        outcome.unstopped.append(f"{way.name} of lane {lane.number}")
    else:
        outcome.stops.append(max(0.0, notice_at - revoked_at))


def report(outcome: Outcome) -> None:
    """Print what was found."""
    print(f"{sum(outcome.races.values())} races in {outcome.seconds:.0f} s: {dict(sorted(outcome.races.items()))}")
    print(f"  reads after the change: {dict(sorted(outcome.reads.items()))}")
    print(f"  stale: {len(outcome.stale)}  bar 0")
    for line in outcome.stale[:10]:
        print(f"    {line}")
    if outcome.grants:
        print(
            f"  grants seen: p99 {p99(outcome.grants):.3f} s, max {max(outcome.grants):.3f} s  bar p99 <= {GRANT_P99_S}"
        )
    print(f"  granted and not seen within {GRANT_PATIENCE_S:.0f} s: {len(outcome.unseen)}  bar 0 {outcome.unseen[:10]}")
    if outcome.stops:
        print(f"{outcome.streams} streams: stopped within max {max(outcome.stops):.3f} s  bar <= {STREAM_S}")
    print(f"  not stopped: {len(outcome.unstopped)}  bar 0 {outcome.unstopped[:10]}")


def main() -> int:
    """Run and report; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--way", choices=[way.name for way in ways()], help="only this way")
    given = parser.parse_args()
    print(machine_line())
    print(f"calibration loop: {calibration_ms()} ms")
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(
            run(given.races, given.streams, given.clients, given.seed, Path(folder), ROOT / "var" / "models", given.way)
        )
    report(outcome)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
