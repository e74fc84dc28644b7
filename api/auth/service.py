"""What proving who one is needs, wired once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from api.auth.oidc.issuers import Issuers
from api.auth.passwords import Passwords
from api.auth.usage import Usage
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Database
from wenyuan.db.identity.sessions import Lifetime
from wenyuan.people.settings import IdentitySettings


@dataclass(frozen=True, slots=True)
class Auth:
    """Passwords, sessions, tokens and issuers."""

    settings: IdentitySettings
    database: Database
    directory: Directory
    passwords: Passwords
    usage: Usage
    issuers: Issuers

    @property
    def lifetime(self) -> Lifetime:
        """How long sessions last."""
        return Lifetime(self.settings.session_idle_h * 3600, self.settings.session_days * 86_400)


@contextlib.asynccontextmanager
async def open_auth(settings: IdentitySettings, database: Database, directory: Directory) -> AsyncIterator[Auth]:
    """Open it; notes of use are stored while the context lasts."""
    usage = Usage(database)
    async with Issuers(settings, database) as issuers:
        passwords = Passwords(settings.password_memory_mib, settings.password_hashes)
        storing = asyncio.create_task(usage.run_forever())
        try:
            yield Auth(settings, database, directory, passwords, usage, issuers)
        finally:
            storing.cancel()
            await asyncio.gather(storing, return_exceptions=True)
