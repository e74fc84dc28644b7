"""The client's side: makes the steps one after another and keeps a journal of what was acknowledged."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import httpx

from benchmarks.kills.plan import Action, Step
from benchmarks.kills.texts import Text

SPACE: Final = "company"
AT_ONCE: Final = 3
#: The most that one search gives: the texts resemble each other, and here it counts that they answer at all.
DEPTH: Final = 50
_TIMEOUT: Final = httpx.Timeout(60, connect=5)


@dataclass
class Entry:
    """What the journal knows of one document: acknowledged texts in order, and whether its deletion was."""

    id: str
    texts: list[Text] = field(default_factory=list)
    deleted: bool = False

    @property
    def wanted(self) -> Text:
        """Return the text that was acknowledged last."""
        return self.texts[-1]


class Client:
    """Makes steps over HTTP. A step whose answer did not arrive is made again; the service may have it twice then."""

    def __init__(self, url: str, token: str) -> None:
        self.entries: dict[int, Entry] = {}
        self.acknowledged = 0
        self.interrupted = 0
        self.refused: list[str] = []
        self.news = asyncio.Condition()
        self._url = url
        self._token = token
        self._waiting: deque[Step] = deque()
        self._busy: set[int] = set()

    @property
    def idle(self) -> bool:
        """Whether every step is settled."""
        return not self._waiting and not self._busy

    def add(self, steps: tuple[Step, ...]) -> None:
        """Add steps behind those that are not settled yet."""
        self._waiting.extend(steps)

    async def work(self) -> None:
        """Make steps until none is left or the connection breaks."""
        async with speaker(self._url, self._token) as http:
            await asyncio.gather(*(self._work(http) for _ in range(AT_ONCE)))

    async def _work(self, http: httpx.AsyncClient) -> None:
        while self._waiting:
            step = next((item for item in self._waiting if item.document not in self._busy), None)
            if step is None:
                async with self.news:
                    await self.news.wait_for(lambda: self._free() or not self._waiting)
                continue
            self._waiting.remove(step)
            self._busy.add(step.document)
            done = False
            try:
                done = await self._make(http, step)
            finally:
                self._busy.discard(step.document)
                if not done:
                    self.interrupted += 1
                    self._waiting = deque(sorted((*self._waiting, step), key=lambda item: item.order))
            async with self.news:
                self.news.notify_all()
            if not done:
                return

    def _free(self) -> bool:
        return any(item.document not in self._busy for item in self._waiting)

    async def _make(self, http: httpx.AsyncClient, step: Step) -> bool:
        """Return whether the step is settled: acknowledged, or refused for a reason of its own."""
        try:
            response = await self._call(http, step)
        except httpx.TransportError:
            return False
        if response.status_code == 503:
            return False
        gone = step.action is Action.DELETE and response.status_code == 404
        if response.is_error and not gone:
            self.refused.append(f"{step.action} of document {step.document}: {response.status_code} {response.text}")
            return True
        self._note(step, response)
        return True

    async def _call(self, http: httpx.AsyncClient, step: Step) -> httpx.Response:
        if step.text is None:
            return await http.delete(f"/v1/documents/{self.entries[step.document].id}")
        files = {"file": (step.text.filename, step.text.content)}
        if step.action is Action.CREATE:
            fields = {"space": SPACE, "title": f"file-{step.document}"}
            return await http.post("/v1/documents", data=fields, files=files)
        return await http.post(f"/v1/documents/{self.entries[step.document].id}/versions", files=files)

    def _note(self, step: Step, response: httpx.Response) -> None:
        self.acknowledged += 1
        if step.text is None:
            self.entries[step.document].deleted = True
        elif step.action is Action.CREATE:
            self.entries[step.document] = Entry(response.json()["document_id"], [step.text])
        else:
            self.entries[step.document].texts.append(step.text)


@dataclass(frozen=True)
class People:
    """Tokens of the administrator, of a reader of the space, and of somebody without rights."""

    administrator: str
    reader: str
    stranger: str


async def make_people(url: str, administrator: str) -> People:
    """Create a reader, a stranger and a space that the reader may read."""
    tokens = []
    async with speaker(url, administrator) as http:
        for name in ("reader", "stranger"):
            (await http.post("/v1/users", json={"name": name})).raise_for_status()
            issued = await http.post("/v1/tokens", json={"user": name, "name": "kills"})
            tokens.append(issued.raise_for_status().json()["token"])
        body = {"name": SPACE, "readers": [{"kind": "user", "name": "reader"}]}
        (await http.post("/v1/spaces", json=body)).raise_for_status()
    return People(administrator, *tokens)


async def search(http: httpx.AsyncClient, query: str, word: str) -> dict[str, bool]:
    """Return the documents found for ``query``, and for each whether a passage of it holds ``word``."""
    found = await http.post("/v1/search", json={"query": query, "limit": DEPTH})
    documents: dict[str, bool] = {}
    for item in found.raise_for_status().json()["items"]:
        name = item["document_id"]
        documents[name] = documents.get(name, False) or word in item["text"]
    return documents


def speaker(url: str, token: str) -> httpx.AsyncClient:
    """Return an HTTP client with a token, to be used as a context."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT, trust_env=False)
