"""What a process does again and again beside its jobs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def make_rounds(once: Callable[[], Awaitable[object]], pause_s: float, failed: str) -> None:
    """Call ``once`` and sleep, until cancelled; what fails is logged as ``failed`` and tried again after the pause."""
    while True:
        try:
            await once()
        except Exception:
            log.exception(failed)
        await asyncio.sleep(pause_s)
