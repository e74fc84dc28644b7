"""One evaluation of a data set of texts, from the load to the report."""

from collections.abc import Sequence
from typing import Any, Final

from eval.datasets import Dataset, Question, read_dataset
from eval.metrics import Qrels, latency, ranking_metrics
from eval.options import Options, Told
from eval.report import settings_fingerprint, write_answers, write_qrels, write_report, write_run
from eval.texts.bulk import document_id
from eval.texts.ranking import HYBRID, Ranker, Rankings
from eval.texts.reading import Judged, answer_metrics, answer_questions
from eval.texts.workspace import OUTSIDER, READER, Workspace, open_workspace
from wenyuan.machine import machine_facts
from wenyuan.settings import Settings

#: Questions asked as the outsider, who must be shown nothing.
LEAK_QUESTIONS: Final = 25


async def measure_texts(options: Options, settings: Settings, told: Told) -> dict[str, Any]:
    """Load the corpus, rank and answer the questions as the chosen user, write the files and return the report."""
    dataset = read_dataset(options.dataset, options.layout)
    questions = dataset.questions[: options.limit]
    names = {document_id(text.id): text.id for text in dataset.texts()}
    async with open_workspace(options.out / "workspace", dataset, settings, told.stage("load / 载入")) as workspace:
        scope = await workspace.scope_of(options.user or READER)
        ranked = [question for question in questions if question.relevant]
        rankings = await Ranker(workspace, scope, names).rank(
            ranked, options.depth, arms=options.arms, progress=told.stage("rank / 检索")
        )
        judged: list[Judged] = []
        if options.answers and dataset.has_answers:
            judged = await answer_questions(workspace, scope, questions, names, told.stage("answer / 回答"))
        outsider = await workspace.scope_of(OUTSIDER)
        leaks = await Ranker(workspace, outsider, names).visible(questions[:LEAK_QUESTIONS], options.depth)
        report = _report(options, dataset, workspace, questions, rankings, judged, leaks)
    qrels = _qrels(ranked)
    write_report(options.out, report)
    write_qrels(options.out / "qrels.trec", qrels)
    for arm, run in rankings.runs.items():
        write_run(options.out / ("run.trec" if arm == HYBRID else f"run.{arm}.trec"), run, arm)
    if dataset.has_answers:
        write_answers(options.out / "answers.jsonl", _records(questions, rankings, judged, names))
    return report


def _report(
    options: Options,
    dataset: Dataset,
    workspace: Workspace,
    questions: Sequence[Question],
    rankings: Rankings,
    judged: Sequence[Judged],
    leaks: int,
) -> dict[str, Any]:
    qrels = _qrels(questions)
    metrics: dict[str, Any] = dict(ranking_metrics(qrels, rankings.runs.get(HYBRID, {}), options.depth))
    if judged:
        metrics |= answer_metrics(judged)
    arms = {arm: ranking_metrics(qrels, run, options.depth) for arm, run in rankings.runs.items() if arm != HYBRID}
    return {
        "dataset": dataset.name,
        "layout": dataset.layout,
        "limit": options.limit,
        "as": options.user or READER,
        "depth": options.depth,
        "model": workspace.embedder.fingerprint,
        "settings_fingerprint": settings_fingerprint(workspace.settings),
        "machine": machine_facts(),
        "counts": {
            "texts": workspace.texts,
            "chunks": workspace.chunks,
            "questions": len(questions),
            "ranked": len(qrels),
            "answered": len(judged),
            "embedded_in_this_run": workspace.embedded,
            "load_seconds": workspace.load_seconds,
        },
        "metrics": metrics | {"leaks": leaks},
        "arms": arms,
        "latency": {
            "total": latency(rankings.searches),
            **{stage: latency(seconds) for stage, seconds in rankings.stages.items()},
        },
    }


def _qrels(questions: Sequence[Question]) -> Qrels:
    return {question.id: question.relevant for question in questions if question.relevant}


def _records(
    questions: Sequence[Question], rankings: Rankings, judged: Sequence[Judged], names: dict[str, str]
) -> list[dict[str, Any]]:
    """Return a line for each question: the rank of its gold, and the judged answer if there is one."""
    answered = {item.question.id: item.record(names) for item in judged}
    run = rankings.runs.get(HYBRID, {})
    return [
        {"id": question.id, "gold_rank": _gold_rank(question, run.get(question.id, {}))} | answered.get(question.id, {})
        for question in questions
    ]


def _gold_rank(question: Question, scores: dict[str, float]) -> int | None:
    ordered = sorted(scores, key=lambda name: -scores[name])
    return next((rank for rank, name in enumerate(ordered, start=1) if name in question.relevant), None)
