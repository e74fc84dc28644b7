"""The issuers of the settings: signing in there, step by step, and bearer tokens of theirs."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from api.auth.errors import AccountUnknown, IssuerRefused, SignInBusy
from api.auth.oidc.accounts import Admitted, admit
from api.auth.oidc.provider import Provider
from api.auth.oidc.tokens import unverified_issuer
from wenyuan.db.engine import Database
from wenyuan.db.identity.identities import PendingLogin, begin_login, take_login
from wenyuan.errors import NotFound, Unauthenticated
from wenyuan.people.settings import IdentitySettings


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a browser is sent to sign in, and the mark that it has to bring back."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Return:
    """What a browser brings back from an issuer."""

    state: str
    browser: str
    code: str
    issuer: str | None


class Issuers:
    """An asynchronous context; closes its connections."""

    def __init__(self, settings: IdentitySettings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._providers = {
            name: Provider(issuer, settings.client_secrets.get(name)) for name, issuer in settings.issuers.items()
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for provider in self._providers.values():
            await provider.close()

    def ways(self) -> list[tuple[str, str]]:
        """Return (name, title) of the issuers that people may sign in at."""
        return [(name, one.title or name) for name, one in self._settings.issuers.items() if one.login]

    async def begin(self, name: str) -> Departure:
        """Begin a sign-in; raises ``NotFound``, ``IssuerUnavailable``, or ``SignInBusy``."""
        provider = self._sign_in_at(name)
        state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        url = await provider.authorization_url(self._redirect_uri(name), state, nonce, challenge)
        async with self._database.write() as tx:
            if not await begin_login(tx, state, browser, PendingLogin(name, nonce, verifier)):
                raise SignInBusy(retry_after_s=60)
        return Departure(url, browser)

    async def complete(self, name: str, back: Return) -> Admitted:
        """Return who has signed in.

        Raises ``IssuerRefused``, ``AccountUnknown``, ``IssuerUnavailable``. The state is taken first: whatever it was
        used for, it was used.
        """
        provider = self._sign_in_at(name)
        async with self._database.write() as tx:
            pending = await take_login(tx, back.state, back.browser, name)
        if pending is None:
            raise IssuerRefused(reason="state")
        await provider.check_origin(back.issuer)
        if not back.code:
            raise IssuerRefused(reason="code")
        claims = await provider.claims(back.code, pending.verifier, self._redirect_uri(name), pending.nonce)
        return await self._admit(name, claims)

    async def bearer(self, token: str) -> tuple[Admitted, float]:
        """Return whom a bearer token of an issuer stands for, and when it ends (seconds since 1970).

        Raises ``Unauthenticated`` or ``IssuerUnavailable``.
        """
        said = unverified_issuer(token)
        name = next(
            (name for name, one in self._settings.issuers.items() if one.issuer == said and one.audiences), None
        )
        if name is None:
            raise Unauthenticated
        try:
            claims = await self._providers[name].bearer_claims(token)
            return await self._admit(name, claims), float(claims["exp"])
        except (IssuerRefused, AccountUnknown) as error:
            raise Unauthenticated from error

    async def _admit(self, name: str, claims: dict[str, Any]) -> Admitted:
        return await admit(self._database, name, self._settings.issuers[name], claims)

    def _sign_in_at(self, name: str) -> Provider:
        provider = self._providers.get(name)
        if provider is None or not provider.settings.login:
            raise NotFound
        return provider

    def _redirect_uri(self, name: str) -> str:
        """Return the address for this issuer alone: an answer of another one does not arrive here."""
        return f"{self._settings.public_url}/v1/session/issuers/{name}/return"
