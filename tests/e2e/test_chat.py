"""Asking: streaming, citations, refusals, stopping, failures, and what is typed and copied."""

import json
import re

import pytest
from playwright.async_api import Route, expect

from tests.e2e import data
from tests.e2e.conftest import DESKTOP, Open, ask, until
from tests.e2e.contract import Contract

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
QUESTION = "去上海出差，住宿标准是多少？"


async def test_answer_with_citations_and_label(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, QUESTION)
    answer = page.locator(".answer")
    await expect(answer.locator(".answer-body p").first).to_have_text(
        "去一线城市出差，住宿费上限为每人每晚 600 元 1，超出部分需部门负责人事先批准 2。"
    )
    await expect(answer.locator(".chip")).to_have_text(["1", "2", "1", "2", "3"])
    await expect(answer.locator("td")).to_have_text(["北京、上海、广州、深圳", "600", "其他省会", "450"])
    sources = answer.locator(".sources li")
    await expect(sources).to_have_count(3)
    await expect(sources.nth(0)).to_contain_text("第 3 页 · 第三章 住宿 › 第八条 住宿标准")
    await expect(sources.nth(0)).to_contain_text("住宿费上限为每人每晚 600 元。")
    await expect(sources.nth(1)).to_contain_text("部分支持")
    await expect(sources.nth(2)).to_contain_text("'参数表'!A2:B4")
    await expect(answer.locator(".answer-status")).to_have_text("大模型")
    await expect(answer.locator(".ai-label")).to_have_text("AI生成 / AI-generated")
    await expect(page.locator("#live")).to_contain_text("共 3 条引用")
    assert contract.chats[0] == {"messages": [{"role": "user", "content": QUESTION}], "stream": True}


async def test_ai_label_is_visible_wherever_one_scrolls(open_page: Open) -> None:
    page = await open_page()
    for number in range(3):
        await ask(page, f"{QUESTION}（{number}）")
        # The end of the answer, with its own label, is scrolled clear of the box.
        label = page.locator(".ai-label").nth(number)
        covered = (
            "e => { const r = e.getBoundingClientRect(); return document.elementFromPoint(r.x + 9, r.y + 9) !== e }"
        )
        await expect(label).to_be_in_viewport(ratio=1)
        assert await label.evaluate(covered) is False
    scroller = page.locator(".chat-scroll")
    height = int(await scroller.evaluate("e => e.scrollHeight"))
    for size in ({"width": 1440, "height": 900}, {"width": 390, "height": 500}):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        for top in range(0, height, 400):
            await scroller.evaluate("(e, top) => { e.scrollTop = top }", top)
            await expect(page.locator(".ai-notice")).to_be_in_viewport()


async def test_refusal_is_shown_as_one(open_page: Open) -> None:
    page = await open_page()
    await ask(page, "董事长的薪酬是多少？")
    await expect(page.locator(".answer.refused .answer-body")).to_have_text(data.REFUSAL.text)
    await expect(page.locator(".answer-status")).to_contain_text("未找到依据")
    await expect(page.locator(".answer-status")).to_contain_text("抽取式")
    await expect(page.locator(".sources")).to_be_hidden()
    await expect(page.locator(".answer .ai-label")).to_be_visible()


async def test_streams_and_stops(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, "慢：" + QUESTION, wait=False)
    answer = page.locator(".answer")
    await expect(answer.locator(".answer-body")).to_contain_text("去一线城市")
    await expect(answer).to_have_attribute("aria-busy", "true")
    await page.get_by_role("button", name="停止", exact=True).click()
    await expect(answer.locator(".problem")).to_contain_text("已停止，回答不完整")
    await expect(page.get_by_role("button", name="发送", exact=True)).to_be_disabled()
    await until(lambda: contract.disconnected == 1)
    # A stopped answer is no part of the conversation that follows.
    await ask(page, QUESTION)
    assert [message["content"] for message in contract.chats[1]["messages"]] == [QUESTION]


async def test_earlier_turns_go_along_until_a_new_chat(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, "摘录住宿标准")
    limited = "共有 23 段相关内容，本回答依据其中的 8 段；缩小问题范围可以看到其余部分。"
    await expect(page.locator(".notice")).to_have_text(["大模型暂不可用，已改用抽取式回答。", limited])
    await ask(page, "那其他城市呢？")
    assert contract.chats[1]["messages"] == [
        {"role": "user", "content": "摘录住宿标准"},
        {"role": "assistant", "content": data.PLAIN.text},
        {"role": "user", "content": "那其他城市呢？"},
    ]
    await page.get_by_role("button", name="新对话").click()
    await expect(page.locator(".turn")).to_have_count(0)
    await ask(page, QUESTION)
    assert len(contract.chats[2]["messages"]) == 1


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("断：住宿标准", "连接中断，回答不完整。"),
        ("出错：住宿标准", "外部模型服务调用失败：超时"),
    ],
)
async def test_failure_says_why_and_can_be_retried(
    open_page: Open, contract: Contract, question: str, sentence: str
) -> None:
    page = await open_page()
    await ask(page, question)
    await expect(page.locator(".answer .problem")).to_contain_text(sentence)
    await page.get_by_role("button", name="重试").click()
    await until(lambda: len(contract.chats) == 2)
    assert contract.chats[1] == contract.chats[0]
    await expect(page.locator(".turn")).to_have_count(1)


