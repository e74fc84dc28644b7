"""Profiles, near-duplicates, differences and corrections through the API: for those who may see them, nobody else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from tests.site import EVERYONE, Person, Site, group, open_site, site_settings, user
from wenyuan.db import tables as t
from wenyuan.db.texts.rows import chunk_texts
from wenyuan.db.vault.sealing import sealer

pytestmark = pytest.mark.asyncio(loop_scope="module")

RULES = """# 访客管理办法

发布日期：2025-03-02

为规范访客管理，制定本办法。本办法自2025年4月1日起施行，有效期至2027年3月31日。

## 第一章 登记

访客须在前台登记，领取蓝色胸牌（以下简称“胸牌”）。访客登记由行政部负责，接待人须到前台迎接访客。

## 第二章 陪同

访客在办公区由接待人全程陪同，不得单独进入实验室。访客离开时应当交还胸牌，并由前台注销登记。

| 区域 | 陪同要求 | 备注 |
|---|---|---|
| 大堂 | 无须陪同 | 八点开放 |
| 实验室 | 必须陪同 | 须经批准 |
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path_factory.mktemp("site"), ocr=False)) as opened:
        await opened.person("li")
        await opened.person("mei")
        await opened.person("han")
        await opened.group("hr", "han")
        await opened.space("company", [EVERYONE], managers=[user("mei")])
        yield opened


