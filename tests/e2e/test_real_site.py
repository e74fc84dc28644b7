"""The page before the real service: upload, ask, open the page image, refusal for another person, revocation."""

import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.conftest import Open, Site, ask, upload_of
from tests.e2e.server import served_beside
from tests.site import Site as Service
from tests.site import open_site, site_settings, user

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MANUAL = """# 配电柜维护手册

## 绝缘检查

断路器的绝缘电阻不得低于 1000 兆欧，每年检测一次。
"""
POLICY = (
    "Travel policy",
    "The hotel limit for first-tier cities is 600 yuan per person per night.",
    "Expenses above the limit need the written approval of the head of department.",
)


def pdf(lines: tuple[str, ...]) -> bytes:
    """Return a PDF with a text layer: an empty first page and ``lines`` on the second."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.drawString(72, 760, "Cover")
    canvas.showPage()
    for number, line in enumerate(lines):
        canvas.drawString(72, 760 - 40 * number, line)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with open_site(site_settings(tmp_path_factory.mktemp("page"), ocr=False)) as opened:
        await opened.person("lin")
        await opened.person("wang")
        await opened.space("travel", [user("lin")], title="差旅制度", managers=[user("lin")])
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def site(service: Service) -> AsyncIterator[Site]:
    tokens = {"editor": (await service.person("lin")).token, "reader": (await service.person("wang")).token}
    async with served_beside(service.app) as url:
        yield Site(url, tokens)


async def test_upload_ask_cite_and_refuse(open_page: Open, service: Service) -> None:
    page = await open_page(path="/#/documents", locale="en-GB")
    await page.set_input_files("#files", [upload_of("policy.pdf", pdf(POLICY)), upload_of("手册.md", MANUAL.encode())])
    await page.select_option("#upload-space", "travel")
    await page.get_by_role("button", name="Upload 2 files").click()
    await expect(page.locator(".transfer[data-state='done']")).to_have_count(2, timeout=60_000)
    row = page.locator(".document-table tbody tr", has_text="policy.pdf")
    await expect(row.locator(".state")).to_have_text("Ready")
    await expect(row.locator(".col-pages")).to_have_text("2")

    await page.locator("#tab-chat").click()
    await ask(page, "What is the hotel limit for first-tier cities?")
    await expect(page.locator(".answer-body")).to_contain_text("600 yuan")
    await expect(page.locator(".answer-status")).to_have_text("Extractive")
    await page.locator(".chip").first.click()
    await expect(page.locator(".viewer-place")).to_contain_text("Page 2")
    await expect(page.locator("#viewer mark")).to_contain_text("600 yuan per person per night")
    assert await page.locator("img.sheet-image").evaluate("e => e.naturalHeight > e.naturalWidth")
    link = page.url

    await ask(page, "断路器的绝缘电阻不得低于多少？")
    second = page.locator(".turn").nth(1)
    await expect(second.locator(".answer-body")).to_contain_text("1000 兆欧")
    await expect(second.locator(".short-answer")).to_have_text("1000 兆欧")
    await second.locator(".chip").first.click()
    await expect(page.locator(".viewer-path")).to_contain_text("绝缘检查")
    await expect(page.locator("#viewer mark")).to_contain_text("1000 兆欧")

    # Another person gets a refusal, an empty list, and no citation by link.
    other = await open_page("reader", path=link.removeprefix(page.url.split("/?")[0]))
    await expect(other.locator("#viewer .problem")).to_have_text("不存在，或您无权查看。")
    await other.get_by_role("button", name="关闭").click()
    await ask(other, "断路器的绝缘电阻不得低于多少？")
    await expect(other.locator(".answer.refused")).to_be_visible()
    await other.locator("#tab-documents").click()
    await expect(other.locator("section.list .empty")).to_have_text("这里还没有您可以查看的文档。")

    # A revoked grant is gone with the next click.
    admin = await service.administrator()
    changed = await admin.http.put("/v1/spaces/travel", json={"readers": [], "managers": []})
    assert changed.status_code == 200, changed.text
    await page.locator(".turn").first.locator(".chip").first.click()
    await expect(page.locator("#viewer .problem")).to_contain_text("you may not see it")


async def test_wrong_file_is_told_in_the_language_of_the_page(open_page: Open, service: Service) -> None:
    await service.space("notes", [user("lin")], contributors=[user("lin")])
    page = await open_page(path="/#/documents")
    await page.set_input_files("#files", [upload_of("setup.exe", b"MZ\x90\x00" + bytes(2000))])
    await page.select_option("#upload-space", "notes")
    await page.get_by_role("button", name="上传 1 个文件").click()
    await expect(page.locator(".transfer .code")).to_have_text("file.type_unsupported")
    await expect(page.locator(".transfer .problem")).to_contain_text("不支持这种文件内容")


async def test_a_conversation_is_shared_from_the_page(open_page: Open, service: Service) -> None:
    await service.space("shared", [user("lin")])
    await service.group("pumps", "lin", "wang")
    await service.publish("泵房.md", "# 泵房\n\n泵房的备用钥匙存放在三号柜，每周巡检一次。\n", "shared")
    page = await open_page()
    await ask(page, "泵房的备用钥匙存放在哪里？")
    await expect(page.locator(".answer-body")).to_contain_text("三号柜")
    await expect(page.locator(".short-answer")).to_have_text("三号柜")
    await page.locator(".history summary").click()
    await page.locator(".history-open", has_text="泵房").click()
    await expect(page.locator(".turn .short-answer")).to_have_text("三号柜")
    await page.locator(".history summary").click()
    mine = page.locator(".history li", has_text="泵房")
    await mine.get_by_role("button", name="共享", exact=True).click()
    form = page.locator("dialog.explain")
    await form.locator("textarea").fill("nobody-here")
    await form.get_by_role("button", name="保存").click()
    await expect(form.locator(".problem")).to_contain_text("nobody-here")
    await form.locator("textarea").fill("wang")
    await form.get_by_role("button", name="保存").click()
    await expect(form.get_by_role("status")).to_have_text("已共享给 1 个用户或用户组。")
    await form.get_by_role("button", name="关闭").click()
    # The other one sees what was asked, and nothing of what they may not read.
    other = await open_page("reader")
    await other.locator(".history summary").click()
    await other.locator(".history-open", has_text="泵房").click()
    await expect(other.locator(".turn").first).to_contain_text("已隐去")
    await expect(other.locator(".chat-scroll")).not_to_contain_text("三号柜")
    await mine.get_by_role("button", name="共享", exact=True).click()
    await expect(form.locator("textarea")).to_have_value("wang")
    await form.locator("textarea").fill("")
    await form.get_by_role("button", name="保存").click()
    await expect(form.get_by_role("status")).to_have_text("不再共享。")
