"""The live directory: what a user may read, worked out once for an epoch and kept for the requests that follow."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from wenyuan.access import Visibility
from wenyuan.db.access.readable import read_epoch, read_visible
from wenyuan.db.engine import Database, ReadConnection

#: Policies kept in all (about 100 bytes each) and accounts kept.
MAX_KEPT_POLICIES: Final = 1_000_000
MAX_KEPT: Final = 10_000


class Owner(Protocol):
    """Whose a secret is."""

    @property
    def user_id(self) -> str:
        """The account."""
        ...


_Owned = TypeVar("_Owned", bound=Owner)


class Directory:
    """Implements ``wenyuan.access.VisibilityReader``.

    A kept answer counts only while the epoch is still the one it was worked out at, which every call asks the database,
    and until the next window opens or closes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, Visibility] = OrderedDict()
        self._policies = 0

    async def visibility(self, user_id: str) -> Visibility:
        """Return the policies the user may read under now, in one snapshot with the access epoch."""
        seen = await self._database.run_read(_read, user_id, self._kept.get(user_id))
        self._keep(user_id, seen)
        return seen

    async def owner(
        self, owner_of: Callable[[ReadConnection], _Owned | None]
    ) -> tuple[_Owned | None, Visibility | None]:
        """Return whom ``owner_of`` finds, and of the same snapshot what they may read, where that is kept and holds.

        A request reads both: together they take one change of threads.
        """

        def read(tx: ReadConnection) -> tuple[_Owned | None, Visibility | None]:
            owner = owner_of(tx)
            kept = None if owner is None else self._kept.get(owner.user_id)
            return owner, kept if _holds(tx, kept) else None

        owner, seen = await self._database.run_read(read)
        if owner is not None and seen is not None:
            self._keep(owner.user_id, seen)
        return owner, seen

    def _keep(self, user_id: str, seen: Visibility) -> None:
        before = self._kept.pop(user_id, None)
        if before is not None:
            self._policies -= len(before.policy_ids)
        self._kept[user_id] = seen
        self._policies += len(seen.policy_ids)
        while len(self._kept) > MAX_KEPT or (self._policies > MAX_KEPT_POLICIES and len(self._kept) > 1):
            self._policies -= len(self._kept.popitem(last=False)[1].policy_ids)


class AsRead:
    """A ``wenyuan.access.VisibilityReader`` of what the same request has read of its caller."""

    def __init__(self, user_id: str, seen: Visibility) -> None:
        self._user_id = user_id
        self._seen = seen

    async def visibility(self, user_id: str) -> Visibility:
        """Return it; raises ``ValueError`` for anybody else."""
        if user_id != self._user_id:
            raise ValueError("what somebody else may read")
        return self._seen


def _holds(tx: ReadConnection, kept: Visibility | None) -> bool:
    return kept is not None and kept.holds(time.time()) and kept.epoch == read_epoch(tx)


def _read(tx: ReadConnection, user_id: str, kept: Visibility | None) -> Visibility:
    if kept is not None and _holds(tx, kept):
        return kept
    seen = read_visible(tx, user_id)
    # What follows from the set is worked out here, beside the event loop.
    _ = (seen.digest, seen.marks)
    return seen
