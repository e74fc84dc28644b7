"""``python -m benchmarks.access.faults [--faults 1000] [--seed 1]``: exit code 1 if anything of a document leaves.

The store of what people may read is made to fail under the running application: statements that fail or are locked,
connections that close, rows that say what nobody understands (kinds of subjects, effects, levels, a chain that lacks a
link, roles that are no list), clocks that jump out of every window. While a fault holds, somebody who may read asks,
searches, opens a citation, a page, a conversation; the answer must be a refusal or 503 without a byte of the document.
Afterwards the same must be shown again within five seconds.
"""

import argparse
import asyncio
import contextlib
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import httpx
import sqlalchemy as sa

from api.app import create_app
from api.services import Services
from benchmarks.access.live.lanes import READS, Lane
from benchmarks.server import ROOT
from wenyuan.access import Role
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.tokens import issue_token
from wenyuan.settings import IngestSettings, Settings

RECOVERY_S: Final = 5.0
REFUSALS: Final = frozenset({401, 403, 404, 503})
#: What a statement of authorisation mentions; every request makes several.
_TABLES: Final = ("users", "tokens", "polic", "group_members", "department", "counters")
#: (what to do, what to undo): each with the policy, the person or nothing to fill in.
_ROWS: Final = {
    "unknown kind": (
        "UPDATE policy_entries SET subject_kind = 'martian' WHERE policy_id = :policy",
        "UPDATE policy_entries SET subject_kind = 'user' WHERE policy_id = :policy",
    ),
    "unknown effect": (
        "UPDATE policy_entries SET effect = 'perhaps' WHERE policy_id = :policy",
        "UPDATE policy_entries SET effect = 'allow' WHERE policy_id = :policy",
    ),
    "level is a word": (
        "UPDATE policies SET classification = 'open' WHERE id = :policy",
        "UPDATE policies SET classification = 0 WHERE id = :policy",
    ),
    "level beyond all": (
        "UPDATE policies SET classification = 99 WHERE id = :policy",
        "UPDATE policies SET classification = 0 WHERE id = :policy",
    ),
    "unknown employment": (
        "UPDATE users SET employment = 'robot' WHERE name = :person",
        "UPDATE users SET employment = 'staff' WHERE name = :person",
    ),
    "link is missing": (
        "DELETE FROM policy_ancestors WHERE policy_id = :policy",
        "INSERT INTO policy_ancestors (policy_id, ancestor_id) VALUES (:policy, :policy)",
    ),
    "parent is missing": (
        "UPDATE policies SET inherits = 1, parent_id = 999999 WHERE id = :policy",
        "UPDATE policies SET inherits = 0, parent_id = NULL WHERE id = :policy",
    ),
    "policy is gone": (
        "UPDATE documents SET policy_id = 999999 WHERE id = :document",
        "UPDATE documents SET policy_id = :policy WHERE id = :document",
    ),
    "roles are no list": (
        "UPDATE users SET roles = '{' WHERE name = :person",
        "UPDATE users SET roles = '[]' WHERE name = :person",
    ),
}