async def test_a_question_that_is_too_long_is_to_be_changed_not_sent_again(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await ask(page, "长" * 4001)
    await expect(page.locator(".answer .problem")).to_contain_text("超过上限 4000 个")
    await expect(page.get_by_role("button", name="重试")).to_have_count(0)
    asked = await page.locator(".question").bounding_box()
    assert asked is not None
    assert asked["height"] < DESKTOP["height"] / 2
    await page.locator("[data-action='edit']").click()
    await page.locator(".question textarea").fill(QUESTION)
    await page.locator(".question button[type='submit']").click()
    await page.locator(".turn .answer:not([aria-busy])").wait_for()
    assert [each["messages"][-1]["content"] for each in contract.chats[1:]] == [QUESTION]


async def test_lost_network_is_told_and_retried(open_page: Open) -> None:
    page = await open_page()
    await page.context.set_offline(True)
    await expect(page.locator("#offline")).to_be_visible()
    await ask(page, QUESTION)
    await expect(page.locator(".answer .problem")).to_contain_text("无法连接服务器")
    await page.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()
    await page.get_by_role("button", name="重试").click()
    await expect(page.locator(".answer .chip").first).to_be_visible()


async def test_keys_of_the_box(open_page: Open, contract: Contract) -> None:
    page = await open_page()
    await page.fill("#question", "第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    assert await page.input_value("#question") == "第一行\n第二行"
    # Enter that picks a candidate of an input method is not "send".
    await page.locator("#question").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert contract.chats == []
    await page.keyboard.press("Enter")
    await until(lambda: len(contract.chats) == 1)
    assert contract.chats[0]["messages"][0]["content"] == "第一行\n第二行"
    await page.fill("#question", " \n ")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn")).to_have_count(1)


async def test_copies_carry_sources_and_label(open_page: Open) -> None:
    page = await open_page(permissions=["clipboard-read", "clipboard-write"])
    await ask(page, "摘录住宿标准")
    await page.get_by_role("button", name="复制回答").click()
    await expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = str(await page.evaluate("navigator.clipboard.readText()"))
    assert copied.startswith(data.PLAIN.text)
    assert "[1] 差旅费用管理办法（2025 版） · 第 3 页" in copied
    assert copied.endswith("本内容由人工智能生成（AI-generated）")

    await page.locator(".answer-body p").first.select_text()
    await page.keyboard.press("Control+c")
    selected = str(await page.evaluate("navigator.clipboard.readText()"))
    assert re.match(r"住宿费凭票据实报销.*本内容由人工智能生成（AI-generated）$", selected, re.DOTALL)


async def test_events_survive_any_cut(open_page: Open) -> None:
    """The parser gives the same events wherever the bytes are cut, in the middle of a character or of a CRLF too."""
    page = await open_page(token=None)
    stream = ': hello\r\n\r\ndata: {"词":"差旅🏨"}\r\n\r\ndata: 一\ndata:二\n\nevent: x\rdata\r\rdata: 断在末尾'
    found = await page.evaluate(
        """async (text) => {
            const { readEvents } = await import('/static/js/core/sse.js');
            const bytes = new TextEncoder().encode(text);
            const seen = new Set();
            for (let cut = 0; cut <= bytes.length; cut += 1) {
                const body = new ReadableStream({ start(to) {
                    to.enqueue(bytes.slice(0, cut)); to.enqueue(bytes.slice(cut)); to.close();
                }});
                const events = [];
                for await (const data of readEvents(body)) events.push(data);
                seen.add(JSON.stringify(events));
            }
            return [...seen].map((each) => JSON.parse(each));
        }""",
        stream,
    )
    assert found == [['{"词":"差旅🏨"}', "一\n二", ""]]


async def test_damaged_event_is_a_broken_stream(open_page: Open) -> None:
    page = await open_page()

    async def damaged(route: Route) -> None:
        await route.fulfill(status=200, content_type="text/event-stream", body="data: {not json\n\n")

    await page.route("**/v1/chat/completions", damaged)
    await ask(page, QUESTION)
    await expect(page.locator(".answer .problem")).to_contain_text("无法连接服务器")


async def test_what_was_understood_is_shown(open_page: Open) -> None:
    page = await open_page()
    told = {
        "question": "陪产假有几天",
        "follows": "婚假有几天？",
        "parts": ["a?", "<b>b</b>?"],
        "filters": [
            {"field": "space", "value": "<i>hr</i>", "exclude": False, "start": None, "end": None},
            {"field": "date", "value": "2024", "exclude": True, "start": "2024-01-01", "end": "2025-01-01"},
        ],
        "times": [
            {"text": "去年", "start": "2025-01-01", "end": "2026-01-01", "also": ["2025年"]},
            {"text": "since March", "start": "2026-03-01", "end": "9999-12-31", "also": []},
        ],
        "slips": [{"text": "goverment", "interpreted_as": "government"}],
    }
    chunks = [{"interpretation": told}, {"choices": [{"delta": {"content": "好"}, "finish_reason": "stop"}]}]

    async def answered(route: Route) -> None:
        body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        await route.fulfill(status=200, content_type="text/event-stream", body=body)

    await page.route("**/v1/chat/completions", answered)
    await ask(page, QUESTION)
    await expect(page.locator(".interpretation li")).to_have_text(
        [
            "仅限 空间：<i>hr</i>",
            "排除 时间：2024",
            "按上文补全为：陪产假有几天",
            "分为 2 个问题分别检索",
            "同时检索“government”（goverment）",
            "去年 = 2025-01-01 至 2025-12-31",
            "since March = 2026-03-01 起",
        ]
    )
