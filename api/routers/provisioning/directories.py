"""Directories that accounts come from: how they stand, syncs; and the directory of this service as a file."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.deps import AcceptedLanguage, Administrator, Wired
from api.directories.sync import sync_job
from api.directories.transfer import formats
from api.directories.transfer.importing import compare, report
from api.directories.transfer.records import Read
from api.schemas.common import Body
from api.schemas.sources import StartedBody
from wenyuan.db.access.provisioning.listed import read_listing, write_changes
from wenyuan.db.access.provisioning.syncs import SyncStatus, read_status
from wenyuan.errors import InvalidRequest, Language, error_message
from wenyuan.people.errors import DirectoryUnknown, ImportRejected, fault_sentence
from wenyuan.people.settings import DirectoriesSettings

router = APIRouter(prefix="/v1", tags=["directories"])
Format = Literal["json", "csv"]
MEDIA_TYPES: dict[Format, str] = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
MAX_ERRORS = 100


class DirectoryBody(BaseModel):
    """A configured directory. ``report`` tells what the last sync changed, or what a dry run would change."""

    name: str
    kind: str
    interval_s: float | None
    synced_at: float | None
    error: str | None
    message: str | None
    report: dict[str, Any] | None


class DirectoryListBody(BaseModel):
    """Directories by name."""

    items: list[DirectoryBody]


class DirectorySyncBody(Body):
    """How to sync: ``complete`` reads all of it; ``confirmed``: how many accounts may lose access this time."""

    dry_run: bool = False
    complete: bool = False
    confirmed: int = Field(0, ge=0, le=10_000_000)


class ImportErrorBody(BaseModel):
    """What is wrong with a line; for JSON ``line`` is the number of the record within its list."""

    line: int
    fault: str
    message: str


class ImportBody(BaseModel):
    """What an import changed, or would change; with errors nothing was."""

    dry_run: bool
    changes: dict[str, Any]
    errors: list[ImportErrorBody]
    error_count: int


@router.get("/directories")
async def list_directories(services: Wired, _caller: Administrator, language: AcceptedLanguage) -> DirectoryListBody:
    """List the configured directories and how their syncs stand."""
    settings = services.settings.directories
    async with services.database.read() as tx:
        found = [_shown(settings, await read_status(tx, name), language) for name in sorted(settings.endpoints)]
    return DirectoryListBody(items=found)


@router.get("/directories/{name}")
async def get_directory(
    services: Wired, _caller: Administrator, language: AcceptedLanguage, name: str
) -> DirectoryBody:
    """Return one directory."""
    settings = services.settings.directories
    if name not in settings.endpoints:
        raise DirectoryUnknown(name=name)
    async with services.database.read() as tx:
        return _shown(settings, await read_status(tx, name), language)


@router.post("/directories/{name}/sync", status_code=202)
async def sync_directory(services: Wired, caller: Administrator, name: str, body: DirectorySyncBody) -> StartedBody:
    """Start a sync, or with ``dry_run`` find out what it would change."""
    if name not in services.settings.directories.endpoints:
        raise DirectoryUnknown(name=name)
    job = sync_job(name, dry_run=body.dry_run, complete=body.complete, confirmed=body.confirmed, user_id=caller.user_id)
    async with services.database.write() as tx:
        job_id = await services.queue.enqueue(tx, job)
    services.wake_workers()
    return StartedBody(job_id=job_id)


@router.get("/directory/export", response_class=Response)
async def export_directory(services: Wired, _caller: Administrator, format: Format = "json") -> Response:  # noqa: A002
    """Return accounts, groups and departments as a file; no secrets are in it."""
    async with services.database.read() as tx:
        listing = await read_listing(tx)
    text = formats.to_json(listing) if format == "json" else formats.to_csv(listing)
    headers = {"Content-Disposition": f'attachment; filename="directory.{format}"'}
    return Response(text, media_type=MEDIA_TYPES[format], headers=headers)


@router.post("/directory/import")
async def import_directory(
    request: Request,
    services: Wired,
    _caller: Administrator,
    language: AcceptedLanguage,
    format: Format = "json",  # noqa: A002  # the name people expect
    dry_run: bool = False,
) -> ImportBody:
    """Create and change what a file names, all of it in one transaction, or nothing where a line is wrong."""
    try:
        text = (await request.body()).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest(reason="UTF-8") from None
    read = formats.from_json(text) if format == "json" else formats.from_csv(text)
    async with services.database.write() as tx:
        changes = compare(await read_listing(tx), read, len(services.settings.access.lattice))
        if not read.wrong and not dry_run:
            await write_changes(tx, changes)
    if read.wrong and not dry_run:
        first = min(read.wrong, key=lambda one: one.line)
        sentence = fault_sentence(first.fault, first.about, language)
        raise ImportRejected(count=len(read.wrong), line=first.line, reason=sentence)
    return _imported(read, report(changes), language, dry_run=dry_run)


def _imported(read: Read, changes: dict[str, Any], language: Language, *, dry_run: bool) -> ImportBody:
    wrong = sorted(read.wrong, key=lambda one: one.line)
    errors = [
        ImportErrorBody(line=one.line, fault=one.fault, message=fault_sentence(one.fault, one.about, language))
        for one in wrong[:MAX_ERRORS]
    ]
    return ImportBody(dry_run=dry_run, changes=changes, errors=errors, error_count=len(wrong))


def _shown(settings: DirectoriesSettings, status: SyncStatus, language: Language) -> DirectoryBody:
    endpoint = settings.endpoints[status.name]
    message = None
    if status.error_code is not None:
        message = error_message(status.error_code, status.error_params or {}, language)
    return DirectoryBody(
        name=status.name,
        kind=endpoint.kind,
        interval_s=endpoint.interval_s,
        synced_at=status.synced_at,
        error=status.error_code,
        message=message,
        report=None if status.report is None else dict(status.report),
    )
