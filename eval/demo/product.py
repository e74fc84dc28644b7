"""The product in this process, spoken to over HTTP only, with one client for each person's own token."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from api.app import create_app
from api.bootstrap import open_database
from api.cli.client import Client
from eval.demo.company import Company, Item, Policy, Space, Subject, User, level
from wenyuan.access import Role
from wenyuan.db.access.directory import create_user, find_user, has_administrator
from wenyuan.db.access.tokens import issue_token
from wenyuan.db.migrate import upgrade
from wenyuan.settings import Settings

TOKEN_DAYS: Final = 7.0
_ADDRESS: Final = "http://wenyuan"
_TIMEOUT_S: Final = 300.0

#: Told (document, job as the API shows it).
JobTold = Callable[[Item, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Product:
    """The running product of one company: its ASGI application, clients and tokens by user id, document ids by file.

    ``failed`` has the files that did not become searchable, with the sentence that says why.
    """

    app: Any
    company: Company
    settings: Settings
    clients: dict[str, httpx.AsyncClient]
    tokens: dict[str, str]
    documents: dict[str, str]
    failed: dict[str, str]

    def readable(self, user: User) -> frozenset[str]:
        """Return the ids of the documents the user may read, by the company's own directory."""
        return frozenset(
            self.documents[item.file]
            for item in self.company.documents
            if item.file in self.documents and self.company.may_read(user, item)
        )

    def file_of(self, document_id: str) -> str:
        """Return the file behind a document id ('?' for one that is not of the demo)."""
        return next((file for file, known in self.documents.items() if known == document_id), "?")


@contextlib.asynccontextmanager
async def open_product(company: Company, settings: Settings, told: JobTold) -> AsyncIterator[Product]:
    """Start the application on ``settings.data_dir``, make the directory and documents unless they are there."""
    fresh, admin, secret = await _administrator(company, settings)
    app = create_app(settings)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))

        async def client(user: User, token: str) -> httpx.AsyncClient:
            headers = {"Authorization": f"Bearer {token}", "Accept-Language": user.language}
            transport = httpx.ASGITransport(app)
            return await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url=_ADDRESS, headers=headers, timeout=_TIMEOUT_S)
            )

        clients = {admin.id: await client(admin, secret)}
        tokens = {admin.id: secret}
        office = Client(clients[admin.id])
        if fresh:
            await _make_directory(company, office, admin)
        for user in company.users:
            if user.id not in clients:
                body = {"user": user.id, "name": "demo"}  # for as long as the administrator's
                tokens[user.id] = (await office.call("POST", "/v1/tokens", json=body))["token"]
                clients[user.id] = await client(user, tokens[user.id])
        failed: dict[str, str] = {}
        documents = await (_ingest(company, office, told, failed) if fresh else _known(company, clients, failed))
        yield Product(app, company, settings, clients, tokens, documents, failed)


async def _administrator(company: Company, settings: Settings) -> tuple[bool, User, str]:
    """Return whether the data folder is new, the administrator, and a token of theirs, as ``wenyuan init`` does."""
    admin = next(user for user in company.users if Role.ADMINISTRATOR in user.roles)
    database = open_database(settings)
    try:
        await upgrade(database)
        async with database.write() as tx:
            fresh = not await has_administrator(tx)
            if fresh:
                roles = frozenset(Role(role) for role in admin.roles)
                account = await create_user(tx, admin.id, admin.name, roles, level(admin.clearance))
            else:
                account = await find_user(tx, admin.id)
            _, secret = await issue_token(tx, account.id, "demo", TOKEN_DAYS)
            return fresh, admin, secret
    finally:
        await database.close()


async def _make_directory(company: Company, office: Client, admin: User) -> None:
    """Create users, groups with their members, and spaces."""
    for user in company.users:
        if user.id != admin.id:
            body = {
                "name": user.id,
                "display_name": user.name,
                "roles": list(user.roles),
                "clearance": int(level(user.clearance)),
            }
            await office.call("POST", "/v1/users", json=body)
    for group in company.groups:
        await office.call("POST", "/v1/groups", json={"name": group.id})
    for group in company.groups:
        members = [{"kind": "user", "name": name} for name in group.members.users]
        members += [{"kind": "group", "name": name} for name in group.members.groups]
        await office.call("PUT", f"/v1/groups/{group.id}/members", json={"members": members})
    for space in company.spaces:
        await office.call("POST", "/v1/spaces", json=_space_body(space))


async def _ingest(company: Company, office: Client, told: JobTold, failed: dict[str, str]) -> dict[str, str]:
    """Upload every file with its policy, follow the jobs, and return document ids by file."""
    acknowledged = []
    for item in company.documents:
        fields = {"space": item.space, "title": item.title, "policy": _policy_text(item.policy)}
        path: Path = company.folder / "corpus" / item.file
        acknowledged.append((item, await office.upload("/v1/documents", path, fields)))
    documents = {}
    for item, body in acknowledged:
        documents[item.file] = str(body["document_id"])
        job = await office.wait(body["job_id"], partial(told, item))
        if job["state"] != "done":
            failed[item.file] = (job["error"] or {}).get("message", "")
    return documents


async def _known(company: Company, clients: dict[str, httpx.AsyncClient], failed: dict[str, str]) -> dict[str, str]:
    """Return document ids by file in a data folder of an earlier run: titles are asked of those who may read them."""
    titles: dict[str, str] = {}
    published: set[str] = set()
    for client in clients.values():
        page = await Client(client).call("GET", "/v1/documents", params={"limit": 200})
        titles |= {item["title"]: item["id"] for item in page["items"]}
        published.update(item["title"] for item in page["items"] if item["state"] == "published")
    missing = [item.file for item in company.documents if item.title not in published]
    failed |= dict.fromkeys(missing, "not published in the workspace / 工作区中没有发布")
    return {item.file: titles[item.title] for item in company.documents if item.title in titles}


def _space_body(space: Space) -> dict[str, Any]:
    return {
        "name": space.id,
        "title": space.name,
        "readers": _subjects(space.readers),
        "managers": _subjects(space.managers),
    }


def _policy_text(policy: Policy) -> str:
    body = {
        "allow": _subjects(policy.allow),
        "deny": _subjects(policy.deny),
        "classification": int(level(policy.classification)),
    }
    return json.dumps(body)


def _subjects(subjects: tuple[Subject, ...]) -> list[dict[str, str]]:
    return [subject.model_dump() for subject in subjects]
