"""Explanations, reports and previews against the statement that decides reads, on random graphs.

``python -m benchmarks.access.reviews [--decisions 20000] [--seed 1]``. For each graph: what is explained, and what the
report of all readers says, equals what the directory says of everybody at three moments; what a preview says that
people gain and lose by a change equals what the directory says before it and after it was made. Exit code 1 at a
difference.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from typing import Any

import sqlalchemy as sa

from benchmarks.access.made.written import Difference, Written, fresh
from tests.oracle.worlds import MOMENTS, NOW, draw_rule, draw_world
from wenyuan.access import AccessPolicy, Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access import directory
from wenyuan.db.access.policies import create_policy, replace_policy
from wenyuan.db.access.review.explain import explain
from wenyuan.db.access.review.gains import Change, change_of_document, change_of_members, change_of_policy
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


async def compare_preview(written: Written, draw: random.Random) -> int:
    """Preview a change, make it, and compare; returns the number of people compared."""
    await _file(written, draw)
    change = draw.choice((_policy, _document, _members))
    before = _held(written)
    said = await change(written, draw)
    after = _held(written)
    found = {one.user_id: (one.gained, one.lost) for one in said}
    expected = {}
    for user_id, documents in before.items():
        gained, lost = len(after[user_id] - documents), len(documents - after[user_id])
        if gained or lost:
            expected[user_id] = (gained, lost)
    if {one: found[one] for one in found.keys() & before.keys()} != expected:
        raise Difference(f"{change.__name__}: previewed {found}, came {expected}")
    return len(before)


async def _file(written: Written, draw: random.Random) -> None:
    """Let documents refer to the policies: none, one or two to each."""
    tx, number = written.tx, written.policies[0]
    user = next(iter(written.ids.values()))
    await tx.execute(sa.insert(t.spaces).values(id=f"spc_{number}", name=f"s{number}", title="", policy_id=number))
    rows = [
        {
            "id": f"doc_{policy_id}_{copy}",
            "space_id": f"spc_{number}",
            "title": "",
            "owner_id": user,
            "policy_id": policy_id,
            "deleted": draw.random() < 0.1,
            "created_at": 0.0,
        }
        for policy_id in written.policies
        for copy in range(draw.randint(0, 2))
    ]
    if rows:
        await tx.execute(sa.insert(t.documents), rows)


def _held(written: Written) -> dict[str, set[str]]:
    """Return the documents that everybody of the world may read now."""
    document = t.documents
    rows = written.tx.sync.execute(sa.select(document).where(document.c.deleted.is_(False))).all()
    held = {}
    for name in written.world.people:
        visible = set(written.seen(name, NOW).policy_ids)
        held[written.ids["user", name]] = {row.id for row in rows if row.policy_id in visible}
    return held


def _drawn(written: Written, draw: random.Random, number: int) -> AccessPolicy:
    names = {kind: [name for one, name in written.ids if one == kind] for kind in ("user", "group", "department")}
    roles = sorted(set().union(*(one.roles for one in written.world.people.values())) or {"none"})
    return written.policy(draw_rule(draw, names | {"role": roles, "everyone": [""]}, number))


async def _policy(written: Written, draw: random.Random) -> list[Change]:
    number = draw.randrange(len(written.policies))
    policy_id, policy = written.policies[number], _drawn(written, draw, number)
    above = written.above(written.world.rules[number])
    said = change_of_policy(written.tx.sync, policy_id, policy, above, NOW)
    await replace_policy(written.tx, policy_id, policy)
    return said


async def _document(written: Written, draw: random.Random) -> list[Change]:
    row = written.tx.sync.execute(sa.select(t.documents).where(t.documents.c.deleted.is_(False))).first()
    if row is None:
        return []
    above = draw.choice(written.policies)
    policy = None if draw.random() < 0.3 else _drawn(written, draw, written.policies.index(above) + 1)
    said = change_of_document(written.tx.sync, row.id, row.policy_id, policy, above, NOW)
    now = above if policy is None else await create_policy(written.tx, policy, above)
    await written.tx.execute(sa.update(t.documents).where(t.documents.c.id == row.id).values(policy_id=now))
    return said


async def _members(written: Written, draw: random.Random) -> list[Change]:
    groups = [name for kind, name in written.ids if kind == "group"]
    members: list[Any] = [("user", one) for one in written.world.people if draw.random() < 0.5]
    members += [("group", one) for one in groups if draw.random() < 0.2]
    group_id = written.ids["group", draw.choice(groups)]
    subjects = [Subject(SubjectKind(kind), written.ids[kind, name]) for kind, name in members]
    said = change_of_members(written.tx.sync, group_id, subjects, NOW)
    await directory.set_members(written.tx, group_id, subjects)
    return said


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
