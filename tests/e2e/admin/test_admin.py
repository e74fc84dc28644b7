"""Pages of administrators, managers and auditors before the real service, by keyboard and mouse."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, expect

from tests.e2e.conftest import PHONE, Open, Site
from tests.site import Site as Service
from tests.site import open_site, site_settings, user
from wenyuan.access import Role

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TITLE = "只给薪酬组看的标题"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Service, Site]]:
    listener = socket.create_server(("127.0.0.1", 0))
    async with open_site(site_settings(tmp_path_factory.mktemp("admin"), ocr=False)) as service:
        server = uvicorn.Server(uvicorn.Config(service.app, log_level="warning", lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        people = {name: await service.person(name) for name in ("li", "wang")}
        people["admin"] = await service.administrator()
        people["auditor"] = await service.person("auditor", Role.AUDITOR)
        await service.group("inner", "li")
        assert (await people["admin"].http.post("/v1/groups", json={"name": "payroll"})).status_code == 201
        members = {"members": [{"kind": "group", "name": "inner"}]}
        assert (await people["admin"].http.put("/v1/groups/payroll/members", json=members)).status_code == 200
        for name, parent in (("head", None), ("rd", "head")):
            body = {"name": name, "title": f"部门 {name}", "parent": parent}
            assert (await people["admin"].http.post("/v1/departments", json=body)).status_code == 201
        await service.space("pay", [{"kind": "group", "name": "payroll"}], title="薪酬", managers=[user("wang")])
        await service.publish("pay.txt", "薪酬标准。", "pay", title=TITLE)
        await service.space("open", [{"kind": "everyone"}], title="公开", managers=[user("wang")])
        await service.publish("open.txt", "公开说明。", "open", title="公开说明")
        tokens = {name: one.token for name, one in people.items()}
        yield service, Site(f"http://127.0.0.1:{listener.getsockname()[1]}", tokens)
        server.should_exit = True
        await task


@pytest.fixture
def site(served: tuple[Service, Site]) -> Site:
    return served[1]


async def shot(page: Page, name: str) -> None:
    """Keep a picture where ``WENYUAN_TEST_PICTURES`` names a folder."""
    folder = os.environ.get("WENYUAN_TEST_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_people_are_seen_and_changed(open_page: Open, served: tuple[Service, Site]) -> None:
    page = await open_page("admin", "/#/people")
    for name in ("admin", "auditor", "li", "wang"):
        await expect(
            page.locator("#people-users tbody tr td:first-child", has_text=re.compile(f"^{name}$"))
        ).to_be_visible()
    await expect(page.locator("#people-groups")).to_contain_text("payroll")
    await expect(page.locator("#people-groups ul")).to_contain_text("inner")
    await expect(page.locator("#people-departments ul")).to_contain_text("部门 rd")
    await shot(page, "people")
    await page.get_by_role("button", name="编辑 wang").focus()
    await page.keyboard.press("Enter")
    await page.fill("#edit-compartments", "atlas, 天枢")
    await page.select_option("#edit-employment", "external")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("#people-users tr", has_text="wang")).to_contain_text("外部人员")
    detail = await (await served[0].administrator()).http.get("/v1/users/wang/access")
    assert sorted(detail.json()["compartments"]) == ["atlas", "天枢"]


async def test_members_are_saved_after_their_effect_was_shown(open_page: Open, served: tuple[Service, Site]) -> None:
    page = await open_page("admin", "/#/people")
    await page.locator("#people-groups > li > .place", has_text="inner").click()
    await page.fill("#edit-members", "li\nauditor")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("dialog .effect")).to_contain_text("1 人将多看到文档")
    await shot(page, "members")
    admin = await served[0].administrator()
    groups = {one["name"]: one for one in (await admin.http.get("/v1/groups")).json()["items"]}
    assert [one["name"] for one in groups["inner"]["members"]] == ["li"]
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("dialog.edit")).to_have_count(0)
    groups = {one["name"]: one for one in (await admin.http.get("/v1/groups")).json()["items"]}
    assert {one["name"] for one in groups["inner"]["members"]} == {"li", "auditor"}


async def test_the_last_seat_of_a_department_is_taken(open_page: Open, served: tuple[Service, Site]) -> None:
    admin = await served[0].administrator()
    assert (await admin.http.post("/v1/departments", json={"name": "seats", "title": "席位"})).status_code == 201
    assert (await admin.http.patch("/v1/departments/seats", json={"members": ["li"]})).status_code == 200
    page = await open_page("admin", "/#/people")
    await page.locator("#people-departments .place", has_text="席位").click()
    await expect(page.locator("#edit-seats")).to_have_value("li")
    await page.fill("#edit-seats", "")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("dialog.edit")).to_have_count(0)
    assert (await admin.http.get("/v1/departments/seats")).json()["members"] == []


async def test_somebodys_view_shows_no_title_beyond_ones_own(open_page: Open) -> None:
    page = await open_page("admin", "/#/people")
    await page.locator("#people-users tr", has_text="li").first.get_by_role("button", name="以其视角查看").click()
    await expect(page.locator("#view-as .viewing")).to_contain_text("正在以 li 的视角查看")
    await expect(page.locator("#view-as")).to_contain_text("薪酬：1 个文档")
    await expect(page.locator("#view-as")).to_contain_text("标题对您不可见")
    await expect(page.locator("#view-as")).to_contain_text("公开说明")
    await expect(page.locator("body")).not_to_contain_text(TITLE)
    await shot(page, "view")
    await page.locator("#view-as-end").click()
    await expect(page.locator("#view-as")).to_be_empty()


async def test_a_policy_shows_who_gains_and_loses_before_it_is_saved(open_page: Open) -> None:
    page = await open_page("wang", "/#/access", locale="en-GB")
    await expect(page.locator("#tab-people")).to_be_hidden()
    await expect(page.locator("#tab-audit")).to_be_hidden()
    await page.select_option("#access-space", "open")
    await page.fill("#access-folder", "plans")
    await page.keyboard.press("Enter")
    await page.locator(".place", has_text="plans").click()
    await page.fill("#access-allow", "nonsense")
    await page.locator("#access-check").click()
    await expect(page.locator("#view-access .problem")).to_contain_text("Line 1 must begin with")
    await page.fill("#access-allow", "")
    await page.fill("#access-deny", "user:li")
    await page.locator("#access-check").click()
    await expect(page.locator(".editor .hint").last).to_have_text("Nobody would see more or less.")
    await page.locator("#access-apply").click()
    await expect(page.locator(".saved")).to_contain_text("Saved")
    await page.locator(".place", has_text="plans").click()
    await expect(page.locator("#access-deny")).to_have_value("user:li")
    admin = await open_page("admin", "/#/access")
    await admin.select_option("#access-space", "open")
    await expect(admin.locator("#access-allow")).to_have_value("everyone")
    await admin.fill("#access-deny", "user:li")
    await admin.locator("#access-check").click()
    await expect(admin.locator(".effect")).to_contain_text("1 人将少看到（共 1 人次）")
    await shot(admin, "access")


async def test_the_reason_is_shown_on_a_document(open_page: Open, served: tuple[Service, Site]) -> None:
    page = await open_page("li", "/#/documents")
    await page.get_by_role("button", name=TITLE).click()
    await page.get_by_role("button", name="谁能看到 / 为什么").click()
    await expect(page.locator(".verdict")).to_contain_text("用户组 inner → 用户组 payroll")
    await expect(page.locator("#why-user")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog.explain")).to_have_count(0)
    http = (await served[0].administrator()).http
    everybody = (await http.get("/v1/users")).json()["items"]
    admin = await open_page("admin", "/#/documents")
    await admin.get_by_role("button", name="公开说明").click()
    await admin.get_by_role("button", name="谁能看到 / 为什么").click()
    await expect(admin.locator("dialog.explain")).to_contain_text(f"能看到的人（{len(everybody)}）")
    await admin.fill("#why-user", "li")
    await admin.keyboard.press("Enter")
    await expect(admin.locator(".verdict")).to_contain_text("被允许：所有账号")
    await shot(admin, "explain")


async def test_the_log_is_filtered_exported_and_verified(open_page: Open) -> None:
    page = await open_page("auditor", "/#/audit", viewport=PHONE)
    await page.select_option("#audit-action", "act")
    await page.get_by_role("button", name="筛选").click()
    await expect(page.locator("#audit-list tbody tr").first).to_contain_text("改动")
    await expect(page.locator("#audit-list tbody tr", has_text="检索")).to_have_count(0)
    await page.locator("#audit-verify").click()
    await expect(page.locator("#audit-state")).to_contain_text("日志完整")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="csv").click()
    assert (await download.value).suggested_filename == "audit.csv"
    await shot(page, "audit-phone")
    # The tabs do not fit: the one that counts is always in sight.
    phone = await open_page("admin", "/#/audit", viewport=PHONE)
    for name in ("audit", "chat"):
        await phone.goto(phone.url.split("#")[0] + f"#/{name}")
        await expect(phone.locator(f"#tab-{name}")).to_be_in_viewport(ratio=1)
    wide = await open_page("auditor", "/#/audit")
    await expect(wide.locator("#audit-list tbody td:nth-child(5) code").first).to_be_visible()
    await shot(wide, "audit")
    # Names of accounts are for those who may list them; others see ids.
    known = await open_page("admin", "/#/audit")
    await expect(known.locator("#audit-list tbody td:nth-child(5)").first).to_have_text("admin")


async def test_a_space_and_an_account_are_made_in_the_page(open_page: Open, served: tuple[Service, Site]) -> None:
    page = await open_page("admin", "/#/access")
    await page.locator("#new-space summary").click()
    await page.fill("#space-title", "新的空间")
    await page.fill("#space-name", "made here")
    await page.get_by_role("button", name="新建空间").click()
    await expect(page.locator(".admin .problem")).to_be_visible()
    await page.fill("#space-name", "made-here")
    await page.get_by_role("button", name="新建空间").click()
    await expect(page.locator("#access-space")).to_have_value("made-here")
    await page.fill("#access-contributors", "用户:admin\n用户组:payroll")
    await page.locator("#access-check").click()
    await page.locator("#access-apply").click()
    await expect(page.locator(".saved")).to_be_visible()
    admin = await served[0].administrator()
    spaces = {one["name"]: one for one in (await admin.http.get("/v1/spaces")).json()["items"]}
    assert {one["name"] for one in spaces["made-here"]["contributors"]} == {"admin", "payroll"}
    assert [one["name"] for one in spaces["made-here"]["readers"]] == ["admin"], "nobody else reads it yet"
    await page.locator("#tab-documents").click()
    await expect(page.locator("#filter-space")).to_contain_text("新的空间")

    await page.locator("#tab-people").click()
    await page.locator("[data-action='people.newuser']").click()
    await page.fill("#new-name", "made")
    await page.fill("#new-password", "short")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("dialog .problem")).to_contain_text("12")
    await page.fill("#new-password", "seven green umbrellas")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("#people-users tr", has_text="made")).to_contain_text("内部")
    http = await served[0].client(None)
    signed = await http.post("/v1/session", json={"name": "made", "password": "seven green umbrellas"})
    assert signed.json()["must_change_password"], "another one is asked for at the first sign-in"
