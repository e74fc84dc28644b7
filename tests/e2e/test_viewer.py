"""Opening a citation: page image, passage, versions, revocation, the address."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e import data
from tests.e2e.conftest import PHONE, Open, ask, sign_in
from tests.e2e.contract import Contract

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
LODGING = "去一线城市（北京、上海、广州、深圳）出差，住宿费上限为每人每晚 600 元。"


async def opened(page: Page, marker: str = "1") -> None:
    """Ask, and open a citation by its chip."""
    await ask(page, "住宿标准是多少？")
    await page.locator(f".chip[data-marker='{marker}']").first.click()


async def test_chip_opens_page_image_and_marked_passage(open_page: Open) -> None:
    page = await open_page()
    await opened(page)
    viewer = page.locator("#viewer")
    await expect(viewer.locator("h2")).to_have_text("差旅费用管理办法（2025 版）")
    await expect(viewer.locator(".viewer-place")).to_contain_text("第 3 页")
    await expect(viewer.locator(".viewer-quote")).to_have_text(LODGING)
    image = viewer.locator("img.sheet-image")
    await expect(image).to_have_attribute("alt", "差旅费用管理办法（2025 版），第 3 页，引文已标出")
    assert str(await image.get_attribute("src")).startswith("blob:")
    assert await image.evaluate("e => e.naturalWidth") == 1190
    # The span counts code points; the passage has a character beyond the basic plane before it.
    await expect(viewer.locator("mark")).to_have_text(LODGING)
    assert page.url.endswith("/?citation=travel-1")
    # The marked place is scrolled into view.
    place = await viewer.locator(".sheet").evaluate("e => [e.scrollTop, e.scrollTop + e.clientHeight, e.scrollHeight]")
    middle = (600 + 672) / 2 / 842 * place[2]
    assert place[0] < middle < place[1]


async def test_zoom_by_buttons_and_keys(open_page: Open) -> None:
    page = await open_page()
    await opened(page)
    image = page.locator("img.sheet-image")
    await image.wait_for()
    width = (await image.evaluate("e => e.clientWidth")) or 0
    await page.get_by_role("button", name="放大").click()
    assert await image.evaluate("e => e.clientWidth") == pytest.approx(width * 1.25, abs=2)
    await page.keyboard.press("+")
    assert await image.evaluate("e => e.clientWidth") == pytest.approx(width * 1.5, abs=2)
    await page.get_by_role("button", name="适合宽度").click()
    assert await image.evaluate("e => e.clientWidth") == pytest.approx(width, abs=2)


async def test_superseded_version_and_page_break(open_page: Open) -> None:
    page = await open_page()
    await opened(page, "2")
    await expect(page.locator(".superseded")).to_contain_text("已有更新版本")
    await page.locator("img.sheet-image").wait_for()
    async with page.expect_response("**/v1/documents/d-1/pages/5?citation=travel-2") as asked:
        await page.get_by_role("button", name="第 5 页").click()
    assert (await asked.value).status == 200
    await expect(page.locator("img.sheet-image")).to_have_attribute(
        "alt", "差旅费用管理办法（2025 版），第 5 页，引文已标出"
    )


async def test_format_without_pages_shows_where(open_page: Open) -> None:
    page = await open_page()
    await opened(page, "3")
    await expect(page.locator(".viewer-path li")).to_have_text(["技术参数", "'参数表'!A2:B4"])
    await expect(page.locator("#viewer mark")).to_have_text("额定电压 | 12 kV")
    await expect(page.locator("img.sheet-image")).to_have_count(0)


async def test_siblings_escape_and_focus(open_page: Open) -> None:
    page = await open_page()
    await opened(page)
    await expect(page.locator(".viewer-count")).to_have_text("1 / 3")
    await page.get_by_role("button", name="下一条引用").click()
    await expect(page.locator(".viewer-count")).to_have_text("2 / 3")
    assert page.url.endswith("/?citation=travel-2")
    await page.keyboard.press("Escape")
    await expect(page.locator("#viewer")).to_be_hidden()
    assert page.url.endswith("/")
    assert await page.evaluate("document.activeElement.dataset.marker") == "1"
    await expect(page.locator(".turn")).to_have_count(1)


async def test_link_opens_after_sign_in_and_back_closes(open_page: Open) -> None:
    page = await open_page(token=None, path="/?citation=travel-1")
    await expect(page.locator("#viewer")).to_be_hidden()
    await sign_in(page, data.READER)
    await expect(page.locator("#viewer mark")).to_have_text(LODGING)
    await page.get_by_role("button", name="关闭").click()
    await expect(page.locator("#viewer")).to_be_hidden()
    assert page.url.endswith("/")
    await opened(page)
    await page.locator("img.sheet-image").wait_for()
    await page.go_back()
    await expect(page.locator("#viewer")).to_be_hidden()


async def test_revoked_citation_says_so(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, "住宿标准是多少？")
    del contract.citations["travel-1"]
    await page.locator(".chip[data-marker='1']").first.click()
    await expect(page.locator("#viewer .problem")).to_have_text("不存在，或您无权查看。")
    await expect(page.locator("#viewer img")).to_have_count(0)


async def test_image_revoked_between_the_two_requests(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    contract.citations["travel-1"]["page_image"] = "/v1/documents/d-1/pages/3?citation=gone"
    await opened(page)
    await expect(page.locator(".sheet .problem")).to_contain_text("不存在，或您无权查看。")


async def test_token_goes_to_this_server_only(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    contract.citations["travel-1"]["page_image"] = "http://collector.example/v1/documents/d-1/pages/3?citation=x"
    await opened(page)
    await expect(page.locator(".sheet .problem")).to_be_visible()  # the fixture counts foreign requests


async def test_on_a_phone_the_viewer_covers_the_page(open_page: Open) -> None:
    page = await open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    await opened(page)
    box = await page.locator("#viewer").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, PHONE["width"])
    assert await page.locator("#view-chat").evaluate("e => e.inert") is True
    await page.get_by_role("button", name="关闭").click()
    assert await page.locator("#view-chat").evaluate("e => e.inert") is False