@dataclass
class Outcome:
    """What a run found; seconds of recovery."""

    faults: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    recovery: list[float] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing left, everything was refused, and it worked again in time."""
        return not (self.leaks or self.odd) and max(self.recovery, default=0.0) <= RECOVERY_S


class Saboteur:
    """Makes statements of authorisation fail from the n-th one on."""

    def __init__(self, services: Services) -> None:
        self.fired = 0
        self._after = -1
        self._kind = ""
        database = services.database
        engines = [database._engine.sync_engine, database._readers._engine if database._readers else None]  # noqa: SLF001
        for engine in filter(None, engines):
            sa.event.listen(engine, "do_execute", self._execute)

    @contextmanager
    def fail(self, kind: str, after: int) -> Iterator[None]:
        """Fail in that way after so many statements that went well."""
        self._kind, self._after, self.fired = kind, after, 0
        try:
            yield
        finally:
            self._after = -1

    def _execute(self, cursor: Any, statement: str, _parameters: Any, _context: Any) -> None:
        if self._after < 0 or not any(table in statement for table in _TABLES):
            return
        if self._after:
            self._after -= 1
            return
        self.fired += 1
        if self._kind == "closed" and isinstance(cursor, sqlite3.Cursor):
            cursor.connection.close()
        elif self._kind == "locked":
            time.sleep(0.02)
            raise sqlite3.OperationalError("database is locked")
        else:
            raise sqlite3.OperationalError("disk I/O error")


@dataclass
class Trials:
    """A lane in an application of this process, and the ways to break it."""

    lane: Lane
    services: Services
    saboteur: Saboteur
    draw: random.Random
    policy: int
    outcome: Outcome = field(default_factory=Outcome)

    async def one(self) -> None:
        """Break something, read, mend it, and wait until reading works again."""
        kind = self.draw.choice(["error", "locked", "closed", "row", "row", "clock"])
        read = self.draw.choice(list(READS))
        if kind == "row":
            name = self.draw.choice(list(_ROWS))
            breaking, mending = _ROWS[name]
            await self._write(breaking)
            await self._judge(name, read, fired=True)
            await self._write(mending)
        elif kind == "clock":
            jump = self.draw.choice([-7200.0, 7200.0])
            await self.lane.policy(
                allow=[self.lane.me | {"not_before": time.time() - 3600, "not_after": time.time() + 3600}]
            )
            with _clock(jump):
                await self._judge(f"clock {jump:+.0f} s", read, fired=True)
            await self.lane.policy(allow=[self.lane.me])
        else:
            with self.saboteur.fail(kind, self.draw.randrange(4)):
                await self._judge(kind, read, fired=False)
        await self._recover(kind)

    async def _judge(self, fault: str, read: str, *, fired: bool) -> None:
        response = await self._ask(read)
        if not (fired or self.saboteur.fired):
            return  # it read so little that the fault never came
        self.outcome.faults[fault] += 1
        self.outcome.answers[response.status_code] += 1
        shown = self.lane.canary in response.text + repr(response.headers)
        if shown:
            self.outcome.leaks.append(f"{fault}: {read}: {response.status_code}")
        # Lists and answers without the document are refusals too.
        if response.status_code not in REFUSALS | {200}:
            self.outcome.odd.append(f"{fault}: {read}: {response.status_code} {response.text[:200]}")

    async def _ask(self, read: str) -> httpx.Response:
        if read == "ask":
            return await self.lane.ask()
        if read == "search":
            return await self.lane.reader.post("/v1/search", json={"query": self.lane.question})
        return await self.lane.reader.get(READS[read].format(lane=self.lane))

    async def _write(self, statement: str) -> None:
        """Damage the store behind the application's back, as an epoch that it has not seen."""
        given: dict[str, str | int] = {
            "policy": self.policy,
            "person": self.lane.person,
            "document": self.lane.document,
        }
        path = self.services.settings.data_dir / "wenyuan.sqlite3"
        await asyncio.to_thread(_damage, path, statement, given)

    async def _recover(self, kind: str) -> None:
        began = time.monotonic()
        while self.lane.canary not in (await self._ask("document")).text:
            if time.monotonic() - began > 4 * RECOVERY_S:
                self.outcome.odd.append(f"{kind}: never works again")
                break
            await asyncio.sleep(0.02)
        self.outcome.recovery.append(time.monotonic() - began)


def _damage(path: Path, statement: str, given: dict[str, str | int]) -> None:
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        connection.execute(statement, given)
        connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'access_epoch'")


def _clock(jump: float) -> AbstractContextManager[Any]:
    real: Callable[[], float] = time.time
    return patch("time.time", lambda: real() + jump)


async def run(faults: int, seed: int, folder: Path, models: Path) -> Outcome:
    """Break a fresh application in ``folder`` so many times."""
    settings = Settings(data_dir=folder / "data", models_dir=models, ingest=IngestSettings(min_free_mb=0, ocr=False))
    app = create_app(settings)
    draw = random.Random(seed)
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        async with services.database.write() as tx:
            user = await create_user(tx, "admin", "admin", frozenset({Role.ADMINISTRATOR}), 3)
            _, token = await issue_token(tx, user.id, "faults", 1)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {token}"}
        lane = Lane(
            1,
            "http://faults",
            httpx.AsyncClient(transport=transport, base_url="http://faults", headers=headers),
            draw,
            transport,
        )
        await lane.open()
        await lane.policy(allow=[lane.me])
        async with services.database.read() as tx:
            one = sa.text("SELECT policy_id FROM documents WHERE id = :document")
            policy = int(await tx.scalar(one, {"document": lane.document}) or 0)
        trials = Trials(lane, services, Saboteur(services), draw, policy)
        while trials.outcome.faults.total() < faults:
            await trials.one()
        await lane.close()
    return trials.outcome


def report(outcome: Outcome) -> None:
    """Print what was found."""
    print(f"{outcome.faults.total()} faults: {dict(sorted(outcome.faults.items()))}")
    print(f"  answers by status: {dict(sorted(outcome.answers.items()))}")
    print(f"  leaks: {len(outcome.leaks)}  bar 0 {outcome.leaks[:10]}")
    print(f"  neither refused nor 503: {len(outcome.odd)}  bar 0 {outcome.odd[:10]}")
    print(f"  recovery: max {max(outcome.recovery, default=0.0):.2f} s  bar <= {RECOVERY_S} s")


def main() -> int:
    """Run and report; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(given.faults, given.seed, Path(folder), ROOT / "var" / "models"))
    report(outcome)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
