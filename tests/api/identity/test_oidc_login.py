"""Signing in at an OpenID provider, over HTTP, and everything that must not get in that way."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import time_machine
from joserfc.jwk import OctKey, RSAKey

from api.auth.oidc.issuers import Issuers
from tests.api.identity.conftest import Browser, browser
from tests.oidc import CLIENT, Provider, confused, elliptic, rsa, small, unsigned
from tests.site import Site
from wenyuan.access import SubjectKind
from wenyuan.db.access.directory import find_group, read_members

pytestmark = pytest.mark.asyncio(loop_scope="package")
DOOR = "/v1/session/issuers/corp"


@pytest.fixture(autouse=True)
def _known_anew(site: Site) -> None:
    """What was read of the providers before is forgotten, as after a start."""
    auth = site.services.auth
    auth.issuers._providers = Issuers(auth.settings, auth.database)._providers


async def depart(window: Browser, door: str = DOOR) -> str:
    """Go to the provider; return where it sends the browser back to, as path and query."""
    away = await window.http.get(door)
    assert away.status_code == 302, away.text
    async with httpx.AsyncClient() as outside:
        back = await outside.get(away.headers["location"])
    assert back.status_code == 302
    where = urlsplit(back.headers["location"])
    assert (where.scheme, where.netloc) == ("http", "site")
    return f"{where.path}?{where.query}"


async def come_in(window: Browser, back: str) -> str:
    """Come back; return '' or the code of what was wrong. Nobody is signed in after a failure."""
    response = await window.http.get(back)
    assert response.status_code == 303, response.text
    where = urlsplit(response.headers["location"])
    assert not where.netloc
    code = parse_qs(where.query)["signin"][0].removeprefix("ok")
    me = await window.http.get("/v1/me")
    assert me.status_code == (401 if code else 200)
    assert ("wenyuan_session=" in response.headers.get("set-cookie", "")) == (not code)
    return code


async def sign_in(site: Site) -> str:
    window = await browser(site)
    return await come_in(window, await depart(window))


def altered(back: str, **values: str | None) -> str:
    path, _, query = back.partition("?")
    known = {name: one[0] for name, one in parse_qs(query).items()} | values
    return f"{path}?{urlencode({name: value for name, value in known.items() if value is not None})}"


async def test_a_complete_sign_in(site: Site, issuer: Provider) -> None:
    issuer.be.subject, issuer.be.claims = (
        "s-wang",
        {"preferred_username": "wang", "name": "王", "groups": ["sales", "hr"]},
    )
    window = await browser(site)
    assert (await window.http.get("/v1/session/ways")).json() == {
        "passwords": True,
        "issuers": [{"name": "corp", "title": "统一登录"}, {"name": "other", "title": "统一登录"}],
    }
    assert await come_in(window, await depart(window)) == ""
    me = (await window.http.get("/v1/me")).json()
    assert (me["name"], me["groups"], me["roles"]) == ("wang", ["hr", "sales"], [])
    window.csrf = (await window.http.get("/v1/session")).json()["csrf"]
    assert (await window.http.get("/v1/me/sessions")).json()["items"][0]["method"] == "corp"
    # Once more, with another group: the same account, and its groups follow.
    issuer.be.claims = {"preferred_username": "renamed", "groups": ["sales"]}
    with time_machine.travel(time.time() + 2, tick=True):
        again = await browser(site)
        assert await come_in(again, await depart(again)) == ""
        seen = (await window.http.get("/v1/me")).json()
        assert (seen["name"], seen["groups"]) == ("wang", ["sales"])
    assert (await window.send("DELETE", "/v1/session")).status_code == 204
    assert (await window.http.get("/v1/me")).status_code == 401


async def test_groups_set_up_here_are_not_the_issuers_to_give(site: Site, issuer: Provider) -> None:
    await site.group("vault", "li")
    issuer.be.subject, issuer.be.claims = "s-mole", {"preferred_username": "mole", "groups": ["vault", "open"]}
    assert await sign_in(site) == ""
    async with site.services.database.read() as tx:
        assert len(await read_members(tx, await find_group(tx, "vault"))) == 1
        assert [member.kind for member in await read_members(tx, await find_group(tx, "open"))] == [SubjectKind.USER]


async def test_a_name_that_is_taken_is_not_taken_over(site: Site, issuer: Provider) -> None:
    issuer.be.subject, issuer.be.claims = "s-not-li", {"preferred_username": "li"}
    assert await sign_in(site) == "auth.account_unknown"
    admin = await site.administrator()
    linked = await admin.http.put("/v1/users/li/identities/corp", json={"subject": "s-not-li"})
    assert linked.status_code == 204
    assert await sign_in(site) == ""
    assert (await admin.http.delete("/v1/users/li/identities/corp")).status_code == 204
    assert await sign_in(site) == "auth.account_unknown"


async def test_without_creation_strangers_stay_outside(site: Site, issuer: Provider) -> None:
    window = await browser(site)
    door = "/v1/session/issuers/other"
    assert await come_in(window, await depart(window, door)) == "auth.account_unknown"


async def test_a_disabled_account_stays_outside(site: Site, issuer: Provider) -> None:
    issuer.be.subject, issuer.be.claims = "s-zhao", {"preferred_username": "zhao"}
    assert await sign_in(site) == ""
    admin = await site.administrator()
    await admin.http.patch("/v1/users/zhao", json={"active": False})
    assert await sign_in(site) == "auth.account_unknown"


async def test_keys_rotate(site: Site, issuer: Provider) -> None:
    assert await sign_in(site) == ""
    issuer.rotate(2)
    try:
        assert await sign_in(site) == "auth.issuer_refused"  # asked for keys a moment ago
        site.services.auth.issuers._providers["corp"]._keys._tried_at -= 31
        assert await sign_in(site) == ""
    finally:
        issuer.rotate(1)


async def test_what_the_id_token_lacks_userinfo_says_of_the_same_person(site: Site, issuer: Provider) -> None:
    issuer.be.subject, issuer.be.claims = "s-qian", {}
    issuer.be.userinfo = {"preferred_username": "qian", "groups": ["ops"], "roles": ["administrator"]}
    window = await browser(site)
    assert await come_in(window, await depart(window)) == ""
    assert (await window.http.get("/v1/me")).json()["groups"] == ["ops"]
    issuer.be.subject = "s-other"
    issuer.be.userinfo = {"sub": "s-qian", "preferred_username": "qian"}
    assert await sign_in(site) == "auth.issuer_refused"


def claims(**values: Any) -> Callable[[Provider], None]:
    def spoil(server: Provider) -> None:
        server.be.claims |= values

    return spoil


def be(**values: Any) -> Callable[[Provider], None]:
    def spoil(server: Provider) -> None:
        for name, value in values.items():
            setattr(server.be, name, value(server) if callable(value) and name != "sign" else value)

    return spoil


def omit(*names: str) -> Callable[[Provider], None]:
    return be(omitted=frozenset(names))


def sign(signer: Callable[[dict[str, Any]], str]) -> Callable[[Provider], None]:
    def spoil(server: Provider) -> None:
        server.be.sign = signer

    return spoil


def ahead(**seconds: int) -> Callable[[Provider], None]:
    """Claim times that many seconds from when the token is made: the suite takes longer than some of them."""

    def spoil(server: Provider) -> None:
        claims(**{name: int(time.time()) + later for name, later in seconds.items()})(server)

    return spoil


NOW = time.time()
SHARED = OctKey.import_key("0123456789abcdef0123456789abcdef", {"kid": "key-shared"})
TOKENS: dict[str, Callable[[Provider], None]] = {
    "other nonce": claims(nonce="x" * 43),
    "no nonce": omit("nonce"),
    "nonce that is no text": claims(nonce=["x"]),
    "other audience": claims(aud="somebody-else"),
    "no audience": omit("aud"),
    "audience as an object": claims(aud={CLIENT: True}),
    "several audiences, no party": claims(aud=[CLIENT, "somebody-else"]),
    "other party": claims(azp="somebody-else"),
    "other issuer": claims(iss="http://127.0.0.1:1"),
    "issuer with a slash more": lambda server: claims(iss=server.issuer + "/")(server),
    "expired": claims(exp=int(NOW) - 120, iat=int(NOW) - 300),
    "no expiry": omit("exp"),
    "expiry as text": claims(exp="9999999999"),
    "expiry not a number": claims(exp=float("nan")),
    "for ever": claims(exp=int(NOW) + 10**9),
    "not yet": ahead(nbf=1000),
    "issued later": ahead(iat=1000, exp=1100),
    "no time of issue": omit("iat"),
    "no subject": omit("sub"),
    "empty subject": claims(sub=""),
    "subject as a list": claims(sub=["248289761001"]),
    "endless subject": claims(sub="s" * 300),
    "groups as text": claims(groups="hr"),
    "groups as an object": claims(groups={"hr": 1}),
    "groups with a number": claims(groups=["hr", 1]),
    "groups with a line break": claims(groups=["hr\nadmin"]),
    "too many groups": claims(groups=[f"g{number}" for number in range(5001)]),
    "alg none": sign(lambda said: unsigned(said, {"alg": "none", "kid": "key-1"})),
    "alg None": sign(lambda said: unsigned(said, {"alg": "None", "kid": "key-1"})),
    "no alg": sign(lambda said: unsigned(said, {"kid": "key-1"})),
    "HS256 with the public key": sign(confused(rsa(1), {})),
    "RS512, not agreed on": be(header={"alg": "RS512"}),
    "PS256, not agreed on": be(header={"alg": "PS256"}),
    "key of somebody else": be(key=lambda _: RSAKey.generate_key(2048, {"kid": "key-1"}, private=True)),
    "key of another kind": be(key=lambda _: elliptic(), header={"alg": "ES256"}),
    "no kid": be(header={"kid": None}),
    "kid of nobody": be(header={"kid": "../../etc/passwd"}),
    "key in the header": be(header={"kid": None, "jwk": rsa(3).as_dict(private=False)}),
    "critical extension": be(header={"crit": ["b64"], "b64": True}),
    "other type": be(header={"typ": "logout+jwt"}),
    "small key": be(
        key=lambda _: small(), header={"kid": "key-small"}, published=lambda _: [small().as_dict(private=False)]
    ),
    "shared key published": be(key=SHARED, header={"alg": "HS256"}, published=[SHARED.as_dict(private=True)]),
    "key for encryption": be(published=[rsa(1).as_dict(private=False) | {"use": "enc"}]),
    "key for another algorithm": be(published=[rsa(1).as_dict(private=False) | {"alg": "RS512"}]),
    "signature of something else": sign(lambda said: unsigned(said, {"alg": "RS256", "kid": "key-1"}) + "AAAA"),
    "no token": sign(lambda _: ""),
    "two parts": sign(lambda _: "e30.e30"),
    "endless token": sign(lambda _: "A" * 20_000 + ".A.A"),
    "header that is a list": sign(lambda _: "W10.e30.AA"),
}


@pytest.mark.parametrize("case", TOKENS)
async def test_hostile_tokens_are_refused(site: Site, issuer: Provider, case: str) -> None:
    issuer.be.subject, issuer.be.claims = "s-wang", {"preferred_username": "wang", "groups": []}
    TOKENS[case](issuer)
    assert await sign_in(site) == "auth.issuer_refused"


DOCUMENTS: dict[str, dict[str, Any]] = {
    "names another issuer": {"issuer": "https://accounts.example"},
    "token endpoint at another host": {"token_endpoint": "http://127.0.0.1:9/token"},
    "authorisation at another host": {"authorization_endpoint": "http://evil.example/authorize"},
    "keys at another host": {"jwks_uri": "http://169.254.169.254/latest/meta-data"},
    "keys in a file": {"jwks_uri": "file:///etc/passwd"},
    "endpoint without a host": {"token_endpoint": ""},
    "endpoint with a user": {"token_endpoint": "http://user@127.0.0.1/token"},
    "endpoint that is a number": {"token_endpoint": 7},
}


@pytest.mark.parametrize("case", DOCUMENTS)
async def test_hostile_descriptions_lead_nowhere(site: Site, issuer: Provider, case: str) -> None:
    issuer.be.discovery = DOCUMENTS[case]
    response = await (await browser(site)).http.get(DOOR)
    assert response.status_code == 503
    assert response.json()["code"] == "auth.issuer_unavailable"


async def test_a_redirect_of_the_token_endpoint_is_not_followed(
    site: Site, issuer: Provider, providers: tuple[Provider, Provider]
) -> None:
    issuer.be.redirect_token_to = f"{providers[1].issuer}/token"
    before = providers[1].asked_for("/token")
    assert await sign_in(site) == "auth.issuer_unavailable"
    assert providers[1].asked_for("/token") == before


async def test_a_state_is_good_once_for_one_browser_and_one_issuer(site: Site, issuer: Provider) -> None:
    window, other = await browser(site), await browser(site)
    back = await depart(window)
    assert await come_in(other, back) == "auth.issuer_refused"  # somebody else's browser
    assert await come_in(window, back) == ""
    window.http.cookies.delete("wenyuan_session")
    assert await come_in(window, back) == "auth.issuer_refused"  # again
    for spoil in ({"state": None}, {"state": "guessed"}, {"code": None}, {"iss": "http://127.0.0.1:1"}, {"iss": None}):
        fresh = await browser(site)
        assert await come_in(fresh, altered(await depart(fresh), **spoil)) == "auth.issuer_refused", spoil


async def test_an_answer_of_another_issuer_is_not_taken(site: Site, issuer: Provider) -> None:
    window = await browser(site)
    back = await depart(window, "/v1/session/issuers/other")
    assert await come_in(window, back.replace("/other/", "/corp/")) == "auth.issuer_refused"
    window = await browser(site)
    back = await depart(window)
    window_2 = await browser(site)
    theirs = await depart(window_2, "/v1/session/issuers/other")
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    assert await come_in(window, altered(back, code=code)) == "auth.issuer_unavailable"  # the token endpoint refuses


async def test_a_code_is_good_for_its_own_proof(site: Site, issuer: Provider) -> None:
    one, two = await browser(site), await browser(site)
    first, second = await depart(one), await depart(two)
    code = parse_qs(urlsplit(first).query)["code"][0]
    assert await come_in(two, altered(second, code=code)) == "auth.issuer_unavailable"  # another verifier
    assert await come_in(one, first) == ""


async def test_a_sign_in_that_took_too_long_begins_again(site: Site, issuer: Provider) -> None:
    window = await browser(site)
    back = await depart(window)
    with time_machine.travel(time.time() + 601, tick=True):
        assert await come_in(window, back) == "auth.issuer_refused"


async def test_a_flood_of_unknown_keys_asks_the_issuer_once(site: Site, issuer: Provider) -> None:
    assert await sign_in(site) == ""
    before = issuer.asked_for("/jwks")
    for number in range(10):
        issuer.be.header = {"kid": f"key-of-flood-{number}"}
        assert await sign_in(site) == "auth.issuer_refused"
    assert issuer.asked_for("/jwks") - before <= 1
    issuer.be.header = {}
    assert await sign_in(site) == ""


async def test_an_issuer_that_is_not_configured_is_not_there(site: Site) -> None:
    response = await (await browser(site)).http.get("/v1/session/issuers/nobody")
    assert response.status_code == 404
