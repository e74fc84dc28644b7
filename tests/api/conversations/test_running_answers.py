"""An answer that is being made stops within a second when its document, or whoever asked, is no longer let."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.api.test_disconnects import served
from tests.llm import parrot
from tests.site import EVERYONE, Person, Site, user
from wenyuan.chat.settings import GenerationSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTION = "金库的开门口令是什么？"
SECRET = "CANARY口令"
#: Long enough that the model is still talking when the change comes.
TEXT = "# 金库\n\n" + "".join(f"金库的第{n}道门的开门口令是{SECRET}{n}号，每周更换一次。" for n in range(40))
WITHIN_S = 1.0
Revoke = Callable[[Site, Person, str], Awaitable[httpx.Response]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Site, int]]:
    folder: Path = tmp_path_factory.mktemp("site")
    with parrot(pause_s=0.3) as model:
        generation = GenerationSettings(answerer="llm", url=model.url, model="m")
        async with served(folder, generation) as (site, port):
            await site.space("company", [EVERYONE])
            yield site, port


async def policy(site: Site, _person: Person, document: str) -> httpx.Response:
    admin = await site.administrator()
    return await admin.http.put(f"/v1/documents/{document}/policy", json={"allow": [user("admin")]})


async def level(site: Site, _person: Person, document: str) -> httpx.Response:
    admin = await site.administrator()
    body = {"allow": [EVERYONE], "classification": 3}
    return await admin.http.put(f"/v1/documents/{document}/policy", json=body)


async def deletion(site: Site, _person: Person, document: str) -> httpx.Response:
    return await (await site.administrator()).http.delete(f"/v1/documents/{document}")


async def account(site: Site, person: Person, _document: str) -> httpx.Response:
    return await (await site.administrator()).http.patch(f"/v1/users/{person.name}", json={"active": False})


async def token(site: Site, person: Person, _document: str) -> httpx.Response:
    admin = await site.administrator()
    tokens = (await admin.http.get("/v1/tokens")).json()["items"]
    [mine] = [one["id"] for one in tokens if one["user"] == person.name]
    return await admin.http.delete(f"/v1/tokens/{mine}")


@pytest.mark.parametrize(
    ("revoke", "code"),
    [
        (policy, "answer.revoked"),
        (level, "answer.revoked"),
        (deletion, "answer.revoked"),
        (account, "auth.unauthenticated"),
        (token, "auth.unauthenticated"),
    ],
)
async def test_a_stream_stops(live: tuple[Site, int], revoke: Revoke, code: str) -> None:
    site, port = live
    person = await site.person(f"reader-{revoke.__name__}")
    document = await site.publish(f"{revoke.__name__}.md", TEXT, "company")
    talk = (await person.http.post("/v1/conversations", json={})).json()["id"]
    headers = {"Authorization": f"Bearer {person.token}", "Accept-Language": "en"}
    body = {"stream": True, "conversation_id": talk, "messages": [{"role": "user", "content": QUESTION}]}
    lines: list[tuple[float, str]] = []
    revoked_at = 0.0
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http,
        http.stream("POST", "/v1/chat/completions", json=body) as stream,
    ):
        async for line in stream.aiter_lines():
            if line:
                lines.append((time.monotonic(), line))
            if SECRET in line and not revoked_at:
                response = await revoke(site, person, document)
                assert response.status_code in {200, 204}, response.text
                revoked_at = time.monotonic()
    assert revoked_at
    (at, notice), (_, last) = lines[-2:]
    assert f'"code":"{code}"' in notice, lines
    assert last == "data: [DONE]"
    assert at - revoked_at <= WITHIN_S
    if code == "answer.revoked":
        assert "was withdrawn, relabelled or deleted" in notice
        shown = (await person.http.get(f"/v1/conversations/{talk}")).json()
        assert shown["turns"][0]["state"] == "revoked"
        assert SECRET not in str(shown)
    # The other cases must not find the same words here.
    assert (await deletion(site, person, document)).status_code in {204, 404}


async def test_a_change_that_takes_nothing_away_disturbs_nobody(live: tuple[Site, int]) -> None:
    site, _ = live
    person, admin = await site.person("undisturbed"), await site.administrator()
    await site.publish("whole.md", "# 金库\n\n金库的开门口令是甲乙丙丁，每周更换。\n", "company")
    asking = asyncio.ensure_future(person.ask(QUESTION))
    for number in range(5):
        await asyncio.sleep(0.1)
        made = await admin.http.post("/v1/groups", json={"name": f"other-{number}"})
        assert made.status_code == 201
        await site.group(f"other-{number}", "admin")
    answer = await asking
    assert "甲乙丙丁" in str(answer)
