"""A scan whose job is killed in mid-file goes on at the next page; confidence reaches the reader of the document."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from ingest.chunking import open_chunker
from ingest.parsing.reading.recognition import Engines
from ingest.parsing.service import FileParser
from ingest.pipeline import IngestHandler, Tools
from ingest.sandbox import Sandbox
from ingest.submission import INGEST
from tests.integration.ocr import killed_parser
from tests.integration.ocr.killed_parser import NotingReader
from tests.integration.test_parse_files import scan
from tests.site import EVERYONE, Site, open_site, site_settings
from tests.unit.ingest.parsing.pdf_files import draw, plain_page
from wenyuan.db import tables as t
from wenyuan.jobs import Worker

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).resolve().parents[3]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A site without workers: the tests run the jobs themselves."""
    async with open_site(site_settings(tmp_path_factory.mktemp("site"), ocr=False, workers=0)) as opened:
        await opened.space("company", [EVERYONE])
        yield opened


async def drafts(site: Site) -> list[int]:
    async with site.services.database.read() as tx:
        return list(await tx.scalars(sa.select(t.page_drafts.c.number).order_by(t.page_drafts.c.number)))


async def run(site: Site, reader: NotingReader) -> None:
    services = site.services
    settings = services.settings.ingest.model_copy(update={"ocr": True})
    parser = FileParser(Sandbox(settings, stored=services.intake.stored), Engines(reader), settings)
    tools = Tools(parser, open_chunker(settings, services.embedder), services.embedder, services.index)
    handler = IngestHandler(services.database, services.queue, tools, services.settings.data_dir, 16)
    running = Worker(services.queue, {INGEST: handler})
    while await running.run_one():
        pass


async def test_a_killed_job_recognises_no_page_twice(site: Site, tmp_path: Path) -> None:
    path = draw(tmp_path / "scan.pdf", *[scan] * 5, plain_page, scan)
    log = tmp_path / "pages"
    admin = await site.administrator()
    document = (await admin.upload("scan.pdf", path.read_bytes(), "company")).json()["document_id"]

    data_dir = site.services.settings.data_dir
    command = (str(Path(killed_parser.__file__)), str(data_dir), str(log), "3")
    process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    assert await drafts(site) == [1, 2, 3]
    reader = NotingReader(log)
    assert reader.pages() == [1, 2, 3]

    await site.services.queue.release_all()
    await run(site, reader)
    assert reader.pages() == [1, 2, 3, 4, 5, 7]
    assert await drafts(site) == []

    found = await admin.search("停车费", 20)
    assert {1, 4, 7} <= {page for item in found for page in item["pages"]}
    response = await admin.http.get(f"/v1/documents/{document}/pages")
    pages = response.json()["items"]
    assert [page["number"] for page in pages] == [1, 2, 3, 4, 5, 6, 7]
    assert [page["source"] for page in pages] == ["ocr"] * 5 + ["text", "ocr"]
    assert [page["confidence"] for page in pages] == [0.9] * 5 + [None, 0.9]
    assert all(page["error"] is None and page["width"] == 595 for page in pages)

    stranger = await site.client(None)
    assert (await stranger.get(f"/v1/documents/{document}/pages")).status_code == 401
    assert (await admin.http.get("/v1/documents/doc_none/pages")).status_code == 404


async def test_a_deleted_document_keeps_no_drafts(site: Site, tmp_path: Path) -> None:
    path = draw(tmp_path / "scan.pdf", *[scan] * 3)
    log = tmp_path / "pages"
    admin = await site.administrator()
    document = (await admin.upload("other.pdf", path.read_bytes(), "company")).json()["document_id"]
    data_dir = site.services.settings.data_dir
    command = (str(Path(killed_parser.__file__)), str(data_dir), str(log), "1")
    process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    assert await drafts(site) == [1]
    assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
    await site.services.queue.release_all()
    await run(site, NotingReader(log))
    assert await drafts(site) == []
    assert NotingReader(log).pages() == [1]
