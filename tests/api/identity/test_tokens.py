"""Tokens and what they are good for; acting as others."""

import asyncio
import time
from urllib.parse import quote

import httpx
import pytest
import time_machine

from api.deps import needed_scopes, public
from tests.api.identity.conftest import browser
from tests.api.test_routes import routes_of
from tests.site import Site
from wenyuan.access import Role
from wenyuan.db.access.tokens import ALL_SCOPES, TokenScope
from wenyuan.db.audit.store import Wanted
from wenyuan.jobs.queue import NewJob

pytestmark = pytest.mark.asyncio(loop_scope="package")
READS = {("POST", "/v1/search"), ("POST", "/v1/chat/completions")}


async def token(site: Site, user: str, *scopes: str, days: float = 0.5) -> httpx.AsyncClient:
    """A client with a token of those scopes."""
    admin = await site.administrator()
    body = {"user": user, "scopes": list(scopes), "expires_in_days": days}
    response = await admin.http.post("/v1/tokens", json=body)
    assert response.status_code == 201, response.text
    return await site.client(response.json()["token"])


async def test_every_route_needs_a_scope_and_the_description_says_which(site: Site) -> None:
    described = site.app.openapi()["paths"]
    for route in routes_of(site):
        scopes = set(needed_scopes(route.dependant))
        is_public = any(inner.call is public for inner in route.dependant.dependencies)
        assert bool(scopes) != is_public, route.path
        if not route.include_in_schema:
            continue
        for method in route.methods or ():
            declared = described[route.path][method.lower()].get("security", [])
            assert {name for one in declared for name in one} == (
                set() if is_public else {"HTTPBearer", "APIKeyCookie"}
            )
            assert {scope for one in declared for names in one.values() for scope in names} == scopes
            # Who may only read changes nothing.
            changes = method not in {"GET", "HEAD"} and (method, route.path) not in READS
            assert not (changes and scopes == {TokenScope.READ}), (method, route.path)


async def test_a_token_without_the_scope_is_refused_on_every_route(site: Site) -> None:
    tokens = {scope: await token(site, "admin", scope) for scope in ALL_SCOPES}

    async def refused(method: str, path: str, lacking: TokenScope) -> None:
        response = await tokens[lacking].request(method, path, json={} if method != "GET" else None)
        if response.status_code == 422:
            return  # what is in the address was looked at first
        assert response.status_code == 403, (method, path, response.text)
        assert "scope_missing" in response.text, (method, path, response.text)

    # Many at a time: each waits for the disk, which the audit writes them to together.
    async with asyncio.TaskGroup() as together:
        for route in routes_of(site):
            needed = set(needed_scopes(route.dependant))
            if not needed:
                continue
            path = route.path
            for name in ("document_id", "job_id", "citation_id", "token_id", "name", "source_id"):
                path = path.replace("{" + name + "}", "x")
            lacking = next(scope for scope in sorted(ALL_SCOPES) if scope not in needed)
            for method in route.methods or ():
                together.create_task(refused(method, path, lacking))


async def test_scopes_take_away_and_never_give(site: Site) -> None:
    reader = await token(site, "li", "ask", "read")
    assert (await reader.get("/v1/me")).status_code == 200
    assert (await reader.get("/v1/me/tokens")).json()["code"] == "auth.scope_missing"
    manager = await token(site, "li", "manage", "read")
    assert (await manager.get("/v1/users")).json()["code"] == "auth.forbidden"  # li is no administrator
    own = await token(site, "li", "account", "read")
    beyond = await own.post("/v1/me/tokens", json={"scopes": ["read", "ask"]})
    assert beyond.json()["code"] == "auth.scope_missing"
    limited = await token(site, "boss", "manage")
    assert (await limited.post("/v1/tokens", json={"user": "boss"})).status_code == 403
    assert (await limited.post("/v1/tokens", json={"user": "boss", "scopes": ["audit"]})).status_code == 403
    same = {"user": "boss", "scopes": ["manage"], "expires_in_days": 0.4}
    assert (await limited.post("/v1/tokens", json=same)).status_code == 201
    assert (await limited.put("/v1/users/li/password", json={"password": "x" * 20})).status_code == 403
    assert (
        await (await site.administrator()).http.post("/v1/tokens", json={"user": "li", "scopes": []})
    ).status_code == 422


