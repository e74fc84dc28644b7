"""Bearer tokens that an issuer signed."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.identity.conftest import AUDIENCE
from tests.oidc import CLIENT, Provider, confused, rsa, unsigned
from tests.site import Site
from wenyuan.access import Role

pytestmark = pytest.mark.asyncio(loop_scope="package")
NOW = int(time.time())


async def me(site: Site, token: str) -> httpx.Response:
    return await (await site.client(token)).get("/v1/me")


def token(issuer: Provider, **claims: Any) -> str:
    """Return a token for the API; None leaves a claim out."""
    said = issuer.claims(AUDIENCE) | {"sub": "s-service", "preferred_username": "service-1"} | claims
    return issuer.issue({name: value for name, value in said.items() if value is not None})


async def test_it_stands_for_its_account_within_the_scopes_of_the_settings(site: Site, issuer: Provider) -> None:
    issuer.be.claims = {}
    answer = await me(site, token(issuer, groups=["robots"]))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["groups"]) == ("service-1", ["robots"])
    client = await site.client(token(issuer))
    assert (await client.get("/v1/me/tokens")).json()["code"] == "auth.scope_missing"
    assert (await client.get("/v1/audit")).json()["code"] == "auth.scope_missing"
    # A statement about groups from before the last one does not bring back what was taken away.
    later = await me(site, token(issuer, groups=[], iat=int(time.time()) + 5))
    assert later.json()["groups"] == []
    assert (await me(site, token(issuer, groups=["robots"]))).json()["groups"] == []
    # Disabled: refused from the next request on.
    admin = await site.administrator()
    await admin.http.patch("/v1/users/service-1", json={"active": False})
    assert (await me(site, token(issuer))).status_code == 401
    await admin.http.patch("/v1/users/service-1", json={"active": True})
    assert (await me(site, token(issuer))).status_code == 200


async def test_tokens_made_with_it_end_with_it(site: Site, issuer: Provider) -> None:
    issuer.be.claims = {}
    admin = await site.administrator()
    await site.person("keeper", Role.ADMINISTRATOR)
    linked = await admin.http.put("/v1/users/keeper/identities/corp", json={"subject": "s-keeper"})
    assert linked.status_code == 204
    client = await site.client(token(issuer, sub="s-keeper", preferred_username=None))
    wanted: dict[str, object] = {"user": "keeper", "scopes": ["read"]}
    for days in (None, 1):
        beyond = await client.post("/v1/tokens", json=wanted | {"expires_in_days": days})
        assert (beyond.status_code, beyond.json()["code"]) == (403, "auth.token_outlives")
    within = await client.post("/v1/tokens", json=wanted | {"expires_in_days": 60 / 86_400})
    assert within.status_code == 201


CASES: dict[str, Callable[[Provider], str]] = {
    "an ID token": lambda issuer: token(issuer, aud=CLIENT),
    "other audience": lambda issuer: token(issuer, aud=["api://other"]),
    "other issuer, same keys": lambda issuer: token(issuer, iss="https://elsewhere.example"),
    "expired": lambda issuer: token(issuer, exp=NOW - 61, iat=NOW - 120),
    "no expiry": lambda issuer: token(issuer, exp=None),
    "not yet": lambda issuer: token(issuer, nbf=int(time.time()) + 1000),
    "no subject": lambda issuer: token(issuer, sub=None),
    "nobody's": lambda issuer: token(issuer, sub="s-stranger", preferred_username=None),
    "none": lambda issuer: unsigned(issuer.claims(AUDIENCE), {"alg": "none", "kid": "key-1"}),
    "HS256 with the public key": lambda issuer: confused(rsa(1), {})(issuer.claims(AUDIENCE)),
    "changed after signing": lambda issuer: token(issuer)[:-8] + "AAAAAAAA",
    "no form": lambda _: "a.b.c",
    "dots": lambda _: "..",
}


@pytest.mark.parametrize("case", CASES)
async def test_hostile_tokens_are_nobody(site: Site, issuer: Provider, case: str) -> None:
    issuer.be.claims = {}
    answer = await me(site, CASES[case](issuer))
    assert answer.status_code == 401
    assert answer.json()["code"] == "auth.unauthenticated"


async def test_each_issuer_vouches_for_its_own(
    site: Site, issuer: Provider, providers: tuple[Provider, Provider]
) -> None:
    issuer.be.claims = {}
    # Signed with the keys of one, in the name of the other.
    forged = token(issuer, iss=providers[1].issuer)
    providers[1].keys = [rsa(4)]
    try:
        assert (await me(site, forged)).status_code == 401
    finally:
        providers[1].keys = [rsa(1)]
