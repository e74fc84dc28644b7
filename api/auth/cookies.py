"""The cookie of a session, and the proof that a change comes from the page and not from another site.

The cookie is out of reach of scripts and of requests that other sites cause. Methods that change something need, beside
it, a token that only the page can read; it is derived from the cookie's secret, so that nothing has to be stored.
"""

import hashlib
import hmac
from typing import Final

from fastapi import Request, Response

from api.auth.errors import CrossSite
from wenyuan.people.settings import IdentitySettings

NAME: Final = "wenyuan_session"
LOGIN_NAME: Final = "wenyuan_login"
CSRF_HEADER: Final = "x-csrf-token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LOGIN_S: Final = 600


def is_secure(request: Request, settings: IdentitySettings) -> bool:
    """Return whether people reach the service by https."""
    if settings.public_url is not None:
        return settings.public_url.startswith("https://")
    return request.url.scheme == "https"


def cookie_name(secure: bool, name: str = NAME) -> str:
    """Return the name of a cookie; with ``__Host-`` a browser takes it from this very host and by https only."""
    return f"__Host-{name}" if secure else name


def set_session(response: Response, secret: str, *, secure: bool, days: float) -> None:
    """Hand a session to the browser."""
    response.set_cookie(
        cookie_name(secure),
        secret,
        max_age=int(days * 86_400),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def clear_session(response: Response, *, secure: bool) -> None:
    """Take the session from the browser."""
    response.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="strict")


def set_login(response: Response, secret: str, *, secure: bool) -> None:
    """Mark the browser that begins to sign in at an issuer; it comes back from there, so the mark has to come along."""
    response.set_cookie(
        cookie_name(secure, LOGIN_NAME), secret, max_age=LOGIN_S, path="/", secure=secure, httponly=True, samesite="lax"
    )


def clear_login(response: Response, *, secure: bool) -> None:
    """Take the mark away."""
    response.delete_cookie(cookie_name(secure, LOGIN_NAME), path="/", secure=secure, httponly=True, samesite="lax")


def csrf_token(secret: str) -> str:
    """Return the token that the page sends with every change."""
    return hmac.new(secret.encode(), b"wenyuan csrf", hashlib.sha256).hexdigest()


def check_same_site(request: Request) -> None:
    """Raise ``CrossSite`` when the browser says that another site asks."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CrossSite


def check_page(request: Request, secret: str) -> None:
    """Raise ``CrossSite`` unless a change made with a session comes from the page."""
    if request.method in SAFE_METHODS:
        return
    check_same_site(request)
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("latin-1", "replace"), csrf_token(secret).encode()):
        raise CrossSite