async def test_ones_own_tokens(site: Site) -> None:
    window = await browser(site, "10.9.0.1")
    assert (await window.sign_in("li")).status_code == 201
    made = (await window.send("POST", "/v1/me/tokens", json={"name": "laptop"})).json()
    client = await site.client(made["token"])
    assert (await client.get("/v1/me")).status_code == 200
    await site.services.auth.usage.store()
    listed = (await window.http.get("/v1/me/tokens")).json()["items"]
    (mine,) = [one for one in listed if one["id"] == made["id"]]
    assert made["token"] not in str(listed)
    assert made["token"].startswith(mine["prefix"])
    assert mine["scopes"] == ["ask", "read"]
    assert made["expires_in_days"] == 90  # a session is no token: what it makes may outlive it
    assert 89 < (mine["expires_at"] - mine["created_at"]) / 86_400 < 91
    assert abs(mine["last_used_at"] - time.time()) < 60
    han = await site.person("boss")
    assert (await han.http.delete(f"/v1/me/tokens/{made['id']}")).status_code == 404
    assert (await window.send("DELETE", f"/v1/me/tokens/{made['id']}")).status_code == 204
    assert (await client.get("/v1/me")).status_code == 401


async def test_a_token_made_by_a_token_ends_with_it_at_the_latest(site: Site) -> None:
    short = await token(site, "li", "account", "read", days=0.8)
    beyond = await short.post("/v1/me/tokens", json={"scopes": ["read"], "expires_in_days": 0.81})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "auth.token_outlives")
    assert "0.79" in beyond.json()["detail"]
    made = await short.post("/v1/me/tokens", json={"scopes": ["read"], "expires_in_days": 0.7})
    assert made.status_code == 201
    client = await site.client(made.json()["token"])
    assert (await client.get("/v1/me")).status_code == 200
    with time_machine.travel(time.time() + 0.7 * 86_400 + 1, tick=True):
        assert (await client.get("/v1/me")).status_code == 401


async def test_an_administrators_short_token_makes_none_that_lasts(site: Site) -> None:
    short = await token(site, "boss", "manage", days=0.5)
    for days in (None, 90, 0.51):
        beyond = {"user": "boss", "scopes": ["manage"], "expires_in_days": days}
        refused = await short.post("/v1/tokens", json=beyond)
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.token_outlives")
    within = {"user": "boss", "scopes": ["manage"], "expires_in_days": 0.4}
    assert (await short.post("/v1/tokens", json=within)).status_code == 201
    # Who asks for nothing is given what there is, and told.
    made = (await short.post("/v1/tokens", json={"user": "boss", "scopes": ["manage"]})).json()
    assert 0.49 < made["expires_in_days"] < 0.5
    with time_machine.travel(time.time() + 0.5 * 86_400 + 1, tick=True):
        assert (await (await site.client(made["token"])).get("/v1/me/tokens")).status_code == 401


async def test_tokens_of_others_are_made_by_those_alone_who_may_set_passwords(site: Site) -> None:
    """A token of another reads what the other may: one for managing and reading makes none, nor who acts as another."""
    narrow, wide = await token(site, "boss", "manage", "read"), await token(site, "boss", "manage", "read", "account")
    wanted = {"user": "li", "scopes": ["read"], "expires_in_days": 0.1}
    assert (await narrow.post("/v1/tokens", json=wanted)).json()["code"] == "auth.scope_missing"
    assert (await wide.post("/v1/tokens", json=wanted)).status_code == 201
    for name in ("deputy", "chief"):
        await site.person(name, Role.ADMINISTRATOR, Role.DELEGATE)
    acting = await token(site, "deputy", "manage", "read", "account", "act_as")
    for name in ("chief", "li"):
        refused = await acting.post("/v1/tokens", json=wanted | {"user": name}, headers={"X-Act-As": "chief"})
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.scope_missing")


async def test_the_stream_of_a_job_ends_with_what_it_was_asked_with(site: Site) -> None:
    """A stream may run for hours: neither a token that was revoked nor a role that was taken sees on."""
    admin = (await site.administrator()).http
    await site.person("keeper-of-jobs", Role.ADMINISTRATOR)
    own = await token(site, "keeper-of-jobs", "read")
    made = await admin.post("/v1/tokens", json={"user": "keeper-of-jobs", "scopes": ["read"], "expires_in_days": 0.1})
    brief = await site.client(made.json()["token"])
    async with site.services.database.write() as tx:
        job = await site.services.queue.enqueue(tx, NewJob("nobody.does", {}))
    streams = [asyncio.create_task(client.get(f"/v1/jobs/{job}/events", timeout=60)) for client in (brief, own)]
    await asyncio.sleep(0.5)
    assert not any(stream.done() for stream in streams)
    # Nobody does the job: neither would end by itself.
    assert (await admin.delete(f"/v1/tokens/{made.json()['id']}")).status_code == 204
    assert (await asyncio.wait_for(streams[0], 30)).text.count('"state":"queued"') == 1
    assert not streams[1].done()
    assert (await admin.patch("/v1/users/keeper-of-jobs", json={"roles": []})).status_code == 200
    assert (await asyncio.wait_for(streams[1], 30)).text.count('"state":"queued"') == 1


