"""Jobs that are overtaken by people, or die: nothing acknowledged is lost, nothing erased comes back."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from ingest.chunking import open_chunker
from ingest.parsing.service import FileParser
from ingest.pipeline import IngestHandler, Tools
from ingest.sandbox import Sandbox
from ingest.submission import ERASE, INGEST, PURGE, Submitted
from ingest.upkeep import EraseHandler, PurgeHandler
from tests.site import EVERYONE, Site, open_site, site_settings
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Connection, Database
from wenyuan.db.health import published_chunk_ids, unfinished_versions
from wenyuan.documents import ParsedDocument, SourceFile
from wenyuan.errors import WenyuanError
from wenyuan.jobs import JobHandler, Worker
from wenyuan.ports import Drafts, IndexPoint, IndexWriter
from wenyuan.vault.stored import StoredFiles

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIRST = "# 停车规定\n\n地下车库每月停车费为三百元，由行政部收取。\n".encode()
SECOND = "# 停车规定\n\n地下车库每月停车费为四百五十元，由财务部收取。\n".encode()
Action = Callable[[], Awaitable[object]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A site without workers: the tests run the jobs themselves."""
    async with open_site(site_settings(tmp_path_factory.mktemp("site"), ocr=False, workers=0)) as opened:
        await opened.space("company", [EVERYONE])
        yield opened


class Once:
    """Runs an action at its first call."""

    def __init__(self, action: Action | None) -> None:
        self._action = action

    async def __call__(self) -> None:
        action, self._action = self._action, None
        if action is not None:
            await action()


class ParserThen:
    """The real parser; something happens after it."""

    def __init__(self, parser: FileParser, then: Once) -> None:
        self.fingerprint = parser.fingerprint
        self._parser = parser
        self._then = then

    async def parse(
        self,
        source: SourceFile,
        on_progress: Callable[[int, int], None] | None = None,
        drafts: Drafts | None = None,
    ) -> ParsedDocument:
        parsed = await self._parser.parse(source, on_progress, drafts)
        await self._then()
        return parsed


class IndexThen:
    """The real index; something happens after points are written."""

    def __init__(self, index: IndexWriter, then: Once) -> None:
        self._index = index
        self._then = then
        self.delete_version = index.delete_version
        self.delete_questions = index.delete_questions
        self.delete_document = index.delete_document
        self.set_policy = index.set_policy
        self.count_version = index.count_version

    async def upsert(self, points: Sequence[IndexPoint]) -> None:
        await self._index.upsert(points)
        await self._then()


class DatabaseThen(Database):
    """The real database; something happens after the first write that follows ``arm``."""

    then = Once(None)
    armed = False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        async with super().write() as tx:
            yield tx
        if self.armed:
            await self.then()


