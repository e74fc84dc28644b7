"""Clients that read until the server dies, and keep a journal of every piece of content that reached them."""

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx

from benchmarks.kills.client import speaker

AT_ONCE: Final = 8
QUESTIONS: Final = ("年假有几天", "差旅费如何报销", "合同由谁保管", "密码多久更换一次", "who approves a purchase")
_CHUNK: Final = re.compile(rb'"chunk_id":\s*"([^"]+)"')
_CITATION: Final = re.compile(rb'"(?:id|link)":\s*"(?:/\?citation=)?(cit_[^"]+)"')
_BLOCK: Final = re.compile(rb'"ordinal":\s*(\d+)')


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that reached a client: in an answer to ``request``, recorded as ``action`` on ``what``."""

    request: str
    action: str
    what: str


@dataclass
class Journal:
    """What reached the clients, requests that were sent, and those of them whose answer broke off or never came."""

    seen: set[Seen] = field(default_factory=set)
    requests: int = 0
    broken: int = 0
    partial: int = 0
    refused: list[str] = field(default_factory=list)
    citations: list[str] = field(default_factory=list)


async def read_until_killed(
    url: str,
    tokens: Sequence[str],
    documents: Sequence[tuple[str, str]],
    journal: Journal,
    draw: random.Random,
    most: int,
) -> None:
    """Have ``AT_ONCE`` clients read until the server is gone or ``most`` requests were sent in all.

    ``tokens``: of a reader and of somebody who manages the documents; ``documents``: (document, version) pairs.
    """
    async with speaker(url, tokens[0]) as reader, speaker(url, tokens[1]) as manager:
        goal = journal.requests + most

        async def work(own: random.Random) -> None:
            while journal.requests < goal:
                journal.requests += 1
                try:
                    await _one(reader, manager, documents, journal, own)
                except httpx.TransportError:
                    journal.broken += 1
                    return

        await asyncio.gather(*(work(random.Random(draw.random())) for _ in range(AT_ONCE)))


async def _one(
    reader: httpx.AsyncClient,
    manager: httpx.AsyncClient,
    documents: Sequence[tuple[str, str]],
    journal: Journal,
    draw: random.Random,
) -> None:
    document, version = draw.choice(documents)
    kind = draw.choices(("search", "ask", "stream", "open", "blocks", "act"), (10, 2, 2, 3, 3, 1))[0]
    question = draw.choice(QUESTIONS)
    if kind == "search":
        await _read(reader, journal, "POST", "/v1/search", {"query": question, "limit": 20})
    elif kind in {"ask", "stream"}:
        body = {"messages": [{"role": "user", "content": question}], "stream": kind == "stream"}
        await _read(reader, journal, "POST", "/v1/chat/completions", body)
    elif kind == "open" and journal.citations:
        await _read(reader, journal, "GET", f"/v1/citations/{draw.choice(journal.citations)}")
    elif kind == "blocks":
        path = f"/v1/documents/{document}/versions/{version}/blocks?limit=5"
        await _read(reader, journal, "GET", path, document=document)
    else:
        body = {"allow": [{"kind": "everyone"}]}
        await _read(manager, journal, "PUT", f"/v1/documents/{document}/policy", body, document=document)


async def _read(
    http: httpx.AsyncClient, journal: Journal, method: str, path: str, body: object = None, *, document: str = ""
) -> None:
    """Make a request and note what of its answer arrived, also of one that broke off."""
    got = bytearray()
    async with http.stream(method, path, json=body) as response:
        request = response.headers["x-request-id"]
        if response.status_code >= 400 and response.status_code != 429:
            journal.refused.append(f"{method} {path.partition('?')[0]}: {response.status_code}")
        try:
            async for piece in response.aiter_raw():
                got += piece
        except httpx.TransportError:
            journal.partial += bool(got)
            raise
        finally:
            if response.is_success:
                _note(journal, request, method, path, bytes(got), document)


def _note(journal: Journal, request: str, method: str, path: str, got: bytes, document: str) -> None:
    if path == "/v1/search":
        journal.seen |= {Seen(request, "retrieve", chunk.decode()) for chunk in _CHUNK.findall(got)}
    elif path == "/v1/chat/completions":
        cited = {citation.decode() for citation in _CITATION.findall(got)}
        journal.seen |= {Seen(request, "cite", citation) for citation in cited}
        journal.citations = [*journal.citations, *cited][-200:]
    elif path.startswith("/v1/citations/") and got:
        journal.seen.add(Seen(request, "preview", path.rpartition("/")[2]))
    elif method == "PUT":
        journal.seen.add(Seen(request, "act", document))
    elif _BLOCK.search(got):
        journal.seen.add(Seen(request, "preview", document))
