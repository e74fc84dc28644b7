"""Counters that survive restarts, each raised by one statement: the first call of a name cannot race with another."""

import sqlalchemy as sa

from wenyuan.db.engine import Connection

_RAISE = sa.text(
    "INSERT INTO counters (name, value) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)


async def raise_counter(tx: Connection, name: str) -> int:
    """Add one to the counter and return its value: 1 at the first call. Its row stays locked until ``tx`` ends."""
    return int(await tx.scalar(_RAISE, {"name": name}) or 0)
