"""Policies as people write them: folders, departments, roles, levels, compartments, times, through the API."""

from typing import Any

import pytest

from tests.site import EVERYONE, Person, Site, until, user

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def titles(person: Person) -> set[str]:
    body = (await person.http.get("/v1/documents")).json()
    return {item["title"] for item in body["items"]}


async def folder(admin: Person, space: str, name: str, parent: str | None = None) -> str:
    response = await admin.http.post("/v1/folders", json={"space": space, "name": name, "parent_id": parent})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def idle(site: Site) -> None:
    async def ended() -> bool:
        return not {"queued", "running"} & (await site.services.queue.count_by_state()).keys()

    await until(ended)


async def say(admin: Person, path: str, **policy: Any) -> None:
    response = await admin.http.put(f"{path}/policy", json=policy)
    assert response.status_code == 200, response.text


async def test_a_document_is_read_as_its_folder_says(site: Site) -> None:
    admin, li = await site.administrator(), await site.person("li-folder")
    await site.space("filed", [EVERYONE])
    outer = await folder(admin, "filed", "outer")
    inner = await folder(admin, "filed", "inner", outer)
    document = await site.publish("plan.txt", "计划正文。", "filed", folder=inner, title="plan")
    assert "plan" in await titles(li)
    await say(admin, f"/v1/folders/{outer}", deny=[user("li-folder")], inherits=True)
    assert "plan" not in await titles(li)
    assert [one["id"] for one in (await li.http.get("/v1/folders?space=filed")).json()["items"]] == []
    assert (await admin.http.put(f"/v1/documents/{document}/folder", json={"folder_id": None})).status_code == 204
    assert "plan" in await titles(li)
    shown = (await admin.http.get(f"/v1/documents/{document}/policy")).json()
    assert not shown["own"]
    await say(admin, f"/v1/documents/{document}", allow=[user("admin")])
    assert "plan" not in await titles(li)
    assert (await admin.http.get(f"/v1/documents/{document}/policy")).json()["own"]
    assert (await admin.http.delete(f"/v1/documents/{document}/policy")).status_code == 204
    assert "plan" in await titles(li)
    assert (await admin.http.delete(f"/v1/folders/{outer}")).json()["code"] == "folder.not_empty"
    for one in (inner, outer):
        assert (await admin.http.delete(f"/v1/folders/{one}")).status_code == 204


async def test_departments_roles_levels_compartments_and_times_decide(site: Site) -> None:
    admin, li = await site.administrator(), await site.person("li-dept")
    for name, parent in (("head", None), ("unit", "head")):
        body = {"name": name, "parent": parent}
        assert (await admin.http.post("/v1/departments", json=body)).status_code == 201
    await site.space("closed", [user("admin")])
    document = await site.publish("memo.txt", "备忘正文。", "closed", title="memo")
    path = f"/v1/documents/{document}"

    async def change(**body: Any) -> None:
        response = await admin.http.patch("/v1/users/li-dept", json=body)
        assert response.status_code == 200, response.text

    await say(admin, path, allow=[{"kind": "department", "name": "head"}])
    assert "memo" not in await titles(li)
    assert (await admin.http.patch("/v1/departments/unit", json={"members": ["li-dept"]})).status_code == 200
    assert "memo" in await titles(li)
    assert (await admin.http.patch("/v1/departments/unit", json={"parent": None})).status_code == 200
    assert "memo" not in await titles(li)

    await change(company_roles=["engineer"])
    role = {"kind": "role", "name": "engineer"}
    await say(admin, path, allow=[role], compartments=["atlas"], staff_only=True, classification=1)
    assert "memo" not in await titles(li)
    await change(compartments=["atlas"])
    assert "memo" in await titles(li)
    for worse, better in (
        ({"employment": "external"}, {"employment": "staff"}),
        ({"clearance": 0}, {"clearance": 1}),
        ({"company_roles": []}, {"company_roles": ["engineer"]}),
    ):
        await change(**worse)
        assert "memo" not in await titles(li), worse
        await change(**better)
        assert "memo" in await titles(li), better
    detail = (await admin.http.get("/v1/users/li-dept/access")).json()
    assert detail == {"company_roles": ["engineer"], "compartments": ["atlas"]}
    await say(admin, path, allow=[role | {"not_after": 1_000_000}, user("admin")])
    assert "memo" not in await titles(li)
    shown = (await admin.http.get(f"{path}/policy")).json()
    assert [one["not_after"] for one in shown["allow"]] == [None, 1_000_000]
    assert (await admin.http.delete("/v1/departments/head")).status_code == 204


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({"classification": 4}, "request.invalid"),
        ({"allow": [{"kind": "role", "name": "nobody-has-it"}]}, "request.unknown_name"),
        ({"allow": [{"kind": "department", "name": "none"}]}, "request.unknown_name"),
        ({"allow": [{"kind": "everyone", "not_before": 2, "not_after": 1}]}, "access.policy_invalid"),
        ({"allow": [{"kind": "everyone", "not_after": 1}] * 2}, "access.policy_invalid"),
        ({"allow": [{"kind": "everyone"}] * 5001}, "request.invalid"),
    ],
)
async def test_what_cannot_be_meant_is_refused(site: Site, policy: dict[str, Any], code: str) -> None:
    admin = await site.administrator()
    spaces = (await admin.http.get("/v1/spaces")).json()["items"]
    if "odd" not in {one["name"] for one in spaces}:
        await site.space("odd", [EVERYONE])
    one = await folder(admin, "odd", f"f-{abs(hash(str(policy)))}")
    response = await admin.http.put(f"/v1/folders/{one}/policy", json=policy)
    assert response.status_code in {404, 422}
    assert response.json()["code"] == code


