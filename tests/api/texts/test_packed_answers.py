"""Questions for everything and about whole documents over HTTP: what each asker gets, and whether it is all."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from retrieval.packing.service import Packer
from tests.site import EVERYONE, Site, open_site, site_settings, user
from wenyuan.access import Principal, resolve_scope
from wenyuan.answers import Packed
from wenyuan.audit.trail import Trail
from wenyuan.db.access.directory import find_user
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.settings import PackingSettings, Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACES = ("访客", "车辆", "消防", "食堂", "宿舍", "机房", "仓库", "门禁", "电梯", "绿化")
RULES = "# 园区管理规定\n\n" + "\n\n".join(
    f"## {place}管理\n\n{place}管理的责任部门是{place}管理组，巡查每{number}天进行一次，记录保存{number}年。"
    for number, place in enumerate(PLACES, start=2)
)
SECRET = "# 园区安防方案\n\n## 责任部门\n\n金库巡查的责任部门是总裁办，暗号为青鸾七号，巡查每小时进行一次。"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False, office_renderer="off")
    async with open_site(settings) as opened:
        for name in ("li", "han"):
            await opened.person(name)
        await opened.space("company", [EVERYONE])
        await opened.space("board", [user("han")])
        await opened.publish("rules.md", RULES, "company", title="园区管理规定")
        await opened.publish("plan.md", SECRET, "board", title="园区安防方案")
        yield opened


async def pack(site: Site, name: str, question: str, **packing: object) -> Packed:
    """Pack as the product would with other settings of packing."""
    services = site.services
    async with services.database.read() as tx:
        account = await find_user(tx, name)
    scope = await resolve_scope(services.directory, Principal(account.id, account.name))
    settings = Settings(packing=PackingSettings.model_validate(packing))
    store = SqlEvidenceStore(services.database)
    return await Packer(services.retriever, store, services.embedder, settings).pack(scope, question)


async def test_a_named_document_is_packed_whole_and_one_of_others_is_not_there(site: Site) -> None:
    whole = await pack(site, "li", "总结《园区管理规定》")
    assert [text in "".join(one.text for one in whole.evidence) for text in PLACES] == [True] * len(PLACES)
    assert whole.matched == len(whole.evidence)
    assert (await pack(site, "han", "总结一下园区安防方案")).matched == 1
    hidden = await pack(site, "li", "总结一下园区安防方案")
    assert {one.document_title for one in hidden.evidence} == {"园区管理规定"}


async def test_the_only_document_of_a_reader_is_this_document(site: Site) -> None:
    mine = await pack(site, "li", "总结这份文件")
    assert (mine.matched, mine.exhaustive) == (len(mine.evidence), True)
    assert {one.document_title for one in mine.evidence} == {"园区管理规定"}


async def test_nothing_beside_a_passage_comes_from_what_one_cannot_read(site: Site) -> None:
    found = await pack(site, "li", "金库巡查的责任部门是谁？", neighbours=3, openings=True)
    assert found.evidence
    assert not any("青鸾" in one.text + one.context for one in found.evidence)
    assert any("青鸾" in one.text for one in (await pack(site, "han", "金库巡查的责任部门是谁？")).evidence)


async def test_neighbours_keep_their_own_ids_and_text(site: Site) -> None:
    """What is packed with surroundings is what an authorised load of the same ids gives."""
    found = await pack(site, "li", "消防管理的责任部门是谁？", neighbours=2, openings=True)
    alone = await pack(site, "li", "总结《园区管理规定》")
    known = {one.chunk_id: (one.text, one.pages, one.ranges) for one in alone.evidence}
    assert len({one.chunk_id for one in found.evidence}) == len(found.evidence)
    assert all(known[one.chunk_id] == (one.text, one.pages, one.ranges) for one in found.evidence)


async def test_a_list_is_answered_with_every_item_and_each_is_cited(site: Site) -> None:
    answer = await (await site.person("li")).ask("列出所有管理的责任部门")
    text = answer["choices"][0]["message"]["content"]
    assert sum(f"{place}管理组" in text for place in PLACES) == len(PLACES), text
    assert all(citation["quote"] in RULES for citation in answer["citations"])
    assert answer["notices"] == []
    assert "青鸾" not in str(answer)


async def test_a_limit_is_told_and_not_kept_silent(site: Site) -> None:
    cut = await pack(site, "li", "总结《园区管理规定》", tokens=120)
    assert 0 < len(cut.evidence) < cut.matched
    answers = site.services.answers
    events = [event async for event in answers.answer("园区管理规定的责任部门有哪些？", cut, "zh", Trail(None))]
    answer = events[-1].answer
    assert answer is not None
    assert answer.notices == (f"evidence.limited {len(cut.evidence)}/{cut.matched}",)
