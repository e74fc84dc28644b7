"""A browser shows what a malicious model wrote, as it streams and again when the conversation is opened anew.

    python -m benchmarks.writing.browser --outputs 1000

Counted are requests that leave the page's host, connections at the host that the outputs point to, scripts that ran,
complaints of the browser, elements that answers may not have, and signs that nobody sees. Needs Chromium.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Page, async_playwright

from benchmarks.writing.place import HIDDEN, QUESTIONS, Place, open_place
from benchmarks.writing.stub import malicious
from tests.e2e import payloads
from tests.e2e.conftest import ARGUMENTS, Watch, sign_in
from tests.e2e.server import Collector
from wenyuan.chat.settings import GenerationSettings, ModelSettings

_TURNS: Final = 25
ALLOWED: Final = frozenset(
    (
        "BUTTON",
        "CODE",
        "DIV",
        "H3",
        "H4",
        "H5",
        "LI",
        "OL",
        "P",
        "PRE",
        "S",
        "SPAN",
        "STRONG",
        "TABLE",
        "TBODY",
        "TD",
        "TH",
        "THEAD",
        "TR",
        "UL",
    )
)
#: Ask in the page itself, through the modules of the page, one question after another.
_ASK: Final = """async ([questions, talk]) => {
    const { ask } = await import('/static/js/chat/stream.js');
    const { Turn } = await import('/static/js/chat/turn.js');
    const list = document.querySelector('.turns');
    list.replaceChildren();
    for (const question of questions) {
        const turn = new Turn(question, { openCitation: () => null, retry: () => null });
        list.append(turn.element);
        const place = { conversation_id: talk, model: 'malicious' };
        for await (const event of ask([{ role: 'user', content: question }], place, new AbortController().signal)) {
            if (event.interpretation) turn.understood(event.interpretation);
            if (event.citations) turn.cite(event.citations);
            if (event.text) turn.append(event.text);
            if (event.statements) turn.emphasise(event.statements);
            if (event.done) turn.finish(event.done);
        }
    }
}"""
_SEEN: Final = """async (pattern) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const invisible = new RegExp(pattern, 'u');
    const bodies = [...document.querySelectorAll('.answer-body')];
    const parts = bodies.flatMap((body) => [...body.querySelectorAll('*')]);
    const active = (each) => /^on|^src|^href|^style|^action/.test(each.name);
    return {
        answers: bodies.filter((body) => body.textContent.length > 0).length,
        tags: [...new Set(parts.map((each) => each.tagName))],
        attributes: parts.flatMap((each) => [...each.attributes]).filter(active).length,
        invisible: bodies.filter((body) => invisible.test(body.textContent)).length,
        ran: window.__ran ?? null,
    };
}"""


class Findings(Counter[str]):
    """What was seen, by kind; all but ``answers`` have to stay at nought."""

    async def look(self, page: Page) -> None:
        """Look at the answers that a page shows."""
        seen = await page.evaluate(_SEEN, payloads.invisible_pattern())
        self["answers"] += seen["answers"]
        self["elements"] += len(set(seen["tags"]) - ALLOWED)
        self["attributes"] += seen["attributes"]
        self["invisible"] += seen["invisible"]
        self["scripts"] += seen["ran"] is not None


@contextlib.asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application that is open already; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


async def show(place: Place, outputs: int, program: str) -> Findings:
    """Let the browser show ``outputs`` answers, streamed and opened anew."""
    found, collector = Findings(), Collector()
    world = f"--host-resolver-rules=MAP {payloads.HOST} 127.0.0.1:{collector.port},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
    async with served(place.site.app) as address, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, headless=True, args=[*ARGUMENTS, world])
        watch = Watch(frozenset({urlsplit(address).netloc}))
        context = await chromium.new_context(locale="zh-CN")
        watch.attach(context)
        page = await context.new_page()
        await page.goto(address)
        await sign_in(page, place.clerk.token)
        for start in range(0, outputs, _TURNS):
            asked = [QUESTIONS[number % len(QUESTIONS)] for number in range(start, min(start + _TURNS, outputs))]
            talk = (await place.clerk.http.post("/v1/conversations", json={})).json()["id"]
            await page.evaluate(_ASK, [asked, talk])
            await found.look(page)
            await page.goto(f"{address}/?conversation={talk}")
            await page.locator(".turn").nth(len(asked) - 1).wait_for()
            await found.look(page)
        await chromium.close()
    found["complaints"] += len(watch.complaints)
    found["requests"] += len(watch.foreign) + collector.connections
    collector.close()
    return found


async def run(outputs: int, seed: int, folder: Path, program: str) -> Findings:
    """Open the company under a malicious model, statements without support marked, and show its answers."""
    with malicious(seed, HIDDEN) as model:
        given = ModelSettings(name="malicious", url=model.url, model="m")
        async with open_place(folder, GenerationSettings(models=(given,), unsupported="mark")) as place:
            return await show(place, outputs, program)


def main() -> int:
    """Print what was seen; 1 where anything but answers was, or answers are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    program = os.environ.get("WENYUAN_TEST_CHROMIUM") or shutil.which("chromium")
    if program is None:
        sys.exit("no Chromium on PATH")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(run(given.outputs, given.seed, Path(folder), program))
    shown = found.pop("answers")
    print(f"{shown} of {2 * given.outputs} answers shown in {time.monotonic() - begun:.0f} s; seen: {dict(found)}")
    return bool(sum(found.values()) or shown != 2 * given.outputs)


if __name__ == "__main__":
    sys.exit(main())
