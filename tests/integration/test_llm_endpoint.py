"""The model path against a real HTTP endpoint: checked statements only, bounded in every phase, quotes on failure."""

import asyncio
import random
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import pytest

from generation.llm.chat import ChatModel, Limits, _prepare
from generation.prompts import Message, prompt_messages
from generation.service import Answers
from tests.integration.chat_endpoint import Endpoint, running_endpoint
from tests.unit.generation.passages import BUSBAR, TRAVEL, all_passages, passage
from wenyuan.answers import Answer, Answerer, AnswerEvent, Evidence, Packed, Support
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings
from wenyuan.errors import EndpointError

QUESTION = "自驾出差每公里报销多少？"
LIMITS = Limits(connect_s=1, first_token_s=1.5, between_tokens_s=0.5, total_s=4, backoff_s=0.01)
GOOD = ["自驾出差按每公里 0.9", " 元包干报销", "[1]。", "过路费凭票另行报销[1]。"]


@pytest.fixture(scope="module", autouse=True)
def _library_loaded() -> None:
    """The first call imports the library; the times measured here begin after that."""
    _prepare()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with running_endpoint() as running:
        running.deltas = GOOD
        yield running


def answers(endpoint: Endpoint, limits: Limits = LIMITS) -> Answers:
    return Answers(settings(endpoint), None, limits=limits)


def settings(endpoint: Endpoint) -> GenerationSettings:
    return GenerationSettings(answerer="llm", url=endpoint.url, model="test")


async def ask(service: Answers, evidence: list[Evidence] | None = None) -> tuple[list[AnswerEvent], Answer]:
    given = all_passages() if evidence is None else evidence
    events = [event async for event in service.answer(QUESTION, Packed(tuple(given)), "zh", Trail(None))]
    assert [e.kind for e in events].count("done") == 1
    assert events[-1].kind == "done"
    assert events[0].kind == "meta"
    answer = events[-1].answer
    assert answer is not None
    assert "".join(e.text for e in events if e.kind == "token") == answer.text
    check_citations(events, answer, given)
    return events, answer


def check_citations(events: list[AnswerEvent], answer: Answer, evidence: list[Evidence]) -> None:
    """Every marker names a citation sent before it; every citation quotes given evidence verbatim."""
    texts = {e.chunk_id: e.text for e in evidence}
    seen: set[int] = set()
    for event in events:
        if event.citation:
            seen.add(event.citation.marker)
            assert texts[event.citation.chunk_id][event.citation.start : event.citation.end] == event.citation.quote
        assert {int(n) for n in re.findall(r"\[(\d+)\]", event.text)} <= seen
    assert seen == {c.marker for c in answer.citations}
    assert answer.refused is not bool(answer.citations)


async def test_a_good_answer_is_streamed_statement_by_statement(endpoint: Endpoint) -> None:
    events, answer = await ask(answers(endpoint))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]过路费凭票另行报销。[1]"
    assert answer.answerer is Answerer.LLM
    assert answer.notices == ()
    assert [e.kind for e in events] == ["meta", "citation", "token", "statement", "token", "statement", "done"]
    assert answer.citations[0].support is Support.SUPPORTED
    assert answer.citations[0].page == 2
    assert answer.citations[0].boxes


async def test_the_prompt_holds_the_evidence_and_nothing_else(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    await ask(answers(endpoint))
    (request,) = endpoint.requests
    expected = [{"role": m.role, "content": m.content} for m in prompt_messages(QUESTION, all_passages(), "zh").shaped]
    assert request["messages"] == expected
    assert request["stream"] is True
    assert request["temperature"] == 0
    assert "sk-from-the-environment" not in endpoint.headers[0]


async def test_without_evidence_the_endpoint_is_not_asked(endpoint: Endpoint) -> None:
    _, answer = await ask(answers(endpoint), [])
    assert answer.refused
    assert endpoint.requests == []


async def test_a_refusal_of_the_model_is_worded_by_the_server(endpoint: Endpoint) -> None:
    endpoint.deltas = ["NO_", "ANSWER"]
    _, answer = await ask(answers(endpoint))
    assert answer.refused
    assert "NO_ANSWER" not in answer.text
    assert answer.citations == ()


async def test_what_a_model_thinks_is_no_part_of_the_answer(endpoint: Endpoint) -> None:
    endpoint.deltas = ["过路费凭票另行报销[1]。", "自驾出差按每公里 0.9 元包干报销[1]。"]
    endpoint.mode = "thinking"
    _, answer = await ask(answers(endpoint))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]"


@pytest.mark.parametrize("mode", ["silent", "500", "garbage", "html", "redirect"])
async def test_a_failing_endpoint_falls_back_to_quotes(endpoint: Endpoint, mode: str) -> None:
    endpoint.mode = mode
    begun = time.monotonic()
    _, answer = await ask(answers(endpoint))
    assert time.monotonic() - begun < LIMITS.total_s + 1
    assert answer.answerer is Answerer.EXTRACTIVE
    assert answer.notices == ("llm.fallback",)
    assert "每公里 0.9 元" in answer.text
    assert not answer.refused


async def test_nobody_listening_falls_back_to_quotes() -> None:
    async with running_endpoint() as gone:
        pass
    _, answer = await ask(answers(gone))
    assert answer.notices == ("llm.fallback",)
    assert "每公里 0.9 元" in answer.text


@pytest.mark.parametrize("mode", ["cut", "stall"])
async def test_a_stream_that_breaks_off_keeps_what_was_checked_and_says_so(endpoint: Endpoint, mode: str) -> None:
    endpoint.deltas = ["自驾出差按每公里 0.9 元包干报销[1]。", "过路费凭票", "另行报销", "[1]。"]
    endpoint.mode = mode
    _, answer = await ask(answers(endpoint))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]"
    assert answer.answerer is Answerer.LLM
    assert answer.notices == ("llm.interrupted",)


