"""The public keys of an issuer: kept for ten minutes, fetched anew for a key that is not known, but not often."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from api.auth.errors import IssuerRefused, IssuerUnavailable

if TYPE_CHECKING:
    from joserfc.jwk import Key

FRESH_S: Final = 600.0
#: Keys that could not be fetched anew go on for this long.
STALE_S: Final = 3600.0
#: A flood of unknown keys makes one request in this time.
PAUSE_S: Final = 30.0
MOST_KEYS: Final = 100
LEAST_RSA_BITS: Final = 2048
#: What kind of key an algorithm is for; of those with curves, which.
KINDS: Final = {
    "RS256": ("RSA", ""),
    "PS256": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"),
}


class KeySource:
    """Keys by id. ``fetch`` returns the key set of the issuer as it stands."""

    def __init__(self, fetch: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched_at = -STALE_S
        self._tried_at = -PAUSE_S

    async def key(self, key_id: str, algorithm: str) -> "Key":
        """Return the key for a signature; raises ``IssuerRefused`` for one that the issuer does not have."""
        found = self._keys.get(key_id)
        if found is None or time.monotonic() - self._fetched_at > FRESH_S:
            await self._renew(key_id)
            found = self._keys.get(key_id)
        if found is None:
            raise IssuerRefused(reason="kid")
        return _imported(found, algorithm)

    async def _renew(self, key_id: str) -> None:
        async with self._lock:
            now = time.monotonic()
            if now - self._tried_at < PAUSE_S:  # also: someone else has just fetched them
                if now - self._fetched_at > STALE_S:
                    raise IssuerUnavailable(reason="jwks")
                return
            self._tried_at = now
            try:
                self._keys = _by_id(await self._fetch())
            except IssuerUnavailable:
                if now - self._fetched_at > STALE_S or key_id not in self._keys:
                    raise
                return
            self._fetched_at = now


def _by_id(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    keys = found.get("keys")
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise IssuerUnavailable(reason="jwks")
    usable: dict[str, dict[str, Any]] = {}
    for key in keys:
        known = isinstance(key, dict) and isinstance(key.get("kid"), str) and key["kid"]
        # Symmetric keys are not public: whoever publishes one, its signatures say nothing.
        if known and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig":
            if key["kid"] in usable:
                raise IssuerUnavailable(reason="jwks: kid twice")
            usable[key["kid"]] = key
    return usable


def _imported(key: dict[str, Any], algorithm: str) -> "Key":
    """Return a key that may check that algorithm; a key of another kind never does, whatever the token says."""
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey, import_key

    kind, curve = KINDS[algorithm]
    if key["kty"] != kind or key.get("alg", algorithm) != algorithm or (curve and key.get("crv") != curve):
        raise IssuerRefused(reason="alg")
    public = {name: value for name, value in key.items() if name in {"kty", "kid", "n", "e", "crv", "x", "y"}}
    try:
        imported = import_key(public)
        if isinstance(imported, RSAKey) and imported.raw_value.key_size < LEAST_RSA_BITS:
            raise IssuerRefused(reason="key size")
    except (JoseError, ValueError, TypeError):
        raise IssuerRefused(reason="key") from None
    return imported
