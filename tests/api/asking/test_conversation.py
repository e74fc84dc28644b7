"""Follow-ups and several questions over the API: made whole from what the caller sends, under the caller's scope."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.site import EVERYONE, Person, Site, open_site, site_settings, user

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEAVE = """# 休假办法

## 婚假

员工结婚可享受婚假十五天。

## 陪产假

配偶生育的员工可享受陪产假二十天。

## 报销

出差乘坐飞机须事先批准，凭登机牌报销。
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talking(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path_factory.mktemp("talk"), ocr=False)) as site:
        await site.person("li")
        await site.person("han")
        await site.space("company", [EVERYONE])
        await site.space("board", [user("han")])
        await site.publish("leave.md", LEAVE, "company")
        await site.publish("board.md", "# 董事休假\n\n董事的陪产假为九十九天。", "board")
        yield site


async def talk(person: Person, *questions: str, **more: Any) -> dict[str, Any]:
    messages = []
    for question in questions:
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": "见上文九十九天。"}]
    response = await person.http.post("/v1/chat/completions", json={"messages": messages[:-1], **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_follow_up_is_answered_from_what_was_asked_before(talking: Site) -> None:
    li = await talking.person("li")
    answer = await talk(li, "婚假有几天？", "那陪产假呢？")
    assert answer["interpretation"]["question"] == "陪产假有几天"
    assert answer["interpretation"]["follows"] == "婚假有几天？"
    assert "二十天" in answer["choices"][0]["message"]["content"]
    assert "九十九" not in answer["choices"][0]["message"]["content"]


def _short_answers(statements: list[dict[str, Any]]) -> list[str]:
    marked = [one for one in statements if one["short_answer"] is not None]
    return [one["text"][one["short_answer"]["start"] : one["short_answer"]["end"]] for one in marked]


async def test_the_short_answer_is_told_now_and_when_the_turn_is_opened_again(talking: Site) -> None:
    li = await talking.person("li")
    kept = (await li.http.post("/v1/conversations", json={})).json()["id"]
    answer = await li.ask("员工结婚可享受婚假几天？", conversation_id=kept)
    assert _short_answers(answer["statements"]) == ["十五天"]
    [turn] = (await li.http.get(f"/v1/conversations/{kept}")).json()["turns"]
    assert _short_answers(turn["statements"]) == ["十五天"]
    assert "".join(one["text"] for one in turn["statements"]) == turn["answer"]
    why = await li.ask("为什么出差乘坐飞机须事先批准？")
    assert _short_answers(why["statements"]) == []


async def test_filters_of_earlier_questions_do_not_go_on(talking: Site) -> None:
    li = await talking.person("li")
    answer = await talk(li, "space:nowhere type:nonsense 婚假有几天？", "那陪产假呢？")
    assert answer["interpretation"]["filters"] == []
    assert answer["interpretation"]["question"] == "陪产假有几天"


async def test_an_earlier_question_too_long_is_passed_over(talking: Site) -> None:
    li = await talking.person("li")
    answer = await talk(li, "婚" * 100_000, "那陪产假呢？")
    assert answer["interpretation"]["question"] == "那陪产假呢？"


async def test_the_stream_begins_with_the_interpretation(talking: Site) -> None:
    li = await talking.person("li")
    body = {"messages": [{"role": "user", "content": "lang:zh 去年的婚假有几天？"}], "stream": True}
    response = await li.http.post("/v1/chat/completions", json=body)
    first = json.loads(response.text.split("\n\n")[0].removeprefix("data: "))
    told = first["interpretation"]
    assert told["filters"][0]["value"] == "zh"
    (time,) = told["times"]
    assert time["text"] == "去年"
    assert time["also"] == [f"{time['start'][:4]}年"]


async def test_several_questions_are_searched_each(talking: Site) -> None:
    li = await talking.person("li")
    response = await li.http.post("/v1/search", json={"query": "婚假有多长？出差坐飞机要什么手续？", "limit": 3})
    body = response.json()
    assert body["interpretation"]["parts"] == ["婚假有多长？", "出差坐飞机要什么手续？"]
    texts = [item["text"] for item in body["items"]]
    assert any("十五天" in text for text in texts)
    assert any("登机牌" in text for text in texts)


async def test_without_a_question_there_is_nothing_to_answer(talking: Site) -> None:
    li = await talking.person("li")
    response = await li.http.post("/v1/chat/completions", json={"messages": [{"role": "system", "content": "x"}]})
    assert (response.status_code, response.json()["code"]) == (422, "question.empty")
