"""What the vault needs beside requests: older rows sealed, keys of what is no more destroyed."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from wenyuan.db.engine import Database, StoreError
from wenyuan.db.vault.backlog import seal_backlog
from wenyuan.db.vault.shredding import destroy_strays
from wenyuan.errors import WenyuanError
from wenyuan.ports import AuditLog
from wenyuan.vault.errors import KeyDestroyed
from wenyuan.vault.stored import StoredFiles

DAY_S: Final = 86_400.0
_AGAIN_S: Final = 60.0
log = structlog.get_logger(__name__)


async def keep_vault(database: Database, audit: AuditLog, stored: StoredFiles, files: Path) -> None:
    """Seal what is not sealed yet, then look for stray keys every day, until cancelled; what fails is tried again.

    ``files``: the folder of stored files, which ``stored`` seals.
    """
    pause = 0.0
    while True:
        await asyncio.sleep(pause)
        try:
            if sealed := await seal_backlog(database, partial(_seal_files, stored, files)):
                log.info("vault.sealed", items=sealed)
            if strays := await destroy_strays(database, audit):
                log.info("vault.strays_destroyed", keys=strays)
            pause = DAY_S
        except (StoreError, WenyuanError, OSError):
            log.exception("vault.upkeep_failed")
            pause = _AGAIN_S


def _seal_files(stored: StoredFiles, files: Path) -> int:
    """Seal the files of all documents that are not sealed yet; returns how many. One that goes meanwhile is no loss."""
    sealed = 0
    for path in sorted(path for path in files.glob("*/*") if not path.parent.name.startswith(".")):
        with contextlib.suppress(FileNotFoundError, KeyDestroyed):
            sealed += stored.seal_old(path)
    return sealed
