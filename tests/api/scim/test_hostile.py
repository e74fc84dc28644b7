"""What a hostile or mistaken provider sends: stable errors, nothing changed, nothing gained."""

import secrets
import time
from typing import Any

import pytest

from tests.api.scim.conftest import ENTERPRISE, GROUP, PATCH, USER, Provider
from wenyuan.access import Role
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_group, create_user, find_user
from wenyuan.db.access.tokens import TokenScope, issue_token
from wenyuan.db.contents import insert_rows

pytestmark = pytest.mark.asyncio(loop_scope="module")


def fresh(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}"


async def test_no_role_of_this_service_comes_from_outside(provider: Provider) -> None:
    for value in ("administrator", "Administrator", " evaluator", "auditor", "delegate"):
        body: dict[str, Any] = {"schemas": [USER], "userName": fresh("mallory"), "roles": [{"value": value}]}
        assert await provider.refused("POST", "/Users", body, 403, "") == "directory.role_reserved"
    made = await provider.user(fresh("mallory"), roles=[{"value": "buyer"}])
    change = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "roles", "value": [{"value": "administrator"}]}]}
    assert await provider.refused("PATCH", f"/Users/{made['id']}", change, 403, "") == "directory.role_reserved"
    for extra in ({"clearance": 3}, {"compartments": ["x"]}, {"is_admin": True}, {f"{USER}:clearance": 3}):
        body = {"schemas": [USER], "userName": fresh("mallory"), **extra}
        assert await provider.refused("POST", "/Users", body, 400, "invalidSyntax") == "scim.syntax"
        change = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": extra}]}
        assert await provider.refused("PATCH", f"/Users/{made['id']}", change, 400, "invalidPath") == "scim.path"
    async with provider.site.services.database.read() as tx:
        user = await find_user(tx, made["userName"])
    assert (user.roles, user.clearance) == (frozenset(), 1)


async def test_local_accounts_and_groups_are_out_of_reach(provider: Provider) -> None:
    name, title = fresh("local"), fresh("local-group")
    async with provider.site.services.database.write() as tx:
        local = await create_user(tx, name, name, frozenset({Role.ADMINISTRATOR}))
        group = await create_group(tx, title)
    assert await provider.find("Users", f'userName eq "{name}"') == []
    for method in ("GET", "DELETE"):
        assert await provider.refused(method, f"/Users/{local.id}", None, 404, "") == "not_found"
        assert await provider.refused(method, f"/Groups/{group}", None, 404, "") == "not_found"
    body: dict[str, Any] = {"schemas": [USER], "userName": name.upper()}
    assert await provider.refused("POST", "/Users", body, 409, "uniqueness") == "scim.taken"
    body = {"schemas": [GROUP], "displayName": title.upper()}
    assert await provider.refused("POST", "/Groups", body, 409, "uniqueness") == "scim.taken"
    body = {"schemas": [GROUP], "displayName": fresh("g"), "members": [{"value": local.id}]}
    assert await provider.refused("POST", "/Groups", body, 400, "invalidValue") == "scim.value"
    made = await provider.group(fresh("g"))
    change = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "members", "value": [{"value": made["id"]}]}]}
    assert await provider.refused("PATCH", f"/Groups/{made['id']}", change, 400, "invalidValue") == "scim.value"


