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

### 2.1 封闭甲零

年终奖为三个月工资，薪酬标记为封闭乙二。

## 第三章 名单

| 姓名 | 部门 | 备注 |
|---|---|---|
| 张一 | 研发 | 开放丙三 |
| 封闭壬九 | 财务 | 封闭丁四 |
| 赵三 | 财务 | 封闭戊五 |
| 合计 | 三人 | 封闭己六 |

本章说明为开放庚七。
"""
PAY = {"selector": {"heading": ["第二章 薪酬"]}, "policy": {"inherits": False, "allow": [group("hr")]}}
LIST = {
    "selector": {"heading": ["第三章 名单"], "rows": {"column": "部门", "values": ["财务"]}},
    "policy": {"inherits": True, "deny": [user("li")]},
}
CLOSED = ("封闭甲零", "封闭乙二", "封闭丁四", "封闭戊五", "封闭己六", "封闭壬九")
OPEN = ("开放甲一", "开放丙三", "开放庚七")


class Handbook:
    """A document with marks of its own."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.text = self.marked(HANDBOOK)
        self.closed = [self.marked(word) for word in CLOSED]
        self.open = [self.marked(word) for word in OPEN]
        self.id = ""

    def marked(self, text: str) -> str:
        return text.replace("封闭", f"封闭{self._number}").replace("开放", f"开放{self._number}")

    async def publish(self, site: Site) -> str:
        await site.space(f"manual-{self._number}", [EVERYONE])
        title = f"手册{self._number}"
        self.id = await site.publish("handbook.md", self.text, f"manual-{self._number}", title=title)
        return self.id


def told(words: list[str], text: str) -> list[str]:
    return [word for word in words if word in text]


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
    names = ("figures", "questions", "profile", "similar", "corrections", "pages", "outline", "sections", "policy")
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
    mine = [hit for items in hits for hit in items if hit["document_id"] == document]
    return json.dumps(mine, ensure_ascii=False) if mine else ""


async def test_a_closed_part_is_told_to_nobody_else_before_and_after_it_is_cut(site: Site) -> None:
    book = Handbook(1)
    document = await book.publish(site)
    li, han = await site.person("li"), await site.person("han")
    assert told(book.closed, await passages(li, document)) == book.closed
    done = await put(site, document, PAY, LIST)
    assert [one["named"] for one in done["items"]] == [None, None], "the administrator may not read the first part"
    assert told(book.closed, await everything(site, li, document)) == [], "by SQL, before anything is cut again"
    assert (await site.finished(done["job_id"]))["state"] == "done"
    assert told(book.closed, await everything(site, li, document)) == []
    assert told(book.open, await passages(li, document)) == book.open, "cut from what is closed it is found again"
    found = await passages(han, document)
    assert told(book.open + book.closed, found) == book.open + book.closed
    blocks = (await li.http.get(f"/v1/documents/{document}/versions/{done['version_id']}/blocks")).json()["items"]
    table = next(one for one in blocks if one["kind"] == "table")
    assert table["text"].splitlines()[1:] == [f"张一 | 研发 | {book.open[1]}"]
    for person, described in ((han, True), (li, False)):
        assert (await person.http.get(f"/v1/documents/{document}/profile")).json()["described"] is described


async def test_a_change_of_a_parts_policy_counts_at_once_and_cuts_nothing(site: Site) -> None:
    book = Handbook(2)
    document = await book.publish(site)
    li, pay = await site.person("li"), book.closed[1]
    first = await put(site, document, PAY)
    await site.finished(first["job_id"])
    part = first["items"][0]["id"]
    again = await put(site, document, {"id": part, "policy": {"inherits": True}})
    assert (again["version_id"], again["items"][0]["id"]) == (None, part)
    assert pay in await passages(li, document)
    await put(site, document, {"id": part, "policy": {"inherits": True, "classification": 3}})
    assert pay not in await everything(site, li, document)
    admin = await site.administrator()
    assert (await admin.http.delete(f"/v1/documents/{document}/sections")).status_code == 204
    assert pay in await passages(li, document)
    assert (await admin.http.get(f"/v1/documents/{document}/sections")).json()["items"] == []


