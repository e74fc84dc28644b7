"""The real application in this process, as tests use it: people, spaces, uploads, questions."""

import asyncio
import contextlib
import functools
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from api.app import create_app
from api.services import Services
from wenyuan.access import Classification, Role
from wenyuan.chat.settings import GenerationSettings
from wenyuan.db.access.directory import create_user, list_users
from wenyuan.db.access.tokens import issue_token
from wenyuan.models.store import OFFLINE, resolve
from wenyuan.models.tokens import load_tokenizer
from wenyuan.settings import IngestSettings, Settings

JOB_PATIENCE_S = 60.0


async def until(holds: Callable[[], Awaitable[bool]], patience_s: float = 20.0) -> None:
    """Wait until something holds; fails when patience runs out."""
    deadline = time.monotonic() + patience_s
    while True:
        if await holds():
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@dataclass(frozen=True)
class Person:
    """Someone with a token; ``http`` speaks as them."""

    name: str
    token: str
    http: httpx.AsyncClient

    async def ask(self, question: str, **body: Any) -> dict[str, Any]:
        response = await self.http.post(
            "/v1/chat/completions", json={"messages": [{"role": "user", "content": question}]} | body
        )
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def search(self, query: str, limit: int = 10) -> list[dict[str, Any]]:
        response = await self.http.post("/v1/search", json={"query": query, "limit": limit})
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["items"]
        return items

    async def upload(self, name: str, content: bytes, space: str, **fields: Any) -> httpx.Response:
        data = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
        return await self.http.post("/v1/documents", data=data | {"space": space}, files={"file": (name, content)})


class Site:
    """An open application and its first administrator."""

    def __init__(self, app: FastAPI, stack: contextlib.AsyncExitStack) -> None:
        self.app = app
        self.services: Services = app.state.services
        self._stack = stack
        self._people: dict[str, Person] = {}

    async def person(self, name: str, *roles: Role, clearance: int = 1) -> Person:
        """Create an account with a token (once; the same person afterwards, whichever site made it)."""
        if name not in self._people:
            async with self.services.database.write() as tx:
                known = {user.name: user for user in await list_users(tx)}
                user = known.get(name) or await create_user(tx, name, name, frozenset(roles), clearance)
                _, secret = await issue_token(tx, user.id, "test", 1)
            self._people[name] = Person(name, secret, await self.client(secret))
        return self._people[name]

    async def administrator(self) -> Person:
        return await self.person("admin", Role.ADMINISTRATOR, clearance=int(Classification.CONFIDENTIAL))

    async def client(self, token: str | None) -> httpx.AsyncClient:
        """Return a client with a token of any kind."""
        headers = {"Accept-Language": "zh"} | ({"Authorization": f"Bearer {token}"} if token else {})
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        http = httpx.AsyncClient(transport=transport, base_url="http://site", headers=headers, timeout=60)
        return await self.enter(http)

    async def enter(self, http: httpx.AsyncClient) -> httpx.AsyncClient:
        """Keep a client open as long as the site."""
        return await self._stack.enter_async_context(http)

    async def space(self, name: str, readers: Sequence[dict[str, str]], **more: Any) -> None:
        admin = await self.administrator()
        body = {"name": name, "readers": list(readers), **more}
        response = await admin.http.post("/v1/spaces", json=body)
        assert response.status_code == 201, response.text

    async def group(self, name: str, *members: str) -> None:
        admin = await self.administrator()
        assert (await admin.http.post("/v1/groups", json={"name": name})).status_code in (201, 409)
        body = {"members": [{"kind": "user", "name": member} for member in members]}
        assert (await admin.http.put(f"/v1/groups/{name}/members", json=body)).status_code == 200

    async def publish(self, name: str, content: bytes | str, space: str, **fields: Any) -> str:
        """Upload as the administrator, wait until it is published, and return the document's id."""
        admin = await self.administrator()
        data = content.encode() if isinstance(content, str) else content
        response = await admin.upload(name, data, space, **fields)
        assert response.status_code == 202, response.text
        job = await self.finished(response.json()["job_id"])
        assert job["state"] == "done", job
        document_id: str = response.json()["document_id"]
        return document_id

    async def finished(self, job_id: str) -> dict[str, Any]:
        """Wait until a job has ended; fails with the job as it stood when patience ran out."""
        admin = await self.administrator()
        deadline = time.monotonic() + JOB_PATIENCE_S
        while True:
            job: dict[str, Any] = (await admin.http.get(f"/v1/jobs/{job_id}")).json()
            if job["state"] in ("done", "dead"):
                return job
            assert time.monotonic() < deadline, job
            await asyncio.sleep(0.05)


def site_settings(folder: Path, generation: GenerationSettings | None = None, **ingest: Any) -> Settings:
    """Return the settings of a site in ``folder`` with the built models of the project."""
    return Settings(
        data_dir=folder / "data",
        ingest=IngestSettings(min_free_mb=0, **ingest),
        generation=generation or GenerationSettings(),
    )


@functools.cache
def _vocabulary(models_dir: Path) -> object:
    """Keep the vocabulary of the built models in memory: it is loaded for the first site, and used by all others."""
    return load_tokenizer(resolve(OFFLINE, models_dir))


@contextlib.asynccontextmanager
async def open_site(settings: Settings) -> AsyncIterator[Site]:
    """Run the application's lifespan around the site."""
    app = create_app(settings)
    _vocabulary(settings.models_dir)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Site(app, stack)


EVERYONE = {"kind": "everyone"}


def user(name: str) -> dict[str, str]:
    """Return the body of a user subject."""
    return {"kind": "user", "name": name}


def group(name: str) -> dict[str, str]:
    """Return the body of a group subject."""
    return {"kind": "group", "name": name}


#: Ids, digests and instants, whose digits are of chance: a search for a short number would find it in them.
_BY_CHANCE = re.compile(r"\b[a-z]+_[0-9a-f]{32}\b|\b[0-9a-f]{16,}\b|\b1\d{9}\b")


def told_in(payload: object) -> str:
    """Return all that a response tells, without ids, digests and the seconds of an instant."""
    return _BY_CHANCE.sub("", payload if isinstance(payload, str) else str(payload))
