"""Scopes are sealed, told apart, and refused over their limits."""

import asyncio
import copy
import pickle

import pytest

from wenyuan.access import (
    AccessScope,
    Principal,
    Visibility,
    resolve_scope,
)
from wenyuan.errors import Unauthenticated
from wenyuan.people.errors import ScopeTooLarge


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
        AccessScope(object(), "usr_1", Visibility(True, (1,), 0), scope.trail)
    with pytest.raises(AttributeError):
        scope.user_id = "usr_2"
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
