"""JSON that an issuer serves: fetched through the guard, without redirects, small, of the expected shape."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from api.auth.errors import IssuerUnavailable
from wenyuan.outbound import Guard, guarded_async_client
from wenyuan.people.settings import IssuerSettings

if TYPE_CHECKING:
    import httpx

MOST_BYTES: Final = 2**20
TIMEOUT_S: Final = 10.0
_TEXT_CHARS: Final = 2048


def client_for(settings: IssuerSettings) -> "httpx.AsyncClient":
    """Return a client that reaches the hosts of one issuer and nothing else."""
    own = Guard.for_endpoint(settings.issuer)
    return guarded_async_client(Guard((*own.hosts, *settings.hosts), private=True), timeout=TIMEOUT_S)


async def fetch_json(client: "httpx.AsyncClient", method: str, url: str, **options: Any) -> dict[str, Any]:
    """Return a JSON object; raises ``IssuerUnavailable`` for everything else.

    An answer of another status than 200 is no answer, a redirect neither: it could name another host.
    """
    import httpx

    try:
        async with client.stream(method, url, **options) as response:
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise IssuerUnavailable(reason="too large")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise IssuerUnavailable(reason=type(error).__name__) from None
    if response.status_code != httpx.codes.OK:
        raise IssuerUnavailable(reason=f"HTTP {response.status_code}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise IssuerUnavailable(reason="no JSON") from None
    if not isinstance(found, dict):
        raise IssuerUnavailable(reason="no JSON object")
    return found


def text_of(found: Mapping[str, Any], name: str) -> str:
    """Return a text of an object, '' when there is none; raises ``IssuerUnavailable`` when it is something else."""
    value = found.get(name, "")
    if not isinstance(value, str) or len(value) > _TEXT_CHARS:
        raise IssuerUnavailable(reason=name)
    return value