async def read(person: Person, path: str, **query: Any) -> dict[str, Any]:
    response = await person.http.get(path, params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def current(site: Site, document: str) -> dict[str, Any]:
    mei = await site.person("mei")
    version: dict[str, Any] = (await read(mei, f"/v1/documents/{document}"))["current_version"]
    return version


async def shown(site: Site, document: str, version: str | None = None) -> list[dict[str, Any]]:
    named = version or (await current(site, document))["id"]
    mei = await site.person("mei")
    items: list[dict[str, Any]] = (await read(mei, f"/v1/documents/{document}/versions/{named}/blocks"))["items"]
    return items


async def correct(site: Site, document: str, **body: Any) -> dict[str, Any]:
    """Correct as the manager of the space and wait for the version that has it."""
    mei = await site.person("mei")
    version = (await current(site, document))["id"]
    response = await mei.http.put(f"/v1/documents/{document}/corrections", json={"version_id": version} | body)
    assert response.status_code == 202, response.text
    job = await site.finished(response.json()["job_id"])
    assert job["state"] == "done", job
    answer: dict[str, Any] = response.json()
    return answer


async def replace(site: Site, document: str, content: str) -> str:
    admin = await site.administrator()
    sent = await admin.http.post(
        f"/v1/documents/{document}/versions", files={"file": ("visitors.md", content.encode())}
    )
    assert sent.status_code == 202, sent.text
    assert (await site.finished(sent.json()["job_id"]))["state"] == "done"
    version: str = sent.json()["version_id"]
    return version


async def test_a_profile_says_what_the_document_is(site: Site) -> None:
    document = await site.publish("visitors.md", RULES, "company", title="访客管理办法")
    profile = await read(await site.person("li"), f"/v1/documents/{document}/profile")
    assert (profile["described"], profile["language"], profile["kind"]) == (True, "zh", "policy")
    assert {(one["role"], one["date"]) for one in profile["dates"]} == {
        ("issued", "2025-03-02"),
        ("effective", "2025-04-01"),
        ("expires", "2027-03-31"),
    }
    assert {"访客", "胸牌"} <= set(profile["keywords"])
    assert [one["term"] for one in profile["terms"]] == ["胸牌"]
    texts = {block["ordinal"]: block["text"] for block in await shown(site, document)}
    assert profile["summary_by"] == "extractive"
    assert 2 <= len(profile["summary"]) <= 5
    assert all(one["text"] in texts[one["blocks"][0]] for one in profile["summary"])


async def test_who_may_not_read_learns_nothing(site: Site) -> None:
    document = await site.publish("visitors.md", RULES, "company", policy={"allow": [group("hr")]})
    admin, han = await site.administrator(), await site.person("han")
    version = (await read(han, f"/v1/documents/{document}"))["current_version"]["id"]
    paths = ("profile", "similar", "corrections", f"versions/{version}/blocks", f"versions/{version}/diff")
    body = {"version_id": version, "block": 1, "text": "改"}
    for person in (admin, await site.person("li")):
        for path in paths:
            assert (await person.http.get(f"/v1/documents/{document}/{path}")).status_code == 404, path
        for name in (document, "doc_none"):
            refused = await person.http.put(f"/v1/documents/{name}/corrections", json=body)
            assert refused.status_code == 404
    # A reader who manages nothing reads, and corrects nothing.
    assert (await han.http.get(f"/v1/documents/{document}/profile")).status_code == 200
    assert (await han.http.put(f"/v1/documents/{document}/corrections", json=body)).status_code == 404


async def test_near_duplicates_are_told_to_those_who_may_read_both(site: Site) -> None:
    text = RULES.replace("访客", "供应商代表").replace("蓝色", "黄色")
    first = await site.publish("suppliers.md", text, "company", title="供应商来访")
    second = await site.publish("suppliers-2.md", text.replace("八点", "九点"), "company", title="供应商来访（新）")
    hidden = await site.publish("suppliers.md", text, "company", title="机密", policy={"allow": [group("hr")]})
    li, han = await site.person("li"), await site.person("han")
    seen = await read(li, f"/v1/documents/{first}/similar")
    assert [one["document_id"] for one in seen["items"]] == [second]
    assert seen["items"][0]["similarity"] >= 0.8
    assert not seen["items"][0]["same_file"]
    both = await read(han, f"/v1/documents/{first}/similar")
    assert [(one["document_id"], one["same_file"]) for one in both["items"]] == [(hidden, True), (second, False)]
    admin = await site.administrator()
    assert (await admin.http.put(f"/v1/documents/{second}/policy", json={"allow": [group("hr")]})).status_code == 200
    assert (await read(li, f"/v1/documents/{first}/similar"))["items"] == []


async def test_the_difference_of_two_versions(site: Site) -> None:
    document = await site.publish("visitors.md", RULES, "company", title="访客")
    old = (await current(site, document))["id"]
    changed = (
        RULES.replace("蓝色", "橙色")
        .replace("为规范访客管理，制定本办法。", "")
        .replace("## 第二章", "接待人每次陪同不超过五人。\n\n## 第二章")
    )
    new = await replace(site, document, changed)
    li = await site.person("li")
    diff = await read(li, f"/v1/documents/{document}/versions/{new}/diff", changes_only="true")
    assert diff["against"] == old
    assert (diff["counts"]["changed"], diff["counts"]["added"], diff["counts"]["removed"]) == (2, 1, 0)
    assert diff["counts"]["same"] == len(await shown(site, document)) - 3
    pieces = [(span["change"], span["text"]) for step in diff["items"] for span in step["spans"]]
    assert ("removed", "蓝") in pieces
    assert ("added", "橙") in pieces
    assert ("added", "接待人每次陪同不超过五人。") in pieces
    assert diff["chunks"]["same"] > 0
    back = await read(li, f"/v1/documents/{document}/versions/{old}/diff", against=new, limit=1)
    assert (back["counts"]["removed"], back["next_offset"], len(back["items"])) == (1, 1, 1)
    first = await li.http.get(f"/v1/documents/{document}/versions/{old}/diff")
    assert (first.status_code, first.json()["code"]) == (422, "request.invalid")
    other = await site.publish("other.md", RULES, "company", title="另一份")
    foreign = (await current(site, other))["id"]
    for path in (f"{document}/versions/{foreign}/diff", f"{document}/versions/{new}/diff?against={foreign}"):
        assert (await li.http.get(f"/v1/documents/{path}")).status_code == 404


async def test_a_correction_answers_and_survives_the_next_version(site: Site) -> None:
    text = RULES.replace("蓝色胸牌", "篮色脑牌")
    document = await site.publish("visitors.md", text, "company", title="访客胸牌规定")
    li = await site.person("li")
    asked = "访客在前台领取什么颜色的胸牌？"
    cited = next(one for one in (await li.ask(asked))["citations"] if one["document_id"] == document)
    before = (await current(site, document))["id"]
    block = next(one for one in await shown(site, document) if "篮色脑牌" in one["text"])
    right = block["text"].replace("篮色脑牌", "蓝色胸牌")
    assert (await correct(site, document, block=block["ordinal"], text=right))["version_id"] != before
    marked = [one for one in await shown(site, document) if one["corrected"]]
    assert [(one["text"], one["original"]) for one in marked] == [(right, block["text"])]
    assert any("蓝色胸牌" in hit["text"] for hit in await li.search(asked) if hit["document_id"] == document)
    assert all("篮色脑牌" not in hit["text"] for hit in await li.search(asked))
    opened = (await li.http.get(f"/v1/citations/{cited['id']}")).json()
    assert (opened["superseded"], opened["version_id"]) == (True, before)

    version = await replace(
        site, document, text.replace("八点", "七点").replace("## 第一章", "## 附则\n\n见下。\n\n## 第一章")
    )
    again = [one["text"] for one in await shown(site, document, version) if one["corrected"]]
    assert again == [right]
    mei = await site.person("mei")
    listed = (await read(mei, f"/v1/documents/{document}/corrections"))["items"]
    assert [(one["text"], one["author"], one["applied"]) for one in listed] == [(right, "mei", True)]

    gone = await replace(site, document, "# 访客\n\n访客管理另行规定，不再发放任何牌证。\n")
    assert not any(one["corrected"] for one in await shown(site, document, gone))
    assert (await current(site, document))["warnings"] == [f"correction-unmatched:{listed[0]['id']}"]
    response = await mei.http.delete(f"/v1/documents/{document}/corrections/{listed[0]['id']}")
    assert response.status_code == 202
    assert (await site.finished(response.json()["job_id"]))["state"] == "done"
    assert (await read(mei, f"/v1/documents/{document}/corrections"))["items"] == []
    assert (await current(site, document))["warnings"] == []


async def test_a_cell_and_a_chunk_are_corrected(site: Site) -> None:
    document = await site.publish("visitors.md", RULES.replace("八点", "人点"), "company", title="访客区域")
    table = next(one for one in await shown(site, document) if one["cells"])
    cell = next(one for one in table["cells"] if one["text"] == "人点开放")
    await correct(site, document, block=table["ordinal"], row=cell["row"], column=cell["column"], text="八点开放")
    table = next(one for one in await shown(site, document) if one["cells"])
    assert "八点开放" in table["text"]
    assert "人点" not in table["text"]
    # The first correction stays when a second one is made, and comes back when the second is taken back.
    mei, version = await site.person("mei"), (await current(site, document))["id"]
    hits = [hit for hit in await mei.search("接待人全程陪同") if hit["document_id"] == document]
    passage = next(hit["text"] for hit in hits if "全程陪同" in hit["text"] and "|" not in hit["text"])
    async with site.services.database.read() as tx:
        rows = await tx.execute(sa.select(t.chunks).where(t.chunks.c.version_id == version))
        texts_of = {row.ordinal: chunk_texts(sealer(tx), document, row)[0] for row in rows}
    (ordinal,) = (number for number, text in texts_of.items() if text == passage)
    await correct(site, document, chunk=ordinal, text=passage.replace("全程陪同", "自始至终陪同"))
    texts = [one["text"] for one in await shown(site, document) if one["corrected"]]
    assert any("自始至终陪同" in text for text in texts)
    assert any("八点开放" in text for text in texts)
    paths = f"/v1/documents/{document}/corrections"
    stale = await mei.http.put(paths, json={"version_id": version, "block": 1, "text": "x"})
    assert (stale.status_code, stale.json()["code"]) == (409, "correction.stale")
    now = {"version_id": (await current(site, document))["id"], "text": "x"}
    for place in ({"block": 999}, {"block": table["ordinal"]}, {"block": 1, "row": 0, "column": 0}):
        refused = await mei.http.put(paths, json=now | place)
        assert (refused.status_code, refused.json()["code"]) == (422, "correction.misplaced"), place
    assert (await mei.http.put(paths, json=now | {"block": 1, "chunk": 1})).status_code == 422


async def test_deletion_erases_corrections_and_profiles(site: Site) -> None:
    document = await site.publish("visitors.md", RULES.replace("蓝色", "兰色"), "company", title="待删")
    block = next(one for one in await shown(site, document) if "兰色" in one["text"])
    await correct(site, document, block=block["ordinal"], text=block["text"].replace("兰色", "蓝色"))
    admin = await site.administrator()
    assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
    jobs = (await admin.http.get("/v1/jobs")).json()["items"]
    erase = next(job for job in jobs if job["kind"] == "document.erase" and job["document_id"] == document)
    assert (await site.finished(erase["id"]))["state"] == "done"
    async with site.services.database.read() as tx:
        versions = sa.select(t.versions.c.id).where(t.versions.c.document_id == document)
        kept = [
            await tx.scalar(sa.select(sa.func.count()).where(t.corrections.c.document_id == document)),
            *[
                await tx.scalar(sa.select(sa.func.count()).where(table.c.version_id.in_(versions)))
                for table in (t.profiles, t.profile_bands, t.blocks, t.chunks)
            ],
        ]
    assert kept == [0, 0, 0, 0, 0]


async def test_an_old_version_is_read_under_the_present_policy(site: Site) -> None:
    document = await site.publish("visitors.md", RULES.replace("蓝色", "紫色"), "company", title="访客旧版")
    li, admin = await site.person("li"), await site.administrator()
    old = (await current(site, document))["id"]
    cited = next(one for one in (await li.ask("访客领取紫色的什么？"))["citations"] if one["document_id"] == document)
    new = await replace(site, document, RULES.replace("蓝色", "银色"))
    paths = (
        f"/v1/citations/{cited['id']}",
        f"/v1/documents/{document}/versions/{old}/blocks",
        f"/v1/documents/{document}/versions/{new}/diff?against={old}",
    )

    async def answers() -> set[int]:
        return {(await li.http.get(path)).status_code for path in paths}

    assert await answers() == {200}
    policy = f"/v1/documents/{document}/policy"
    assert (await admin.http.put(policy, json={"allow": [group("hr")]})).status_code == 200
    assert await answers() == {404}
    assert (await admin.http.put(policy, json={"allow": [user("li")]})).status_code == 200
    assert await answers() == {200}
    assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
    assert await answers() == {404}
