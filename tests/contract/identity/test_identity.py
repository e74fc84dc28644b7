"""Sessions, failures and budgets on both databases, by many at one time."""

import asyncio
import time

import pytest

from wenyuan.db.access import directory
from wenyuan.db.engine import Database
from wenyuan.db.identity.credentials import note_failure, read_failures, take_back
from wenyuan.db.identity.sessions import MAX_SESSIONS, Lifetime, list_sessions, open_session, session_owner
from wenyuan.db.identity.spending import Limits, OverBudget, TooManyAnswers, read_spending, reserve, settle


async def attempt(database: Database, user: str, limits: Limits, tokens: int = 10, lease_s: float = 60) -> object:
    try:
        async with database.write() as tx:
            return await reserve(tx, user, f"tok_{user}", tokens, limits, lease_s)
    except (OverBudget, TooManyAnswers) as error:
        return type(error)


async def test_no_limit_is_overspent_by_many_at_one_time(database: Database) -> None:
    limits = Limits(answers=1000, user_requests=17)
    taken = await asyncio.gather(*(attempt(database, "li", limits) for _ in range(60)))
    assert taken.count(OverBudget) == 60 - 17
    limits = Limits(answers=1000, token_tokens=95)
    taken = await asyncio.gather(*(attempt(database, "han", limits) for _ in range(30)))
    assert taken.count(OverBudget) == 30 - 9
    async with database.read() as tx:
        assert await read_spending(tx, ["li", "tok_han"]) == {"li": (17, 170), "tok_han": (9, 90)}


async def test_answers_at_a_time_are_counted_until_they_end(database: Database) -> None:
    limits = Limits(answers=3)
    taken = await asyncio.gather(*(attempt(database, "li", limits) for _ in range(20)))
    running = [one for one in taken if one is not TooManyAnswers]
    assert len(running) == 3
    async with database.write() as tx:
        await settle(tx, running[0], 4)  # type: ignore[arg-type]
    assert await attempt(database, "li", limits, lease_s=-1) is not TooManyAnswers
    # The one whose process died in the meantime counts no longer.
    assert await attempt(database, "li", limits) is not TooManyAnswers
    assert await attempt(database, "li", limits) is TooManyAnswers
    assert await attempt(database, "han", limits) is not TooManyAnswers
    async with database.read() as tx:
        assert (await read_spending(tx, ["li"]))["li"] == (5, 44)


async def test_failures_are_counted_and_taken_back(database: Database) -> None:
    keys = ["pair", "address"]
    for _ in range(3):
        async with database.write() as tx:
            await note_failure(tx, keys)
    async with database.write() as tx:
        assert [seen.count for seen in await read_failures(tx, [*keys, "other"])] == [3, 3, 0]
        await take_back(tx, "pair", ["address"])
        assert [seen.count for seen in await read_failures(tx, keys)] == [0, 2]


async def test_a_user_has_so_many_sessions(database: Database) -> None:
    lifetime = Lifetime(3600, 7200)
    async with database.write() as tx:
        user = await directory.create_user(tx, "li", "")
        secrets = [
            (await open_session(tx, user.id, "password", "agent", "::1", lifetime))[1] for _ in range(MAX_SESSIONS + 2)
        ]
    async with database.read() as tx:
        listed = await list_sessions(tx, user.id, lifetime.idle_s)
    assert len(listed) == MAX_SESSIONS
    owner = await database.run_read(session_owner, secrets[-1], lifetime.idle_s)
    assert owner is not None
    assert (owner.name, owner.must_change) == ("li", False)
    assert await database.run_read(session_owner, secrets[-1], 0.0) is None
    assert await database.run_read(session_owner, secrets[-1][:-1], lifetime.idle_s) is None
    assert all(abs(one.seen_at - time.time()) < 60 for one in listed)


@pytest.mark.parametrize("kind", ["person", "service"])
async def test_an_account_knows_whose_it_is(database: Database, kind: str) -> None:
    from wenyuan.db.identity.accounts import read_account, read_kinds, set_kind

    async with database.write() as tx:
        user = await directory.create_user(tx, "crawler", "")
        await set_kind(tx, user.id, kind)
    async with database.read() as tx:
        assert (await read_kinds(tx))[user.id] == kind
    account = await database.run_read(read_account, "crawler")
    assert account is not None
    assert account.user_id == user.id
