"""Routes that take files know the caller before they read the body, and take one file with a few fields beside it."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.auth.identity import identify, require
from api.deps import needed_scopes

FILES: Final = 1
FIELDS: Final = 8


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
                identity = await identify(request, request.app.state.services.auth)
                for scope in scopes:
                    require(identity, scope)
                await request.form(max_files=FILES, max_fields=FIELDS)
            return await handle(request)

        return checked