async def test_a_try_that_fails_before_the_first_token_is_repeated(endpoint: Endpoint) -> None:
    endpoint.failures_left = 2
    _, answer = await ask(answers(endpoint))
    assert len(endpoint.requests) == 3
    assert answer.answerer is Answerer.LLM
    assert answer.notices == ()


async def test_after_many_failures_the_endpoint_is_left_alone(endpoint: Endpoint) -> None:
    endpoint.mode = "500"
    service = answers(endpoint)
    for _ in range(10):
        await ask(service)
    asked = len(endpoint.requests)
    begun = time.monotonic()
    _, answer = await ask(service)
    assert len(endpoint.requests) == asked
    assert time.monotonic() - begun < 0.5
    assert answer.notices == ("llm.fallback",)


async def test_an_asker_who_leaves_closes_the_call(endpoint: Endpoint) -> None:
    endpoint.mode = "endless"
    stream = answers(endpoint).answer(QUESTION, Packed(tuple(all_passages())), "zh", Trail(None))
    async for event in stream:
        if event.kind == "token":
            break
    await stream.aclose()
    for _ in range(100):
        if endpoint.closed_early:
            break
        await asyncio.sleep(0.01)
    assert endpoint.closed_early == 1


async def test_a_cancelled_task_closes_the_call(endpoint: Endpoint) -> None:
    endpoint.mode = "silent"
    task = asyncio.create_task(ask(answers(endpoint, Limits())))
    await asyncio.wait_for(endpoint.asked.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(100):
        if endpoint.closed_early:
            break
        await asyncio.sleep(0.01)
    assert endpoint.closed_early == 1


async def test_an_endless_stream_ends_at_the_total_limit(endpoint: Endpoint) -> None:
    endpoint.mode = "endless"
    chat = ChatModel(settings(endpoint).writer, Limits(total_s=0.5))
    begun = time.monotonic()
    with pytest.raises(EndpointError, match="total"):
        async for _ in chat.stream([Message("user", "?")]):
            pass
    assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize(
    ("lie", "kept"),
    [
        ("自驾出差按每公里 1.9 元包干报销[1]。", False),
        ("自驾出差不须事先批准[1]。", False),
        ("董事会同意收购澄江智配 67% 的股权[1]。", False),
        ("自驾出差按每公里 0.9 元包干报销[99]。", True),
        ("自驾出差按每公里 0.9 元包干报销【3】。", True),
    ],
)
async def test_what_the_evidence_does_not_carry_is_never_sent(endpoint: Endpoint, lie: str, kept: bool) -> None:
    endpoint.deltas = [lie]
    _, answer = await ask(answers(endpoint))
    assert {c.chunk_id for c in answer.citations} == {"travel"}
    assert answer.notices == (() if kept else ("llm.unsupported",))
    assert "1.9" not in answer.text
    assert "不须" not in answer.text
    assert "董事会" not in answer.text
    assert "[99]" not in answer.text


async def test_only_the_false_part_of_an_answer_is_withheld(endpoint: Endpoint) -> None:
    endpoint.deltas = ["自驾出差按每公里 0.9 元包干报销[1]。", "过路费由个人承担 300 元[1]。"]
    _, answer = await ask(answers(endpoint))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]"
    assert answer.notices == ("llm.withheld",)


HOSTILE = (
    "![x](https://evil.example/?q=", ")", "[自驾](https://evil.example)", "<img src=//evil.example/x>",
    "https://evil.example/ ",
    "[1]", "[2]", "[7]", "[99]", "【3†x】", "[[1]5]", "[<b></b>6]", "[r]: https://evil.example\n",
    "\u200b", "\U000e0041", "\x1b[31m",
    "自驾出差按每公里 0.9 元包干报销", "自驾出差按每公里 9 元包干报销", "过路费凭票另行报销", "柜体宽度为 650 mm", "。",
    "\n", "<script>x()</script>",
)  # fmt: skip
ACTIVE = re.compile(r"\]\s?[(:]|!\[|<[A-Za-z/!]|https?:/|[\x00-\x08\x1b\u200b\U000e0000-\U000e007f]")


async def test_hostile_output_forges_no_citation_and_carries_nothing_active(endpoint: Endpoint) -> None:
    source = random.Random(20250301)
    given = [passage(TRAVEL, "travel"), passage(BUSBAR, "busbar")]
    service = answers(endpoint)
    for _ in range(40):
        endpoint.deltas = source.choices(HOSTILE, k=14)
        _, answer = await ask(service, given)
        assert not ACTIVE.search(answer.text)
        assert "每公里 9 元" not in answer.text


def test_nothing_of_the_library_is_loaded_before_an_endpoint_is_asked() -> None:
    code = """
import sys, generation.service
print([m for m in sys.modules if m.split(".")[0] in ("llama_index", "openai", "httpx")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_question_for_all_says_what_the_prompt_had_no_room_for(endpoint: Endpoint) -> None:
    given = tuple(all_passages() * 20)
    events = [
        event
        async for event in answers(endpoint).answer(
            QUESTION, Packed(given, exhaustive=True, matched=len(given) + 5), "zh", Trail(None)
        )
    ]
    answer = events[-1].answer
    assert answer is not None
    asked = endpoint.requests[0]["messages"][1]["content"]
    held = prompt_messages(QUESTION, given, "zh").whole
    assert 0 < held < len(given)
    assert f'"{held}"' in asked
    assert f'"{held + 2}"' not in asked
    assert answer.notices == (f"evidence.limited {held}/{len(given) + 5}",)
