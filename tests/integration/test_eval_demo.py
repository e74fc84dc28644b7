"""The demo layout on a small company of text files: figures, and leaks that are planted and found."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from api.cli.client import Client
from eval.datasets import DatasetError
from eval.demo.asking import ask, room_of_failure
from eval.demo.company import Company, Item, read_company
from eval.demo.measure import empty_data_folder, measure_demo
from eval.demo.product import Product, open_product
from eval.demo.sweep import sweep
from eval.options import Bars, Options
from wenyuan.settings import IngestSettings, Settings

DIRECTORY = """
company: {zh: 甲公司, en: Company A}
groups:
  - {id: staff, name: 员工, members: {users: [an], groups: [hr]}}
  - {id: hr, name: 人力, members: {users: [bo]}}
users:
  - {id: an, name: 安, title: 员工, language: zh, roles: [], clearance: internal}
  - {id: bo, name: 博, title: 人力, language: zh, roles: [], clearance: confidential}
  - {id: root, name: 管理员, title: 管理, language: zh, roles: [administrator], clearance: internal}
spaces:
  - {id: company, name: 制度, readers: [{kind: group, name: staff}]}
documents:
  - {file: leave.md, space: company, title: 休假规定, language: zh,
     policy: {allow: [{kind: group, name: staff}], classification: internal}}
  - {file: pay.md, space: company, title: 薪酬规定, language: zh,
     policy: {allow: [{kind: group, name: hr}], classification: confidential}}
"""
FILES = {
    "leave.md": "# 休假规定\n\n## 年假\n\n工作满一年的员工每年享有五天年休假，满十年的为十天。\n",
    "pay.md": "# 薪酬规定\n\n## 岗位工资\n\n高级工程师的岗位工资为每月两万三千元。\n",
}
LEAVE = {"question": "工作满十年的员工有几天年休假？", "answers": ["十天"], "document": "leave.md", "section": "年假"}
PAY = {"question": "高级工程师的岗位工资每月多少？"}
QUESTIONS: list[dict[str, Any]] = [
    {"id": "q1", "user": "an", "expect": "answer", "category": "text", "gold_quote": "满十年的为十天", **LEAVE},
    {
        "id": "q2",
        "user": "bo",
        "expect": "answer",
        "category": "text",
        "answers": ["两万三千元"],
        "document": "pay.md",
        "section": "岗位工资",
        "gold_quote": "岗位工资为每月两万三千元",
        **PAY,
    },
    {
        "id": "q3",
        "user": "an",
        "expect": "refuse",
        "category": "restricted",
        "answers": [],
        "document": None,
        "gold_quote": None,
        "pair": "q2",
        "forbidden": ["两万三千"],
        **PAY,
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "company"
    (root / "corpus").mkdir(parents=True)
    for name, text in FILES.items():
        (root / "corpus" / name).write_text(text, encoding="utf-8")
    (root / "directory.yaml").write_text(DIRECTORY, encoding="utf-8")
    lines = [json.dumps({"language": "zh", "page": None} | question, ensure_ascii=False) for question in QUESTIONS]
    (root / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return root


def settings(data: Path) -> Settings:
    return Settings(data_dir=data, ingest=IngestSettings(ocr=False, min_free_mb=0))


@asynccontextmanager
async def product_of(company: Company, data: Path) -> AsyncIterator[Product]:
    def told(item: Item, job: dict[str, Any]) -> None:
        assert item.file in FILES
        assert job["state"] != "dead"

    async with open_product(company, settings(data), told) as product:
        yield product


async def test_the_whole_run(folder: Path, tmp_path: Path) -> None:
    options = Options(dataset=folder, layout="demo", out=tmp_path / "out")
    options.out.mkdir()
    with Bars() as told:
        report = await measure_demo(options, settings(tmp_path), told)
        again = await measure_demo(
            Options(dataset=folder, layout="demo", out=options.out, user="an", reuse=True), settings(tmp_path), told
        )
    assert report["failures"] == []
    assert report["leaks"] == []
    assert report["metrics"] == report["metrics"] | {
        "citation_page": 1,
        "citation_section": 1,
        "answer_containment": 1,
        "restricted_refused": 1,
        "absent_refused": None,
        "refusal_precision": 1,
        "refusal_recall": 1,
        "leaks": 0,
        "refused_wrongly": 0,
        "R@1": 1,
    }
    assert report["counts"]["access_attempts"] > 6
    assert json.loads((options.out / "report.json").read_text(encoding="utf-8"))["as"] == "an"
    assert again["counts"]["questions"] == 2


async def test_planted_leaks_are_found_and_told_apart_from_readers_shut_out(folder: Path, tmp_path: Path) -> None:
    company = read_company(folder)
    async with product_of(company, tmp_path / "data") as product:
        office = Client(product.clients["root"])
        pay, leave = (f"/v1/documents/{product.documents[file]}/policy" for file in ("pay.md", "leave.md"))
        # By the company's directory hr reads the one and staff the other; the product is told otherwise.
        await office.call("PUT", pay, json={"allow": [{"kind": "everyone"}], "deny": [], "classification": 0})
        await office.call("PUT", leave, json={"allow": [], "deny": [], "classification": 0})
        shown, shut_out = [await ask(product, company.question(number)) for number in ("q3", "q1")]
        found = await sweep(product, [shown])
        await office.call("PUT", pay, json={"allow": [], "deny": [], "classification": 0})
        lost = await ask(product, company.question("q1"))
        rooms = [await room_of_failure(product, reply, 8) for reply in (shown, shut_out, lost)]
    assert {leak.place for leak in shown.leaks} == {"q3 search", "q3 citation", "q3 answer"}
    assert not shown.right
    assert not shut_out.right
    assert rooms == ["access", "access", "ingest"]
    assert {(leak.user, leak.place.split("/")[-2]) for leak in found.leaks if leak.place != "listing"} == {
        (user, kind) for user in ("an", "root") for kind in ("documents", "citations")
    }
    assert {leak.user for leak in found.leaks if leak.place == "listing"} == {"an", "root"}
    assert {shut.user for shut in found.refused_wrongly} == {"an", "bo"}


def test_only_a_data_folder_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(DatasetError, match="something else"):
        empty_data_folder(tmp_path)
    assert (tmp_path / "precious.txt").exists()
    data = tmp_path / "data"
    data.mkdir()
    (data / "wenyuan.sqlite3").touch()
    empty_data_folder(data)
    assert not data.exists()
    empty_data_folder(data)