class People:
    """What people do to one document, and the jobs that follow."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.document = ""

    async def create(self, content: bytes) -> Submitted:
        admin = await self._site.administrator()
        return self._submitted(await admin.upload("parking.md", content, "company"))

    async def replace(self, content: bytes) -> Submitted:
        admin = await self._site.administrator()
        path = f"/v1/documents/{self.document}/versions"
        return self._submitted(await admin.http.post(path, files={"file": ("parking.md", content)}))

    async def delete(self) -> None:
        admin = await self._site.administrator()
        assert (await admin.http.delete(f"/v1/documents/{self.document}")).status_code == 204

    def _submitted(self, response: object) -> Submitted:
        submitted = Submitted(**response.json())  # type: ignore[attr-defined]
        self.document = submitted.document_id
        return submitted


def worker(
    site: Site,
    after_parse: Action | None = None,
    after_upsert: Action | None = None,
    database: Database | None = None,
) -> Worker:
    """Return a worker like those of the service, with something that happens at a point of the pipeline."""
    services = site.services
    settings, own = services.settings, database or services.database
    sandbox = Sandbox(settings.ingest, stored=StoredFiles(own.vault))
    parser = ParserThen(FileParser(sandbox, None, settings.ingest), Once(after_parse))
    chunker = open_chunker(settings.ingest, services.embedder)
    tools = Tools(parser, chunker, services.embedder, IndexThen(services.index, Once(after_upsert)))
    ingest = IngestHandler(own, services.queue, tools, settings.data_dir, settings.embedding.batch)
    handlers: dict[str, JobHandler] = {
        INGEST: ingest,
        PURGE: PurgeHandler(own, services.index),
        ERASE: EraseHandler(own, services.index, services.intake, services.audit),
    }
    return Worker(services.queue, handlers)


async def drain(running: Worker) -> None:
    while await running.run_one():
        pass


async def versions(site: Site, document: str) -> dict[str, VersionState]:
    async with site.services.database.read() as tx:
        return {version.id: version.state for version in await docs.list_versions(tx, [document])}


async def assert_consistent(site: Site) -> None:
    async with site.services.database.read() as tx:
        assert await unfinished_versions(tx) == []
        assert await site.services.index.point_ids() == await published_chunk_ids(tx)


async def rows_of(site: Site, document: str) -> int:
    async with site.services.database.read() as tx:
        mine = sa.select(t.versions.c.id).where(t.versions.c.document_id == document)
        counts = [
            await tx.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.version_id.in_(mine)))
            for table in (t.chunks, t.blocks, t.pages)
        ]
    return sum(count or 0 for count in counts)


async def test_a_version_wanted_again_while_it_is_withdrawn_is_published(site: Site) -> None:
    people = People(site)
    database = DatabaseThen(site.services.database.url, vault=site.services.database.vault)
    first = await people.create(FIRST)

    async def overtake() -> None:
        await people.replace(SECOND)
        database.armed = True

    database.then = Once(lambda: people.replace(FIRST))
    await drain(worker(site, after_upsert=overtake, database=database))
    await database.close()
    states = await versions(site, people.document)
    assert states.pop(first.version_id) is VersionState.PUBLISHED
    assert list(states.values()) == [VersionState.SUPERSEDED]
    await assert_consistent(site)


async def test_a_version_that_answers_goes_on_when_its_second_job_dies(site: Site) -> None:
    people = People(site)
    first = await people.create(FIRST)
    await drain(worker(site))
    await people.replace(SECOND)
    again = await people.replace(FIRST)
    assert again.version_id == first.version_id

    async def fail() -> None:
        raise WenyuanError

    await drain(worker(site, after_upsert=fail))
    async with site.services.database.read() as tx:
        job = await site.services.queue.get(tx, again.job_id)
    assert job is not None
    assert job.error_code == "internal"
    assert (await versions(site, people.document))[first.version_id] is VersionState.PUBLISHED
    await assert_consistent(site)


async def test_text_parsed_after_the_erasure_of_its_document_does_not_stay(site: Site) -> None:
    people = People(site)
    await people.create(FIRST)

    async def erase() -> None:
        await people.delete()
        await drain(worker(site))

    await drain(worker(site, after_parse=erase))
    assert await rows_of(site, people.document) == 0
    assert not (site.services.settings.data_dir / "files" / people.document).exists()
    await assert_consistent(site)


async def test_an_erasure_that_dies_five_times_is_made_in_the_end(site: Site) -> None:
    people = People(site)
    await people.create(FIRST)
    await drain(worker(site))
    assert await rows_of(site, people.document) > 0
    await people.delete()
    for _ in range(5):
        assert await site.services.queue.claim("killed", [ERASE]) is not None
        await site.services.queue.release_all()
    await drain(worker(site))
    assert await rows_of(site, people.document) == 0
    await assert_consistent(site)


async def test_a_start_removes_files_without_a_row_unless_there_is_no_row_at_all(tmp_path: Path) -> None:
    settings = site_settings(tmp_path, ocr=False)
    stray = settings.data_dir / "files" / "doc_lost" / "ab"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(FIRST)
    async with open_site(settings) as opened:
        assert stray.exists()
        await opened.space("company", [EVERYONE])
        document = await opened.publish("parking.md", FIRST, "company")
    async with open_site(settings):
        assert not stray.parent.exists()
        assert [path.parent.name for path in (settings.data_dir / "files").glob("doc_*/*")] == [document]
