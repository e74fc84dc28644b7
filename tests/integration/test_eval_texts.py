"""An evaluation of a small data set from the command line: load, rank, answer, report, and load again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from eval.run import main
from ingest.chunking import StructureChunker

FACTS = {
    "年假": "工作满一年的员工每年享有五天年休假，满十年的为十天。",
    "报销": "差旅报销单须在出差结束后十五日内提交，逾期不予受理。",
    "密码": "管理员账号的口令长度不少于十六位，每九十天更换一次。",
    "质保": "真空灭弧室的质保期为五年，自发货之日起计算。",
    "warranty": "The ring main unit carries a warranty of thirty-six months from the date of delivery.",
    "supplier": "A supplier submits change requests at least ninety days before the planned change.",
}
QUESTIONS = {
    "年假": ("工作满十年的员工有几天年休假？", "十天"),
    "报销": ("出差结束后多久之内要交报销单？", "十五日"),
    "密码": ("管理员的口令至少要多少位？", "十六位"),
    "质保": ("真空灭弧室质保几年？", "五年"),
    "warranty": ("How long is the warranty of the ring main unit?", "thirty-six months"),
    "supplier": ("How early must a supplier submit a change request?", "ninety days"),
}


class Killed(Exception):
    """Stands for the end of a process in the middle of a load."""


@pytest.fixture
def measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    monkeypatch.setenv("WENYUAN_INGEST__MIN_FREE_MB", "0")

    def run(dataset: Path, layout: str, *extra: str, out: str = "out") -> dict[str, Any]:
        code = main(["--dataset", str(dataset), "--layout", layout, "--out", str(tmp_path / out), *extra])
        assert code == 0
        report: dict[str, Any] = json.loads((tmp_path / out / "report.json").read_text(encoding="utf-8"))
        return report

    return run


def write_beir(folder: Path, facts: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    texts = [{"_id": f"id {name}", "title": name, "text": text} for name, text in facts.items()]
    asked = [{"_id": name, "text": question} for name, (question, _) in QUESTIONS.items()]
    for name, records in (("corpus", texts), ("queries", asked)):
        lines = [json.dumps(record, ensure_ascii=False) for record in records]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "qrels.tsv").write_text("".join(f"{name}\tid {name}\t1\n" for name in QUESTIONS), encoding="utf-8")
    return folder


def write_squad(path: Path) -> Path:
    paragraphs = [
        {
            "context": text,
            "qas": [{"id": name, "question": QUESTIONS[name][0], "answers": [{"text": QUESTIONS[name][1]}]}],
        }
        for name, text in FACTS.items()
    ]
    absent = {"id": "absent", "question": "月球背面的平均温度是多少摄氏度？", "answers": [], "is_impossible": True}
    paragraphs[0]["qas"].append(absent)  # type: ignore[attr-defined]
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    return path


def test_beir_from_the_load_to_the_report(tmp_path: Path, measure: Callable[..., dict[str, Any]]) -> None:
    dataset = write_beir(tmp_path / "set", FACTS)
    report = measure(dataset, "beir", "--arms", "--limit", "5")
    assert report["metrics"]["R@10"] == 1
    assert report["metrics"]["MRR@10"] >= 0.9
    assert report["metrics"]["leaks"] == 0
    assert set(report["arms"]) == {"lexical", "dense", "reranked"}
    assert report["counts"] | {"load_seconds": 0} == {
        "texts": 6,
        "chunks": 6,
        "questions": 5,
        "ranked": 5,
        "answered": 0,
        "embedded_in_this_run": 6,
        "load_seconds": 0,
    }
    assert report["latency"]["total"]["n"] == 5
    assert report["machine"]["calibration_ms"] > 0
    # The files stand for themselves: the reference tool finds the same figure in them.
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "out" / "qrels.trec")))  # type: ignore[no-untyped-call]
    run = list(ir_measures.read_trec_run(str(tmp_path / "out" / "run.trec")))  # type: ignore[no-untyped-call]
    found = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], qrels, run)
    assert found[ir_measures.nDCG @ 10] == pytest.approx(report["metrics"]["nDCG@10"], abs=1e-4)
    assert "评测报告" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    # A second run embeds nothing, and one on a longer corpus only what is new.
    again = measure(dataset, "beir", "--limit", "5")
    assert again["counts"]["embedded_in_this_run"] == 0
    assert again["metrics"] == report["metrics"]
    write_beir(tmp_path / "set", FACTS | {"新": "新增的一条规定：每周五下午检查消防设施。"})
    changed = measure(dataset, "beir")
    assert (changed["counts"]["texts"], changed["counts"]["embedded_in_this_run"]) == (7, 1)


def test_an_interrupted_load_is_completed(
    tmp_path: Path, measure: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.texts.bulk.BATCH", 2)
    dataset = write_beir(tmp_path / "set", FACTS)
    chunk = StructureChunker.chunk

    def dies_at_the_fifth(self: StructureChunker, title: str, parsed: Any) -> Any:
        if title == "warranty":
            raise Killed
        return chunk(self, title, parsed)

    with monkeypatch.context() as context:
        context.setattr(StructureChunker, "chunk", dies_at_the_fifth)
        with pytest.raises(Killed):
            measure(dataset, "beir")
    report = measure(dataset, "beir")
    assert report["counts"]["texts"] == report["counts"]["chunks"] == 6
    assert report["metrics"]["R@10"] == 1


def test_the_outsider_of_the_workspace_finds_nothing(tmp_path: Path, measure: Callable[..., dict[str, Any]]) -> None:
    report = measure(write_beir(tmp_path / "set", FACTS), "beir", "--as", "outsider")
    assert report["as"] == "outsider"
    assert report["metrics"]["R@100"] == 0
    assert (tmp_path / "out" / "run.trec").read_text() == ""


def test_squad_with_answers(tmp_path: Path, measure: Callable[..., dict[str, Any]]) -> None:
    report = measure(write_squad(tmp_path / "set.json"), "squad", "--answers")
    assert report["counts"]["questions"] == 7
    assert report["counts"]["ranked"] == 6
    assert report["metrics"]["R@10"] == 1
    assert report["metrics"]["answer_containment"] >= 0.8
    assert report["metrics"]["citation_document"] >= 0.8
    lines = (tmp_path / "out" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    answers = {record["id"]: record for record in map(json.loads, lines)}
    assert len(answers) == 7
    assert answers["absent"]["gold_rank"] is None
    assert answers["absent"]["refused"] is True
    assert all(record["gold_rank"] == 1 for name, record in answers.items() if name != "absent")


def test_an_unknown_user_ends_with_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = write_beir(tmp_path / "set", {"质保": FACTS["质保"]})
    arguments = ["--dataset", str(dataset), "--layout", "beir", "--out", str(tmp_path / "out"), "--as", "nobody"]
    assert main(arguments) == 2
    assert "nobody" in capsys.readouterr().err


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = write_beir(tmp_path / "set", {"质保": FACTS["质保"]})
    precious = tmp_path / "out" / "workspace" / "precious.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    assert main(["--dataset", str(dataset), "--layout", "beir", "--out", str(tmp_path / "out")]) == 2
    assert "something else" in capsys.readouterr().err
    assert precious.read_text() == "mine"
