"""One run: rounds of uploading and killing, then a quiet end and the comparison."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.kills.client import Client, Entry, make_people
from benchmarks.kills.plan import Moment, Round, Stop
from benchmarks.kills.verify import Findings, check_answers, check_stores, open_sql, unfinished_jobs
from benchmarks.server import Server

BASE_PATIENCE_S: Final = 60.0
PATIENCE_PER_FILE_S: Final = 4.0


@dataclass
class Outcome:
    """Counts of a run; seconds in lists, one entry a start or a graceful stop."""

    findings: Findings = field(default_factory=Findings)
    kills: int = 0
    starts: list[float] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)
    acknowledged: int = 0
    interrupted: int = 0
    killed_jobs: dict[int, int] = field(default_factory=dict)
    left_in_temporary_folder: int = 0
    seconds: float = 0.0
    entries: Sequence[Entry] = ()


async def run(
    rounds: Sequence[Round], folder: Path, models: Path, tell: Callable[[str], None], *, doctor: bool = True
) -> Outcome:
    """Play the rounds on a fresh data folder in ``folder`` and compare; whatever happens, no process stays.

    With ``doctor`` the product's own examination has the last word, which costs one more start.
    """
    server, outcome, began = Server(folder, models), Outcome(), time.monotonic()
    code, administrator = await server.command("init")
    if code != 0:
        raise RuntimeError(f"init failed:\n{server.log_end()}")
    try:
        await server.start()
        outcome.starts.append(await server.ready())
        people = await make_people(server.url, administrator)
        client = Client(server.url, administrator)
        for number, part in enumerate(rounds, start=1):
            client.add(part.steps)
            said = await _play(server, client, part.stop, outcome)
            tell(f"{number:3d}  {said}  {client.acknowledged} acknowledged, {unfinished_jobs(server.data)} jobs open")
        await server.start()
        outcome.starts.append(await server.ready())
        await client.work()
        entries = list(client.entries.values())
        await _quiet(server, BASE_PATIENCE_S + PATIENCE_PER_FILE_S * len(entries))
        await check_answers(server.url, people, entries, outcome.findings, server.data)
        await _stop(server, outcome)
        _finish(server, client, outcome)
        if doctor:
            code, said = await server.command("doctor")
            if code != 0:
                outcome.findings.note("doctor", said or server.log_end())
    finally:
        await server.close()
    outcome.seconds = time.monotonic() - began
    return outcome


async def _play(server: Server, client: Client, stop: Stop, outcome: Outcome) -> str:
    """One life of the server: from its start to the stop, with the client at work as soon as it is ready."""
    ready = asyncio.Event()
    seen = client.acknowledged
    fresh = not server.running
    if fresh:
        await server.start()

    async def life() -> None:
        if fresh:
            outcome.starts.append(await server.ready())
        ready.set()
        await client.work()

    task = asyncio.create_task(life())
    try:
        await _moment(stop, ready, client, seen, task)
        if task.done():
            await task
        if stop.graceful:
            await _stop(server, outcome)
            said = f"stop  {outcome.stops[-1]:.1f} s"
        else:
            orphans = await server.kill()
            outcome.kills += 1
            said = f"kill  {stop.moment} + {stop.delay_s:.2f} s"
            _note_orphans(outcome, orphans)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, RuntimeError):
            await task
    return said


async def _moment(stop: Stop, ready: asyncio.Event, client: Client, seen: int, task: asyncio.Task[None]) -> None:
    """Wait for the moment of the stop; an acknowledgement that cannot come any more is not waited for."""
    if stop.moment is not Moment.STARTED:
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    if stop.moment is Moment.ACKNOWLEDGED:
        async with client.news:
            await client.news.wait_for(lambda: client.acknowledged >= seen + stop.after or client.idle)
    await asyncio.sleep(stop.delay_s)


async def _stop(server: Server, outcome: Outcome) -> None:
    """Stop with SIGTERM and check what must hold at once: in time, no child left, no job left as running."""
    seconds, orphans = await server.stop()
    outcome.stops.append(seconds)
    if seconds == float("inf"):
        outcome.findings.note("stops", "SIGTERM was not enough")
    _note_orphans(outcome, orphans)
    with contextlib.closing(open_sql(server.data)) as sql:
        for row in sql.execute("SELECT id, kind, stage FROM jobs WHERE state = 'running'"):
            outcome.findings.note("stops", f"job {row['id']} {row['kind']} {row['stage']} is left as running")


def _note_orphans(outcome: Outcome, orphans: int) -> None:
    if orphans:
        outcome.findings.note("processes", f"{orphans} processes outlived the server")


async def _quiet(server: Server, patience_s: float) -> None:
    """Wait until no job waits or runs, or patience ends: what is left then is found stuck by the comparison."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            while unfinished_jobs(server.data):  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.2)


def _finish(server: Server, client: Client, outcome: Outcome) -> None:
    entries = list(client.entries.values())
    check_stores(server.data, entries, outcome.findings)
    for sentence in client.refused:
        outcome.findings.note("refused", sentence)
    outcome.entries = entries
    outcome.acknowledged, outcome.interrupted = client.acknowledged, client.interrupted
    outcome.left_in_temporary_folder = server.left_in_temporary_folder()
    with contextlib.closing(open_sql(server.data)) as sql:
        rows = sql.execute("SELECT attempt, count(*) AS jobs FROM jobs GROUP BY attempt ORDER BY attempt")
        outcome.killed_jobs = {row["attempt"]: row["jobs"] for row in rows}
