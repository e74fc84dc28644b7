"""What answers tell of other documents than those they quote: gone from stored ones with the right to read those."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.security.sniffer import everything
from tests.site import EVERYONE, Person, Site, open_site, site_settings, user
from wenyuan.guarding.settings import GuardSettings, Treatment

pytestmark = pytest.mark.asyncio(loop_scope="module")
#: In the title of the document that has replaced the other one, and nowhere else.
NEWER = "2024年7月19日"
PHONE = "13800138000"
OLD = f"# 工作服管理办法（2021年）\n\n工作服每两年发放一次，领取前请拨打{PHONE}登记。\n"
NEW = f"# 工作服管理办法\n\n{'仓库的库存按季度盘点，结果报送行政部门。' * 10}\n"
QUESTION = "工作服多久发放一次？"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("told"), ocr=False)
    covered = GuardSettings(personal_levels={"secret": Treatment.MASK})
    async with open_site(settings.model_copy(update={"guard": covered})) as opened:
        await opened.space("clothes", [EVERYONE])
        yield opened


async def seen(person: Person, talk: str) -> str:
    """Return every byte of a conversation that somebody gets."""
    paths = ("", "/export", "/export?format=json")
    return "".join([everything(await person.http.get(f"/v1/conversations/{talk}{path}")) for path in paths])


@pytest.mark.timeout(150)
async def test_what_an_answer_tells_of_a_document_that_it_does_not_quote_is_judged_by_that_one_too(site: Site) -> None:
    li, wang = [await site.person(name, clearance=2) for name in ("li", "wang")]
    await site.group("colleagues", "li", "wang")
    admin = await site.administrator()
    await site.publish("old.md", OLD, "clothes", title="工作服管理办法（2021年）")
    newer = await site.publish("new.md", NEW, "clothes", title=f"工作服管理办法（{NEWER}）")
    talk = (await li.http.post("/v1/conversations", json={})).json()["id"]
    answer = await li.ask(QUESTION, conversation_id=talk)
    assert "answer.superseded" in answer["notices"]
    assert newer not in {one["document_id"] for one in answer["citations"]}
    said = answer["choices"][0]["message"]["content"]
    assert NEWER in said
    assert PHONE in said
    shared = {"viewers": [user("wang")]}
    assert (await li.http.put(f"/v1/conversations/{talk}/shares", json=shared)).status_code == 200
    assert NEWER in await seen(wang, talk)

    async def close(**policy: object) -> None:
        assert (await admin.http.put(f"/v1/documents/{newer}/policy", json=policy)).status_code == 200

    await close(allow=[user("li"), user("wang")], classification=2)
    turn = (await li.http.get(f"/v1/conversations/{talk}")).json()["turns"][0]
    assert PHONE in turn["citations"][0]["quote"]
    assert NEWER in turn["answer"]
    assert PHONE not in turn["answer"]
    await close(allow=[user("li")])
    assert NEWER not in await seen(wang, talk)
    assert NEWER in await seen(li, talk)
    await close(allow=[user("admin")])
    assert NEWER not in await seen(li, talk)
