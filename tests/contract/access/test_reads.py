"""Reads decide by the database as it is when they run, and trust a scope's set only while that is the same."""

import pytest
import sqlalchemy as sa
import time_machine

from wenyuan.access import EVERYONE, AccessPolicy, AccessScope, Principal, Subject, SubjectKind, Window, resolve_scope
from wenyuan.db import tables as t
from wenyuan.db.access import directory
from wenyuan.db.access.policies import create_policy, replace_policy
from wenyuan.db.access.readable import may_read, read_visible, reads_as, sought
from wenyuan.db.access.visibility import AsRead, Directory
from wenyuan.db.engine import Connection, Database

ASKED = sa.select(t.policies.c.id).where(may_read(t.policies.c.id)).order_by(t.policies.c.id)


async def readable(database: Database, scope: AccessScope) -> list[int]:
    async with database.read() as tx:
        return list(await tx.scalars(ASKED, reads_as(scope)))


async def minted(database: Database, user: directory.User) -> AccessScope:
    return await resolve_scope(Directory(database), Principal(user.id, user.name))


async def test_a_revocation_between_mint_and_read_holds(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        group = await directory.create_group(tx, "hr")
        await directory.set_members(tx, group, [Subject(SubjectKind.USER, li.id)])
        first = await create_policy(tx, AccessPolicy((Subject(SubjectKind.GROUP, group),)))
        second = await create_policy(tx, AccessPolicy((EVERYONE,)))
    scope = await minted(database, li)
    assert scope.policy_ids == (first, second)
    assert await readable(database, scope) == [first, second]
    async with database.write() as tx:
        await directory.set_members(tx, group, [])
    assert await readable(database, scope) == [second]
    async with database.write() as tx:
        await replace_policy(tx, first, AccessPolicy((EVERYONE,)))
        await replace_policy(tx, second, AccessPolicy())
    assert await readable(database, scope) == [first]
    async with database.write() as tx:
        await directory.update_user(tx, "li", active=False)
    assert await readable(database, scope) == []


async def test_while_nothing_changed_the_carried_set_decides(database: Database) -> None:
    """Proof that the set is used: a change that counts none of itself is not seen, until one is counted."""
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        policy = await create_policy(tx, AccessPolicy((EVERYONE,)))
    scope = await minted(database, li)
    async with database.write() as tx:
        await tx.execute(sa.delete(t.policy_entries))
    assert await readable(database, scope) == [policy]
    async with database.write() as tx:
        await directory.create_user(tx, "wang", "")
    assert await readable(database, scope) == []


async def test_a_kept_answer_ends_with_the_next_window(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        await directory.update_user(tx, "li", window=Window(None, 5_000.0))
        soon = await create_policy(tx, AccessPolicy((EVERYONE,), window=Window(2_000.0, 4_000.0)))
    seen = {}
    async with database.read() as tx:
        for now in (1_000.0, 1_999.0, 2_000.0, 3_999.0, 4_000.0, 5_000.0):
            seen[now] = await tx.run_sync(read_visible, li.id, now)
    assert [soon in one.policy_ids for one in seen.values()] == [False, False, True, True, False, False]
    assert [one.until for one in list(seen.values())[:5]] == [2_000.0, 2_000.0, 4_000.0, 4_000.0, 5_000.0]
    assert not seen[5_000.0].active
    assert seen[1_000.0].holds(1_999.9)
    assert not seen[1_000.0].holds(2_000.0)
    assert not seen[1_000.0].holds(999.0), "a clock set back is no reason to trust what was worked out later"


async def test_a_caller_brings_what_they_may_read_only_while_nothing_has_changed(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        policy = await create_policy(tx, AccessPolicy((EVERYONE,)))
    live, caller = Directory(database), Principal(li.id, "li")
    assert await live.owner(lambda _: None) == (None, None)
    assert await live.owner(lambda _: caller) == (caller, None), (
        "nothing is worked out for who only proves who they are"
    )
    seen = await live.visibility(li.id)
    assert await live.owner(lambda _: caller) == (caller, seen)
    assert (await resolve_scope(AsRead(li.id, seen), caller)).policy_ids == (policy,)
    with pytest.raises(ValueError, match="somebody else"):
        await resolve_scope(AsRead("another", seen), caller)
    async with database.write() as tx:
        await replace_policy(tx, policy, AccessPolicy())
    assert await live.owner(lambda _: caller) == (caller, None)


async def test_a_caller_brings_their_own_set_and_never_one_that_is_kept_of_somebody_else(database: Database) -> None:
    async with database.write() as tx:
        li, wang = [await directory.create_user(tx, name, "") for name in ("li", "wang")]
        lis, wangs = [await create_policy(tx, AccessPolicy((Subject(SubjectKind.USER, one.id),))) for one in (li, wang)]
    live, both = Directory(database), [Principal(one.id, one.name) for one in (li, wang)]
    of_li = await live.visibility(li.id)
    assert of_li.policy_ids == (lis,)
    assert await live.owner(lambda _: both[1]) == (both[1], None), "what is kept of another is nobody else's"
    of_wang = await live.visibility(wang.id)
    assert of_wang.policy_ids == (wangs,)
    assert await live.owner(lambda _: both[1]) == (both[1], of_wang)
    assert await live.owner(lambda _: both[0]) == (both[0], of_li)
    assert await live.visibility(li.id) is of_li, "to know who asks changes nothing of what is kept of others"
    assert await live.visibility(wang.id) is of_wang


async def test_a_caller_brings_nothing_when_a_window_has_opened_or_closed(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        await create_policy(tx, AccessPolicy((EVERYONE,), window=Window(2_000.0, 4_000.0)))
    live, caller = Directory(database), Principal(li.id, "li")
    for moment, later in ((1_000.0, 2_000.0), (3_000.0, 4_000.0)):
        with time_machine.travel(moment, tick=False) as clock:
            seen = await live.visibility(li.id)
            assert await live.owner(lambda _: caller) == (caller, seen)
            clock.move_to(later)
            assert await live.owner(lambda _: caller) == (caller, None)


async def test_a_damaged_chain_lets_nobody_read(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        top = await create_policy(tx, AccessPolicy(deny=(Subject(SubjectKind.USER, "usr_none"),)))
        policy = await create_policy(tx, AccessPolicy((EVERYONE,), inherits=True), top)
        plain = await create_policy(tx, AccessPolicy((EVERYONE,)))
    assert (await minted(database, li)).policy_ids == (policy, plain)
    ancestors = t.policy_ancestors
    async with database.write() as tx:
        await tx.execute(sa.delete(ancestors).where(ancestors.c.policy_id == policy, ancestors.c.ancestor_id == top))
        await directory.create_user(tx, "wang", "")
    assert (await minted(database, li)).policy_ids == (plain,)
    async with database.write() as tx:
        await tx.execute(sa.delete(ancestors).where(ancestors.c.policy_id == plain))
        await directory.create_user(tx, "zhao", "")
    assert (await minted(database, li)).policy_ids == ()


async def test_a_map_is_no_longer_than_it_has_to_be_and_an_id_beyond_it_is_none(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        first = await create_policy(tx, AccessPolicy((EVERYONE,)))
        hidden = await create_policy(tx, AccessPolicy())
    scope = await minted(database, li)
    assert len(scope.visibility.marks) == first + 1 <= hidden
    assert await readable(database, scope) == [first]
    async with database.read() as tx:
        assert list(await tx.scalars(sought(ASKED, t.policies.c.id, scope), reads_as(scope))) == [first]


async def test_five_thousand_entries_and_groups_count(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        groups = [await _group(tx, number, li.id) for number in range(20)]
        many = tuple(Subject(SubjectKind.USER, f"usr_{number}") for number in range(4_999))
        crowded = await create_policy(tx, AccessPolicy((*many, Subject(SubjectKind.GROUP, groups[-1]))))
        rows = [{"id": f"g{number}", "name": f"g{number}"} for number in range(5_000)]
        await tx.execute(sa.insert(t.groups), rows)
        members = [{"group_id": row["id"], "member_kind": "user", "member_id": li.id} for row in rows]
        await tx.execute(sa.insert(t.group_members), members)
        last = await create_policy(tx, AccessPolicy((Subject(SubjectKind.GROUP, "g4999"),)))
    seen = await Directory(database).visibility(li.id)
    assert set(seen.policy_ids) == {crowded, last}
    assert seen.memberships == 5_020


async def _group(tx: Connection, number: int, user_id: str) -> str:
    group = await directory.create_group(tx, f"n{number}")
    await directory.set_members(tx, group, [Subject(SubjectKind.USER, user_id)])
    return group
