"""The terms of the documents page: readers see them, managers edit, import and export them."""

from typing import Any
from urllib.parse import unquote

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.conftest import Open, upload_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TERM: dict[str, Any] = {
    "id": "trm-1",
    "name": "环网柜 <img src=x onerror=alert(1)>",
    "synonyms": ["RMU", "ring main unit"],
    "language": "zh",
    "author": "lin",
    "updated_at": 1_741_050_000.0,
}


async def served(page: Page, *, can_edit: bool) -> list[tuple[str, str, Any]]:
    """Answer for the terms; returns (method, path, body) of the requests as they come in."""
    asked: list[tuple[str, str, Any]] = []
    items = [TERM]

    async def answer(route: Route) -> None:
        request = route.request
        path = unquote(request.url.partition("/v1/spaces/")[2])
        body: dict[str, Any] | None = request.post_data_json if request.post_data else None
        asked.append((request.method, path, body))
        if request.method == "DELETE":
            items.clear()
            await route.fulfill(status=204)
        elif path.endswith("/import"):
            await route.fulfill(json={"added": 1, "total": 2})
        elif path.endswith("/export"):
            await route.fulfill(body="term,synonyms,language\r\n", headers={"Content-Type": "text/csv"})
        elif request.method == "PUT":
            items.append(TERM | (body or {}) | {"id": "trm-2"})
            await route.fulfill(json=items[-1])
        else:
            await route.fulfill(json={"items": items, "can_edit": can_edit})

    await page.route("**/v1/spaces/**", answer)
    return asked


async def test_managers_edit(open_page: Open) -> None:
    page = await open_page(token="editor", path="/#/documents")
    asked = await served(page, can_edit=True)
    section = page.locator(".terms")
    await section.locator("summary").click()
    await expect(section.locator("[data-term]")).to_contain_text("环网柜 <img src=x onerror=alert(1)>")
    await expect(section.locator("[data-term]")).to_contain_text("RMU | ring main unit")
    await section.locator("#term-name").fill("断路器")
    await section.locator("#term-synonyms").fill("开关 | CB |")
    await section.locator("form button").click()
    await expect(section.locator("[data-term='trm-2']")).to_contain_text("开关 | CB")
    assert ("PUT", "handbook/terms", {"name": "断路器", "synonyms": ["开关", "CB"]}) in asked
    csv = upload_of("terms.csv", "term,synonyms\n甲,乙".encode("gb18030"))
    await section.locator("input[type=file]").set_input_files(csv)
    await expect(page.locator("#live")).to_have_text("新增 1 条，共 2 条术语。")
    assert ("POST", "handbook/terms/import", {"csv": "term,synonyms\n甲,乙"}) in asked
    async with page.expect_download() as download:
        await section.get_by_role("button", name="导出 CSV").click()
    assert (await download.value).suggested_filename == "handbook-terms.csv"
    await section.locator("[data-term='trm-1'] .icon-button").click()
    await expect(section.locator("[data-term]")).to_have_count(0)
    assert ("DELETE", "handbook/terms/trm-1", None) in asked


async def test_readers_see(open_page: Open) -> None:
    page = await open_page(token="reader", path="/#/documents")
    asked = await served(page, can_edit=False)
    section = page.locator(".terms")
    await section.locator("summary").click()
    await expect(section.locator("[data-term]")).to_have_count(1)
    await expect(section.locator("form")).to_be_hidden()
    await expect(section.get_by_role("button", name="导入 CSV")).to_be_hidden()
    await expect(section.locator("[data-term] button")).to_have_count(0)
    await section.locator("#term-space").select_option("travel")
    await expect(section.locator("[data-term]")).to_have_count(1)
    assert [path for _, path, _ in asked] == ["handbook/terms", "travel/terms"]
