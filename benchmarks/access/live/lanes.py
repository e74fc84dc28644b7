"""Lanes of the races: a person, a document with a canary, and the ways to lose it and get it back.

Lanes share the server and nothing else, so that what one takes away says nothing about another.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

PATIENCE_S: Final = 60.0
EXPIRES_S: Final = 0.2
_TIMEOUT: Final = httpx.Timeout(60, connect=10)


@dataclass
class Lane:
    """One lane; ``admin`` administers, ``reader`` is the person, with a token that may be replaced."""

    number: int
    url: str
    admin: httpx.AsyncClient
    draw: random.Random
    transport: httpx.AsyncBaseTransport | None = None
    reader: httpx.AsyncClient = field(init=False)
    token_id: str = ""
    document: str = ""
    citation: str = ""
    conversation: str = ""
    folder: str = ""

    @property
    def person(self) -> str:
        """The name of the person."""
        return f"reader-{self.number}"

    @property
    def canary(self) -> str:
        """What only the document says."""
        return f"CANARY{self.number:02d}X7Q"

    @property
    def question(self) -> str:
        """What the document answers."""
        return f"第{self.number}号项目的验收口令是什么？"

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Administer; raises for a refusal."""
        response = await self.admin.request(method, path, json=body)
        return response.raise_for_status()

    async def open(self) -> None:
        """Create everything, publish the document, and let the person ask about it once."""
        n = self.number
        await self.send("POST", "/v1/users", {"name": self.person})
        for group in (f"in-{n}", f"out-{n}"):
            await self.send("POST", "/v1/groups", {"name": group})
        await self.members(f"out-{n}", ("group", f"in-{n}"))
        for name, parent in ((f"head-{n}", None), (f"unit-{n}", f"head-{n}")):
            await self.send("POST", "/v1/departments", {"name": name, "parent": parent})
        await self.send("PATCH", f"/v1/departments/unit-{n}", {"members": [self.person]})
        await self.send("POST", "/v1/spaces", {"name": f"lane-{n}", "readers": [self.me]})
        made = await self.send("POST", "/v1/folders", {"space": f"lane-{n}", "name": "shut"})
        self.folder = made.json()["id"]
        await self.send("PUT", f"/v1/folders/{self.folder}/policy", {"inherits": False})
        await self.renew_token()
        text = f"# 第{n}号项目\n\n第{n}号项目的验收口令是 {self.canary}，每周更换一次。\n" * 12
        sent = await self.admin.post(
            "/v1/documents", data={"space": f"lane-{n}", "title": f"{self.canary} 标题"}, files={"file": ("a.md", text)}
        )
        taken = sent.raise_for_status().json()
        self.document = taken["document_id"]
        await self._published(taken["job_id"])
        made = await self.reader.post("/v1/conversations", json={})
        self.conversation = made.raise_for_status().json()["id"]
        answer = await self.ask(conversation_id=self.conversation)
        cited = answer.json()["citations"]
        if not cited:
            raise RuntimeError(f"the document of lane {n} is not found")
        self.citation = cited[0]["id"]

    async def renew_token(self) -> None:
        """Give the person another token."""
        issued = await self.send("POST", "/v1/tokens", {"user": self.person, "name": "lane"})
        self.token_id = issued.json()["id"]
        headers = {"Authorization": f"Bearer {issued.json()['token']}"}
        if "reader" in self.__dict__:
            await self.reader.aclose()
        self.reader = httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=_TIMEOUT, trust_env=False, transport=self.transport
        )

    async def close(self) -> None:
        """Close the connections."""
        if "reader" in self.__dict__:
            await self.reader.aclose()
        await self.admin.aclose()

    async def _published(self, job: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if (await self.send("GET", f"/v1/jobs/{job}")).json()["state"] == "done":
                return
            await asyncio.sleep(0.05)
        raise RuntimeError("a document was not published in time")

    @property
    def me(self) -> dict[str, Any]:
        """The person as a subject of policies."""
        return {"kind": "user", "name": self.person}

    async def policy(self, **body: Any) -> None:
        """Give the document a policy of its own."""
        await self.send("PUT", f"/v1/documents/{self.document}/policy", body)

    async def members(self, group: str, *subjects: tuple[str, str]) -> None:
        """Set the members of a group."""
        members = [{"kind": kind, "name": name} for kind, name in subjects]
        await self.send("PUT", f"/v1/groups/{group}/members", {"members": members})

    async def account(self, **body: Any) -> None:
        """Change the person's account."""
        await self.send("PATCH", f"/v1/users/{self.person}", body)

    async def ask(self, **more: Any) -> httpx.Response:
        """Ask as the person."""
        body = {"messages": [{"role": "user", "content": self.question}], **more}
        return await self.reader.post("/v1/chat/completions", json=body)

    async def read(self, kind: str) -> bool:
        """Read in one of the ways of ``READS``; returns whether anything of the document was shown."""
        if kind == "ask":
            response = await self.ask()
        elif kind == "search":
            response = await self.reader.post("/v1/search", json={"query": self.question})
        else:
            response = await self.reader.get(READS[kind].format(lane=self))
        if response.status_code >= 500:
            raise RuntimeError(f"{kind}: {response.status_code} {response.text}")
        return self.canary in response.text


#: How the person reads; a question and a search go by other methods.
READS: Final = {
    "ask": "",
    "search": "",
    "document": "/v1/documents/{lane.document}",
    "documents": "/v1/documents",
    "citation": "/v1/citations/{lane.citation}",
    "conversation": "/v1/conversations/{lane.conversation}",
    "export": "/v1/conversations/{lane.conversation}/export",
}


@dataclass(frozen=True)
class Way:
    """A way to take the document away: how it is given at first, taken, and given again."""

    name: str
    prepare: Callable[[Lane], Awaitable[None]]
    revoke: Callable[[Lane], Awaitable[None]]
    grant: Callable[[Lane], Awaitable[None]]


def ways() -> tuple[Way, ...]:
    """Return every way."""
    return (
        Way("policy", _own, lambda lane: lane.policy(allow=[]), _own),
        Way("deny", _own, lambda lane: lane.policy(allow=[lane.me], deny=[lane.me]), _own),
        Way("level", _own, lambda lane: lane.policy(allow=[lane.me], classification=3), _own),
        Way("expiry", _own, _expire, _own),
        _by_group(),
        _by_nesting(),
        _by_department(),
        _by_account("clearance", {"classification": 1}, {"clearance": 0}, {"clearance": 1}),
        _by_account("compartment", {"compartments": ["atlas"]}, {"compartments": []}, {"compartments": ["atlas"]}),
        _by_account("employment", {"staff_only": True}, {"employment": "external"}, {"employment": "staff"}),
        _by_account("disabled", {}, {"active": False}, {"active": True}),
        Way("token", _own, lambda lane: _done(lane.send("DELETE", f"/v1/tokens/{lane.token_id}")), Lane.renew_token),
        Way("space", _inherits, lambda lane: _space(lane, []), lambda lane: _space(lane, [lane.me])),
        Way("folder", _inherits, lambda lane: _move(lane, lane.folder), lambda lane: _move(lane, None)),
    )


async def _done(response: Awaitable[object]) -> None:
    await response


async def _own(lane: Lane) -> None:
    await lane.policy(allow=[lane.me])


async def _inherits(lane: Lane) -> None:
    await _space(lane, [lane.me])
    await lane.send("PUT", f"/v1/documents/{lane.document}/policy", {"inherits": True})
    await lane.send("DELETE", f"/v1/documents/{lane.document}/policy")


async def _space(lane: Lane, readers: list[dict[str, Any]]) -> None:
    await lane.send("PUT", f"/v1/spaces/lane-{lane.number}", {"readers": readers})


async def _move(lane: Lane, folder: str | None) -> None:
    await lane.send("PUT", f"/v1/documents/{lane.document}/folder", {"folder_id": folder})


async def _expire(lane: Lane) -> None:
    """Let the permission end in a moment, and wait for that moment: nothing is written when it comes."""
    end = time.time() + EXPIRES_S
    await lane.policy(allow=[lane.me | {"not_after": end}])
    await asyncio.sleep(max(end - time.time(), 0) + 0.01)


def _by_group() -> Way:
    async def prepare(lane: Lane) -> None:
        await lane.policy(allow=[{"kind": "group", "name": f"in-{lane.number}"}])
        await grant(lane)

    async def grant(lane: Lane) -> None:
        await lane.members(f"in-{lane.number}", ("user", lane.person))

    return Way("group", prepare, lambda lane: lane.members(f"in-{lane.number}"), grant)


def _by_nesting() -> Way:
    async def prepare(lane: Lane) -> None:
        await lane.policy(allow=[{"kind": "group", "name": f"out-{lane.number}"}])
        await lane.members(f"in-{lane.number}", ("user", lane.person))
        await grant(lane)

    async def grant(lane: Lane) -> None:
        await lane.members(f"out-{lane.number}", ("group", f"in-{lane.number}"))

    return Way("nested group", prepare, lambda lane: lane.members(f"out-{lane.number}"), grant)


def _by_department() -> Way:
    async def place(lane: Lane, parent: str | None) -> None:
        await lane.send("PATCH", f"/v1/departments/unit-{lane.number}", {"parent": parent})

    async def prepare(lane: Lane) -> None:
        await lane.policy(allow=[{"kind": "department", "name": f"head-{lane.number}"}])
        await grant(lane)

    async def grant(lane: Lane) -> None:
        await place(lane, f"head-{lane.number}")

    return Way("department", prepare, lambda lane: place(lane, None), grant)


def _by_account(name: str, condition: dict[str, Any], worse: dict[str, Any], better: dict[str, Any]) -> Way:
    async def prepare(lane: Lane) -> None:
        await lane.account(**better)
        await lane.policy(allow=[lane.me], **condition)

    return Way(name, prepare, lambda lane: lane.account(**worse), lambda lane: lane.account(**better))
