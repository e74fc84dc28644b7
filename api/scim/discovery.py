"""What a client may find out beforehand: features, resource types, schemas."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.scim.answers import BASE, MAX_PAGE
from api.scim.attributes import ENTERPRISE, GROUP, GROUP_ATTRIBUTES, USER, USER_ATTRIBUTES, Attribute

_CORE = "urn:ietf:params:scim:schemas:core:2.0"
_NAMES = {USER: "User", GROUP: "Group", ENTERPRISE: "Enterprise User"}


def features() -> dict[str, Any]:
    """Return what this service can do."""
    return {
        "schemas": [f"{_CORE}:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MAX_PAGE},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer",
                "description": "A token of this service with the scope provision",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{BASE}/ServiceProviderConfig"},
    }


def resource_types() -> list[dict[str, Any]]:
    """Return users and groups."""
    users = {"schema": USER, "schemaExtensions": [{"schema": ENTERPRISE, "required": False}]}
    return [
        {
            "schemas": [f"{_CORE}:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            **schema,
            "meta": {"resourceType": "ResourceType", "location": f"{BASE}/ResourceTypes/{name}"},
        }
        for name, schema in (("User", users), ("Group", {"schema": GROUP, "schemaExtensions": []}))
    ]


def schemas() -> list[dict[str, Any]]:
    """Return the attributes that are kept, by schema."""
    users = [one for one in USER_ATTRIBUTES.values() if one.name != ENTERPRISE]
    enterprise = USER_ATTRIBUTES[ENTERPRISE.lower()].parts
    return [_schema(USER, users), _schema(GROUP, GROUP_ATTRIBUTES.values()), _schema(ENTERPRISE, enterprise.values())]


def _schema(uri: str, attributes: Iterable[Attribute]) -> dict[str, Any]:
    common = {"schemas", "id", "externalId", "meta"}
    return {
        "schemas": [f"{_CORE}:Schema"],
        "id": uri,
        "name": _NAMES[uri],
        "description": _NAMES[uri],
        "attributes": [_described(one) for one in attributes if one.kept and one.name not in common],
        "meta": {"resourceType": "Schema", "location": f"{BASE}/Schemas/{uri}"},
    }


def _described(attribute: Attribute) -> Mapping[str, Any]:
    named = attribute.name in {"userName", "displayName"} and "unique" in attribute.text
    shown: dict[str, Any] = {
        "name": attribute.name,
        "type": "reference" if attribute.name == "$ref" else attribute.kind,
        "multiValued": attribute.many,
        "description": attribute.text or attribute.name,
        "required": named,
        "caseExact": attribute.exact,
        "mutability": "readOnly" if attribute.read_only else "readWrite",
        "returned": "default",
        "uniqueness": "server" if named else "none",
    }
    if attribute.parts:
        shown["subAttributes"] = [_described(part) for part in attribute.parts.values() if part.kept]
    return shown
