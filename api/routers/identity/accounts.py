"""How others may sign in, for administrators: passwords, sessions, identities at issuers."""

from fastapi import APIRouter

from api.auth.signin import checked_hash, give_password
from api.deps import AccountAdministrator, Wired
from api.schemas.identity import (
    GivenPasswordBody,
    IdentityBody,
    KnownIdentityBody,
    SessionBody,
    SignInStateBody,
)
from wenyuan.db.access.directory import find_user
from wenyuan.db.identity.accounts import PERSON, SERVICE, read_kinds
from wenyuan.db.identity.credentials import demand_change, drop_password
from wenyuan.db.identity.identities import identities_of, link, unlink
from wenyuan.db.identity.sessions import end_sessions, list_sessions
from wenyuan.db.identity.spending import read_spending
from wenyuan.errors import InvalidRequest, NotFound

router = APIRouter(prefix="/v1/users/{name}", tags=["administration"])


@router.get("/sign-in")
async def get_sign_in(services: Wired, _caller: AccountAdministrator, name: str) -> SignInStateBody:
    """Return how an account may sign in, its sessions, and what it took today."""
    async with services.database.read() as tx:
        user = await find_user(tx, name)
        kind = (await read_kinds(tx))[user.id]
        known = await identities_of(tx, user.id)
        open_now = await list_sessions(tx, user.id, services.auth.lifetime.idle_s)
        requests, tokens = (await read_spending(tx, [user.id])).get(user.id, (0, 0))
    return SignInStateBody(
        kind=SERVICE if kind == SERVICE else PERSON,
        identities=[KnownIdentityBody(issuer=issuer, subject=subject) for issuer, subject in known],
        sessions=[SessionBody.of(session, "") for session in open_now],
        requests_today=requests,
        tokens_today=tokens,
    )


@router.put("/password", status_code=204)
async def put_password(services: Wired, _caller: AccountAdministrator, name: str, body: GivenPasswordBody) -> None:
    """Set the password of a person, or demand that they change it. With a new one their sessions end."""
    async with services.database.write() as tx:
        user = await find_user(tx, name)
        if (await read_kinds(tx))[user.id] != PERSON:
            raise InvalidRequest(reason="a service account has tokens only / 服务账号只能使用令牌")
        if body.password is None:
            if not await demand_change(tx, user.id):
                raise NotFound
            return
    hashed = await checked_hash(services.auth.passwords, name, body.password)
    async with services.database.write() as tx:
        await give_password(tx, user.id, hashed, must_change=body.must_change)


@router.delete("/password", status_code=204)
async def delete_password(services: Wired, _caller: AccountAdministrator, name: str) -> None:
    """Take the password of an account away, and end its sessions."""
    async with services.database.write() as tx:
        user = await find_user(tx, name)
        if not await drop_password(tx, user.id):
            raise NotFound
        await end_sessions(tx, user.id)


@router.delete("/sessions", status_code=204)
async def delete_sessions(services: Wired, _caller: AccountAdministrator, name: str) -> None:
    """End every session of an account."""
    async with services.database.write() as tx:
        await end_sessions(tx, (await find_user(tx, name)).id)


@router.put("/identities/{issuer}", status_code=204)
async def put_identity(
    services: Wired, _caller: AccountAdministrator, name: str, issuer: str, body: IdentityBody
) -> None:
    """Let an identity at an issuer, by its name in the settings, stand for an account."""
    settings = services.auth.settings.issuers.get(issuer)
    if settings is None:
        raise NotFound
    async with services.database.write() as tx:
        await link(tx, settings.issuer, body.subject, (await find_user(tx, name)).id)


@router.delete("/identities/{issuer}", status_code=204)
async def delete_identity(services: Wired, _caller: AccountAdministrator, name: str, issuer: str) -> None:
    """Take the identities at an issuer from an account, and end its sessions."""
    settings = services.auth.settings.issuers.get(issuer)
    if settings is None:
        raise NotFound
    async with services.database.write() as tx:
        user = await find_user(tx, name)
        if not await unlink(tx, user.id, settings.issuer):
            raise NotFound
        await end_sessions(tx, user.id)
