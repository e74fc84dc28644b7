"""A real Chromium, the site it visits, and a watch on everything it must not do."""

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, FilePayload, Page, async_playwright

from tests.e2e import contract as contract_server
from tests.e2e import data, payloads
from tests.e2e.server import Collector, served

# A failed request is a normal answer of the API; Chromium reports it on the console all the same.
EXPECTED_CONSOLE = ("Failed to load resource: the server responded with a status of", "net::ERR_INTERNET_DISCONNECTED")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class Site:
    """Where the page is served and the tokens of people: ``editor`` may upload, ``reader`` may not.

    ``beside``: another host and port that a browser may go to, as people do to sign in.

    The fixture ``site`` can be overridden in a module to put the same tests before another server.
    """

    base_url: str
    tokens: Mapping[str, str]
    beside: str = ""


@dataclass
class Watch:
    """What a page did that it must not do."""

    hosts: frozenset[str]
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Watch all pages of a context."""
        context.on("request", lambda request: self.request(request.url))
        context.on("console", self.console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def console(self, message: ConsoleMessage) -> None:
        """Take a console message; errors and warnings count, policy violations are among them."""
        if message.type in {"error", "warning"} and not any(known in message.text for known in EXPECTED_CONSOLE):
            self.complaints.append(message.text)

    def request(self, url: str) -> None:
        """Take the address of a request."""
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in self.hosts:
            self.foreign.append(url)


Open = Callable[..., Awaitable[Page]]


@pytest.fixture
def contract() -> contract_server.Contract:
    """State of the contract server: what it serves and what it was asked."""
    return contract_server.Contract()


@pytest.fixture
def site(contract: contract_server.Contract) -> Iterator[Site]:
    """The page before the contract server."""
    with served(contract_server.build(contract)) as base_url:
        yield Site(base_url, {"editor": data.EDITOR, "reader": data.READER})


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the hostile payloads point."""
    listener = Collector()
    yield listener
    listener.close()


@pytest.fixture(scope="session")
def program() -> str:
    """The file of Chromium."""
    found = os.environ.get("WENYUAN_TEST_CHROMIUM") or shutil.which("chromium")
    if found is None:
        pytest.skip("no Chromium on PATH (Debian: apt install chromium); WENYUAN_TEST_CHROMIUM may name one")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(collector: Collector, program: str) -> AsyncIterator[Browser]:
    """One Chromium for the session; the payloads' host leads to the collector, and no other name resolves."""
    world = f"--host-resolver-rules=MAP {payloads.HOST} 127.0.0.1:{collector.port},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, headless=True, args=[*ARGUMENTS, world])
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, site: Site, collector: Collector) -> AsyncIterator[Open]:
    """Open pages: ``await open_page(token="editor", path="/", **context options)``.

    At the end no page may have complained, run foreign script, or reached another host.
    """
    async with contextlib.AsyncExitStack() as stack:
        watch = Watch(frozenset({urlsplit(site.base_url).netloc, site.beside}))
        before = collector.connections
        pages: list[Page] = []

        async def open_one(token: str | None = "editor", path: str = "/", **options: Any) -> Page:
            context = await browser.new_context(**{"locale": "zh-CN", "viewport": DESKTOP, **options})
            stack.push_async_callback(context.close)
            watch.attach(context)
            context.set_default_timeout(10_000)
            page = await context.new_page()
            pages.append(page)
            await page.goto(site.base_url + path)
            if token is not None:
                await sign_in(page, site.tokens[token])
            return page

        yield open_one
        for page in pages:
            if not page.is_closed():
                assert await page.evaluate("window.__ran") is None
        assert watch.complaints == []
        assert watch.foreign == []
        assert collector.connections == before


def upload_of(name: str, content: bytes) -> FilePayload:
    """Return a file to choose."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until a condition outside the page holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def sign_in(page: Page, token: str) -> None:
    """Sign in by hand."""
    await page.wait_for_selector("#signin:not([hidden])")
    if not await page.is_visible("#token"):
        await page.click("#token-way")
    await page.fill("#token", token)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#shell:not([hidden])")


async def ask(page: Page, question: str, *, wait: bool = True) -> None:
    """Ask and, unless told otherwise, wait for the end of the answer."""
    before = await page.locator(".turn").count()
    await page.fill("#question", question)
    await page.keyboard.press("Enter")
    await page.locator(".turn").nth(before).wait_for()
    if wait:
        await page.locator(".turn").nth(before).locator(".answer:not([aria-busy])").wait_for()
