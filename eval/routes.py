"""Evaluations over HTTP, for evaluators and administrators. They run in the caller's own scope."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, Security
from pydantic import BaseModel, ConfigDict, Field

from api.deps import AcceptedLanguage, Wired, get_caller
from api.schemas.documents import JobBody
from eval.jobs import EVALUATE, question_set, read_report
from wenyuan.access import Principal, Role
from wenyuan.db.access.tokens import TokenScope
from wenyuan.errors import ActionForbidden, NotFound
from wenyuan.jobs.queue import NewJob

router = APIRouter(prefix="/v1/evaluations", tags=["evaluation"])


class NewEvaluationBody(BaseModel):
    """Which question set of the server to ask, and how many of its first questions (all without ``limit``)."""

    model_config = ConfigDict(extra="forbid")

    dataset: str = Field(min_length=1, max_length=128)
    limit: int | None = Field(None, ge=1)


class EvaluationBody(BaseModel):
    """An evaluation: its job, and its report once the job is done. The report carries figures only."""

    job: JobBody
    report: dict[str, Any] | None


async def get_evaluator(principal: Annotated[Principal, Depends(get_caller)]) -> Principal:
    """Return the caller if they may evaluate; raises ``ActionForbidden``."""
    if not principal.roles & {Role.EVALUATOR, Role.ADMINISTRATOR}:
        raise ActionForbidden
    return principal


Evaluator = Annotated[Principal, Security(get_evaluator, scopes=[TokenScope.EVALUATE])]


@router.post("", status_code=202)
async def start(
    services: Wired, caller: Evaluator, language: AcceptedLanguage, response: Response, body: NewEvaluationBody
) -> EvaluationBody:
    """Start an evaluation over the live documents, in the scope the caller has when it runs."""
    question_set(services.settings.data_dir, body.dataset)
    payload = {
        "dataset": body.dataset,
        "limit": str(body.limit or 0),
        "user_id": caller.user_id,
        "user": caller.name,
    }
    async with services.database.write() as tx:
        job_id = await services.queue.enqueue(tx, NewJob(EVALUATE, payload, owner_id=caller.user_id))
        job = await services.queue.get(tx, job_id)
    if job is None:
        raise NotFound
    services.wake_workers()
    response.headers["Location"] = f"/v1/evaluations/{job_id}"
    return EvaluationBody(job=JobBody.of(job, language), report=None)


@router.get("/{job_id}")
async def show(services: Wired, caller: Evaluator, language: AcceptedLanguage, job_id: str) -> EvaluationBody:
    """Return an evaluation that the caller has started."""
    async with services.database.read() as tx:
        job = await services.queue.get(tx, job_id)
    if job is None or job.kind != EVALUATE or job.owner_id != caller.user_id:
        raise NotFound
    return EvaluationBody(job=JobBody.of(job, language), report=read_report(services.settings.data_dir, job.id))
