"""Every way in which the text of an answer leaves carries both labels of GB 45438, once, and they fit the text."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from generation.guard.label import FIELDS, KEY, LABEL, labelled, metadata, read_label, unlabelled, verifies
from tests.site import EVERYONE, Site, open_site, site_settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
SPOKEN = ("人工智能生成", "AI生成", "AI-generated")
#: Fields of bodies that hold the text of an answer, and the bodies that carry the labels beside it.
TEXTS = {"answer", "choices", "statements"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False)
    async with open_site(settings) as opened:
        await opened.space("travel", [EVERYONE])
        await opened.publish("rules.md", "# 差旅制度\n\n住宿费标准为每晚 500 元，凭票据实报销。\n", "travel")
        yield opened


def _schemas(description: dict[str, Any], body: Any) -> Iterator[dict[str, Any]]:
    """Yield every object schema within a schema."""
    if isinstance(body, list):
        for one in body:
            yield from _schemas(description, one)
    elif isinstance(body, dict):
        if "$ref" in body:
            yield from _schemas(description, description["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]])
            return
        if body.get("type") == "object":
            yield body
        for one in body.values():
            if isinstance(one, dict | list):
                yield from _schemas(description, one)


async def test_every_body_with_the_text_of_an_answer_has_both_labels(site: Site) -> None:
    description = site.app.openapi()
    carrying = set()
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for answer in operation.get("responses", {}).values():
                for schema in _schemas(description, answer.get("content", {})):
                    fields = set(schema.get("properties", {}))
                    if fields & TEXTS and fields & {"answerer"}:
                        assert {"label", "aigc"} <= set(schema["required"]), (method, path)
                        carrying.add((method, path))
    assert carrying >= {
        ("post", "/v1/chat/completions"),
        ("get", "/v1/conversations/{conversation_id}"),
    }


async def test_answers_streams_conversations_and_exports_carry_them_once(site: Site) -> None:
    reader = await site.person("reader")
    talk = (await reader.http.post("/v1/conversations", json={})).json()["id"]
    answer = await reader.ask("住宿费标准是多少？", conversation_id=talk)
    assert answer["label"] == LABEL["zh"]
    assert verifies(answer["aigc"], answer["choices"][0]["message"]["content"])
    assert not verifies(answer["aigc"], answer["choices"][0]["message"]["content"] + "。")

    body = {"messages": [{"role": "user", "content": "What is the hotel allowance?"}], "stream": True}
    streamed = await reader.http.post("/v1/chat/completions", json=body)
    chunks = [json.loads(line[6:]) for line in streamed.text.splitlines() if line.startswith("data: {")]
    assert chunks[0]["label"] == LABEL["en"]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    last = chunks[-1]
    assert last["label"] == LABEL["en"]
    assert verifies(last["aigc"], text)
    assert sum("aigc" in chunk for chunk in chunks) == 1

    [turn] = (await reader.http.get(f"/v1/conversations/{talk}")).json()["turns"]
    assert verifies(turn["aigc"], turn["answer"])
    for name, language in (("zh", "zh"), ("en", "en")):
        headers = {"Accept-Language": language}
        path = f"/v1/conversations/{talk}/export"
        exported = (await reader.http.get(path, headers=headers)).text
        assert exported.count(f"{KEY}: ") == exported.count(LABEL[name]) == 1  # type: ignore[index]
        told = read_label(exported)
        assert told is not None
        assert verifies(told, unlabelled(exported))
        whole = (await reader.http.get(path, params={"format": "json"}, headers=headers)).json()
        assert all(verifies(one["aigc"], one["answer"]) and one["label"] for one in whole["turns"])


async def test_a_refusal_is_labelled_too(site: Site) -> None:
    reader = await site.person("reader")
    answer = await reader.ask("火星基地的食堂几点开门？")
    assert any(words in answer["label"] for words in SPOKEN)
    assert verifies(answer["aigc"], answer["choices"][0]["message"]["content"])


async def test_a_text_labelled_five_times_over_has_each_label_once() -> None:
    text = "# 标题\n\n正文。\n"
    once = labelled(text, "trn_1", "Wenyuan", "zh")
    again = once
    for _ in range(5):
        again = labelled(again, "trn_1", "Wenyuan", "zh")
    assert again == once
    assert unlabelled(again) == text
    english = labelled(once, "trn_1", "Wenyuan", "en")
    assert LABEL["zh"] not in english
    assert english.count(KEY) == 1


async def test_a_label_that_was_meddled_with_does_not_verify() -> None:
    told = metadata("正文", "trn_1", "Wenyuan")
    assert set(told) == set(FIELDS)
    assert verifies(told, "正文")
    for broken in (told | {"Label": "2"}, told | {"ReservedCode1": ""}, {**told, "more": ""}, {"Label": "1"}):
        assert not verifies(broken, "正文")
