"""Signing in before the real service: with a password, at a provider; one's own sessions and tokens."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import expect
from pydantic import SecretStr

from tests.e2e.conftest import Open, Site
from tests.oidc import CLIENT, SECRET, provider
from tests.site import Site as Service
from tests.site import open_site, site_settings
from wenyuan.people.settings import IdentitySettings, IssuerSettings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
FIRST, SECOND = "the first phrase of lin", "quite another sentence"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Service, Site]]:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with provider() as issuer:
        corp = IssuerSettings(issuer=issuer.issuer, client_id=CLIENT, title="统一登录", create=True)
        identity = IdentitySettings(
            public_url=url,
            password_memory_mib=19,
            issuers={"corp": corp},
            client_secrets={"corp": SecretStr(SECRET)},
        )
        settings = site_settings(tmp_path_factory.mktemp("account"), ocr=False)
        async with open_site(settings.model_copy(update={"identity": identity})) as service:
            server = uvicorn.Server(uvicorn.Config(service.app, log_level="warning", lifespan="off"))
            task = asyncio.create_task(server.serve(sockets=[listener]))
            await service.person("lin")
            yield service, Site(url, {}, beside=issuer.issuer.removeprefix("http://"))
            server.should_exit = True
            await task


@pytest.fixture
def site(served: tuple[Service, Site]) -> Site:
    return served[1]


async def test_a_password_is_changed_at_the_first_sign_in(open_page: Open, served: tuple[Service, Site]) -> None:
    admin = await served[0].administrator()
    assert (await admin.http.put("/v1/users/lin/password", json={"password": FIRST})).status_code == 204
    page = await open_page(token=None)
    await expect(page.locator("#token")).to_be_hidden()
    await page.fill("#signin-name", "lin")
    await page.fill("#signin-password", FIRST)
    await page.keyboard.press("Enter")
    await page.fill("#password-old", FIRST)
    await page.fill("#password-new", SECOND)
    await page.get_by_role("button", name="保存新密码").click()
    await expect(page.locator("#who-name")).to_have_text("lin")
    # Kept over a reload; no script could read what proves it.
    await page.reload()
    await expect(page.locator("#who-name")).to_have_text("lin")
    assert await page.evaluate("document.cookie") == ""
    await page.locator("#who").click()
    await page.get_by_role("button", name="密码、会话与令牌").click()
    await expect(page.locator("#own-sessions li")).to_have_count(1)
    await page.fill("#token-name", "笔记本")
    await page.get_by_role("button", name="创建令牌").click()
    secret = await page.locator(".secret").text_content()
    assert (await (await served[0].client(secret)).get("/v1/me")).json()["name"] == "lin"
    await page.locator("#own-tokens li", has_text="笔记本").get_by_role("button", name="吊销").click()
    await expect(page.locator("#own-tokens li", has_text="笔记本")).to_have_count(0)
    assert (await (await served[0].client(secret)).get("/v1/me")).status_code == 401
    await page.get_by_role("button", name="关闭").click()
    await page.locator("#who").click()
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.locator("#signin-name")).to_be_visible()
    await page.reload()
    await expect(page.locator("#signin-name")).to_be_visible()


async def test_one_signs_in_at_the_provider(open_page: Open) -> None:
    page = await open_page(token=None)
    await page.get_by_role("link", name="通过统一登录登录").click()
    await expect(page.locator("#who-name")).to_have_text("wang")
    assert "signin" not in page.url


async def test_what_went_wrong_at_the_provider_is_said(open_page: Open) -> None:
    page = await open_page(token=None, path="/?signin=auth.account_unknown")
    await expect(page.locator("#password-error")).to_contain_text("没有可用的账号")
    assert "signin" not in page.url
