"""How the syncs of directories stand, and one sync as one transaction."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.access.provisioning.state import load_known
from wenyuan.db.access.provisioning.write import write_plan
from wenyuan.db.engine import Connection
from wenyuan.errors import WenyuanError
from wenyuan.people.entries import DirectoryState
from wenyuan.people.reconcile import Plan, reconcile, require_safe


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Where the next sync goes on, and what the last one did (``report``), would do, or failed with."""

    name: str
    cursor: str = ""
    synced_at: float | None = None
    complete_at: float | None = None
    tried_at: float | None = None
    error_code: str | None = None
    error_params: Mapping[str, str | int | float] | None = None
    report: Mapping[str, Any] | None = None


async def read_status(tx: Connection, name: str) -> SyncStatus:
    """Return how a directory stands; one that was never synced has nothing but its name."""
    row = (await tx.execute(sa.select(t.directory_syncs).where(t.directory_syncs.c.name == name))).one_or_none()
    if row is None:
        return SyncStatus(name)
    return SyncStatus(
        name=row.name,
        cursor=row.cursor or "",
        synced_at=row.synced_at,
        complete_at=row.complete_at,
        tried_at=row.tried_at,
        error_code=row.error_code,
        error_params=row.error_params,
        report=row.report,
    )


async def store_status(tx: Connection, name: str, **values: Any) -> None:
    """Store columns of how a directory stands."""
    done = await tx.execute(sa.update(t.directory_syncs).where(t.directory_syncs.c.name == name).values(**values))
    if done.rowcount == 0:
        await tx.execute(sa.insert(t.directory_syncs).values(name=name, **values))


async def store_failure(tx: Connection, name: str, error: WenyuanError, *, ended: bool) -> None:
    """Show why a sync failed; what it provided before stays. ``ended``: the next one waits for its interval."""
    values: dict[str, Any] = {"error_code": error.code, "error_params": dict(error.params)}
    if ended:
        values["tried_at"] = time.time()
    await store_status(tx, name, **values)


async def apply_state(
    tx: Connection, name: str, state: DirectoryState, *, adopt: bool, share: float, confirmed: int
) -> Plan:
    """Make accounts, groups and departments what a directory says, in the caller's transaction; returns what was done.

    Raises ``DirectorySafetyStop`` before anything is written.
    """
    known = await load_known(tx, name, adopt=adopt)
    plan = reconcile(known, state)
    require_safe(known, plan, share, confirmed)
    await write_plan(tx, name, known, plan)
    return plan


async def plan_state(tx: Connection, name: str, state: DirectoryState, *, adopt: bool) -> Plan:
    """Return what ``apply_state`` would do; nothing is written."""
    return reconcile(await load_known(tx, name, adopt=adopt), state)
