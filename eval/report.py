"""The files of a run: ``report.json``, ``report.md``, TREC run and relevance files, ``answers.jsonl``."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from eval.metrics import Qrels, Run
from wenyuan.settings import Settings

_TABLES: Final = (
    ("metrics", "指标 / Metrics"),
    ("counts", "数量 / Counts"),
    ("latency", "延迟 / Latency"),
    ("machine", "机器 / Machine"),
)


def settings_fingerprint(settings: Settings) -> str:
    """Return a short digest of every setting that can move a figure (folders and secrets are left out)."""
    kept = settings.model_dump(mode="json", include={"embedding", "ingest", "retrieval", "generation", "index"})
    for section in kept.values():
        section.pop("api_key", None)
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write ``report.json`` and ``report.md``."""
    text = json.dumps(report, ensure_ascii=False, indent=2)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    (folder / "report.md").write_text(readable(report), encoding="utf-8")


def write_run(path: Path, run: Run, tag: str) -> None:
    """Write a ranking as a TREC run file: ``query Q0 document rank score tag``."""
    lines = (
        f"{_token(query)} Q0 {_token(document)} {rank} {score:.6f} {tag}\n"
        for query, scores in run.items()
        for rank, (document, score) in enumerate(sorted(scores.items(), key=lambda item: -item[1]), start=1)
    )
    _write_lines(path, lines)


def write_qrels(path: Path, qrels: Qrels) -> None:
    """Write relevance as a TREC file: ``query 0 document grade``."""
    lines = (
        f"{_token(query)} 0 {_token(document)} {grade}\n"
        for query, grades in qrels.items()
        for document, grade in grades.items()
    )
    _write_lines(path, lines)


def write_answers(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line."""
    _write_lines(path, (json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def readable(report: Mapping[str, Any]) -> str:
    """Return the report as Markdown with Chinese and English headings."""
    limit = "全部 / all" if report["limit"] is None else report["limit"]
    lines = [
        f"# 评测报告 / Evaluation report: {report['dataset']}",
        "",
        f"- 布局 / layout: {report['layout']}",
        f"- 问题 / questions: {limit}",
        f"- 提问者 / asked as: {report['as'] or '题目指定的用户 / the user of each question'}",
        f"- 模型 / model: `{report['model']}`",
        f"- 配置指纹 / settings fingerprint: `{report['settings_fingerprint']}`",
    ]
    for key, heading in _TABLES:
        lines += _table(heading, _flat(report.get(key) or {}))
    for arm, metrics in (report.get("arms") or {}).items():
        lines += _table(f"单路检索 / Arm alone: {arm}", metrics)
    lines += _failures(report.get("failures") or [])
    return "\n".join(lines) + "\n"


def _failures(failures: list[Mapping[str, Any]]) -> list[str]:
    if not failures:
        return []
    columns = list(failures[0])
    rows = ["| " + " | ".join(_cell(item.get(column)) for column in columns) + " |" for item in failures]
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return ["", "## 未通过的问题 / Questions that failed", "", *head, *rows]


def _table(heading: str, values: Mapping[str, Any]) -> list[str]:
    if not values:
        return []
    rows = [f"| {name} | {_cell(value)} |" for name, value in values.items()]
    return ["", f"## {heading}", "", "| | |", "|---|---|", *rows]


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def _cell(value: object) -> str:
    return "—" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def _token(name: str) -> str:
    """Return an id without white space, which separates the columns of TREC files."""
    return "_".join(name.split()) or "_"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(lines)
