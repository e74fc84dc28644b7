"""The sources of the documents page: shown to those who manage a space, asked for once opened, synced on demand."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SOURCE: dict[str, Any] = {
    "id": "src-1",
    "name": "制度库 <img src=x onerror=alert(1)>",
    "kind": "folder",
    "config": {"root": "shared"},
    "space": "travel",
    "owner": "admin",
    "interval_s": 300.0,
    "items": 12,
    "documents": 11,
    "errors": 1,
    "error": None,
    "created_at": 1_740_000_000.0,
    "synced_at": 1_741_050_000.0,
}
ITEM = {
    "key": "财务/坏.pdf",
    "revision": "1",
    "document_id": None,
    "seen_at": 0.0,
    "error": {"code": "file.type_mismatch", "message": "文件扩展名与内容不符。"},
}
JOB = {"id": "job-9", "state": "done", "stage": "sync", "progress": {"done": 12, "total": 12, "unit": "item"}}


async def served(page: Page) -> list[str]:
    """Answer for the sources; returns the requests as they come in."""
    asked: list[str] = []
    healthy = False

    async def answer(route: Route) -> None:
        nonlocal healthy
        request = route.request
        path = request.url.partition("/v1/")[2].partition("?")[0]
        asked.append(f"{request.method} {path}")
        if path.endswith("/sync"):
            healthy = True
            await route.fulfill(status=202, json={"job_id": "job-9"})
        elif path.endswith("/items"):
            await route.fulfill(json={"items": [ITEM], "next_cursor": None})
        elif path.startswith("jobs/"):
            body = f"data: {json.dumps(JOB)}\n\n"
            await route.fulfill(body=body, headers={"Content-Type": "text/event-stream"})
        else:
            await route.fulfill(json={"items": [SOURCE | ({"errors": 0, "documents": 12} if healthy else {})]})

    await page.route("**/v1/sources**", answer)
    await page.route("**/v1/sources/**", answer)
    await page.route("**/v1/jobs/job-9/**", answer)
    return asked


async def test_sources_are_shown_explained_and_synced(open_page: Open) -> None:
    page = await open_page(token="editor", path="/#/documents")
    asked = await served(page)
    section = page.locator(".places")
    await expect(section).to_be_visible()
    assert asked == []
    await section.locator("> summary").click()
    row = page.locator("tr[data-source='src-1']")
    await expect(row).to_contain_text(["制度库 <img src=x onerror=alert(1)>"])
    await expect(row.locator("td")).to_contain_text(["制度库", "文件夹", "travel", "11 / 12", "有错误", "2025", ""])
    await row.locator(".warnings summary").click()
    await expect(row.locator(".warnings li")).to_have_text("财务/坏.pdf 文件扩展名与内容不符。")
    await row.get_by_role("button", name="立即同步").click()
    await expect(row.locator(".state")).to_have_text("正常")
    await expect(row).to_contain_text("12 / 12")
    assert "POST sources/src-1/sync" in asked


async def test_readers_see_no_sources(open_page: Open) -> None:
    page = await open_page(token="reader", path="/#/documents")
    await page.locator(".document-table tbody tr").first.wait_for()
    await expect(page.locator(".places")).to_be_hidden()
