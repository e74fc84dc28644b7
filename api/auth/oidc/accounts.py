"""From claims that hold to an account here: by issuer and subject, never by a name that somebody could choose."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from api.auth.errors import AccountUnknown, IssuerRefused
from wenyuan.access import Role
from wenyuan.db.access.directory import create_user, get_user
from wenyuan.db.engine import Connection, Database
from wenyuan.db.identity.identities import find_linked, follow_groups, link
from wenyuan.errors import AlreadyExists
from wenyuan.people.settings import IssuerSettings

MOST_GROUPS: Final = 5000
_NAME: Final = re.compile(r"[^\s/\\:,;'\"<>]{1,128}")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Admitted:
    """An account that its issuer vouches for. ``scopes``: what its bearer tokens are good for."""

    user_id: str
    name: str
    roles: frozenset[Role]
    scopes: tuple[str, ...]


async def admit(database: Database, name: str, settings: IssuerSettings, claims: Mapping[str, Any]) -> Admitted:
    """Return the account of verified claims, created if the settings say so; its groups follow the claims.

    Raises ``AccountUnknown`` when there is none that may sign in, ``IssuerRefused`` for claims of another shape.
    """
    subject = claims["sub"]
    groups = _groups(settings, claims)
    async with database.read() as tx:
        linked = await find_linked(tx, settings.issuer, subject)
    if linked is None:
        async with database.write() as tx:
            await _create(tx, settings, subject, claims)
    elif not linked.active:
        raise AccountUnknown
    if groups is not None and (linked is None or linked.groups_at is None or linked.groups_at < claims["iat"]):
        async with database.write() as tx:
            await follow_groups(tx, f"oidc:{name}", settings.issuer, subject, groups, float(claims["iat"]))
    async with database.read() as tx:
        known = await find_linked(tx, settings.issuer, subject)
        user = None if known is None or not known.active else await get_user(tx, known.user_id)
    if user is None:
        raise AccountUnknown
    return Admitted(user.id, user.name, user.roles, settings.bearer_scopes)


async def _create(tx: Connection, settings: IssuerSettings, subject: str, claims: Mapping[str, Any]) -> None:
    if await find_linked(tx, settings.issuer, subject) is not None:
        return  # by another request, meanwhile
    name = claims.get(settings.name_claim)
    if not settings.create or not isinstance(name, str):
        raise AccountUnknown
    if not _NAME.fullmatch(name) or any(unicodedata.category(one).startswith("C") for one in name):
        raise AccountUnknown
    shown = claims.get("name")
    display_name = shown if isinstance(shown, str) and len(shown) <= 256 else name
    try:
        user = await create_user(tx, name, display_name)
    except AlreadyExists:
        log.warning("issuer.name_taken", issuer=settings.issuer)
        raise AccountUnknown from None  # an account of that name is somebody else's until an administrator links it
    await link(tx, settings.issuer, subject, user.id)


def _groups(settings: IssuerSettings, claims: Mapping[str, Any]) -> list[str] | None:
    """Return the groups that the claims name, None when they say nothing about groups."""
    if settings.groups_claim is None or settings.groups_claim not in claims:
        return None
    found = claims[settings.groups_claim]
    if not isinstance(found, list) or len(found) > MOST_GROUPS:
        raise IssuerRefused(reason="groups")
    for group in found:
        if not isinstance(group, str) or not _NAME.fullmatch(group):
            raise IssuerRefused(reason="groups")
    return found
