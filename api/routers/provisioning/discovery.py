"""What a client may find out beforehand."""

from typing import Any

from fastapi import APIRouter, Response

from api.deps import Provisioner
from api.scim import discovery
from api.scim.answers import BASE, answer, listing
from api.scim.errors import ScimRoute
from wenyuan.errors import NotFound

router = APIRouter(prefix=BASE, tags=["scim"], route_class=ScimRoute)


@router.get("/ServiceProviderConfig")
async def get_config(_caller: Provisioner) -> Response:
    """Return what this service can do."""
    return answer(discovery.features())


@router.get("/ResourceTypes")
async def get_resource_types(_caller: Provisioner) -> Response:
    """Return users and groups as types."""
    found = discovery.resource_types()
    return listing(found, len(found), 1)


@router.get("/ResourceTypes/{name}")
async def get_resource_type(_caller: Provisioner, name: str) -> Response:
    """Return one type."""
    return answer(_named(discovery.resource_types(), name))


@router.get("/Schemas")
async def get_schemas(_caller: Provisioner) -> Response:
    """Return the schemas."""
    found = discovery.schemas()
    return listing(found, len(found), 1)


@router.get("/Schemas/{name}")
async def get_schema(_caller: Provisioner, name: str) -> Response:
    """Return one schema."""
    return answer(_named(discovery.schemas(), name))


def _named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for one in found:
        if one["id"].lower() == name.lower():
            return one
    raise NotFound
