"""Routes that take files know the caller before they read the body, and take one file with a few fields beside it."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.auth.identity import identify, require
from api.deps import needed_scopes
from wenyuan.db.access.tokens import TokenScope

FILES: Final = 1
FIELDS: Final = 8
#: Bytes of a body that is read before anybody is asked who sends it.
SMALL: Final = 2**16


class KnownRoute(APIRoute):
    """A route with a large body that refuses strangers before it reads what they send."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the check before it."""
        handle = super().get_route_handler()
        scopes = list(needed_scopes(self.dependant))

        async def checked(request: Request) -> Response:
            declared = request.headers.get("content-length", "")
            if not (declared.isascii() and declared.isdigit() and int(declared) <= SMALL):
                await _known(request, scopes)
            return await handle(request)

        return checked


class UploadRoute(APIRoute):
    """A route that refuses strangers, and forms with more than their parts, before it stores what they send.

    The framework reads the form before it asks any dependency; the form read here is the one it goes on with.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the checks before it."""
        handle = super().get_route_handler()
        scopes = list(needed_scopes(self.dependant))

        async def checked(request: Request) -> Response:
            if request.method == "POST":
                await _known(request, scopes)
                await request.form(max_files=FILES, max_fields=FIELDS)
            return await handle(request)

        return checked


async def _known(request: Request, scopes: Sequence[TokenScope]) -> None:
    identity = await identify(request, request.app.state.services.auth)
    for scope in scopes:
        require(identity, scope)
