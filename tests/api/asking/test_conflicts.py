"""Documents that contradict or replace each other, through the API: told to those who may read both, to others not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.site import EVERYONE, Site, open_site, site_settings, told_in, user

pytestmark = pytest.mark.asyncio(loop_scope="module")

STANDARD = (
    "# 差旅须知\n\n本须知自2024年3月1日起施行。\n\n一线城市住宿标准为每人每天600元，超出部分由个人承担。\n\n"
    "## 附则\n\n本须知由行政部解释。\n"
)
OTHER = "# 财务报销问答\n\n发布日期：2023年5月\n\n一线城市住宿标准为每人每天400元，超出部分由个人承担。\n"
QUESTION = "一线城市住宿标准是每人每天多少元？"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder: Path = tmp_path_factory.mktemp("conflicts")
    async with open_site(site_settings(folder)) as opened:
        await opened.person("reader")
        await opened.person("auditor")
        await opened.space("open", [EVERYONE])
        await opened.space("closed", [user("auditor")])
        await opened.publish("差旅须知.md", STANDARD, "open")
        await opened.publish("财务报销问答.md", OTHER, "closed")
        yield opened


async def test_who_may_read_both_is_told_both_with_their_dates(site: Site) -> None:
    answer = await (await site.person("auditor")).ask(QUESTION)
    text = answer["choices"][0]["message"]["content"]
    assert answer["notices"] == ["answer.conflict"]
    assert "（2024-03-01）" in text
    assert "（2023-05）" in text
    assert {"600元" in text, "400元" in text} == {True}
    assert len({citation["document_id"] for citation in answer["citations"]}) == 2


async def test_a_stored_answer_tells_a_date_to_those_alone_who_read_all_that_it_is_made_of(site: Site) -> None:
    auditor, admin = await site.person("auditor"), await site.administrator()
    talk = (await auditor.http.post("/v1/conversations", json={})).json()["id"]
    await auditor.ask(QUESTION, conversation_id=talk)

    async def shown() -> str:
        turn = (await auditor.http.get(f"/v1/conversations/{talk}")).json()["turns"][0]
        exported = await auditor.http.get(f"/v1/conversations/{talk}/export")
        return str(turn["answer"]) + str([one["text"] for one in turn["statements"]]) + exported.text

    [document] = [
        one["id"] for one in (await admin.http.get("/v1/documents")).json()["items"] if "差旅" in one["title"]
    ]
    sections = f"/v1/documents/{document}/sections"
    part = {"selector": {"heading": ["附则"]}, "policy": {"inherits": False, "allow": [user("admin")]}}
    assert "（2024-03-01）" in await shown()
    try:
        assert (await admin.http.put(sections, json={"items": [part]})).status_code < 300
        partly = await shown()
        assert "2024-03-01" not in partly
        assert "（2023-05）" in partly
        assert "600元" in partly
    finally:
        assert (await admin.http.delete(sections)).status_code < 300
    assert "（2024-03-01）" in await shown()


async def test_a_document_that_is_closed_to_the_asker_changes_nothing(site: Site) -> None:
    answer = await (await site.person("reader")).ask(QUESTION)
    text = answer["choices"][0]["message"]["content"]
    assert answer["notices"] == []
    assert text.startswith("一线城市住宿标准为每人每天600元")
    assert "400" not in told_in(answer)
    assert "财务" not in str(answer)


async def test_a_false_premise_is_corrected_from_what_the_asker_may_read(site: Site) -> None:
    reader, auditor = await site.person("reader"), await site.person("auditor")
    question = "为什么一线城市住宿标准是每人每天400元？"
    corrected = await reader.ask(question)
    assert corrected["notices"] == ["answer.premise"]
    assert "600元" in corrected["choices"][0]["message"]["content"]
    assert "answer.premise" not in (await auditor.ask(question))["notices"]
