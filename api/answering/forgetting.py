"""Conversations that nobody has gone on with for long are deleted."""

import asyncio
import time
from typing import Final

import structlog

from wenyuan.audit.errors import AuditUnavailable
from wenyuan.db.conversations.store import forget_conversations
from wenyuan.db.engine import Database, StoreError
from wenyuan.db.vault.shredding import destroy_keys
from wenyuan.errors import TransientError
from wenyuan.ports import AuditLog

DAY_S: Final = 86_400.0
log = structlog.get_logger(__name__)


async def forget_daily(database: Database, audit: AuditLog, days: int) -> None:
    """Delete what is older at once and every day until cancelled; what fails is tried again a day later."""
    while True:
        try:
            async with database.write() as tx:
                forgotten = await forget_conversations(tx, time.time() - days * DAY_S)
            if forgotten:
                await destroy_keys(database, audit, forgotten, "")
                await database.shred()
                log.info("conversations.forgotten", count=len(forgotten))
        except (StoreError, TransientError, AuditUnavailable, OSError):
            log.exception("conversations.forget_failed")
        await asyncio.sleep(DAY_S)
