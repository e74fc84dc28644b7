"""Engines beside each other: what ours answers, and the figures that are made of answers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.peers import __main__ as peers
from benchmarks.peers import runner
from benchmarks.peers.report import Answers, filtered, line
from benchmarks.peers.task import Task
from benchmarks.retrieval.sets import Asked, Corpus, Passage

_TEXTS = ("差旅报销标准", "年假五天", "病假工资", "加班调休", "采购审批", "合同归档")
_POLICIES = (0, 1, 0, 1, 0, 1)


def _task() -> Task:
    passages = tuple(Passage(f"d{place}", "", text, (f"k{place}",)) for place, text in enumerate(_TEXTS))
    questions = (Asked("q0", "差旅报销", {"k0": 1}), Asked("q1", "年假", {"k1": 1}))
    vectors = np.eye(len(_TEXTS), 8, dtype=np.float32)
    return Task(Corpus("small", passages, questions), vectors, vectors[:2], _POLICIES, [[0]])


async def test_our_engine_answers_as_a_peer_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = _task()
    task.write(tmp_path)
    await peers.answer(tmp_path)
    answers = Answers.read(peers.OURS, map(json.loads, capsys.readouterr().out.splitlines()))
    assert answers.mb > 0
    assert [answers.found[None][question][0] for question in ("q0", "q1")] == [0, 1]
    seen = {place for places in answers.found[0].values() for place in places}
    assert seen == {0, 2, 4}
    assert line(task.corpus, answers).startswith("| small | 2 | wenyuan | 1.000 | 1.000 | 1.000 |")
    (row,) = filtered(task, answers)
    assert "3 of 6 passages seen: in index recall@20 1.000" in row


def test_what_a_filter_behind_the_search_loses_is_counted() -> None:
    task = _task()
    rows: list[dict[str, Any]] = [
        {"built": 0.5, "mb": 7},
        {"answer": "q0", "scope": None, "ids": ["0", "1", "3"], "ms": 1.0},
        {"answer": "q0", "scope": 0, "ids": ["0", "2", "4"], "ms": 2.0},
    ]
    (row,) = filtered(task, Answers.read("bm25s", rows))
    assert "in index recall@20 1.000, 2.0 ms; behind 0.333, places left empty 0.667" in row


def test_an_engine_that_is_not_installed_is_named(tmp_path: Path) -> None:
    _task().write(tmp_path)
    missing = next(name for name in runner.ENGINES if name.startswith("haystack"))
    with pytest.raises(SystemExit, match=missing):
        peers.peer(missing, Path(sys.executable), tmp_path)


def test_the_runner_needs_nothing_of_the_project(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(Path(runner.__file__).parent)!r}); import runner; print(len(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0


def test_words_are_cut_for_search() -> None:
    assert runner.cut("差旅报销标准，2024年！").split() == ["差旅", "报销", "标准", "2024", "年"]
    assert runner.cut("Travel expenses").split() == ["travel", "expens"]
