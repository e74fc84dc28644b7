"""An OpenID provider on loopback: discovery, authorisation with PKCE, tokens, keys that rotate, userinfo.

Its attributes turn it into a hostile one: what it says about itself, what it claims, how it signs.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, Key, RSAKey

from tests.serving import serving

CLIENT = "wenyuan"
SECRET = "a secret of the client / with %"
LIFE_S = 300


@cache
def rsa(number: int) -> RSAKey:
    """One of a few keys: making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig"}, private=True)


@dataclass
class Asked:
    """What a code was given for."""

    query: dict[str, str]
    subject: str


@dataclass
class Behaviour:
    """How the provider acts; a well-behaved one as it stands."""

    subject: str = "s-wang"
    claims: dict[str, Any] = field(default_factory=lambda: {"preferred_username": "wang", "groups": ["hr"]})
    omitted: frozenset[str] = frozenset()
    discovery: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: Key | None = None
    sign: Callable[[dict[str, Any]], str] | None = None
    redirect_token_to: str = ""
    published: list[dict[str, Any]] | None = None


class Provider(ThreadingHTTPServer):
    """One issuer with one client."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: list[Key] = [rsa(1)]
        self.be = Behaviour()
        self.codes: dict[str, Asked] = {}
        self.used: set[str] = set()
        self.requests: list[str] = []

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def rotate(self, number: int) -> None:
        """Sign with another key, and publish only that one."""
        self.keys = [rsa(number)]

    def issue(self, claims: dict[str, Any]) -> str:
        """Return a token over claims, as this provider behaves."""
        if self.be.sign is not None:
            return self.be.sign(claims)
        key = self.be.key or self.keys[0]
        return signed(claims, key, {"alg": "RS256", "kid": key.kid, "typ": "JWT"} | self.be.header)

    def claims(self, audience: str, **more: Any) -> dict[str, Any]:
        """Return the claims of a token of this moment."""
        now = int(time.time())
        said = {"iss": self.issuer, "sub": self.be.subject, "aud": audience, "iat": now, "exp": now + LIFE_S}
        said |= more | self.be.claims
        return {name: value for name, value in said.items() if name not in self.be.omitted}

    def asked_for(self, path: str) -> int:
        return self.requests.count(path)


def signed(claims: dict[str, Any], key: Key, header: dict[str, Any]) -> str:
    """Return a JWS in compact form."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    kept = {name: value for name, value in header.items() if value is not None}
    return jws.serialize_compact(kept, json.dumps(claims).encode(), key, registry=registry)


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    """Return a token without a signature."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), b"")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def confused(key: RSAKey, header: dict[str, Any]) -> Callable[[dict[str, Any]], str]:
    """Return a signer that uses the public key as if it were a shared secret."""

    def sign(claims: dict[str, Any]) -> str:
        token = unsigned(claims, {"alg": "HS256", "kid": key.kid} | header).rstrip(".")
        mac = hmac.digest(key.as_pem(private=False), token.encode(), "sha256")  # by hand: libraries know this trick
        return f"{token}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    return sign


@cache
def small() -> RSAKey:
    """A key that is too short, of which the library warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RSAKey.generate_key(1024, {"kid": "key-small"}, private=True)


def elliptic() -> ECKey:
    """A key of another kind under the name of the published one."""
    return ECKey.generate_key("P-256", {"kid": "key-1"}, private=True)


class _Handler(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        self.server.requests.append(path.path)
        query = {name: values[0] for name, values in parse_qs(path.query).items()}
        if path.path == "/.well-known/openid-configuration":
            self._discovery()
        elif path.path == "/authorize":
            self._authorize(query)
        elif path.path == "/jwks":
            own = [key.as_dict(private=False) for key in self.server.keys]
            self._json({"keys": own if self.server.be.published is None else self.server.be.published})
        elif path.path == "/userinfo":
            self._json({"sub": self.server.be.subject} | self.server.be.userinfo)
        else:
            self._json({}, 404)

    def do_POST(self) -> None:
        self.server.requests.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.server.be.redirect_token_to:
            self._redirect(self.server.be.redirect_token_to, 307)
        elif not self._client_is_right(form):
            self._json({"error": "invalid_client"}, 401)
        else:
            self._token(form)

    def _discovery(self) -> None:
        at = self.server.issuer
        known = {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks",
            "userinfo_endpoint": f"{at}/userinfo",
            "authorization_response_iss_parameter_supported": True,
        }
        self._json(known | self.server.be.discovery)

    def _authorize(self, query: dict[str, str]) -> None:
        right = query["client_id"] == CLIENT and query["response_type"] == "code"
        assert right
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.server.codes[code] = Asked(query, self.server.be.subject)
        back = {"code": code, "state": query["state"], "iss": self.server.issuer}
        self._redirect(f"{query['redirect_uri']}?{urlencode(back)}", 302)

    def _client_is_right(self, form: dict[str, str]) -> bool:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            client, _, secret = base64.b64decode(value).decode().partition(":")
            return (unquote(client), unquote(secret)) == (CLIENT, SECRET)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)

    def _token(self, form: dict[str, str]) -> None:
        code = form.get("code", "")
        asked = self.server.codes.get(code)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        wanted = (proof, form.get("redirect_uri"))
        if (
            asked is None
            or code in self.server.used
            or wanted
            != (
                asked.query["code_challenge"],
                asked.query["redirect_uri"],
            )
        ):
            self._json({"error": "invalid_grant"}, 400)
            return
        self.server.used.add(code)
        claims = self.server.claims(CLIENT, nonce=asked.query["nonce"])
        self._json({"access_token": "opaque", "token_type": "Bearer", "id_token": self.server.issue(claims)})

    def _json(self, body: object, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _redirect(self, where: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Be quiet."""


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider while the context lasts."""
    with serving(Provider()) as server:
        yield server
