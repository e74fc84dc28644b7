"""The demo's questions with a small language model on this machine, beside the answers without one.

    python -m benchmarks.writing.local_model --workspace FOLDER --limit 10

The product is asked over a real server on loopback, in streams, by the people of the demo. The model has 135 million
parameters: what counts is that nothing it makes up comes out, and what that costs. ``FOLDER`` keeps the documents; they
are taken in at the first run.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import httpx
import numpy as np

from api.answering.models import shown_name
from benchmarks.writing.browser import served
from benchmarks.writing.small_model import NAME, SmallModel, small_model
from eval import demo
from eval.demo.asking import Reply, judged
from eval.demo.company import Asked, read_company
from eval.demo.product import Product, open_product
from generation.answering.checking import Checked, StatementCheck
from generation.statements import Statement
from wenyuan.answers import Answerer, Support
from wenyuan.chat.settings import EXTRACTIVE, GenerationSettings, ModelSettings
from wenyuan.settings import load_settings

_PATIENCE_S: Final = 300.0


@dataclass
class Run:
    """Replies of one answerer; ``first`` and ``stated``: seconds to the first event and to the first statement."""

    replies: list[Reply] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    stated: list[float] = field(default_factory=list)
    notices: Counter[str] = field(default_factory=Counter)
    checked: Counter[Support] = field(default_factory=Counter)
    by_model: int = 0
    uncited: int = 0
    cpu_service_s: float = 0
    cpu_model_s: float = 0

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield the lines of the table."""
        due = [reply for reply in self.replies if reply.question.expect == "answer"]
        rest = [reply for reply in self.replies if reply.question.expect == "refuse"]
        count = max(1, len(self.replies))
        yield "questions", str(len(self.replies))
        yield "answered", str(sum(not reply.refused for reply in self.replies))
        yield "- in words of the model", str(self.by_model)
        yield "- quoted: nothing of it was supported", str(self.notices["llm.unsupported"])
        yield "- quoted: it failed", str(self.notices["llm.fallback"])
        yield "right answer and page, of those due", f"{sum(reply.right for reply in due)}/{len(due)}"
        yield "right refusals, of those due", f"{sum(reply.right for reply in rest)}/{len(rest)}"
        yield "statements of the model checked", str(self.checked.total())
        yield "- withheld", str(self.checked[Support.UNSUPPORTED])
        yield "- partial", str(self.checked[Support.PARTIAL])
        yield "statements out without verdict or citation", str(self.uncited)
        yield "leaks", str(sum(len(reply.leaks) for reply in self.replies))
        yield "first event, p50 / p95", _seconds(self.first)
        yield "first statement, p50 / p95", _seconds(self.stated)
        yield "whole answer, p50 / p95", _seconds([reply.seconds for reply in self.replies])
        yield "processor time a question, service", f"{self.cpu_service_s / count:.2f} s"
        yield "processor time a question, model", f"{self.cpu_model_s / count:.2f} s"


def _seconds(values: list[float]) -> str:
    if not values:
        return "-"
    middle, high = np.percentile(values, [50, 95])
    return f"{middle:.2f} / {high:.2f} s"


async def ask(product: Product, http: httpx.AsyncClient, question: Asked, model: str, run: Run) -> None:
    """Ask in a stream and judge what came."""
    headers = {"Authorization": f"Bearer {product.tokens[question.user]}", "Accept-Language": question.language}
    body = {"messages": [{"role": "user", "content": question.question}], "model": model, "stream": True}
    answer: dict[str, Any] = {"citations": [], "statements": [], "notices": []}
    text, begun, first, stated = "", time.monotonic(), 0.0, 0.0
    async with http.stream("POST", "/v1/chat/completions", json=body, headers=headers) as response:
        response.raise_for_status()
        async for chunk in _chunks(response):
            if "error" in chunk:
                raise RuntimeError(chunk["error"]["code"])
            first = first or time.monotonic() - begun
            text += chunk["choices"][0]["delta"].get("content", "")
            answer["citations"] += chunk.get("citations", [])
            answer["statements"] += chunk.get("statements", [])
            stated = stated or (time.monotonic() - begun if answer["statements"] else 0.0)
            answer["notices"] += chunk.get("notices", []) if chunk.get("answerer") is None else []
            answer |= {name: chunk[name] for name in ("answerer", "refused") if name in chunk}
    seconds = time.monotonic() - begun
    run.first.append(first)
    run.stated += [stated] if stated else []
    run.notices.update(notice.split()[0] for notice in answer["notices"])
    run.by_model += answer["answerer"] == Answerer.LLM and not answer["refused"]
    markers = {citation["marker"] for citation in answer["citations"]}
    run.uncited += sum(not carried(one, markers) for one in answer["statements"])
    run.replies.append(await judged(product, question, answer | {"choices": [{"message": {"content": text}}]}, seconds))


