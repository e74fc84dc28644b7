"""A site with two providers beside it, and browsers."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from tests.oidc import CLIENT, SECRET, Behaviour, Provider, provider
from tests.site import Site, open_site, site_settings
from wenyuan.access import Role
from wenyuan.people.settings import BudgetSettings, IdentitySettings, IssuerSettings
from wenyuan.settings import Settings

AUDIENCE = "api://wenyuan"
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="package")
def providers() -> Iterator[tuple[Provider, Provider]]:
    with provider() as one, provider() as other:
        yield one, other


@pytest.fixture
def issuer(providers: tuple[Provider, Provider]) -> Iterator[Provider]:
    """The first provider, well-behaved again before and after each test."""
    for one in providers:
        one.be = Behaviour()
    yield providers[0]
    for one in providers:
        one.be = Behaviour()


def identity_settings(folder: Path, providers: tuple[Provider, Provider]) -> Settings:
    def settings(one: Provider, *, create: bool) -> IssuerSettings:
        return IssuerSettings(
            issuer=one.issuer,
            client_id=CLIENT,
            title="统一登录",
            audiences=(AUDIENCE,),
            bearer_scopes=("ask", "read", "manage"),
            create=create,
            groups_claim="groups",
        )

    identity = IdentitySettings(
        public_url="http://site",
        password_memory_mib=19,
        act_as=True,
        issuers={"corp": settings(providers[0], create=True), "other": settings(providers[1], create=False)},
        client_secrets={"corp": SecretStr(SECRET), "other": SecretStr(SECRET)},
    )
    budget = BudgetSettings(token_requests=4)
    return site_settings(folder, ocr=False).model_copy(update={"identity": identity, "budget": budget})


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def site(tmp_path_factory: pytest.TempPathFactory, providers: tuple[Provider, Provider]) -> AsyncIterator[Site]:
    async with open_site(identity_settings(tmp_path_factory.mktemp("site"), providers)) as opened:
        await opened.person("li")
        await opened.person("boss", Role.ADMINISTRATOR)
        await opened.person("bot", Role.DELEGATE)
        await give_password(opened, "li")
        yield opened


async def give_password(site: Site, name: str, password: str = PASSWORD, *, must_change: bool = False) -> None:
    admin = await site.administrator()
    body = {"password": password, "must_change": must_change}
    response = await admin.http.put(f"/v1/users/{name}/password", json=body)
    assert response.status_code == 204, response.text


@dataclass
class Browser:
    """Keeps cookies, and sends what the page sends."""

    http: httpx.AsyncClient
    csrf: str = ""

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        response = await self.http.post("/v1/session", json={"name": name, "password": password})
        if response.status_code == 201:
            self.csrf = response.json()["csrf"]
        return response

    async def send(self, method: str, path: str, **options: object) -> httpx.Response:
        return await self.http.request(method, path, headers={"X-CSRF-Token": self.csrf}, **options)  # type: ignore[arg-type]


async def browser(site: Site, address: str = "127.0.0.1") -> Browser:
    transport = httpx.ASGITransport(site.app, raise_app_exceptions=False, client=(address, 1234))
    http = httpx.AsyncClient(transport=transport, base_url="http://site", timeout=60)
    return Browser(await site.enter(http))
