"""What the platforms' interfaces have in common: a token that expires, codes inside of answers, limits of rate."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wenyuan.outbound import Guard, guarded_async_client
from wenyuan.people.errors import DirectoryMalformed, DirectoryRefused, DirectoryTooLarge, DirectoryUnreachable
from wenyuan.text import one_line

_EARLY_S: Final = 60.0
"""A token is asked for anew this long before it expires."""
_PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
_MAX_ANSWER: Final = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Codes:
    """How a platform says what went wrong: name of the code, and codes by meaning."""

    name: str
    expired: frozenset[int]
    busy: frozenset[int]
    denied: frozenset[int]


Json = Mapping[str, Any]
#: Asks for a token and returns it with its life in seconds.
Login = Callable[["Line"], Awaitable[tuple[str, float]]]


class Line:
    """Calls one platform; every call that needs a token carries one that is still good."""

    def __init__(
        self, url: str, codes: Codes, login: Login, timeout_s: float, pauses_s: tuple[float, ...] = _PAUSES_S
    ) -> None:
        self._codes = codes
        self._login = login
        self._pauses_s = pauses_s
        self._token: tuple[str, float] | None = None
        self._http = guarded_async_client(Guard.for_endpoint(url), base_url=url, timeout=timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def authorised(
        self, method: str, path: str, carry: Callable[[str], dict[str, Any]], *, params: Json | None = None, **body: Any
    ) -> Json:
        """Call with a token, placed by ``carry`` as options of the request; a token that expired is replaced once."""
        for again in (False, True):
            options = carry(await self.token(anew=again))
            merged = {**(params or {}), **options.pop("params", {})}
            answer = await self.call(method, path, params=merged, **options, **body)
            if self._code(answer) not in self._codes.expired:
                return self._good(answer)
        raise DirectoryRefused(reason="token")

    async def call(self, method: str, path: str, **options: Any) -> Json:
        """Return an answer whose code is good or says that the token expired; waits where the platform asks for it."""
        for pause in (*self._pauses_s, None):
            answer = await self._once(method, path, **options)
            if answer is not None and self._code(answer) not in self._codes.busy:
                return answer
            if pause is not None:
                await asyncio.sleep(pause)
        raise DirectoryUnreachable(reason="rate")

    def require(self, answer: Json) -> Json:
        """Return the answer if its code is good."""
        return self._good(answer)

    async def token(self, *, anew: bool) -> str:
        """Return a token that holds for a while."""
        if self._token is None or anew or self._token[1] <= time.monotonic():
            token, life = await self._login(self)
            self._token = token, time.monotonic() + max(life - _EARLY_S, 1.0)
        return self._token[0]

    async def _once(self, method: str, path: str, **options: Any) -> Json | None:
        """Return the answer, None where the platform asks to come back later."""
        import httpx

        try:
            response = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise DirectoryUnreachable(reason=type(error).__name__) from None
        if response.status_code == 429:
            return None
        if response.status_code >= 500:
            raise DirectoryUnreachable(reason=f"HTTP {response.status_code}")
        if len(response.content) > _MAX_ANSWER:
            raise DirectoryMalformed(reason="size")
        try:
            answer = response.json()
        except ValueError:
            raise DirectoryMalformed(reason=f"HTTP {response.status_code}") from None
        if not isinstance(answer, Mapping):
            raise DirectoryMalformed(reason="JSON")
        return answer

    def _code(self, answer: Json) -> int:
        code = answer.get(self._codes.name, -1)
        return code if isinstance(code, int) else -1

    def _good(self, answer: Json) -> Json:
        code = self._code(answer)
        if code == 0:
            return answer
        if code in self._codes.denied:
            raise DirectoryRefused(reason=str(code))
        raise DirectoryMalformed(reason=str(code))


class Bound:
    """Counts what was read; raises ``DirectoryTooLarge`` over the limit, so that no listing goes on for ever."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0

    def add(self, count: int) -> None:
        """Count entries and, with them, the call that brought them."""
        self._count += max(count, 1)
        if self._count > 4 * self._most:
            raise DirectoryTooLarge(limit=self._most)


def items(answer: Json, *path: str) -> list[Json]:
    """Return a list of objects somewhere in an answer; absent ones are empty."""
    at: Any = answer
    for name in path:
        at = at.get(name) if isinstance(at, Mapping) else None
    if at is None:
        return []
    if not isinstance(at, list) or not all(isinstance(one, Mapping) for one in at):
        raise DirectoryMalformed(reason=".".join(path))
    return at


def text(one: Json, *names: str) -> str:
    """Return the first of some values that is not empty, as text."""
    for name in names:
        value = one.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return one_line(str(value))[:256]
    return ""


def texts(one: Json, name: str) -> list[str]:
    """Return a list of ids as text."""
    value = one.get(name)
    return [str(item) for item in value if isinstance(item, str | int)] if isinstance(value, list) else []


def profile(**told: str) -> dict[str, str]:
    """Return what is not empty."""
    return {key: value for key, value in told.items() if value}
