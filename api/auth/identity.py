"""From a request to who makes it: the only producer of principals.

A bearer token (ours, or one that an issuer signed) comes before a session's cookie. What the token is not good for is
taken away here, and so is what somebody who acts as another may not do.
"""

import math
import time
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote

import structlog
from fastapi import Request

from api.auth.cookies import check_page, cookie_name, is_secure
from api.auth.errors import ActAsRefused, PasswordChangeRequired, TokenOutlives, TokenScopeMissing
from api.auth.service import Auth
from wenyuan.access import Principal, Role, Visibility
from wenyuan.db.access.tokens import ALL_SCOPES, DAY_S, TokenScope, token_owner
from wenyuan.db.identity.accounts import read_account
from wenyuan.db.identity.sessions import session_owner
from wenyuan.errors import TransientError, Unauthenticated

log = structlog.get_logger(__name__)
ACT_AS_HEADER: Final = "x-act-as"
#: Of what a caller may do, what is left to them in the name of another: nothing that would outlast it.
DELEGABLE: Final = ALL_SCOPES - {TokenScope.ACCOUNT, TokenScope.ACT_AS, TokenScope.PROVISION}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request, what for, and how they proved it.

    ``actor``: who acts as the principal, if somebody does. ``session_id``: of the page, else empty. ``confined``: a new
    password has to be given before anything else. ``seen``: what the principal may read, where it was read with them.
    ``until``: when the token ends that they proved it with, in seconds since 1970; None for one that does not, and for
    a session.
    """

    principal: Principal
    scopes: frozenset[TokenScope]
    session_id: str = ""
    csrf_secret: str = ""
    actor: Principal | None = None
    confined: bool = False
    seen: Visibility | None = None
    until: float | None = None


async def identify(request: Request, auth: Auth) -> Identity:
    """Return who makes a request.

    Raises ``Unauthenticated``, the same for every reason, ``CrossSite`` and ``ActAsRefused``; ``TransientError`` where
    what is stored of them cannot be understood.
    """
    try:
        return await _identify(request, auth)
    except (ValueError, TypeError) as error:
        log.exception("auth.unreadable", error=type(error).__name__)
        raise TransientError from error


async def _identify(request: Request, auth: Auth) -> Identity:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        identity = await _bearer(authorization, auth)
    else:
        identity = await _session(request, auth)
    auth.usage.note(identity.principal.token_id, identity.session_id)
    wanted = request.headers.get(ACT_AS_HEADER)
    if wanted is None:
        return identity
    acting = await _act_as(identity, unquote(wanted), auth)
    request.scope["acting_as"] = quote(acting.principal.name)  # the answer says so
    return acting


def require(identity: Identity, scope: TokenScope) -> None:
    """Raise unless the caller's token is good for ``scope``, and their password for anything at all."""
    if identity.confined and scope is not TokenScope.ACCOUNT:
        raise PasswordChangeRequired
    if scope not in identity.scopes:
        raise TokenScopeMissing(scope=scope.value)


def granted_days(identity: Identity, days: float | None, *, asked: bool) -> float | None:
    """Return for how many days a token holds that the caller makes for ``days``, None for ever: none outlives theirs.

    Raises ``TokenOutlives`` where they ``asked`` for more; else it is shortened.
    """
    left = math.inf if identity.until is None else max((identity.until - time.time()) / DAY_S, 0)
    if left == math.inf or (days is not None and days <= left):
        return days
    if asked:
        raise TokenOutlives(days=f"{math.floor(left * 100) / 100:g}")
    return left


async def _bearer(authorization: str, auth: Auth) -> Identity:
    scheme, _, secret = authorization.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated
    if secret.count(".") == 2:
        return await _issued(secret, auth)
    owner, seen = await auth.directory.owner(lambda tx: token_owner(tx, secret))
    if owner is None:
        raise Unauthenticated
    principal = Principal(owner.user_id, owner.name, owner.roles, owner.token_id)
    return Identity(principal, owner.scopes, seen=seen, until=owner.expires_at)


async def _issued(token: str, auth: Auth) -> Identity:
    admitted, until = await auth.issuers.bearer(token)
    scopes = frozenset(TokenScope(one) for one in admitted.scopes)
    return Identity(Principal(admitted.user_id, admitted.name, admitted.roles), scopes, until=until)


async def _session(request: Request, auth: Auth) -> Identity:
    secret = request.cookies.get(cookie_name(is_secure(request, auth.settings)), "")
    if not secret:
        raise Unauthenticated
    owner, seen = await auth.directory.owner(lambda tx: session_owner(tx, secret, auth.lifetime.idle_s))
    if owner is None:
        raise Unauthenticated
    check_page(request, secret)
    principal = Principal(owner.user_id, owner.name, owner.roles)
    return Identity(principal, ALL_SCOPES, owner.session_id, secret, confined=owner.must_change, seen=seen)


async def _act_as(identity: Identity, name: str, auth: Auth) -> Identity:
    """Return the identity of the other: their rights and no role that the caller lacks, within the caller's scopes."""
    actor = identity.principal
    allowed = auth.settings.act_as and Role.DELEGATE in actor.roles and TokenScope.ACT_AS in identity.scopes
    if not allowed or identity.confined:
        raise ActAsRefused
    target = await auth.database.run_read(read_account, name)
    if target is None or target.user_id == actor.user_id:
        raise ActAsRefused
    roles = target.roles & actor.roles - {Role.DELEGATE}
    principal = Principal(target.user_id, target.name, roles, actor.token_id)
    return replace(identity, principal=principal, scopes=identity.scopes & DELEGABLE, actor=actor, seen=None)
