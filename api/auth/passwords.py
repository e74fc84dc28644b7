"""Passwords: which are taken, how they are hashed, and never more at a time than memory allows.

Argon2id with three passes and four lanes over 64 MiB (the second choice of RFC 9106) unless the settings give another
size. A check against nothing costs what a check against a hash costs.
"""

import asyncio
import base64
import re
import secrets
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from api.auth.errors import PasswordTooCommon, PasswordTooLong, PasswordTooShort, SignInBusy

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")
LEAST_CHARS: Final = 12
LEAST_DISTINCT: Final = 5
MOST_CHARS: Final = 256
PASSES: Final = 3
LANES: Final = 4
HASH_BYTES: Final = 32
SALT_BYTES: Final = 16
#: Checks that wait for each one that runs; beyond them a request is refused at once.
WAITING: Final = 32

# What passwords of twelve characters and more are commonly built from: with it and what stands before and behind it
# taken away, too little is left to guess.
_COMMON: Final = (
    "administrator", "letmein", "welcome", "password", "passwort", "passw0rd", "p@ssw0rd", "pa55word", "iloveyou",
    "changeme", "default", "football", "baseball", "princess", "sunshine", "superman", "dragon", "monkey", "master",
    "secret", "company", "wenyuan", "admin", "login", "guest", "test", "root", "user", "woaini", "mima", "qwerty",
    "asdf", "zxcv", "abc", "aaa", "1q2w3e4r", "1qaz2wsx", "q1w2e3r4", "zaq1", "xsw2", "5201314", "1314520",
)  # fmt: skip
_ROWS: Final = (
    "01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm",
)  # fmt: skip
_LEFT_OVER: Final = 6


class Passwords:
    """Hashes and checks passwords on threads, ``at_once`` of them with ``memory_mib`` each."""

    def __init__(self, memory_mib: int, at_once: int) -> None:
        self._memory_kib = memory_mib * 1024
        self._slots = asyncio.Semaphore(at_once)
        self._queue = asyncio.Semaphore(at_once * (WAITING + 1))

    async def hash(self, password: str) -> str:
        """Return a hash with its parameters and a new salt; raises ``SignInBusy``."""
        return await self._run(self._hasher().hash, canonical(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Return whether the password belongs to the hash; without one, False for the same price."""
        against = hashed or self._nobody()
        return await self._run(self._matches, against, canonical(password)) and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Return whether a hash was made with other parameters than the present ones."""
        return self._hasher().check_needs_rehash(hashed)

    async def _run(self, call: Callable[..., T], *args: str) -> T:
        if self._queue.locked():
            raise SignInBusy(retry_after_s=2)
        async with self._queue, self._slots:
            return await asyncio.shield(asyncio.to_thread(call, *args))

    def _matches(self, hashed: str, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return self._hasher().verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher

        return PasswordHasher(PASSES, self._memory_kib, LANES, HASH_BYTES, SALT_BYTES)

    def _nobody(self) -> str:
        """Return a hash that no password has."""
        salt, digest = (
            base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (SALT_BYTES, HASH_BYTES)
        )
        return f"$argon2id$v=19$m={self._memory_kib},t={PASSES},p={LANES}${salt}${digest}"


def canonical(password: str) -> str:
    """Return a password as it is hashed: however the keyboard composed it, and never longer than is taken."""
    return unicodedata.normalize("NFKC", password)[: MOST_CHARS * 4]


def check_strength(password: str, name: str) -> None:
    """Raise when a new password is too short, too long, or among those that are guessed first."""
    text = canonical(password)
    if len(password) > MOST_CHARS:
        raise PasswordTooLong(most=MOST_CHARS)
    if len(text) < LEAST_CHARS or len(set(text)) < LEAST_DISTINCT:
        raise PasswordTooShort(least=LEAST_CHARS, distinct=LEAST_DISTINCT)
    plain = re.sub(r"[\W_]", "", text.casefold())
    for word in (re.sub(r"[\W_]", "", name.casefold()), *sorted(_COMMON, key=len, reverse=True)):
        if len(word) > 2:
            plain = plain.replace(word, "")
    plain = re.sub(r"(?:19|20)\d\d", "", _without_rows(plain))
    if len(plain) < _LEFT_OVER or len(set(plain)) < LEAST_DISTINCT - 1:
        raise PasswordTooCommon


def _without_rows(text: str) -> str:
    """Return the text without pieces of four and more characters in a row of the keyboard or the alphabet."""
    kept = ""
    while text:
        run = next((size for size in range(len(text), 3, -1) if any(text[:size] in row for row in _ROWS)), 0)
        kept += "" if run else text[0]
        text = text[run or 1 :]
    return kept
