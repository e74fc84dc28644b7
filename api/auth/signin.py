"""Signing in with a name and a password, and changing the password."""

import asyncio

from api.auth.errors import SignInRefused
from api.auth.passwords import Passwords, check_strength
from api.auth.throttle import admit, succeeded
from wenyuan.db.engine import Connection, Database
from wenyuan.db.identity.credentials import StoredPassword, read_password, renew_hash, set_password
from wenyuan.db.identity.sessions import end_sessions


async def check_password(database: Database, passwords: Passwords, name: str, password: str, address: str) -> str:
    """Return the id of the user whose name and password these are.

    Raises ``SignInRefused``, the same after the same work for every reason, ``SignInThrottled`` and ``SignInBusy``.
    """
    return (await _checked(database, passwords, name, password, address)).user_id


async def change_password(
    database: Database, passwords: Passwords, name: str, old: str, new: str, address: str, session_id: str
) -> None:
    """Change one's own password, and end one's other sessions; raises what checks of the old and the new one raise."""
    stored = await _checked(database, passwords, name, old, address)
    hashed = await checked_hash(passwords, name, new)
    async with database.write() as tx:
        await set_password(tx, stored.user_id, hashed, must_change=False)
        await end_sessions(tx, stored.user_id, keep=session_id)


async def checked_hash(passwords: Passwords, name: str, new: str) -> str:
    """Return the hash of a new password for an account; raises when it is none that is taken."""
    check_strength(new, name)
    return await passwords.hash(new)


async def give_password(tx: Connection, user_id: str, hashed: str, *, must_change: bool) -> None:
    """Set a password for somebody, and end their sessions."""
    await set_password(tx, user_id, hashed, must_change=must_change)
    await end_sessions(tx, user_id)


async def _checked(database: Database, passwords: Passwords, name: str, password: str, address: str) -> StoredPassword:
    attempt = await admit(database, name, address)
    stored = await database.run_read(read_password, name)
    right = await passwords.verify(None if stored is None else stored.hash, password)
    if attempt.later_s:
        await asyncio.sleep(attempt.later_s)
    if stored is None or not right:
        raise SignInRefused
    await succeeded(database, attempt)
    if passwords.outdated(stored.hash):
        renewed = await passwords.hash(password)
        async with database.write() as tx:
            await renew_hash(tx, stored.user_id, stored.hash, renewed)
    return stored
