"""Readers of parts are set in the page before the real service: by keyboard, foreseen, in force, lifted again."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, Open, Site
from tests.e2e.server import served_beside
from tests.site import Site as Service
from tests.site import open_site, site_settings, told_in, user

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
BOOK = """# 手册

## 考勤

上班时间为上午九点。

## 薪酬

年终奖为三个月工资。

| 姓名 | 部门 |
|---|---|
| 张一 | 研发 |
| 王二 | 财务 |
"""
STAFF = "姓名,薪资\n张一,10001\n王二,20002\n李三,30003\n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with open_site(site_settings(tmp_path_factory.mktemp("parts"), ocr=False)) as opened:
        await opened.person("lin")
        await opened.person("wang")
        await opened.space("hr", [user("lin"), user("wang")], managers=[user("lin")])
        await opened.publish("book.md", BOOK, "hr", title="手册")
        await opened.publish("staff.csv", STAFF, "hr", title="名单")
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def site(service: Service) -> AsyncIterator[Site]:
    tokens = {"editor": (await service.person("lin")).token, "reader": (await service.person("wang")).token}
    async with served_beside(service.app) as url:
        yield Site(url, tokens)


async def opened(page: Page, title: str) -> Locator:
    await page.get_by_role("button", name=title, exact=True).click()
    dialog = page.locator("dialog.details")
    await dialog.locator("[data-action='parts']").click()
    await dialog.locator("#parts-add").click()
    await expect(dialog.locator(".outline")).to_be_visible()
    return dialog


async def seen(service: Service, title: str) -> str:
    """Return the blocks of a document as the other reader is told them."""
    wang = await service.person("wang")
    items = (await wang.http.get("/v1/documents")).json()["items"]
    [one] = [item for item in items if item["title"] == title]
    path = f"/v1/documents/{one['id']}/versions/{one['current_version']['id']}/blocks"
    return told_in((await wang.http.get(path)).text)


async def test_a_section_is_closed_by_keyboard_and_opened_again(open_page: Open, service: Service) -> None:
    page = await open_page(path="/#/documents")
    dialog = await opened(page, "手册")
    await expect(dialog.locator(".outline li")).to_have_text(
        ["页码 按页码范围", "章节 手册", "章节 考勤", "章节 薪酬", "表格 姓名 | 部门3 行"]
    )
    await dialog.locator("#parts-check").click()
    await expect(dialog.locator(".problem")).to_have_text("请先选择一个部分。")
    await dialog.locator(".outline input").nth(3).focus()
    await page.keyboard.press("Space")
    await dialog.locator("#access-deny").fill("用户:wang")
    await dialog.locator("#access-inherits").check()
    await page.keyboard.press("Enter")
    await expect(dialog.locator(".effect")).to_contain_text("1 人将少看到（共 1 人次）")
    await expect(dialog.locator(".effect tbody")).to_contain_text("−1 个部分")
    assert "三个月" in await seen(service, "手册"), "nothing is changed before it is confirmed"
    await expect(dialog.locator("#parts-apply")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog.locator(".part-rule")).to_contain_text("薪酬 减少读者命中 3 处", timeout=30_000)
    await expect(dialog.locator(".part-rule")).to_contain_text("拒绝：用户 wang")
    assert "三个月" not in await seen(service, "手册")
    await expect(dialog.locator(".saved")).to_have_text("已保存并整理完毕。", timeout=30_000)
    await dialog.get_by_role("button", name="取消限定").click()
    await dialog.locator("#parts-apply").click()
    await expect(dialog.locator(".part-rule")).to_have_count(0, timeout=30_000)
    assert "三个月" in await seen(service, "手册")


async def test_rows_are_closed_by_number_on_a_phone(open_page: Open, service: Service) -> None:
    page = await open_page(path="/#/documents", viewport=PHONE, locale="en-GB")
    dialog = await opened(page, "名单")
    await dialog.locator(".outline input").nth(1).check()
    await dialog.get_by_label("By number").check()
    await dialog.locator("#parts-first").fill("3")
    await dialog.locator("#parts-last").fill("2")
    await dialog.locator("#access-allow").fill("user:lin")
    await dialog.locator("#parts-check").click()
    await expect(dialog.locator(".problem")).to_have_text("Give a first and a last number.")
    await dialog.locator("#parts-last").fill("3")
    await dialog.locator("#parts-check").click()
    await dialog.locator("#parts-apply").click()
    await expect(dialog.locator(".part-rule")).to_contain_text("rows 3–3 those listed aloneplaces: 1", timeout=30_000)
    assert await dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
    told = await seen(service, "名单")
    assert "20002" not in told
    assert "10001" in told
    # A row more above: what was said of row 3 holds no more, and the table waits to be looked at.
    items = (await (await service.person("lin")).http.get("/v1/documents")).json()["items"]
    [document] = [item["id"] for item in items if item["title"] == "名单"]
    files = {"file": ("staff.csv", STAFF.replace("张一", "赵零,1\n张一").encode())}
    admin = await service.administrator()
    sent = await admin.http.post(f"/v1/documents/{document}/versions", files=files)
    assert (await service.finished(sent.json()["job_id"]))["state"] == "done"
    assert "10001" not in await seen(service, "名单")
    await dialog.get_by_role("button", name="Back").click()
    await dialog.locator("[data-action='parts']").click()
    await expect(dialog.locator(".part-rule .problem")).to_contain_text("These rows say something else now")
    await dialog.get_by_role("button", name="These rows are right").click()
    await dialog.locator("#parts-apply").click()
    await expect(dialog.locator(".part-rule .problem")).to_have_count(0, timeout=30_000)
    assert "10001" not in await seen(service, "名单"), "row 3 it is"
