"""Sources over HTTP: a watched folder that becomes answers, a door for pushing, and who may do what."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.cli.client import Client
from api.cli.upload import Tally, _Display, _files, _there, _Upload
from tests.site import EVERYONE, Site, open_site, site_settings, until, user
from wenyuan.settings import SourcesSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOLIDAY = "# 休假制度\n\n工作满一年不满十年的员工，年休假为五天。\n"
PAY = "# 薪酬方案\n\n高级工程师的岗位工资为每月两万三千元。\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False, max_file_mb=2)
    sources = SourcesSettings(folders={"shared": shared}, settle_s=0, poll_s=0.2)
    async with open_site(settings.model_copy(update={"sources": sources})) as opened:
        await opened.person("li")
        await opened.person("han")
        await opened.person("wang")
        await opened.group("hr", "han")
        await opened.space("company", [EVERYONE], managers=[user("wang")])
        await opened.space("other", [EVERYONE])
        yield opened


async def created(http: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    response = await http.post("/v1/sources", json={"space": "company"} | body)
    assert response.status_code == 201, response.text
    source: dict[str, Any] = response.json()
    return source


async def synced(site: Site, source_id: str, **body: bool) -> dict[str, Any]:
    admin = await site.administrator()
    response = await admin.http.post(f"/v1/sources/{source_id}/sync", json=body)
    assert response.status_code == 202, response.text
    return await site.finished(response.json()["job_id"])


async def titles(http: httpx.AsyncClient) -> set[str]:
    items = (await http.get("/v1/documents", params={"space": "company", "limit": 200})).json()["items"]
    return {item["title"] for item in items if item["state"] == "published"}


async def test_a_watched_folder_becomes_answers_for_those_it_names(site: Site, shared: Path) -> None:
    admin, li, han = await site.administrator(), await site.person("li"), await site.person("han")
    (shared / "制度" / "hr").mkdir(parents=True)
    (shared / "制度" / "休假.md").write_text(HOLIDAY)
    (shared / "制度" / "hr" / "薪酬.md").write_text(PAY)
    (shared / "制度" / "hr" / ".wenyuan-access.yaml").write_text("allow: ['group:hr']\n")
    config = {"root": "shared", "path": "制度"}
    source = await created(admin.http, name="制度库", kind="folder", config=config, interval_s=10)

    async def published() -> bool:
        return await titles(han.http) >= {"休假", "hr/薪酬"}

    await until(published, 60)  # the schedule starts it, nobody asks
    assert "hr/薪酬" not in await titles(li.http)
    assert all("两万三" not in hit["text"] for hit in await li.search("高级工程师的岗位工资是多少？"))
    assert any("两万三" in hit["text"] for hit in await han.search("高级工程师的岗位工资是多少？"))
    shown = (await admin.http.get(f"/v1/sources/{source['id']}")).json()
    assert (shown["items"], shown["documents"], shown["errors"], shown["error"]) == (2, 2, 0, None)

    (shared / "制度" / "hr" / ".wenyuan-access.yaml").write_text("allow: ['group:nobody-here']\n")
    assert (await synced(site, source["id"]))["state"] == "done"
    assert "hr/薪酬" not in await titles(han.http)
    items = (await admin.http.get(f"/v1/sources/{source['id']}/items", params={"errors": True})).json()["items"]
    # Nobody may read the document any more, so not even its name is shown to who manages the source.
    assert [(item["key"], item["error"]["code"]) for item in items] == [(None, "source.access")]
    assert items[0]["document_id"]
    named = (await han.http.get("/v1/documents")).json()["items"]
    assert items[0]["document_id"] not in {item["id"] for item in named}
    assert "岗位工资" not in json.dumps(items, ensure_ascii=False)

    (shared / "制度" / "休假.md").unlink()
    assert (await synced(site, source["id"]))["state"] == "done"
    assert "休假" not in await titles(li.http)
    response = await admin.http.delete(f"/v1/sources/{source['id']}", params={"documents": "remove"})
    assert response.status_code == 202
    await site.finished(response.json()["job_id"])
    assert (await admin.http.get(f"/v1/sources/{source['id']}")).status_code == 404


async def test_pushed_items_are_taken_once(site: Site) -> None:
    wang, li = await site.person("wang"), await site.person("li")
    admin = await site.administrator()
    source = await created(wang.http, name="wiki", kind="push")
    path = f"/v1/sources/{source['id']}/items"

    async def push(key: str, revision: str, content: str, access: dict[str, Any] | None = None) -> httpx.Response:
        data = {"key": key, "revision": revision} | ({} if access is None else {"access": json.dumps(access)})
        return await wang.http.post(path, data=data, files={"file": ("x", content.encode())})

    first = (await push("规程/请假.md", "1", HOLIDAY)).json()
    assert first["outcome"] == "taken"
    document_id = first["item"]["document_id"]
    assert (await site.finished(first["submitted"]["job_id"]))["state"] == "done"
    assert "规程/请假" in await titles(li.http)
    again = (await push("规程/请假.md", "1", HOLIDAY)).json()
    assert (again["outcome"], again["submitted"]) == ("unchanged", None)
    closed = (await push("规程/请假.md", "1", HOLIDAY, {"allow": ["group:hr"]})).json()
    assert (closed["outcome"], closed["submitted"]) == ("relabelled", None)
    assert "规程/请假" not in await titles(li.http)
    newer = (await push("规程/请假.md", "2", HOLIDAY + "\n病假须附证明。\n", {"allow": ["group:hr"]})).json()
    assert newer["item"]["document_id"] == document_id

    refused = await push("坏.pdf", "1", "no pdf " * 220_000)
    assert (refused.status_code, refused.json()["code"]) == (415, "file.type_mismatch")
    wrong = await push("../x.md", "1", HOLIDAY)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "source.item_name")
    items = (await wang.http.get(path)).json()["items"]
    assert {item["key"]: (item["error"] or {}).get("code") for item in items} == {
        None: None,  # hr alone may read it now, and know its name
        "坏.pdf": "file.type_mismatch",
    }
    for _ in range(2):
        assert (await wang.http.delete(path, params={"key": "规程/请假.md"})).status_code == 204
    assert (await admin.http.get(f"/v1/documents/{document_id}")).status_code == 404
    assert (await wang.http.post(f"/v1/sources/{source['id']}/sync")).status_code == 422
    kept = await wang.http.delete(f"/v1/sources/{source['id']}", params={"documents": "keep"})
    assert (kept.status_code, kept.content) == (204, b"")


async def test_who_may_do_what(site: Site) -> None:
    admin, wang, li = await site.administrator(), await site.person("wang"), await site.person("li")
    folder = {"name": "f", "kind": "folder", "config": {"root": "shared"}, "space": "company"}
    assert (await wang.http.post("/v1/sources", json=folder)).status_code == 403
    assert (
        await li.http.post("/v1/sources", json={"name": "p", "kind": "push", "space": "company"})
    ).status_code == 404
    assert (
        await wang.http.post("/v1/sources", json={"name": "p", "kind": "push", "space": "other"})
    ).status_code == 404
    source = await created(admin.http, **folder)
    elsewhere = await created(admin.http, name="g", kind="push", space="other")
    assert (await admin.http.post("/v1/sources", json=folder)).status_code == 409
    mine = [one["id"] for one in (await wang.http.get("/v1/sources")).json()["items"]]
    assert source["id"] in mine
    assert elsewhere["id"] not in mine
    assert (await li.http.get("/v1/sources")).json() == {"items": []}
    for method, path in (("GET", ""), ("PATCH", ""), ("GET", "/items"), ("POST", "/sync")):
        body = {"name": "x"} if method == "PATCH" else None
        response = await li.http.request(method, f"/v1/sources/{source['id']}{path}", json=body)
        assert response.status_code == 404
    changed = await wang.http.patch(f"/v1/sources/{source['id']}", json={"interval_s": 60})
    assert changed.json()["interval_s"] == 60
    changed = await wang.http.patch(f"/v1/sources/{source['id']}", json={"interval_s": None})
    assert changed.json()["interval_s"] is None
    path, fields = f"/v1/sources/{source['id']}/items", {"key": "a.md", "revision": "1"}
    assert (await wang.http.post(path, data=fields, files={"file": ("a", b"# a")})).status_code == 422
    assert (await wang.http.delete(f"/v1/sources/{source['id']}")).status_code == 422
    for one in (source, elsewhere):
        assert (await admin.http.delete(f"/v1/sources/{one['id']}?documents=keep")).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "folder", "config": {"root": "shared", "path": "../etc"}},
        {"kind": "folder", "config": {"root": "/etc"}},
        {"kind": "folder", "config": {"root": "shared", "password": "x"}},
        {"kind": "webdav", "config": {"endpoint": "http://169.254.169.254/"}},
        {"kind": "s3", "config": {"endpoint": "none", "bucket": "b"}},
        {"kind": "push", "interval_s": 60},
        {"kind": "folder", "config": {"root": "shared"}, "interval_s": 1},
        {"kind": "folder", "config": {"root": "shared"}, "owner": "li"},
    ],
)
async def test_a_source_names_what_the_settings_have(site: Site, body: dict[str, Any]) -> None:
    admin = await site.administrator()
    response = await admin.http.post("/v1/sources", json={"name": "bad", "space": "company"} | body)
    assert response.status_code == 422, response.text
    assert not any(one["name"] == "bad" for one in (await admin.http.get("/v1/sources")).json()["items"])


async def test_the_upload_command_goes_on_where_it_was_interrupted(site: Site, tmp_path: Path) -> None:
    admin = await site.administrator()
    folder = tmp_path / "docs"
    (folder / "深" / ".git").mkdir(parents=True)
    (folder / "深" / "一.md").write_text(HOLIDAY)
    (folder / "二.md").write_text("# 班车\n\n班车每天早上七点半从北门发车。\n")
    (folder / "坏.pdf").write_text("no pdf")
    (folder / "深" / ".git" / "x.md").write_text(HOLIDAY)
    (folder / "link.md").symlink_to(folder / "二.md")

    async def upload() -> Tally:
        found = list(_files(folder))
        tally = Tally(len(found))
        client = Client(admin.http)
        with _Display(tally) as display:
            await _Upload(client, {"space": "other"}, await _there(client, "other"), tally, display).run(found)
        return tally

    first = await upload()
    assert (first.total, first.sent, first.jobs, first.ended, first.skipped) == (3, 3, 2, 2, 0)
    assert [failure.rpartition(" ")[2] for failure in first.failures] == ["[file.type_mismatch]"]
    items = (await admin.http.get("/v1/documents", params={"space": "other"})).json()["items"]
    assert {item["title"] for item in items} == {"深/一", "二"}
    (folder / "三.md").write_text("# 三\n\n第三份文件。\n")
    second = await upload()
    assert (second.total, second.jobs, second.skipped) == (4, 1, 2)
