"""Hostile answers, titles and names stay text: nothing runs, nothing loads, nothing hides.

The fixture ``open_page`` fails each test in which a script of a payload ran, the console complained (policy violations
included), or another host was asked for or connected to.
"""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from tests.e2e import payloads
from tests.e2e.conftest import Open, Site, Watch, ask, upload_of
from tests.e2e.contract import Contract
from tests.e2e.server import Collector

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
ALLOWED = [
    "BUTTON",
    "CODE",
    "DIV",
    "LI",
    "OL",
    "P",
    "PRE",
    "SPAN",
    "STRONG",
    "TABLE",
    "TBODY",
    "TD",
    "TH",
    "THEAD",
    "TR",
    "UL",
]
RENDERED = 1200

INVISIBLE_IN_PAGE = """(pattern) => {
    const invisible = new RegExp(pattern, 'u');
    const texts = [document.body.textContent];
    for (const element of document.querySelectorAll('*')) {
        for (const attribute of element.attributes) texts.push(attribute.value);
    }
    return texts.filter((text) => invisible.test(text)).map((text) => text.slice(0, 80));
}"""


async def test_streamed_answers_stay_text(open_page: Open, contract: Contract) -> None:
    contract.hostile = payloads.outputs(len(payloads.SHAPES))
    page = await open_page()
    for number in range(len(contract.hostile)):
        await ask(page, f"恶意{number}")
    found = await page.evaluate("[...new Set([...document.querySelectorAll('.answer-body *')].map((e) => e.tagName))]")
    assert sorted(set(found) - set(ALLOWED)) == []
    # What tried to be markup can be read, as the characters it is.
    await expect(page.locator(".answer-body", has_text="<script>window.__ran=")).not_to_have_count(0)
    await expect(page.locator(".answer-body", has_text="/image.png?q=canary-0)")).to_have_count(1)
    assert await page.evaluate(INVISIBLE_IN_PAGE, payloads.invisible_pattern()) == []
    # Markers become chips only for citations that were given.
    assert await page.evaluate("[...new Set([...document.querySelectorAll('.chip')].map((e) => e.textContent))]") == [
        "1"
    ]


async def test_many_outputs_render_inert(open_page: Open) -> None:
    page = await open_page()
    found = await page.evaluate(
        """async ([outputs, pattern]) => {
            const { renderAnswer } = await import('/static/js/chat/markup.js');
            const { clean } = await import('/static/js/core/text.js');
            const invisible = new RegExp(pattern, 'u');
            const room = document.createElement('div');
            document.body.append(room);
            const tags = new Set();
            let attributes = 0;
            let seen = 0;
            const empty = [];
            for (const output of outputs) {
                room.replaceChildren(...renderAnswer(output, () => null));
                if (invisible.test(room.textContent)) seen += 1;
                if (clean(output).trim() && !room.textContent.trim()) empty.push(output);
                for (const element of room.querySelectorAll('*')) {
                    tags.add(element.tagName);
                    attributes += [...element.attributes].filter((each) => /^on|src|href|style/.test(each.name)).length;
                }
            }
            room.remove();
            return { tags: [...tags].sort(), attributes, seen, empty };
        }""",
        [["```", "```js[1]", *payloads.outputs(RENDERED)], payloads.invisible_pattern()],
    )
    assert sorted(set(found["tags"]) - set(ALLOWED)) == []
    assert (found["attributes"], found["seen"], found["empty"]) == (0, 0, [])


async def test_only_the_words_of_a_short_answer_stand_out(open_page: Open) -> None:
    page = await open_page()
    found = await page.evaluate(
        r"""async () => {
            const { renderAnswer } = await import('/static/js/chat/markup.js');
            const room = document.createElement('div');
            const text = '\ue000甲\ue001为**每日 600 元**[1]\n- 乙\ue001\n';
            room.append(...renderAnswer(text, () => null, [[text.indexOf('600'), text.indexOf(' 元')]]));
            return [room.textContent, [...room.querySelectorAll('.short-answer')].map((e) => e.outerHTML)];
        }"""
    )
    assert found == ["甲为每日 600 元[1]乙", ['<strong class="short-answer">600</strong>']]


async def test_titles_names_and_citations_stay_text(open_page: Open, contract: Contract) -> None:
    contract.hostile = ["见附件 [1]"]
    hostile = {
        **contract.tokens["editor-token"],
        "name": payloads.hostile_title(),
        "groups": [payloads.hostile_title()],
    }
    contract.tokens["editor-token"] = hostile
    page = await open_page()
    await ask(page, "恶意0")
    await page.locator(".chip").click()
    await expect(page.locator("#viewer h2")).to_contain_text("<img src=x onerror=window.__ran=1>")
    await expect(page.locator("#viewer mark")).to_contain_text("<script>")
    assert await page.evaluate(INVISIBLE_IN_PAGE, payloads.invisible_pattern()) == []
    await page.locator("#tab-documents").click()
    await expect(page.locator("tr[data-document='d-5']")).to_contain_text("<script>window.__ran=1</script>")
    await page.set_input_files("#files", upload_of("<img src=x onerror=window.__ran=1>.exe", b"MZ"))
    await page.get_by_role("button", name="上传 1 个文件").click()
    await expect(page.locator(".transfer .problem")).to_be_visible()
    assert await page.evaluate(INVISIBLE_IN_PAGE, payloads.invisible_pattern()) == []


async def test_cleaning_keeps_what_people_write(open_page: Open) -> None:
    """Emoji sequences, variation sequences of ideographs and line breaks survive; what hides does not."""
    page = await open_page(token=None)
    joiner, selector, ideographic = chr(0x200D), chr(0xFE0F), chr(0xE0100)
    kept = [f"👩{joiner}💻 ❤{selector}", f"葛{ideographic}城", "一\n二\t三", "1️⃣"]
    cleaned = {f"合{joiner}同": "合同", f"合{selector}同": "合同", "a\r\nb\u2028c": "a\nb\nc", payloads.INVISIBLE: "\n"}
    found = await page.evaluate(
        "async (texts) => { const { clean } = await import('/static/js/core/text.js'); return texts.map(clean) }",
        [*kept, *cleaned],
    )
    assert found == [*kept, *cleaned.values()]


async def test_watch_is_not_blind(browser: Browser, site: Site, collector: Collector) -> None:
    """Without the policy, a page that reaches out is seen: by its requests, and at the other end."""
    for bypass, reached in ((False, False), (True, True)):
        context = await browser.new_context(bypass_csp=bypass)
        page = await context.new_page()
        watch = Watch(frozenset({urlsplit(site.base_url).netloc}))
        watch.attach(context)
        before = collector.connections
        await page.goto(site.base_url)
        await page.evaluate("fetch('http://collector.example/x', { mode: 'no-cors' }).catch(() => null)")
        await page.evaluate("document.body.append(Object.assign(new Image(), { src: 'http://collector.example/i' }))")
        await page.wait_for_timeout(300)
        assert (collector.connections > before) is reached
        assert watch.complaints
        assert watch.foreign
        await context.close()
