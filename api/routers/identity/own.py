"""One's own password, sessions and tokens."""

from typing import Final

from fastapi import APIRouter, Request

from api.auth.errors import TokenScopeMissing
from api.auth.identity import granted_days
from api.auth.signin import change_password
from api.deps import Own, OwnSession, Wired
from api.routers.identity.session import address_of
from api.schemas.admin import IssuedTokenBody
from api.schemas.identity import (
    NewOwnTokenBody,
    OwnTokenBody,
    OwnTokenListBody,
    PasswordChangeBody,
    SessionBody,
    SessionListBody,
)
from wenyuan.db.access.tokens import issue_token, list_tokens, revoke_token
from wenyuan.db.identity.sessions import end_session, list_sessions
from wenyuan.errors import InvalidRequest, NotFound

router = APIRouter(prefix="/v1/me", tags=["me"])
MOST_TOKENS: Final = 100


@router.put("/password", status_code=204)
async def put_password(services: Wired, request: Request, caller: OwnSession, body: PasswordChangeBody) -> None:
    """Change one's password; one's other sessions end."""
    auth, me = services.auth, caller.principal
    address = address_of(request)
    await change_password(auth.database, auth.passwords, me.name, body.old, body.new, address, caller.session_id)


@router.get("/sessions")
async def get_sessions(services: Wired, caller: Own) -> SessionListBody:
    """List one's sessions."""
    async with services.database.read() as tx:
        found = await list_sessions(tx, caller.principal.user_id, services.auth.lifetime.idle_s)
    return SessionListBody(items=[SessionBody.of(session, caller.session_id) for session in found])


@router.delete("/sessions/{session_id}", status_code=204)
async def delete_session(services: Wired, caller: Own, session_id: str) -> None:
    """End one of one's sessions; refused from the next request on."""
    async with services.database.write() as tx:
        if not await end_session(tx, caller.principal.user_id, session_id):
            raise NotFound


@router.get("/tokens")
async def get_tokens(services: Wired, caller: Own) -> OwnTokenListBody:
    """List one's tokens, never their secrets."""
    async with services.database.read() as tx:
        found = await list_tokens(tx, caller.principal.user_id)
    return OwnTokenListBody(items=[OwnTokenBody.model_validate(token) for token in found])


@router.post("/tokens", status_code=201)
async def post_token(services: Wired, caller: Own, body: NewOwnTokenBody) -> IssuedTokenBody:
    """Make a token for oneself; it is shown this once. One made with a token has no more scopes and ends no later."""
    if beyond := set(body.scopes) - caller.scopes:
        raise TokenScopeMissing(scope=min(beyond).value)
    days = granted_days(caller, body.expires_in_days, asked="expires_in_days" in body.model_fields_set)
    user_id = caller.principal.user_id
    async with services.database.write() as tx:
        if len(await list_tokens(tx, user_id)) >= MOST_TOKENS:
            raise InvalidRequest(reason=f"at most {MOST_TOKENS} tokens / 最多 {MOST_TOKENS} 个令牌")
        token_id, secret = await issue_token(tx, user_id, body.name, days, body.scopes)
    return IssuedTokenBody(id=token_id, token=secret, expires_in_days=days)


@router.delete("/tokens/{token_id}", status_code=204)
async def delete_token(services: Wired, caller: Own, token_id: str) -> None:
    """Revoke one of one's tokens; refused from the next request on."""
    async with services.database.write() as tx:
        if not await revoke_token(tx, token_id, caller.principal.user_id):
            raise NotFound
