"""The composition root: the one place where adapters are chosen and rooms are wired to each other."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

import structlog

from api.answering.forgetting import forget_daily
from api.answering.watch import Watch
from api.auth.service import open_auth
from api.directories.factory import open_directory
from api.directories.schedule import DirectorySchedule
from api.directories.sync import SYNC as DIRECTORY_SYNC
from api.directories.sync import DirectorySyncHandler
from api.services import Services
from api.wiring.indexes import open_generations, rebuild_handler
from api.wiring.judging import open_judge
from generation.guard.answers import GuardedAnswers
from generation.guard.service import Guard
from generation.llm.digest import ModelDigester
from generation.llm.following import ModelFollower
from generation.llm.questions import ModelQuestioner
from generation.reader.model import Reader, open_reader
from generation.service import Answers
from ingest.chunking import open_chunker
from ingest.enrich import Enrichment
from ingest.intake import Intake
from ingest.parsing.reading.engines import open_engines
from ingest.parsing.render import PageRenderer
from ingest.parsing.service import FileParser
from ingest.pictures import PictureReader
from ingest.pipeline import IngestHandler, Tools
from ingest.preview import Previews
from ingest.questions import QUESTIONS, QuestionHandler
from ingest.rebuild import REBUILD
from ingest.retention import PRUNE, DailyPruning, PruneHandler
from ingest.sandbox import Sandbox
from ingest.sources.connectors.factory import open_connector
from ingest.sources.items import Items
from ingest.sources.removal import REMOVE, RemoveHandler
from ingest.sources.schedule import Schedule
from ingest.sources.sync import SYNC, Limits, SyncHandler
from ingest.submission import ERASE, INGEST, PURGE, REPOINT, Submissions
from ingest.upkeep import EraseHandler, PurgeHandler, RepointHandler
from retrieval import lexical
from retrieval.index.factory import Places
from retrieval.index.generations import CurrentRetriever, Generations
from retrieval.packing.service import Packer
from retrieval.query.dates import local_today
from retrieval.query.parts import InTurn
from retrieval.rerank.factory import open_reranker
from wenyuan.audit.outflow import Outflow
from wenyuan.db.access.visibility import Directory
from wenyuan.db.audit.log import SqlAuditLog
from wenyuan.db.audit.opening import open_audit
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.guard.levels import read_levels
from wenyuan.db.guard.vouching import Vouching
from wenyuan.db.health import file_paths
from wenyuan.db.migrate import upgrade
from wenyuan.db.vault.opening import open_vault, tie
from wenyuan.db.vault.upkeep import keep_vault
from wenyuan.jobs import JobHandler, JobQueue, Worker, look_out
from wenyuan.models.embedder import open_embedder
from wenyuan.outbound import endpoint_name
from wenyuan.ports import AnswerService, AuditLog, Chunker, Embedder, Parser, Reranker, Retriever
from wenyuan.settings import Settings
from wenyuan.vault.stored import StoredFiles

log = structlog.get_logger(__name__)


def open_database(settings: Settings) -> Database:
    """Return the configured database with its vault, which is opened; blocking. Raises ``VaultLocked``."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = sqlite_url(settings.data_dir) if settings.database.url is None else settings.database.url.get_secret_value()
    return Database(url, settings.database.pool_size, open_vault(settings))


