"""The ``demo`` layout: the whole product, asked over HTTP by the people of the company."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from eval.datasets import DatasetError
from eval.demo.asking import Reply, answer_rank, ask, is_gold, room_of_failure
from eval.demo.company import Company, Item, read_company
from eval.demo.product import Product, open_product
from eval.demo.sweep import Sweep, sweep
from eval.metrics import best_ranks, latency, ranking_metrics, refusal_scores, share
from eval.options import Options, Told
from eval.report import settings_fingerprint, write_answers, write_qrels, write_report, write_run
from wenyuan.machine import machine_facts
from wenyuan.settings import Settings

_DATABASE: Final = "wenyuan.sqlite3"
_DEPTH: Final = 50


async def measure_demo(options: Options, settings: Settings, told: Told) -> dict[str, Any]:
    """Ask every question as its user, sweep for leaks, write the files and return the report."""
    company = read_company(options.dataset)
    if options.user is not None:
        company.user(options.user)
    questions = [item for item in company.questions if options.user in (None, item.user)][: options.limit]
    workspace = options.out / "workspace"
    if not options.reuse:
        empty_data_folder(workspace)
    done: set[str] = set()
    ingested = told.stage("ingest / 入库")

    def on_job(item: Item, job: dict[str, Any]) -> None:
        if job["state"] in ("done", "dead"):
            done.add(item.file)
        ingested(len(done), len(company.documents))

    async with open_product(company, settings.model_copy(update={"data_dir": workspace}), on_job) as product:
        asked, replies = told.stage("ask / 提问"), []
        for number, question in enumerate(questions, start=1):
            replies.append(await ask(product, question))
            asked(number, len(questions))
        swept = await sweep(product, replies)
        report = await _report(options, product, replies, swept)
    _write(options.out, report, product, replies)
    return report


def empty_data_folder(folder: Path) -> None:
    """Remove a data folder of an earlier run; raises ``DatasetError`` for a folder that is something else."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / _DATABASE).is_file():
            raise DatasetError(reason=f"{folder} holds something else; name another folder / 目录中有其他内容")
        shutil.rmtree(folder)


def demo_metrics(product: Product, replies: Sequence[Reply], swept: Sweep) -> dict[str, float | int | None]:
    """Return the figures of a run; shares are over the questions they concern, None where there are none."""
    answerable = [reply for reply in replies if reply.question.expect == "answer"]
    due = [reply.question.expect == "refuse" for reply in replies]
    citations = [(reply, item) for reply in answerable for item in reply.citations]
    return {
        "citation_page": share(reply.cited for reply in answerable),
        "citation_section": share(reply.located for reply in answerable if reply.cited),
        "citation_precision": share(is_gold(product, reply.question, item) for reply, item in citations),
        "answer_containment": share(reply.contained for reply in answerable),
        "answer_right": share(reply.right for reply in answerable),
        "restricted_refused": share(reply.refused for reply in replies if reply.question.category == "restricted"),
        "absent_refused": share(reply.refused for reply in replies if reply.question.category == "absent"),
        **refusal_scores(due, [reply.refused for reply in replies]),
        "leaks": sum(len(reply.leaks) for reply in replies) + len(swept.leaks),
        "refused_wrongly": len(swept.refused_wrongly),
    }


async def _report(options: Options, product: Product, replies: Sequence[Reply], swept: Sweep) -> dict[str, Any]:
    qrels, run = _ranking(product, replies)
    return {
        "dataset": options.dataset.resolve().name,
        "layout": "demo",
        "limit": options.limit,
        "as": options.user,
        "workspace": "reused" if options.reuse else "fresh",
        "model": product.settings.embedding.model,
        "settings_fingerprint": settings_fingerprint(product.settings),
        "machine": machine_facts(),
        "counts": {
            "documents": len(product.documents),
            "questions": len(replies),
            "answerable": sum(reply.question.expect == "answer" for reply in replies),
            "access_attempts": swept.attempts,
            "failed_documents": len(product.failed),
        },
        "metrics": demo_metrics(product, replies, swept) | ranking_metrics(qrels, run, _DEPTH),
        "by_category": _by_category(product.company, replies),
        "failed_documents": product.failed,
        "latency": {"chat": latency([reply.seconds for reply in replies])},
        "failures": [await _failure(product, reply) for reply in replies if not reply.right],
        "leaks": [
            {"user": leak.user, "place": leak.place, "what": leak.what}
            for leak in [*(leak for reply in replies for leak in reply.leaks), *swept.leaks]
        ],
    }


def _by_category(company: Company, replies: Sequence[Reply]) -> dict[str, float | None]:
    names = dict.fromkeys(question.category for question in company.questions)
    return {name: share(reply.right for reply in replies if reply.question.category == name) for name in names}


async def _failure(product: Product, reply: Reply) -> dict[str, Any]:
    question = reply.question
    return {
        "id": question.id,
        "user": question.user,
        "category": question.category,
        "room": await room_of_failure(product, reply, product.settings.retrieval.evidence),
        "answer_rank": answer_rank(product, reply),
        "refused": reply.refused,
        "cited": reply.cited,
        "contained": reply.contained,
        "gold": f"{question.document}:{question.page}" if question.document else None,
        "citations": [f"{product.file_of(item['document_id'])}:{item['page']}" for item in reply.citations],
        "problems": [*reply.problems, *(leak.place for leak in reply.leaks)],
    }


def _ranking(
    product: Product, replies: Sequence[Reply]
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]:
    """Return gold documents and the documents of each answerable question's search, by file."""
    answerable = [reply for reply in replies if reply.question.document is not None]
    qrels = {reply.question.id: {str(reply.question.document): 1} for reply in answerable}
    run = {
        reply.question.id: best_ranks(product.file_of(item["document_id"]) for item in reply.passages)
        for reply in answerable
    }
    return qrels, run


def _write(folder: Path, report: dict[str, Any], product: Product, replies: Sequence[Reply]) -> None:
    qrels, run = _ranking(product, replies)
    write_report(folder, report)
    write_qrels(folder / "qrels.trec", qrels)
    write_run(folder / "run.trec", run, "hybrid")
    write_answers(folder / "answers.jsonl", (_record(product, reply) for reply in replies))


def _record(product: Product, reply: Reply) -> dict[str, Any]:
    question = reply.question
    citations = [
        {"document": product.file_of(item["document_id"]), "page": item["page"], "quote": item["quote"]}
        for item in reply.citations
    ]
    return {
        "id": question.id,
        "user": question.user,
        "expect": question.expect,
        "right": reply.right,
        "refused": reply.refused,
        "cited": reply.cited,
        "contained": reply.contained,
        "located": reply.located,
        "answer": reply.text,
        "citations": citations,
    }