async def test_versions_before_and_after_are_read_under_the_rules_of_now(site: Site) -> None:
    book = Handbook(3)
    document = await book.publish(site)
    li, han = await site.person("li"), await site.person("han")
    await site.finished((await put(site, document, PAY))["job_id"])
    pay, later = book.closed[1], "封闭三乙八"
    await replace(site, document, book.text.replace(pay, later))
    assert told([pay, later], await everything(site, li, document)) == []
    assert book.open[0] in await passages(li, document)
    assert later in await passages(han, document)
    # A rule that names nothing in a version lies on all of it: the section may have got another name.
    await replace(site, document, book.text.replace("第二章 薪酬", "第二章 待遇"))
    assert not await passages(li, document)
    assert pay in await passages(han, document)


async def test_what_a_part_names_is_shown_to_managers_who_may_read_it(site: Site) -> None:
    document = await Handbook(4).publish(site)
    admin, li, han = await site.administrator(), await site.person("li"), await site.person("han")
    seen = {"selector": {"heading": ["第一章 考勤"]}, "policy": {"deny": [user("li")]}}
    done = await put(site, document, PAY, seen)
    assert [one["selector"] is None for one in done["items"]] == [True, False]
    assert done["items"][1]["selector"]["heading"] == ["第一章 考勤"]
    alone = await put(site, document, seen)
    assert alone["items"][0]["named"] == 2
    path = f"/v1/documents/{document}/sections"
    for person in (li, han):
        assert (await person.http.get(path)).status_code == 404
        assert (await person.http.put(path, json={"items": []})).status_code == 404
    wrongs: list[dict[str, Any]] = [
        {"selector": {}},
        {"selector": {"pages": {"first": 3, "last": 2}}},
        {},
        {"id": "prt_x"},
    ]
    for wrong in wrongs:
        answer = await admin.http.put(path, json={"items": [{"policy": {}} | wrong]})
        assert answer.status_code == 422, answer.text
    assert (await admin.http.put(path, json={"items": [seen, seen]})).status_code == 422


async def test_a_page_is_drawn_for_those_who_may_read_all_of_it(site: Site) -> None:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(300, 300))
    for page in ("First page open alpha.", "Second page closed beta.", "Third page open gamma."):
        canvas.drawString(30, 200, page)
        canvas.drawString(30, 150, f"There is another line. {page}")
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
    assert "beta" not in json.dumps(await li.search("second page closed beta line", 50))
    assert "beta" in json.dumps(await han.search("second page closed beta line", 50))
    version = done["version_id"]
    items = (await han.http.get(f"/v1/documents/{document}/versions/{version}/blocks")).json()["items"]
    closed = [one["ordinal"] for one in items if "beta" in one["text"]]
    assert closed
    for ordinal in closed:
        image = f"/v1/documents/{document}/blocks/{ordinal}/image"
        assert (await li.http.get(image)).status_code == 404
        assert (await han.http.get(image)).status_code == 200


