"""Accounts of an identity provider."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Provisioner, Wired
from api.scim.answers import (
    BASE,
    Chosen,
    answer,
    body_of,
    chosen_of,
    has_version,
    listing,
    location,
    require_version,
    version_of,
)
from api.scim.attributes import USER
from api.scim.errors import ScimRoute, ScimTaken
from api.scim.matching import lookups, matches
from api.scim.paging import Page
from api.scim.patch import patched, read_operations
from api.scim.users import account_values, read_resource, user_resource
from api.services import Services
from wenyuan.db.access.provisioning.accounts import (
    Account,
    count_accounts,
    create_account,
    find_accounts,
    get_account,
    remove_account,
    update_account,
)
from wenyuan.db.engine import Connection
from wenyuan.errors import AlreadyExists, NotFound

router = APIRouter(prefix=f"{BASE}/Users", tags=["scim"], route_class=ScimRoute)
Asked = Annotated[Chosen, Depends(chosen_of(USER))]


@router.get("")
async def list_users(
    request: Request, services: Wired, _caller: Provisioner, page: Annotated[Page, Depends()], chosen: Asked
) -> Response:
    """List the accounts of the provider."""
    wanted, path = page.read(USER)
    async with services.database.read() as tx:
        if wanted is None and path is None:
            total = await count_accounts(tx)
            found = await find_accounts(tx, {}, offset=page.start - 1, limit=page.count)
            return listing([chosen.of(_shown(request, one)) for one in found], total, page.start)
        held = await find_accounts(tx, lookups(wanted))
    shown = [_shown(request, one) for one in held]
    if wanted is not None:
        shown = [one for one in shown if matches(USER, one, wanted)]
    return listing([chosen.of(one) for one in page.cut(USER, shown, path)], len(shown), page.start)


@router.post("", status_code=201)
async def create_user(request: Request, services: Wired, _caller: Provisioner, chosen: Asked) -> Response:
    """Create an account."""
    settings = services.settings.directories
    values = account_values(
        read_resource(USER, await body_of(request)), active=True, employments=settings.scim_employments
    )
    async with services.database.write() as tx:
        try:
            user_id = await create_account(tx, values, adopt=settings.scim_adopts)
        except AlreadyExists:
            raise ScimTaken(name=values.name) from None
        shown = _shown(request, await _found(tx, user_id))
    return answer(chosen.of(shown), status=201)


@router.get("/{user_id}")
async def get_user(request: Request, services: Wired, _caller: Provisioner, user_id: str, chosen: Asked) -> Response:
    """Return an account."""
    async with services.database.read() as tx:
        shown = _shown(request, await _found(tx, user_id))
    if has_version(request, shown["meta"]["version"]):
        return Response(status_code=304, headers={"ETag": shown["meta"]["version"]})
    return answer(chosen.of(shown))


@router.put("/{user_id}")
async def replace_user(
    request: Request, services: Wired, _caller: Provisioner, user_id: str, chosen: Asked
) -> Response:
    """Replace an account; in force for every request that starts after the answer."""
    resource = read_resource(USER, await body_of(request))
    async with services.database.write() as tx:
        before = await _for_change(request, tx, user_id)
        shown = await _stored(request, services, tx, before, resource)
    return answer(chosen.of(shown))


@router.patch("/{user_id}")
async def patch_user(request: Request, services: Wired, _caller: Provisioner, user_id: str, chosen: Asked) -> Response:
    """Change an account; in force for every request that starts after the answer."""
    operations = read_operations(USER, await body_of(request))
    async with services.database.write() as tx:
        before = await _for_change(request, tx, user_id)
        shown = await _stored(request, services, tx, before, patched(USER, user_resource(before), operations))
    return answer(chosen.of(shown))


@router.delete("/{user_id}", status_code=204)
async def delete_user(request: Request, services: Wired, _caller: Provisioner, user_id: str) -> None:
    """Disable an account for good and take it out of all groups; what it owned stays."""
    async with services.database.write() as tx:
        await _for_change(request, tx, user_id)
        await remove_account(tx, user_id)


async def _found(tx: Connection, user_id: str) -> Account:
    account = await get_account(tx, user_id)
    if account is None:
        raise NotFound
    return account


async def _for_change(request: Request, tx: Connection, user_id: str) -> Account:
    account = await get_account(tx, user_id, lock=True)
    if account is None:
        raise NotFound
    require_version(request, version_of(user_resource(account)))
    return account


async def _stored(
    request: Request, services: Services, tx: Connection, before: Account, resource: dict[str, Any]
) -> dict[str, Any]:
    """Write what differs; a request that changes nothing leaves the epoch alone."""
    employments = services.settings.directories.scim_employments
    values = account_values(resource, active=before.active, employments=employments)
    if any(getattr(before, name) != getattr(values, name) for name in values.__slots__):
        try:
            await update_account(tx, before.id, values)
        except AlreadyExists:
            raise ScimTaken(name=values.name) from None
    return _shown(request, await _found(tx, before.id))


def _shown(request: Request, account: Account) -> dict[str, Any]:
    shown = user_resource(account)
    version = version_of(shown)
    for one in shown.get("groups", ()):
        one["$ref"] = location(request, f"/Groups/{one['value']}")
    return shown | {
        "meta": {
            "resourceType": "User",
            "created": _instant(account.created_at),
            "location": location(request, f"/Users/{account.id}"),
            "version": version,
        }
    }


def _instant(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
