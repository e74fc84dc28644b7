"""What routes depend on. Each declares one of ``Caller``, ``Scoped``, ``Administrator``, or ``public``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from api.auth import authenticate
from api.bootstrap import Services
from api.errors import request_language
from wenyuan.access import AccessScope, Principal, Role, resolve_scope
from wenyuan.errors import ActionForbidden, Language

bearer = HTTPBearer(auto_error=False, description="A token made with `wenyuan tokens create` or POST /v1/tokens")


@dataclass(frozen=True, slots=True)
class Reading:
    """A caller with what they may see now."""

    principal: Principal
    scope: AccessScope


def get_services(request: Request) -> Services:
    """Return the wired services of the running application."""
    services: Services = request.app.state.services
    return services


Wired = Annotated[Services, Depends(get_services)]
AcceptedLanguage = Annotated[Language, Depends(request_language)]


async def get_caller(request: Request, services: Wired, _scheme: Annotated[object, Security(bearer)]) -> Principal:
    """Return the authenticated caller."""
    return await authenticate(services.database, request.headers.get("authorization"))


async def get_reading(services: Wired, principal: Annotated[Principal, Depends(get_caller)]) -> Reading:
    """Return the caller with a scope minted for this request."""
    return Reading(principal, await resolve_scope(services.directory, principal))


async def get_administrator(principal: Annotated[Principal, Depends(get_caller)]) -> Principal:
    """Return the caller if they are an administrator; raises ``ActionForbidden``."""
    if Role.ADMINISTRATOR not in principal.roles:
        raise ActionForbidden
    return principal


async def public() -> None:
    """Declare that a route shows nothing that needs a caller."""


Caller = Annotated[Principal, Depends(get_caller)]
Scoped = Annotated[Reading, Depends(get_reading, scope="function")]
Administrator = Annotated[Principal, Depends(get_administrator)]
ACCESS_DECLARATIONS: frozenset[Callable[..., object]] = frozenset({get_caller, get_reading, get_administrator, public})
