"""Why, who and what: explanations, reports and previews through the API, and what they do not say to whom."""

import csv
import io
from typing import Any

import pytest

from tests.site import EVERYONE, Person, Site, user
from wenyuan.access import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def explained(person: Person, document: str, **given: str) -> dict[str, Any]:
    response = await person.http.get("/v1/access/explain", params={"document": document} | given)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def preview(person: Person, **change: Any) -> dict[str, Any]:
    response = await person.http.post("/v1/access/preview", json={"change": change})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def group(name: str) -> dict[str, str]:
    return {"kind": "group", "name": name}


async def test_an_explanation_names_the_way_and_what_is_missing(site: Site) -> None:
    admin, li = await site.administrator(), await site.person("li-why")
    await site.group("inner-why", "li-why")
    assert (await admin.http.post("/v1/groups", json={"name": "outer-why"})).status_code == 201
    body = {"members": [group("inner-why")]}
    assert (await admin.http.put("/v1/groups/outer-why/members", json=body)).status_code == 200
    await site.space("why", [group("outer-why")])
    document = await site.publish("why.txt", "正文。", "why", title="为何")
    told = await explained(admin, document, user="li-why")
    assert told["allowed"]
    assert told["code"] == "entry.allowed"
    assert [step["name"] for step in told["deciding"]["path"]] == ["inner-why", "outer-why"]
    assert told["message"] == "被允许：用户组 inner-why → 用户组 outer-why"
    assert told["rules"][0]["place"] == {"kind": "space", "id": told["rules"][0]["place"]["id"], "name": "why"}
    assert told["document"]["title"] is None  # the administrator may not read it
    assert (await explained(li, document))["document"]["title"] == "为何"

    policy = {
        "allow": [group("outer-why"), user("admin")],
        "deny": [user("li-why")],
        "classification": 3,
        "compartments": ["atlas"],
        "staff_only": True,
    }
    assert (await admin.http.put(f"/v1/documents/{document}/policy", json=policy)).status_code == 200
    assert (await admin.http.patch("/v1/users/li-why", json={"employment": "external"})).status_code == 200
    told = await explained(admin, document, user="li-why")
    codes = ["policy.level", "policy.compartment", "policy.staff_only", "entry.denied"]
    assert (told["allowed"], told["code"], [one["code"] for one in told["against"]]) == (False, codes[0], codes)
    assert told["rules"][0]["failed"][0]["message"] == "密级不足：需要“机密”，现为“内部”"
    assert {one["effect"] for one in told["rules"][0]["matches"]} == {"allow", "deny"}
    english = await admin.http.get(
        "/v1/access/explain", params={"document": document, "user": "li-why"}, headers={"Accept-Language": "en"}
    )
    assert english.json()["message"] == "clearance too low: Confidential is asked, Internal held"


async def test_who_may_ask_and_what_the_others_are_told(site: Site) -> None:
    admin, reader = await site.administrator(), await site.person("reader-ask")
    manager, stranger = await site.person("manager-ask"), await site.person("stranger-ask")
    await site.space("asked", [user("reader-ask")], managers=[user("manager-ask")])
    document = await site.publish("asked.txt", "正文。", "asked", title="只给读者的标题")
    for person in (admin, manager):
        told = await explained(person, document, user="stranger-ask")
        assert (told["allowed"], told["code"], told["document"]["title"]) == (False, "entry.none", None)
        listed = await person.http.get("/v1/access/readers", params={"document": document})
        assert [one["user"]["name"] for one in listed.json()["items"]] == ["reader-ask"]
        assert "只给读者的标题" not in listed.text
    assert (await explained(reader, document))["allowed"]
    for person, given in (
        (stranger, {}),
        (stranger, {"user": "reader-ask"}),
        (reader, {"user": "stranger-ask"}),
        (reader, {"user": "nobody-at-all"}),
    ):
        answers = [
            await person.http.get("/v1/access/explain", params={"document": one} | given)
            for one in (document, "doc_none")
        ]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].json()["code"] == answers[1].json()["code"] == "not_found"
    for path in ("/v1/access/readers", "/v1/access/readers/export"):
        for person in (reader, stranger):
            assert (await person.http.get(path, params={"document": document})).status_code == 404
    for person in (reader, manager):
        answer = await person.http.get("/v1/access/view", params={"user": "reader-ask"})
        assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")


