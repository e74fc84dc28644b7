"""What a request is served by, apart from how it is wired: the routes are known before any of it is loaded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from api.answering.watch import Watch
    from api.auth.service import Auth
    from generation.guard.service import Guard
    from generation.llm.following import ModelFollower
    from ingest.intake import Intake
    from ingest.parsing.render import PageRenderer
    from ingest.pictures import PictureReader
    from ingest.preview import Previews
    from ingest.rebuild import Reconstruction
    from ingest.sources.items import Items
    from ingest.submission import Submissions
    from retrieval.index.generations import CurrentRetriever, Generations
    from wenyuan.db.access.visibility import Directory
    from wenyuan.db.audit.log import SqlAuditLog
    from wenyuan.db.engine import Database
    from wenyuan.jobs import JobQueue, Worker
    from wenyuan.ports import AnswerService, Embedder, Packing, Retriever
    from wenyuan.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request needs, wired."""

    settings: "Settings"
    database: "Database"
    audit: "SqlAuditLog"
    auth: "Auth"
    directory: "Directory"
    queue: "JobQueue"
    workers: "tuple[Worker, ...]"
    embedder: "Embedder"
    index: "Generations"
    reconstruction: "Reconstruction"
    retriever: "CurrentRetriever"
    searcher: "Retriever"
    packer: "Packing"
    answers: "AnswerService"
    guard: "Guard"
    intake: "Intake"
    submissions: "Submissions"
    items: "Items"
    previews: "Previews"
    pictures: "PictureReader"
    renderer: "PageRenderer"
    answer_slots: asyncio.Semaphore
    watch: "Watch"
    today: Callable[[], date]
    follower: "ModelFollower | None" = None

    async def follow_policy(self, document_id: str) -> None:
        """Have the index find a document under its new policy; where that fails now, a job does it."""
        from ingest.upkeep import repoint

        try:
            await repoint(self.database, self.queue, self.index, document_id)
        except Exception:
            log.exception("index.policy_behind", document=document_id)
        self.wake_workers()

    def wake_workers(self) -> None:
        """Tell the workers of this process that something was enqueued."""
        for worker in self.workers:
            worker.wake()
