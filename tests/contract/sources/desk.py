"""A source on a real database, with real intake and submissions; syncs run as jobs, documents are not parsed."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from ingest.intake import Intake
from ingest.sources.items import Items
from ingest.sources.port import Connector
from ingest.sources.sync import SYNC, Limits, SyncHandler, sync_job
from ingest.submission import Submissions
from wenyuan.access import EVERYONE, AccessPolicy, Subject, SubjectKind
from wenyuan.db import sources as db
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_group, create_user
from wenyuan.db.access.policies import read_policy
from wenyuan.db.access.spaces import SpaceRole, create_space, set_grants
from wenyuan.db.engine import Database
from wenyuan.db.sources import SourceItem
from wenyuan.jobs import JobQueue, JobState, Worker
from wenyuan.settings import IngestSettings


@dataclasses.dataclass(frozen=True)
class Shown:
    """A live document of the source."""

    id: str
    title: str
    sha256s: tuple[str, ...]
    policy: AccessPolicy


class Desk:
    """One space, its owner ``li``, groups ``hr`` and ``staff``, and one source over a connector of the test's."""

    def __init__(self, database: Database, folder: Path, connect: Callable[[], Connector], settle_s: float) -> None:
        self.database = database
        self.queue = JobQueue(database, lease_s=30)
        settings = IngestSettings(max_file_mb=1, min_free_mb=0)
        self.intake = Intake(folder, settings)
        self.submissions = Submissions(database, self.queue, "pipeline")
        self.items = Items(database, self.submissions, self.intake)
        self.limits = Limits(items=200, file_mb=1, settle_s=settle_s)
        self.connect = connect
        self.source_id = ""
        self.owner_id = ""
        self.space_id = ""

    async def furnish(self) -> None:
        async with self.database.write() as tx:
            owner = await create_user(tx, "li", "Li")
            for name in ("hr", "staff"):
                await create_group(tx, name)
            space = await create_space(tx, "company", "Company", AccessPolicy((EVERYONE,)))
            await set_grants(tx, space.id, SpaceRole.CONTRIBUTOR, (Subject(SubjectKind.USER, owner.id),))
            self.owner_id, self.space_id = owner.id, space.id
            self.source_id = await db.create_source(
                tx, "files", "folder", {}, space_id=space.id, owner_id=owner.id, interval_s=None
            )

    async def enqueue(self, *, requested: bool = False, allow_empty: bool = False) -> str:
        async with self.database.write() as tx:
            source = await db.lock_source(tx, self.source_id)
            assert source is not None
            return await self.queue.enqueue(tx, sync_job(source, requested=requested, allow_empty=allow_empty))

    def worker(self, connect: Callable[[], Connector] | None = None) -> Worker:
        opened = connect or self.connect
        return Worker(self.queue, {SYNC: SyncHandler(self.database, self.items, lambda _: opened(), self.limits)})

    async def sync(self, **options: bool) -> str | None:
        """Sync to the end and return the error code of the job, None for a good end."""
        job_id = await self.enqueue(**options)
        assert await self.worker().run_one()
        async with self.database.read() as tx:
            job = await self.queue.get(tx, job_id)
        assert job is not None
        return None if job.state is JobState.DONE else job.error_code

    async def known(self) -> dict[str, SourceItem]:
        async with self.database.read() as tx:
            return await db.load_items(tx, self.source_id)

    async def errors(self) -> dict[str, str]:
        return {key: item.error_code for key, item in (await self.known()).items() if item.error_code is not None}

    async def documents(self) -> dict[str, Shown]:
        """Live documents by title; two of one title fail the test."""
        found: dict[str, Shown] = {}
        async with self.database.read() as tx:
            rows = (await tx.execute(sa.select(t.documents).where(t.documents.c.deleted.is_(False)))).all()
            for row in rows:
                versions = sa.select(t.versions.c.sha256).where(t.versions.c.document_id == row.id)
                hashes = tuple(await tx.scalars(versions.order_by(t.versions.c.created_at)))
                assert row.title not in found, "a document stands twice"
                assert row.owner_id == self.owner_id
                assert row.space_id == self.space_id
                found[row.title] = Shown(row.id, row.title, hashes, await read_policy(tx, row.policy_id))
        return found

    async def source_error(self) -> str | None:
        """What is shown at the source."""
        async with self.database.read() as tx:
            source = await db.get_source(tx, self.source_id)
        assert source is not None
        return source.error_code

    async def titles(self) -> set[str]:
        return set(await self.documents())
