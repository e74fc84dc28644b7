"""What an answer may take of its user's budget, set aside before it is made and settled when it has been given."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import structlog

from wenyuan.access import Principal
from wenyuan.db.engine import Database
from wenyuan.db.identity.spending import Limits, reserve, settle
from wenyuan.settings import Settings

#: Beyond the time that a model may take, for all that is done before and after.
GRACE_S: Final = 120.0
log = structlog.get_logger(__name__)


class Spending:
    """What one answer takes: nothing before :meth:`begin`, then all that was set aside, until :meth:`took`."""

    def __init__(self, reserved: int) -> None:
        self.reserved = reserved
        self.tokens = 0

    def begin(self) -> None:
        """Say that a model may be asked from here on."""
        self.tokens = self.reserved

    def took(self, tokens: int) -> None:
        """Say how many model tokens it really took."""
        self.tokens = min(tokens, self.reserved)


async def spend(database: Database, settings: Settings, caller: Principal) -> AsyncIterator[Spending]:
    """Yield while an answer is made for the caller; raises ``OverBudget`` or ``TooManyAnswers`` before it begins.

    What it could take at most is set aside: the evidence that may be packed, and the longest answer of any model.
    """
    limits = Limits(**settings.budget.model_dump())
    spending = Spending(settings.packing_tokens + settings.generation.most_tokens)
    async with database.write() as tx:
        lease_s = settings.generation.total_s + GRACE_S
        reservation = await reserve(tx, caller.user_id, caller.token_id, spending.reserved, limits, lease_s)

    async def end() -> None:
        try:
            async with database.write() as tx:
                await settle(tx, reservation, spending.tokens)
        except Exception as error:
            log.exception("budget.not_settled", error=type(error).__name__)  # it counts in full until its lease ends

    try:
        yield spending
    finally:
        await asyncio.shield(end())  # also when the client has gone
