"""Jobs: state, progress and the event stream of one job."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api import sse
from api.deps import AcceptedLanguage, Caller, Noted, Wired
from api.schemas.documents import JobBody, JobListBody
from wenyuan.access import Principal, Role
from wenyuan.audit.trail import Trail
from wenyuan.db.conversations.watching import read_standing
from wenyuan.db.engine import ReadConnection
from wenyuan.db.identity.accounts import read_account
from wenyuan.errors import Language, NotFound, Unauthenticated, WenyuanError
from wenyuan.jobs import Job, JobState

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
POLL_S: Final = 0.3


@router.get("")
async def list_jobs(services: Wired, caller: Caller, language: AcceptedLanguage) -> JobListBody:
    """List the newest jobs: the caller's own, or everyone's for an administrator."""
    owner = None if Role.ADMINISTRATOR in caller.roles else caller.user_id
    async with services.database.read() as tx:
        jobs = await services.queue.recent(tx, owner)
    return JobListBody(items=[JobBody.of(job, language) for job in jobs])


@router.get("/{job_id}")
async def get_job(services: Wired, caller: Caller, language: AcceptedLanguage, job_id: str) -> JobBody:
    """Return a job of the caller's (of anyone's for an administrator)."""
    return JobBody.of(await _own_job(services, caller, job_id), language)


@router.get("/{job_id}/events", response_class=StreamingResponse)
async def job_events(
    services: Wired, caller: Caller, trail: Noted, language: AcceptedLanguage, job_id: str
) -> StreamingResponse:
    """Stream the job on every change until it has ended, or the caller counts no more."""
    await _own_job(services, caller, job_id)
    return sse.event_stream(_changes(services, caller, trail, job_id, language))


async def _changes(
    services: Wired, caller: Principal, trail: Trail, job_id: str, language: Language
) -> AsyncIterator[str]:
    shown: Job | None = None
    while True:
        try:
            job = await _own_job(services, await services.database.run_read(_now, caller, trail), job_id)
        except WenyuanError:
            return  # who asks again is told why
        if job != shown:
            shown = job
            yield sse.event(JobBody.of(job, language).model_dump())
        if job.state in (JobState.DONE, JobState.DEAD):
            return
        await asyncio.sleep(POLL_S)


def _now(tx: ReadConnection, caller: Principal, trail: Trail) -> Principal:
    """Return the caller with the roles that are left to them; raises ``Unauthenticated`` where they count no more."""
    account, users = read_account(tx, caller.name), {caller.user_id, trail.actor}
    standing = read_standing(tx, users, {trail.token})
    if account is None or not users <= standing.users or (trail.token and trail.token not in standing.tokens):
        raise Unauthenticated
    return replace(caller, roles=caller.roles & account.roles)


async def _own_job(services: Wired, caller: Principal, job_id: str) -> Job:
    async with services.database.read() as tx:
        job = await services.queue.get(tx, job_id)
    if job is None or (job.owner_id != caller.user_id and Role.ADMINISTRATOR not in caller.roles):
        raise NotFound
    return job
