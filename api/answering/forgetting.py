"""Conversations that nobody has gone on with for long are deleted."""

import asyncio
import time
from typing import Final

import structlog

from wenyuan.db.conversations.store import forget_conversations
from wenyuan.db.engine import Database, StoreError
from wenyuan.errors import TransientError

DAY_S: Final = 86_400.0
log = structlog.get_logger(__name__)


async def forget_daily(database: Database, days: int) -> None:
    """Delete what is older at once and every day until cancelled; what fails is tried again a day later."""
    while True:
        try:
            async with database.write() as tx:
                forgotten = await forget_conversations(tx, time.time() - days * DAY_S)
            if forgotten:
                await database.shred()
                log.info("conversations.forgotten", count=forgotten)
        except (StoreError, TransientError, OSError):
            log.exception("conversations.forget_failed")
        await asyncio.sleep(DAY_S)