async def test_acting_as_another_is_theirs_alone_and_said(site: Site) -> None:
    bot = await token(site, "bot", "read", "act_as", "account")
    as_li = {"X-Act-As": "li"}
    answer = await bot.get("/v1/me", headers=as_li)
    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == "li"
    assert answer.headers["x-acting-as"] == "li"
    assert "x-acting-as" not in (await bot.get("/v1/me")).headers
    # Never more than either of the two: no role of the other's, no password or token of theirs.
    assert (await bot.get("/v1/me", headers={"X-Act-As": "boss"})).json()["roles"] == []
    assert (await bot.get("/v1/me/tokens", headers=as_li)).json()["code"] == "auth.scope_missing"
    me = (await bot.get("/v1/me")).json()["user_id"]
    entries = await site.services.audit.find(Wanted(actor=me), None, 50)
    li = (await (await site.person("li")).http.get("/v1/me")).json()["user_id"]
    assert [entry.behalf for entry in entries if entry.target == "act-as GET"].count(li) == 2


async def test_who_acts_for_another_reads_what_the_other_may_and_nothing_of_their_own(site: Site) -> None:
    """What is kept of the caller from requests before is not what the other may read, nor the other way round."""
    await site.person("porter", Role.DELEGATE)
    await site.space("robots", [{"kind": "user", "name": "porter"}])
    await site.space("letters", [{"kind": "user", "name": "li"}])
    theirs = {
        "porter": await site.publish("robot.md", "# 机器人\n\n机器人的维护口令是 R-17。\n", "robots"),
        "li": await site.publish("letter.md", "# 信件\n\n李的信件存放在三号柜。\n", "letters"),
    }
    porter = await token(site, "porter", "read", "act_as")
    people = {"porter": porter, "li": (await site.person("li")).http}
    for _ in range(2):  # what they may read is worked out, and then kept
        for name, client in people.items():
            for owner, document in theirs.items():
                status = (await client.get(f"/v1/documents/{document}")).status_code
                assert status == (200 if owner == name else 404)
    for _ in range(2):
        as_li = {
            owner: await porter.get(f"/v1/documents/{one}", headers={"X-Act-As": "li"}) for owner, one in theirs.items()
        }
        assert {owner: answer.status_code for owner, answer in as_li.items()} == {"porter": 404, "li": 200}
        assert (await porter.get(f"/v1/documents/{theirs['porter']}")).status_code == 200


async def test_acting_is_refused_alike_without_saying_who_there_is(site: Site) -> None:
    bot, li = await token(site, "bot", "read", "act_as"), await site.person("li")
    narrow = await token(site, "bot", "read")
    seen = set()
    for client, name in ((bot, "who-is-that"), (bot, "bot"), (li.http, "boss"), (narrow, "li"), (bot, quote("没有"))):
        response = await client.get("/v1/me", headers={"X-Act-As": name})
        seen.add((response.status_code, response.json()["code"], response.json()["detail"]))
    assert len(seen) == 1
    assert next(iter(seen))[:2] == (403, "auth.act_as_refused")


async def test_acting_is_off_by_default(site: Site) -> None:
    from wenyuan.people.settings import IdentitySettings

    assert IdentitySettings().act_as is False


async def test_a_budget_of_a_token_and_of_answers_at_a_time(site: Site) -> None:
    asker = await token(site, "li", "ask")
    body = {"messages": [{"role": "user", "content": "年假有几天？"}]}
    answers = [await asker.post("/v1/chat/completions", json=body) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert answers[-1].json()["code"] == "budget.day"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 86_400
    admin = await site.administrator()
    spent = (await admin.http.get("/v1/users/li/sign-in")).json()
    assert spent["requests_today"] >= 4
    assert 0 < spent["tokens_today"] < 4 * 20_000
