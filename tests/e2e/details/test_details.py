"""The dialog of a document before the real service: profile, figures, pages, versions, corrections; and previews."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.api.texts.test_figures import report
from tests.e2e.conftest import PHONE, Open, Site, upload_of
from tests.e2e.server import served_beside
from tests.site import Site as Service
from tests.site import open_site, site_settings, user

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

RULES = """# 停车管理办法

本办法自2025年4月1日起施行，适用于在公司园区停放的车辆。

地下车库每月停车费为三百元，由行政部（以下简称“管理方”）统一收取，停车费不含充电费用。
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with open_site(site_settings(tmp_path_factory.mktemp("page"), ocr=False)) as opened:
        await opened.person("lin")
        await opened.person("wang")
        await opened.space("park", [user("lin"), user("wang")], managers=[user("lin")])
        document = await opened.publish("parking.md", RULES, "park", title="停车管理办法")
        await opened.publish("parking-copy.md", RULES.replace("三百元", "四百元"), "park", title="停车管理办法（草案）")
        admin = await opened.administrator()
        await opened.publish("cooling.pdf", report(), "park", title="Cooling")
        files = {"file": ("parking.md", RULES.replace("三百元", "三百伍十元").encode())}
        sent = await admin.http.post(f"/v1/documents/{document}/versions", files=files)
        assert (await opened.finished(sent.json()["job_id"]))["state"] == "done"
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def site(service: Service) -> AsyncIterator[Site]:
    tokens = {"editor": (await service.person("lin")).token, "reader": (await service.person("wang")).token}
    async with served_beside(service.app) as url:
        yield Site(url, tokens)


async def test_a_document_is_described_compared_and_corrected(open_page: Open) -> None:
    page = await open_page(path="/#/documents")
    await page.get_by_role("button", name="停车管理办法", exact=True).click()
    dialog = page.locator("dialog.details")
    await expect(dialog.locator(".facts")).to_contain_text("制度 · 中文")
    await expect(dialog.locator("time")).to_have_text("2025-04-01")
    await expect(dialog.locator(".facts")).to_contain_text("管理方")
    await expect(dialog).to_contain_text("停车管理办法（草案）")

    await dialog.get_by_role("button", name="与上一版本比较").click()
    await expect(dialog.locator("ins")).to_have_text("伍十")
    await expect(dialog.locator(".hint").first).to_have_text("修改 1 处，新增 0 处，删除 0 处")
    await dialog.get_by_role("button", name="返回").click()

    await dialog.get_by_role("button", name="查看文本").first.click()
    block = dialog.locator(".step", has_text="三百伍十元")
    await block.get_by_role("button", name="更正").click()
    field = block.locator("textarea")
    await field.fill((await field.input_value()).replace("伍", "五"))
    await block.get_by_role("button", name="保存更正").click()
    await expect(dialog.locator(".versions li")).to_have_count(3, timeout=30_000)
    await dialog.get_by_role("button", name="查看文本").first.click()
    await expect(dialog.locator(".step", has_text="已更正")).to_contain_text("三百五十元")


async def test_a_reader_sees_the_text_and_corrects_nothing(open_page: Open) -> None:
    page = await open_page("reader", path="/#/documents")
    await page.get_by_role("button", name="停车管理办法", exact=True).click()
    dialog = page.locator("dialog.details")
    await dialog.get_by_role("button", name="查看文本").first.click()
    await expect(dialog.locator(".step")).not_to_have_count(0)
    await expect(dialog.get_by_role("button", name="更正")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_figures_are_shown_with_what_belongs_to_them(open_page: Open) -> None:
    page = await open_page("reader", path="/#/documents", viewport=PHONE)
    await page.get_by_role("button", name="Cooling", exact=True).click()
    dialog = page.locator("dialog.details")
    cards = dialog.locator(".figure")
    await expect(cards).to_have_count(2)
    figure = cards.filter(has_text="Figure 1: Temperatures of the cooling plate")
    await expect(figure.locator("img")).to_be_visible(timeout=20_000)
    assert await figure.locator("img").evaluate("e => Math.max(e.naturalWidth, e.naturalHeight)") == 400
    await expect(cards.last).to_contain_text("公式")
    await dialog.get_by_role("button", name="打开：Figure 1: Temperatures of the cooling plate").click()
    await expect(dialog.locator(".figure-large img")).to_have_attribute("alt", re.compile("Temperatures"))
    await expect(dialog.locator(".facts")).to_contain_text("The measured temperatures are shown in Figure 1.")
    await dialog.locator(".block-place").get_by_role("button", name="第 1 页").click()
    await expect(dialog.locator(".page-large img")).to_have_attribute("alt", "第 1 页的图像", timeout=20_000)
    await expect(dialog.locator(".page-number")).to_have_text("第 1 / 1 页")
    assert await dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
    await page.keyboard.press("Escape")
    await expect(page.locator("img[src^='blob:']")).to_have_count(0)


async def test_a_file_is_previewed_before_it_is_uploaded(open_page: Open) -> None:
    page = await open_page(path="/#/documents")
    await page.set_input_files("#files", [upload_of("停车.md", (RULES + "\n<b>不是标签</b>\n").encode())])
    await page.get_by_role("button", name="预览 停车.md 会怎样切分").click()
    dialog = page.locator("dialog.preview")
    chunk = dialog.locator(".preview-chunk")
    await expect(chunk).to_have_count(1)
    await expect(chunk).to_contain_text("停车 › 停车管理办法")
    await expect(chunk).to_contain_text("地下车库每月停车费为三百元")
    await expect(dialog.locator(".numbers")).to_contain_text("段落1章节1")
    await dialog.get_by_label("段落长度上限（token）").fill("40")
    await dialog.get_by_role("button", name="重新切分").click()
    await expect(chunk).not_to_have_count(1)
    await expect(dialog.locator(".histogram")).to_contain_text("36–40")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".staged-file")).to_have_count(1)
