"""One OpenID provider: where its endpoints are, its keys, and the exchange of a code for an ID token."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from pydantic import SecretStr

from api.auth.errors import IssuerRefused, IssuerUnavailable
from api.auth.oidc.documents import client_for, fetch_json, text_of
from api.auth.oidc.keys import KeySource
from api.auth.oidc.tokens import Expected, verify
from wenyuan.outbound import Guard
from wenyuan.people.settings import IssuerSettings

if TYPE_CHECKING:
    import httpx

#: What the provider says about itself is read anew after this time.
FRESH_S: Final = 3600.0
#: After a failure it is not asked again for this time.
PAUSE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where things are at the provider. ``names_itself``: its answers to the browser say who they come from."""

    authorize: str
    token: str
    keys: str
    userinfo: str
    posts_secret: bool
    names_itself: bool


class Provider:
    """Speaks with one issuer. Nothing is fetched before it is needed."""

    def __init__(self, settings: IssuerSettings, secret: SecretStr | None) -> None:
        self.settings = settings
        self._secret = secret
        self._client: httpx.AsyncClient | None = None
        self._lock = asyncio.Lock()
        self._endpoints: Endpoints | None = None
        self._read_at = 0.0
        self._failed_at = -PAUSE_S
        self._keys = KeySource(self._fetch_keys)

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await self._client.aclose()

    async def authorization_url(self, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Return where to send the browser; raises ``IssuerUnavailable``."""
        endpoints = await self._known()
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoints.authorize}{'&' if '?' in endpoints.authorize else '?'}{urlencode(query)}"

    async def check_origin(self, issuer: str | None) -> None:
        """Raise ``IssuerRefused`` when the browser brings the answer of another issuer (RFC 9207)."""
        if issuer is None and not (await self._known()).names_itself:
            return
        if issuer != self.settings.issuer:
            raise IssuerRefused(reason="iss")

    async def claims(self, code: str, verifier: str, redirect_uri: str, nonce: str) -> dict[str, Any]:
        """Return the claims of whoever signed in; raises ``IssuerRefused`` or ``IssuerUnavailable``."""
        endpoints = await self._known()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = await fetch_json(self._http(), "POST", endpoints.token, **self._authenticated(form, endpoints))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IssuerRefused(reason="id_token")
        client = self.settings.client_id
        expected = Expected(self.settings.issuer, {client}, self.settings.algorithms, nonce)
        claims = await verify(token, expected, self._keys)
        return claims | await self._userinfo(endpoints, claims, answer)

    async def bearer_claims(self, token: str) -> dict[str, Any]:
        """Return the claims of an access token; raises ``IssuerRefused`` or ``IssuerUnavailable``."""
        await self._known()
        expected = Expected(self.settings.issuer, self.settings.audiences, self.settings.algorithms)
        return await verify(token, expected, self._keys)

    def _authenticated(self, form: dict[str, str], endpoints: Endpoints) -> dict[str, Any]:
        client = self.settings.client_id
        if self._secret is None:
            return {"data": form | {"client_id": client}}
        secret = self._secret.get_secret_value()
        if endpoints.posts_secret:
            return {"data": form | {"client_id": client, "client_secret": secret}}
        return {"data": form, "auth": (quote(client, safe=""), quote(secret, safe=""))}

    async def _userinfo(
        self, endpoints: Endpoints, claims: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the ID token leaves out, of the same person."""
        wanted = {self.settings.name_claim, self.settings.groups_claim} - {None}
        token = answer.get("access_token")
        if wanted <= claims.keys() or not endpoints.userinfo or not isinstance(token, str):
            return {}
        headers = {"Authorization": f"Bearer {token}"}
        found = await fetch_json(self._http(), "GET", endpoints.userinfo, headers=headers)
        if found.get("sub") != claims["sub"]:
            raise IssuerRefused(reason="userinfo sub")
        return {name: found[name] for name in wanted if name is not None and name in found and name not in claims}

    async def _known(self) -> Endpoints:
        if self._endpoints is not None and time.monotonic() - self._read_at < FRESH_S:
            return self._endpoints
        async with self._lock:
            now = time.monotonic()
            if self._endpoints is not None and now - self._read_at < FRESH_S:
                return self._endpoints
            if now - self._failed_at < PAUSE_S:
                raise IssuerUnavailable(reason="discovery")
            try:
                self._endpoints = await self._discover()
            except Exception:
                self._failed_at = now
                raise
            self._read_at = now
            return self._endpoints

    async def _discover(self) -> Endpoints:
        url = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await fetch_json(self._http(), "GET", url)
        if found.get("issuer") != self.settings.issuer:
            raise IssuerUnavailable(reason="issuer")
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if not isinstance(methods, list):
            raise IssuerUnavailable(reason="token_endpoint_auth_methods_supported")
        return Endpoints(
            authorize=self._own(found, "authorization_endpoint"),
            token=self._own(found, "token_endpoint"),
            keys=self._own(found, "jwks_uri"),
            userinfo=self._own(found, "userinfo_endpoint") if "userinfo_endpoint" in found else "",
            posts_secret="client_secret_basic" not in methods,
            names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        )

    def _own(self, found: Mapping[str, Any], name: str) -> str:
        """Return an endpoint, which is at the issuer's host or at one that the settings name beside it."""
        url = text_of(found, name)
        secure = urlsplit(self.settings.issuer).scheme
        if not url or urlsplit(url).scheme not in {"https", secure}:
            raise IssuerUnavailable(reason=name)
        own = Guard.for_endpoint(self.settings.issuer)
        if not Guard((*own.hosts, *self.settings.hosts)).names(url):
            raise IssuerUnavailable(reason=f"{name}: host")
        return url

    async def _fetch_keys(self) -> dict[str, Any]:
        return await fetch_json(self._http(), "GET", (await self._known()).keys)

    def _http(self) -> "httpx.AsyncClient":
        if self._client is None:
            self._client = client_for(self.settings)
        return self._client
