"""Directories over HTTP and from the command line: syncs, and the directory as a file."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from typer.testing import CliRunner

from api.cli.directory import app as commands
from tests.contract.directories.vendors import VendorPlace, WeCom, WeComPlace, platform
from tests.site import Person, Site, open_site, site_settings, until
from wenyuan.people.settings import DirectoriesSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Office:
    site: Site
    admin: Person
    place: VendorPlace


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    with platform(WeCom, WeComPlace) as place:
        await place.department("总部")
        await place.person("li", "李雷", "总部")
        endpoint = place.endpoint | {"credentials": "c"}
        directories = DirectoriesSettings.model_validate(
            {
                "endpoints": {"wecom": endpoint, "other": endpoint | {"interval_s": None}},
                "credentials": {"c": place.credentials},
            }
        )
        plain = site_settings(tmp_path_factory.mktemp("office"), ocr=False)
        async with open_site(plain.model_copy(update={"directories": directories})) as site:
            opened = Office(site, await site.administrator(), place)

            async def synced() -> bool:
                return (await get(opened, "/v1/directories/wecom"))["synced_at"] is not None

            await until(synced)  # by the schedule, before a test makes the platform refuse
            yield opened


async def get(office: Office, path: str) -> Any:
    response = await office.admin.http.get(path)
    assert response.status_code == 200, response.text
    return response.json()


async def test_the_schedule_syncs_and_a_person_asks_for_more(office: Office) -> None:
    assert (await get(office, "/v1/directories/other"))["synced_at"] is None
    assert "li" in {user["name"] for user in (await get(office, "/v1/users"))["items"]}
    await office.place.person("han", "韩梅梅")
    started = await office.admin.http.post("/v1/directories/wecom/sync", json={"dry_run": True})
    assert started.status_code == 202
    assert (await office.site.finished(started.json()["job_id"]))["state"] == "done"
    report = (await get(office, "/v1/directories/wecom"))["report"]
    assert report["dry_run"]
    assert report["changes"]["users_created"] == {"count": 1, "names": ["han"]}
    assert "han" not in {user["name"] for user in (await get(office, "/v1/users"))["items"]}
    started = await office.admin.http.post("/v1/directories/wecom/sync", json={})
    assert (await office.site.finished(started.json()["job_id"]))["state"] == "done"
    assert "han" in {user["name"] for user in (await get(office, "/v1/users"))["items"]}
    refused = await office.admin.http.patch("/v1/users/han", json={"active": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "directory.managed")
    [department] = [one for one in (await get(office, "/v1/departments"))["items"] if one["title"] == "总部"]
    for method, body in (("PATCH", {"title": "x"}), ("DELETE", None)):
        refused = await office.admin.http.request(method, f"/v1/departments/{department['name']}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "directory.managed")


async def test_a_failure_is_shown(office: Office) -> None:
    office.place.company.refuses = True
    started = await office.admin.http.post("/v1/directories/other/sync", json={})
    job = await office.site.finished(started.json()["job_id"])
    assert (job["state"], job["error"]["code"]) == ("dead", "directory.refused")
    shown = await get(office, "/v1/directories/other")
    assert (shown["error"], "凭据" in shown["message"]) == ("directory.refused", True)
    office.place.company.refuses = False
    assert (await office.admin.http.post("/v1/directories/none/sync", json={})).status_code == 404
    li = await office.site.person("reader")
    for path in ("/v1/directories", "/v1/directory/export"):
        assert (await li.http.get(path)).status_code == 403


async def test_the_directory_goes_out_and_comes_back(office: Office) -> None:
    http = office.admin.http
    for kind in ("json", "csv"):
        exported = await http.get("/v1/directory/export", params={"format": kind})
        assert "wy_" not in exported.text
        done = await http.post("/v1/directory/import", params={"format": kind}, content=exported.content)
        assert done.status_code == 200, done.text
        assert not any(one["count"] for one in done.json()["changes"].values())
    lines = "record,name,display_name,clearance,departments\ndepartment,legal,,,\nuser,mei,=美,2,legal\n"
    shown = await http.post("/v1/directory/import", params={"format": "csv", "dry_run": True}, content=lines.encode())
    assert shown.json()["changes"]["users_created"]["names"] == ["mei"]
    assert "mei" not in {user["name"] for user in (await get(office, "/v1/users"))["items"]}
    await http.post("/v1/directory/import", params={"format": "csv"}, content=lines.encode())
    [mei] = [user for user in (await get(office, "/v1/users"))["items"] if user["name"] == "mei"]
    assert (mei["display_name"], mei["clearance"]) == ("=美", 2)


@pytest.mark.parametrize(("language", "sentence"), [("zh", "第 3 行"), ("en", "line 3")])
async def test_one_wrong_line_stops_everything(office: Office, language: str, sentence: str) -> None:
    lines = "record,name,clearance\nuser,fine,1\nuser,wrong,99\n"
    headers = {"Accept-Language": language}
    params = {"format": "csv"}
    refused = await office.admin.http.post(
        "/v1/directory/import", params=params, content=lines.encode(), headers=headers
    )
    body = refused.json()
    assert (refused.status_code, body["code"]) == (422, "directory.import_rejected")
    assert sentence in body["detail"]
    assert "fine" not in {user["name"] for user in (await get(office, "/v1/users"))["items"]}


async def test_the_command_line(office: Office, tmp_path: Path) -> None:
    config = uvicorn.Config(office.site.app, port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started)
    port = server.servers[0].sockets[0].getsockname()[1]
    options = ["--server", f"http://127.0.0.1:{port}", "--token", office.admin.token]
    file = tmp_path / "directory.csv"

    def command(*words: str) -> Any:
        return CliRunner().invoke(commands, [*words, *options])

    done = await asyncio.to_thread(command, "export", str(file), "--format", "csv")
    assert done.exit_code == 0, done.output
    assert file.read_text(encoding="utf-8").startswith("\ufeffrecord,name")
    done = await asyncio.to_thread(command, "import", str(file), "--format", "csv", "--dry-run")
    assert (done.exit_code, json.loads(done.stdout)["users_created"]["count"]) == (0, 0)
    done = await asyncio.to_thread(command, "sync", "wecom", "--dry-run")
    assert done.exit_code == 0, done.output
    server.should_exit = True
    await running
