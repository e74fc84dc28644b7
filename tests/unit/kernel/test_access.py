"""Scopes are sealed, and policies mean what an independent evaluator says they mean."""

import asyncio
import copy
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wenyuan.access import (
    EVERYONE,
    AccessPolicy,
    AccessScope,
    Classification,
    Principal,
    Subject,
    SubjectKind,
    Visibility,
    resolve_scope,
)
from wenyuan.db.access import directory
from wenyuan.db.access.policies import create_policy
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.migrate import upgrade
from wenyuan.errors import ScopeTooLarge, Unauthenticated

USERS, GROUPS = 4, 5


class Said:
    """A directory that says what it is told."""

    def __init__(self, said: Visibility) -> None:
        self.said = said

    async def visibility(self, user_id: str) -> Visibility:
        return self.said


async def mint(*policy_ids: int) -> AccessScope:
    return await resolve_scope(Said(Visibility(True, policy_ids, 7)), Principal("usr_1", "li"))


def test_a_scope_cannot_be_built_copied_changed_or_subclassed() -> None:
    scope = asyncio.run(mint(3, 1))
    assert scope.policy_ids == (1, 3)
    with pytest.raises(TypeError):
        AccessScope(object(), "usr_1", (1,), 0)
    with pytest.raises(AttributeError):
        scope.policy_ids = (1, 2, 3)
    with pytest.raises(TypeError):
        pickle.dumps(scope)
    with pytest.raises(TypeError):
        copy.copy(scope)


def test_the_fingerprint_tells_scopes_apart() -> None:
    first, second = asyncio.run(mint(1, 2)), asyncio.run(mint(1))
    assert first.fingerprint != second.fingerprint
    assert first.fingerprint == asyncio.run(mint(2, 1)).fingerprint


def test_a_disabled_account_has_no_scope_and_too_many_policies_are_refused() -> None:
    with pytest.raises(Unauthenticated):
        asyncio.run(resolve_scope(Said(Visibility(False, (), 0)), Principal("usr_1", "li")))
    with pytest.raises(ScopeTooLarge):
        asyncio.run(mint(*range(100_001)))


@dataclass(frozen=True)
class World:
    """A directory and policies, by number: users 0.., groups 0.., members as (kind, number)."""

    active: tuple[bool, ...]
    clearance: tuple[int, ...]
    members: tuple[frozenset[tuple[str, int]], ...]
    policies: tuple[tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]], int], ...]


def oracle(world: World, user: int) -> set[int]:
    """Say slowly which policies let the user read: walk up the groups until nothing is new."""
    if not world.active[user]:
        return set()
    mine = {("user", user), ("everyone", 0)}
    while True:
        more = {("group", number) for number, members in enumerate(world.members) if members & mine} - mine
        if not more:
            break
        mine |= more
    return {
        number
        for number, (allow, deny, level) in enumerate(world.policies)
        if allow & mine and not deny & mine and world.clearance[user] >= level
    }


_PEOPLE = [("user", number) for number in range(USERS)] + [("group", number) for number in range(GROUPS)]
_MEMBERS = st.frozensets(st.sampled_from(_PEOPLE), max_size=4)
_SUBJECTS = st.sampled_from([*_PEOPLE, ("everyone", 0)])
_WORLDS = st.builds(
    World,
    active=st.tuples(*[st.booleans()] * USERS),
    clearance=st.tuples(*[st.integers(0, 3)] * USERS),
    members=st.tuples(*[_MEMBERS] * GROUPS),
    policies=st.lists(
        st.tuples(st.frozensets(_SUBJECTS, max_size=3), st.frozensets(_SUBJECTS, max_size=2), st.integers(0, 3)),
        min_size=1,
        max_size=5,
    ).map(tuple),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("policies")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_WORLDS)
def test_sql_and_oracle_agree_on_random_directories(folder: Path, world: World) -> None:
    """Nesting, cycles, denies and classifications included."""
    seen, ids = asyncio.run(_ask_sql(folder, world))
    for user in range(USERS):
        assert {ids.index(policy) for policy in seen[user]} == oracle(world, user)


async def _ask_sql(folder: Path, world: World) -> tuple[list[tuple[int, ...]], list[int]]:
    database = Database(sqlite_url(folder))
    await upgrade(database)
    try:
        async with database.write() as tx:
            mark = str((await tx.exec_driver_sql("SELECT count(*) FROM users")).scalar_one())
            users = [await directory.create_user(tx, f"u{n}-{mark}", "") for n in range(USERS)]
            groups = [await directory.create_group(tx, f"g{n}-{mark}") for n in range(GROUPS)]

            def subject(named: tuple[str, int]) -> Subject:
                kind, number = named
                if kind == "everyone":
                    return EVERYONE
                return Subject(SubjectKind(kind), users[number].id if kind == "user" else groups[number])

            for user, active, clearance in zip(users, world.active, world.clearance, strict=True):
                await directory.update_user(tx, user.name, active=active, clearance=clearance)
            for group, members in zip(groups, world.members, strict=True):
                await directory.set_members(tx, group, [subject(member) for member in members])
            ids = [
                await create_policy(
                    tx, AccessPolicy(tuple(map(subject, allow)), tuple(map(subject, deny)), Classification(level))
                )
                for allow, deny, level in world.policies
            ]
        live = directory.Directory(database)
        mine = [(await live.visibility(user.id)).policy_ids for user in users]
        return [tuple(policy for policy in seen if policy in ids) for seen in mine], ids
    finally:
        await database.close()
