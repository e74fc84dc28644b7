"""Signing in and out of the page: with a password, or at an issuer."""

from typing import Annotated, Final
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import cookies
from api.auth.errors import SignInRefused
from api.auth.oidc.issuers import Return
from api.auth.service import Auth
from api.auth.signin import check_password
from api.deps import OwnSession, Wired, public
from api.gate import trail_of
from api.schemas.identity import IssuerBody, SignedInBody, SignInBody, WaysBody
from wenyuan.db.identity.sessions import PASSWORD, end_session, open_session, session_owner
from wenyuan.errors import Unauthenticated, WenyuanError
from wenyuan.text import one_line

router = APIRouter(prefix="/v1/session", tags=["session"])
PUBLIC: Final = [Depends(public)]
MOST_CHARS: Final = 2048
Given = Annotated[str, Query(max_length=MOST_CHARS)]
log = structlog.get_logger(__name__)


@router.get("/ways", dependencies=PUBLIC)
async def ways(services: Wired) -> WaysBody:
    """Say how people may sign in here."""
    issuers = [IssuerBody(name=name, title=title) for name, title in services.auth.issuers.ways()]
    return WaysBody(passwords=services.auth.settings.passwords, issuers=issuers)


@router.post("", status_code=201, dependencies=PUBLIC)
async def sign_in(services: Wired, request: Request, response: Response, body: SignInBody) -> SignedInBody:
    """Sign in with a name and a password. A wrong name and a wrong password look the same, and take the same time."""
    cookies.check_same_site(request)
    auth = services.auth
    if not auth.settings.passwords:
        raise SignInRefused
    user_id = await check_password(auth.database, auth.passwords, body.name, body.password, address_of(request))
    secret = await _open(auth, request, response, user_id, PASSWORD)
    owner = await auth.database.run_read(session_owner, secret, auth.lifetime.idle_s)
    if owner is None:
        raise SignInRefused
    return SignedInBody(id=owner.session_id, csrf=cookies.csrf_token(secret), must_change_password=owner.must_change)


@router.get("")
async def show_session(caller: OwnSession) -> SignedInBody:
    """Return the session of the caller with what its changes have to carry; 401 for a token, which has none."""
    if not caller.session_id or caller.actor is not None:
        raise Unauthenticated
    return SignedInBody(
        id=caller.session_id, csrf=cookies.csrf_token(caller.csrf_secret), must_change_password=caller.confined
    )


@router.delete("", status_code=204)
async def sign_out(services: Wired, request: Request, response: Response, caller: OwnSession) -> None:
    """End the session of the caller."""
    async with services.database.write() as tx:
        await end_session(tx, caller.principal.user_id, caller.session_id)
    cookies.clear_session(response, secure=cookies.is_secure(request, services.auth.settings))


@router.get("/issuers/{name}", dependencies=PUBLIC, status_code=302, response_class=RedirectResponse)
async def depart(services: Wired, request: Request, name: str) -> RedirectResponse:
    """Send the browser to an issuer to sign in there."""
    departure = await services.auth.issuers.begin(name)
    response = RedirectResponse(departure.url, status_code=302)
    secure = cookies.is_secure(request, services.auth.settings)
    cookies.set_login(response, departure.browser, secure=secure)
    return response


@router.get("/issuers/{name}/return", dependencies=PUBLIC, status_code=303, response_class=RedirectResponse)
async def arrive(
    services: Wired,
    request: Request,
    name: str,
    state: Given = "",
    code: Given = "",
    iss: Annotated[str | None, Query(max_length=MOST_CHARS)] = None,
) -> RedirectResponse:
    """Take the browser back from an issuer: to the page, signed in, or with the code of what went wrong."""
    auth = services.auth
    secure = cookies.is_secure(request, auth.settings)
    browser = request.cookies.get(cookies.cookie_name(secure, cookies.LOGIN_NAME), "")
    response = RedirectResponse("/?signin=ok", status_code=303)
    try:
        admitted = await auth.issuers.complete(name, Return(state, browser, code, iss))
        await _open(auth, request, response, admitted.user_id, name)
    except WenyuanError as error:
        log.warning("session.issuer_refused", issuer=name, code=error.code, reason=error.params.get("reason", ""))
        response = RedirectResponse(f"/?{urlencode({'signin': error.code})}", status_code=303)
    cookies.clear_login(response, secure=secure)
    return response


def address_of(request: Request) -> str:
    """Return the address that a request comes from, as the listener knows it."""
    return request.client.host if request.client is not None else ""


async def _open(auth: Auth, request: Request, response: Response, user_id: str, method: str) -> str:
    """Open a session, hand it to the browser, and return its secret; a session it had is ended."""
    secure = cookies.is_secure(request, auth.settings)
    agent = one_line(request.headers.get("user-agent", ""))
    former = request.cookies.get(cookies.cookie_name(secure), "")
    held = await auth.database.run_read(session_owner, former, auth.lifetime.idle_s) if former else None
    async with auth.database.write() as tx:
        if held is not None:
            await end_session(tx, held.user_id, held.session_id)
        session_id, secret = await open_session(tx, user_id, method, agent, address_of(request), auth.lifetime)
    trail_of(request).identify(user_id, session_id)
    cookies.set_session(response, secret, secure=secure, days=auth.settings.session_days)
    return secret
