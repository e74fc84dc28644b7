"""A real language model behind the real application: what leaves was checked, and who leaves ends it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from benchmarks.writing.place import Noting
from benchmarks.writing.small_model import NAME, SmallModel, small_model
from tests.api.test_disconnects import served
from tests.site import EVERYONE, Person, Site, until
from wenyuan.chat.settings import GenerationSettings, ModelSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
HANDBOOK = (
    "# Remote work\n\nRemote work is limited to 8 days a month. It needs the approval of the manager.\n\n"
    "Laptops are replaced every 4 years. Passwords have at least 14 characters.\n"
)
QUESTION = "How many days of remote work are allowed?"
ENDLESS = "endless"


@dataclass
class Place:
    site: Site
    http: httpx.AsyncClient
    clerk: Person
    packer: Noting
    model: SmallModel
    endless: SmallModel


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder: Path = tmp_path_factory.mktemp("local")
    with small_model() as model, small_model(endless=True) as endless:
        small: dict[str, Any] = {"url": model.url, "context_tokens": 900, "max_tokens": 60, "output": "text"}
        long: dict[str, Any] = {"url": endless.url, "context_tokens": 600, "max_tokens": 3000, "output": "text"}
        models = (ModelSettings(name=NAME, model=NAME, **small), ModelSettings(name=ENDLESS, model=NAME, **long))
        generation = GenerationSettings(models=models, first_token_s=60)
        async with served(folder, generation) as (site, port):
            clerk = await site.person("clerk")
            await site.space("company", [EVERYONE])
            await site.publish("handbook.md", HANDBOOK, "company")
            packer = Noting(site.services.packer)
            object.__setattr__(site.services, "packer", packer)
            headers = {"Authorization": f"Bearer {clerk.token}", "Accept-Language": "en"}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
                yield Place(site, http, clerk, packer, model, endless)


def asked(model: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": QUESTION}], "model": model, "stream": True}


async def test_what_leaves_has_a_verdict_and_a_citation_of_what_was_retrieved(place: Place) -> None:
    before = place.model.cpu_s()
    lines: list[str] = []
    async with place.http.stream("POST", "/v1/chat/completions", json=asked(NAME)) as response:
        assert response.status_code == 200
        lines = [line.removeprefix("data: ") async for line in response.aiter_lines() if line.startswith("data: ")]
    assert lines.pop() == "[DONE]"
    chunks = [json.loads(line) for line in lines]
    assert place.model.cpu_s() > before
    assert not any("error" in chunk for chunk in chunks)
    last = chunks[-1]
    assert last["answerer"] == "llm" or {"llm.unsupported", "llm.fallback"} & set(last["notices"])
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    citations = {one["marker"]: one for chunk in chunks for one in chunk.get("citations", [])}
    statements = [one for chunk in chunks for one in chunk.get("statements", [])]
    assert last["refused"] or statements
    retrieved = {piece.document_id: piece.text for piece in place.packer.last[0].evidence}
    for stated in statements:
        assert stated["support"] in {"supported", "partial"}
        assert stated["spans"]
        for span in stated["spans"]:
            cited = citations[span["marker"]]
            assert cited["quote"] in retrieved[cited["document_id"]]
            opened = (await place.http.get(f"/v1/citations/{cited['id']}")).json()
            assert opened["passage"][span["start"] : span["end"]] in cited["quote"]
    if not last["refused"]:
        said = re.sub(r"\[\d+\]|\s", "", text)
        assert said == re.sub(r"\s", "", "".join(stated["text"] for stated in statements))


async def test_who_leaves_ends_the_generation(place: Place) -> None:
    async with place.http.stream("POST", "/v1/chat/completions", json=asked(ENDLESS)) as response:
        lines = response.aiter_lines()
        await anext(lines)
        await until(lambda: asyncio.to_thread(place.endless.busy), patience_s=45)

    async def idle() -> bool:
        return not await asyncio.to_thread(place.endless.busy)

    await until(idle, patience_s=5)
    computed = place.endless.cpu_s()
    await asyncio.sleep(0.3)
    assert place.endless.cpu_s() - computed < 0.15
