"""The real application and a provider's token, on SQLite and on PostgreSQL. One per module: opening loads a model."""

import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.databases import empty_database
from tests.site import Site, open_site, site_settings
from wenyuan.access import Role
from wenyuan.db.access.directory import create_user, find_user
from wenyuan.db.access.tokens import TokenScope, issue_token
from wenyuan.db.engine import Database

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BASE = "/scim/v2"


@dataclass(frozen=True)
class Provider:
    """An identity provider with a token that is good for provisioning and nothing else."""

    site: Site
    http: httpx.AsyncClient

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **options: Any) -> Any:
        headers = {"Content-Type": "application/scim+json"} | options.pop("headers", {})
        if body is not None:
            options["json"] = body
        response = await self.http.request(method, BASE + path, headers=headers, **options)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    async def refused(self, method: str, path: str, body: Any, status: int, kind: str, **options: Any) -> str:
        """Return the code of an error after checking its shape."""
        error = await self.call(method, path, body, status=status, **options)
        assert error["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert error["status"] == str(status)
        assert error.get("scimType", "") == kind
        assert error["detail"]
        code: str = error["code"]
        return code

    async def user(self, name: str, **more: Any) -> dict[str, Any]:
        body = {"schemas": [USER], "userName": name, "externalId": f"ext-{name}", **more}
        made: dict[str, Any] = await self.call("POST", "/Users", body, status=201)
        return made

    async def group(self, name: str, *members: str) -> dict[str, Any]:
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in members]}
        made: dict[str, Any] = await self.call("POST", "/Groups", body, status=201)
        return made

    async def patch(self, path: str, *operations: dict[str, Any], status: int = 200, **options: Any) -> Any:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return await self.call("PATCH", path, body, status=status, **options)

    async def find(self, kind: str, text: str, **params: Any) -> list[dict[str, Any]]:
        found = await self.call("GET", f"/{kind}", params={"filter": text, **params})
        assert found["totalResults"] >= len(found["Resources"])
        listed: list[dict[str, Any]] = found["Resources"]
        return listed

    async def signed_in(self, user_id: str) -> httpx.AsyncClient:
        """Return a client with a token of a provisioned account."""
        async with self.site.services.database.write() as tx:
            _, secret = await issue_token(tx, user_id, "test", 1)
        return await self.site.client(secret)


@contextlib.asynccontextmanager
async def provider_of(site: Site) -> AsyncIterator[Provider]:
    async with site.services.database.write() as tx:
        await create_user(tx, "provisioner", "provisioner", frozenset({Role.ADMINISTRATOR}))
        owner = await find_user(tx, "provisioner")
        _, secret = await issue_token(tx, owner.id, "idp", 1, [TokenScope.PROVISION])
    yield Provider(site, await site.client(secret))


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Provider]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "postgres":
            url = empty_database(request.getfixturevalue("postgres"), f"scim_{secrets.token_hex(6)}")
            patch.setattr("api.bootstrap.open_database", lambda _: Database(url))
        settings = site_settings(tmp_path_factory.mktemp("scim"), ocr=False)
        async with open_site(settings) as site, provider_of(site) as opened:
            yield opened
