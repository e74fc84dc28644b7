"""The job ``eval.run``: a question set of the server, asked over the live documents in the scope of who started it."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from eval.datasets import DatasetError, Question
from eval.datasets.beir import read_questions
from eval.metrics import best_ranks, latency, ranking_metrics
from wenyuan.access import Principal, resolve_scope
from wenyuan.answers import Evidence
from wenyuan.audit.trail import Trail
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Connection, Database
from wenyuan.errors import WenyuanError
from wenyuan.jobs import JobContext, JobHandler, Lease
from wenyuan.ports import AuditLog, Retriever
from wenyuan.settings import Settings

EVALUATE: Final = "eval.run"
DEPTH: Final = 20
_DATASETS: Final = "datasets"
_REPORTS: Final = "evaluations"


def handlers(settings: Settings, database: Database, retriever: Retriever, audit: AuditLog) -> Mapping[str, JobHandler]:
    """Return the handlers of evaluation jobs by kind, for the workers of the service."""
    return {EVALUATE: EvaluationHandler(settings.data_dir, database, retriever, audit)}


def question_set(data_dir: Path, name: str) -> Path:
    """Return the folder of a question set that an operator has put under ``<data_dir>/datasets``.

    It holds ``queries.jsonl`` and ``qrels.tsv``; there a document is named by its id or its title. Raises
    ``DatasetError`` for a name that is not there.
    """
    root = data_dir / _DATASETS
    known = sorted(entry.name for entry in root.iterdir() if entry.is_dir()) if root.is_dir() else []
    if name not in known:
        raise DatasetError(reason=f"there is no question set of that name / 没有该名称的题集: {name}")
    return root / name


def read_report(data_dir: Path, job_id: str) -> dict[str, Any] | None:
    """Return the report of a job that has ended, None before that."""
    path = data_dir / _REPORTS / f"{job_id}.json"
    if not path.is_file():
        return None
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


class EvaluationHandler:
    """Implements ``wenyuan.jobs.JobHandler``. A repeated run overwrites the report, so a restart does no harm."""

    def __init__(self, data_dir: Path, database: Database, retriever: Retriever, audit: AuditLog) -> None:
        self._data_dir = data_dir
        self._database = database
        self._retriever = retriever
        self._audit = audit

    async def run(self, context: JobContext) -> None:
        """Rank the questions in the scope that the starter has now, and write figures and ids, never text."""
        payload = context.lease.payload
        folder = question_set(self._data_dir, payload["dataset"])
        questions = await asyncio.to_thread(read_questions, folder)
        questions = questions[: int(payload["limit"]) or None]
        trail = Trail(self._audit, context.lease.job_id, payload["user_id"])
        principal = Principal(payload["user_id"], payload["user"])
        scope = await resolve_scope(Directory(self._database), principal, trail)
        await context.enter("rank", total=len(questions), unit="question")
        run: dict[str, dict[str, float]] = {}
        seconds: list[float] = []
        for done, question in enumerate(questions, start=1):
            start = time.perf_counter()
            evidence = await self._retriever.retrieve(scope, question.text, DEPTH)
            seconds.append(time.perf_counter() - start)
            await trail.settle()
            run[question.id] = best_ranks(_name(item, question) for item in evidence)
            context.progress(done, len(questions))
        qrels = {question.id: question.relevant for question in questions}
        report = {
            "dataset": folder.name,
            "as": payload["user"],
            "depth": DEPTH,
            "counts": {"questions": len(questions)},
            "metrics": ranking_metrics(qrels, run, DEPTH),
            "latency": latency(seconds),
        }
        await asyncio.to_thread(self._write, context.lease.job_id, report)

    async def on_dead(self, tx: Connection, lease: Lease, error: WenyuanError) -> None:
        """Leave nothing: the job itself says why it failed."""

    def _write(self, job_id: str, report: Mapping[str, Any]) -> None:
        folder = self._data_dir / _REPORTS
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = folder / f"{job_id}.partial"
        partial.write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
        partial.replace(folder / f"{job_id}.json")


def _name(evidence: Evidence, question: Question) -> str:
    """Return the name by which the question's relevance may know a document: its title, else its id."""
    return evidence.document_title if evidence.document_title in question.relevant else evidence.document_id
