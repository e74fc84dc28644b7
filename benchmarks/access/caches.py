"""What is kept of one reader is never used for another, nor after a change, over pairs of scopes.

``python -m benchmarks.access.caches [--pairs 100000] [--seed 1]``. The one thing that is kept between requests and
depends on who reads is the directory's set of policies. Random people of random worlds ask it in turn, with changes in
between and moments before, in and after windows. Each answer must be what the database says of that very person then,
and what the oracle says; the scopes of every two that follow each other must differ in their fingerprint unless it is
the same person, state and set. Exit code 1 otherwise.
"""

import argparse
import asyncio
import random
import sys
import time
from typing import Any, Final

import time_machine

from benchmarks.access.made.papers import AtHand
from benchmarks.access.made.written import Difference, Written, fresh
from tests.oracle.worlds import MOMENTS, draw_world
from wenyuan.access import AccessScope, Principal, resolve_scope
from wenyuan.db.access import visibility
from wenyuan.db.access.readable import read_visible
from wenyuan.errors import Unauthenticated
from wenyuan.machine import machine_line

#: Questions asked of one world, and between two changes of it.
OF_ONE: Final = 400
CALM: Final = 12


async def one_world(pairs: int, draw: random.Random) -> tuple[int, int]:
    """Ask for pairs of scopes in one world; returns how many there were, and how many answers had been kept."""
    kept = before = 0
    with fresh() as tx:
        written = await Written.write(tx, draw_world(draw))
        database: Any = AtHand(tx)
        directory = visibility.Directory(database)
        last: AccessScope | None = None
        for number in range(pairs + 1):
            if number % CALM == CALM - 1:
                await written.change(draw)
            name, moment = draw.choice(sorted(written.world.people)), draw.choice(MOMENTS)
            user = written.ids["user", name]
            with time_machine.travel(moment, tick=False):
                before += 1
                seen = await directory.visibility(user)
                again = await directory.visibility(user)
                kept += again is seen
                said = read_visible(tx.sync, user, moment)
                if (seen.active, seen.ordered, seen.epoch) != (said.active, said.ordered, said.epoch):
                    raise Difference(f"{name} at {moment}: kept {seen.ordered}, stored {said.ordered}")
                told = written.told(name, moment)
                if set(seen.policy_ids) & set(written.policies) != told:
                    raise Difference(f"{name} at {moment}: kept {seen.ordered}, oracle {sorted(told)}")
                try:
                    scope = await resolve_scope(directory, Principal(user, name))
                except Unauthenticated:
                    continue
            if last is not None and last.fingerprint == scope.fingerprint and not _same(last, scope):
                raise Difference(f"{name} at {moment}: the fingerprint of another scope")
            last = scope
    return before - 1, kept


def _same(one: AccessScope, other: AccessScope) -> bool:
    return (one.user_id, one.epoch, one.policy_ids) == (other.user_id, other.epoch, other.policy_ids)


async def run(pairs: int, seed: int) -> tuple[int, int]:
    """Ask for so many pairs; raises ``Difference`` at the first that was answered with something of another."""
    draw, done, kept = random.Random(seed), 0, 0
    while done < pairs:
        count, reused = await one_world(min(OF_ONE, pairs - done), draw)
        done, kept = done + count, kept + reused
    return done, kept


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(machine_line(), flush=True)
    started = time.perf_counter()
    try:
        pairs, kept = asyncio.run(run(given.pairs, given.seed))
    except Difference as difference:
        print(f"seed {given.seed}: {difference}")
        return 1
    print(f"{pairs} pairs of scopes, {kept} answers from what was kept, 0 of another's, "
          f"{time.perf_counter() - started:.0f} s")  # fmt: skip
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
