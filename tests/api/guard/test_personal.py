"""What becomes of personal data in what is shown, by level of classification, alike wherever it is shown."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.site import EVERYONE, Site, open_site, site_settings
from wenyuan.guarding.settings import GuardSettings, Treatment

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE, MASKED = "13800138000", "138****8000"


def _text(name: str, phone: str = PHONE) -> str:
    return f"# {name}联系人\n\n{name}项目的联系人是王芳，手机号码为{phone}，请在工作时间联系。\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False)
    levels = {"internal": Treatment.MASK, "secret": Treatment.BLOCK}
    guarded = settings.model_copy(update={"guard": GuardSettings(personal_levels=levels)})
    async with open_site(guarded) as opened:
        await opened.space("projects", [EVERYONE])
        yield opened


@pytest.mark.parametrize(("level", "project", "shown"), [(0, "晨曦", PHONE), (1, "远山", MASKED)])
async def test_an_answer_its_quotes_and_passages_show_it_alike(
    site: Site, level: int, project: str, shown: str
) -> None:
    policy = {"allow": [{"kind": "everyone"}], "deny": [], "classification": level}
    await site.publish(f"{project}.md", _text(project), "projects", policy=policy)
    reader = await site.person("reader", clearance=2)
    talk = (await reader.http.post("/v1/conversations", json={})).json()["id"]
    answer = await reader.ask(f"{project}项目的联系人手机号码是多少？", conversation_id=talk)
    [cited, *_] = [one for one in answer["citations"] if project in one["document_title"]]
    opened = (await reader.http.get(f"/v1/citations/{cited['id']}")).json()
    [turn] = (await reader.http.get(f"/v1/conversations/{talk}")).json()["turns"]
    exported = (await reader.http.get(f"/v1/conversations/{talk}/export")).text.replace("\\", "")
    found = [one for one in await reader.search(f"{project}项目的联系人") if project in one["title"]]
    texts = [answer["choices"][0]["message"]["content"], cited["quote"], opened["passage"], opened["quote"]]
    texts += [turn["answer"], turn["citations"][0]["quote"], exported, found[0]["text"]]
    for text in texts:
        assert shown in text
        assert shown == PHONE or PHONE not in text
    assert opened["passage"][opened["start"] : opened["end"]] == opened["quote"]
    assert any(one == "guard.personal mobile" for one in answer["notices"])
    for statements in (answer["statements"], turn["statements"]):
        marked = [(one["text"], one["short_answer"]) for one in statements if one["short_answer"] is not None]
        assert [text[at["start"] : at["end"]] for text, at in marked] == ([PHONE] if shown == PHONE else [])


async def test_a_blocked_passage_shows_nothing(site: Site) -> None:
    policy = {"allow": [{"kind": "everyone"}], "deny": [], "classification": 2}
    await site.publish("深谷.md", _text("深谷", "13912345678"), "projects", policy=policy)
    reader = await site.person("reader", clearance=2)
    answer = await reader.ask("深谷项目的联系人手机号码是多少？")
    assert "13912345678" not in str(answer)
    assert "guard.withheld" in answer["notices"]


async def test_what_is_stored_stays_as_it_is(site: Site) -> None:
    reader = await site.person("reader", clearance=2)
    document = await site.publish("原文.md", _text("原样", "13712345678"), "projects")
    version = (await reader.http.get(f"/v1/documents/{document}")).json()["current_version"]["id"]
    blocks = (await reader.http.get(f"/v1/documents/{document}/versions/{version}/blocks")).json()
    assert "13712345678" in str(blocks)


async def test_a_table_looked_up_shows_it_covered_and_reckons_with_none(site: Site) -> None:
    rows = [f"员工{n},1391234{n:04},{'负责项目的日常联络与资料归档，' * 4}" for n in range(40)]
    table = "姓名,手机号码,职责\n" + "\n".join([*rows, f"欧阳靖,{PHONE},项目总协调", *rows[:3]]) + "\n"
    policy = {"allow": [{"kind": "everyone"}], "deny": [], "classification": 1}
    await site.publish("项目通讯录.csv", table, "projects", policy=policy)
    reader = await site.person("reader", clearance=2)
    answer = await reader.ask("欧阳靖的手机号码是多少？")
    assert answer["choices"][0]["message"]["content"].startswith(f"欧阳靖 · 手机号码：{MASKED}")
    assert answer["statements"][0]["text"].startswith(f"欧阳靖 · 手机号码：{MASKED}")
    assert MASKED in answer["citations"][0]["quote"]
    assert PHONE not in str(answer)
    assert "guard.personal mobile" in answer["notices"]
    for question in ("欧阳靖和员工7的手机号码合计是多少？", "手机号码最大的员工是谁？"):
        told = str(await reader.ask(question))
        for number in ("13800138000", "13,800,138,000", "27,712,479", "13912340039"):
            assert number not in told, question