async def test_folders_of_others_are_none(site: Site) -> None:
    admin, stranger = await site.administrator(), await site.person("stranger")
    await site.space("secret", [user("admin")])
    one = await folder(admin, "secret", "plans")
    for method, path, body in (
        ("PATCH", f"/v1/folders/{one}", {"name": "x"}),
        ("DELETE", f"/v1/folders/{one}", None),
        ("GET", f"/v1/folders/{one}/policy", None),
        ("PUT", f"/v1/folders/{one}/policy", {}),
    ):
        other = path.replace(one, "fld_none")
        told = [await stranger.http.request(method, each, json=body) for each in (path, other)]
        assert [response.status_code for response in told] == [404, 404], path
        assert told[0].json()["code"] == told[1].json()["code"]
    for space in ("secret", "no-such-space"):
        response = await stranger.http.get("/v1/folders", params={"space": space})
        assert (response.status_code, response.json()["code"]) == (404, "request.unknown_name")
        response = await stranger.http.post("/v1/folders", json={"space": space, "name": "x"})
        assert (response.status_code, response.json()["code"]) == (404, "request.unknown_name")


async def test_a_move_tells_the_index_once_and_writes_no_vector(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, li = await site.administrator(), await site.person("li-once")
    await site.space("once", [])
    body = {"space": "once", "name": "f", "parent_id": None}
    folder = (await admin.http.post("/v1/folders", json=body)).json()["id"]
    policy = {"allow": [user("li-once")], "inherits": False}
    assert (await admin.http.put(f"/v1/folders/{folder}/policy", json=policy)).status_code == 200
    document = await site.publish("once.txt", "搬移一次的文档只登记一次。", "once")
    await idle(site)
    index, told = site.services.index, list[str]()

    def counted(name: str) -> None:
        real = getattr(index, name)

        async def call(*given: Any) -> Any:
            told.append(f"{name} {given[0] if name == 'set_policy' else ''}".strip())
            return await real(*given)

        monkeypatch.setattr(index, name, call)

    counted("set_policy")
    counted("upsert")
    place = f"/v1/documents/{document}/folder"
    for _ in range(2):  # the second time it lies there already
        assert (await admin.http.put(place, json={"folder_id": folder})).status_code == 204
    assert document in {hit["document_id"] for hit in await li.search("搬移一次的文档")}
    await idle(site)
    assert told == [f"set_policy {document}"]
    policy = {"allow": [user("li-once")]}
    assert (await admin.http.put(f"/v1/documents/{document}/policy", json=policy)).status_code == 200
    await idle(site)
    told.clear()
    assert (await admin.http.put(place, json={"folder_id": None})).status_code == 204  # its own policy goes with it
    await idle(site)
    assert told == []