async def test_readers_are_paged_and_exported(site: Site) -> None:
    admin = await site.administrator()
    names = [f"page-{number}" for number in range(5)]
    for name in names:
        await site.person(name)
    await site.space("paged", [user(name) for name in names])
    document = await site.publish("paged.txt", "正文。", "paged")
    found: list[str] = []
    cursor = None
    while True:
        given: dict[str, str | int] = {"document": document, "limit": 2}
        if cursor:
            given["cursor"] = cursor
        body = (await admin.http.get("/v1/access/readers", params=given)).json()
        assert body["total"] == 5
        found += [one["user"]["name"] for one in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert found == names
    table = await admin.http.get("/v1/access/readers/export", params={"document": document, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["user"] for row in rows] == names
    assert rows[0]["path"] == "user:page-0"


async def test_a_view_shows_what_somebody_sees_and_no_title_beyond_ones_own(site: Site) -> None:
    admin, li = await site.administrator(), await site.person("li-view")
    await site.space("view-closed", [user("li-view")])
    await site.space("view-shared", [EVERYONE])
    closed = await site.publish("closed.txt", "正文。", "view-closed", title="管理员不可读")
    shared = await site.publish("shared.txt", "正文。", "view-shared", title="大家可读")
    given: dict[str, str | int] = {"user": "li-view", "limit": 500}
    response = await admin.http.get("/v1/access/view", params=given)
    seen = {one["id"]: one["title"] for one in response.json()["items"]}
    assert (seen[closed], seen[shared]) == (None, "大家可读")
    assert "管理员不可读" not in response.text
    mine = (await li.http.get("/v1/documents", params={"limit": 100})).json()["items"]
    assert {one["id"] for one in mine} == seen.keys()
    assert sum(one["documents"] for one in response.json()["spaces"]) == len(seen)
    table = await admin.http.get("/v1/access/view/export", params={"user": "li-view", "format": "csv"})
    assert {row["document"] for row in csv.DictReader(io.StringIO(table.text))} == seen.keys()
    assert "管理员不可读" not in table.text
    auditor = await site.person("auditor-view", Role.AUDITOR)
    entries = (await auditor.http.get("/v1/audit", params={"action": "read"})).json()["items"]
    user_id = response.json()["user"]["id"]
    assert any(one["target"] == f"view-as user={user_id}" and one["behalf"] == user_id for one in entries)


@pytest.mark.parametrize("kind", ["document", "folder", "space", "group"])
async def test_a_preview_says_what_the_change_then_does(site: Site, kind: str) -> None:
    admin = await site.administrator()
    people = [await site.person(f"{name}-{kind}") for name in ("li", "wang", "zhao")]
    await site.group(f"team-{kind}", f"wang-{kind}")
    space = f"preview-{kind}"
    await site.space(space, [user(f"li-{kind}"), group(f"team-{kind}")])
    body = {"space": space, "name": "f", "parent_id": None}
    folder = (await admin.http.post("/v1/folders", json=body)).json()["id"]
    documents = [await site.publish(f"{n}.txt", "正文。", space, folder=folder) for n in range(2)]
    documents.append(await site.publish("2.txt", "正文。", space))

    async def held() -> list[set[str]]:
        pages = [(await one.http.get("/v1/documents", params={"limit": 100})).json()["items"] for one in people]
        return [{item["id"] for item in page} & set(documents) for page in pages]

    policy = {"allow": [user(f"zhao-{kind}")], "deny": [group(f"team-{kind}")], "inherits": kind != "space"}
    members = {"members": [user(f"zhao-{kind}")]}
    change, path, sent = {
        "document": ({"id": documents[0], "policy": policy}, f"/v1/documents/{documents[0]}/policy", policy),
        "folder": ({"id": folder, "policy": policy}, f"/v1/folders/{folder}/policy", policy),
        "space": (
            {"name": space, "policy": policy},
            f"/v1/spaces/{space}",
            {"readers": policy["allow"], "denied": policy["deny"]},
        ),
        "group": ({"name": f"team-{kind}", **members}, f"/v1/groups/team-{kind}/members", members),
    }[kind]
    before = await held()
    said = await preview(admin, kind=kind, **change)
    assert await held() == before
    assert (await admin.http.put(path, json=sent)).status_code == 200
    after = await held()
    expected = {
        person.name: (len(now - then), len(then - now))
        for person, then, now in zip(people, before, after, strict=True)
        if now != then
    }
    assert {one["user"]["name"]: (one["gained"], one["lost"]) for one in said["items"]} == expected
    assert expected
    assert said["gaining"] == sum(gained > 0 for gained, _ in expected.values())
    assert said["lost"] == sum(lost for _, lost in expected.values())
    if kind == "document":
        back = await preview(admin, kind="document", id=documents[0], policy=None)
        assert (back["gaining"], back["losing"]) == (said["losing"], said["gaining"])


async def test_who_owns_a_document_and_no_more_is_told_by_a_preview_neither_who_nor_how_many(site: Site) -> None:
    owner, keeper = [await site.person(f"{name}-named") for name in ("owner", "keeper")]
    runs = [user("keeper-named")]
    await site.space("named", [EVERYONE], contributors=[user("owner-named")], managers=runs)
    sent = (await owner.upload("own.txt", "正文。".encode(), "named")).json()
    await site.finished(sent["job_id"])
    nobody: dict[str, object] = {"allow": []}
    section = {"selector": {"pages": {"first": 1, "last": 1}}, "policy": nobody | {"inherits": False}}
    told: dict[str, Any] = {}
    for change in ({"kind": "document", "policy": nobody}, {"kind": "sections", "items": [section]}):
        told, seen = [await preview(one, id=sent["document_id"], **change) for one in (owner, keeper)]
        assert 1 < seen["losing"] == len(seen["items"])
        assert (told["items"], {value for key, value in told.items() if key != "items"}) == ([], {None})
    # The same for a change that asks whether somebody is of a level: an answer would tell.
    for level in (0, 3):
        asked = {"kind": "document", "policy": {"allow": [user("owner-named")], "classification": level}}
        assert await preview(owner, id=sent["document_id"], **asked) == told
    refused = {"kind": "document", "id": sent["document_id"], "policy": {"allow": [user("no-such-user")]}}
    assert (await owner.http.post("/v1/access/preview", json={"change": refused})).status_code == 404


async def test_a_preview_is_refused_as_the_change_is(site: Site) -> None:
    manager = await site.person("manager-preview")
    await site.space("refused", [EVERYONE], managers=[user("manager-preview")])
    await site.space("refused-other", [EVERYONE])
    other = await site.publish("other.txt", "正文。", "refused-other")
    mine = await site.publish("mine.txt", "正文。", "refused")
    assert (await preview(manager, kind="document", id=mine, policy={"allow": []}))["losing"] > 0
    for change, status in (
        ({"kind": "document", "id": other, "policy": {"allow": []}}, 404),
        ({"kind": "document", "id": "doc_none", "policy": {"allow": []}}, 404),
        ({"kind": "folder", "id": "fld_none", "policy": {}}, 404),
        ({"kind": "space", "name": "refused", "policy": {}}, 403),
        ({"kind": "group", "name": "none", "members": []}, 403),
        ({"kind": "document", "id": mine, "policy": {"allow": [user("no-such-user")]}}, 404),
        ({"kind": "planet"}, 422),
    ):
        response = await manager.http.post("/v1/access/preview", json={"change": change})
        assert response.status_code == status, (change, response.text)
