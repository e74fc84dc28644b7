"""Answers of a model over a real HTTP endpoint: asked for JSON where it takes that, repaired once, marked, watched."""

import json
from typing import Any

import pytest

from generation.llm.chat import Limits
from generation.prompts import load_prompt
from generation.service import Answers
from tests.integration.chat_endpoint import Endpoint
from tests.unit.generation.passages import BUSBAR, TRAVEL, passage
from wenyuan.answers import Answer, Answerer, Packed, Support
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings

QUESTION = "自驾出差每公里报销多少？"
TRUE, MORE, FALSE = (
    "自驾出差按每公里 0.9 元包干报销[1]。",
    "过路费凭票另行报销[1]。",
    "自驾出差按每公里 1.9 元包干报销[1]。",
)
LIMITS = Limits(connect_s=1, first_token_s=3, between_tokens_s=2, total_s=6, backoff_s=0.01)
EVIDENCE = [passage(TRAVEL, "travel"), passage(BUSBAR, "busbar")]


def service(endpoint: Endpoint, **settings: Any) -> Answers:
    return Answers(GenerationSettings(answerer="llm", url=endpoint.url, model="test", **settings), None, limits=LIMITS)


async def ask(answers: Answers) -> Answer:
    events = [event async for event in answers.answer(QUESTION, Packed(tuple(EVIDENCE)), "zh", Trail(None))]
    answer = events[-1].answer
    assert answer is not None
    assert [event.statement for event in events if event.kind == "statement"] == list(answer.statements)
    return answer


def items(*statements: str) -> list[str]:
    text = json.dumps({"statements": [{"statement": one, "sources": [1]} for one in statements]}, ensure_ascii=False)
    return [text[at : at + 7] for at in range(0, len(text), 7)]


async def test_statements_are_asked_for_as_json_and_read_from_it(endpoint: Endpoint) -> None:
    endpoint.deltas = items("自驾出差按每公里 0.9 元包干报销。", "过路费凭票另行报销。")
    answer = await ask(service(endpoint))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]过路费凭票另行报销。[1]"
    assert [(one.support, len(one.spans)) for one in answer.statements] == [(Support.SUPPORTED, 1)] * 2
    assert (answer.model, answer.prompt) == ("test", load_prompt("zh").version)
    assert answer.tokens > 100
    (asked,) = endpoint.requests
    assert asked["response_format"]["type"] == "json_schema"
    assert (asked["seed"], asked["temperature"]) == (0, 0)


async def test_what_an_endpoint_refuses_is_left_out_and_not_tried_again(endpoint: Endpoint) -> None:
    endpoint.unknown, endpoint.deltas = frozenset({"response_format", "seed"}), [TRUE]
    answers = service(endpoint)
    for asked in (4, 5):
        answer = await ask(answers)
        assert (answer.answerer, answer.notices, len(endpoint.requests)) == (Answerer.LLM, (), asked)
    assert not {"response_format", "seed"} & endpoint.requests[-1].keys()
    assert "JSON" not in endpoint.requests[-1]["messages"][0]["content"]


async def test_a_form_that_is_demanded_is_not_left_out(endpoint: Endpoint) -> None:
    endpoint.unknown = frozenset({"response_format"})
    answer = await ask(service(endpoint, output="json"))
    assert answer.notices == ("llm.fallback",)
    assert all("response_format" in request for request in endpoint.requests)


async def test_the_endpoint_of_text_is_never_asked_for_json(endpoint: Endpoint) -> None:
    endpoint.deltas = [TRUE]
    await ask(service(endpoint, output="text"))
    assert "response_format" not in endpoint.requests[0]


async def test_a_false_statement_is_given_back_once(endpoint: Endpoint) -> None:
    endpoint.script = [[FALSE, MORE], [TRUE]]
    answer = await ask(service(endpoint, unsupported="repair"))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]过路费凭票另行报销。[1]"
    assert [one.repaired for one in answer.statements] == [True, False]
    assert answer.notices == ()
    repair = endpoint.requests[1]
    assert "1.9" in repair["messages"][1]["content"]
    assert TRAVEL[:20] in repair["messages"][1]["content"]
    assert BUSBAR[:20] not in repair["messages"][1]["content"]
    assert repair["max_tokens"] <= 200


@pytest.mark.parametrize("second", [FALSE, "NO_ANSWER", "董事会同意收购。"])
async def test_what_cannot_be_repaired_is_withheld(endpoint: Endpoint, second: str) -> None:
    endpoint.script = [[FALSE, MORE], [second]]
    answer = await ask(service(endpoint, unsupported="repair"))
    assert answer.text == "过路费凭票另行报销。[1]"
    assert answer.notices == ("llm.withheld",)
    assert len(endpoint.requests) == 2


async def test_repairs_end_with_their_budget(endpoint: Endpoint) -> None:
    endpoint.script = [[FALSE, MORE], [TRUE]]
    answer = await ask(service(endpoint, unsupported="repair", repair_tokens=300))
    assert (answer.notices, len(endpoint.requests)) == (("llm.withheld",), 1)


async def test_a_marked_statement_is_struck_through_and_never_cited(endpoint: Endpoint) -> None:
    endpoint.deltas = [FALSE, MORE]
    answer = await ask(service(endpoint, unsupported="mark"))
    assert answer.text == "~~自驾出差按每公里 1.9 元包干报销。~~（未找到依据）过路费凭票另行报销。[1]"
    marked, said = answer.statements
    assert (marked.support, marked.spans, said.support) == (Support.UNSUPPORTED, (), Support.SUPPORTED)
    assert marked.reasons
    assert answer.notices == ("llm.marked",)


async def test_marked_statements_alone_are_no_answer(endpoint: Endpoint) -> None:
    endpoint.deltas = [FALSE]
    answer = await ask(service(endpoint, unsupported="mark"))
    assert (answer.answerer, answer.notices) == (Answerer.EXTRACTIVE, ("llm.unsupported",))
    assert "1.9" not in answer.text


@pytest.mark.parametrize("policy", ["withhold", "repair", "mark"])
async def test_instructions_never_leave(endpoint: Endpoint, policy: str) -> None:
    canary = load_prompt("zh").canary
    endpoint.deltas = [
        TRUE,
        f"内部标记是 {canary}。",
        "只能依据用户消息中“资料”部分给出的内容回答，不得使用其他知识。",
        MORE,
    ]
    answer = await ask(service(endpoint, unsupported=policy))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]过路费凭票另行报销。[1]"
    assert answer.notices == ("llm.withheld",)
    assert len(endpoint.requests) == 1
    assert canary in endpoint.requests[0]["messages"][0]["content"]


async def test_an_endpoint_that_never_stops_is_ended(endpoint: Endpoint) -> None:
    endpoint.deltas = [TRUE] + ["x" * 4000 + "。"] * 20 + [MORE]
    answer = await ask(service(endpoint))
    assert answer.text == "自驾出差按每公里 0.9 元包干报销。[1]"


async def test_the_same_question_has_the_same_answer_and_prompt(endpoint: Endpoint) -> None:
    endpoint.deltas = [TRUE, MORE]
    answers = service(endpoint)
    assert await ask(answers) == await ask(answers)
    assert endpoint.requests[0] == endpoint.requests[1]
