"""Groups of an identity provider."""

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
from api.scim.attributes import GROUP
from api.scim.errors import ScimRoute, ScimTaken
from api.scim.groups import Change, change_of, group_resource, read_group, write_change
from api.scim.matching import lookups, matches, mentions
from api.scim.paging import Page
from api.scim.patch import read_operations
from wenyuan.db.access.provisioning.circles import (
    Circle,
    count_circles,
    find_circles,
    get_circle,
    named_members,
    remove_circle,
)
from wenyuan.db.engine import Connection
from wenyuan.errors import AlreadyExists, NotFound

router = APIRouter(prefix=f"{BASE}/Groups", tags=["scim"], route_class=ScimRoute)
Asked = Annotated[Chosen, Depends(chosen_of(GROUP))]


@router.get("")
async def list_groups(
    request: Request, services: Wired, _caller: Provisioner, page: Annotated[Page, Depends()], chosen: Asked
) -> Response:
    """List the groups of the provider."""
    wanted, path = page.read(GROUP)
    whole = chosen.shows("members")
    async with services.database.read() as tx:
        if wanted is None and path is None:
            total = await count_circles(tx)
            held = await find_circles(tx, {}, offset=page.start - 1, limit=page.count)
            shown = [chosen.of(await _shown(request, tx, one, members=whole)) for one in held]
            return listing(shown, total, page.start)
        needed = mentions(wanted, "members") or (path is not None and path[0] == "members")
        shown = []
        for one in await find_circles(tx, lookups(wanted)):
            resource = await _shown(request, tx, one, members=needed)
            if wanted is None or matches(GROUP, resource, wanted):
                shown.append(resource)
        total = len(shown)
        shown = page.cut(GROUP, shown, path)
        if whole and not needed:
            circles = [Circle(one["id"], one["displayName"], one.get("externalId")) for one in shown]
            shown = [await _shown(request, tx, one, members=True) for one in circles]
    return listing([chosen.of(one) for one in shown], total, page.start)


@router.post("", status_code=201)
async def create_group(request: Request, services: Wired, _caller: Provisioner, chosen: Asked) -> Response:
    """Create a group."""
    change = read_group(await body_of(request))
    async with services.database.write() as tx:
        group_id = await _stored(tx, None, change)
        shown = await _shown(request, tx, await _found(tx, group_id), members=True)
    return answer(chosen.of(shown), status=201)


@router.get("/{group_id}")
async def get_group(request: Request, services: Wired, _caller: Provisioner, group_id: str, chosen: Asked) -> Response:
    """Return a group; without its members it has no version."""
    async with services.database.read() as tx:
        circle = await _found(tx, group_id)
        shown = await _shown(request, tx, circle, members=chosen.shows("members"))
    version = shown["meta"].get("version")
    if version is not None and has_version(request, version):
        return Response(status_code=304, headers={"ETag": version})
    return answer(chosen.of(shown))


@router.put("/{group_id}")
async def replace_group(
    request: Request, services: Wired, _caller: Provisioner, group_id: str, chosen: Asked
) -> Response:
    """Replace a group; in force for every request that starts after the answer."""
    change = read_group(await body_of(request))
    async with services.database.write() as tx:
        await _stored(tx, await _for_change(request, tx, group_id), change)
        shown = await _shown(request, tx, await _found(tx, group_id), members=chosen.shows("members"))
    return answer(chosen.of(shown))


@router.patch("/{group_id}", status_code=204)
async def patch_group(
    request: Request, services: Wired, _caller: Provisioner, group_id: str, chosen: Asked
) -> Response:
    """Change a group; in force for every request that starts after the answer.

    The answer is empty unless attributes are asked for: one member more is no reason to send fifty thousand.
    """
    operations = read_operations(GROUP, await body_of(request))
    async with services.database.write() as tx:
        circle = await _for_change(request, tx, group_id)
        await _stored(tx, circle, await change_of(tx, circle, operations))
        if not chosen.asked:
            return Response(status_code=204)
        shown = await _shown(request, tx, await _found(tx, group_id), members=chosen.shows("members"))
    return answer(chosen.of(shown))


@router.delete("/{group_id}", status_code=204)
async def delete_group(request: Request, services: Wired, _caller: Provisioner, group_id: str) -> None:
    """Remove a group; its members stay."""
    async with services.database.write() as tx:
        await _for_change(request, tx, group_id)
        await remove_circle(tx, group_id)


async def _found(tx: Connection, group_id: str) -> Circle:
    circle = await get_circle(tx, group_id)
    if circle is None:
        raise NotFound
    return circle


async def _for_change(request: Request, tx: Connection, group_id: str) -> Circle:
    circle = await get_circle(tx, group_id, lock=True)
    if circle is None:
        raise NotFound
    if "if-match" in request.headers:
        require_version(request, version_of(_bare(circle, await named_members(tx, group_id))))
    return circle


async def _stored(tx: Connection, circle: Circle | None, change: Change) -> str:
    try:
        return await write_change(tx, circle, change)
    except AlreadyExists:
        raise ScimTaken(name=change.name) from None


async def _shown(request: Request, tx: Connection, circle: Circle, *, members: bool) -> dict[str, Any]:
    held = await named_members(tx, circle.id) if members else None
    meta = {"resourceType": "Group", "location": location(request, f"/Groups/{circle.id}")}
    if held is not None:
        meta["version"] = version_of(_bare(circle, held))
    return group_resource(circle, held, location(request, "")) | {"meta": meta}


def _bare(circle: Circle, held: list[Any]) -> dict[str, Any]:
    """Return what makes a version: names of members change without the group."""
    return {"id": circle.id, "name": circle.name, "external": circle.external_id, "members": [one for one, _ in held]}
