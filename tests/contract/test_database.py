"""The schema and the access statements, on both databases."""

import asyncio

from wenyuan.access import EVERYONE, AccessPolicy, Classification, Subject, SubjectKind
from wenyuan.db.access import directory
from wenyuan.db.access.policies import create_policy, replace_policy
from wenyuan.db.access.tokens import issue_token, list_tokens, revoke_token, token_owner
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Connection, Database
from wenyuan.db.migrate import differences, upgrade


async def test_the_migrated_schema_is_the_schema_of_the_code(database: Database) -> None:
    await upgrade(database)
    assert await differences(database) == []


async def test_nested_groups_deny_and_clearance_decide(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "", clearance=1)
        outer, inner, loop = [await directory.create_group(tx, name) for name in ("outer", "inner", "loop")]
        await directory.set_members(tx, outer, [Subject(SubjectKind.GROUP, inner)])
        await directory.set_members(tx, inner, [Subject(SubjectKind.USER, li.id), Subject(SubjectKind.GROUP, loop)])
        await directory.set_members(tx, loop, [Subject(SubjectKind.GROUP, outer)])
        through_groups = await create_policy(tx, AccessPolicy((Subject(SubjectKind.GROUP, outer),)))
        denied = await create_policy(tx, AccessPolicy((EVERYONE,), (Subject(SubjectKind.GROUP, inner),)))
        secret = await create_policy(tx, AccessPolicy((EVERYONE,), classification=Classification.SECRET))
        nobody = await create_policy(tx, AccessPolicy())
        public = await create_policy(tx, AccessPolicy((EVERYONE,)))
    live = Directory(database)
    before = await live.visibility(li.id)
    assert set(before.policy_ids) == {through_groups, public}
    assert not {denied, secret, nobody} & set(before.policy_ids)
    async with database.write() as tx:
        await directory.set_members(tx, inner, [])
        await replace_policy(tx, public, AccessPolicy())
    after = await live.visibility(li.id)
    assert set(after.policy_ids) == {denied}
    assert after.epoch > before.epoch
    async with database.write() as tx:
        await directory.update_user(tx, "li", active=False)
    ended = await live.visibility(li.id)
    assert not ended.active
    assert not ended.policy_ids
    assert not (await live.visibility("usr_nobody")).active


async def test_tokens_are_stored_as_hashes_and_end_at_once(database: Database) -> None:
    async with database.write() as tx:
        li = await directory.create_user(tx, "li", "")
        token_id, secret = await issue_token(tx, li.id, "laptop", 1)
        _, expired = await issue_token(tx, li.id, "old", -1)
    owner = await database.run_read(token_owner, secret)
    assert owner is not None
    assert (owner.user_id, owner.token_id) == (li.id, token_id)
    assert await database.run_read(token_owner, expired) is None
    assert await database.run_read(token_owner, secret[:-1]) is None
    async with database.read() as tx:
        assert secret not in repr(await list_tokens(tx))
    async with database.write() as tx:
        assert await revoke_token(tx, token_id)
        assert not await revoke_token(tx, token_id)
    assert await database.run_read(token_owner, secret) is None


async def test_writes_from_many_tasks_are_all_kept(database: Database) -> None:
    async def add(number: int) -> None:
        async with database.write() as tx:
            await _count(tx)
            await directory.create_user(tx, f"u{number}", "")

    await asyncio.gather(*(add(number) for number in range(30)))
    async with database.read() as tx:
        assert await _count(tx) == 30


async def _count(tx: Connection) -> int:
    return len(await directory.list_users(tx))
