"""What a policy says is replaced as a whole, and what stands above it is written anew for all that stand below it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.access.made.written import fresh
from wenyuan.access import EVERYONE, AccessPolicy, Effect, Subject, SubjectKind, Timed, Window
from wenyuan.db import tables as t
from wenyuan.db.access import directory, readable
from wenyuan.db.access.policies import MAX_CHAIN, create_policy, move_policy, read_policy, replace_policy
from wenyuan.people.errors import PolicyInvalid

BELOW = AccessPolicy(inherits=True)
ALL = AccessPolicy((EVERYONE,))


@pytest.fixture
async def tx() -> AsyncIterator[Any]:
    with fresh() as opened:
        yield opened


async def above(tx: Any, policy_id: int) -> set[int]:
    up = t.policy_ancestors
    return set(await tx.scalars(sa.select(up.c.ancestor_id).where(up.c.policy_id == policy_id)))


async def test_a_replaced_policy_says_nothing_of_what_it_said(tx: Any) -> None:
    allowed, refused = [
        Subject(SubjectKind.USER, (await directory.create_user(tx, name, "")).id) for name in ("li", "wang")
    ]
    timed = Timed(Effect.ALLOW, Subject(SubjectKind.ROLE, "engineer"), Window(None, 9e9))
    policy = await create_policy(
        tx, AccessPolicy((EVERYONE, allowed), (refused,), timed=(timed,), compartments=frozenset({"atlas"}))
    )
    assert set((await read_policy(tx, policy)).allow) == {EVERYONE, allowed}
    wanted = AccessPolicy((allowed,), compartments=frozenset({"borealis"}))
    await replace_policy(tx, policy, wanted)
    assert await read_policy(tx, policy) == wanted
    for one in (allowed, refused):
        assert readable.read_visible(tx.sync, one.id).policy_ids == (), "the compartment that is asked now"
    await replace_policy(tx, policy, AccessPolicy((allowed,)))
    assert readable.read_visible(tx.sync, allowed.id).policy_ids == (policy,)
    assert readable.read_visible(tx.sync, refused.id).policy_ids == (), "everyone stood in what was replaced"


async def test_a_moved_policy_takes_those_below_along(tx: Any) -> None:
    li = await directory.create_user(tx, "li", "")
    here, there = await create_policy(tx, ALL), await create_policy(tx, AccessPolicy())
    folder = await create_policy(tx, BELOW, here)
    inner = await create_policy(tx, BELOW, folder)
    apart = await create_policy(tx, AccessPolicy((EVERYONE,)), folder)
    document = await create_policy(tx, BELOW, inner)
    of_apart = await create_policy(tx, BELOW, apart)
    assert await above(tx, document) == {document, inner, folder, here}
    assert readable.read_visible(tx.sync, li.id).ordered == (here, folder, inner, apart, document, of_apart)
    await move_policy(tx, folder, there)
    assert await above(tx, document) == {document, inner, folder, there}
    assert await above(tx, inner) == {inner, folder, there}
    assert await above(tx, of_apart) == {of_apart, apart}, "one that stands for itself follows nobody"
    assert readable.read_visible(tx.sync, li.id).ordered == (here, apart, of_apart)
    await move_policy(tx, folder, here)
    assert document in readable.read_visible(tx.sync, li.id).policy_ids


async def test_a_policy_that_begins_or_ceases_to_inherit_takes_those_below_along(tx: Any) -> None:
    top = await create_policy(tx, ALL)
    folder = await create_policy(tx, AccessPolicy(), top)
    document = await create_policy(tx, BELOW, folder)
    assert await above(tx, document) == {document, folder}
    await replace_policy(tx, folder, BELOW)
    assert await above(tx, document) == {document, folder, top}
    await replace_policy(tx, folder, AccessPolicy())
    assert await above(tx, document) == {document, folder}


async def test_a_ring_or_too_long_a_chain_is_refused_for_what_stands_below_too(tx: Any) -> None:
    top = await create_policy(tx, ALL)
    chain = [await create_policy(tx, BELOW, top)]
    for _ in range(MAX_CHAIN - 2):
        chain.append(await create_policy(tx, BELOW, chain[-1]))
    assert len(await above(tx, chain[-1])) == MAX_CHAIN
    with pytest.raises(PolicyInvalid):
        await create_policy(tx, BELOW, chain[-1])
    with pytest.raises(PolicyInvalid):
        await move_policy(tx, chain[0], chain[-1])
    longer = await create_policy(tx, BELOW, await create_policy(tx, ALL))
    with pytest.raises(PolicyInvalid):
        await move_policy(tx, chain[0], longer)
