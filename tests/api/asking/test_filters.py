"""Filters in questions and beside them: they narrow what the caller may read, and say nothing of anything else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.site import EVERYONE, Person, Site, open_site, site_settings, user

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEAVE = "# 休假办法\n\n本办法自2024年3月1日起施行。\n\n## 年假\n\n工作满一年的员工，年假为五天。"
HANDBOOK = "# Staff handbook\n\n## Annual leave\n\nEmployees get five days of annual leave after one year of work."
SECRET = "# 高管休假\n\n## 年假\n\n高级管理人员的年假为三十天。"
QUESTION = "年假几天"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path_factory.mktemp("filters"), ocr=False)) as site:
        await site.person("li")
        await site.person("han")
        await site.space("company", [EVERYONE], title="公司制度")
        await site.space("overseas", [EVERYONE], title="Overseas Office")
        await site.space("board", [user("han")], title="董事会")
        await site.publish("休假办法.md", LEAVE, "company")
        await site.publish("Staff handbook.txt", HANDBOOK, "overseas")
        await site.publish("高管.md", SECRET, "board")
        yield site


async def ask(person: Person, query: str, **more: Any) -> dict[str, Any]:
    response = await person.http.post("/v1/search", json={"query": query, **more})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def titles(person: Person, query: str, **more: Any) -> set[str]:
    return {item["title"] for item in (await ask(person, query, **more))["items"]}


@pytest.mark.parametrize(
    ("written", "given", "found"),
    [
        ("", {}, {"休假办法", "Staff handbook"}),
        ("space:company", {"space": ["company"]}, {"休假办法"}),
        ("空间：公司制度", {"space": ["公司制度"]}, {"休假办法"}),
        ("space:company space:overseas", {"space": ["company", "overseas"]}, {"休假办法", "Staff handbook"}),
        ('space:"overseas OFFICE"', {"space": ["overseas OFFICE"]}, {"Staff handbook"}),
        ("-space:company", {"exclude": {"space": ["company"]}}, {"Staff handbook"}),
        ("lang:en", {"lang": ["en"]}, {"Staff handbook"}),
        ("语言:中文", {"lang": ["中文"]}, {"休假办法"}),
        ("after:2024-02 before:2024-04", {"after": ["2024-02"], "before": ["2024-04"]}, {"休假办法"}),
        ("date:2024Q1", {"date": ["2024Q1"]}, {"休假办法"}),
        ("-date:2024", {"exclude": {"date": ["2024"]}}, {"Staff handbook"}),
        ("type:pdf", {"type": ["pdf"]}, set()),
        ("type:md lang:zh", {"type": ["md"], "lang": ["zh"]}, {"休假办法"}),
        ("owner:admin", {"owner": ["admin"]}, {"休假办法", "Staff handbook"}),
        ("owner:me", {"owner": ["me"]}, set()),
        ("space:company lang:en", {"space": ["company"], "lang": ["en"]}, set()),
    ],
)
async def test_filters_narrow(filled: Site, written: str, given: dict[str, Any], found: set[str]) -> None:
    li = await filled.person("li")
    assert await titles(li, f"{written} {QUESTION}") == found
    assert await titles(li, QUESTION, filters=given) == found


async def test_a_keyword_of_a_profile_is_a_tag(filled: Site) -> None:
    li = await filled.person("li")
    document = (await ask(li, "space:company 年假"))["items"][0]["document_id"]
    profile = (await li.http.get(f"/v1/documents/{document}/profile")).json()
    word = profile["keywords"][0]
    assert "休假办法" in await titles(li, QUESTION, filters={"tag": [word]})
    assert "休假办法" not in await titles(li, QUESTION, filters={"exclude": {"tag": [word]}})
    assert await titles(li, QUESTION, filters={"tag": ["没有这个标签"]}) == set()


async def test_a_space_one_may_not_read_is_like_one_that_is_not_there(filled: Site) -> None:
    li, han = await filled.person("li"), await filled.person("han")
    assert await titles(han, f"space:board {QUESTION}") == {"高管"}
    answers = []
    for name in ("board", "nowhere"):
        body = await ask(li, f"space:{name} {QUESTION}")
        chat = await li.http.post(
            "/v1/chat/completions", json={"messages": [{"role": "user", "content": f"space:{name} {QUESTION}"}]}
        )
        shown = chat.json()
        answers.append((body["items"], body["interpretation"]["question"], shown["choices"], shown["refused"]))
    assert answers[0] == answers[1]
    assert answers[0][0] == []
    assert answers[0][3] is True
    assert "高管" not in await titles(li, f"-space:company -space:overseas {QUESTION}")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("type:nonsense 年假", "filter.invalid_value"),
        ("after:whenever 年假", "filter.invalid_value"),
        ("spaec:company 年假", "filter.unknown_key"),
        ("space:company", "question.empty"),
        (" ".join(f"space:s{n}" for n in range(21)) + " 年假", "filter.too_many"),
    ],
)
async def test_what_is_not_understood_is_an_error(filled: Site, query: str, code: str) -> None:
    li = await filled.person("li")
    response = await li.http.post("/v1/search", json={"query": query})
    assert (response.status_code, response.json()["code"]) == (422, code)
    asked = {"messages": [{"role": "user", "content": query}], "stream": True}
    response = await li.http.post("/v1/chat/completions", json=asked, headers={"Accept-Language": "en"})
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert "筛选" not in response.json()["detail"]


async def test_unknown_fields_of_the_body_are_refused(filled: Site) -> None:
    li = await filled.person("li")
    response = await li.http.post("/v1/search", json={"query": QUESTION, "filters": {"policy": ["1"]}})
    assert (response.status_code, response.json()["code"]) == (422, "request.invalid")


async def test_the_interpretation_is_told(filled: Site) -> None:
    li = await filled.person("li")
    told = (await ask(li, "-空间：overseas date:2024年3月 年假几天？"))["interpretation"]
    assert told["question"] == "年假几天？"
    assert told["language"] == "zh"
    assert told["filters"] == [
        {"field": "space", "value": "overseas", "exclude": True, "start": None, "end": None},
        {"field": "date", "value": "2024年3月", "exclude": False, "start": "2024-03-01", "end": "2024-04-01"},
    ]


async def test_chat_answers_within_the_filters(filled: Site) -> None:
    li = await filled.person("li")
    answer = await li.ask("空间:公司制度 工作满一年的员工年假几天？")
    assert {item["document_title"] for item in answer["citations"]} == {"休假办法"}
    assert answer["interpretation"]["filters"][0]["field"] == "space"
    answer = await li.ask("工作满一年的员工年假几天？", filters={"space": ["nowhere"]})
    assert answer["refused"] is True
    assert answer["citations"] == []


async def test_the_answerer_is_asked_for_the_word_that_was_meant(filled: Site) -> None:
    li = await filled.person("li")
    asked = {"messages": [{"role": "user", "content": "lang:en How many days of annual leave do emplyoees get?"}]}
    response = await li.http.post("/v1/chat/completions", json=asked)
    body = response.json()
    assert body["interpretation"]["slips"]
    assert "five days of annual leave" in body["choices"][0]["message"]["content"]
