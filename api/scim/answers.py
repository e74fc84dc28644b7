"""How resources leave: chosen attributes, versions, pages."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import Query, Request
from fastapi.responses import JSONResponse, Response

from api.scim.attributes import split_path
from api.scim.errors import MEDIA_TYPE, ScimPath, ScimStale, ScimSyntax

LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
BASE: Final = "/scim/v2"
MAX_PAGE: Final = 1_000
DEFAULT_PAGE: Final = 100
_ALWAYS: Final = frozenset({"schemas", "id"})
_Attributes = Annotated[str | None, Query(max_length=4096)]
_Excluded = Annotated[str | None, Query(alias="excludedAttributes", max_length=4096)]


async def body_of(request: Request) -> dict[str, Any]:
    """Return the object that a request carries, whatever JSON type it is labelled with; raises ``ScimSyntax``."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ScimSyntax(reason="JSON") from None
    if not isinstance(body, dict):
        raise ScimSyntax(reason="JSON")
    return body


def location(request: Request, path: str) -> str:
    """Return the address of something below the base, as this client reaches it."""
    return f"{str(request.base_url).rstrip('/')}{BASE}{path}"


def version_of(resource: Mapping[str, Any]) -> str:
    """Return the weak entity tag of a resource without its ``meta``."""
    told = json.dumps(resource, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f'W/"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


def require_version(request: Request, version: str) -> None:
    """Raise ``ScimStale`` when the client named another version (``If-Match``)."""
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted.strip() != "*" and version not in _tags(wanted):
        raise ScimStale


def has_version(request: Request, version: str) -> bool:
    """Return whether the client has this version already (``If-None-Match``)."""
    wanted = request.headers.get("if-none-match")
    return wanted is not None and (wanted.strip() == "*" or version in _tags(wanted))


class Chosen:
    """Which attributes a client asked for; raises ``ScimPath`` for one that does not exist."""

    def __init__(self, schema: str, wanted: str | None, unwanted: str | None) -> None:
        self._wanted = None if not wanted else [_path(schema, one) for one in wanted.split(",")[:100]]
        self._unwanted = [_path(schema, one) for one in (unwanted or "").split(",")[:100] if one.strip()]
        self.asked = self._wanted is not None

    def shows(self, name: str) -> bool:
        """Return whether an attribute at the top is shown, whole or in part."""
        if name in _ALWAYS:
            return True
        if self._wanted is not None:
            return any(path[0] == name for path in self._wanted)
        return (name,) not in self._unwanted

    def of(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is shown of a resource."""
        shown = {}
        for name, value in resource.items():
            if not self.shows(name):
                continue
            parts = {path[1] for path in self._wanted or () if path[0] == name and len(path) > 1}
            whole = self._wanted is None or (name,) in self._wanted or name in _ALWAYS
            dropped = {path[1] for path in self._unwanted if path[0] == name and len(path) > 1}
            shown[name] = value if whole and not dropped else _cut(value, None if whole else parts, dropped)
        return shown


def chosen_of(schema: str) -> Callable[[str | None, str | None], Awaitable[Chosen]]:
    """Return a dependency that reads from the query which attributes of ``schema`` a client asks for."""

    async def chosen(attributes: _Attributes = None, excluded: _Excluded = None) -> Chosen:
        return Chosen(schema, attributes, excluded)

    return chosen


def answer(body: Mapping[str, Any], *, status: int = 200) -> Response:
    """Return a resource with its headers."""
    headers = {}
    meta = body.get("meta") or {}
    if "version" in meta:
        headers["ETag"] = meta["version"]
    if status == 201 and "location" in meta:
        headers["Location"] = meta["location"]
    return JSONResponse(dict(body), status_code=status, headers=headers, media_type=MEDIA_TYPE)


def listing(resources: Sequence[Mapping[str, Any]], total: int, start: int) -> Response:
    """Return one page of a list; ``start`` counts from 1."""
    body = {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }
    return JSONResponse(body, media_type=MEDIA_TYPE)


def _cut(value: Any, parts: set[str] | None, dropped: set[str]) -> Any:
    if isinstance(value, list):
        return [_cut(one, parts, dropped) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {key: one for key, one in value.items() if (parts is None or key in parts) and key not in dropped}


def _path(schema: str, text: str) -> tuple[str, ...]:
    path = split_path(schema, text)
    if path is None:
        raise ScimPath(reason=text.strip()[:80])
    return path or ("schemas",)


def _tags(header: str) -> set[str]:
    tags = {tag.strip() for tag in header.split(",")}
    return tags | {f"W/{tag}" for tag in tags if tag.startswith('"')}
