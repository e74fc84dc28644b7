"""Whole sessions as Entra ID and Okta hold them."""

import secrets

import pytest

from tests.api.scim.conftest import ENTERPRISE, GROUP, PATCH, USER, Provider
from wenyuan.db.documents import get_document

pytestmark = pytest.mark.asyncio(loop_scope="module")


def fresh(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}@corp.example"


async def test_entra_provisions_changes_and_ends_an_account(provider: Provider) -> None:
    name = fresh("li")
    nobody = await provider.call("GET", "/Users", params={"filter": f'userName eq "{name}"'})
    assert nobody["totalResults"] == 0
    body = {
        "schemas": [USER, ENTERPRISE],
        "externalId": "0a21f0f2-8d2a",
        "userName": name,
        "active": True,
        "displayName": "李 雷",
        "emails": [{"primary": True, "type": "work", "value": name}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "李雷", "familyName": "李", "givenName": "雷"},
        "roles": [],
        ENTERPRISE: {"department": "财务部", "employeeNumber": "42"},
    }
    made = await provider.call("POST", "/Users", body, status=201)
    path = f"/Users/{made['id']}"
    assert made["meta"]["location"].endswith(path)
    assert made[ENTERPRISE] == {"department": "财务部", "employeeNumber": "42"}
    [found] = await provider.find("Users", f'userName eq "{name.upper()}"')
    assert found["id"] == made["id"]

    changed = await provider.patch(
        path,
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@corp.example"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "法务部"},
        {
            "op": "Replace",
            "value": {"displayName": "李雷", f"{ENTERPRISE}:employeeNumber": "43", "name.givenName": "小雷"},
        },
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "usr_boss"},
    )
    assert changed["emails"][0]["value"] == "new@corp.example"
    assert changed[ENTERPRISE] == {"department": "法务部", "employeeNumber": "43", "manager": {"value": "usr_boss"}}
    assert (changed["displayName"], changed["name"]["givenName"]) == ("李雷", "小雷")

    person = await provider.signed_in(made["id"])
    assert (await person.get("/v1/me")).status_code == 200
    ended = await provider.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    assert ended["active"] is False
    assert (await person.get("/v1/me")).status_code == 401
    back = await provider.patch(path, {"op": "Replace", "path": "active", "value": "True"})
    assert back["active"] is True
    assert (await person.get("/v1/me")).status_code == 200

    await provider.call("DELETE", path, status=204)
    assert (await person.get("/v1/me")).status_code == 401
    await provider.call("GET", path, status=404)
    await provider.call("DELETE", path, status=404)
    again = await provider.call("POST", "/Users", body, status=201)
    assert again["id"] != made["id"]


async def test_entra_keeps_a_group(provider: Provider) -> None:
    li, han = [await provider.user(fresh(name)) for name in ("li", "han")]
    title = fresh("group")
    body = {"schemas": [GROUP], "externalId": "8aa1", "displayName": title, "meta": {"resourceType": "Group"}}
    made = await provider.call("POST", "/Groups", body, status=201)
    path = f"/Groups/{made['id']}"
    bare = await provider.call("GET", path, params={"excludedAttributes": "members"})
    assert "members" not in bare
    add = {"op": "Add", "path": "members", "value": [{"value": li["id"]}, {"value": han["id"]}]}
    await provider.patch(path, add, status=204)
    await provider.patch(path, add, status=204)
    for key, count in ((li["id"], 1), (secrets.token_hex(4), 0)):
        assert len(await provider.find("Groups", f'id eq "{made["id"]}" and members eq "{key}"')) == count
    await provider.patch(path, {"op": "Remove", "path": "members", "value": [{"value": li["id"]}]}, status=204)
    await provider.patch(path, {"op": "Replace", "path": "displayName", "value": f"{title} 新"}, status=204)
    shown = await provider.call("GET", path)
    assert [one["value"] for one in shown["members"]] == [han["id"]]
    assert shown["displayName"] == f"{title} 新"
    await provider.patch(path, {"op": "Remove", "path": f'members[value eq "{han["id"]}"]'}, status=204)
    assert (await provider.call("GET", path))["members"] == []
    await provider.call("DELETE", path, status=204)
    await provider.call("GET", path, status=404)


async def test_okta_provisions_and_pushes_groups(provider: Provider) -> None:
    name = fresh("mei")
    assert await provider.find("Users", f'userName eq "{name}"', startIndex=1, count=100) == []
    body = {
        "schemas": [USER],
        "userName": name,
        "name": {"givenName": "Mei", "familyName": "Han"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Mei Han",
        "locale": "zh-CN",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    made = await provider.call("POST", "/Users", body, status=201)
    assert "password" not in made
    path = f"/Users/{made['id']}"
    whole = await provider.call("GET", path)
    replaced = await provider.call("PUT", path, whole | {"displayName": "韩梅", "name": {"givenName": "梅"}})
    assert (replaced["displayName"], replaced["name"]) == ("韩梅", {"givenName": "梅"})

    title = fresh("push")
    group = await provider.call(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": title, "members": []}, status=201
    )
    target = f"/Groups/{group['id']}"
    await provider.patch(
        target,
        {"op": "add", "path": "members", "value": [{"value": made["id"], "display": name}]},
        {"op": "replace", "value": {"id": group["id"], "displayName": f"{title}-2"}},
        status=204,
    )
    shown = await provider.call("GET", target)
    assert (shown["displayName"], len(shown["members"])) == (f"{title}-2", 1)
    assert (await provider.call("GET", path))["groups"][0]["value"] == group["id"]
    await provider.call("PUT", target, {"schemas": [GROUP], "displayName": title, "members": []})
    assert (await provider.call("GET", target))["members"] == []

    person = await provider.signed_in(made["id"])
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False}}]}
    assert (await provider.call("PATCH", path, body))["active"] is False
    assert (await person.get("/v1/me")).status_code == 401


async def test_what_a_removed_person_owned_stays_and_a_namesake_gets_nothing_of_it(provider: Provider) -> None:
    site, name = provider.site, fresh("owner")
    made = await provider.user(name)
    space = secrets.token_hex(4)
    await site.space(space, [{"kind": "user", "name": name}], contributors=[{"kind": "user", "name": name}])
    person = await provider.signed_in(made["id"])
    files = {"file": ("a.md", "# 留下\n\n这份文件属于离职的人。".encode())}
    taken = await person.post("/v1/documents", data={"space": space}, files=files)
    assert taken.status_code == 202, taken.text
    assert (await site.finished(taken.json()["job_id"]))["state"] == "done"
    group = await provider.group(fresh("group"), made["id"])
    await provider.call("DELETE", f"/Users/{made['id']}", status=204)
    assert (await provider.call("GET", f"/Groups/{group['id']}"))["members"] == []
    namesake = await provider.signed_in((await provider.user(name))["id"])
    assert (await namesake.get("/v1/documents")).json()["items"] == []
    async with site.services.database.read() as tx:
        assert await get_document(tx, taken.json()["document_id"]) is not None