@contextlib.asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open everything, run the workers while the context lasts, and close it all in reverse order.

    The folder of indexes comes first: in the solo profile its lock proves that this process is alone on the data
    folder, so that leases of a process that died can be taken over at once.
    """
    async with contextlib.AsyncExitStack() as stack:
        embedder, judge, reader, reranker = await _open_models(stack, settings)
        places = stack.enter_context(contextlib.closing(Places(settings.index, settings.data_dir / "index")))
        database, audit = await _open_records(stack, settings)
        queue = JobQueue(database)
        intake, sandbox = _open_files(settings, database)
        if settings.profile == "solo":
            await _take_over(database, queue, intake)
            stack.callback(setattr, tempfile, "tempdir", tempfile.tempdir)
            tempfile.tempdir = await asyncio.to_thread(_empty_scratch, settings.data_dir)
        guard = Guard(settings.guard, settings.access.lattice)
        engines = await stack.enter_async_context(open_engines(settings.ingest, settings.models_dir))
        parser = FileParser(sandbox, engines, settings.ingest, renders=True)
        index, reconstruction = await open_generations(stack, settings, places, embedder, reranker, database, queue)
        tools = _tools(settings, audit, parser, open_chunker(settings.ingest, embedder), embedder, index)
        retriever = CurrentRetriever(index)
        searcher = InTurn(retriever)
        submissions = Submissions(database, queue, tools.fingerprint)
        items = Items(database, submissions, intake, audit)
        handlers = _handlers(settings, database, audit, queue, tools, intake)
        handlers |= _source_handlers(settings, database, items)
        workers = _workers(settings, database, audit, queue, handlers, index, searcher)
        directory = Directory(database)
        services = Services(
            settings=settings,
            database=database,
            audit=audit,
            auth=await stack.enter_async_context(open_auth(settings.identity, database, directory)),
            directory=directory,
            queue=queue,
            workers=workers,
            embedder=embedder,
            index=index,
            reconstruction=reconstruction,
            retriever=retriever,
            searcher=searcher,
            packer=Packer(searcher, SqlEvidenceStore(database), embedder, settings, Vouching(database)),
            answers=_guarded(Answers(settings.generation, embedder, judge=judge, reader=reader), guard, database),
            guard=guard,
            intake=intake,
            submissions=submissions,
            items=items,
            previews=Previews(settings, engines, embedder, intake.stored),
            pictures=PictureReader(settings, engines, intake.stored),
            renderer=PageRenderer(sandbox),
            today=local_today,
            answer_slots=asyncio.Semaphore(settings.server.max_concurrent_answers),
            watch=_watch(stack, database),
            follower=ModelFollower(settings.generation) if settings.generation.condense else None,
        )
        await asyncio.to_thread(lexical.warm_up)  # else the first question would wait for the word tables
        stack.push_async_callback(_stop, _start(services))
        log.info("service.open", profile=settings.profile, workers=len(workers))
        yield services


async def _open_models(
    stack: contextlib.AsyncExitStack, settings: Settings
) -> tuple[Embedder, Embedder | None, Reader | None, Reranker | None]:
    """Open the models of this process; ``stack`` closes them."""
    embedder = await asyncio.to_thread(open_embedder, settings.embedding, settings.models_dir)
    stack.callback(embedder.close)
    judge = await open_judge(stack, settings.embedding, settings.models_dir, embedder)
    reader = await asyncio.to_thread(open_reader, settings.models_dir)
    if reader is not None:
        stack.callback(reader.close)
    reranker = await asyncio.to_thread(open_reranker, settings.retrieval)
    if reranker is not None:
        stack.callback(reranker.close)
    return embedder, judge, reader, reranker


def _guarded(answers: AnswerService, guard: Guard, database: Database) -> GuardedAnswers:
    """Return the answer service as it speaks to callers."""

    async def levels(chunk_ids: Sequence[str]) -> Mapping[str, int]:
        return await database.run_read(read_levels, chunk_ids)

    return GuardedAnswers(answers, guard, levels)


def _watch(stack: contextlib.AsyncExitStack, database: Database) -> Watch:
    """Return what looks on while answers run; ``stack`` ends it."""
    watch = Watch(database)
    stack.push_async_callback(watch.close)
    return watch


def _open_files(settings: Settings, database: Database) -> tuple[Intake, Sandbox]:
    """Return what receives files, and where they are looked into: both by the vault of the database."""
    stored = StoredFiles(database.vault)
    return Intake(settings.data_dir, settings.ingest, stored), Sandbox(settings.ingest, stored=stored)


async def _open_records(stack: contextlib.AsyncExitStack, settings: Settings) -> tuple[Database, SqlAuditLog]:
    """Open the database with its newest schema, and the audit log; ``stack`` closes them."""
    database = await asyncio.to_thread(open_database, settings)
    stack.push_async_callback(database.close)
    await upgrade(database)
    await tie(database)
    audit = await asyncio.to_thread(open_audit, settings)
    stack.push_async_callback(audit.close)
    return database, audit


async def _take_over(database: Database, queue: JobQueue, intake: Intake) -> None:
    """Clear up after a process that died: its leases, its unfinished uploads, files that no version names."""
    await queue.release_all()
    await intake.sweep()
    async with database.read() as tx:
        known = await file_paths(tx)
    await intake.remove_strays(known)


def _empty_scratch(data_dir: Path) -> str:
    """Return an empty folder for temporary files: uploads and parsers leave parts of documents there if killed."""
    folder = data_dir.resolve() / "tmp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)  # a file system of its own is emptied and stays
    return str(folder)


def _handlers(
    settings: Settings, database: Database, audit: AuditLog, queue: JobQueue, tools: Tools, intake: Intake
) -> dict[str, JobHandler]:
    data_dir: Path = settings.data_dir
    questioner = ModelQuestioner(settings.generation)
    asked = Outflow(tools.outflow.log, (*_embedder_endpoint(settings), *_writer_endpoint(settings)))
    questions = (tools.embedder, tools.index, questioner, settings.enrich, asked)
    return {
        QUESTIONS: QuestionHandler(database, *questions),
        INGEST: IngestHandler(database, queue, tools, data_dir, settings.embedding.batch),
        PURGE: PurgeHandler(database, tools.index),
        REPOINT: RepointHandler(database, tools.index),
        ERASE: EraseHandler(database, tools.index, intake, audit),
        PRUNE: PruneHandler(database, tools.index, intake, settings.retention.versions_days),
    }


def _workers(
    settings: Settings,
    database: Database,
    audit: AuditLog,
    queue: JobQueue,
    handlers: Mapping[str, JobHandler],
    index: Generations,
    searcher: Retriever,
) -> tuple[Worker, ...]:
    """Return the workers.

    An index that takes hours to build has one of its own, so that nobody waits for it, and so have changes of policies,
    so that what was granted is found while long documents are parsed.
    """
    known = dict(handlers)
    for point in entry_points(group="wenyuan.jobs"):
        known |= point.load()(settings, database, searcher, audit)
    if not settings.ingest.workers:
        return ()
    embedded = Outflow(audit, _embedder_endpoint(settings))
    builder = Worker(queue, {REBUILD: rebuild_handler(settings, database, index, embedded)})
    granter = Worker(queue, {REPOINT: known.pop(REPOINT)})
    return (*(Worker(queue, known) for _ in range(settings.ingest.workers)), builder, granter)


def _tools(
    settings: Settings, audit: AuditLog, parser: Parser, chunker: Chunker, embedder: Embedder, index: Generations
) -> Tools:
    enrichment = Enrichment(settings.enrich, ModelDigester(settings.generation))
    questions, sent = settings.enrich.questions > 0, Outflow(audit, _ingest_endpoints(settings))
    return Tools(parser, chunker, embedder, index, enrichment, questions=questions, outflow=sent)


def _ingest_endpoints(settings: Settings) -> tuple[str, ...]:
    """Return where the pipeline sends text or page images of documents, as the audit names it."""
    given = settings.ingest
    named = [(given.ocr_url, given.ocr_model), (given.formula_url, given.formula_model)]
    seen = tuple(endpoint_name(url, model) for url, model in named if url is not None)
    written = _writer_endpoint(settings) if settings.enrich.by_model else ()
    return (*seen, *_embedder_endpoint(settings), *written)


def _embedder_endpoint(settings: Settings) -> tuple[str, ...]:
    given = settings.embedding
    return () if given.url is None else (endpoint_name(given.url, given.model),)


def _writer_endpoint(settings: Settings) -> tuple[str, ...]:
    given = settings.generation.writer
    return () if given is None else (endpoint_name(given.url, given.model),)


def _source_handlers(settings: Settings, database: Database, items: Items) -> dict[str, JobHandler]:
    sources = settings.sources
    limits = Limits(sources.max_items, settings.ingest.max_file_mb, sources.settle_s)
    return {
        SYNC: SyncHandler(database, items, partial(open_connector, settings=sources), limits),
        REMOVE: RemoveHandler(database, items),
        DIRECTORY_SYNC: DirectorySyncHandler(database, settings.directories, open_directory),
    }


def _start(services: Services) -> list[asyncio.Task[None]]:
    """Run the workers, and beside them the schedule of sources: a process that works on nothing enqueues nothing."""
    tasks = [asyncio.create_task(worker.run_forever()) for worker in services.workers]
    tasks.append(asyncio.create_task(services.index.run_forever()))
    tasks.append(asyncio.create_task(asyncio.to_thread(services.guard.warm_up)))
    tasks.append(asyncio.create_task(services.audit.prune_daily(services.settings.audit.days)))
    intake = services.intake
    tasks.append(asyncio.create_task(keep_vault(services.database, services.audit, intake.stored, intake.files)))
    if services.settings.retention.conversations_days is not None:
        days = services.settings.retention.conversations_days
        tasks.append(asyncio.create_task(forget_daily(services.database, services.audit, days)))
    if services.workers:
        tasks.append(asyncio.create_task(look_out(services.queue, services.workers)))
        pause = services.settings.sources.poll_s
        schedule = Schedule(services.database, services.queue, pause, services.wake_workers)
        tasks.append(asyncio.create_task(schedule.run_forever()))
        directories = services.settings.directories
        syncs = DirectorySchedule(services.database, services.queue, directories, services.wake_workers)
        tasks.append(asyncio.create_task(syncs.run_forever()))
        if services.settings.retention.versions_days is not None:
            pruning = DailyPruning(services.database, services.queue, services.wake_workers)
            tasks.append(asyncio.create_task(pruning.run_forever()))
    return tasks


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
