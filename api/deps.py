"""What routes depend on: who may call them, and which scope a token needs for that, declared as one.

``Scoped…`` routes read text, in the scope of the caller; ``Caller…`` routes do not; the others ask for a role too.
``public`` ones show nothing that needs a caller. The word behind the name is the scope of the token: ``read`` where
there is none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security, params
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyCookie, HTTPBearer, SecurityScopes

from api.auth.cookies import NAME
from api.auth.errors import PasswordChangeRequired
from api.auth.identity import Identity, identify, require
from api.errors import request_language
from api.gate import begin, mark_administrative, trail_of
from api.services import Services
from wenyuan.access import AccessScope, Principal, Role, resolve_scope
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail
from wenyuan.db.access.tokens import TokenScope
from wenyuan.db.access.visibility import AsRead
from wenyuan.errors import ActionForbidden, Language

bearer = HTTPBearer(
    auto_error=False, description="A token made with `wenyuan tokens create`, POST /v1/tokens or POST /v1/me/tokens"
)
cookie = APIKeyCookie(name=NAME, auto_error=False, description="A session of the page, made with POST /v1/session")


@dataclass(frozen=True, slots=True)
class Reading:
    """A caller with what they may see now."""

    principal: Principal
    scope: AccessScope


async def get_services(request: Request) -> Services:
    """Return the wired services of the running application; a plain function would be called in a thread."""
    services: Services = request.app.state.services
    return services


async def get_trail(request: Request) -> Trail:
    """Return where the request notes what it shows and what it made."""
    return trail_of(request)


Wired = Annotated[Services, Depends(get_services)]
Noted = Annotated[Trail, Depends(get_trail)]
AcceptedLanguage = Annotated[Language, Depends(request_language)]


async def get_identity(
    request: Request,
    services: Wired,
    needed: SecurityScopes,
    _bearer: Annotated[object, Security(bearer)],
    _cookie: Annotated[object, Security(cookie)],
) -> Identity:
    """Return who calls, and what for; what the request will change is recorded before it is tried."""
    if not needed.scopes:
        raise RuntimeError("a route that declares no token scope")
    identity = await identify(request, services.auth)
    principal, actor = identity.principal, identity.actor
    token = principal.token_id or identity.session_id
    who = (principal.user_id, token) if actor is None else (actor.user_id, token, principal.user_id)
    trail = trail_of(request)
    trail.identify(*who)
    if actor is not None:
        trail.note(Action.ACT, target=f"act-as {request.method}")
    for scope in needed.scopes:
        require(identity, TokenScope(scope))
    await begin(request, *who)
    return identity


async def get_caller(identity: Annotated[Identity, Depends(get_identity)]) -> Principal:
    """Return the authenticated caller."""
    return identity.principal


async def get_settled(identity: Annotated[Identity, Depends(get_identity)]) -> Identity:
    """Return who calls; raises ``PasswordChangeRequired`` for who has to give a new password first."""
    if identity.confined:
        raise PasswordChangeRequired
    return identity


async def get_reading(
    request: Request, services: Wired, identity: Annotated[Identity, Depends(get_identity)]
) -> Reading:
    """Return the caller with a scope minted for this request."""
    principal, seen = identity.principal, identity.seen
    directory = services.directory if seen is None else AsRead(principal.user_id, seen)
    return Reading(principal, await resolve_scope(directory, principal, trail_of(request)))


async def get_administrator(request: Request, principal: Annotated[Principal, Depends(get_caller)]) -> Principal:
    """Return the caller if they are an administrator; raises ``ActionForbidden``. What they look at is recorded too."""
    if Role.ADMINISTRATOR not in principal.roles:
        raise ActionForbidden
    mark_administrative(request)
    return principal


async def get_auditor(principal: Annotated[Principal, Depends(get_caller)]) -> Principal:
    """Return the caller if they may read the audit log; raises ``ActionForbidden``."""
    if not principal.roles & {Role.AUDITOR, Role.ADMINISTRATOR}:
        raise ActionForbidden
    return principal


async def public() -> None:
    """Declare that a route shows nothing that needs a caller."""


Caller = Annotated[Principal, Security(get_caller, scopes=[TokenScope.READ])]
CallerAsk = Annotated[Principal, Security(get_caller, scopes=[TokenScope.ASK])]
CallerUpload = Annotated[Principal, Security(get_caller, scopes=[TokenScope.UPLOAD])]
CallerManage = Annotated[Principal, Security(get_caller, scopes=[TokenScope.MANAGE])]
#: For signing out and a new password, which somebody who has to give one may do.
OwnSession = Annotated[Identity, Security(get_identity, scopes=[TokenScope.ACCOUNT])]
#: For one's own sessions and tokens.
Own = Annotated[Identity, Security(get_settled, scopes=[TokenScope.ACCOUNT])]
#: Beside ``Administrator``, where what the caller's token is good for limits what it may give.
Managing = Annotated[Identity, Security(get_identity, scopes=[TokenScope.MANAGE])]
Scoped = Annotated[Reading, params.Security(get_reading, scope="function", scopes=[TokenScope.READ])]
ScopedAsk = Annotated[Reading, params.Security(get_reading, scope="function", scopes=[TokenScope.ASK])]
ScopedUpload = Annotated[Reading, params.Security(get_reading, scope="function", scopes=[TokenScope.UPLOAD])]
ScopedManage = Annotated[Reading, params.Security(get_reading, scope="function", scopes=[TokenScope.MANAGE])]
Administrator = Annotated[Principal, Security(get_administrator, scopes=[TokenScope.MANAGE])]
#: For passwords and identities of others: who sets them could sign in as somebody without any limit.
AccountAdministrator = Annotated[Principal, Security(get_administrator, scopes=[TokenScope.MANAGE, TokenScope.ACCOUNT])]
Provisioner = Annotated[Principal, Security(get_administrator, scopes=[TokenScope.PROVISION])]
Auditor = Annotated[Principal, Security(get_auditor, scopes=[TokenScope.AUDIT])]
ACCESS_DECLARATIONS: frozenset[Callable[..., object]] = frozenset(
    {get_identity, get_settled, get_caller, get_reading, get_administrator, get_auditor, public}
)


def needed_scopes(dependant: Dependant) -> Iterator[TokenScope]:
    """Yield the scopes that a route, or what it depends on, declares."""
    for scope in dependant.own_oauth_scopes or ():
        yield TokenScope(scope)
    for inner in dependant.dependencies:
        yield from needed_scopes(inner)
