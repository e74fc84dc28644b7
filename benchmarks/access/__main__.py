"""Speed of authorisation: who is asking, what they may see, and the part of a read that decides.

``python -m benchmarks.access [--database URL] [--rounds 300]``; without a URL on SQLite in a folder of its own. The
database must be empty. Told apart: warm (nothing changed since the last request), cold (every request follows a
change, so the set is worked out anew) and overtaken (a change between the mint and the read, so the read works it out
in its own statement). Also the change of a group of 50,000. Bars on an idle machine with two cores: p95 < 5 ms warm
for readers in 20 and in 5,000 groups; p95 < 200 ms for the change. Exit code 1 when a bar fails.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from benchmarks.access.made.company import FAR, NEAR, Size, found
from wenyuan.access import AccessScope, Principal, SubjectKind, resolve_scope
from wenyuan.db import tables as t
from wenyuan.db.access import directory as people
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.readable import may_read, reads_as
from wenyuan.db.access.tokens import token_owner
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Database, ReadConnection, sqlite_url
from wenyuan.db.migrate import upgrade
from wenyuan.errors import Unauthenticated
from wenyuan.machine import calibration_ms, machine_line

P95_MS: Final = 5.0
CHANGE_P95_MS: Final = 200.0
HITS: Final = 50
CROWD: Final = 50_000
_READ: Final = sa.select(t.documents.c.id).where(
    t.documents.c.id.in_(sa.bindparam("ids", expanding=True)), may_read(t.documents.c.policy_id)
)
_PLAIN: Final = sa.select(t.documents.c.id).where(t.documents.c.id.in_(sa.bindparam("ids", expanding=True)))


def quantile(took: list[float], share: float) -> float:
    """Return a quantile of times."""
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


class Requests:
    """What a request does before content is read, for one reader."""

    def __init__(self, database: Database, token: str, size: Size) -> None:
        self.database, self.size = database, size
        self.directory = Directory(database)
        self.secret = token
        self.draw = random.Random(2)
        self.seen = self.policies = 0

    async def mint(self) -> AccessScope:
        """Authenticate and find out what may be seen now."""
        owner = await self.database.run_read(token_owner, self.secret)
        if owner is None:
            raise Unauthenticated
        return await resolve_scope(self.directory, Principal(owner.user_id, owner.name, owner.roles, owner.token_id))

    async def read(self, scope: AccessScope) -> None:
        """Decide on as many documents as a search returns."""
        ids = [f"doc_{self.draw.randrange(self.size.documents)}" for _ in range(HITS)]
        self.seen += await self.database.run_read(_read, ids, scope)
        self.policies = len(scope.policy_ids)

    async def change(self) -> None:
        """Change something about access."""
        async with self.database.write() as tx:
            await bump_epoch(tx)


def _read(tx: ReadConnection, ids: list[str], scope: AccessScope) -> int:
    return len(list(tx.scalars(_READ, {"ids": ids} | reads_as(scope))))


async def timed(rounds: int, before: Callable[[], Awaitable[object]], work: Callable[[], Awaitable[object]]) -> str:
    """Return what ``work`` took, each time after ``before``."""
    took = []
    for _ in range(rounds):
        await before()
        started = time.perf_counter()
        await work()
        took.append((time.perf_counter() - started) * 1000)
    _P95.append(quantile(took, 0.95))
    return f"p50 {quantile(took, 0.5):7.2f}  p95 {_P95[-1]:7.2f}  p99 {quantile(took, 0.99):7.2f} ms"


_P95: list[float] = []


async def _idle() -> None:
    return None


async def measure(name: str, asked: Requests, rounds: int) -> bool:
    """Print the figures of one reader; returns whether the bar holds."""
    held: list[AccessScope] = []

    async def whole() -> None:
        await asked.read(await asked.mint())

    async def minted_then_changed() -> None:
        held[:] = [await asked.mint()]
        await asked.change()

    await whole()
    warm = await timed(rounds, _idle, whole)
    holds = _P95[-1] < P95_MS
    print(f"{name}: {asked.policies} policies read, {asked.seen / 1:.0f} of {HITS * (rounds + 1)} hits")
    print(f"  warm, whole      {warm}   bar p95 < {P95_MS:.0f} ms: {'holds' if holds else 'FAILS'}")
    print(f"  warm, mint       {await timed(rounds, _idle, asked.mint)}")
    scope = await asked.mint()
    print(f"  warm, read       {await timed(rounds, _idle, lambda: asked.read(scope))}")
    print(f"  cold, whole      {await timed(max(rounds // 5, 20), asked.change, whole)}")
    late = await timed(max(rounds // 5, 20), minted_then_changed, lambda: asked.read(held[0]))
    print(f"  overtaken, read  {late}")
    return holds


async def measure_crowd(database: Database, rounds: int) -> bool:
    """Print what changing one member of a group of ``CROWD`` takes; returns whether the bar holds."""
    members = [(SubjectKind.USER, f"usr_crowd_{number}") for number in range(CROWD)]
    async with database.write() as tx:
        group = await people.create_group(tx, "crowd")
        await people.alter_members(tx, group, members, [])

    async def swap() -> None:
        async with database.write() as tx:
            await people.alter_members(tx, group, [(SubjectKind.USER, FAR)], [])
            await people.alter_members(tx, group, [], [(SubjectKind.USER, FAR)])

    took = await timed(max(rounds // 10, 20), _idle, swap)
    holds = _P95[-1] < CHANGE_P95_MS
    print(f"a member into and out of a group of {CROWD}: {took}   bar p95 < {CHANGE_P95_MS:.0f} ms: {holds}")
    return holds


async def main(url: str, rounds: int) -> int:
    """Build the company, measure, print; returns the exit code."""
    print(machine_line())
    print(f"calibration loop before: {calibration_ms()} ms")
    size, database = Size(), Database(url)
    await upgrade(database)
    try:
        started = time.perf_counter()
        tokens = await found(database, size)
        print(f"{size} in {time.perf_counter() - started:.0f} s, {'SQLite' if database.is_sqlite else 'PostgreSQL'}")
        if not database.is_sqlite:
            async with database.write() as tx:
                await tx.execute(sa.text("ANALYZE"))
        held = [await measure(name, Requests(database, tokens[name], size), rounds) for name in (NEAR, FAR)]
        held.append(await measure_crowd(database, rounds))
        print(f"calibration loop afterwards: {calibration_ms()} ms")
        return 0 if all(held) else 1
    finally:
        await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", metavar="URL")
    parser.add_argument("--rounds", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(asyncio.run(main(given.database or sqlite_url(Path(folder)), given.rounds)))
