"""The attributes of users and groups: names in one spelling, paths, and how their values compare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute. ``kept``: stored and shown; what is known but not kept is taken without effect."""

    name: str
    kind: str = "string"
    many: bool = False
    exact: bool = False
    read_only: bool = False
    kept: bool = True
    parts: Mapping[str, "Attribute"] = field(default_factory=dict)
    text: str = ""


def _table(*attributes: Attribute) -> dict[str, Attribute]:
    return {one.name.lower(): one for one in attributes}


def _many(name: str, *, kept: bool = False, read_only: bool = False, text: str = "") -> Attribute:
    """A list of values with type and primary."""
    parts = _table(
        Attribute("value", exact=name in {"groups", "members"}),
        Attribute("display"),
        Attribute("type"),
        Attribute("primary", "boolean"),
        Attribute("$ref", exact=True),
    )
    return Attribute(name, "complex", many=True, kept=kept, read_only=read_only, parts=parts, text=text)


def _complex(name: str, *parts: Attribute, read_only: bool = False) -> Attribute:
    return Attribute(name, "complex", read_only=read_only, parts=_table(*parts))


_COMMON: Final = (
    Attribute("schemas", many=True, exact=True),
    Attribute("id", exact=True, read_only=True),
    Attribute("externalId", exact=True, text="The identifier at the provider."),
    _complex(
        "meta",
        Attribute("resourceType", exact=True),
        Attribute("created", "dateTime"),
        Attribute("lastModified", "dateTime"),
        Attribute("location", exact=True),
        Attribute("version", exact=True),
        read_only=True,
    ),
)
_ADDRESS: Final = ("formatted", "streetAddress", "locality", "region", "postalCode", "country", "type")
_ENTERPRISE: Final = _complex(
    ENTERPRISE,
    Attribute("employeeNumber"),
    Attribute("costCenter"),
    Attribute("organization"),
    Attribute("division"),
    Attribute("department", text="The department of that title, which is made if there is none."),
    _complex("manager", Attribute("value", exact=True), Attribute("$ref", exact=True), Attribute("displayName")),
)
USER_ATTRIBUTES: Final = _table(
    *_COMMON,
    Attribute("userName", text="The name of the account, unique without regard to case."),
    _complex(
        "name",
        Attribute("formatted"),
        Attribute("familyName"),
        Attribute("givenName"),
        *(Attribute(name, kept=False) for name in ("middleName", "honorificPrefix", "honorificSuffix")),
    ),
    Attribute("displayName"),
    Attribute("title"),
    Attribute("userType", text="What the settings may translate into an employment."),
    Attribute("preferredLanguage"),
    Attribute("active", "boolean", text="An account that is not active is refused from the next request on."),
    _many("emails", kept=True, text="The primary one is kept."),
    _many("roles", kept=True, text="Roles in the company, which policies may name; they grant no action."),
    _many("groups", kept=True, read_only=True),
    *(Attribute(name, kept=False) for name in ("nickName", "profileUrl", "locale", "timezone", "password")),
    *(_many(name) for name in ("phoneNumbers", "ims", "photos", "entitlements", "x509Certificates")),
    Attribute(
        "addresses",
        "complex",
        many=True,
        kept=False,
        parts=_table(*(Attribute(name) for name in _ADDRESS), Attribute("primary", "boolean")),
    ),
    _ENTERPRISE,
)
GROUP_ATTRIBUTES: Final = _table(
    *_COMMON,
    Attribute("displayName", text="The name of the group, unique without regard to case."),
    _many("members", kept=True, text="Users and groups of this provider, by id."),
)
TABLES: Final = {USER: USER_ATTRIBUTES, GROUP: GROUP_ATTRIBUTES}


def split_path(schema: str, text: str) -> tuple[str, ...] | None:
    """Return an attribute path in its one spelling: names from the top; None for one that does not exist."""
    table: Mapping[str, Attribute] = TABLES[schema]
    names: list[str] = []
    rest = text.strip()
    for uri in (ENTERPRISE, schema):
        if rest.lower() == uri.lower():
            return (uri,) if uri == ENTERPRISE and schema == USER else ()
        if rest.lower().startswith(uri.lower() + ":"):
            rest = rest[len(uri) + 1 :]
            if uri == ENTERPRISE:
                if schema != USER:
                    return None
                names, table = [ENTERPRISE], _ENTERPRISE.parts
            break
    for part in rest.split("."):
        found = table.get(part.lower())
        if found is None:
            return None
        names.append(found.name)
        table = found.parts
    return tuple(names)


def find(schema: str, path: tuple[str, ...]) -> Attribute:
    """Return the attribute at a path in its one spelling."""
    table: Mapping[str, Attribute] = TABLES[schema]
    found = table[path[0].lower()]
    for name in path[1:]:
        found = found.parts[name.lower()]
    return found
