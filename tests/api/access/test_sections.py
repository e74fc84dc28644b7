"""Parts of a document with policies of their own: whoever may not read a part is told none of it, by no route."""

import io
import json
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.site import EVERYONE, Person, Site, group, user

pytestmark = pytest.mark.asyncio(loop_scope="module")

HANDBOOK = """# 行政手册

## 第一章 考勤

上班时间为上午九点，考勤标记为开放甲一。

## 第二章 薪酬

### 2.1 年终奖

年终奖为三个月工资，薪酬标记为封闭乙二。

## 第三章 名单

| 姓名 | 部门 | 备注 |
|---|---|---|
| 张一 | 研发 | 开放丙三 |
| 王二 | 财务 | 封闭丁四 |
| 赵三 | 财务 | 封闭戊五 |
| 合计 | 三人 | 封闭己六 |

本章说明为开放庚七。
"""
PAY = {"selector": {"heading": ["第二章 薪酬"]}, "policy": {"inherits": False, "allow": [group("hr")]}}
LIST = {
    "selector": {"heading": ["第三章 名单"], "rows": {"column": "部门", "values": ["财务"]}},
    "policy": {"inherits": True, "deny": [user("li")]},
}
CLOSED = ("封闭乙二", "封闭丁四", "封闭戊五", "封闭己六", "年终奖", "王二")
OPEN = ("开放甲一", "开放丙三", "开放庚七")


async def handbook(site: Site, title: str, content: str = HANDBOOK) -> str:
    await site.space(title, [EVERYONE])
    return await site.publish("handbook.md", content, title, title=title)


async def put(site: Site, document: str, *items: dict[str, Any]) -> dict[str, Any]:
    admin = await site.administrator()
    response = await admin.http.put(f"/v1/documents/{document}/sections", json={"items": list(items)})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def replace(site: Site, document: str, content: str) -> str:
    admin = await site.administrator()
    files = {"file": ("handbook.md", content.encode())}
    sent = await admin.http.post(f"/v1/documents/{document}/versions", files=files)
    assert (await site.finished(sent.json()["job_id"]))["state"] == "done"
    return str(sent.json()["version_id"])


async def versions(site: Site, document: str) -> list[str]:
    detail = (await (await site.administrator()).http.get(f"/v1/documents/{document}")).json()
    return [one["id"] for one in detail["versions"] if one["published_at"]]


async def everything(site: Site, person: Person, document: str) -> str:
    """Return all that the routes about documents tell somebody, as one text."""
    names = ("figures", "questions", "profile", "similar", "corrections", "pages", "sections", "policy")
    paths = [f"/v1/documents/{document}", "/v1/documents", *(f"/v1/documents/{document}/{name}" for name in names)]
    known = await versions(site, document)
    for version in known:
        paths.append(f"/v1/documents/{document}/versions/{version}/blocks")
        paths += [f"/v1/documents/{document}/versions/{version}/diff?against={other}" for other in known]
    told = [(await person.http.get(path)).text for path in paths]
    for question in ("薪酬标记是什么 三个月工资", "部门 财务 合计 封闭 名单", "考勤标记是什么", "本章说明 名单 张一"):
        told.append(json.dumps(await person.search(question, 50), ensure_ascii=False))
        told.append(json.dumps(await person.ask(question), ensure_ascii=False))
    told.append(json.dumps(await person.ask("总结这份文档", documents=[document]), ensure_ascii=False))
    return "\n".join(told)


async def passages(person: Person, document: str) -> str:
    queries = ("考勤 标记 开放", "年终奖 薪酬 封闭", "名单 部门 财务 说明")
    hits = [await person.search(query, 50) for query in queries]
    return "\n".join(hit["text"] for items in hits for hit in items if hit["document_id"] == document)


async def test_a_closed_part_is_told_to_nobody_else_before_and_after_it_is_cut(site: Site) -> None:
    document = await handbook(site, "手册一")
    li, han = await site.person("li"), await site.person("han")
    before = await passages(li, document)
    assert all(word in before for word in (*OPEN, "封闭乙二", "封闭戊五"))
    done = await put(site, document, PAY, LIST)
    assert [one["named"] for one in done["items"]] == [None, None], "the administrator may not read the first part"
    at_once = await everything(site, li, document)
    assert not [word for word in CLOSED if word in at_once], "by SQL, before anything was cut again"
    assert (await site.finished(done["job_id"]))["state"] == "done"
    told = await everything(site, li, document)
    assert not [word for word in CLOSED if word in told]
    found = await passages(li, document)
    assert all(word in found for word in OPEN), "what was cut from what is closed is found again"
    found = await passages(han, document)
    assert all(word in found for word in (*OPEN, "封闭乙二", "封闭丁四", "封闭己六"))
    blocks = (await li.http.get(f"/v1/documents/{document}/versions/{done['version_id']}/blocks")).json()["items"]
    table = next(one for one in blocks if one["kind"] == "table")
    assert "张一 | 研发 | 开放丙三" in table["text"]
    assert (await han.http.get(f"/v1/documents/{document}/profile")).json()["described"]
    assert not (await li.http.get(f"/v1/documents/{document}/profile")).json()["described"]