async def test_what_the_provider_keeps_is_not_edited_here(provider: Provider) -> None:
    made = await provider.user(fresh("li"))
    group = await provider.group(fresh("g"), made["id"])
    admin = await provider.site.administrator()
    refused = await admin.http.patch(f"/v1/users/{made['userName']}", json={"active": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "directory.managed")
    refused = await admin.http.put(f"/v1/groups/{group['displayName']}/members", json={"members": []})
    assert (refused.status_code, refused.json()["code"]) == (409, "directory.managed")
    raised = await admin.http.patch(f"/v1/users/{made['userName']}", json={"clearance": 2})
    assert raised.status_code == 200, raised.text


async def test_a_token_is_good_for_provisioning_alone(provider: Provider) -> None:
    assert (await provider.http.get("/v1/users")).status_code == 403
    assert (await provider.http.get("/v1/documents")).status_code == 403
    nobody = await provider.site.client(None)
    assert (await nobody.get("/scim/v2/Users")).status_code == 401
    async with provider.site.services.database.write() as tx:
        plain = await create_user(tx, fresh("plain"), "plain")
        _, secret = await issue_token(tx, plain.id, "t", 1, [TokenScope.PROVISION])
    refused = await (await provider.site.client(secret)).get("/scim/v2/Users")
    assert (refused.status_code, refused.json()["status"]) == (403, "403")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 5_000 + "active pr" + ")" * 5_000, "scim.filter"),
        ('userName eq "x" or 1 eq 1', "scim.filter"),
        ('userName eq "\'; DROP TABLE users; --"', ""),
        ('userName eq "%"', ""),
        ('displayName co "\\u0000"', ""),
        ('password eq "x"', ""),
        ("a.b.c.d.e pr", "scim.filter"),
        ("", "scim.filter"),
    ],
)
async def test_filters(provider: Provider, text: str, code: str) -> None:
    if code:
        assert await provider.refused("GET", "/Users", None, 400, "invalidFilter", params={"filter": text}) == code
    else:
        assert (await provider.call("GET", "/Users", params={"filter": text}))["totalResults"] == 0


@pytest.mark.parametrize(
    ("operations", "status", "kind", "code"),
    [
        ([], 400, "invalidSyntax", "scim.syntax"),
        ([{"op": "destroy", "path": "title"}], 400, "invalidSyntax", "scim.syntax"),
        ([{"op": "remove"}], 400, "noTarget", "scim.no_target"),
        ([{"op": "replace", "path": "nothing", "value": 1}], 400, "invalidPath", "scim.path"),
        ([{"op": "replace", "path": "emails[", "value": 1}], 400, "invalidPath", "scim.path"),
        ([{"op": "replace", "path": 'emails[type co "w"].value', "value": "x"}], 400, "noTarget", "scim.no_target"),
        (
            [{"op": "replace", "path": "emails[" + "(" * 500 + "].value", "value": "x"}],
            400,
            "invalidFilter",
            "scim.filter",
        ),
        ([{"op": "replace", "path": "id", "value": "usr_x"}], 400, "mutability", "scim.read_only"),
        ([{"op": "replace", "path": "meta.version", "value": "x"}], 400, "mutability", "scim.read_only"),
        ([{"op": "replace", "path": "groups", "value": []}], 400, "mutability", "scim.read_only"),
        ([{"op": "replace", "path": "active", "value": "perhaps"}], 400, "invalidValue", "scim.value"),
        ([{"op": "replace", "path": "displayName", "value": {"a": 1}}], 400, "invalidValue", "scim.value"),
        ([{"op": "replace", "path": "displayName", "value": "x" * 2000}], 400, "invalidValue", "scim.value"),
        ([{"op": "replace", "path": "userName", "value": ""}], 400, "invalidValue", "scim.value"),
        ([{"op": "replace", "path": "userName", "value": "a\u202eb"}], 400, "invalidValue", "scim.value"),
        ([{"op": "remove", "path": "userName"}], 400, "invalidValue", "scim.value"),
        (
            [{"op": "add", "path": "roles", "value": [{"value": f"r{n}"} for n in range(300)]}],
            413,
            "tooMany",
            "scim.too_many",
        ),
        ([{"op": "add", "path": "title", "value": "x"}] * 1_001, 413, "tooMany", "scim.too_many"),
    ],
)
async def test_changes_that_cannot_be(
    provider: Provider, operations: list[dict[str, object]], status: int, kind: str, code: str
) -> None:
    made = await provider.user(fresh("steady"))
    path = f"/Users/{made['id']}"
    body = {"schemas": [PATCH], "Operations": operations}
    assert await provider.refused("PATCH", path, body, status, kind) == code
    assert await provider.call("GET", path) == made


async def test_bodies_that_are_none(provider: Provider) -> None:
    for content in (b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 50_000):
        response = await provider.http.post("/scim/v2/Users", content=content)
        assert (response.status_code, response.json()["scimType"]) == (400, "invalidSyntax")
    big = await provider.http.post("/scim/v2/Users", content=b" " * 2_000_000)
    assert big.status_code == 413


