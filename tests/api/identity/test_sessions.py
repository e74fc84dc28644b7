"""Signing in with a password, what a session may do, and how it ends."""

import statistics
import time

import pytest
import time_machine

from tests.api.identity.conftest import PASSWORD, Browser, browser, give_password
from tests.site import Site
from wenyuan.access import Role

pytestmark = pytest.mark.asyncio(loop_scope="package")
HOUR = 3600


async def fresh(site: Site, name: str, address: str, *roles: Role) -> Browser:
    """Someone who has just signed in."""
    await site.person(name, *roles)
    await give_password(site, name)
    window = await browser(site, address)
    assert (await window.sign_in(name)).status_code == 201
    return window


async def test_a_password_opens_a_session_that_the_page_alone_can_use(site: Site) -> None:
    window = await browser(site)
    response = await window.sign_in("li")
    cookie = response.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=604800"))
    assert response.json()["must_change_password"] is False
    assert (await window.http.get("/v1/me")).json()["name"] == "li"
    shown = (await window.http.get("/v1/session")).json()
    assert shown["csrf"] == window.csrf
    # Without the page's proof nothing is changed, nor with a wrong one, nor from another site.
    made = {"name": "x"}
    assert (await window.http.post("/v1/me/tokens", json=made)).json()["code"] == "auth.cross_site"
    for headers in ({"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": window.csrf, "Sec-Fetch-Site": "cross-site"}):
        assert (await window.http.post("/v1/me/tokens", json=made, headers=headers)).status_code == 403
    assert (await window.send("POST", "/v1/me/tokens", json=made)).status_code == 201
    headers = {"Sec-Fetch-Site": "cross-site"}
    crossed = await window.http.post("/v1/session", json={"name": "li", "password": PASSWORD}, headers=headers)
    assert crossed.status_code == 403


async def test_behind_https_the_cookie_is_bound_to_the_host(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.auth.cookies.is_secure", lambda *_: True)
    response = await (await browser(site)).sign_in("li")
    assert response.headers["set-cookie"].startswith("__Host-wenyuan_session=")
    assert "Secure" in response.headers["set-cookie"]


async def test_what_is_wrong_looks_the_same(site: Site) -> None:
    await site.person("nobody-yet")
    await site.person("gone")
    await give_password(site, "gone")
    admin = await site.administrator()
    assert (await admin.http.patch("/v1/users/gone", json={"active": False})).status_code == 200
    seen = set()
    for number, (name, password) in enumerate(
        [("li", "wrong wrong wrong"), ("who-is-that", PASSWORD), ("nobody-yet", PASSWORD), ("gone", PASSWORD)]
    ):
        response = await (await browser(site, f"10.1.0.{number}")).sign_in(name, password)
        body = response.json()
        body.pop("request_id")
        headers = {key: value for key, value in response.headers.items() if key != "x-request-id"}
        seen.add((response.status_code, str(body), str(headers)))
    assert len(seen) == 1
    assert next(iter(seen))[0] == 401


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(site: Site) -> None:
    took: dict[str, list[float]] = {"li": [], "who": []}
    for round_number in range(12):
        for name, times in took.items():
            window = await browser(site, f"10.2.{round_number}.{len(name)}")
            began = time.perf_counter()
            assert (await window.sign_in(name, "wrong wrong wrong")).status_code == 401
            times.append(time.perf_counter() - began)
    # Each does one check of a hash. The tool for the bar counts many more; here a missing check would halve the time.
    ratio = statistics.median(took["li"]) / statistics.median(took["who"])
    assert 0.6 < ratio < 1.6


async def test_guessing_makes_the_next_attempt_wait_and_shuts_nobody_out(site: Site) -> None:
    await site.person("target")
    await give_password(site, "target")
    stranger = await browser(site, "10.3.0.1")
    answers = [(await stranger.sign_in("target", f"wrong number {number} of many")) for number in range(8)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await stranger.sign_in("target")).status_code == 429  # not even with the right one, for now
    assert (await (await browser(site, "10.3.0.2")).sign_in("target")).status_code == 201
    with time_machine.travel(time.time() + 3, tick=True):
        assert (await stranger.sign_in("target")).status_code == 201


async def test_sessions_end(site: Site) -> None:
    admin = await site.administrator()
    signed_out = await fresh(site, "end-1", "10.4.0.1")
    assert (await signed_out.send("DELETE", "/v1/session")).status_code == 204
    listed = await fresh(site, "end-2", "10.4.0.2")
    other = await browser(site, "10.4.0.3")
    await other.sign_in("end-2")
    sessions = (await listed.http.get("/v1/me/sessions")).json()["items"]
    assert [one["current"] for one in sessions].count(True) == 1
    (theirs,) = [one["id"] for one in sessions if not one["current"]]
    assert (await listed.send("DELETE", f"/v1/me/sessions/{theirs}")).status_code == 204
    disabled = await fresh(site, "end-3", "10.4.0.4")
    await admin.http.patch("/v1/users/end-3", json={"active": False})
    for window in (signed_out, other, disabled):
        assert (await window.http.get("/v1/me")).status_code == 401
    # Coming back, an account does not bring its sessions along.
    await admin.http.patch("/v1/users/end-3", json={"active": True})
    assert (await disabled.http.get("/v1/me")).status_code == 401
    assert (await listed.http.get("/v1/me")).status_code == 200
    # Nobody ends a session of somebody else.
    (mine,) = (await listed.http.get("/v1/me/sessions")).json()["items"]
    stranger = await fresh(site, "end-4", "10.4.0.5")
    assert (await stranger.send("DELETE", f"/v1/me/sessions/{mine['id']}")).status_code == 404
    assert (await admin.http.delete("/v1/users/end-2/sessions")).status_code == 204
    assert (await listed.http.get("/v1/me")).status_code == 401


async def test_sessions_run_out_unused_and_at_last(site: Site) -> None:
    idle, used = await fresh(site, "idle", "10.5.0.1"), await fresh(site, "used", "10.5.0.2")
    start = time.time()
    for hour in range(2, 168, 11):
        with time_machine.travel(start + hour * HOUR, tick=True):
            assert (await used.http.get("/v1/me")).status_code == 200
            await site.services.auth.usage.store()
            assert hour < 12 or (await idle.http.get("/v1/me")).status_code == 401
    # An hour after it was last used: what ends it is its age, for a browser too that does not let go of the cookie.
    kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in used.http.cookies.items())}
    for second, status in ((-60, 200), (1, 401)):
        with time_machine.travel(start + 168 * HOUR + second, tick=True):
            used.http.cookies.clear()
            assert (await used.http.get("/v1/me", headers=kept)).status_code == status


