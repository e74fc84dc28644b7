"""Explanations, reports and previews on both databases; a preview says what the change then does."""

import time

import sqlalchemy as sa

from wenyuan.access import EVERYONE, AccessPolicy, Effect, Subject, SubjectKind, Timed, Window
from wenyuan.db import tables as t
from wenyuan.db.access import directory
from wenyuan.db.access.parts import put_rules
from wenyuan.db.access.policies import create_policy, replace_policy
from wenyuan.db.access.review.explain import Reason, explain
from wenyuan.db.access.review.gains import change_of_document, change_of_members, change_of_parts, change_of_policy
from wenyuan.db.access.review.reports import readers_of
from wenyuan.db.engine import Connection, Database
from wenyuan.parts.rules import Selector


async def filed(tx: Connection, owner: str, policy_id: int) -> None:
    await tx.execute(sa.insert(t.spaces).values(id="spc", name="s", title="", policy_id=policy_id))
    row = {"space_id": "spc", "title": "", "owner_id": owner, "deleted": False, "created_at": 0.0}
    await tx.execute(sa.insert(t.documents).values(id="doc", policy_id=policy_id, **row))


async def test_what_is_explained_reported_and_previewed(database: Database) -> None:
    now = time.time()
    async with database.write() as tx:
        li, wang = [await directory.create_user(tx, name, "") for name in ("li", "wang")]
        group = await directory.create_group(tx, "hr")
        members = [Subject(SubjectKind.USER, li.id)]
        await directory.set_members(tx, group, members)
        space = await create_policy(tx, AccessPolicy((Subject(SubjectKind.GROUP, group),)))
        below = await create_policy(tx, AccessPolicy(inherits=True), space)
        await filed(tx, li.id, below)
    run = database.run_read
    assert await run(readers_of, below, now) == [li.id]
    told = await run(explain, [li.id, wang.id], below, now)
    assert [told[one].decided for one in (li.id, wang.id)] == [Reason.ENTRY_ALLOWED, Reason.ENTRY_NONE]
    both = [*members, Subject(SubjectKind.USER, wang.id)]
    assert [(one.name, one.gained) for one in await run(change_of_members, group, both, now)] == [("wang", 1)]
    denied = Timed(Effect.DENY, Subject(SubjectKind.USER, li.id), Window(now - 5, now + 500))
    policy = AccessPolicy((EVERYONE,), timed=(denied,), compartments=frozenset({"atlas"}), staff_only=True)
    assert [(one.name, one.lost) for one in await run(change_of_policy, space, policy, None, now)] == [("li", 1)]
    own = AccessPolicy((Subject(SubjectKind.USER, wang.id),), classification=1)
    said = await run(change_of_document, "doc", below, own, space, now)
    assert [(one.name, one.gained, one.lost) for one in said] == [("li", 0, 1), ("wang", 1, 0)]
    pay, other = Selector(heading=("薪酬",)), Selector(heading=("附件",))
    closed = AccessPolicy((Subject(SubjectKind.USER, wang.id),))
    said = await run(change_of_parts, "doc", below, [(pay, closed)], now)
    assert [(one.name, one.parts_lost) for one in said] == [("li", 1)]
    async with database.write() as tx:
        await put_rules(tx, "doc", below, [(pay, closed)])
    said = await run(change_of_document, "doc", below, AccessPolicy((EVERYONE,)), space, now)
    assert [(one.name, one.gained, one.partly, one.parts_gained) for one in said] == [("wang", 1, 0, 1)]
    said = await run(change_of_parts, "doc", below, [(other, AccessPolicy((EVERYONE,), inherits=True))], now)
    assert [(one.name, one.parts_gained, one.parts_lost) for one in said] == [("li", 1, 0)]
    said = await run(change_of_members, group, both, now)
    assert [(one.name, one.gained, one.partly, one.parts_gained) for one in said] == [("wang", 1, 0, 1)]
    assert [(one.name, one.lost) for one in await run(change_of_policy, space, policy, None, now)] == [("li", 1)]
    async with database.write() as tx:
        await replace_policy(tx, space, policy)
    assert await run(readers_of, below, now) == []
