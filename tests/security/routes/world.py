"""Who asks and what for: callers of every kind, objects of every kind, and who may read or manage what."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx
from reportlab.pdfgen import canvas

from tests.oracle.policies import Person as Reader
from tests.oracle.policies import Rule, may_read
from tests.oracle.policies import World as Oracle
from tests.site import EVERYONE, Site, group, user
from wenyuan.access import Role
from wenyuan.db.access.directory import update_user
from wenyuan.db.access.tokens import TokenScope, issue_token

ANY: Final = (None, None)
OBJECTS: Final = ("own", "secret", "public", "deleted", "none")


@dataclass(frozen=True)
class Caller:
    """Who asks. ``signed_in``: whether the server may know them at all; ``lacks``: a scope that their token lacks."""

    kind: str
    http: httpx.AsyncClient
    roles: frozenset[Role] = frozenset()
    signed_in: bool = True
    lacks: TokenScope | None = None
    manages: bool = False
    contributes: bool = False

    @property
    def administers(self) -> bool:
        """Whether actions on everything are theirs, whatever they may read."""
        return Role.ADMINISTRATOR in self.roles


@dataclass
class World:
    """The site with callers and objects. ``ids``: by object, then by the name that routes call a parameter."""

    site: Site
    callers: list[Caller] = field(default_factory=list)
    lacking: dict[TokenScope, Caller] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    canaries: dict[str, str] = field(default_factory=dict)
    oracle: Oracle = field(default_factory=Oracle)
    rules: dict[str, int] = field(default_factory=dict)

    def reads(self, caller: Caller, thing: str) -> bool:
        """Whether the oracle lets the caller read a document."""
        if not caller.signed_in or thing not in self.rules:
            return False
        return may_read(self.oracle, caller.kind, self.rules[thing], 0.0)

    def manages(self, caller: Caller, thing: str) -> bool:
        """Whether the caller manages a document: a manager of its space, its owner, or an administrator."""
        if thing not in self.rules or not caller.signed_in:
            return False
        return caller.administers or caller.manages or (caller.contributes and thing == "own")

    def hidden(self, caller: Caller) -> list[str]:
        """Return the canaries of what the caller may not read."""
        return [canary for thing, canary in self.canaries.items() if not self.reads(caller, thing)]


async def build(site: Site) -> World:
    """Make the callers and the objects."""
    world = World(site)
    admin = await site.administrator()
    await _people(world)
    readers = {"allow": [user("reader"), group("outer")], "deny": [user("denied")]}
    await site.space("vault", [user("reader"), group("outer")], contributors=[user("contributor")])
    contributors, managers = [user("contributor")], [user("manager")]
    body = {"name": "vault", "contributors": contributors, "managers": managers, "readers": readers["allow"]}
    response = await admin.http.put("/v1/spaces/vault", json={key: body[key] for key in body if key != "name"})
    assert response.status_code == 200, response.text
    allow, deny = [("allow", "user", "reader", ANY), ("allow", "group", "outer", ANY)], ("deny", "user", "denied", ANY)
    own = {"allow": [*readers["allow"], user("contributor")], "deny": readers["deny"]}
    await _document(world, "own", own, [*allow, ("allow", "user", "contributor", ANY), deny], owner="contributor")
    await _document(world, "secret", readers, [*allow, deny])
    await _document(world, "public", {"allow": [EVERYONE]}, [("allow", "everyone", "", ANY)])
    await _document(world, "deleted", {"allow": [EVERYONE]}, [])
    gone = world.ids["deleted"]["document_id"]
    assert (await admin.http.delete(f"/v1/documents/{gone}")).status_code == 204
    del world.rules["deleted"]
    public = world.ids["public"]
    world.ids["none"] = {name: re.sub(r"\w(?=\w)", "0", one) for name, one in public.items()}  # numbers stay
    folder = await admin.http.post("/v1/folders", json={"space": "vault", "name": "文件夹"})
    source = await admin.http.post("/v1/sources", json={"space": "vault", "name": "门", "kind": "push", "config": {}})
    talk = await (await site.person("reader")).http.post("/v1/conversations", json={"title": "对话"})
    assert (folder.status_code, source.status_code, talk.status_code) == (201, 201, 201), source.text
    world.ids["vault"] = {
        "folder_id": folder.json()["id"],
        "source_id": source.json()["id"],
        "conversation_id": talk.json()["id"],
        "space": "vault",
    }
    return world


async def _document(
    world: World, thing: str, policy: dict[str, Any], entries: Sequence[Any], owner: str = "admin"
) -> None:
    site, canary = world.site, f"CANARY{thing.upper()}7Q3"
    person = await site.person(owner)
    admin = await site.administrator()
    response = await person.upload(f"{canary}.pdf", _paper(canary), "vault", title=f"{canary} 标题")
    assert response.status_code == 202, response.text
    taken = response.json()
    assert (await site.finished(taken["job_id"]))["state"] == "done"
    document = taken["document_id"]
    put = await admin.http.put(f"/v1/documents/{document}/policy", json={"classification": 0, **policy})
    assert put.status_code == 200, put.text
    reader = await site.person("reader")
    found = await reader.ask(f"What is the acceptance code of project {canary}?")
    cited = [one["id"] for one in found["citations"] if one["document_id"] == document]
    world.ids[thing] = {
        "document_id": document,
        "version_id": taken["version_id"],
        "job_id": taken["job_id"],
        "citation_id": cited[0],
        "number": "1",
        "ordinal": "0",
        "correction_id": "cor_1",
    }
    world.canaries[thing] = canary
    world.rules[thing] = len(world.oracle.rules)
    world.oracle.rules.append(Rule(entries=list(entries)))


def _paper(canary: str) -> bytes:
    """Return a page with text: page images are made of those alone that have pages."""
    paper = io.BytesIO()
    page = canvas.Canvas(paper)
    page.setTitle(canary)
    for line in range(3):
        page.drawString(72, 700 - 20 * line, f"The acceptance code of project {canary} is {canary}, part {line}.")
    page.save()
    return paper.getvalue()


async def _people(world: World) -> None:
    site = world.site
    callers = [
        Caller("reader", (await site.person("reader")).http),
        Caller("other", (await site.person("other")).http),
        Caller("member", (await site.person("member")).http),
        Caller("denied", (await site.person("denied")).http),
        Caller("contributor", (await site.person("contributor")).http, contributes=True),
        Caller("manager", (await site.person("manager")).http, manages=True),
    ]
    for role in (Role.ADMINISTRATOR, Role.EVALUATOR, Role.AUDITOR):
        name = "admin" if role is Role.ADMINISTRATOR else role.value
        person = await (site.administrator() if name == "admin" else site.person(name, role))
        callers.append(Caller(name, person.http, frozenset({role})))
    for one in callers:
        world.oracle.people[one.kind] = Reader(clearance=3 if one.administers else 1)
    callers += await _strangers(site)
    world.callers = callers
    for scope in TokenScope:
        http = await _token(site, "admin", [one for one in TokenScope if one is not scope])
        world.lacking[scope] = replace(callers[6], kind=f"admin without {scope}", http=http, lacks=scope)
    admin = await site.administrator()
    await site.group("inner", "member", "denied")
    await site.group("outer")
    inner = {"members": [group("inner")]}
    assert (await admin.http.put("/v1/groups/outer/members", json=inner)).status_code == 200
    world.oracle.groups = {"outer": {("group", "inner")}, "inner": {("user", "member"), ("user", "denied")}}


async def _strangers(site: Site) -> list[Caller]:
    """Return those whom the server must not know, each by another way; all would be allowed otherwise."""
    found = [Caller("anonymous", await site.client(None), signed_in=False)]
    found.append(Caller("unknown token", await site.client("wy_" + "0" * 43), signed_in=False))
    for kind, change in (
        ("disabled", {"active": False}),
        ("left", {"employment": "left"}),
        ("account expired", {"valid": {"not_before": None, "not_after": 1_000_000}}),
        ("account to come", {"valid": {"not_before": 4_000_000_000, "not_after": None}}),
    ):
        name = kind.replace(" ", "-")
        person = await site.person(name, Role.ADMINISTRATOR)
        admin = await site.administrator()
        assert (await admin.http.patch(f"/v1/users/{name}", json=change)).status_code == 200
        found.append(Caller(kind, person.http, frozenset({Role.ADMINISTRATOR}), signed_in=False))
    found.append(Caller("expired token", await _token(site, "admin", None, days=-1), signed_in=False))
    return found


async def _token(
    site: Site, name: str, scopes: Sequence[TokenScope] | None, days: float | None = 1
) -> httpx.AsyncClient:
    async with site.services.database.write() as tx:
        owner = (await update_user(tx, name)).id
        _, secret = await issue_token(tx, owner, "test", days, scopes)
    return await site.client(secret)