async def test_reports_count_parts_and_name_them_to_who_reads_them(site: Site) -> None:
    admin, li, hr = await site.administrator(), await site.person("li"), await site.person("wu-parts")
    await site.person("han")
    await site.group("hr", "han", "wu-parts")  # the others of this file count on han
    book = Handbook(71)
    document = await book.publish(site)
    await put(site, document, PAY, LIST)

    async def asked(person: Person, path: str, **given: str) -> dict[str, Any]:
        response = await person.http.get(f"/v1/access/{path}", params=given)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    of_li = await asked(admin, "explain", document=document, user="li")
    assert of_li["allowed"]
    assert [(one["allowed"], one["code"]) for one in of_li["parts"]] == [
        (False, "entry.none"),
        (False, "entry.denied"),
    ]
    # The administrator is in no group and denied nowhere: of the first part not even what it names is told.
    assert [one["selector"] is None for one in of_li["parts"]] == [True, False]
    assert of_li["parts"][1]["deciding"]["path"] == [{"kind": "user", "name": "li"}]
    assert (await asked(li, "explain", document=document))["parts"] == []
    mine = (await asked(hr, "explain", document=document))["parts"]
    assert [(one["allowed"], one["selector"]["heading"]) for one in mine] == [
        (True, ["第二章 薪酬"]),
        (True, ["第三章 名单"]),
    ]
    listed = (await asked(admin, "readers", document=document, limit="500"))["items"]
    readers = {one["user"]["name"]: one["closed_parts"] for one in listed}
    assert (readers["li"], readers["wu-parts"], readers["admin"]) == (2, 0, 1)
    lines = (await admin.http.get(f"/v1/access/readers/export?document={document}")).text.splitlines()
    assert {one["user"]["name"]: one["closed_parts"] for one in map(json.loads, lines)} == readers
    for name, closed in (("li", 2), ("wu-parts", 0)):
        seen = await asked(admin, "view", user=name, space="manual-71")
        assert [(one["id"], one["closed_parts"]) for one in seen["items"]] == [(document, closed)]
        (space,) = [one for one in seen["spaces"] if one["name"] == "manual-71"]
        assert (space["documents"], space["partly"]) == (1, int(closed > 0))
    # Who may not read the document reads no part of it, whatever its rule says.
    policy = {"allow": [EVERYONE], "deny": [user("wu-parts")]}
    assert (await admin.http.put(f"/v1/documents/{document}/policy", json=policy)).status_code == 200
    told_now = await asked(admin, "explain", document=document, user="wu-parts")
    assert [one["allowed"] for one in (told_now, *told_now["parts"])] == [False] * 3


async def test_a_preview_counts_parts(site: Site) -> None:
    admin, li, wang = await site.administrator(), await site.person("li-parts"), await site.person("wang-parts")
    await site.group("hr-parts", "wang-parts")
    await site.space("parts-foreseen", [user("li-parts")])
    document = await site.publish("handbook.md", HANDBOOK, "parts-foreseen", title="手册")
    pay = {**PAY, "policy": {"inherits": False, "allow": [group("hr-parts")]}}

    async def foreseen(**change: Any) -> dict[str, dict[str, int]]:
        response = await admin.http.post("/v1/access/preview", json={"change": {"id": document, **change}})
        assert response.status_code == 200, response.text
        kept = ("gained", "lost", "partly", "parts_gained", "parts_lost")
        return {one["user"]["name"]: {key: one[key] for key in kept if one[key]} for one in response.json()["items"]}

    assert await foreseen(kind="sections", items=[pay]) == {"li-parts": {"parts_lost": 1}}
    (section,) = (await put(site, document, pay))["items"]
    both = {"allow": [user("li-parts"), group("hr-parts")]}
    everything = {"gained": 1, "parts_gained": 1}
    assert await foreseen(kind="document", policy=both) == {"wang-parts": everything}
    readers = {"allow": [user("li-parts")], "inherits": False}
    assert await foreseen(kind="sections", items=[{"id": section["id"], "policy": readers}]) == {
        "li-parts": {"parts_gained": 1}
    }
    zhao = await site.person("zhao-parts")
    assert await foreseen(kind="document", policy={"allow": [user("zhao-parts")]}) == {
        "li-parts": {"lost": 1},
        "zhao-parts": {"gained": 1, "partly": 1},
    }
    assert (await li.http.get(f"/v1/documents/{document}")).status_code == 200
    for person in (wang, zhao):
        change = {"kind": "sections", "id": document, "items": []}
        assert (await person.http.post("/v1/access/preview", json={"change": change})).status_code == 404
