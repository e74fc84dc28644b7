"""What reports, explanations and previews take in a company of 10,000 people, 5,000 groups and 100,000 documents.

``python -m benchmarks.access.review_speed [--rounds 3]``, on SQLite in a folder of its own. Bars on an idle machine
with two cores: an explanation 0.5 s, a page of who sees a document or of what a person sees 5 s, a preview 30 s. Exit
code 1 when one fails.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from benchmarks.access.made.company import FAR, NEAR, Size, found
from wenyuan.access import EVERYONE, AccessPolicy, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.db import tables as t
from wenyuan.db.access.review.explain import explain
from wenyuan.db.access.review.gains import change_of_members, change_of_policy
from wenyuan.db.access.review.reports import readers_explained, view_of
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.migrate import upgrade
from wenyuan.machine import machine_line
from wenyuan.people.errors import PreviewTooLarge

EXPLAIN_S: Final = 0.5
PAGE_S: Final = 5.0
PREVIEW_S: Final = 30.0
FOLDER: Final = 7
Reading = Callable[[], Awaitable[Any]]


async def measured(name: str, bar: float, rounds: int, reading: Reading) -> bool:
    """Print the median time of a reading and what it found; returns whether it holds the bar."""
    took, told = [], None
    for _ in range(rounds):
        started = time.perf_counter()
        told = await reading()
        took.append(time.perf_counter() - started)
    median = statistics.median(took)
    print(f"{name:42} {median:7.2f} s  (bar {bar:g} s)  {told}", flush=True)
    return median <= bar


async def main(rounds: int) -> bool:
    """Build the company and measure."""
    print(machine_line())
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder)))
        await upgrade(database)
        await found(database, Size())
        async with database.write() as tx:
            document = (await tx.execute(sa.select(t.documents).limit(1))).one()
        asker = await resolve_scope(Directory(database), Principal(NEAR, NEAR))
        now, run = time.time(), database.run_read

        async def why() -> bool:
            return (await run(explain, [FAR], document.policy_id, now))[FAR].allowed

        async def readers() -> str:
            total, part = await run(readers_explained, document.policy_id, now, 0, 100)
            return f"{total} people, {len(part)} explained"

        async def view() -> str:
            seen = await run(view_of, FAR, asker, now, None, "", 100)
            return f"{sum(one.documents for one in seen.spaces)} documents"

        async def folder_change() -> str:
            return told(await run(change_of_policy, FOLDER, AccessPolicy(allow=(EVERYONE,), inherits=True), 1, now))

        async def space_change() -> str:
            try:
                return told(await run(change_of_policy, 1, AccessPolicy(deny=(EVERYONE,)), None, now))
            except PreviewTooLarge as error:
                return error.code

        async def group_change() -> str:
            members = [Subject(SubjectKind.USER, f"usr_{number}") for number in range(500)]
            return told(await run(change_of_members, "grp_17", members, now))

        held = [
            await measured("explain, reader in 5,000 groups", EXPLAIN_S, rounds, why),
            await measured("who sees a document", PAGE_S, rounds, readers),
            await measured("what a person sees", PAGE_S, rounds, view),
            await measured("preview: everyone into a folder", PREVIEW_S, rounds, folder_change),
            await measured("preview: a space denied to everyone", PREVIEW_S, rounds, space_change),
            await measured("preview: 500 people into a group", PREVIEW_S, rounds, group_change),
        ]
        await database.close()
    return all(held)


def told(changes: list[Any]) -> str:
    """Return how many people a change concerns, and how many documents in all."""
    gained, lost = sum(one.gained for one in changes), sum(one.lost for one in changes)
    return f"{len(changes)} people, +{gained} -{lost}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    sys.exit(0 if asyncio.run(main(parser.parse_args().rounds)) else 1)
