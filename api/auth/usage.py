"""When tokens and sessions were last used: noted in memory by each request, stored every so often.

A request must not wait for a write to say that it was made. A process that dies forgets the notes of its last seconds.
"""

import asyncio
import contextlib
import time
from typing import Final

import structlog

from wenyuan.db.access.tokens import note_token_use
from wenyuan.db.engine import Database
from wenyuan.db.identity.sessions import note_session_use

EVERY_S: Final = 30.0
log = structlog.get_logger(__name__)


class Usage:
    """Notes of what was used since they were last stored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokens: dict[str, float] = {}
        self._sessions: dict[str, float] = {}

    def note(self, token_id: str, session_id: str) -> None:
        """Note the use of a token or of a session."""
        if token_id:
            self._tokens[token_id] = time.time()
        elif session_id:
            self._sessions[session_id] = time.time()

    async def store(self) -> None:
        """Write the notes down."""
        tokens, self._tokens = self._tokens, {}
        sessions, self._sessions = self._sessions, {}
        if not tokens and not sessions:
            return
        async with self._database.write() as tx:
            if tokens:
                await note_token_use(tx, tokens)
            if sessions:
                await note_session_use(tx, sessions)

    async def run_forever(self) -> None:
        """Store the notes now and then, and what is left when cancelled."""
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                try:
                    await self.store()
                except Exception as error:
                    log.exception("usage.not_stored", error=type(error).__name__)
        finally:
            with contextlib.suppress(Exception):
                await asyncio.shield(self.store())
