"""The doctor: does what SQL says agree with schema, files and index? Needs the data folder to itself."""

import asyncio

from api.bootstrap import open_services
from api.services import Services
from wenyuan.db.audit.opening import verify_audit
from wenyuan.db.engine import Connection
from wenyuan.db.health import (
    documents_of,
    file_paths,
    published_chunk_ids,
    published_question_ids,
    unfinished_versions,
)
from wenyuan.db.migrate import differences
from wenyuan.errors import SettingsError
from wenyuan.ids import chunk_of
from wenyuan.settings import Settings


async def repair(settings: Settings) -> int:
    """Write again what the index lacks, from the chunks and vectors in SQL; returns the number of documents."""
    async with open_services(_with_workers(settings, max(settings.ingest.workers, 1))) as services:
        async with services.database.read() as tx:
            missing = await _expected(tx, services) - await services.index.point_ids()
            documents = await documents_of(tx, {chunk_of(point) for point in missing})
        count = await services.submissions.reindex(documents)
        services.wake_workers()
        await _until_idle(services)
    return count


async def build_index(settings: Settings) -> None:
    """Build the index anew from the chunks and vectors in SQL, as a whole: for a database that was put back."""
    async with open_services(_with_workers(settings, max(settings.ingest.workers, 1))) as services:
        await services.reconstruction.rebuild("")
        services.wake_workers()
        await _until_idle(services)


async def _expected(tx: Connection, services: Services) -> set[str]:
    """Return the points that the index ought to hold: texts, and questions where they are searched."""
    points = await published_chunk_ids(tx)
    if services.settings.enrich.questions:
        points |= await published_question_ids(tx, services.index.current().embedder.fingerprint)
    return points


async def _until_idle(services: Services) -> None:
    while {"queued", "running"} & (await services.queue.count_by_state()).keys():  # noqa: ASYNC110 - SQL is polled
        await asyncio.sleep(0.2)


def _with_workers(settings: Settings, workers: int) -> Settings:
    return settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"workers": workers})})


def _audit(settings: Settings) -> list[str]:
    """Return what is wrong with the audit log, or why it cannot be examined."""
    try:
        verdict = verify_audit(settings)
    except SettingsError as error:
        return [error.message("en")]
    return [f"audit log, entry {one.sequence}: {one.what}" for one in verdict.breaches]


async def examine(settings: Settings) -> list[str]:
    """Return one sentence per finding; none when all is well."""
    findings = []
    async with open_services(_with_workers(settings, 0)) as services:
        if await differences(services.database):
            findings.append("the schema differs from the code: run `wenyuan migrate`")
        findings += await asyncio.to_thread(_audit, settings)
        async with services.database.read() as tx:
            expected = await _expected(tx, services)
            stuck = await unfinished_versions(tx)
            paths = await file_paths(tx)
        held = await services.index.point_ids()
        if missing := {chunk_of(point) for point in expected - held}:
            findings.append(f"{len(missing)} published chunks are not in the index: run `wenyuan doctor --repair`")
        if orphans := {chunk_of(point) for point in held} - expected:
            findings.append(f"{len(orphans)} chunks of the index belong to no published version")
        findings += [f"version {version} is unfinished and has no job" for version in stuck]
        lost = [path for path in paths if not (settings.data_dir / path).is_file()]
        if lost:
            findings.append(f"{len(lost)} source files are missing")
    return findings
