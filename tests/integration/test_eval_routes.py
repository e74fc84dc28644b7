"""Evaluations over HTTP run in the scope of who starts them, and show their report to nobody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from eval.jobs import handlers
from eval.routes import router
from tests.site import EVERYONE, Person, Site, open_site, site_settings, user
from wenyuan.access import Role
from wenyuan.jobs import Worker

OPEN = "# 年假规定\n\n工作满十年的员工每年享有十天年休假，须提前两周申请。\n"
CLOSED = "# 薪酬规定\n\n高级工程师的岗位工资为每月两万三千元。\n"


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path, ocr=False)) as opened:
        opened.app.include_router(router)
        yield opened


def question_set_of(site: Site, name: str) -> None:
    folder = site.services.settings.data_dir / "datasets" / name
    folder.mkdir(parents=True)
    asked = [{"_id": "1", "text": "满十年的员工有几天年休假？"}, {"_id": "2", "text": "高级工程师的工资是多少？"}]
    (folder / "queries.jsonl").write_text("\n".join(json.dumps(item) for item in asked), encoding="utf-8")
    (folder / "qrels.tsv").write_text("1\t年假规定\t1\n2\t薪酬规定\t1\n", encoding="utf-8")


async def evaluate(site: Site, person: Person, body: dict[str, Any]) -> dict[str, Any]:
    """Start an evaluation, let a worker do it, and return what the starter is shown at the end."""
    started = await person.http.post("/v1/evaluations", json=body)
    assert started.status_code == 202, started.text
    services = site.services
    worker = Worker(services.queue, handlers(services.settings, services.database, services.retriever, services.audit))
    while True:
        await worker.run_one()
        shown: dict[str, Any] = (await person.http.get(started.headers["location"])).json()
        if shown["job"]["state"] in ("done", "dead"):
            return shown
        await asyncio.sleep(0.05)


async def test_everyone_is_measured_in_their_own_scope(site: Site) -> None:
    await site.space("open", [EVERYONE])
    han = await site.person("han", Role.EVALUATOR)
    li = await site.person("li", Role.EVALUATOR)
    await site.space("closed", [user("han")])
    await site.publish("年假规定.md", OPEN, "open")
    await site.publish("薪酬规定.md", CLOSED, "closed")
    question_set_of(site, "policies")
    wide = await evaluate(site, han, {"dataset": "policies"})
    narrow = await evaluate(site, li, {"dataset": "policies"})
    first = await evaluate(site, li, {"dataset": "policies", "limit": 1})
    assert wide["report"]["metrics"]["R@10"] == 1
    assert wide["report"]["counts"] == {"questions": 2}
    assert narrow["report"]["metrics"]["R@10"] == 0.5
    assert first["report"]["metrics"]["R@10"] == 1
    assert "年休假" not in json.dumps(wide, ensure_ascii=False)
    assert (await li.http.get(f"/v1/evaluations/{wide['job']['id']}")).status_code == 404


async def test_only_evaluators_start_and_only_sets_of_the_server(site: Site) -> None:
    evaluator, reader = await site.person("eva", Role.EVALUATOR), await site.person("li")
    question_set_of(site, "policies")
    assert (await reader.http.post("/v1/evaluations", json={"dataset": "policies"})).status_code == 403
    assert (await reader.http.get("/v1/evaluations/job_x")).status_code == 403
    for name in ("other", "..", "../datasets/policies", "policies/queries.jsonl", "/etc"):
        refused = await evaluator.http.post("/v1/evaluations", json={"dataset": name})
        assert (refused.status_code, refused.json()["code"]) == (422, "dataset.invalid"), name
    assert (await evaluator.http.post("/v1/evaluations", json={"dataset": "policies", "limit": 0})).status_code == 422
    assert (await evaluator.http.get("/v1/evaluations/job_x")).status_code == 404
