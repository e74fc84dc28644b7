"""Tokens that an issuer signed (JWS in compact form, RFC 7519), checked for all that they have to say."""

import base64
import hmac
import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from api.auth.errors import IssuerRefused
from api.auth.oidc.keys import KINDS, KeySource

LEEWAY_S: Final = 60.0
MOST_CHARS: Final = 16_384
MOST_SUBJECT: Final = 255
#: How long before its end a token may have been issued at most; a longer one was made to be forgotten about.
MOST_LIFE_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say. ``nonce``: of an ID token. ``audiences``: one of them has to be named."""

    issuer: str
    audiences: Collection[str]
    algorithms: Collection[str]
    nonce: str | None = None


async def verify(token: str, expected: Expected, keys: KeySource) -> dict[str, Any]:
    """Return the claims of a token; raises ``IssuerRefused`` with the name of the first check that fails."""
    from joserfc import jws
    from joserfc.errors import JoseError

    header = _header(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms or algorithm not in KINDS:
        raise IssuerRefused(reason="alg")
    if "crit" in header or "b64" in header:
        raise IssuerRefused(reason="crit")
    if not isinstance(header.get("kid"), str):
        raise IssuerRefused(reason="kid")
    if header.get("typ", "JWT").lower() not in {"jwt", "at+jwt", "application/at+jwt"}:
        raise IssuerRefused(reason="typ")
    key = await keys.key(header["kid"], algorithm)
    try:
        signed = jws.deserialize_compact(token.encode(), key, algorithms=[algorithm])
        claims = json.loads(signed.payload)
    except (JoseError, ValueError, RecursionError):
        raise IssuerRefused(reason="signature") from None
    if not isinstance(claims, dict):
        raise IssuerRefused(reason="claims")
    _check(claims, expected)
    return claims


def unverified_issuer(token: str) -> str:
    """Return whom a token names as its issuer, '' if nobody: only to know whose keys to check it with."""
    try:
        claims = json.loads(_decoded(token.split(".")[1]))
    except (ValueError, IndexError, RecursionError):
        return ""
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else ""


def _header(token: str) -> dict[str, Any]:
    try:
        if len(token) > MOST_CHARS or token.count(".") != 2 or not token.isascii():
            raise ValueError
        header = json.loads(_decoded(token.partition(".")[0]))
    except (ValueError, RecursionError):
        raise IssuerRefused(reason="form") from None
    if not isinstance(header, dict) or not isinstance(header.get("typ", ""), str):
        raise IssuerRefused(reason="form")
    return header


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _check(claims: dict[str, Any], expected: Expected) -> None:
    now = time.time()
    subject = claims.get("sub")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != expected.issuer:
        raise IssuerRefused(reason="iss")
    if not isinstance(subject, str) or not subject or len(subject) > MOST_SUBJECT:
        raise IssuerRefused(reason="sub")
    if not isinstance(audiences, list) or not any(
        one in expected.audiences for one in audiences if isinstance(one, str)
    ):
        raise IssuerRefused(reason="aud")
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires + LEEWAY_S <= now:
        raise IssuerRefused(reason="exp")
    if issued - LEEWAY_S > now or expires - issued > MOST_LIFE_S:
        raise IssuerRefused(reason="iat")
    if "nbf" in claims and _time(claims, "nbf") - LEEWAY_S > now:
        raise IssuerRefused(reason="nbf")
    if expected.nonce is not None:
        _check_id_token(claims, audiences, expected.nonce, expected.audiences)


def _check_id_token(claims: dict[str, Any], audiences: list[Any], nonce: str, clients: Collection[str]) -> None:
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise IssuerRefused(reason="nonce")
    party = claims.get("azp")
    if (len(audiences) > 1 and party is None) or (party is not None and party not in clients):
        raise IssuerRefused(reason="azp")


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise IssuerRefused(reason=name)
    return float(value)
