"""What is published is whole: as many points as chunks; and it is the newest file with the newest corrections."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from ingest.chunking import open_chunker
from ingest.enrich import Enrichment
from ingest.parsing.service import FileParser
from ingest.pipeline import IngestHandler, Tools
from ingest.sandbox import Sandbox
from ingest.submission import INGEST, PURGE
from ingest.upkeep import PurgeHandler
from tests.site import EVERYONE, Site, open_site, site_settings
from wenyuan.db import tables as t
from wenyuan.jobs import Worker
from wenyuan.ports import IndexPoint, IndexWriter

pytestmark = pytest.mark.asyncio(loop_scope="module")
RULES = "# 停车规定\n\n地下车库每月停车费为三百元。\n\n## 充电\n\n充电车位每次停放不超过四小时，超时另行计费。\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A site without workers: the tests run the jobs themselves."""
    async with open_site(site_settings(tmp_path_factory.mktemp("site"), ocr=False, workers=0)) as opened:
        await opened.space("company", [EVERYONE])
        admin = await opened.administrator()
        await admin.http.put("/v1/spaces/company", json={"readers": [EVERYONE], "managers": [EVERYONE]})
        yield opened


class LosingIndex:
    """The real index, which loses a point of each write while ``losses`` last."""

    def __init__(self, index: IndexWriter, losses: int) -> None:
        self._index = index
        self._losses = losses
        self.delete_version = index.delete_version
        self.delete_questions = index.delete_questions
        self.delete_document = index.delete_document
        self.set_policy = index.set_policy
        self.count_version = index.count_version

    async def upsert(self, points: Sequence[IndexPoint]) -> None:
        kept = points[1:] if self._losses > 0 else points
        self._losses -= 1
        await self._index.upsert(kept)


class CountingParser:
    """The real parser, which counts its calls."""

    def __init__(self, site: Site) -> None:
        settings = site.services.settings.ingest
        self._parser = FileParser(Sandbox(settings, stored=site.services.intake.stored), None, settings)
        self.fingerprint = self._parser.fingerprint
        self.calls = 0

    async def parse(self, *given: Any) -> Any:
        self.calls += 1
        return await self._parser.parse(*given)


class FailingEnrichment(Enrichment):
    """Enrichment that always fails."""

    async def describe(self, *given: Any) -> Any:
        raise ValueError("no description")


def worker(
    site: Site, losses: int = 0, parser: CountingParser | None = None, enrichment: Enrichment | None = None
) -> Worker:
    services = site.services
    settings = services.settings
    chunker = open_chunker(settings.ingest, services.embedder)
    index = LosingIndex(services.index, losses)
    described_by = enrichment or Enrichment(settings.enrich)
    tools = Tools(parser or CountingParser(site), chunker, services.embedder, index, described_by)
    ingest = IngestHandler(services.database, services.queue, tools, settings.data_dir, settings.embedding.batch)
    return Worker(services.queue, {INGEST: ingest, PURGE: PurgeHandler(services.database, services.index)})


async def upload(site: Site, text: str) -> dict[str, str]:
    admin = await site.administrator()
    sent = await admin.upload("parking.md", text.encode(), "company")
    assert sent.status_code == 202, sent.text
    body: dict[str, str] = sent.json()
    return body


async def job(site: Site, job_id: str) -> dict[str, Any]:
    admin = await site.administrator()
    body: dict[str, Any] = (await admin.http.get(f"/v1/jobs/{job_id}")).json()
    return body


async def due(site: Site) -> None:
    """Let jobs that wait for another try run now."""
    async with site.services.database.write() as tx:
        await tx.execute(sa.update(t.jobs).values(run_after=0.0))


async def drain(running: Worker) -> None:
    while await running.run_one():
        pass


async def test_a_version_with_a_point_missing_is_tried_again_and_not_published(site: Site) -> None:
    sent = await upload(site, RULES)
    running = worker(site, losses=1)
    await drain(running)
    state = await job(site, sent["job_id"])
    assert (state["state"], state["error"]["code"]) == ("queued", "index.incomplete")
    admin = await site.administrator()
    document = (await admin.http.get(f"/v1/documents/{sent['document_id']}")).json()
    assert (document["state"], document["current_version"]) == ("processing", None)
    await due(site)
    await drain(running)
    assert (await job(site, sent["job_id"]))["state"] == "done"
    version = (await admin.http.get(f"/v1/documents/{sent['document_id']}")).json()["current_version"]
    assert version["chunk_count"] == await site.services.index.count_version(sent["version_id"]) > 1


