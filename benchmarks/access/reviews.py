"""Explanations, reports and previews against the statement that decides reads, on random graphs.

``python -m benchmarks.access.reviews [--decisions 20000] [--seed 1]``. For each graph: what is explained, and what the
report of all readers says, equals what the directory says of everybody at three moments; what a preview says that
people gain and lose by a change, of documents and of parts, equals what the oracle says before it and after it was
made. Exit code 1 at a difference.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter

from benchmarks.access.made.previews import compare_preview
from benchmarks.access.made.written import Difference, Written, fresh
from tests.oracle.worlds import MOMENTS, draw_world
from wenyuan.db.access.review.explain import explain
from wenyuan.db.access.review.reports import readers_of


def compare(written: Written) -> int:
    """Compare explanations and reports with the directory; returns the number of decisions."""
    count, tx = 0, written.tx.sync
    people = [written.ids["user", name] for name in written.world.people]
    for moment in MOMENTS:
        told = {name: set(written.seen(name, moment).policy_ids) for name in written.world.people}
        for policy_id in written.policies:
            expected = {written.ids["user", name] for name, ids in told.items() if policy_id in ids}
            explained = explain(tx, [*people, "usr_nobody"], policy_id, moment)
            allowed = {one for one, why in explained.items() if why.allowed}
            listed = set(readers_of(tx, policy_id, moment)) & set(people)
            if not expected == allowed == listed:
                raise Difference(f"policy {policy_id} at {moment}: {expected}, {allowed}, {listed}")
            if any(why.allowed and why.deciding is None for why in explained.values()):
                raise Difference(f"policy {policy_id}: allowed by nothing")
            count += len(people)
    return count


async def main(decisions: int, seed: int) -> None:
    """Compare until that many decisions were equal, and print."""
    done: Counter[str] = Counter()
    while done["decisions"] < decisions:
        draw = random.Random(seed * 10_000_000 + done["graphs"])
        with fresh() as tx:
            written = await Written.write(tx, draw_world(draw))
            done["decisions"] += compare(written)
            done["people"] += await compare_preview(written, draw)
            done["decisions"] += compare(written)
        done["graphs"] += 1
    print(f"{done['graphs']} graphs, {done['decisions']} decisions, {done['people']} people in previews: all equal")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    asyncio.run(main(given.decisions, given.seed))
    sys.exit(0)