async def test_a_change_of_a_parts_policy_counts_at_once_and_cuts_nothing(site: Site) -> None:
    document = await handbook(site, "手册二")
    li = await site.person("li")
    first = await put(site, document, PAY)
    await site.finished(first["job_id"])
    part = first["items"][0]["id"]
    again = await put(site, document, {"id": part, "policy": {"inherits": True}})
    assert (again["version_id"], again["items"][0]["id"]) == (None, part)
    assert "封闭乙二" in await passages(li, document)
    await put(site, document, {"id": part, "policy": {"inherits": True, "classification": 3}})
    assert "封闭乙二" not in await everything(site, li, document)
    admin = await site.administrator()
    assert (await admin.http.delete(f"/v1/documents/{document}/sections")).status_code == 204
    assert "封闭乙二" in await passages(li, document)
    assert (await admin.http.get(f"/v1/documents/{document}/sections")).json()["items"] == []


async def test_versions_before_and_after_are_read_under_the_rules_of_now(site: Site) -> None:
    document = await handbook(site, "手册三")
    li, han = await site.person("li"), await site.person("han")
    await site.finished((await put(site, document, PAY))["job_id"])
    await replace(site, document, HANDBOOK.replace("封闭乙二", "封闭乙八"))
    told = await everything(site, li, document)
    assert "封闭乙二" not in told
    assert "封闭乙八" not in told
    assert "开放甲一" in await passages(li, document)
    assert "封闭乙八" in await passages(han, document)
    # A rule that names nothing in a version lies on all of it: the section may have got another name.
    await replace(site, document, HANDBOOK.replace("第二章 薪酬", "第二章 待遇"))
    assert not await passages(li, document)
    assert "封闭乙二" in await passages(han, document)
    shown = (await (await site.person("han")).http.get(f"/v1/documents/{document}/sections")).status_code
    assert shown == 404, "han reads all of it and manages nothing"


async def test_what_a_part_names_is_shown_to_managers_who_may_read_it(site: Site) -> None:
    document = await handbook(site, "手册四")
    admin, li = await site.administrator(), await site.person("li")
    seen = {"selector": {"heading": ["第一章 考勤"]}, "policy": {"deny": [user("li")]}}
    done = await put(site, document, PAY, seen)
    assert [one["selector"] is None for one in done["items"]] == [True, False]
    assert done["items"][1]["selector"]["heading"] == ["第一章 考勤"]
    alone = await put(site, document, seen)
    assert alone["items"][0]["named"] == 2
    path = f"/v1/documents/{document}/sections"
    assert (await li.http.get(path)).status_code == 404
    assert (await li.http.put(path, json={"items": []})).status_code == 404
    for wrong in ({"selector": {}}, {"selector": {"pages": {"first": 3, "last": 2}}}, {}, {"id": "prt_x"}):
        answer = await admin.http.put(path, json={"items": [{"policy": {}} | wrong]})
        assert answer.status_code == 422, answer.text
    assert (await admin.http.put(path, json={"items": [seen, seen]})).status_code == 422


async def test_a_page_is_drawn_for_those_who_may_read_all_of_it(site: Site) -> None:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(300, 300))
    for page in ("first page open alpha", "second page closed beta", "third page open gamma"):
        canvas.drawString(30, 200, page)
        canvas.drawString(30, 150, f"and a second line of the {page}")
        canvas.showPage()
    canvas.save()
    await site.space("paged", [EVERYONE])
    document = await site.publish("pages.pdf", file.getvalue(), "paged", title="pages")
    li, han = await site.person("li"), await site.person("han")
    rule = {"selector": {"pages": {"first": 2, "last": 2}}, "policy": {"inherits": False, "allow": [group("hr")]}}
    done = await put(site, document, rule)

    async def drawn(person: Person) -> list[int]:
        return [(await person.http.get(f"/v1/documents/{document}/pages/{page}")).status_code for page in (1, 2, 3)]

    assert await drawn(li) == [200, 404, 200]
    await site.finished(done["job_id"])
    assert await drawn(li) == [200, 404, 200]
    assert await drawn(han) == [200, 200, 200]
    assert "beta" not in json.dumps(await li.search("second page closed beta", 50))
    assert "beta" in json.dumps(await han.search("second page closed beta", 50))
    version = done["version_id"]
    items = (await han.http.get(f"/v1/documents/{document}/versions/{version}/blocks")).json()["items"]
    closed = [one["ordinal"] for one in items if "beta" in one["text"]]
    assert closed
    for ordinal in closed:
        image = f"/v1/documents/{document}/blocks/{ordinal}/image"
        assert (await li.http.get(image)).status_code == 404
        assert (await han.http.get(image)).status_code == 200
