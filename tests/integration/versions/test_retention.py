"""Old versions go when their time is over: not the current one, and none that an answer cites."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.site import EVERYONE, Site, open_site, site_settings
from wenyuan.db import tables as t
from wenyuan.settings import RetentionSettings

LONG_AGO = 1_000_000_000.0


def rules(fee: str) -> bytes:
    return f"# 停车规定\n\n地下车库每月停车费为{fee}元，由行政部代扣。\n".encode()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path, ocr=False).model_copy(update={"retention": RetentionSettings(versions_days=30)})
    async with open_site(settings) as opened:
        await opened.space("company", [EVERYONE])
        yield opened


async def replace(site: Site, document: str, fee: str) -> str:
    admin = await site.administrator()
    sent = await admin.http.post(f"/v1/documents/{document}/versions", files={"file": ("parking.md", rules(fee))})
    assert (await site.finished(sent.json()["job_id"]))["state"] == "done"
    version: str = sent.json()["version_id"]
    return version


async def states(site: Site, document: str) -> dict[str, str]:
    admin = await site.administrator()
    body = (await admin.http.get(f"/v1/documents/{document}")).json()
    return {version["id"]: version["state"] for version in body["versions"]}


async def prune(site: Site) -> int:
    """Run the job; returns how many versions it removed."""
    admin = await site.administrator()
    started = await admin.http.post("/v1/maintenance/prune")
    assert started.status_code == 202, started.text
    job = await site.finished(started.json()["job_id"])
    assert job["state"] == "done", job
    async with site.services.database.read() as tx:
        row = (await tx.execute(sa.select(t.jobs).where(t.jobs.c.id == started.json()["job_id"]))).one()
    assert row.payload == {}
    return int(row.progress_done)


async def test_versions_go_when_their_time_is_over(site: Site) -> None:
    li = await site.person("li")
    document = await site.publish("parking.md", rules("三百"), "company")
    (cited,) = await states(site, document)
    answer = await li.ask("地下车库每月停车费是多少？")
    citation = answer["citations"][0]["id"]
    second = await replace(site, document, "四百")
    third = await replace(site, document, "五百")
    assert await prune(site) == 0
    async with site.services.database.write() as tx:
        for place, version in enumerate((cited, second, third)):
            times = {"created_at": LONG_AGO + place, "published_at": LONG_AGO + place}
            await tx.execute(sa.update(t.versions).where(t.versions.c.id == version).values(**times))
    assert await prune(site) == 0, "its file was received just now"
    files = site.services.settings.data_dir / "files" / document
    assert len(list(files.iterdir())) == 3
    for file in files.iterdir():
        os.utime(file, (LONG_AGO, LONG_AGO))

    assert (await li.http.post("/v1/maintenance/prune")).status_code == 403
    assert await prune(site) == 1
    assert await states(site, document) == {cited: "superseded", third: "published"}
    assert len(list(files.iterdir())) == 2
    opened = await li.http.get(f"/v1/citations/{citation}")
    assert "三百" in opened.json()["passage"]
    assert "五百" in (await li.search("停车费"))[0]["text"]
    assert await prune(site) == 0

    assert await replace(site, document, "四百") == second
    assert await states(site, document) == {cited: "superseded", third: "superseded", second: "published"}
    assert "四百" in (await li.search("停车费"))[0]["text"]