async def test_a_password_is_changed_by_who_knows_the_old_one(site: Site) -> None:
    here, there = await fresh(site, "changer", "10.6.0.1"), await browser(site, "10.6.0.2")
    await there.sign_in("changer")
    new = "an entirely different phrase"

    async def change(old: str, chosen: str) -> str:
        response = await here.send("PUT", "/v1/me/password", json={"old": old, "new": chosen})
        return "" if response.status_code == 204 else str(response.json()["code"])

    assert await change("not the old one at all", new) == "auth.sign_in_refused"
    assert await change(PASSWORD, "short") == "password.too_short"
    assert await change(PASSWORD, "changer-123456-changer") == "password.too_common"
    assert await change(PASSWORD, "x1y2z3" * 100) == "password.too_long"
    assert await change(PASSWORD, new) == ""
    assert (await here.http.get("/v1/me")).status_code == 200
    assert (await there.http.get("/v1/me")).status_code == 401
    assert (await there.sign_in("changer")).status_code == 401
    assert (await there.sign_in("changer", new)).status_code == 201


async def test_a_demanded_change_comes_before_everything_else(site: Site) -> None:
    await site.person("newcomer")
    await give_password(site, "newcomer", must_change=True)
    window = await browser(site, "10.7.0.1")
    assert (await window.sign_in("newcomer")).json()["must_change_password"] is True
    for method, path in (
        ("GET", "/v1/me"),
        ("GET", "/v1/me/tokens"),
        ("POST", "/v1/me/tokens"),
        ("GET", "/v1/documents"),
    ):
        response = await window.send(method, path, json={} if method == "POST" else None)
        assert response.json()["code"] == "auth.password_change_required", path
    body = {"old": PASSWORD, "new": "a phrase of my very own"}
    assert (await window.send("PUT", "/v1/me/password", json=body)).status_code == 204
    assert (await window.http.get("/v1/me")).status_code == 200
    admin = await site.administrator()
    assert (await admin.http.put("/v1/users/newcomer/password", json={})).status_code == 204
    assert (await window.http.get("/v1/me")).json()["code"] == "auth.password_change_required"


async def test_service_accounts_have_no_password(site: Site) -> None:
    admin = await site.administrator()
    assert (await admin.http.post("/v1/users", json={"name": "crawler", "kind": "service"})).status_code == 201
    response = await admin.http.put("/v1/users/crawler/password", json={"password": PASSWORD})
    assert response.status_code == 422
    assert (await admin.http.get("/v1/users/crawler/sign-in")).json()["kind"] == "service"


async def test_an_account_outside_its_time_does_not_sign_in(site: Site) -> None:
    import sqlalchemy as sa

    from wenyuan.db import tables as t

    window = await fresh(site, "temp", "10.8.0.1")
    for values in (
        {"employment": "suspended"},
        {"employment": "left"},
        {"valid_until": time.time() - 1},
        {"valid_from": time.time() + 60},
    ):
        async with site.services.database.write() as tx:
            await tx.execute(sa.update(t.users).where(t.users.c.name == "temp").values(**values))
        person = await site.person("temp")
        assert (await window.http.get("/v1/me")).status_code == 401, values
        assert (await person.http.get("/v1/me")).status_code == 401, values
        assert (await (await browser(site, "10.8.0.2")).sign_in("temp")).status_code == 401
        restored = {"employment": "staff", "valid_until": None, "valid_from": None}
        async with site.services.database.write() as tx:
            await tx.execute(sa.update(t.users).where(t.users.c.name == "temp").values(**restored))
    assert (await window.http.get("/v1/me")).status_code == 200
