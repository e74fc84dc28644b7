"""Measure identity: ``python -m benchmarks.identity budget|documents|passwords [--samples N] [--json FILE]``.

``budget``: as many reservations at one time as asked for, against limits; counts what was granted beyond them.
``documents``: times of a document that is not there and of one that may not be read, in turn.
``passwords``: times of an unknown name and of a wrong password, in turn.
Times are told apart by 2·|AUC - 0.5| of the two samples: 0 when nobody could, 1 when anybody can.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import httpx
import sqlalchemy as sa

from api.app import create_app
from api.auth.signin import checked_hash, give_password
from api.cli.client import Client
from wenyuan.access import AccessPolicy, Role, Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.spaces import create_space
from wenyuan.db.access.tokens import issue_token
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.identity.spending import Limits, OverBudget, TooManyAnswers, read_spending, reserve
from wenyuan.db.migrate import upgrade
from wenyuan.machine import machine_line
from wenyuan.people.settings import IdentitySettings
from wenyuan.settings import IngestSettings, Settings

BAR: Final = 0.10
LIMIT: Final = 5_000
AT_ONCE: Final = 256
Report = dict[str, Any]
Work = Callable[[int], Awaitable[None]]
WARM_UP: Final = 20


def apart(first: list[float], second: list[float]) -> float:
    """Return 2·|AUC - 0.5|: how well one time tells which sample it comes from."""
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        shared = (place + end + 1) / 2
        ranks += shared * sum(1 for _, which in ranked[place:end] if which == 0)
        place = end
    auc = (ranks - len(first) * (len(first) + 1) / 2) / (len(first) * len(second))
    return abs(2 * auc - 1)


async def budget(samples: int, folder: Path) -> Report:
    """Reserve at one time; raises nothing, and counts."""
    database = Database(sqlite_url(folder))
    await upgrade(database)
    limits = Limits(answers=samples, user_requests=LIMIT if samples > LIMIT else samples // 2)
    gate = asyncio.Semaphore(AT_ONCE)
    refused = 0

    async def one(number: int) -> None:
        nonlocal refused
        async with gate:
            try:
                async with database.write() as tx:
                    await reserve(tx, "usr", f"tok_{number % 7}", 10, limits, 600)
            except (OverBudget, TooManyAnswers):
                refused += 1

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(samples)))
    took = time.perf_counter() - began
    async with database.read() as tx:
        requests, _ = (await read_spending(tx, ["usr"]))["usr"]
    await database.close()
    overspent = max(samples - refused - (limits.user_requests or 0), 0)
    return {
        "requests": samples,
        "limit": limits.user_requests,
        "granted": samples - refused,
        "counted": requests,
        "overspent": overspent,
        "ms_each": round(took / samples * 1000, 3),
        "holds": overspent <= 1,
    }


async def told_apart(
    samples: int, first: Work, second: Work, before: Callable[[], Awaitable[None]] | None = None
) -> Report:
    """Run two things in turn, which comes first in turn as well, and return how well their times tell them apart."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(samples + WARM_UP):
        order = ((0, first), (1, second)) if number % 2 else ((1, second), (0, first))
        for which, work in order:
            if before is not None:
                await before()
            began = time.perf_counter()
            await work(number)
            if number >= WARM_UP:
                took[which].append((time.perf_counter() - began) * 1000)
    found = apart(*took)
    medians = [round(sorted(times)[len(times) // 2], 3) for times in took]
    return {"samples": samples, "median_ms": medians, "apart": round(found, 4), "bar": BAR, "holds": found < BAR}


async def with_service(folder: Path, work: Callable[[httpx.AsyncClient, Any], Awaitable[Report]]) -> Report:
    """Run the application in this process around ``work``."""
    settings = Settings(
        data_dir=folder / "data",
        ingest=IngestSettings(ocr=False, min_free_mb=0),
        identity=IdentitySettings(password_memory_mib=19),
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wenyuan", timeout=60) as http:
            return await work(http, app.state.services)


async def documents(samples: int, folder: Path) -> Report:
    """Ask for documents that are not there, and for one that is there for somebody else."""

    async def work(http: httpx.AsyncClient, services: Any) -> Report:
        async with services.database.write() as tx:
            owner = await create_user(tx, "owner", "", frozenset({Role.ADMINISTRATOR}))
            stranger = await create_user(tx, "stranger", "")
            readers = AccessPolicy((Subject(SubjectKind.USER, owner.id),))
            await create_space(tx, "theirs", "", readers)
            _, theirs = await issue_token(tx, owner.id, "", 1)
            _, mine = await issue_token(tx, stranger.id, "", 1)
        admin = {"Authorization": f"Bearer {theirs}"}
        http.headers.update(admin)
        file = {"file": ("a.md", b"# A\n\nsome text")}
        sent = (await http.post("/v1/documents", data={"space": "theirs"}, files=file)).json()
        await Client(http).wait(sent["job_id"], lambda _: None)
        document = sent["document_id"]
        headers = {"Authorization": f"Bearer {mine}"}

        async def forbidden(_: int) -> None:
            assert (await http.get(f"/v1/documents/{document}", headers=headers)).status_code == 404

        async def missing(number: int) -> None:
            assert (await http.get(f"/v1/documents/doc_{number:032x}", headers=headers)).status_code == 404

        return await told_apart(samples, forbidden, missing)

    return await with_service(folder, work)


async def passwords(samples: int, folder: Path) -> Report:
    """Sign in with a wrong password, and under a name that nobody has."""

    async def work(http: httpx.AsyncClient, services: Any) -> Report:
        hashed = await checked_hash(services.auth.passwords, "known", "a phrase that is long enough")
        async with services.database.write() as tx:
            user = await create_user(tx, "known", "")
            await give_password(tx, user.id, hashed, must_change=False)

        async def attempt(name: str) -> None:
            answer = await http.post("/v1/session", json={"name": name, "password": "some other phrase"})
            assert answer.status_code == 401, answer.text

        async def forget() -> None:
            async with services.database.write() as tx:
                await tx.execute(sa.delete(t.login_failures))

        return await told_apart(samples, lambda _: attempt("known"), lambda _: attempt("nobody"), forget)

    return await with_service(folder, work)


def main() -> None:
    """Run one measurement and print its figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.identity", description=__doc__)
    parser.add_argument("what", choices=sorted(MEASURES))
    parser.add_argument("--samples", type=int, help="10,000 reservations, 2,000 documents, 300 passwords without it")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    asked = parser.parse_args()
    work, usual = MEASURES[asked.what]
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(work(asked.samples or usual, Path(folder))) | {"machine": machine_line()}
    print(json.dumps(report, indent=2))
    if asked.json is not None:
        asked.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    raise SystemExit(not report["holds"])


MEASURES: Final[dict[str, tuple[Callable[[int, Path], Coroutine[Any, Any, Report]], int]]] = {
    "budget": (budget, 10_000),
    "documents": (documents, 2_000),
    "passwords": (passwords, 300),
}

if __name__ == "__main__":
    main()
