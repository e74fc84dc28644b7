"""The model of a question: named by the request, by its space or by the settings, and only ones the caller may use."""

import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from generation.llm.following import ModelFollower
from tests.llm import ParrotModel, parrot
from tests.site import EVERYONE, Site, open_site, site_settings
from wenyuan.chat.settings import GenerationSettings, ModelSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTION = "年休假有几天？"
KEY = "sk-canary-1f6c"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def models() -> AsyncIterator[ParrotModel]:
    with parrot() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, models: ParrotModel) -> AsyncIterator[Site]:
    folder: Path = tmp_path_factory.mktemp("models")
    generation = GenerationSettings(
        models=(
            ModelSettings(name="big", url=models.url, model="big-72b", groups=("board",), key="big"),
            ModelSettings(name="small", url=models.url, model="small-7b"),
        ),
        keys={"big": SecretStr(KEY)},
        default="small",
        spaces={"law": "small", "plain": "extractive"},
    )
    async with open_site(site_settings(folder, generation, ocr=False)) as opened:
        await opened.person("chair")
        await opened.person("clerk")
        await opened.group("board", "chair")
        for name in ("law", "plain"):
            await opened.space(name, [EVERYONE])
            await opened.publish(f"{name}.md", "# 年假\n\n工作满一年的员工，年休假为五天。\n", name)
        yield opened


async def listed(site: Site, name: str) -> dict[str, bool]:
    response = await (await site.person(name)).http.get("/v1/models")
    assert response.status_code == 200, response.text
    assert response.json()["object"] == "list"
    return {one["id"]: one["default"] for one in response.json()["data"]}


async def test_everybody_is_shown_what_they_may_name(site: Site) -> None:
    assert await listed(site, "chair") == {"small": False, "big": False, "wenyuan-extractive": True}
    assert await listed(site, "clerk") == {"small": False, "wenyuan-extractive": True}


async def test_a_request_names_its_model(site: Site, models: ParrotModel) -> None:
    clerk = await site.person("clerk")
    answer = await clerk.ask(QUESTION, model="small")
    assert (answer["model"], answer["answerer"]) == ("small", "llm")
    assert answer["prompt"].startswith("zh-")
    assert json.loads(models.prompts[-1])["model"] == "small-7b"
    for name in (None, "wenyuan", "wenyuan-extractive", "extractive"):
        answer = await clerk.ask(QUESTION, model=name)
        assert (answer["model"], answer["answerer"], answer["prompt"]) == ("wenyuan-extractive", "extractive", None)


async def test_a_model_that_is_not_there_looks_like_one_that_is_for_others(site: Site, models: ParrotModel) -> None:
    clerk = await site.person("clerk")
    asked = len(models.prompts)
    for name in ("big", "nobody"):
        body = {"messages": [{"role": "user", "content": QUESTION}], "model": name}
        response = await clerk.http.post("/v1/chat/completions", json=body)
        assert (response.status_code, response.json()["code"]) == (400, "model.unknown")
    assert len(models.prompts) == asked
    answer = await (await site.person("chair")).ask(QUESTION, model="big")
    assert answer["model"] == "big"
    assert KEY not in models.prompts[-1]


async def test_a_space_has_a_model_of_its_own(site: Site) -> None:
    clerk = await site.person("clerk")
    assert (await clerk.ask(QUESTION, filters={"space": ["law"]}))["model"] == "small"
    assert (await clerk.ask(QUESTION, filters={"space": ["plain"]}))["model"] == "wenyuan-extractive"
    assert (await clerk.ask(QUESTION, filters={"space": ["law", "plain"]}))["model"] == "wenyuan-extractive"


async def test_every_statement_says_how_it_was_checked(site: Site) -> None:
    clerk = await site.person("clerk")
    for model in ("small", "extractive"):
        answer = await clerk.ask(QUESTION, model=model)
        assert answer["statements"]
        markers = {one["marker"]: one["quote"] for one in answer["citations"]}
        for stated in answer["statements"]:
            assert stated["support"] == "supported"
            assert all(span["marker"] in markers and span["start"] < span["end"] for span in stated["spans"])
    body = {"messages": [{"role": "user", "content": QUESTION}], "model": "small", "stream": True}
    response = await clerk.http.post("/v1/chat/completions", json=body)
    chunks: list[dict[str, Any]] = [
        json.loads(line.removeprefix("data: ")) for line in response.text.splitlines() if line.startswith("data: {")
    ]
    streamed = [stated for chunk in chunks for stated in chunk.get("statements", [])]
    assert streamed == (await clerk.ask(QUESTION, model="small"))["statements"]
    assert (chunks[-1]["model"], chunks[-1]["choices"][0]["finish_reason"]) == ("small", "stop")


async def test_the_same_question_has_the_same_answer(site: Site) -> None:
    clerk = await site.person("clerk")
    told = [await clerk.ask(QUESTION, model="small") for _ in range(3)]
    assert len({answer["choices"][0]["message"]["content"] for answer in told}) == 1


async def test_a_stored_turn_names_model_and_prompt(site: Site) -> None:
    clerk = await site.person("clerk")
    talk = (await clerk.http.post("/v1/conversations", json={})).json()["id"]
    for model in ("small", "extractive"):
        await clerk.ask(QUESTION, model=model, conversation_id=talk)
    turns = (await clerk.http.get(f"/v1/conversations/{talk}")).json()["turns"]
    assert [(turn["answerer"], turn["model"]) for turn in turns] == [("llm", "small"), ("extractive", None)]
    assert turns[0]["prompt"].startswith("zh-")


async def test_no_question_goes_to_a_model_that_its_asker_may_not_use(site: Site, models: ParrotModel) -> None:
    settings = site.services.settings
    generation = settings.generation.model_copy(update={"default": "big", "condense": True, "condense_s": 60})
    changed = settings.model_copy(update={"generation": generation})
    messages = [{"role": "user", "content": text} for text in (QUESTION, "那婚假呢？")]
    body = {"messages": messages, "model": "wenyuan-extractive"}
    people = [(await site.person(name), sent) for name, sent in (("clerk", 0), ("chair", 1))]
    asked = len(models.prompts)
    follower = ModelFollower(generation)
    site.app.state.services = dataclasses.replace(site.services, settings=changed, follower=follower)
    try:
        for person, sent in people:
            assert (await person.http.post("/v1/chat/completions", json=body)).status_code == 200
            assert len(models.prompts) - asked == sent, person.name
    finally:
        site.app.state.services = site.services