async def test_a_version_that_is_never_whole_is_never_published(site: Site) -> None:
    sent = await upload(site, RULES)
    running = worker(site, losses=100)
    for _ in range(3):
        await due(site)
        await drain(running)
    state = await job(site, sent["job_id"])
    assert (state["state"], state["error"]["code"]) == ("dead", "index.incomplete")
    assert await site.services.index.count_version(sent["version_id"]) == 0
    admin = await site.administrator()
    document = (await admin.http.get(f"/v1/documents/{sent['document_id']}")).json()
    assert (document["current_version"], document["versions"][0]["state"]) == (None, "failed")


async def correct(site: Site, document: str, version: str, old: str, new: str) -> dict[str, str]:
    admin = await site.administrator()
    path = f"/v1/documents/{document}"
    blocks = (await admin.http.get(f"{path}/versions/{version}/blocks")).json()["items"]
    block = next(one for one in blocks if old in one["text"])
    body = {"version_id": version, "block": block["ordinal"], "text": block["text"].replace(old, new)}
    sent = await admin.http.put(f"{path}/corrections", json=body)
    assert sent.status_code == 202, sent.text
    accepted: dict[str, str] = sent.json()
    return accepted


async def texts(site: Site, document: str) -> str:
    admin = await site.administrator()
    path = f"/v1/documents/{document}"
    version = (await admin.http.get(path)).json()["current_version"]["id"]
    blocks = (await admin.http.get(f"{path}/versions/{version}/blocks")).json()["items"]
    return "\n".join(block["text"] for block in blocks)


async def test_corrections_copy_the_parse(site: Site) -> None:
    parser = CountingParser(site)
    running = worker(site, parser=parser)
    sent = await upload(site, RULES)
    await drain(running)
    document, version = sent["document_id"], sent["version_id"]
    # Two corrections before either is worked on: the version with both is published, the one between is withdrawn.
    first = await correct(site, document, version, "三百元", "三百五十元")
    second = await correct(site, document, version, "四小时", "五小时")
    assert len({version, first["version_id"], second["version_id"]}) == 3
    await drain(running)
    assert parser.calls == 1
    found = await texts(site, document)
    assert "三百五十元" in found
    assert "五小时" in found
    assert (await job(site, first["job_id"]))["state"] == "done"
    admin = await site.administrator()
    states = {one["id"]: one["state"] for one in (await admin.http.get(f"/v1/documents/{document}")).json()["versions"]}
    assert states == {version: "superseded", first["version_id"]: "superseded", second["version_id"]: "published"}
    # Back to what was parsed: the first version answers again, from what is stored of it.
    listed = (await admin.http.get(f"/v1/documents/{document}/corrections")).json()["items"]
    for one in listed:
        assert (await admin.http.delete(f"/v1/documents/{document}/corrections/{one['id']}")).status_code == 202
    await drain(running)
    assert (await admin.http.get(f"/v1/documents/{document}")).json()["current_version"]["id"] == version
    assert parser.calls == 1


async def test_a_correction_does_not_undo_a_file_on_its_way(site: Site) -> None:
    running = worker(site)
    sent = await upload(site, RULES)
    await drain(running)
    document = sent["document_id"]
    admin = await site.administrator()
    newer = RULES.replace("超时另行计费", "超时按小时计费")
    files = {"file": ("parking.md", newer.encode())}
    assert (await admin.http.post(f"/v1/documents/{document}/versions", files=files)).status_code == 202
    await correct(site, document, sent["version_id"], "三百元", "三百五十元")
    await drain(running)
    found = await texts(site, document)
    assert "三百五十元" in found
    assert "超时按小时计费" in found


async def test_the_warning_of_a_twin_that_was_not_described_is_not_taken_over(site: Site) -> None:
    sent = await upload(site, RULES)
    await drain(worker(site, enrichment=FailingEnrichment(site.services.settings.enrich)))
    admin = await site.administrator()
    path = f"/v1/documents/{sent['document_id']}"
    assert (await admin.http.get(path)).json()["current_version"]["warnings"] == ["profile-failed"]
    await correct(site, sent["document_id"], sent["version_id"], "三百元", "三百五十元")
    await drain(worker(site))
    assert (await admin.http.get(path)).json()["current_version"]["warnings"] == []
    assert (await admin.http.get(f"{path}/profile")).json()["described"]