async def test_versions(provider: Provider) -> None:
    made = await provider.user(fresh("li"), **{ENTERPRISE: {"department": "财务部"}})
    path, version = f"/Users/{made['id']}", made["meta"]["version"]
    response = await provider.http.get(f"/scim/v2{path}", headers={"If-None-Match": version})
    assert (response.status_code, response.headers["etag"]) == (304, version)
    rename = {"op": "replace", "path": "displayName", "value": "新"}
    changed = await provider.patch(path, rename, headers={"If-Match": version})
    assert changed["meta"]["version"] != version
    body = {"schemas": [PATCH], "Operations": [rename]}
    stale = await provider.refused("PATCH", path, body, 412, "", headers={"If-Match": version})
    assert stale == "scim.stale"
    group = await provider.group(fresh("g"))
    target, first = f"/Groups/{group['id']}", group["meta"]["version"]
    await provider.patch(target, {"op": "add", "path": "members", "value": [{"value": made["id"]}]}, status=204)
    body = {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "members"}]}
    assert await provider.refused("PATCH", target, body, 412, "", headers={"If-Match": first}) == "scim.stale"


async def test_pages_order_and_chosen_attributes(provider: Provider) -> None:
    mark = secrets.token_hex(4)
    for number in (3, 1, 2):
        await provider.user(f"{mark}-{number}", displayName=f"P {number}")
    text = f'userName sw "{mark}"'
    params = {"filter": text, "sortBy": "userName", "sortOrder": "descending", "startIndex": 2, "count": 1}
    found = await provider.call("GET", "/Users", params=params)
    assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (3, 2, 1)
    assert found["Resources"][0]["userName"] == f"{mark}-2"
    [one, *_] = await provider.find("Users", text, attributes="userName,meta.resourceType")
    assert set(one) == {"schemas", "id", "userName", "meta"}
    assert one["meta"] == {"resourceType": "User"}
    assert (await provider.call("GET", "/Users", params={"filter": text, "count": 0}))["Resources"] == []
    total = (await provider.call("GET", "/Users"))["totalResults"]
    assert total >= 3
    await provider.refused("GET", "/Users", None, 400, "invalidPath", params={"sortBy": "nothing"})


async def test_discovery(provider: Provider) -> None:
    config = await provider.call("GET", "/ServiceProviderConfig")
    assert config["patch"]["supported"]
    assert not config["bulk"]["supported"]
    types = await provider.call("GET", "/ResourceTypes")
    assert [one["endpoint"] for one in types["Resources"]] == ["/Users", "/Groups"]
    schemas = await provider.call("GET", "/Schemas")
    for one in schemas["Resources"]:
        assert (await provider.call("GET", f"/Schemas/{one['id']}"))["name"] == one["name"]
    await provider.call("GET", "/Schemas/urn:nothing", status=404)


async def test_fifty_thousand_members_in_one_change(provider: Provider) -> None:
    """One change of a whole company: the members are what was sent, the epoch rose once, and the next one is quick."""
    count, mark, database = 50_000, secrets.token_hex(4), provider.site.services.database
    rows = [
        {
            "id": f"usr_{mark}{number:024x}",
            "name": f"{mark}-{number}",
            "display_name": "x",
            "roles": [],
            "clearance": 1,
            "active": True,
            "created_at": 0.0,
            "directory": "scim",
        }
        for number in range(count)
    ]
    async with database.write() as tx:
        await insert_rows(tx, t.users, rows)
    made = await provider.group(fresh("company"))
    path = f"/Groups/{made['id']}"
    everyone = [{"value": row["id"]} for row in rows]
    await provider.patch(path, {"op": "add", "path": "members", "value": everyone}, status=204)
    began = time.perf_counter()
    await provider.patch(path, {"op": "remove", "path": f'members[value eq "{rows[7]["id"]}"]'}, status=204)
    assert time.perf_counter() - began < 5
    shown = await provider.call("GET", path)
    assert len(shown["members"]) == count - 1
    body = {"schemas": [GROUP], "displayName": made["displayName"], "members": everyone[:10]}
    await provider.call("PUT", path, body, params={"excludedAttributes": "members"})
    assert len((await provider.call("GET", path))["members"]) == 10