def carried(statement: dict[str, Any], markers: set[int]) -> bool:
    """Say whether a statement came with a verdict for it and citations that are there."""
    spans = {span["marker"] for span in statement["spans"]}
    return statement["support"] in (Support.SUPPORTED, Support.PARTIAL) and bool(spans) and spans <= markers


async def _chunks(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


@contextlib.contextmanager
def _counted(checked: Counter[Support]) -> Iterator[None]:
    """Count what the check of statements says."""
    inner = StatementCheck.check

    async def check(self: StatementCheck, statement: Statement) -> Checked:
        found = await inner(self, statement)
        checked[found.support] += 1
        return found

    with patch.object(StatementCheck, "check", check):
        yield


async def measure(workspace: Path, model: SmallModel, limit: int | None, given: ModelSettings) -> dict[str, Run]:
    """Ask everything without the model, then with it."""
    company = read_company(Path(demo.__file__).parent)
    generation = GenerationSettings(models=(given,), first_token_s=_PATIENCE_S, total_s=_PATIENCE_S)
    settings = load_settings().model_copy(update={"data_dir": workspace, "generation": generation})
    runs: dict[str, Run] = {}
    async with contextlib.AsyncExitStack() as stack:
        product = await stack.enter_async_context(open_product(company, settings, lambda _item, _job: None))
        address = await stack.enter_async_context(served(product.app))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S))
        step = max(1, len(company.questions) // (limit or len(company.questions)))
        questions = company.questions[::step][:limit]
        for name, asked in ((name, shown_name(name)) for name in (EXTRACTIVE, given.name)):
            await ask(product, http, questions[0], asked, Run())  # what is loaded once is loaded then
            run = runs[name] = Run()
            begun, computed = time.process_time(), model.cpu_s()
            with _counted(run.checked):
                for number, question in enumerate(questions, 1):
                    print(f"{name}: {number}/{len(questions)}", file=sys.stderr)
                    await ask(product, http, question, asked, run)
            run.cpu_service_s, run.cpu_model_s = time.process_time() - begun, model.cpu_s() - computed
    return runs


def main() -> int:
    """Print a table; 1 where a statement came out unchecked or something leaked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="ask so many of the questions, evenly chosen")
    parser.add_argument("--threads", type=int, default=2, help="of the model")
    parser.add_argument("--context-tokens", type=int, default=900)
    parser.add_argument("--max-tokens", type=int, default=160)
    parser.add_argument("--output", choices=("auto", "json", "text"), default="auto")
    given = parser.parse_args()
    with small_model(given.threads) as model:
        sizes = {"context_tokens": given.context_tokens, "max_tokens": given.max_tokens}
        settings = ModelSettings(name=NAME, url=model.url, model=NAME, output=given.output, **sizes)
        runs = asyncio.run(measure(given.workspace, model, given.limit, settings))
    print(f"| | {' | '.join(runs)} |", f"|---{'|---' * len(runs)}|", sep="\n")
    for lines in zip(*(run.rows() for run in runs.values()), strict=True):
        print(f"| {lines[0][0]} | {' | '.join(value for _, value in lines)} |")
    return int(any(run.uncited or any(reply.leaks for reply in run.replies) for run in runs.values()))


if __name__ == "__main__":
    sys.exit(main())
