"""Accounts as SCIM users, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from api.scim.attributes import ENTERPRISE, USER, find, split_path
from api.scim.errors import ScimSyntax, ScimTooMany, ScimValue
from api.scim.patch import normal
from wenyuan.access import Role
from wenyuan.db.access.provisioning.accounts import Account, AccountValues
from wenyuan.people.entries import ID_CHARS, NAME_CHARS, TITLE_CHARS
from wenyuan.people.errors import RoleReserved

MAX_ROLES: Final = 100
_RESERVED: Final = frozenset(role.value for role in Role)
# Where the parts of a profile stand in a SCIM user.
_PLACES: Final = {
    "given_name": ("name", "givenName"),
    "family_name": ("name", "familyName"),
    "title": ("title",),
    "user_type": ("userType",),
    "language": ("preferredLanguage",),
    "employee_number": (ENTERPRISE, "employeeNumber"),
    "organization": (ENTERPRISE, "organization"),
    "division": (ENTERPRISE, "division"),
    "cost_center": (ENTERPRISE, "costCenter"),
    "department": (ENTERPRISE, "department"),
    "manager": (ENTERPRISE, "manager", "value"),
}


def user_resource(account: Account) -> dict[str, Any]:
    """Return an account as a SCIM user, without ``meta``."""
    shown: dict[str, Any] = {"schemas": [USER], "id": account.id, "userName": account.name}
    if account.external_id is not None:
        shown["externalId"] = account.external_id
    shown |= {"displayName": account.display_name, "active": account.active}
    for key, place in _PLACES.items():
        if key in account.profile:
            holder = shown
            for name in place[:-1]:
                holder = holder.setdefault(name, {})
            holder[place[-1]] = account.profile[key]
    if "email" in account.profile:
        shown["emails"] = [{"value": account.profile["email"], "type": "work", "primary": True}]
    if account.roles:
        shown["roles"] = [{"value": role} for role in account.roles]
    if account.groups:
        shown["groups"] = [{"value": key, "display": name, "type": "direct"} for key, name in account.groups]
    if ENTERPRISE in shown:
        shown["schemas"] = [USER, ENTERPRISE]
    return shown


def read_resource(schema: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource that a client sent in one spelling; read-only attributes are left out (RFC 7643 §2.2).

    Raises ``ScimSyntax`` for an attribute that does not exist: a misspelled one would be lost without a word.
    """
    shown: dict[str, Any] = {}
    for key, value in body.items():
        path = split_path(schema, key)
        if not path:
            raise ScimSyntax(reason=key[:120])
        if path[0] == "schemas" or find(schema, path[:1]).read_only:
            continue
        made = normal(schema, path, value)
        holder = shown
        for name in path[:-1]:
            holder = holder.setdefault(name, {})
        holder[path[-1]] = made
    return shown


def account_values(resource: Mapping[str, Any], *, active: bool, employments: Mapping[str, str]) -> AccountValues:
    """Return what is stored of a user; raises ``ScimValue``, and ``RoleReserved`` for a role of this service.

    ``active`` holds where the resource does not say it. ``employments``: by user type.
    """
    name = resource.get("userName")
    if not isinstance(name, str) or not 0 < len(name) <= NAME_CHARS or name != name.strip() or set(name) & set(" /"):
        raise ScimValue(reason="userName")
    profile = {key: text for key, place in _PLACES.items() if (text := _text(resource, place))}
    email = _email(resource.get("emails") or [])
    if email:
        profile["email"] = email
    whole = resource.get("name") or {}
    parts = " ".join(part for part in (whole.get("givenName"), whole.get("familyName")) if part)
    display = resource.get("displayName") or whole.get("formatted") or parts or name
    given = resource.get("active")
    return AccountValues(
        name=name,
        display_name=_short(display, TITLE_CHARS, "displayName"),
        active=active if given is None else given,
        employment=employments.get(profile.get("user_type", ""), "staff"),
        external_id=_short(resource.get("externalId"), ID_CHARS, "externalId") or None,
        profile=profile,
        roles=_roles(resource.get("roles") or []),
    )


def _roles(listed: list[Mapping[str, Any]]) -> tuple[str, ...]:
    roles = [one.get("value") or "" for one in listed]
    if len(roles) > MAX_ROLES:
        raise ScimTooMany(limit=MAX_ROLES)
    for role in roles:
        if not role or len(role) > NAME_CHARS:
            raise ScimValue(reason="roles")
        if role.strip().casefold() in _RESERVED:
            raise RoleReserved(name=role)
    return tuple(sorted(set(roles)))


def _email(listed: list[Mapping[str, Any]]) -> str:
    held = sorted((one for one in listed if one.get("value")), key=lambda one: not one.get("primary"))
    return _short(held[0]["value"], TITLE_CHARS, "emails") if held else ""


def _text(resource: Mapping[str, Any], place: tuple[str, ...]) -> str:
    at: Any = resource
    for name in place:
        at = at.get(name) if isinstance(at, Mapping) else None
    return _short(at, TITLE_CHARS, ".".join(place))


def _short(text: str | None, most: int, name: str) -> str:
    if text is not None and len(text) > most:
        raise ScimValue(reason=name)
    return text or ""
