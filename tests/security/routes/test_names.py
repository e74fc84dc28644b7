"""Names of people, groups, departments and roles: who may not list them finds out none by naming them."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from tests.site import EVERYONE, Person, Site, group, open_site, site_settings, user

pytestmark = pytest.mark.asyncio(loop_scope="module")
#: There, and nothing of Li's; as long as the name that nobody has.
HIDDEN: Final = {"user": "zhao-7", "group": "boards", "department": "legal7", "role": "counsel"}
ABSENT: Final = {"user": "nobody", "group": "nobody", "department": "nobody", "role": "nobody7"}
#: What Li belongs to, what is below it, and who is in that.
CIRCLE: Final = (
    EVERYONE,
    user("li"),
    user("wang"),
    user("yu"),
    user("mei"),
    group("team"),
    group("inner"),
    {"kind": "department", "name": "rd"},
    {"kind": "department", "name": "lab"},
    {"kind": "role", "name": "engineer"},
)
ZIP: Final = bytes.fromhex("504b0506") + bytes(18)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path_factory.mktemp("names"), ocr=False)) as opened:
        admin = await opened.administrator()
        for name in ("li", "wang", "yu", "mei", "zhao-7", "chief", "shown"):
            await opened.person(name)
        await opened.group("team", "li", "wang")
        await opened.group("inner", "yu")
        members = [user("li"), user("wang"), group("inner")]
        assert (await admin.http.put("/v1/groups/team/members", json={"members": members})).status_code == 200
        await opened.group("boards", "zhao-7")
        for name, parent, people in (("rd", None, ["li"]), ("lab", "rd", ["mei"]), ("legal7", None, ["zhao-7"])):
            made = await admin.http.post("/v1/departments", json={"name": name, "parent": parent})
            assert made.status_code == 201, made.text
            given = await admin.http.patch(f"/v1/departments/{name}", json={"members": people})
            assert given.status_code == 200, given.text
        for name, role in (("mei", "engineer"), ("zhao-7", "counsel")):
            given = await admin.http.patch(f"/v1/users/{name}", json={"company_roles": [role]})
            assert given.status_code == 200, given.text
        readers = [group("team"), user("shown")]
        await opened.space("open", readers, contributors=[user("li")], managers=[user("chief")])
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def uploaded(site: Site) -> str:
    li = await site.person("li")
    sent = (await li.upload("plan.txt", "计划正文。".encode(), "open")).json()
    await site.finished(sent["job_id"])
    document_id: str = sent["document_id"]
    return document_id


@pytest_asyncio.fixture(loop_scope="module")
async def document(site: Site, uploaded: str) -> str:
    """Return a document of Li's that is read as its space says."""
    admin = await site.administrator()
    assert (await admin.http.delete(f"/v1/documents/{uploaded}/policy")).status_code == 204
    assert (await admin.http.delete(f"/v1/documents/{uploaded}/sections")).status_code == 204
    return uploaded


async def name_in(caller: Person, way: str, document: str, subject: dict[str, str]) -> httpx.Response:
    """Send a request in which the caller names a subject."""
    policy = {"allow": [subject]}
    denying = {"allow": [], "deny": [subject]}
    section = {"selector": {"pages": {"first": 1, "last": 1}}, "policy": policy | {"inherits": False}}
    if way == "upload":
        return await caller.upload("other.txt", b"text", "open", policy=policy)
    if way == "archive":
        data = {"space": "open", "policy": json.dumps(policy)}
        return await caller.http.post("/v1/documents/archive", data=data, files={"file": ("a.zip", ZIP)})
    if way == "share":
        talk = (await caller.http.post("/v1/conversations", json={"title": "x"})).json()["id"]
        return await caller.http.put(f"/v1/conversations/{talk}/shares", json={"viewers": [subject]})
    changes: dict[str, tuple[str, str, dict[str, Any]]] = {
        "policy": ("PUT", f"/v1/documents/{document}/policy", policy),
        "denial": ("PUT", f"/v1/documents/{document}/policy", denying),
        "sections": ("PUT", f"/v1/documents/{document}/sections", {"items": [section]}),
        "preview": ("POST", "/v1/access/preview", {"change": {"kind": "document", "id": document, "policy": policy}}),
        "preview of parts": (
            "POST",
            "/v1/access/preview",
            {"change": {"kind": "sections", "id": document, "items": [section]}},
        ),
    }
    method, path, body = changes[way]
    return await caller.http.request(method, path, json=body)


WAYS: Final = ("share", "upload", "archive", "policy", "denial", "sections", "preview", "preview of parts")


@pytest.mark.parametrize("way", WAYS)
async def test_a_hidden_name_is_refused_as_one_that_nobody_has(site: Site, document: str, way: str) -> None:
    li = await site.person("li")
    for kind in ("user", "group") if way == "share" else HIDDEN:
        told = []
        for name in (HIDDEN[kind], ABSENT[kind]):
            answer = await name_in(li, way, document, {"kind": kind, "name": name})
            body = answer.text.replace(name, "…").replace(answer.headers["x-request-id"], "…")
            told.append((answer.status_code, answer.headers["content-length"], body))
        assert told[0] == told[1]
        assert told[0][0] == 404
        assert "request.unknown_name" in told[0][2]


async def test_what_one_belongs_to_and_who_is_in_it_can_be_named(site: Site, document: str) -> None:
    li = await site.person("li")
    for subject in CIRCLE:
        answer = await name_in(li, "policy", document, subject)
        assert answer.status_code == 200, (subject, answer.text)
    for subject in (user("wang"), user("yu"), group("inner")):
        assert (await name_in(li, "share", document, subject)).status_code == 200, subject


async def test_whom_the_present_policy_shows_can_be_named_again(site: Site, document: str) -> None:
    li, admin = await site.person("li"), await site.administrator()
    shown = user("zhao-7") | {"not_before": None, "not_after": None}
    wider = {"allow": [user("li"), shown]}
    path = f"/v1/documents/{document}/policy"
    assert (await admin.http.put(path, json=wider)).status_code == 200
    seen = (await li.http.get(path)).json()
    assert shown in seen["allow"]
    assert (await li.http.put(path, json={"allow": seen["allow"]})).status_code == 200
    assert (await li.http.put(path, json={"allow": [user("li")]})).status_code == 200
    assert (await li.http.put(path, json=wider)).status_code == 404
    sent = await li.upload("below.txt", b"text", "open", policy={"allow": [user("li"), user("shown")]})
    assert sent.status_code == 202, sent.text


@pytest.mark.parametrize("name", ["admin", "chief"])
async def test_who_lists_readers_is_told_which_names_there_are(site: Site, document: str, name: str) -> None:
    caller = await site.administrator() if name == "admin" else await site.person(name)
    for kind, hidden in HIDDEN.items():
        there = await name_in(caller, "policy", document, {"kind": kind, "name": hidden})
        absent = await name_in(caller, "policy", document, {"kind": kind, "name": ABSENT[kind]})
        assert (there.status_code, absent.status_code) == (200, 404)


async def test_who_does_not_belong_any_more_is_not_named_any_more(site: Site, document: str) -> None:
    li = await site.person("li")
    await site.group("guests", "li", "zhao-7")
    assert (await name_in(li, "share", document, user("zhao-7"))).status_code == 200
    await site.group("guests", "zhao-7")
    assert (await name_in(li, "share", document, user("zhao-7"))).status_code == 404
    assert (await name_in(li, "share", document, group("guests"))).status_code == 404
