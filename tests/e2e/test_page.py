"""Signing in and out, languages, narrow screens, and what a stranger to the mouse needs."""

import pytest
from playwright.async_api import expect

from tests.e2e import data
from tests.e2e.conftest import PHONE, Open, ask, sign_in, upload_of
from tests.e2e.contract import Contract

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_sign_in_says_who_one_is(open_page: Open) -> None:
    page = await open_page(token=None)
    await expect(page.locator("#shell")).to_be_hidden()
    await page.fill("#token", data.EDITOR)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#who-name")).to_have_text("林知夏")
    await page.locator("#who").click()
    await expect(page.locator("#account")).to_contain_text("管理员")
    await expect(page.locator("#account")).to_contain_text("人力资源部")
    # In this tab only: kept over a reload, in no lasting storage.
    await page.reload()
    await expect(page.locator("#who-name")).to_have_text("林知夏")
    assert data.EDITOR not in str(await page.evaluate("JSON.stringify(localStorage) + document.cookie"))


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("", "请先粘贴访问令牌。"),
        ("令牌 有空格", "令牌含有空格或不支持的字符"),
        ("wrong", "缺少访问令牌，或令牌无效、已过期、已吊销。"),
    ],
)
async def test_wrong_token_is_told(open_page: Open, token: str, sentence: str) -> None:
    page = await open_page(token=None)
    await page.fill("#token", token)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#token-error")).to_contain_text(sentence)
    await expect(page.locator("#shell")).to_be_hidden()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_sign_out_leaves_nothing(open_page: Open) -> None:
    page = await open_page()
    await ask(page, "住宿标准是多少？")
    await page.locator("#tab-documents").click()
    await page.locator("tr[data-document='d-1']").wait_for()
    await page.locator("#who").click()
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.locator("#signin")).to_be_visible()
    rest = str(await page.evaluate("document.body.textContent + JSON.stringify(sessionStorage)"))
    assert not any(word in rest for word in ("住宿", "差旅费用", "林知夏", data.EDITOR))
    await sign_in(page, data.READER)
    await expect(page.locator(".turn")).to_have_count(0)


async def test_revoked_token_leads_to_sign_in(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, "住宿标准是多少？")
    contract.tokens.clear()
    await page.fill("#question", "再问一次")
    await page.keyboard.press("Enter")
    await expect(page.locator("#token-error")).to_have_text("登录已失效，请重新登录。")
    assert "差旅费用" not in str(await page.evaluate("document.body.textContent"))


async def test_language_switches_in_place(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, "住宿标准是多少？")
    await page.fill("#question", "还没发出的问题")
    await page.get_by_role("button", name="Switch to English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("#tab-documents")).to_have_text("Documents")
    await expect(page.locator(".source").first).to_contain_text("Page 3")
    await expect(page.locator(".answer .ai-label")).to_have_text("AI-generated / AI生成")
    assert await page.input_value("#question") == "还没发出的问题"
    await page.locator("#tab-documents").click()
    await expect(page.locator("tr[data-document='d-1']")).to_contain_text("Mar 2025")
    assert contract.languages[0] == "zh-CN"
    assert contract.languages[-1] == "en"
    await page.reload()
    await expect(page.locator("#tab-documents")).to_have_text("Documents")
    left = await page.evaluate(
        "[...document.querySelectorAll('[data-i18n]')].filter((e) => e.textContent === '').map((e) => e.dataset.i18n)"
    )
    assert set(left) <= {"raw"}


@pytest.mark.parametrize(("locale", "word"), [("zh-TW", "访问令牌"), ("en-GB", "Access token"), ("fr", "Access token")])
async def test_language_follows_the_browser(open_page: Open, locale: str, word: str) -> None:
    page = await open_page(token=None, locale=locale)
    await expect(page.locator("label[for='token']")).to_have_text(word)


async def test_phone_has_no_sideways_scroll(open_page: Open) -> None:
    page = await open_page(token=None, viewport=PHONE, has_touch=True, is_mobile=True)

    async def fits() -> None:
        widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1] == PHONE["width"]
        wide = await page.evaluate(
            """() => [...document.querySelectorAll('.view:not([hidden]), .chat-scroll, .viewer-content, .signin')]
                .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className)"""
        )
        assert wide == []

    await fits()
    await sign_in(page, data.EDITOR)
    await ask(page, "住宿标准是多少？" + "W" * 300)
    await fits()
    await page.locator(".chip").first.click()
    await page.locator("img.sheet-image").wait_for()
    await fits()
    await page.get_by_role("button", name="关闭").click()
    await page.locator("#tab-documents").click()
    await page.locator("tr[data-document='d-5']").wait_for()
    await page.set_input_files("#files", upload_of("很长的名字" * 20 + ".pdf", b"x"))
    await page.get_by_label("指定范围").check()
    await fits()


async def test_every_control_has_a_name(open_page: Open) -> None:
    page = await open_page()
    await ask(page, "住宿标准是多少？")
    await page.locator(".chip").first.click()
    await page.locator("img.sheet-image").wait_for()
    nameless = """() => [...document.querySelectorAll('button, input, select, textarea, img, a')]
        .filter((e) => e.checkVisibility())
        .filter((e) => !(e.ariaLabel || e.labels?.length || e.textContent.trim() || e.hasAttribute('alt')))
        .map((e) => e.outerHTML)"""
    assert await page.evaluate(nameless) == []
    await page.keyboard.press("Escape")
    await page.locator("#tab-documents").click()
    await page.locator("tr[data-document='d-1']").wait_for()
    await page.set_input_files("#files", upload_of("a.pdf", b"x"))
    await page.get_by_label("指定范围").check()
    assert await page.evaluate(nameless) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_has_contrast(open_page: Open, scheme: str) -> None:
    """Each pair of text and ground that the styles use keeps 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    page = await open_page(token=None, color_scheme=scheme)
    pairs = [
        *((text, ground) for text in ("ink", "ink-2", "ink-3") for ground in ("paper", "surface", "sunken")),
        *(("accent", ground) for ground in ("paper", "surface", "accent-soft")),
        ("on-accent", "accent"), ("ink", "accent-soft"), ("ink", "mark"), ("good", "surface"), ("good", "good-soft"),
        ("warn", "surface"), ("warn", "warn-soft"), ("bad", "surface"), ("bad", "bad-soft"), ("surface", "bad"),
    ]  # fmt: skip
    ratios = await page.evaluate(
        """(pairs) => {
            const style = getComputedStyle(document.documentElement);
            const light = (name) => {
                const hex = style.getPropertyValue(`--${name}`).trim();
                const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
                    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            return pairs.map(([one, other]) => {
                const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
            });
        }""",
        pairs,
    )
    poor = {pair: round(ratio, 2) for pair, ratio in zip(pairs, ratios, strict=True) if not ratio >= 4.5}
    assert poor == {}


async def test_the_hint_in_the_box_keeps_to_its_line_on_a_phone(open_page: Open) -> None:
    page = await open_page(viewport=PHONE, locale="en-GB")
    heights = await page.locator("#question").evaluate("e => [e.scrollHeight, e.clientHeight]")
    assert heights[0] == heights[1]
