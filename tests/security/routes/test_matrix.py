"""Every route of the description, asked by every kind of caller for every kind of object.

What is expected follows from what the route declares (``api.deps``) and, for what it names in its path, from ``RULES``;
a route that declares nothing, or names something in its path that no rule covers, fails. Callers who may change things
are not let: that they may is shown elsewhere, and here everything must stand as before. ``WENYUAN_TEST_ROUTES``: a
pattern; roles and objects are asked of the operations alone in whose "METHOD path" it is found.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.deps import ACCESS_DECLARATIONS, get_administrator, get_auditor, needed_scopes, public
from eval.routes import get_evaluator
from tests.api.test_routes import routes_of
from tests.security.routes.bodies import body_of, query_of
from tests.security.routes.world import OBJECTS, Caller, World, build
from tests.site import open_site, site_settings
from wenyuan.access import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROLES: Final = {
    get_administrator: {Role.ADMINISTRATOR},
    get_auditor: {Role.ADMINISTRATOR, Role.AUDITOR},
    get_evaluator: {Role.ADMINISTRATOR, Role.EVALUATOR},
}
READS, MANAGES, BOTH, EITHER, REPORTS = "reads", "manages", "both", "either", "reports"
SPACE, MANAGED, CONTRIBUTES = "space", "managed", "contributes"
OWN_JOB, OWN_TALK, NOBODYS = "own job", "own talk", "nobody's"
#: Who may use what a path names, by pattern of "METHOD path"; the first that fits counts.
RULES: Final = (
    (r"(PUT|DELETE) /v1/documents/\{document_id\}/corrections.*", BOTH),
    (r"GET /v1/documents/\{document_id\}/corrections", BOTH),
    (r"(POST|PUT|DELETE) /v1/documents/\{document_id\}.*", MANAGES),
    (r"GET /v1/documents/\{document_id\}/(policy|sections)", MANAGES),
    (r"GET /v1/documents/\{document_id\}.*", READS),
    (r"GET /v1/citations/\{citation_id\}", READS),
    (r"GET /v1/access/explain", EITHER),
    (r"GET /v1/access/readers.*", REPORTS),
    (r"\w+ /v1/conversations/\{conversation_id\}.*", OWN_TALK),
    (r"GET /v1/jobs/\{job_id\}.*", OWN_JOB),
    (r"GET /v1/spaces/\{space\}/terms.*", SPACE),
    (r"\w+ /v1/(folders/\{folder_id\}|sources/\{source_id\}|spaces/\{space\}).*", MANAGED),
    (r"GET /v1/evaluations/\{job_id\}", NOBODYS),
    (r"DELETE /v1/me/(tokens|sessions)/\{\w+\}", NOBODYS),
)
#: Without an object in the path, but with the space of the vault in the body or the query.
ABOUT_THE_VAULT: Final = {
    "POST /v1/documents": CONTRIBUTES,
    "POST /v1/documents/archive": CONTRIBUTES,
    "POST /v1/folders": MANAGED,
    "POST /v1/sources": MANAGED,
    "GET /v1/folders": SPACE,
}
AT_ONCE: Final = 8
ONLY: Final = os.environ.get("WENYUAN_TEST_ROUTES", "")
#: Answers to who has a session, and callers here have tokens.
OF_A_SESSION: Final = {"GET /v1/session"}
READING: Final = {"POST /v1/search", "POST /v1/chat/completions"}
#: Rules about documents: every kind of document is asked for.
OF_DOCUMENTS: Final = {READS, MANAGES, BOTH, EITHER, REPORTS, OWN_JOB}
#: What the sample documents do not have, so that nobody sees it there.
NOTHING_THERE: Final = {"GET /v1/documents/{document_id}/blocks/{ordinal}/image"}


@dataclass(frozen=True)
class Asked:
    """One operation: how it is called and what it declares."""

    method: str
    path: str
    route: APIRoute
    description: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def declared(self) -> set[Any]:
        return set(_declared(self.route.dependant))

    @property
    def changes(self) -> bool:
        return self.method != "GET" and self.name not in READING

    @property
    def rule(self) -> str:
        found = next((rule for pattern, rule in RULES if re.fullmatch(pattern, self.name)), "")
        return found or ABOUT_THE_VAULT.get(self.name, "")

    @property
    def names_an_object(self) -> bool:
        """Whether path or query say which object it is about."""
        return bool(self.rule) and self.name not in ABOUT_THE_VAULT

    def roles(self) -> set[Role]:
        needed = [roles for call, roles in ROLES.items() if call in self.declared]
        return set.intersection(*needed) if needed else set()


def _declared(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        if inner.call in ACCESS_DECLARATIONS or inner.call in ROLES:
            yield inner.call
        yield from _declared(inner)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False)
    async with open_site(settings) as site:
        yield await build(site)


def operations(world: World) -> list[Asked]:
    """Return every operation of the description; raises for one that no route stands behind."""
    app = world.site.app
    described = app.openapi()["paths"]
    routes = {(method, route.path): route for route in routes_of(world.site) for method in route.methods or ()}
    found = [
        Asked(method.upper(), path, routes[method.upper(), path], operation)
        for path, operations in described.items()
        for method, operation in operations.items()
    ]
    hidden = {one for one, route in routes.items() if route.include_in_schema} - {
        (one.method, one.path) for one in found
    }
    assert not hidden
    return found


async def call(world: World, asked: Asked, caller: Caller, thing: str) -> httpx.Response:
    ids = world.ids["vault"] | world.ids["public"] | {"name": "x", "token_id": "tok_x", "space": "vault"}
    ids |= world.ids.get(thing, {})
    if thing == "none":
        ids |= {name: one[:4] + "0" * (len(one) - 4) for name, one in world.ids["vault"].items()}
    path = re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "x"), asked.path)
    components = world.site.app.openapi()["components"]["schemas"]
    query = query_of(asked.description, components)
    if "document" in query:
        query["document"] = ids["document_id"]
    if asked.path.endswith("/diff"):
        query["against"] = ids["version_id"]  # there is no earlier one
    given = body_of(asked.description, components)
    response = await caller.http.request(asked.method, path, params=query, **given)
    seen = response.text + repr(response.headers)
    leaked = [canary for canary in world.hidden(caller) if canary in seen]
    assert not leaked, (caller.kind, asked.name, thing, leaked)
    return response


def expected(world: World, asked: Asked, caller: Caller, thing: str) -> bool:
    """Whether the caller may use the object that the route names, given that they may call the route."""
    rule, document, there = asked.rule, thing in world.rules, thing != "none"
    manages_space = caller.administers or caller.manages
    allowed = {
        READS: world.reads(caller, thing),
        MANAGES: world.manages(caller, thing),
        BOTH: world.manages(caller, thing) and world.reads(caller, thing),
        REPORTS: document and manages_space,
        EITHER: document and (manages_space or world.reads(caller, thing)),
        OWN_JOB: there and (caller.administers or (caller.kind == "contributor" and thing == "own")),
        OWN_TALK: there and caller.kind == "reader",
        SPACE: there and (manages_space or caller.kind in {"reader", "member", "denied"}),
        MANAGED: there and manages_space,
        CONTRIBUTES: manages_space or caller.contributes,
        NOBODYS: False,
        "": True,
    }
    return allowed[rule]


async def test_every_operation_declares_who_may_call_it_and_what_its_path_names(world: World) -> None:
    found = operations(world)
    assert len(found) > 90
    for asked in found:
        assert asked.declared, f"{asked.name} declares no access"
        if public in asked.declared:
            continue
        assert list(needed_scopes(asked.route.dependant)), f"{asked.name} declares no scope of a token"
        covered = asked.rule or "{" not in asked.path or asked.roles()
        assert covered, f"{asked.name}: no rule says who may use what its path names"


async def test_strangers_get_nowhere(world: World) -> None:
    strangers = [caller for caller in world.callers if not caller.signed_in]
    assert len(strangers) >= 6
    for asked in operations(world):
        if public in asked.declared:
            continue
        answers = await asyncio.gather(*(call(world, asked, caller, "public") for caller in strangers))
        assert {answer.status_code for answer in answers} == {401}, (asked.name, answers)
        assert len({_plain(answer) for answer in answers}) == 1, asked.name


async def test_a_token_without_the_scope_gets_nowhere(world: World) -> None:
    found = operations(world)
    needed = [(asked, scope) for asked in found for scope in set(needed_scopes(asked.route.dependant))]
    for start in range(0, len(needed), AT_ONCE):
        some = needed[start : start + AT_ONCE]
        answers = await asyncio.gather(*(call(world, asked, world.lacking[one], "public") for asked, one in some))
        for (asked, scope), response in zip(some, answers, strict=True):
            assert response.status_code == 403, (asked.name, scope, response.text)
            assert asked.path.startswith("/scim") or response.json()["code"] == "auth.scope_missing", asked.name


async def test_roles_and_objects_decide(world: World) -> None:
    before = await _state(world)
    seen: set[str] = set()
    wanted = set()
    callers = [caller for caller in world.callers if caller.signed_in]
    assert len(callers) >= 8
    for asked in operations(world):
        if public in asked.declared or not re.search(ONLY, asked.name):
            continue
        if not asked.changes and asked.rule and asked.name not in NOTHING_THERE and asked.rule != NOBODYS:
            wanted.add(asked.name)
        answered = await asyncio.gather(*(_asks(world, asked, caller) for caller in callers))
        seen |= {asked.name} if any(answered) else set()
    assert await _state(world) == before, "somebody changed something"
    assert not wanted - seen, "shown to nobody: that proves nothing"


async def _asks(world: World, asked: Asked, caller: Caller) -> bool:
    """Have a caller ask for everything; returns whether anything was shown."""
    roles = asked.roles()
    if roles and not caller.roles & roles:
        response = await call(world, asked, caller, "public")
        assert response.status_code == 403, (asked.name, caller.kind, response.text)
        return False
    if not asked.names_an_object:
        return await _objects(world, asked, caller, ("vault",))
    things = OBJECTS if asked.rule in OF_DOCUMENTS else ("vault", "none")
    return await _objects(world, asked, caller, things)


async def _objects(world: World, asked: Asked, caller: Caller, things: tuple[str, ...]) -> bool:
    """Ask for each object; what is refused looks the same as what is not there. Returns whether any was shown."""
    refused: dict[str, str] = {}
    answered = False
    for thing in things:
        allowed = expected(world, asked, caller, thing)
        if allowed and asked.changes:
            continue
        response = await call(world, asked, caller, thing)
        place = (asked.name, caller.kind, thing, response.status_code, response.text[:300])
        if allowed:
            assert response.status_code not in {401, 403} or asked.name in OF_A_SESSION, place
            assert response.status_code < 300 or not asked.rule or asked.name in NOTHING_THERE, place
            answered |= response.status_code < 300
        else:
            reader = asked.rule == MANAGED and "/terms" in asked.path and caller.kind in {"reader", "member", "denied"}
            assert response.status_code == 404 or (reader and response.status_code == 403), place
            if response.status_code == 404:
                refused[thing] = _plain(response)
    assert len(set(refused.values())) <= 1, (asked.name, caller.kind, refused)
    return answered


def _plain(response: httpx.Response) -> str:
    """Return status, headers and body without what names the request and the object asked for."""
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    body = re.sub(r'"request_id":"\w+"', "", response.text)
    return f"{response.status_code} {sorted(headers.items())} {re.sub('vaul[t0]', 'SPACE', body)}"


async def _state(world: World) -> dict[str, Any]:
    """Return what administrators see of everything that routes could have changed."""
    admin, reader = await world.site.administrator(), await world.site.person("reader")
    paths = ["/v1/users", "/v1/groups", "/v1/spaces", "/v1/tokens", "/v1/departments", "/v1/sources"]
    state = {path: (await admin.http.get(path)).json() for path in paths}
    state["documents"] = (await reader.http.get("/v1/documents")).json()
    for thing in world.rules:
        policy = f"/v1/documents/{world.ids[thing]['document_id']}/policy"
        state[policy] = (await admin.http.get(policy)).json()
    for token in state["/v1/tokens"]["items"]:
        token.pop("last_used_at", None)
    return state
